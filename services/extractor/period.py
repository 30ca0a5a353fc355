"""The span of time that a fact speaks of: null is the report year.

A span at the front of a clause holds until its sentence ends or another one takes over; a year in a comparison
(较2016年) holds for the number that follows it directly, and that number is a baseline.
"""

from __future__ import annotations

from typing import NamedTuple

from shared.rules import rules

_RULES = rules("services.extractor", "rules/period")
_YEAR = _RULES.pattern("year_number")
_SPAN = _RULES.pattern("span")
_SPAN_WITHOUT_TERM = _RULES.pattern("span_without_term")
_SIGN = _RULES.pattern("sign")
_NAME = _RULES.pattern("name")
_NO_NAME = _RULES.pattern("no_name")
_COMPARED = _RULES.pattern("compared")
_FRONT = _RULES.pattern("front")
_DEADLINE = _RULES.pattern("deadline")
_LATER_MONTH = _RULES.pattern("later_month")
_WHOLE_YEAR = _RULES.pattern("whole_year")
_CARRIED_OVER = _RULES.pattern("carried_over")
_CONTRAST = _RULES.pattern("contrast")
_DIRECT = _RULES.pattern("direct")
_NAMED = _RULES.words("named_by")
_UP_TO_NOW = _RULES.words("up_to_now")
#: How far before 以来 or 期间 the name of their event may begin.
_MAX_NAME = 26
#: How far behind a number 去年's contrast is looked for.
_REACH = 80


class Period(NamedTuple):
    """A span as written, `text[start:end]`."""

    start: int
    end: int
    kind: str
    years: tuple[int, ...]
    compared: bool
    front: bool  # opens a clause
    deadline: bool  # 到2025年
    local: bool  # 在2022年…基础上, 连续三年保持在: of its clause only

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
                local=before.endswith("在") or text.startswith("连续", at),
            )
        )
    for word in _NAMED:
        at = text.find(word, start, end)
        while at >= 0:
            _take_named(text, start, at, at + len(word), found)
            at = text.find(word, at + len(word), end)
    return found


def period_of_head(text: str, start: int, end: int, report_year: int | None) -> Period | None:
    """The span that a head of a table names: a year may stand without 年, and 上年 is the year before the report's."""
    found = next(iter(find_periods(text, start, end)), None)
    kind, years = ("year", ()) if found is None else (found.kind, found.years)
    if found is None and _YEAR.fullmatch(text, start, end):
        years = (int(text[start:end]),)
    elif kind == "last" and report_year is not None:
        kind, years = "year", (report_year - 1,)
    if found is None and not years:
        return None
    return Period(start, end, kind, years, compared=False, front=True, deadline=False, local=False)


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


def timing_of(  # noqa: PLR0913 - a number, its clause and the spans of its sentence
    text: str, periods: list[Period], at: int, clause_start: int, report_year: int | None, *, pair: bool
) -> Timing:
    """The period that governs the number at `at`, among the spans of its sentence. A from/to `pair` speaks of its end
    value: the year of its start value (由2015年的30%提高到63%) is none of its own.
    """
    for period in reversed(periods):
        if period.end > at or _in_closed_bracket(text, period, at):
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


def _in_closed_bracket(text: str, period: Period, at: int) -> bool:
    """2100件(2022年为700件),同比增长200%: a span in a bracket ends with it; alone there, it is the next number's."""
    closed = text.find(")", period.end, at)
    if closed == period.end and closed + 1 == at:
        return False  # 进出口总额(1-11月)1157亿元
    return closed >= 0 and text.find("(", period.end, closed) < 0 <= text.rfind(
        "(", max(0, period.start - 1), period.end
    )


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
