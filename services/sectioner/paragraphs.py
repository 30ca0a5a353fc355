"""A text → the spans of its paragraphs, also where a page lost its line breaks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from services.sectioner.headings import LINE_LENGTH, title_like
from services.sectioner.numbering import BLANK, marker_at

_SPACES: Final = " \u3000\t"
#: The one quantifier without a bound: a line is a line, however long, and nothing follows it that could be tried again.
_LINE: Final = re.compile(f"[^{BLANK}][^\n]*")
_GAP: Final = re.compile("[ \u3000]{1,200}")
_BRACKETED_RANK: Final = 3
_ENUMERATOR_RANK: Final = 6
_MARKER_LENGTH: Final = 8
#: Shorter lines are lines, whatever spaces they hold.
_LONG_LINE: Final = 120
#: A page on one line separates its paragraphs by spaces: seen from this many markers after a space on.
_SPACED_MARKERS: Final = 3


def paragraphs(text: str, marks: list[int]) -> list[tuple[int, int]]:
    """Spans of the paragraphs that hold words. A page that came as one line, its paragraphs separated by spaces, is cut
    at those spaces. `marks` are the `boundaries` of the text.
    """
    spans = [line.span() for line in _LINE.finditer(text)]
    if not spans:
        return spans
    lengths = [end - start for start, end in spans]
    if max(lengths) > _LONG_LINE and (" " in text or "\u3000" in text):
        pieces: list[tuple[int, int]] = []
        for start, end in spans:
            if end - start > _LONG_LINE and _is_spaced(text, start, end, marks):
                pieces += _pieces(text, start, end)
            else:
                pieces.append((start, end))
        spans = pieces
        lengths = [end - start for start, end in spans]
    return spans if min(lengths) > _MARKER_LENGTH else _joined(text, spans)


def _is_spaced(text: str, start: int, end: int, marks: list[int]) -> bool:
    after_space = 0
    for at in marks[bisect_left(marks, start + 1) : bisect_left(marks, end)]:
        if text[at - 1] not in _SPACES:
            continue
        marker = marker_at(text, at, end)
        after_space += marker is not None and marker.form.rank < _ENUMERATOR_RANK
        if after_space >= _SPACED_MARKERS:
            return True
    return False


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
        marker is not None and 2 <= end - marker.end <= LINE_LENGTH and title_like(text[marker.end : end], LINE_LENGTH)
    )


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put a marker that stands alone on its line together with the line after it."""
    joined: list[tuple[int, int]] = []
    alone = False
    for start, end in spans:
        if alone:
            joined[-1] = (joined[-1][0], end)
            alone = False
            continue
        joined.append((start, end))
        if end - start <= _MARKER_LENGTH:
            marker = marker_at(text, start, end)
            alone = marker is not None and marker.end == end and marker.form.rank <= _BRACKETED_RANK
    return joined
