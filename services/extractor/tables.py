"""Numbers in table cells: their words are the heads of their row and column.

    项目                数量   备注
    收到复议申请(件)     41    含网上申请19件      41 件, subject 收到复议申请

    地区       复议收案(件)   同比(%)
    市本级     594           -3.2               594 件, scope 市本级; 3.2 %, change decrease

A table is a run of lines whose cells are separated by tabs. A cell that holds a number and nothing else takes its unit
from itself, from the brackets of its heads, from a column of units, or from a "单位:件" in the caption; its scope from
a head that names an area or a body. Cells with words are read as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from services.extractor.amounts import Amount
from services.extractor.areas import is_area
from services.extractor.clauses import Paragraph, paragraphs
from services.extractor.numbers import Kind, Numeral, find_numerals
from services.extractor.qualifiers import hedge_after, hedge_before
from services.extractor.rules import rules
from services.extractor.units import Unit, find_unit, units

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from shared.events import Qualifier

#: Head rows of one table; more rows without a number are text.
MAX_HEAD_ROWS = 3
#: Characters of a cell that may be a number with its unit.
MAX_NUMBER_CELL = 16
#: Characters of two labels of one row that stand together as its head: 行政处罚|立案.
MAX_LABELS = 24
#: Characters of each of the two lines above a table that may name it.
MAX_CAPTION = 40

_RULES = rules("rules/tables")
_UNIT = _RULES.pattern("unit")
_UNIT_SIGN = _RULES.pattern("unit_sign")
_UNIT_TAIL = _RULES.pattern("unit_tail")
_MONEY_HEAD = _RULES.pattern("money_head")
_RATE_HEAD = _RULES.pattern("rate_head")
_GENERIC_HEAD = _RULES.pattern("generic_head")
_PLAN_HEAD = _RULES.pattern("plan_head")
_ORDER_HEAD = _RULES.pattern("order_head")
_UNIT_HEAD = _RULES.pattern("unit_column")
_HOLDER_HEAD = _RULES.pattern("holder_head")
_NO_LABEL_HEAD = _RULES.pattern("no_label_head")
_TOTAL = _RULES.pattern("total")
_CHANGE_HEAD = _RULES.pattern("change_head")
_YEAR_HEAD = _RULES.pattern("year_head")
_YEAR = _RULES.pattern("year_cell")
_YEARS_HEAD = _RULES.pattern("years_head")
_NUMBERING = _RULES.pattern("numbering")
_CAPTION_NOUN = _RULES.pattern("caption_noun")
_SIGN = _RULES.words("signs")
_FALLING = _RULES.words("falling_signs")
_FALLS = _RULES.words("falls")
_NO_CHANGE = _RULES.words("no_change")


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
    year: tuple[int, int] | None  # span of the year that its column or its row is for
    row: tuple[int, int]
    scope: str | None = None  # the area or the body that its row or its column is of
    planned: bool = False  # a column of targets


@dataclass(slots=True)
class _Table:
    """What holds for all cells of one table."""

    heads: list[list[Cell]]
    caption: str
    units_at: int | None  # the column that holds the units of the rows
    holders_at: int | None  # the column that names areas or bodies


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """The cells of one line."""
    found, at = [], start
    for piece in text[start:end].split("\t"):
        stripped = piece.strip()
        offset = at + (len(piece) - len(piece.lstrip())) if stripped else at
        found.append(Cell(offset, offset + len(stripped), stripped))
        at += len(piece) + 1
    return found


def tables_of(text: str) -> list[NumberCell]:
    """The number cells of all tables of `text`, in text order."""
    if "\t" not in text:
        return []
    found: list[NumberCell] = []
    table: list[Paragraph] = []
    caption = above = ""
    for line in paragraphs(text):
        words = text[line.start : line.end]
        if "\t" in words:
            caption = caption if table else above
            table.append(line)
            continue
        if table:
            found += number_cells(text, table, caption)
            table = []
        above = f"{above[-MAX_CAPTION:]} {words[-MAX_CAPTION:]}"  # a line on its units may stand between a table and its name
    if table:
        found += number_cells(text, table, caption)
    return found


def number_cells(text: str, lines: Sequence[Paragraph], caption: str) -> Iterator[NumberCell]:
    """The numbers of one table, row by row. `caption` is the text above it."""
    rows = [cells_of(text, line.start, line.end) for line in lines]
    while len(rows) > 1 and len(rows[0]) > 1 and _is_caption(rows[0]):
        caption += " " + " ".join(cell.text for cell in rows.pop(0) if cell.text)
    heads = _spread(_head_rows(rows), max(map(len, rows)))
    table = _table(heads, rows[len(heads) :], caption)
    group = ""
    for row in rows[len(heads) :]:
        labels = _labels(row, table)
        if row[0].text:
            group = row[0].text if len(labels) > 1 else ""
        elif group and labels:
            labels = [Cell(row[0].start, row[0].start, group), *labels]
        yield from _row_cells(text, row, labels, table)


def _is_caption(row: list[Cell]) -> bool:
    """The table's name over all of its columns, or a row such as 填报单位:… | 单位:件."""
    cells = [cell.text for cell in row if cell.text]
    return len(cells) == 1 or all(":" in cell or "：" in cell for cell in cells)


def _row_cells(text: str, row: list[Cell], labels: list[Cell], table: _Table) -> Iterator[NumberCell]:
    for column, cell in enumerate(row):
        amount = None if cell in labels or column == table.units_at else _amount(text, cell)
        if amount is None:
            continue
        above = [other[column] for other in table.heads if column < len(other) and other[column].text]
        if (above and _ORDER_HEAD.match(above[-1].text)) or not (labels or above):
            continue
        found = _number_cell(amount, labels, above, row, table)
        if found is not None:
            yield found


def _table(heads: list[list[Cell]], body: list[list[Cell]], caption: str) -> _Table:
    units_at = holders_at = None
    for head in heads:
        for column, cell in enumerate(head):
            words = _words(cell.text)
            if _UNIT_HEAD.match(words) and _are_units(body, column):
                units_at = column
            elif holders_at is None and _HOLDER_HEAD.search(words) and not _NO_LABEL_HEAD.search(words):
                holders_at = column
    return _Table(heads, caption, units_at, holders_at)


def _are_units(body: list[list[Cell]], column: int) -> bool:
    cells = [row[column].text for row in body if column < len(row) and row[column].text]
    return bool(cells) and all(cell in units() for cell in cells)


def _labels(row: list[Cell], table: _Table) -> list[Cell]:
    """The cells in front of a row's numbers that name what it counts: one, or a kind and its part."""
    found: list[Cell] = []
    for column, cell in enumerate(row[:4]):
        if not cell.text or column == table.units_at:
            continue
        heads = [head[column].text for head in table.heads if column < len(head)]
        if any(_ORDER_HEAD.match(head) for head in heads):
            continue
        of_year = any(_YEARS_HEAD.match(head) for head in heads)
        if (_is_number(cell.text) and not of_year) or (found and any(_NO_LABEL_HEAD.search(head) for head in heads)):
            break
        found.append(cell)
    if len(found) > 1 and (len(found) > 2 or sum(len(cell.text) for cell in found) > MAX_LABELS):
        return found[:1]
    if len(found) > 1 and not any(_is_number(cell.text) for cell in row[row.index(found[-1]) :]):
        return found[:1]  # words behind the only label are a remark
    return found


def _number_cell(
    amount: Amount, labels: list[Cell], above: list[Cell], row: list[Cell], table: _Table
) -> NumberCell | None:
    row_words = "".join(_words(cell.text) for cell in labels)
    if _says_no_thing(row_words):
        row_words = ""
    column_words = [_words(cell.text) for cell in above]
    telling = [words for words in column_words if words and not _says_no_thing(words)]
    places = [words for words in telling if is_area(words)]
    things = [words for words in telling if words not in places]
    named = "" if _TOTAL.match(row_words) else row_words
    if not things and (not named or is_area(named)):
        things = [_noun_of(table.caption)]  # 市本级 | 2023年: the table's name says what of
        column_words = [*column_words, *things]
    subject = "".join((*places, named, *things))
    if not subject:
        return None
    own = None if table.units_at is None or table.units_at >= len(row) else units().get(row[table.units_at].text)
    _give_unit(amount, own, [cell.text for cell in (*reversed(above), *reversed(labels))], table.caption)
    _give_change(amount, column_words)
    year = None
    for cell in (*labels, *above):
        match = _YEAR_HEAD.search(cell.text)
        if match is not None:
            year = (cell.start + match.start(), cell.start + match.end())
    at = table.holders_at
    held = at is not None and at < len(row) and bool(labels) and labels[0].start == row[at].start
    scope = _scope(labels, above, held=held)
    planned = any(_PLAN_HEAD.search(words) for words in column_words)
    heads = (row_words, *column_words)
    return NumberCell(amount, subject, heads, year, (row[0].start, row[-1].end), scope, planned)


def _noun_of(caption: str) -> str:
    """What the table's name says it counts: 附件1:2023年行政应诉情况统计表 → 行政应诉."""
    name = _CAPTION_NOUN.search(_UNIT.sub("", caption))
    return "" if name is None else name["noun"]


def _says_no_thing(words: str) -> bool:
    """Whether a head only says that here is a number, of which year, or how it changed."""
    return bool(_GENERIC_HEAD.match(words) or _YEAR_HEAD.fullmatch(words)) or (
        _CHANGE_HEAD.match(words) is not None and len(words) <= len("较上年同期增减情况")
    )


def _scope(labels: list[Cell], above: list[Cell], *, held: bool) -> str | None:
    """The area or the body that a head names; a total has none."""
    for cell in labels[:1]:
        words = _words(cell.text)
        if _TOTAL.match(words):
            return None
        if held or is_area(words):
            return words
    return next((words for words in (_words(cell.text) for cell in above) if is_area(words)), None)


def _give_unit(amount: Amount, unit: Unit | None, heads: list[str], caption: str) -> None:
    """The unit of a bare number: of its row's column of units, its heads' brackets, their words, or the caption."""
    if amount.unit is not None:
        return
    if unit is None:
        unit = next((found for found in map(_unit_in, heads) if found is not None), None)
    if unit is None:
        unit = _unit_of_caption(caption, "".join(heads)) or next(
            (found for found in map(_unit_of_words, heads) if found is not None), None
        )
    if unit is not None:
        amount.unit = unit
        amount.value *= unit.scale


def _unit_of_caption(caption: str, heads: str) -> Unit | None:
    """单位:件、万元 gives money to what is money, % to rates, and the other unit to the rest."""
    for match in _UNIT.finditer(caption):
        found = [units()[name] for name in _UNIT_SIGN.split(match["unit"] or match["caption"]) if name in units()]
        if len(found) == 1:
            return found[0]
        wanted = "money" if _MONEY_HEAD.search(heads) else "rate" if _RATE_HEAD.search(heads) else "count"
        fitting = [unit for unit in found if unit.quantity == wanted]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _unit_of_words(head: str) -> Unit | None:
    match = _UNIT_TAIL.search(_words(head))
    return None if match is None else units().get(match["counted"] or match["plain"])


def _give_change(amount: Amount, heads: list[str]) -> None:
    """A column of changes: a sign or the head says which way."""
    if not any(_CHANGE_HEAD.search(words) and not words.endswith(_NO_CHANGE) for words in heads):
        return
    if amount.change is None:
        falls = any(words.endswith(_FALLS) for words in heads)
        amount.change = "decrease" if falls else "increase"


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


def _words(head: str) -> str:
    return _NUMBERING.sub("", _UNIT.sub(_without_units, head)).strip(" :：")


def _without_units(found: re.Match[str]) -> str:
    """Nothing for 收案(件), the bracket itself for 各乡(镇)."""
    names = _UNIT_SIGN.split(found["unit"] or "")
    return found.group() if found["unit"] and not any(name in units() for name in names) else ""


def _unit_in(text: str) -> Unit | None:
    for match in _UNIT.finditer(text):
        unit = units().get(match["unit"] or match["caption"])
        if unit is not None:
            return unit
    return None


def _is_number(cell: str) -> bool:
    return bool(cell) and len(cell) <= MAX_NUMBER_CELL and _amount(cell, Cell(0, len(cell), cell)) is not None


def _numeral(text: str, cell: Cell) -> Numeral | None:
    if not cell.text or len(cell.text) > MAX_NUMBER_CELL or _YEAR.fullmatch(cell.text):
        return None
    numeral = next(find_numerals(text, cell.start, cell.end), None)
    return numeral if numeral is not None and numeral.kind is Kind.ARABIC else None


def _amount(text: str, cell: Cell) -> Amount | None:
    """The amount that is all the cell says, or None."""
    numeral = _numeral(text, cell)
    if numeral is None or numeral.value is None:
        return None
    hedge = None
    signed = numeral.start == cell.start + 1 and cell.text[0] in _SIGN
    if numeral.start != cell.start and not signed:
        hedge = hedge_before(text, numeral.start, cell.start)
        if hedge is None or hedge.edge != cell.start:
            return None
    unit, end = None, numeral.end
    if end < cell.end:
        at = end + (text[end] == " ")
        unit = find_unit(text, at)
        end = at if unit is None else at + len(unit.written)
        if end < cell.end:
            hedge = hedge_after(text, end, duration=unit is not None and unit.quantity == "duration")
            if hedge is None or hedge.edge != cell.end:
                return None
        if unit is None and hedge is None:
            return None
    qualifier: Qualifier = "more_than" if numeral.more else "exact"
    return Amount(
        start=numeral.start if signed else cell.start, end=cell.end, numeral_start=numeral.start,
        numeral_end=numeral.end, unit_end=end, kind=numeral.kind,
        value=numeral.value * (1.0 if unit is None else unit.scale), value_to=None, unit=unit,
        qualifier=qualifier if hedge is None else hedge.qualifier, rule="table_cell",
        change=None if not signed else "decrease" if cell.text[0] in _FALLING else "increase",
    )  # fmt: skip
