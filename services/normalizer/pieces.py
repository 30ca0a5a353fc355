"""The lines of a page, where a long line is cut so that furniture beside the text stands alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from services.normalizer.line_forms import PROSE_MARK, is_title
from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]

_RULES = rules("services.normalizer", "layout")
_TITLE_LABEL = _RULES.pattern("title_label")
_TITLE_LABEL_STARTS = frozenset(_RULES.words("title_label_starts"))
_STAMP_BESIDE = _RULES.pattern("stamp_beside")
_COLON = _RULES.pattern("colon")
_GLUED_TITLE = _RULES.pattern("glued_title")
_WORD_GAP = _RULES.pattern("word_gap")
_LABEL_BEFORE = _RULES.pattern("label_before")

#: A line longer than this may hold a title, a publication line or a signature beside its text (one-line pages).
_LONG = 200
#: Paragraphs of a page that are looked through for a publication line beside a title; menus of up to some hundred lines
#: stand above one.
_HEAD_LINES = 400
#: Shorter lines are menus; they are most of the lines of an HTML page.
_SHORTEST_TITLE = 16
#: Characters of a title that only a colon, or nothing, parts from its text.
_LONGEST_GLUED = 80
#: Characters of a long line in which its first sentence ends, a label before that goes on, and its last sentence ends.
_HEAD_REACH, _LABEL_REACH, _TAIL_REACH = 600, 200, 400


class Pieces(NamedTuple):
    """The lines of a page, column by column."""

    paragraphs: Sequence[int]  # the number of the paragraph that each is of
    spans: list[Span]
    lines: list[str]  # their text, trimmed


def pieces_of_lines(text: str) -> Pieces:
    """The lines of `text`.

    A long line is cut at the spaces before its first and after its last sentence, so that furniture on the same line
    can be told from the text.
    """
    lines = text.split("\n")
    has_gaps = " " in text or "\t" in text
    spans: list[Span] = []
    to_try: list[int] = []
    at = 0
    for line in lines:
        end = at + len(line)
        if end - at > _LONG or line[:1] in _TITLE_LABEL_STARTS or (has_gaps and (" " in line or "\t" in line)):
            to_try.append(len(spans))
        spans.append((at, end))
        at = end + 1
    cuts: dict[int, list[Span]] = {}
    may_hold_title = True  # of the long lines the first
    for paragraph in to_try:
        start, end = spans[paragraph]
        cut = _cut_line(text, start, end, in_head=paragraph < _HEAD_LINES, may_hold_title=may_hold_title)
        if cut != [spans[paragraph]]:
            cuts[paragraph] = cut
        may_hold_title = may_hold_title and end - start <= _LONG
    if not cuts:
        return Pieces(range(len(lines)), spans, list(map(str.strip, lines)))
    pieces = [(paragraph, piece) for paragraph, span in enumerate(spans) for piece in cuts.get(paragraph, (span,))]
    spans = [piece for _, piece in pieces]
    return Pieces([paragraph for paragraph, _ in pieces], spans, [text[start:end].strip() for start, end in spans])


def _cut_line(text: str, at: int, end: int, *, in_head: bool, may_hold_title: bool) -> list[Span]:
    """The pieces of one line: a label and its title, a title and the publication line or text beside it, sentences."""
    spans: list[Span] = []
    at = _cut_label(text, at, end, spans)
    if in_head and _SHORTEST_TITLE < end - at <= _LONG:
        at = _cut_stamp(text, at, end, spans)
    if end - at <= _LONG:
        return [*spans, (at, end)]
    if may_hold_title:
        at = _cut_title(text, at, end, spans)
    return spans + _cut_text(text, at, end)


def _cut_label(text: str, at: int, end: int, spans: list[Span]) -> int:
    """Where the line goes on behind a label of the page's table and, where a tab follows it, the title."""
    label = _TITLE_LABEL.match(text, at, end) if text[at : at + 1] in _TITLE_LABEL_STARTS else None
    if not label or not is_title(text[label.end() : min(end, label.end() + _LONG)].split("\t", 1)[0].strip()):
        return at
    spans.append((at, label.end()))
    tab = text.find("\t", label.end(), end)
    if tab < 0:
        return label.end()
    spans.append((label.end(), tab))
    return tab + 1


def _cut_stamp(text: str, at: int, end: int, spans: list[Span]) -> int:
    """Where the publication line begins that stands beside a title."""
    stamp = _STAMP_BESIDE.search(text, at, end)
    if not stamp or not is_title(text[at : stamp.start()].strip()):
        return at
    spans.append((at, stamp.start()))
    return stamp.end()


def _cut_title(text: str, at: int, end: int, spans: list[Span]) -> int:
    """Where the text begins behind a title that only a colon, or nothing, parts from it."""
    colon = _COLON.search(text, at, min(at + _LONGEST_GLUED, end))
    before = text[at : colon.start()].strip() if colon else " "
    if colon and " " not in before and is_title(before):
        spans.append((at, colon.start()))
        return colon.end()
    glued = _GLUED_TITLE.search(text, at, min(at + _SHORTEST_TITLE + _LONGEST_GLUED, end))
    if glued and is_title(text[at : glued.end()]):
        spans.append((at, glued.end()))
        return glued.end()
    return at


def _cut_text(text: str, start: int, end: int) -> list[Span]:
    """The pieces of a long line: cut at the gaps before its first sentence ends, and behind its last one."""
    if text[end - 1] in "。！？" and text.find(" ", start, end) < 0:
        return [(start, end)]
    cuts = [gap.span() for gap in _WORD_GAP.finditer(text, start, _end_of_head(text, start, end))]
    last = max(text.rfind(stop, max(start, end - _TAIL_REACH), end) for stop in "。！？")
    if last >= 0 and last + 1 < end:
        cuts.append((last + 1, last + 1))
        cuts += [gap.span() for gap in _WORD_GAP.finditer(text, last + 1, end)]
    cuts = [cut for cut in cuts if text.count("[", start, cut[0]) + text.count("【", start, cut[0])
            == text.count("]", start, cut[0]) + text.count("】", start, cut[0])]  # fmt: skip
    edges = [start, *(edge for cut in cuts for edge in cut), end]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a or len(edges) == 2]


def _end_of_head(text: str, start: int, end: int) -> int:
    """Where the first clause ends that is none of a publication line (来源:甲县司法局、乙局 …)."""
    first = PROSE_MARK.search(text, start, min(start + _HEAD_REACH, end))
    head = first.start() if first else start
    while _LABEL_BEFORE.search(text, start, head):
        later = PROSE_MARK.search(text, head + 1, min(head + _LABEL_REACH, end))
        if later is None or text.rfind(" ", start, later.start()) <= head:
            break
        head = later.start()
    return head
