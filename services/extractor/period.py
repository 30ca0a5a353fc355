"""The span of time that a fact speaks of: null is the report year.

A span at the front of a clause holds until its sentence ends or another one takes over; a year in a comparison
(较2016年) holds for the number that follows it directly, and that number is a baseline.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SEP = r" ?(?:-|—{1,2}|–|~|～|至|到) ?"
_Y = r"(?:19|20)[0-9]{2}"
_SINCE_YEAR = rf"{_Y}年(?:[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?份?)?"
_SINCE_TERM = r"[“”一-龥]{2,4}届[一-龥]{0,4}"
_SINCE = r"(?P<since>(?:自|从)?(?:{})(?:以来|起至今|起|至今))"
_OTHERS = (
    rf"|(?P<years>{_Y}年?{_SEP}{_Y}年|{_Y}年?[、和]{_Y}年)"
    rf"|(?P<months>(?:{_Y}年)?[0-9]{{1,2}}月?{_SEP}[0-9]{{1,2}}月份?)"
    rf"|(?P<year>{_Y}年(?:度|底|末|初)?)"
    r"|(?P<recent>(?:近|过去|连续|最近)[0-9一二两三四五六七八九十]{1,3}(?:年|个月|个季度)(?:来|间)?|[二两三四五六七八九十]{1,2}年来|“?十[一二三四五]五”?(?:期间|时期|以来|末))"
    r"|(?P<quarter>(?:明年|今年)?(?:上半年|下半年)|前[一二三]个?季度|第[一二三四]季度|[一二三四]季度)"
    r"|(?P<during>(?:宪法宣传周|宪法周|宪法日|普法宣传月|宣传周|宣传月|活动周|国庆|春节|两会|疫情|节假日|汛期|任期|疫情防控|换届|台风|洪水|中考|高考|创建)[“”一-龥]{0,6}期间)"
    r"|(?P<whole>全年|年内|今年(?!以来))"
    r"|(?P<last>(?:上一?年度?|去年|前年|上年)(?:同期)?的?)"
    r"|(?P<every>每(?:年|季度|月|半年|周))"
)
_SPAN = re.compile(_SINCE.format(f"{_SINCE_YEAR}|{_SINCE_TERM}") + _OTHERS)
# Without a 届 every span begins with one of these characters, so nothing is tried at the others.
_SPAN_WITHOUT_TERM = re.compile(
    rf"(?=[0-9自从近过连最一二两三四五六七八九十“明今上下前第宪普宣活国春疫节汛任换台洪中高创全年去每])"
    rf"(?:{_SINCE.format(_SINCE_YEAR)}{_OTHERS})"
)
_COMPARED = re.compile(r"(?:较|比|同|与|相较|对比|相比|由|从)(?:于)?$")
_FRONT = re.compile(
    r"(?:^|[,，;；。:：(（、])(?:其中|在|自|从|于|到|至|截至|截止|今年|我[市县区]|全[市县区省]|[一-龥]{1,4}[市县区])?$"
)
_DEADLINE = re.compile(r"(?:到|至|截至|截止)$")


class Period(NamedTuple):
    """A span as written, `text[start:end]`."""

    start: int
    end: int
    kind: str
    years: tuple[int, ...]
    compared: bool
    front: bool  # opens a clause
    deadline: bool  # 到2025年
    local: bool  # 在2022年…基础上: of its clause only

    @property
    def last_year(self) -> int | None:
        return self.years[-1] if self.years else None


def find_periods(text: str, start: int, end: int) -> list[Period]:
    """The spans of time in `text[start:end]`, left to right."""
    found = []
    span = _SPAN_WITHOUT_TERM if text.find("届", start, end) < 0 else _SPAN
    for match in span.finditer(text, start, end):
        at = match.start()
        before = text[max(start, at - 8) : at]
        deadline = _DEADLINE.search(before)
        found.append(
            Period(
                start=at - 1 if before.endswith("到") else at,
                end=match.end(),
                kind=match.lastgroup or "",
                years=tuple(int(year) for year in re.findall(_Y, match.group())),
                compared=_COMPARED.search(before) is not None,
                front=_FRONT.search(before) is not None,
                deadline=deadline is not None,
                local=before.endswith("在"),
            )
        )
    return found


class Timing(NamedTuple):
    """The period of one number (None: the report year), and what it says about the number's modality."""

    period: Period | None
    baseline: bool = False
    reported: bool = False  # the report year, in so many words
    planned: bool = False  # a later year than the report's


_NO_TIMING = Timing(None)
_DIRECT = re.compile(r"(?:的|\(|（|同期|为|约|平均|近){0,3}")


def timing_of(  # noqa: PLR0913 - a number, its clause and the spans of its sentence
    text: str, periods: list[Period], at: int, clause_start: int, report_year: int | None, *, pair: bool
) -> Timing:
    """The period that governs the number at `at`, among the spans of its sentence. A from/to `pair` speaks of its end
    value: the year of its start value (由2015年的30%提高到63%) is none of its own.
    """
    for period in reversed(periods):
        if period.end > at:
            continue
        direct = at - period.end <= 4 and _DIRECT.fullmatch(text, period.end, at) is not None
        if period.compared or period.kind == "last":
            if not pair and direct and (period.kind == "last" or period.last_year != report_year):
                return Timing(period, baseline=True)
            continue
        if period.kind == "whole":
            return _NO_TIMING
        if pair and not period.front:
            continue
        if period.kind == "every":
            if period.start >= clause_start and not pair:
                return Timing(period)
            continue
        if not (period.front or direct) or (period.local and period.start < clause_start):
            continue
        return _timing(period, report_year)
    return _NO_TIMING


def _timing(period: Period, report_year: int | None) -> Timing:  # noqa: PLR0911 - one answer a kind of span
    last = period.last_year
    if last is None or report_year is None:
        return Timing(period) if period.kind != "year" else _NO_TIMING
    if period.kind == "since":
        return Timing(period) if last < report_year else Timing(None, reported=True)
    if period.kind == "year":
        if last == report_year:
            return Timing(None, reported=not period.deadline)
        if last > report_year:
            return Timing(period if period.deadline or last > report_year + 1 else None, planned=True)
        return Timing(period, baseline=True)
    if last > report_year:
        return Timing(period, planned=True)
    if last < report_year:
        return Timing(period, baseline=period.kind == "months")
    return Timing(period)
