"""The year that a report is about."""

from __future__ import annotations

import re

from services.normalizer.dates import chinese_year
from services.normalizer.reading import Reading, found_in_title
from shared.rules import rules

_RULES = rules("services.normalizer", "document")
_BOOK = _RULES.pattern("book")
_YEAR = _RULES.pattern("year")
_YEAR_BESIDE = _RULES.pattern("year_beside")
_GOVERNMENT_WORK_REPORT = _RULES.pattern("government_work_report")
_YEAR_REVIEWED = _RULES.pattern("year_reviewed")
#: Years of the opening that may be the report's, the surest first.
_YEARS_OF_OPENING = tuple(map(_RULES.pattern, ("year_announced", "year_first", "year_no_span", "year_closed")))

#: Characters after the title that count as the opening of the text.
_OPENING = 400


def find_year(reading: Reading, title: str) -> int | None:
    """The year of the title, else of the opening; of a government work report the year that it reviews."""
    return _reviewed(reading, title) if _GOVERNMENT_WORK_REPORT.search(title) else _reported(reading, title)


def _reviewed(reading: Reading, title: str) -> int | None:
    """A government work report is named for the year it was given in, and reviews the year before."""
    found = _YEAR_REVIEWED.search(reading.page, *reading.body)
    if found:
        reading.found["report_year"] = found.span()
        return int(found[1])
    year = _reported(reading, title)
    return year - 1 if year and _YEAR.search(title) else year


def _reported(reading: Reading, title: str) -> int | None:
    found = _YEAR.search(_without_books(title)) or _YEAR_BESIDE.search(title)
    if found:
        found_in_title(reading, "report_year", found.span())
        return _year_of(found)
    start = reading.title[1] if reading.title else reading.body[0]
    opening = _opening(reading, start)
    for pattern in _YEARS_OF_OPENING:
        found = pattern.search(opening)
        if found:
            group = 1 if found[1] else 2
            reading.found["report_year"] = start + found.start(group), start + found.end()
            return _year_of(found)
    return None


def _opening(reading: Reading, start: int) -> str:
    """The page from `start` to the end of the opening; names of documents and publication lines are blank."""
    opening = list(_without_books(reading.page[start : reading.body[0] + _OPENING]))
    for stamp in reading.stamps:
        for at in range(max(stamp[0], start), min(stamp[1], start + len(opening))):
            opening[at - start] = " "
    return "".join(opening)


def _year_of(found: re.Match[str]) -> int:
    return int(found[1]) if found[1] else chinese_year(found[2]) if not found[2].isdigit() else int(found[2])


def _without_books(text: str) -> str:
    """`text` with the names in 《》 blanked: their years are not the report's."""
    return _BOOK.sub(lambda book: " " * len(book[0]), text)
