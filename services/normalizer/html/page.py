"""What the markup of a page says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from services.normalizer.draft import Draft


class Line(NamedTuple):
    """One line of the page: its span in the draft, the block it stands in, and how much of it is link text."""

    start: int
    end: int
    node: int
    links: int
    tag: str
    target: str  # of its last link


@dataclass(slots=True)
class Page:
    """The draft, its lines, its blocks numbered in page order (0 is the page), and what stands outside of the flow."""

    draft: Draft
    lines: list[Line]
    parents: list[int] = field(default_factory=lambda: [0])
    last_inside: list[int] = field(default_factory=lambda: [0])  # last block inside each block, itself included
    containers: list[bool] = field(default_factory=lambda: [True])  # the block may hold the report as a whole
    furniture: list[bool] = field(default_factory=lambda: [False])  # the block is a nav, footer or aside, or hidden
    title: tuple[int, int] | None = None  # span of <title> in the source
    menus: list[tuple[int, int]] = field(default_factory=list)  # lists of links that were left out: spans of the source
    metas: dict[str, tuple[int, int]] = field(default_factory=dict)  # lower-case name → span of content in the source
