"""When a report was published and when it was signed."""

from __future__ import annotations

import re

from services.normalizer.dates import Date, find_dates
from services.normalizer.reading import Reading, found_date
from shared.rules import rules

_RULES = rules("services.normalizer", "document")
_PUBLISHED = _RULES.pattern("published")
_RENEWED = _RULES.pattern("renewed")
_WRITTEN = _RULES.pattern("written")
_NO_PUBLICATION = _RULES.pattern("no_publication")
_LETTER = _RULES.pattern("letter")
_PRINTED = _RULES.pattern("printed")
_BRACKET_LINE = _RULES.pattern("bracket_line")
_CLAUSE_SIGN = _RULES.pattern("clause_sign")

#: Characters of the text that a letter before the report may have, and of a date.
_LETTER_LENGTH, _DATE_LENGTH = 600, 20
#: Characters behind the title in which a date in brackets stands.
_UNDER_TITLE = 80
#: Characters that may stand behind the date of a signature on its line: a seal's note.
_BEHIND_DATE = 12


def find_published(reading: Reading) -> str | None:
    """A labelled date of publication, else a date among the publication lines that has no other label."""
    labelled = _labelled(reading, _PUBLISHED)
    if labelled:
        return found_date(reading, "published", labelled)
    if reading.published_meta:
        return reading.published_meta
    labelled = _labelled(reading, _RENEWED)
    if labelled:
        return found_date(reading, "published", labelled)
    for start, end in reading.stamps:
        written = _WRITTEN.search(reading.page, start, end) or _NO_PUBLICATION.search(reading.page, start, end)
        dates = [] if written else find_dates(reading.page, start, end)
        if dates:
            return found_date(reading, "published", dates[0])
    return None


def _labelled(reading: Reading, label: re.Pattern[str]) -> Date | None:
    """The date behind the first `label` of the publication lines that has one."""
    for start, end in reading.stamps:
        for found in label.finditer(reading.page, start, end):
            dates = find_dates(reading.page, found.end(), end)
            if dates:
                return dates[0]
    return None


def find_signed(reading: Reading) -> str | None:
    """The date under the text, else the date of writing in the metadata, else a date in brackets under the title, else
    that of the letter that the report comes with.
    """
    signed = _under_text(reading) or _written(reading) or _under_title(reading) or _of_letter(reading)
    return found_date(reading, "signed", signed) if signed else None


def _under_text(reading: Reading) -> Date | None:
    for date in find_dates(reading.page, *reading.tail):
        if not _PRINTED.match(reading.page, date.end) and _ends_line(reading.page, date.end, reading.tail[1]):
            return date
    return None


def _ends_line(page: str, at: int, end: int) -> bool:
    rest = page[at:end].split("\n", 1)[0].strip()
    return len(rest) <= _BEHIND_DATE and _CLAUSE_SIGN.search(rest) is None


def _written(reading: Reading) -> Date | None:
    for start, end in reading.stamps:
        label = _WRITTEN.search(reading.page, start, end)
        dates = find_dates(reading.page, label.end(), end) if label else []
        if dates:
            return dates[0]
    return None


def _under_title(reading: Reading) -> Date | None:
    if reading.title is None:
        return None
    end = max(reading.body[0], reading.title[1] + _UNDER_TITLE)
    line = _BRACKET_LINE.search(reading.page, reading.title[1], end)
    dates = find_dates(reading.page, *line.span()) if line else []
    return dates[0] if dates else None


def _of_letter(reading: Reading) -> Date | None:
    start, end = reading.body
    letter = _LETTER.search(reading.page, start, min(start + _LETTER_LENGTH, end))
    dates = find_dates(reading.page, letter.end(), letter.end() + _DATE_LENGTH) if letter else []
    return dates[0] if dates else None
