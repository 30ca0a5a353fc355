"""The way back from `text` to the decoded source it came from.

An alignment is a list of runs. Each run says: skip so many source characters (furniture, markup), then the next
`text_length` characters of `text` came from the next `source_length` characters of the source. Where the two lengths
are equal the run goes character by character; where they differ the whole run was rewritten and maps as a whole.
All offsets are in characters (Unicode code points), half-open.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, compress, repeat
from operator import add, ne, sub
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, PrivateAttr


def words_of_markup(written: str) -> str:
    """The words of a stretch of markup: its tags left out, character references and escapes read."""
    words = html.unescape(_TAG.sub("", written))
    return _ESCAPES.sub(_read_escapes, words) if "\\u" in words else words


def _read_escapes(found: re.Match[str]) -> str:
    read: str = json.loads(f'"{found[0]}"')
    return read.encode(errors="ignore").decode()  # half a pair is no sign


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

    _locator: Locator | None = PrivateAttr(default=None)

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
        return cls.trusted(flat)

    @classmethod
    def trusted(cls, runs: list[int]) -> Alignment:
        """An alignment of runs that are known to be whole numbers: nothing is checked, as in `Record.trusted`."""
        alignment = cls.__new__(cls)
        object.__setattr__(alignment, "__dict__", {"runs": runs})
        object.__setattr__(alignment, "__pydantic_fields_set__", {"runs"})
        object.__setattr__(alignment, "__pydantic_extra__", None)
        object.__setattr__(alignment, "__pydantic_private__", {"_locator": None})
        return alignment

    def locator(self) -> Locator:
        """The index over the runs, built once: take it where many spans are carried over."""
        locator = self._locator
        if locator is None:
            locator = self._locator = Locator(self.runs)
        return locator

    def __eq__(self, other: object) -> bool:
        """Whether the runs are the same, with the index built or not."""
        return self.runs == other.runs if isinstance(other, Alignment) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can be changed, as every model of ours

    def __iter__(self) -> Iterator[Run]:  # type: ignore[override]
        locator = self.locator()
        for k, source in enumerate(locator.sources):
            yield Run(locator.starts[k], locator.starts[k + 1], source, source + self.runs[3 * k + 2])

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """The source span that `text[start:end]` came from; an empty span maps to an empty span.

        Raises IndexError where the span is not inside `text`.
        """
        return self.locator().to_source(start, end)


_TAG = re.compile("<[^<>]{0,2000}>")
#: Signs as programs write them in a string: \u4e00. A page that is the answer to a script has its text so.
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}){1,10000}")


class Locator:
    """Runs with their offsets added up: each look-up is one bisection an edge."""

    __slots__ = ("runs", "sources", "starts")

    def __init__(self, runs: list[int]) -> None:
        self.runs = runs
        self.starts: list[int] = [0, *accumulate(runs[1::3])]
        lengths = runs[2::3]
        ends = accumulate(map(add, runs[0::3], lengths))
        self.sources: list[int] = list(map(sub, ends, lengths))

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """As `Alignment.to_source`."""
        starts = self.starts
        if not 0 <= start <= end <= starts[-1]:
            raise IndexError(f"span {start}:{end} is not inside a text of {starts[-1]} characters")
        if not self.sources:
            return 0, 0
        last_run = len(self.sources) - 1
        from_source = self._edge(min(bisect_right(starts, start) - 1, last_run), start, after=False)
        if start == end:
            return from_source, from_source
        return from_source, self._edge(min(bisect_right(starts, end - 1) - 1, last_run), end - 1, after=True)

    def shift(self, start: int, end: int) -> int | None:
        """What leads from an offset of `text[start:end]` to its place in the source, where the whole span went character
        by character, as almost every one does; None where it did not.
        """
        run = self.even_run(start, end)
        return None if run is None else run[2]

    def even_run(self, start: int, end: int) -> tuple[int, int, int] | None:
        """The run that holds `text[start:end]` whole and goes character by character: its start and end in the text, and
        what leads from there to the source. None where there is no such run.
        """
        starts = self.starts
        run = bisect_right(starts, start) - 1
        if (
            0 <= start < end <= starts[-1]
            and end <= starts[run + 1]
            and self.runs[3 * run + 1] == self.runs[3 * run + 2]
        ):
            return starts[run], starts[run + 1], self.sources[run] - starts[run]
        return None

    def even_shifts(self, starts: Sequence[int], ends: Sequence[int]) -> list[int | None]:
        """As `shift`, of many spans inside the text; an empty span has the shift of its run, at the end of the text none."""
        edges, lengths, source_lengths = (*self.starts, -1), self.runs[1::3], self.runs[2::3]
        steps: list[int | None] = [*map(sub, self.sources, edges), None]
        if lengths != source_lengths:
            for run in compress(range(len(lengths)), map(ne, lengths, source_lengths)):
                steps[run] = None
        runs = map(bisect_right, repeat(self.starts), starts)
        return [steps[run - 1] if end <= edges[run] else None for run, end in zip(runs, ends, strict=True)]

    def shifts(self, starts: Sequence[int]) -> list[int]:
        """What leads from each of these offsets of the text to the source; only where its run goes character by
        character does it lead from the offsets after it too. Raises IndexError for an alignment without runs.
        """
        runs = map(bisect_right, repeat(self.starts), starts, repeat(0), repeat(len(self.sources)))
        return [self.sources[run - 1] - self.starts[run - 1] for run in runs]

    def cut(self, source: str, start: int, end: int, *, markup: bool = False) -> str:
        """The words of `text[start:end]` as the source writes them. With `markup` the source is HTML: the tags between
        the words are left out and character references read.
        """
        shift = self.shift(start, end)
        if shift is not None:
            return source[start + shift : end + shift]
        first, last = self.to_source(start, end)
        if not markup:
            return source[first:last]
        pieces = []
        run = bisect_right(self.starts, start) - 1
        while start < end:
            stop = min(end, self.starts[run + 1])
            first, last = self._edge(run, start, after=False), self._edge(run, stop - 1, after=True)
            piece = source[first:last]
            pieces.append(piece if stop - start == last - first else words_of_markup(piece))
            start, run = stop, run + 1
        return "".join(pieces)

    def cut_each(self, source: str, starts: Sequence[int], ends: Sequence[int], *, markup: bool = False) -> list[str]:
        """As `cut`, of many spans inside the text: one slice each where nothing in them was rewritten."""
        return [
            self.cut(source, start, end, markup=markup) if shift is None else source[start + shift : end + shift]
            for start, end, shift in zip(starts, ends, self.even_shifts(starts, ends), strict=True)
        ]

    def _edge(self, run: int, offset: int, *, after: bool) -> int:
        text_length, source_length = self.runs[3 * run + 1], self.runs[3 * run + 2]
        if text_length == source_length:
            return self.sources[run] + offset - self.starts[run] + (1 if after else 0)
        return self.sources[run] + (source_length if after else 0)
