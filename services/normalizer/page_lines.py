"""The lines of a page and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.normalizer.dates import Date
    from services.normalizer.furniture import Rule


@dataclass(slots=True)
class Layout:
    """The lines of a page and what each of them is. A long line may stand in several pieces, each a line here."""

    spans: list[tuple[int, int]]
    lines: list[str]  # their text, trimmed
    rules: list[Rule | None]  # the furniture rule that matches the whole line
    outside: list[bool]  # the markup puts the line outside of the main block
    prose: list[int]  # characters of running text
    dropped: list[str | None]  # the rule that drops the line
    title: tuple[int, int] | None = None  # first and last line of the title
    body: tuple[int, int] = (0, 0)  # first line of the text and the line after its last
    stamps: list[int] = field(default_factory=list)  # publication lines
    crumbs: list[int] = field(default_factory=list)  # lines that say where on the site the page stands
    signatures: dict[int, list[Date]] = field(default_factory=dict)  # lines that sign the text, with their dates
