"""Lines that only wrap a paragraph at a fixed width, and dates that are broken after their year. Pure."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from services.normalizer.line_forms import is_signature
from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Callable

_RULES = rules("services.normalizer", "lines")
_OPENS_PARAGRAPH = _RULES.pattern("opens_paragraph")
_DECIMAL = _RULES.pattern("decimal")
_BROKEN_DATE = _RULES.pattern("broken_date")
_YEAR_ENDS_LINE = _RULES.pattern("year_ends_line")
_SENTENCE_ENDS = frozenset(_RULES.words("sentence_ends"))
_FINAL = _SENTENCE_ENDS.union(_RULES.words("closing_signs"))

#: Characters of white space from which on a line is set in the middle or at the right: its indent is no part of its length.
_WIDE_INDENT = 12


def wrapped_breaks(text: str) -> set[int]:
    """Offsets of line feeds that only wrap a paragraph at a fixed width.

    A page counts as wrapped when at least eight lines and two in five of all lines are as long as the longest, in
    columns or in characters, and most of those end inside a sentence; of a page with many headings one line in four is
    enough where nine in ten of them do.
    """
    line_count = text.count("\n") + 1
    if line_count <= 8 or len(text) > 90 * line_count:
        return set()
    lines = text.split("\n")
    widths = list(map(len, lines))
    lines = list(map(str.rstrip, lines))
    margin = _margin(lines) if "\n   " in text else 0
    lines = [line.strip() if line[margin : margin + _WIDE_INDENT].isspace() else line[margin:] for line in lines]
    lengths = sorted(filter(None, map(len, lines)))
    if len(lengths) < 8 or lengths[len(lengths) // 2] < 0.5 * lengths[int(len(lengths) * 0.9)]:
        return set()  # the cheap question first: lines of one length
    for measure, slack in ((len, 1), (_columns, 4)):
        full = _full_lines(lines, measure, slack)
        if full:
            breaks = list(accumulate(widths[:-1], lambda at, width: at + width + 1))
            return {
                breaks[k] for k in full if not _opens_paragraph(lines[k], lines[k + 1], text, breaks[k] + 1, margin)
            }
    return set()


def _margin(lines: list[str]) -> int:
    """Spaces that every line begins with: the margin of a page that was laid out as it is printed."""
    return min((len(line) - len(line.lstrip(" ")) for line in lines if line), default=0)


def _opens_paragraph(line: str, following: str, text: str, at: int, margin: int) -> bool:
    """Whether the line `following`, at `text[at:]`, begins a paragraph of its own behind the full `line`."""
    at += margin
    if _OPENS_PARAGRAPH.match(text, at) is None:
        return line[-1] in _SENTENCE_ENDS and is_signature(following)
    return line[-1] in _SENTENCE_ENDS or _DECIMAL.match(text, at) is None


def breaks_in_dates(text: str) -> set[int]:
    """Offsets of the line feeds and spaces at which a date is broken behind its year."""
    return {
        at
        for year in _YEAR_ENDS_LINE.finditer(text)
        if (found := _BROKEN_DATE.match(text, year.start()))
        for at in range(*found.span("break"))
    }


def _columns(line: str) -> int:
    return len(line) + sum(c > "\u2e7f" for c in line)


def _full_lines(lines: list[str], measure: Callable[[str], int], slack: int) -> list[int]:
    """Numbers of the lines that are as long as the longest, or none where the lines are not wrapped."""
    sizes = [measure(line) for line in lines]
    filled = sorted(size for size in sizes if size)
    longest = filled[int(len(filled) * 0.9)]
    # one line may be longer: a title in larger letters
    if longest < 15 or filled[-2] > longest + 4:
        return []
    # One that a blank line follows ends its paragraph: it is full by chance.
    full = [k for k, size in enumerate(sizes[:-1]) if size >= longest - slack and sizes[k + 1]]
    inside = [k for k in full if lines[k][-1] not in _FINAL]
    is_mostly_text = 5 * len(full) >= 2 * len(filled) and 2 * len(inside) >= len(full)
    has_headings = 4 * len(full) >= len(filled) and 10 * len(inside) >= 9 * len(full)
    return full if len(full) >= 8 and (is_mostly_text or has_headings) else []
