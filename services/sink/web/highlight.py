"""A text cut into pieces that a template can show: paragraphs, headings, and the numbers of facts. Pure.

Pieces carry plain text; the template escapes it, so a page that was crawled with a script in it is shown inert.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar


class Span(NamedTuple):
    """A stretch of the text that belongs to one fact, by its position in the report's list."""

    start: int
    end: int
    fact: int


class Heading(NamedTuple):
    """Marker and heading of one section: from its start to where its body begins."""

    start: int
    end: int
    order: int
    level: int


AnySpan = TypeVar("AnySpan", Span, Heading)


@dataclass(frozen=True)
class Piece:
    """A stretch of one paragraph with one look. `facts` is empty for plain text; several where facts share a number."""

    text: str
    facts: tuple[int, ...] = ()
    heading: bool = False
    opens: tuple[int, ...] = ()  # facts that begin here: the targets of their links


@dataclass(frozen=True)
class Paragraph:
    """One line of the text. `section` is the order of the section that begins in it, `level` its level."""

    pieces: tuple[Piece, ...]
    section: int | None = None
    level: int | None = None
    more_sections: tuple[int, ...] = ()


def paragraphs(text: str, spans: Iterable[Span], headings: Iterable[Heading] = ()) -> list[Paragraph]:
    """Cut `text` at its line feeds; empty lines are left out, no other character is."""
    marks = sorted(span for span in spans if 0 <= span.start < span.end <= len(text))
    heads = sorted(head for head in headings if 0 <= head.start < head.end <= len(text))
    found: list[Paragraph] = []
    start = first_mark = first_head = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        while first_mark < len(marks) and marks[first_mark].end <= start:
            first_mark += 1
        while first_head < len(heads) and heads[first_head].end <= start:
            first_head += 1
        if text[start:end].strip():
            here = list(_until(marks, first_mark, start, end))
            titles = list(_until(heads, first_head, start, end))
            found.append(_paragraph(text, start, end, here, titles))
        start = end + 1
    return found


def _until(marks: Sequence[AnySpan], first: int, start: int, end: int) -> Iterable[AnySpan]:
    """Those of `marks`, from the one at `first` on, that have a character between `start` and `end`."""
    for mark in marks[first:]:
        if mark.start >= end:
            return
        if mark.end > start:  # one that begins early and ends late keeps shorter ones behind it in the list
            yield mark


def _paragraph(text: str, start: int, end: int, marks: Sequence[Span], heads: Sequence[Heading]) -> Paragraph:
    edges = {start, end}
    edges |= {edge for span in marks for edge in (max(span.start, start), min(span.end, end))}
    edges |= {edge for head in heads for edge in (max(head.start, start), min(head.end, end))}
    pieces: list[Piece] = []
    over: list[Span] = []  # the marks that hold the piece; a line of ten thousand facts is cut in one pass
    following = next_head = titled = 0  # `titled`: where the headings that began by now have all ended
    for a, b in pairwise(sorted(edges)):
        over = [mark for mark in over if mark.end > a]
        while following < len(marks) and marks[following].start <= a:
            over.append(marks[following])
            following += 1
        while next_head < len(heads) and heads[next_head].start <= a:
            titled = max(titled, heads[next_head].end)
            next_head += 1
        pieces.append(
            Piece(
                text=text[a:b],
                facts=tuple(mark.fact for mark in over),
                heading=a < titled,
                opens=tuple(mark.fact for mark in over if mark.start == a),
            )
        )
    begun = [head for head in heads if head.start >= start]
    return Paragraph(
        pieces=tuple(pieces),
        section=begun[0].order if begun else None,
        level=begun[0].level if begun else None,
        more_sections=tuple(head.order for head in begun[1:]),
    )
