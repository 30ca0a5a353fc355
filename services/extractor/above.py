"""What stands above a place of the text: its innermost section and the headings from the outermost section to it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.events import Kind, Section

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
        self._sections = sections
        self._starts = [section.text_start for section in sections]
        self._holders = _holders(sections)
        self._known: dict[int, Above] = {}  # by the place of the section

    def above(self, at: int) -> Above:
        """What stands above offset `at`."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return _NOTHING_ABOVE
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = self._above(self._sections[index], self._holders[index])
        return known

    def _above(self, section: Section, holders: list[Section]) -> Above:
        farthest = section.order - MAX_SECTIONS_ABOVE
        headings = [self._text[other.text_start : other.body_start] for other in holders if other.order > farthest]
        return Above(
            order=section.order,
            name=f"{section.marker or ''}{section.heading}" if section.marker or section.heading else None,
            kind=section.kind,
            heading=self._text[section.text_start : section.body_start],
            headings=tuple(headings[-MAX_HEADINGS:]),
            start=section.text_start,
        )


def _holders(sections: Sequence[Section]) -> list[list[Section]]:
    """For each section those with a heading that its beginning stands in, from the outermost to itself."""
    holders: list[list[Section]] = []
    opened: list[Section] = []
    for section in sections:
        start = section.text_start
        opened = [other for other in opened if start < other.text_end]
        if section.heading and start < section.text_end:
            opened.append(section)
        holders.append(opened)
    return holders
