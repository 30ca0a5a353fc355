"""The text between the tags: white space, character references, line breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from services.normalizer.draft import Draft
from services.normalizer.html.page import Line
from services.normalizer.html.rows import Tables
from services.normalizer.width import SUPERSCRIPTS
from shared.alignment import Run
from shared.errors import Permanent, Reason

#: Character references of a page. A page written in references only needs one a character: 100,000 at most.
MAX_REFERENCES = 300_000
#: A table row whose longest cell is beyond this is a layout and keeps its lines; cells of statistics hold a name or a number.
MAX_CELL_CHARACTERS = 300

_SPECIAL = re.compile(r"&(?:#[0-9]{1,8}+|#[xX][0-9a-fA-F]{1,8}+|[A-Za-z][A-Za-z0-9]{1,31}+);?|[ \t\n\r\f]+")
_NEEDS_CARE = re.compile(r"[&\t\n\r\f]|  ")
_NOTE_MARK = re.compile(r"\s*[\[(〔［（【]?\s*([0-9]{1,3}|[①-⑳*※])\s*[\])〕］）】]?\s*")
_RAISED = {plain: raised for raised, plain in SUPERSCRIPTS.items()}


@dataclass(slots=True)
class _LineSoFar:
    """What is known of a line; the fields are those of `Line`."""

    node: int = 0
    tag: str = ""
    links: int = 0
    target: str = ""


class Lines:
    """The text so far, in pieces, each with its span of the source; a piece that begins a line is a break.

    The reader of the tags says where the text stands: `node` and `tag` of the block, the links, raised signs and
    preformatted blocks that are open.
    """

    __slots__ = (
        "_breaks",
        "_current",
        "_end",
        "_pending",
        "_pieces",
        "_references",
        "_source",
        "_space",
        "_spans",
        "links",
        "node",
        "preformatted",
        "raised",
        "tables",
        "tag",
        "target",
    )

    def __init__(self, source: str) -> None:
        self.node, self.tag = 0, ""
        self.links, self.target = 0, ""
        self.raised = 0
        self.preformatted = 0
        self.tables = Tables(self._join)
        self._source = source
        self._pieces: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self._breaks: dict[int, _LineSoFar] = {}  # piece that breaks the line → the line that it begins
        self._current = _LineSoFar()
        self._pending = True  # a line break is due before the next text
        self._space = -1  # the source offset of white space that is shown only between two words
        self._end = 0  # where the last text ended
        self._references = 0

    def add(self, start: int, end: int) -> None:
        """The text `source[start:end]` follows. Raises Permanent: `too_complex` beyond MAX_REFERENCES."""
        raw = self._source[start:end]
        if self._pending and raw.isspace():
            return  # between two blocks, or the indent of a line
        if self.raised:
            self._add_raised(raw, start, end)
        elif _NEEDS_CARE.search(raw) is not None:
            self._add_with_care(raw, start)
        elif raw != " ":
            self._append(raw, start, end)
        elif not self._pending:
            self._space = start

    def end_line(self) -> None:
        """What follows stands on a line of its own."""
        self._pending = True
        self._space = -1

    def _append(self, text: str, start: int, end: int) -> None:
        if self._pending:
            self._begin_line(start)
        elif self._space >= 0:
            self._pieces.append(" ")
            self._spans.append((self._end, start))
        self._space = -1
        self._pieces.append(text)
        self._spans.append((start, end))
        if self.links:
            self._current.links += len(text)
            self._current.target = self.target
        self._end = end

    def _begin_line(self, start: int) -> None:
        piece = len(self._pieces)
        self._current = self._breaks[piece] = _LineSoFar(self.node, self.tag)
        self._pieces.append("\n")
        self._spans.append((self._end, start))
        self.tables.line_begins(piece)
        self._pending = False

    def _add_with_care(self, raw: str, offset: int) -> None:
        at = 0
        for found in _SPECIAL.finditer(raw):
            if found.start() > at:
                self._append(raw[at : found.start()], offset + at, offset + found.start())
            at = found.end()
            token = found[0]
            if token[0] == "&":
                self._add_reference(token, offset + found.start(), offset + at)
            elif self.preformatted and ("\n" in token or "\r" in token):
                self.end_line()
            elif not self._pending and not _joins_ideographs(raw, found.start(), at, token):
                self._space = offset + found.start()
        if at < len(raw):
            self._append(raw[at:], offset + at, offset + len(raw))

    def _add_reference(self, token: str, start: int, end: int) -> None:
        self._references += 1
        if self._references > MAX_REFERENCES:
            raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_REFERENCES} character references")
        self._append(unescape(token).replace("\x00", "\ufffd"), start, end)

    def _add_raised(self, raw: str, start: int, end: int) -> None:
        """Raised digits stay digits of their own kind; a note's mark of another kind is left out."""
        found = _NOTE_MARK.fullmatch(raw)
        if found is None:
            self._append(" ".join(raw.split()), start, end)
        elif found[1].isascii() and found[1].isdigit():
            self._append("".join(_RAISED[c] for c in found[1]), start, end)

    def _join(self, breaks: list[tuple[int, int]]) -> None:
        """One line with tabs between the cells of a row, unless a cell is long."""
        edges = [piece for piece, _ in breaks] + [len(self._pieces)]
        if max(sum(map(len, self._pieces[a + 1 : b])) for a, b in pairwise(edges)) > MAX_CELL_CHARACTERS:
            return
        first, leading = breaks[0]
        self._pieces[first] = "\n" + "\t" * leading
        line = self._breaks[first]
        for piece, crossed in breaks[1:]:
            self._pieces[piece] = "\t" * crossed if crossed else " "
            line.links += self._breaks.pop(piece).links

    def draft(self) -> tuple[Draft, list[Line]]:
        """The text with the way back to the source, and its lines."""
        runs: list[Run] = []
        starts: list[int] = []
        written = 0
        for k, (piece, (start, end)) in enumerate(zip(self._pieces, self._spans, strict=True)):
            if k in self._breaks:
                starts.append(written)
            if piece:
                runs.append(Run(written, written + len(piece), start, end))
                written += len(piece)
        stops = [*starts, written][1:]
        lines = [
            Line(start + 1, stop, line.node, line.links, line.tag, line.target)
            for start, stop, line in zip(starts, stops, self._breaks.values(), strict=True)
        ]
        return Draft("".join(self._pieces), runs), lines


def _joins_ideographs(raw: str, start: int, end: int, token: str) -> bool:
    """A line end of the source file between two wide characters is not shown (CSS Text 3, segment breaks)."""
    if "\n" not in token and "\r" not in token:
        return False
    return start > 0 and end < len(raw) and raw[start - 1] >= "\u2e80" and raw[end] >= "\u2e80"
