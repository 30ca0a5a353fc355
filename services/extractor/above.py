"""What stands above a place of the text: its innermost section and the headings from the outermost section to it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.columns import Columns, columns_of
from shared.events import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.events import Kind

#: Headings above a fact that the mapper may see, and the section records that are searched for them.
MAX_HEADINGS = 5
MAX_SECTIONS_ABOVE = 200


@dataclass(slots=True)
class Above:
    """The innermost section of a place, and the headings above it."""

    order: int | None = None
    name: str | None = None  # marker and heading, as written
    kind: Kind | None = None
    heading: str = ""
    headings: tuple[str, ...] = ()  # from the outermost section to the innermost
    start: int = 0  # where the innermost section begins in the text


_NOTHING_ABOVE = Above()


class Outline:
    """The sections of one report, asked by offset. Each section is looked up once."""

    def __init__(self, text: str, sections: Sequence[Section]) -> None:
        self._text = text
        self._columns = columns_of(Section, sections)
        self._starts, self._bodies = self._columns["text_start"], self._columns["body_start"]
        self._holders = _holders(self._columns)
        self._known: dict[int, Above] = {}  # by the place of the section

    def above(self, at: int) -> Above:
        """What stands above offset `at`."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return _NOTHING_ABOVE
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = self._above(index)
        return known

    def _above(self, index: int) -> Above:
        columns, orders = self._columns, self._columns["order"]
        marker, heading = columns["marker"][index], columns["heading"][index]
        farthest = orders[index] - MAX_SECTIONS_ABOVE
        headings = [self._heading(other) for other in self._holders[index] if orders[other] > farthest]
        return Above(
            order=orders[index],
            name=f"{marker or ''}{heading}" if marker or heading else None,
            kind=columns["kind"][index],
            heading=self._heading(index),
            headings=tuple(headings[-MAX_HEADINGS:]),
            start=self._starts[index],
        )

    def _heading(self, index: int) -> str:
        return self._text[self._starts[index] : self._bodies[index]]


def _holders(sections: Columns) -> list[list[int]]:
    """For each section the places of those with a heading that its beginning stands in, from the outermost to itself."""
    holders: list[list[int]] = []
    opened: list[int] = []
    ends = sections["text_end"]
    for index, (start, end, heading) in enumerate(zip(sections["text_start"], ends, sections["heading"], strict=True)):
        opened = [other for other in opened if start < ends[other]]
        if heading and start < end:
            opened.append(index)
        holders.append(opened)
    return holders
