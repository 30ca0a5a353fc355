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

from services.extractor.areas import is_area
from services.extractor.tables.cells import Cell, amount_of, is_number
from services.extractor.tables.heads import (
    as_group,
    give_change,
    give_unit,
    head_rows,
    is_bare_act,
    noun_of,
    says_no_thing,
    scope_of,
    spread,
    with_noun,
    words_of,
)
from services.extractor.units import Unit, units
from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.extractor.amount import Amount

#: Characters of two labels of one row that stand together as its head: 行政处罚|立案.
MAX_LABELS = 24
#: Rows that a total sums up at least; a total of one row is that row again.
MIN_SUMMED = 2
_RULES = rules("services.extractor", "rules/tables")
_PLAN_HEAD = _RULES.pattern("plan_head")
_ORDER_HEAD = _RULES.pattern("order_head")
_UNIT_HEAD = _RULES.pattern("unit_column")
_KINDS_HEAD = _RULES.pattern("kinds_head")
_TWO_THINGS = _RULES.pattern("two_things")
_SUM = _RULES.pattern("sum")
_SUBTOTAL = _RULES.pattern("subtotal")
_HOLDER_HEAD = _RULES.pattern("holder_head")
_NO_LABEL_HEAD = _RULES.pattern("no_label_head")
_MONEY_HEAD = _RULES.pattern("money_head")
_CHANGE_HEAD = _RULES.pattern("change_head")
_MONTHS_HEAD = _RULES.pattern("months_head")
_TOTAL = _RULES.pattern("total")
_YEAR_HEAD = _RULES.pattern("year_head")
_YEARS_HEAD = _RULES.pattern("years_head")
_PART_ROW = _RULES.pattern("part_row")
_BLANK = _RULES.pattern("blank_cell")


class NumberCell(NamedTuple):
    """A cell that is a number: its amount, its words and the heads they came from."""

    amount: Amount
    subject: str
    heads: tuple[str, ...]  # row head, then column heads
    year: tuple[int, int] | None  # span of the year, or of the part of one, that its column or its row is for
    row: tuple[int, int]
    scope: str | None = None  # the area or the body that its row or its column is of
    planned: bool = False  # a column of targets
    subset: bool = False  # a row or a column that another one sums up with others
    column: int = 0
    parts: tuple[int, ...] = ()  # of a total, where the amounts of its column begin that it sums up


@dataclass(slots=True)
class _Table:
    """What holds for all cells of one table."""

    heads: list[list[Cell]]
    caption: str
    units_at: int | None  # the column that holds the units of the rows
    holders_at: int | None  # the column that names areas or bodies
    beside: list[Unit | None]  # of each column, the unit that its cells carry
    noun: str  # what the table counts, by the head of its kinds or by its name
    totalled: bool  # a row holds the totals of all others
    kinds: bool  # its rows are the kinds of one thing: 案件类型 | 件数


class _Column(NamedTuple):
    """The place of one cell: its row, its column, its table."""

    row: list[Cell]
    at: int
    table: _Table

    @property
    def unit(self) -> Unit | None:
        """The unit that the row's column of units gives."""
        at = self.table.units_at
        return None if at is None or at >= len(self.row) else units().get(self.row[at].text)

    @property
    def summed(self) -> bool:
        """Whether another column under the same head holds the sum of this one and others."""
        if len(self.table.heads) < 2 or self.at >= len(self.table.heads[-1]):
            return False
        over, own = self.table.heads[-2], self.table.heads[-1]
        group = over[self.at] if self.at < len(over) else None
        if group is None or not group.text or _TOTAL.match(words_of(own[self.at].text)):
            return False
        return any(
            other is group and _TOTAL.match(words_of(own[column].text))
            for column, other in enumerate(over)
            if column < len(own)
        )

    def is_part(self, labels: list[Cell]) -> bool:
        """Whether a row of totals holds the sum of this row and others: a kind of the table's things, a subtotal."""
        words = words_of(labels[0].text) if labels else ""
        if _SUBTOTAL.match(words):
            return self.table.totalled
        return self.table.kinds and self.table.totalled and not _TOTAL.match(words)


def number_cells(text: str, rows: list[list[Cell]], caption: str) -> Iterator[NumberCell]:
    """The numbers of one table, row by row. `caption` is the text above it."""
    while len(rows) > 1 and len(rows[0]) > 1 and _is_caption(rows[0]):
        caption += " " + " ".join(cell.text for cell in rows.pop(0) if cell.text)
    heads = spread(head_rows(rows), max(map(len, rows)))
    table = _table(heads, rows[len(heads) :], caption)
    group, whole = "", None
    alone = len(rows) == len(heads) + 1
    sums = _Sums(rows[len(heads) :])
    for row in rows[len(heads) :]:
        labels = _labels(row, table)
        if alone and table.holders_at is not None and labels and labels[0] == row[table.holders_at]:
            labels = []  # the only row is of the body that reports
        if labels and _PART_ROW.match(labels[0].text):
            labels = labels if whole is None else [whole, *labels]
        elif row[0].text:
            group = row[0].text if len(labels) > 1 else ""
            whole = labels[0] if len(labels) == 1 else None
        elif group and labels:
            labels = [Cell(row[0].start, row[0].start, group), *labels]
        yield from map(sums.noted, _row_cells(text, row, labels, table))


class _Sums:
    """What the last row sums up where it holds the totals: the rows above it, none of them a sum or a part of another."""

    def __init__(self, body: list[list[Cell]]) -> None:
        firsts = [cell.text for row in body for cell in row[:2]]
        plain = sum(_TOTAL.match(words) is not None for words in firsts) == 1 and not any(map(_PART_ROW.match, firsts))
        last = body[-1][:2] if body else []
        self._total = last[0].start if plain and any(_is_sum(cell.text) for cell in last) else None
        self._columns: dict[int, list[Amount]] = {}

    def noted(self, cell: NumberCell) -> NumberCell:
        """The cell; a total of counts with the places of those that it sums up."""
        amount = cell.amount
        above = self._columns.setdefault(cell.column, [])
        if self._total is None or cell.row[0] < self._total:
            above.append(amount)
            return cell
        counts = amount.change is None and (amount.unit is None or amount.unit.quantity == "count")
        if not counts or len(above) < MIN_SUMMED or any(other.unit != amount.unit for other in above):
            return cell
        return cell._replace(parts=tuple(other.start for other in above))


def _is_sum(words: str) -> bool:
    return _SUM.fullmatch(words) is not None


def _is_caption(row: list[Cell]) -> bool:
    """The table's name over all of its columns, or a row such as 填报单位:… | 单位:件."""
    cells = [cell.text for cell in row if cell.text]
    return len(cells) == 1 or all(":" in cell or "：" in cell for cell in cells)


def _row_cells(text: str, row: list[Cell], labels: list[Cell], table: _Table) -> Iterator[NumberCell]:
    for column, cell in enumerate(row):
        amount = None if cell in labels or column == table.units_at else amount_of(text, cell)
        if amount is None:
            continue
        if _has_own_label(row, column, labels, table):
            labels = [row[column - 1]]  # 持证人数 | 310 | 在编人数 | 280
        above = [other[column] for other in table.heads if column < len(other) and other[column].text]
        if (above and _ORDER_HEAD.match(above[-1].text)) or not (labels or above):
            continue
        found = _number_cell(amount, labels, above, _Column(row, column, table))
        if found is not None:
            yield found


def _has_own_label(row: list[Cell], column: int, labels: list[Cell], table: _Table) -> bool:
    """Whether a second label stands directly before the number, behind the number of the first."""
    before = row[column - 1] if column else None
    if before is None or not before.text or before in labels or column - 1 == table.units_at or column < 3:
        return False
    return not is_number(before.text) and not _BLANK.fullmatch(before.text) and is_number(row[column - 2].text)


def _table(heads: list[list[Cell]], body: list[list[Cell]], caption: str) -> _Table:
    units_at = holders_at = None
    for head in heads:
        for column, cell in enumerate(head):
            words = words_of(cell.text)
            if _UNIT_HEAD.match(words) and _are_units(body, column):
                units_at = column
            elif holders_at is None and _HOLDER_HEAD.search(words) and not _NO_LABEL_HEAD.search(words):
                holders_at = column
    beside = [_unit_of_column(body, column) for column in range(max(map(len, body), default=0))]
    kinds = next((found for head in heads if (found := _KINDS_HEAD.fullmatch(words_of(head[0].text)))), None)
    kind, named = (kinds["noun"] or "" if kinds is not None else ""), noun_of(caption)
    noun = named if named.endswith(kind) else kind  # 案件类型 below 行政复议案件统计表
    totalled = any(_is_total(cell) for row in body for cell in row[:2])
    return _Table(heads, caption, units_at, holders_at, beside, noun, totalled, kinds is not None)


def _is_total(cell: Cell) -> bool:
    words = words_of(cell.text)
    return _TOTAL.match(words) is not None and _SUBTOTAL.match(words) is None


def _unit_of_column(body: list[list[Cell]], column: int) -> Unit | None:
    """The unit that cells of a column carry, for those that carry none: 5.6%, 0, 4.8%."""
    amounts = (amount_of(row[column].text, Cell(0, len(row[column].text), row[column].text)) for row in body
               if column < len(row))  # fmt: skip
    found = {amount.unit.written: amount.unit for amount in amounts if amount is not None and amount.unit is not None}
    return next(iter(found.values())) if len(found) == 1 else None


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
        if found and _BLANK.fullmatch(cell.text):
            break
        if (is_number(cell.text) and not of_year) or (found and any(_NO_LABEL_HEAD.search(head) for head in heads)):
            break
        found.append(cell)
    if len(found) > 1 and (len(found) > 2 or sum(len(cell.text) for cell in found) > MAX_LABELS):
        return found[:1]
    if len(found) > 1 and not any(is_number(cell.text) for cell in row[row.index(found[-1]) :]):
        return found[:1]  # words behind the only label are a remark
    return found


def _number_cell(amount: Amount, labels: list[Cell], above: list[Cell], place: _Column) -> NumberCell | None:
    table, row = place.table, place.row
    named, things, heads = _said(labels, above, table)
    if not named and not things:
        return None
    give_unit(
        amount,
        place.unit,
        table.beside[place.at],
        [cell.text for cell in reversed(above)],
        [cell.text for cell in reversed(labels)],
        table.caption,
    )
    give_change(amount, [words_of(cell.text) for cell in above])
    at = table.holders_at
    held = at is not None and at < len(row) and bool(labels) and labels[0].start == row[at].start
    return NumberCell(
        amount,
        things if named and things.startswith(named) else named + things,  # 罚款 | 罚款金额
        heads,
        _year_of(labels, above),
        (row[0].start, row[-1].end),
        scope_of(labels, above, held=held),
        any(_PLAN_HEAD.search(words_of(cell.text)) for cell in above),
        place.summed or place.is_part(labels),
        place.at,
    )


def _said(labels: list[Cell], above: list[Cell], table: _Table) -> tuple[str, str, tuple[str, ...]]:
    """Whose number it is, the thing that is counted, and the words of both as the metric is read from them."""
    noun = table.noun
    column_words = [words_of(cell.text) for cell in above]
    telling = [words for words in column_words if words and not says_no_thing(words)]
    places = [words for words in telling if is_area(words)]
    things = [words for words in telling if words not in places]
    row_words = "".join(
        with_noun(words, noun) if not things and is_bare_act(words) else words
        for words in (words_of(cell.text) for cell in labels)
    )
    if says_no_thing(row_words):
        row_words = ""
    elif not things and "金额" in column_words and not _MONEY_HEAD.search(row_words):
        row_words += "金额"  # 行政处罚 | 金额
    named = "" if _TOTAL.match(row_words) else row_words
    if not things and (not named or is_area(named)):
        things = [noun]  # 市本级 | 2023年: the table's name says what of
        column_words = column_words if _TWO_THINGS.search(noun) else [*column_words, noun]
    elif len(things) == 1 and is_bare_act(things[0]):
        things = [with_noun(things[0], noun)]  # 受理数量 of 行政许可
        column_words = [*things, *column_words]
    said = [*map(as_group, things[:-1]), *things[-1:]]
    heads = (row_words, *dict.fromkeys(words for words in column_words if words and not says_no_thing(words)))
    return "".join((*places, named)), "".join(said), heads


def _year_of(labels: list[Cell], above: list[Cell]) -> tuple[int, int] | None:
    year = None
    for cell in (*labels, *above):
        if _CHANGE_HEAD.search(cell.text):
            continue  # 比2022年增减
        match = _YEAR_HEAD.search(cell.text) or _MONTHS_HEAD.fullmatch(cell.text)
        if match is not None:
            year = (cell.start + match.start(), cell.start + match.end())
    return year
