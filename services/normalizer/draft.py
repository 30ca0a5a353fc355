"""A text on its way from the decoded source to `text`, and the way back.

A draft is a string and the runs that lead from it to the decoded source. Every step of the normalizer that changes
lengths is a list of edits on the draft, so that there is one place where offsets are computed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from shared.alignment import Alignment, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Edit(NamedTuple):
    """Replace `draft[start:end]` by `after`."""

    start: int
    end: int
    after: str


#: Without the keyword check of its constructor: half the time, and a page has hundreds.
_run = partial(tuple.__new__, Run)


class Draft:
    """A string and its runs. Runs tile the string in order; equal lengths go character by character."""

    __slots__ = ("_starts", "runs", "text")

    def __init__(self, text: str, runs: list[Run]) -> None:
        self.text = text
        self.runs = runs
        self._starts: list[int] | None = None  # for look-ups, made at the first one

    @classmethod
    def of_source(cls, source: str) -> Draft:
        """The draft that is the source itself."""
        return cls(source, [Run(0, len(source), 0, len(source))] if source else [])

    def with_text(self, text: str) -> Draft:
        """The same runs under a text that was rewritten character by character.

        Raises ValueError where the lengths differ.
        """
        if len(text) != len(self.text):
            raise ValueError(f"{len(text)} characters under runs of {len(self.text)}")
        return Draft(text, self.runs)

    def edited(self, edits: Sequence[Edit]) -> Draft:
        """The draft after `edits`, which are in order and do not overlap."""
        if not edits:
            return self
        text, parts, pieces = self.text, [], []
        at = written = 0
        for start, end, after in edits:
            if start > at:
                parts.append(text[at:start])
                pieces.append(_run((written, written + start - at, at, start)))
                written += start - at
            if after:
                parts.append(after)
                pieces.append(_run((written, written + len(after), start, end)))
                written += len(after)
            at = end
        if at < len(text):
            parts.append(text[at:])
            pieces.append(Run(written, written + len(text) - at, at, len(text)))
        return Draft("".join(parts), _compose(pieces, self.runs))

    def over(self, lower: Draft) -> Draft:
        """The same text led back by `lower` too: the runs of this draft lead to the text of `lower`."""
        return Draft(self.text, _compose(self.runs, lower.runs))

    def alignment(self) -> Alignment:
        """The runs in their compact form."""
        return Alignment.from_runs(self.runs)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """The source span of `text[start:end]`; an empty span maps to an empty span."""
        if not self.runs:
            return 0, 0
        if self._starts is None:
            self._starts = [run[0] for run in self.runs]
        first = self.runs[bisect_right(self._starts, start) - 1]
        if start < end <= first[1] and first[1] - first[0] == first[3] - first[2]:  # as nearly all
            return start + first[2] - first[0], end + first[2] - first[0]
        low = _source_of(first, start, max(start, min(end, first.text_end)))[0]
        if end <= start:
            return low, low
        last = self.runs[bisect_right(self._starts, end - 1) - 1]
        return low, _source_of(last, max(start, last.text_start), end)[1]


def _source_of(run: Run, start: int, end: int) -> tuple[int, int]:
    if run.text_end - run.text_start == run.source_end - run.source_start:
        shift = run.source_start - run.text_start
        return start + shift, end + shift
    return run.source_start, run.source_end


def _compose(upper: Iterable[Run], lower: Sequence[Run]) -> list[Run]:
    """Runs from the upper text through the middle text to the source, in one sweep."""
    if len(lower) == 1 and lower[0] == (0, lower[0].text_end, 0, lower[0].text_end):
        return list(upper)  # the middle text is the source
    composed: list[Run] = []
    ends = [run[1] for run in lower]
    k = 0
    for text_start, text_end, start, end in upper:
        k = bisect_right(ends, start, k)
        if start == end:  # inserted: it stands where the next character of the middle text comes from
            edge = lower[k].source_start if k < len(lower) else (lower[-1].source_end if lower else 0)
            composed.append(_run((text_start, text_end, edge, edge)))
            continue
        last = bisect_left(ends, end, k)
        if text_end - text_start != end - start:
            low = _source_of(lower[k], start, min(end, lower[k].text_end))[0]
            high = _source_of(lower[last], max(start, lower[last].text_start), end)[1]
            composed.append(_run((text_start, text_end, low, high)))
            continue
        shift = text_start - start
        composed.append(_part(lower[k], start, end, shift))
        if k < last:
            composed += [_run((at + shift, to + shift, low, high)) for at, to, low, high in lower[k + 1 : last]]
            composed.append(_part(lower[last], start, end, shift))
    return composed


def _part(run: Run, start: int, end: int, shift: int) -> Run:
    """What of `run` lies in `start:end`, `shift` characters further on."""
    start, end = max(start, run[0]), min(end, run[1])
    return _run((start + shift, end + shift, *_source_of(run, start, end)))
