"""Paragraphs, sentences and clauses: spans only, found where they are asked for.

A clause ends at a comma, a semicolon, a colon or the end of its sentence; items joined by 、 stay in one clause.
A comma between digits (1,250) and a colon between digits (9:30) end nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Amounts that are read, and facts that are compared, as one sentence; the fullest sentence of 47 work reports has 24.
MAX_SENTENCE_FACTS = 60
_BREAK = rules("services.extractor", "rules/clauses").pattern("clause_break")
_SENTENCE_END = "。!?！？\n\t"


@dataclass(slots=True)
class Paragraph:
    """One line of the text, `text[start:end]`."""

    text: str
    start: int
    end: int
    _breaks: list[int] | None = field(default=None)
    _ends: list[int] | None = field(default=None)

    def _find_breaks(self) -> list[int]:
        if self._breaks is None:
            self._breaks = [match.start() for match in _BREAK.finditer(self.text, self.start, self.end)]
        return self._breaks

    def clause(self, at: int) -> tuple[int, int]:
        """The span of the clause that holds offset `at`, without its closing sign."""
        breaks = self._find_breaks() if self._breaks is None else self._breaks
        after = bisect_left(breaks, at)
        start = breaks[after - 1] + 1 if after else self.start
        return start, breaks[after] if after < len(breaks) else self.end

    def sentence(self, at: int) -> tuple[int, int]:
        """The span of the sentence that holds offset `at`, without its closing sign."""
        if self._ends is None:
            self._ends = [b for b in self._find_breaks() if self.text[b] in _SENTENCE_END]
        ends = self._ends
        after = bisect_left(ends, at)
        start = ends[after - 1] + 1 if after else self.start
        return start, ends[after] if after < len(ends) else self.end

    def clauses(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The clauses of `text[start:end]`, left to right, empty ones left out."""
        breaks = self._find_breaks()
        at = start
        for k in range(bisect_left(breaks, start), bisect_right(breaks, end - 1)):
            if breaks[k] > at:
                yield at, breaks[k]
            at = breaks[k] + 1
        if at < end:
            yield at, end


def paragraphs(text: str, breaks: Sequence[int] = ()) -> Iterator[Paragraph]:
    """The lines of `text` that are not empty, left to right; a line ends at each of the ascending `breaks` inside it, too."""
    start = at = 0
    while start < len(text):
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        while at < len(breaks) and breaks[at] < end:
            if breaks[at] > start:
                yield Paragraph(text, start, breaks[at])
                start = breaks[at]
            at += 1
        if end > start:
            yield Paragraph(text, start, end)
        start = end + 1
