"""Numbers in table cells: their words are the heads of their row and column.

    项目                数量   备注
    收到复议申请(件)     41    含网上申请19件      41 件, subject 收到复议申请

A table is a run of lines whose cells are separated by tabs. A cell that holds a number and nothing else takes its unit
from itself, from the brackets of its heads, or from a "单位:件" in the caption. Cells with words are read as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from services.extractor.amounts import Amount
from services.extractor.numbers import Kind, find_numerals
from services.extractor.units import Unit, find_unit, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.extractor.clauses import Paragraph

#: Head rows of one table; more rows without a number are text.
MAX_HEAD_ROWS = 3
#: Characters of a cell that may be a number with its unit.
MAX_NUMBER_CELL = 16

_UNIT = re.compile(r"[(（](?:单位[:：]?)?(?P<unit>[^()（）]{1,6})[)）]|单位[:：] ?(?P<caption>[^\s()（）,，。]{1,6})")
_GENERIC_HEAD = re.compile(
    r"^(?:数量|数值|数据|件数|次数|人数|户数|个数|金额|合计|总计|总数|小计|本年度?|今年|全年|完成情况|完成数|办理情况|情况|指标值|结果|值|统计数|数目|实绩|实际|计数|备注)$"
)
_ORDER_HEAD = re.compile(r"^(?:序号|编号|序|号|NO\.?|No\.?)$")
_YEAR_HEAD = re.compile(r"(?:19|20)[0-9]{2}年?(?:度)?|上年度?|去年|上年同期")
_NUMBERING = re.compile(r"^(?:[0-9]{1,2}[.、．]|[(（]?[一二三四五六七八九十0-9]{1,2}[)）、.]|其中[:：]?)\s*")


class Cell(NamedTuple):
    """One cell, `text[start:end]`, without white space at its edges."""

    start: int
    end: int
    text: str


class NumberCell(NamedTuple):
    """A cell that is a number: its amount, its words and the heads they came from."""

    amount: Amount
    subject: str
    heads: tuple[str, ...]  # row head, then column heads
    year: tuple[int, int] | None  # span of the year that the column is for
    row: tuple[int, int]


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """The cells of one line."""
    found, at = [], start
    for piece in text[start:end].split("\t"):
        stripped = piece.strip()
        offset = at + (len(piece) - len(piece.lstrip())) if stripped else at
        found.append(Cell(offset, offset + len(stripped), stripped))
        at += len(piece) + 1
    return found


def number_cells(text: str, lines: Sequence[Paragraph], caption: str) -> Iterator[NumberCell]:
    """The numbers of one table, row by row. `caption` is the line above it."""
    rows = [cells_of(text, line.start, line.end) for line in lines]
    heads = _spread(_head_rows(rows), max(map(len, rows)))
    shared = _unit_in(caption)
    for row in rows[len(heads) :]:
        head = _row_head(row)
        for column, cell in enumerate(row):
            amount = None if cell is head else _amount(text, cell)
            if amount is None:
                continue
            above = [other[column] for other in heads if column < len(other) and other[column].text]
            if (above and _ORDER_HEAD.match(above[-1].text)) or (head is None and not above):
                continue
            found = _number_cell(amount, head, above, shared, (row[0].start, row[-1].end))
            if found is not None:
                yield found


def _number_cell(
    amount: Amount, head: Cell | None, above: list[Cell], shared: Unit | None, row: tuple[int, int]
) -> NumberCell | None:
    row_words = "" if head is None else _words(head.text)
    column_words = [_words(cell.text) for cell in above]
    telling = [
        words for words in column_words if words and not _GENERIC_HEAD.match(words) and not _YEAR_HEAD.fullmatch(words)
    ]
    subject = (row_words if not _GENERIC_HEAD.match(row_words) else "") + "".join(telling)
    if not subject:
        return None
    if amount.unit is None:
        texts = [cell.text for cell in reversed(above)] + ([] if head is None else [head.text])
        unit = next((unit for unit in map(_unit_in, texts) if unit is not None), shared)
        if unit is not None:
            amount.unit = unit
            amount.value *= unit.scale
    year = None
    for cell in above:
        match = _YEAR_HEAD.search(cell.text)
        if match is not None:
            year = (cell.start + match.start(), cell.start + match.end())
    return NumberCell(amount, subject, (row_words, *column_words), year, row)


def _head_rows(rows: list[list[Cell]]) -> list[list[Cell]]:
    heads = []
    for row in rows[:MAX_HEAD_ROWS]:
        if any(_is_number(cell.text) and not _YEAR_HEAD.fullmatch(cell.text) for cell in row):
            break
        heads.append(row)
    return heads if len(heads) < len(rows) else []


def _spread(heads: list[list[Cell]], width: int) -> list[list[Cell]]:
    """Two head rows whose cells were merged: the short second row stands under the first column that is no row head.

    类别 | 立案(起)    | 罚款(万元)        类别 | 立案(起) | 立案(起) | 罚款(万元)
         | 2023 | 2024 |              →         | 2023年   | 2024年   |
    """
    if len(heads) != 2:
        return heads
    first, second = heads
    if len(first) == width:  # a merged cell left its text in its first column
        filled = list(first)
        for column in range(1, width):
            if not filled[column].text and column < len(second) and second[column].text:
                filled[column] = filled[column - 1]
        return [filled, second]
    under = [cell for cell in second if cell.text]
    if len(first) < 2 or len(first) + len(under) - 1 != width:
        return heads
    blank = Cell(first[0].start, first[0].start, "")
    return [
        [first[0], *[first[1]] * len(under), *first[2:]],
        [blank, *under, *[blank] * (len(first) - 2)],
    ]


def _row_head(row: list[Cell]) -> Cell | None:
    for cell in row[:3]:
        if cell.text and not _is_number(cell.text):
            return cell
    return None


def _words(head: str) -> str:
    return _NUMBERING.sub("", _UNIT.sub("", head)).strip(" :：")


def _unit_in(text: str) -> Unit | None:
    for match in _UNIT.finditer(text):
        unit = units().get(match["unit"] or match["caption"])
        if unit is not None:
            return unit
    return None


def _is_number(cell: str) -> bool:
    return (
        bool(cell)
        and len(cell) <= MAX_NUMBER_CELL
        and cell[0] in "0123456789"
        and _amount(cell, Cell(0, len(cell), cell)) is not None
    )


def _amount(text: str, cell: Cell) -> Amount | None:
    """The amount that is all the cell says, or None."""
    if not cell.text or len(cell.text) > MAX_NUMBER_CELL:
        return None
    numeral = next(find_numerals(text, cell.start, cell.end), None)
    if numeral is None or numeral.start != cell.start or numeral.kind is not Kind.ARABIC or numeral.value is None:
        return None
    unit, end = None, numeral.end
    if end < cell.end:
        at = end + (text[end] == " ")
        unit = find_unit(text, at)
        if unit is None or at + len(unit.written) != cell.end:
            return None
        end = cell.end
    return Amount(
        start=cell.start, end=end, numeral_start=numeral.start, numeral_end=numeral.end, unit_end=end, kind=numeral.kind,
        value=numeral.value * (1.0 if unit is None else unit.scale), value_to=None, unit=unit,
        qualifier="more_than" if numeral.more else "exact", rule="table_cell",
    )  # fmt: skip
