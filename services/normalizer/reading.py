"""What the document fields are read from, and where each of them was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.normalizer.dates import Date

Span = tuple[int, int]


@dataclass(slots=True)
class Reading:
    """What the metadata is read from: the tidied page and where its parts stand."""

    page: str  # all lines, furniture included
    title: Span | None
    body: Span
    tail: Span  # from the last line of prose to the end of the report
    stamps: list[Span]
    published_meta: str | None = None
    title_in_head: str = ""  # folded; of a page whose text has no title
    found: dict[str, Span] = field(default_factory=dict)


def found_in_title(reading: Reading, name: str, span: Span) -> None:
    """Records where a field stands in the title; of one that only the head of the page has the caller knows it."""
    if reading.title:
        reading.found[name] = reading.title[0] + span[0], reading.title[0] + span[1]


def found_date(reading: Reading, name: str, date: Date) -> str:
    """The date in ISO form, recorded as the field `name`."""
    reading.found[name] = date.start, date.end
    return date.iso
