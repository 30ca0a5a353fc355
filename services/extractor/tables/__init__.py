"""Numbers in table cells: their words are the heads of their row and column.

    项目                数量   备注
    收到复议申请(件)     41    含网上申请19件      41 件, subject 收到复议申请

    地区       复议收案(件)   同比(%)
    市本级     594           -3.2               594 件, scope 市本级; 3.2 %, change decrease

A table is a run of lines whose cells are separated by tabs. A cell that holds a number and nothing else takes its unit
from itself, from the brackets of its heads, from a column of units, or from a "单位:件" in the caption; its scope from
a head that names an area or a body. Cells with words are read as text.

`tables_of` finds the tables of a text; `cells.py` reads a cell, `heads.py` what the heads say, `rows.py` puts them together,
`flattened.py` finds tables that were crawled one cell a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.extractor.clauses import paragraphs
from services.extractor.tables.cells import Cell, cells_of
from services.extractor.tables.flattened import flattened_tables
from services.extractor.tables.heads import tables_in
from services.extractor.tables.rows import NumberCell, number_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NumberCell", "tables_of"]

#: Characters of each of the two lines above a table that may name it.
MAX_CAPTION = 40


def tables_of(text: str) -> list[NumberCell]:
    """The number cells of all tables of `text`, in text order."""
    found = [
        cell
        for run, caption in (_tabbed(text) if "\t" in text else ())
        for k, rows in enumerate(tables_in(run))
        for cell in number_cells(text, rows, "" if k else caption)
    ]
    for rows, caption in flattened_tables(text):
        cells = number_cells(text, rows, caption)
        found += [cell._replace(row=(cell.amount.start, cell.amount.end)) for cell in cells]  # no quote crosses a line
    return found


def _tabbed(text: str) -> Iterator[tuple[list[list[Cell]], str]]:
    """The runs of lines with tabs, each with the two lines above it: its name, and its units where they have a line."""
    rows: list[list[Cell]] = []
    caption = above = ""
    for line in paragraphs(text):
        words = text[line.start : line.end]
        if "\t" in words:
            caption = caption if rows else above
            rows.append(cells_of(text, line.start, line.end))
            continue
        if rows:
            yield rows, caption
            rows = []
        above = f"{above[-MAX_CAPTION:]} {words[-MAX_CAPTION:]}"
    if rows:
        yield rows, caption
