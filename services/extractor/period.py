"""The span of time that a fact speaks of: null is the report year.

A span at the front of a clause holds until its sentence ends or another one takes over; a year in a comparison
(较2016年) holds for the number that follows it directly, and that number is a baseline.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SEP = r" ?(?:-|—{1,2}|–|~|～|至|到) ?"
_Y = r"(?:19|20)[0-9]{2}"
_YEAR = re.compile(_Y)
_SINCE_YEAR = rf"{_Y}年(?:[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?份?)?"
_SINCE_TERM = r"[“”一-龥]{2,4}届[一-龥]{0,4}"
_SINCE = r"(?P<since>(?:自|从)?(?:{})(?:以来|起至今|起|至今))"
_OTHERS = (
    rf"|(?P<years>{_Y}年?{_SEP}{_Y}年|{_Y}年?[、和]{_Y}年)"
    rf"|(?P<months>(?:{_Y}年)?[0-9]{{1,2}}月?份?{_SEP}[0-9]{{1,2}}月份?)"
    rf"|(?P<year>{_Y}年(?:度|底|末|初)?(?:同期)?)"
    r"|(?P<recent>(?:近|过去|连续|最近)[0-9一二两三四五六七八九十]{1,3}(?:年|个月|个季度)(?:来|间)?|(?<![0-9])(?:[二两三四五六七八九十]{1,2}|[2-9]|1[0-9])年(?:多?来|间)|“?十[一二三四五]五”?(?:期间|时期|以来|末))"
    r"|(?P<quarter>(?:明年|今年)?(?:上半年|下半年)|前[一二三]个?季度|第[一二三四]季度|[一二三四]季度)"
    r"|(?P<during>(?:宪法宣传周|宪法周|宪法日|普法宣传月|宣传周|宣传月|活动周|国庆|春节|两会|疫情|节假日|汛期|任期|疫情防控|换届|台风|洪水|中考|高考|创建)[“”一-龥]{0,6}期间)"
    r"|(?P<whole>全年|年内|今年(?!以来))"
    r"|(?P<last>(?:上一?年度?|去年|前年|上年)(?:同期)?的?)"
    r"|(?P<every>每(?:年|季度|月|半年|周))"
)
_SPAN = re.compile(_SINCE.format(f"{_SINCE_YEAR}|{_SINCE_TERM}") + _OTHERS)
# Without a 届 every span begins with one of these characters. A lone character class is searched for fast, so the class
# is the pattern, and the span is the group that matches from the character found on.
_SPAN_WITHOUT_TERM = re.compile(
    rf"[0-9自从近过连最一二两三四五六七八九十“明今上下前第宪普宣活国春疫节汛任换台洪中高创全年去每]"
    rf"(?<=(?={_SINCE.format(_SINCE_YEAR)}{_OTHERS}).)"
)
#: One of these stands in every span: most sentences have none to look for.
_SIGN = re.compile("[年月季期周末来届]")
#: 自平台运行以来, 台风“海葵”期间: spans that an event names. They are looked for by their last word, which few
#: sentences have, and begin where their clause does.
_NAMED = ("以来", "期间")
_MAX_NAME = 26
_NAME = re.compile(
    r"(?:^|[,，。;；:：!?！？、\s(（])(?:特别是|尤其是|也?是|[我全][市县区省州旗镇]|其中)?(?:自从|自|从|在)?(?P<name>[^,，。;；:：!?！？、\s(（]{2,24})$"
)
_NO_NAME = re.compile(
    r"(?:今年|年初|近?年|近些年|近几年|多年|一年|一直|长期|长久|一段时间|一段时期|历年|这些年|其|同|此|此次|这|该|本|本次|活动|报告|工作|工作开展)$"
    r"|[比较与同]"
    r"|.{0,26}[0-9](?![0-9年月日·.”号])"
)
_COMPARED = re.compile(r"(?:较|比|同|与|相较|对比|相比|由|从)(?:于)?$")
_FRONT = re.compile(
    r"(?:^|[,，;；。:：(（、])(?:其中|在|自|从|于|到|至|截至|截止|今年|我[市县区]|全[市县区省]|[一-龥]{1,4}[市县区])?$"
)
_DEADLINE = re.compile(r"(?:到|至|截至|截止)$")
#: How far behind a number 去年's contrast is looked for.
_REACH = 80
_UP_TO_NOW = ("截至", "截止")
_LATER_MONTH = re.compile(r"年(?:[2-9]|1[0-2])月")
_WHOLE_YEAR = re.compile(rf"(?:{_Y}年)?1月?份?{_SEP}12月份?")
_CARRIED_OVER = re.compile(r"结转|遗留|结余|存量|底|末|初")
#: 去年 opens a value of the year before only where its sentence speaks of another one, too.
_CONTRAST = re.compile(r"今年|本年|同期|同比|20[0-9]{2}年")


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
    if _SIGN.search(text, start, end) is None:
        return []
    found: list[Period] = []
    for kind, at, stop in _spans(text, start, end):
        before = text[max(start, at - 8) : at]
        deadline = _DEADLINE.search(before)
        found.append(
            Period(
                start=at - 1 if before.endswith("到") else at,
                end=stop,
                kind=kind,
                years=tuple([int(year) for year in _YEAR.findall(text, at, stop)]),
                compared=_COMPARED.search(before) is not None,
                front=_FRONT.search(before) is not None,
                deadline=deadline is not None,
                local=before.endswith("在"),
            )
        )
    for word in _NAMED:
        at = text.find(word, start, end)
        while at >= 0:
            _take_named(text, start, at, at + len(word), found)
            at = text.find(word, at + len(word), end)
    return found


def _spans(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """(kind, start, end) of the spans that have a form of their own, left to right, never overlapping."""
    if text.find("届", start, end) >= 0:
        return [(match.lastgroup or "", *match.span()) for match in _SPAN.finditer(text, start, end)]
    found: list[tuple[str, int, int]] = []
    taken = start
    for match in _SPAN_WITHOUT_TERM.finditer(text, start, end):
        kind = match.lastgroup or ""
        if match.start() >= taken:
            taken = match.end(kind)
            found.append((kind, match.start(), taken))
    return found


def _take_named(text: str, start: int, at: int, end: int, found: list[Period]) -> None:
    """Put the span of an event that ends at `end` into `found`, in place of the spans inside it."""
    first = max(start, at - _MAX_NAME)
    name = _NAME.search(text[first:at])
    if name is None or _NO_NAME.match(name["name"]):
        return
    begin = first + name.start("name")
    for k, span in enumerate(found):
        if span.start <= begin and span.end >= end:
            found[k] = span._replace(front=span.front or span.start == begin)  # 特别是2020年以来
            return
    years = tuple([int(year) for year in _YEAR.findall(name["name"])])
    event = Period(begin, end, "since" if text.startswith("以来", at) else "during", years,
                   compared=False, front=True, deadline=False, local=False)  # fmt: skip
    found[:] = sorted([span for span in found if span.end <= begin or span.start >= end] + [event])


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
            earlier = direct and (period.kind == "last" or period.last_year != report_year)
            if not pair and (earlier or _opens_last_year(text, period, clause_start, at)):
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
        return _timing(text, period, report_year)
    return _NO_TIMING


def _opens_last_year(text: str, period: Period, clause_start: int, at: int) -> bool:
    """去年受理80件,今年受理100件: the span stands at the front of the number's own clause, for what was done then."""
    if period.compared or not period.front or period.start < clause_start:
        return False
    sentence_end = text.find("。", at)
    rest = text[period.end : at]
    return not _CARRIED_OVER.match(rest) and (
        text.startswith("同期", period.end - 2)
        or _CONTRAST.search(text, at, sentence_end if 0 <= sentence_end < at + _REACH else at + _REACH) is not None
    )


def _timing(text: str, period: Period, report_year: int | None) -> Timing:  # noqa: PLR0911 - one answer a kind of span
    last, kind = period.last_year, period.kind
    if kind == "since":
        return _since(text, period, report_year)
    if kind == "months" and last in (None, report_year) and _WHOLE_YEAR.fullmatch(text, period.start, period.end):
        return Timing(None, reported=last is not None)
    if last is None or report_year is None:
        return Timing(period) if kind != "year" else _NO_TIMING
    if kind == "year":
        return _year(text, period, report_year)
    if last > report_year:
        return Timing(period, planned=True)
    if last < report_year:
        return Timing(period, baseline=kind == "months")
    return Timing(period)


def _since(text: str, period: Period, report_year: int | None) -> Timing:
    """What has gone on since then is done. 2023年以来 is the report year itself, 2023年5月以来 a part of it."""
    part = period.last_year != report_year or _LATER_MONTH.search(text, period.start, period.end) is not None
    return Timing(period if part or report_year is None else None, reported=True)


def _year(text: str, period: Period, report_year: int) -> Timing:
    """A single year: the report's own, an earlier one (a baseline) or a later one (a plan)."""
    last = period.years[-1]
    if last == report_year:
        return Timing(None, reported=not period.deadline)
    if last == report_year + 1 and text.endswith(_UP_TO_NOW, 0, period.start):
        return Timing(None, reported=True)  # 截至2024年2月 in the report of 2023: what the page knew
    if last > report_year:
        return Timing(period if period.deadline or last > report_year + 1 else None, planned=True)
    return Timing(period, baseline=True)
