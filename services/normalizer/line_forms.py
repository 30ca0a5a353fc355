"""What one line of a page may be by its words: prose, a heading, a title, a body, a signature. Pure."""

from __future__ import annotations

from services.normalizer.dates import Date, find_dates
from shared.rules import rules

_RULES = rules("services.normalizer", "layout")
HEADING = _RULES.pattern("heading")
ADDRESSED_LINE = _RULES.pattern("addressed_line")
OPENING = _RULES.pattern("opening")
ORGANISATION = _RULES.pattern("organisation")
PROSE_MARK = _RULES.pattern("prose_mark")
SIGNED_NOTE = _RULES.pattern("signed_note")
TITLE = _RULES.pattern("title")
_MONTH_ALONE = _RULES.pattern("month_alone")
_TITLE_HINT = _RULES.pattern("title_hint")
_PROSE_SIGNS = frozenset(_RULES.words("prose_signs"))
_OPENING_ENDS = frozenset(_RULES.words("opening_ends"))

#: Characters from which on a line is running text; shorter ones are headings or labels.
_SHORTEST_PROSE = 20
#: Characters of a title at most; the longest seen, of three bodies together, has 74.
_LONGEST_TITLE = 100
#: Characters of a signature at most: a body's name, a date and a note.
_LONGEST_SIGNATURE = 60


def is_prose(line: str) -> bool:
    """Whether the line, trimmed, is running text."""
    return len(line) >= _SHORTEST_PROSE and (line[-1] in _PROSE_SIGNS or PROSE_MARK.search(line) is not None)


def is_empty_heading(line: str) -> bool:
    """Whether the line is a heading without its text."""
    return not is_prose(line) and HEADING.match(line) is not None


def is_title(line: str) -> bool:
    """Whether the whole line has the form of the title of a report."""
    return (
        0 < len(line) <= _LONGEST_TITLE
        and line[-1] not in _OPENING_ENDS
        and _TITLE_HINT.search(line) is not None
        and TITLE.fullmatch(line) is not None
        and OPENING.search(line) is None
        and HEADING.match(line) is None
    )


def is_signature(line: str) -> bool:
    """A body's name, a date, or both; a note in brackets may follow."""
    return dates_of_signature(line) is not None


def dates_of_signature(line: str) -> list[Date] | None:
    """The dates of a line that is a signature; None for any other line."""
    if len(line) > _LONGEST_SIGNATURE:
        return None
    dates = find_dates(line)
    name = line[: dates[0].start].strip() if dates else line
    if dates and SIGNED_NOTE.sub("", line[dates[-1].end :]).strip(" )）。"):
        return None
    if (dates and not name) or ORGANISATION.fullmatch(name.strip("(（ ")) or _MONTH_ALONE.fullmatch(line):
        return dates
    return None
