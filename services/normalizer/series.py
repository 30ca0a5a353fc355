"""Headings that count: which of them come next to one another. Pure."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from services.normalizer.dates import chinese_count
from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MARKER = rules("services.normalizer", "layout").pattern("series_marker")


def place_in_series(line: str) -> tuple[str, int]:
    """The series of the marker that the line begins with, and its number there: (二) → "(一)", 2; else "", 0."""
    marker = _MARKER.match(line)
    if marker is None:
        return "", 0
    number = marker["number"]
    is_arabic = number.isascii()
    return marker[0].replace(number, "1" if is_arabic else "一"), int(number) if is_arabic else chinese_count(number)


def last_numbers(lines: Iterable[str]) -> dict[str, int]:
    """The last number of each series."""
    return {series: number for series, number in map(place_in_series, lines) if series}


def series_over(lines: Sequence[str]) -> list[int]:
    """For each line, the last line whose number comes next to that of a line above: whether a series goes on behind it."""
    begun: dict[str, tuple[int, int]] = {}
    ends = [0] * len(lines)
    for k, line in enumerate(lines):
        series, number = place_in_series(line)
        if not series:
            continue
        before = begun.get(series)
        if before is not None and before[0] == number - 1:
            ends[before[1]] = k
        begun[series] = number, k
    return [0, *accumulate(ends[:-1], max)] if ends else []
