"""Tables that were crawled one cell a line, where their shape leaves no doubt.

    执法机关      序号           受理行政复议申请
    行政处罚      单位           156件
    行政许可      处罚(件)       审结
    市城管局      1              130件
    320           市城管局
    12            45
    市水利局      2
    45            市水利局
    3             6

Every row has as many cells as there are heads: a label and numbers, or an order number, a label and numbers, two rows at
least. Without heads, each number must carry its unit. What fits no such shape is not read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from services.extractor.tables.cells import Cell, amount_of
from shared.rules import rules

#: Characters of a line that may be a cell.
MAX_CELL = 24
#: Columns of a table that is read so; the widest form of statistics has 12.
MAX_COLUMNS = 14
#: Lines above the first number among which its heads are looked for.
MAX_ABOVE = MAX_COLUMNS + 2
_NUMBER_LINE = re.compile(r"\n[+-]?[0-9][0-9.,]{0,14}[^\n0-9,.。;:]{0,4}(?=\n)")
_SENTENCE = re.compile(r"[。;；!！?？,，]|[:：]$")
_RULES = rules("services.extractor", "rules/tables")
_BLANK = _RULES.pattern("blank_cell")
_ORDER_HEAD = _RULES.pattern("order_head")
_THING_HEAD = _RULES.pattern("thing_head")
_HOLDER_HEAD = _RULES.pattern("holder_head")
_GENERIC_HEAD = _RULES.pattern("generic_head")
_TABLE_NAME = _RULES.pattern("table_name")


class Flattened(NamedTuple):
    """One table: its rows, heads first, and the words above it."""

    rows: list[list[Cell]]
    caption: str


class _Line(NamedTuple):
    cell: Cell
    number: bool  # a number, or a blank where one could stand
    united: bool  # a number with its unit


def flattened_tables(text: str) -> list[Flattened]:
    """The tables of `text` whose cells stand one a line, in text order."""
    found: list[Flattened] = []
    end = 0
    for match in _NUMBER_LINE.finditer(text):
        if match.start() < end:
            continue
        block = _block(text, match.start() + 1, end)
        end = max(end, block[-1].cell.end if block else match.end())
        table = _table(block)
        if table is not None:
            found.append(table)
    return found


def _block(text: str, at: int, floor: int) -> list[_Line]:
    """The lines around the number line at `at` that may be cells; none reaches above `floor`."""
    above: list[_Line] = []
    start = at
    while len(above) < MAX_ABOVE and start - 1 > floor:
        before = text.rfind("\n", 0, start - 1) + 1
        line = _line(text, max(before, floor), start - 1)
        if line is None:
            break
        above.append(line)
        start = before
    below: list[_Line] = []
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        line = _line(text, at, stop)
        if line is None:
            break
        below.append(line)
        at = stop + 1
    return above[::-1] + below


def _line(text: str, start: int, end: int) -> _Line | None:
    words = text[start:end].strip()
    if not words or len(words) > MAX_CELL or "\t" in words or _SENTENCE.search(words):
        return None
    offset = start + text[start:end].index(words)
    cell = Cell(offset, offset + len(words), words)
    amount = amount_of(text, cell)
    return _Line(
        cell, amount is not None or bool(_BLANK.fullmatch(words)), amount is not None and amount.unit is not None
    )


def _table(lines: list[_Line]) -> Flattened | None:
    first = next((at for at, line in enumerate(lines) if line.number), 0)
    if not first:
        return None
    order = next((at for at in range(first) if _ORDER_HEAD.match(lines[at].cell.text)), None)
    if order is not None:
        return _shaped(lines, first, first - order, ordered=True)
    numbers = first
    while numbers < len(lines) and lines[numbers].number:
        numbers += 1
    columns = numbers - first + 1
    return _shaped(lines, first - 1, columns, ordered=False) or (_pairs(lines, first - 1) if columns == 2 else None)


def _shaped(lines: list[_Line], start: int, columns: int, *, ordered: bool) -> Flattened | None:
    """The table whose rows of `columns` cells begin at `start`, with its heads directly above."""
    heads, top = _heads(lines, start, columns, ordered=ordered)
    if heads is None:
        return None
    rows: list[list[Cell]] = []
    at = start
    while at + columns <= len(lines) and _is_row(lines[at : at + columns], len(rows) + 1, ordered=ordered):
        rows.append([line.cell for line in lines[at : at + columns]])
        at += columns
    torn = at < len(lines) and any(line.number for line in lines[at : at + columns])
    if torn or len(rows) < (1 if ordered else 2):
        return None
    return Flattened([heads, *rows], " ".join(line.cell.text for line in lines[max(0, top - 2) : top]))


def _heads(lines: list[_Line], start: int, columns: int, *, ordered: bool) -> tuple[list[Cell] | None, int]:
    """The heads above `start`, and where they begin. The corner over the labels may be blank and so be gone."""
    top = start - columns
    if columns < 2 or columns > MAX_COLUMNS or top < -1:
        return None, 0
    cells = [line.cell for line in lines[max(0, top) : start]]
    if any(line.number for line in lines[max(0, top) : start]):
        return None, 0
    corner = top < 0 or (not ordered and _TABLE_NAME.search(cells[0].text) is not None)
    if corner:
        cells = [Cell(lines[start].cell.start, lines[start].cell.start, ""), *cells[-(columns - 1) :]]
        top = start - columns + 1
        if _THING_HEAD.match(cells[1].text) or _HOLDER_HEAD.search(cells[1].text):
            return None, 0  # this is the head of the labels: one of the numbers has none
    if columns == 2 and not (_THING_HEAD.match(cells[0].text) and _GENERIC_HEAD.match(cells[1].text)):
        return None, 0
    return cells, top


def _is_row(lines: list[_Line], order: int, *, ordered: bool) -> bool:
    if not ordered:
        return not lines[0].number and all(line.number for line in lines[1:])
    return lines[0].cell.text == str(order) and not lines[1].number and all(line.number for line in lines[2:])


def _pairs(lines: list[_Line], start: int) -> Flattened | None:
    """Labels and numbers in turns without heads: each number says its unit."""
    rows: list[list[Cell]] = []
    at = start
    while at + 1 < len(lines) and not lines[at].number and lines[at + 1].united:
        rows.append([lines[at].cell, lines[at + 1].cell])
        at += 2
    if len(rows) < 2 or any(line.number for line in lines[at : at + 2]):
        return None
    return Flattened(rows, "")
