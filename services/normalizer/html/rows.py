"""Table rows while a page is read: which column a cell stands in, and which rows become one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.normalizer.html.tags import cells_spanned

if TYPE_CHECKING:
    from collections.abc import Callable

#: Columns beyond which `colspan` and `rowspan` are not followed: no printed table is wider.
MAX_COLUMNS = 100
#: Line breaks of a row that becomes one line: a few paragraphs a cell. A layout has more.
_BREAKS_PER_CELL, _BREAKS_BESIDE = 4, 4


@dataclass(slots=True)
class _Row:
    cells: int = 0
    column: int = -1
    nested: bool = False  # a table stands in one of its cells
    breaks: list[tuple[int, int]] = field(default_factory=list)  # (piece that breaks the line, cells crossed by it)


class Tables:
    """The tables and rows that are open. `join` makes one line of a row's breaks, if its cells are short."""

    __slots__ = ("_below", "_crossed", "_join", "_rows", "_wide")

    def __init__(self, join: Callable[[list[tuple[int, int]]], None]) -> None:
        self._join = join
        self._rows: list[_Row] = []
        self._below: list[dict[int, int]] = []  # of each table: column → rows that a cell above still reaches into
        self._crossed = 0  # cells begun since the last text
        self._wide = 0  # further columns of the open cell

    def line_begins(self, piece: int) -> None:
        """Text begins behind a break."""
        if self._rows:
            self._rows[-1].breaks.append((piece, self._crossed))
        self._crossed = 0

    def open(self, name: str, attributes: str) -> None:
        """A table, row or cell begins."""
        if name == "table":
            for row in self._rows:
                row.nested = True
            self._below.append({})
        elif name == "tr":
            self._rows.append(_Row())
            self._crossed = 0
        elif self._rows and self._below:
            self._open_cell(self._rows[-1], self._below[-1], attributes)

    def _open_cell(self, row: _Row, below: dict[int, int], attributes: str) -> None:
        row.cells += 1
        row.column += 1
        self._crossed += 1 if row.cells > 1 else 0
        while below.get(row.column) and row.column <= MAX_COLUMNS:
            below[row.column] -= 1
            row.column += 1
            self._crossed += 1
        across, down = cells_spanned(attributes, "colspan"), cells_spanned(attributes, "rowspan")
        if row.column > MAX_COLUMNS:
            across = down = 1
        for column in range(row.column, row.column + across) if down > 1 else ():
            below[column] = down - 1
        row.column += across - 1
        self._wide = across - 1

    def close(self, name: str) -> None:
        """A table, row or cell ends."""
        if name in ("td", "th"):
            self._crossed += self._wide
            self._wide = 0
        elif name == "tr" and self._rows:
            self._close_row(self._rows.pop())
        elif name == "table" and self._below:
            self._below.pop()

    def _close_row(self, row: _Row) -> None:
        self._crossed = 0
        if self._below:
            below = self._below[-1]
            for column in [column for column in below if column > row.column]:
                below[column] -= 1
                if not below[column]:
                    del below[column]
        cells = row.cells > 1 and not row.nested
        if cells and 0 < len(row.breaks) <= _BREAKS_PER_CELL * row.cells + _BREAKS_BESIDE:
            self._join(row.breaks)
