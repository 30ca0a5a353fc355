"""The way back from `text` to the decoded source it came from.

An alignment is a list of runs. Each run says: skip so many source characters (furniture, markup), then the next
`text_length` characters of `text` came from the next `source_length` characters of the source. Where the two lengths
are equal the run goes character by character; where they differ the whole run was rewritten and maps as a whole.
All offsets are in characters (Unicode code points), half-open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, PrivateAttr


class Run(NamedTuple):
    """One stretch of `text` and the stretch of source it came from."""

    text_start: int
    text_end: int
    source_start: int
    source_end: int


class Alignment(BaseModel):
    """Offsets in `text` → offsets in the decoded source.

    `runs` is flat, three numbers a run: source characters skipped before it (negative where the source goes back),
    its length in `text`, its length in the source. Runs tile `text` in order.
    """

    model_config = ConfigDict(extra="forbid")

    runs: list[int]

    _starts: list[int] | None = PrivateAttr(default=None)
    _sources: list[int] | None = PrivateAttr(default=None)

    @classmethod
    def from_runs(cls, runs: Iterable[tuple[int, int, int, int]]) -> Alignment:
        """Build from (text_start, text_end, source_start, source_end), in text order; neighbours are merged.

        Raises ValueError where the runs leave a gap in `text`.
        """
        flat: list[int] = []
        text_at = source_at = 0
        for text_start, text_end, source_start, source_end in runs:
            if text_start != text_at:
                raise ValueError(f"runs leave a gap in text at {text_at}")
            text_length, source_length = text_end - text_start, source_end - source_start
            skip = source_start - source_at
            if flat and skip == 0 and text_length == source_length and flat[-2] == flat[-1]:
                flat[-2] += text_length
                flat[-1] += source_length
            elif text_length:
                flat += (skip, text_length, source_length)
            else:
                continue  # a run that put nothing into `text` is a skip of the next one
            text_at, source_at = text_end, source_end
        return cls(runs=flat)

    def _index(self) -> tuple[list[int], list[int]]:
        if self._starts is None or self._sources is None:
            runs = self.runs
            self._starts = [0, *accumulate(runs[1::3])]
            ends = list(accumulate(skip + length for skip, length in zip(runs[0::3], runs[2::3], strict=True)))
            self._sources = [end - length for end, length in zip(ends, runs[2::3], strict=True)]
        return self._starts, self._sources

    def __iter__(self) -> Iterator[Run]:  # type: ignore[override]
        starts, sources = self._index()
        for k, source in enumerate(sources):
            yield Run(starts[k], starts[k + 1], source, source + self.runs[3 * k + 2])

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """The source span that `text[start:end]` came from; an empty span maps to an empty span.

        Raises IndexError where the span is not inside `text`.
        """
        starts, sources = self._index()
        if not 0 <= start <= end <= starts[-1]:
            raise IndexError(f"span {start}:{end} is not inside a text of {starts[-1]} characters")
        if not sources:
            return 0, 0
        first = min(bisect_right(starts, start) - 1, len(sources) - 1)
        from_source = self._edge(first, start, after=False)
        if start == end:
            return from_source, from_source
        last = min(bisect_right(starts, end - 1) - 1, len(sources) - 1)
        return from_source, self._edge(last, end - 1, after=True)

    def _edge(self, run: int, offset: int, *, after: bool) -> int:
        starts, sources = self._index()
        text_length, source_length = self.runs[3 * run + 1], self.runs[3 * run + 2]
        if text_length == source_length:
            return sources[run] + offset - starts[run] + (1 if after else 0)
        return sources[run] + (source_length if after else 0)
