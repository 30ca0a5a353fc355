"""A text → the spans of its paragraphs, also where a page lost its line breaks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from services.sectioner.draft import BRACKETED, ENUMERATOR, Draft
from services.sectioner.headings import LINE_LENGTH, title_like
from services.sectioner.numbering import BLANK, marker_at

_SPACES: Final = " \u3000\t"
#: The one quantifier without a bound: a line is a line, however long, and nothing follows it that could be tried again.
_LINE: Final = re.compile(f"[^{BLANK}][^\n]*")
_GAP: Final = re.compile("[ \u3000]{1,200}")
_MARKER_LENGTH: Final = 8
#: Shorter lines are lines, whatever spaces they hold.
_LONG_LINE: Final = 120
#: A page on one line separates its paragraphs by spaces: seen from this many markers after a space on.
_SPACED_MARKERS: Final = 3


def paragraphs(text: str, markers: list[Draft]) -> tuple[list[tuple[int, int]], list[Draft]]:
    """Spans of the paragraphs that hold words, and their markers. A page that came as one line, its paragraphs separated
    by spaces, is cut at those spaces. `markers` are the `openings` of the text.
    """
    spans = [line.span() for line in _LINE.finditer(text)]
    if " " in text or "\u3000" in text:
        spaced = [found.start for found in markers if text[found.start - 1] in _SPACES and found.rank < ENUMERATOR]
        if len(spaced) >= _SPACED_MARKERS:
            spans, markers = _cut_at_spaces(text, spans, spaced, markers)
    return _joined(text, spans), markers


def _cut_at_spaces(
    text: str, spans: list[tuple[int, int]], spaced: list[int], markers: list[Draft]
) -> tuple[list[tuple[int, int]], list[Draft]]:
    """The spans, long ones with markers behind their spaces cut; what a marker is may change where its line is cut."""
    pieces: list[tuple[int, int]] = []
    for start, end in spans:
        after_space = bisect_left(spaced, end) - bisect_left(spaced, start + 1)
        if end - start > _LONG_LINE and after_space >= _SPACED_MARKERS:
            pieces += _pieces(text, start, end)
        else:
            pieces.append((start, end))
    if len(pieces) == len(spans):
        return spans, markers
    ends = [end for _, end in pieces]
    read_again = (marker_at(text, found.start, ends[bisect_right(ends, found.start)]) for found in markers)
    return pieces, [marker for marker in read_again if marker is not None]


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = start
    for gap in _GAP.finditer(text, start, end):
        if gap.end() >= end:
            break
        ended = text[gap.start() - 1] in "。:：;；!！?？”"
        if ended or marker_at(text, gap.end(), end) is not None or _is_bare_heading(text, piece, gap.start()):
            yield piece, gap.start()
            piece = gap.end()
    if piece < end:
        yield piece, end


def _is_bare_heading(text: str, start: int, end: int) -> bool:
    """A marker and title-like words, nothing else: the space after it ended its paragraph."""
    marker = marker_at(text, start, end)
    return (
        marker is not None
        and 2 <= end - marker.marker_end <= LINE_LENGTH
        and title_like(text[marker.marker_end : end], LINE_LENGTH)
    )


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put a marker that stands alone on its line together with the line after it."""
    alone = [
        index
        for index, (start, end) in enumerate(spans)
        if end - start <= _MARKER_LENGTH and _is_bare_marker(text, start, end)
    ]
    joined: list[tuple[int, int]] = []
    at = 0
    for index in alone:
        if at <= index < len(spans) - 1:  # not itself put together with the marker before it
            joined += spans[at:index]
            joined.append((spans[index][0], spans[index + 1][1]))
            at = index + 2
    return joined + spans[at:] if alone else spans


def _is_bare_marker(text: str, start: int, end: int) -> bool:
    marker = marker_at(text, start, end)
    return marker is not None and marker.marker_end == end and marker.rank <= BRACKETED
