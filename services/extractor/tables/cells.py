"""Cells of tables, and the amounts that a cell may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from services.extractor.amount import Amount
from services.extractor.numbers import Kind, Numeral, find_numerals
from services.extractor.qualifiers import hedge_after, hedge_before
from services.extractor.units import find_unit
from shared.rules import rules

if TYPE_CHECKING:
    from shared.events import Qualifier

#: Characters of a cell that may be a number with its unit.
MAX_NUMBER_CELL = 16
_RULES = rules("services.extractor", "rules/tables")
_YEAR = _RULES.pattern("year_cell")
_SIGN = _RULES.words("signs")
_FALLING = _RULES.words("falling_signs")


class Cell(NamedTuple):
    """One cell, `text[start:end]`, without white space at its edges."""

    start: int
    end: int
    text: str


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """The cells of one line."""
    found, at = [], start
    for piece in text[start:end].split("\t"):
        stripped = piece.strip()
        offset = at + (len(piece) - len(piece.lstrip())) if stripped else at
        found.append(Cell(offset, offset + len(stripped), stripped))
        at += len(piece) + 1
    return found


def is_number(cell: str) -> bool:
    return bool(cell) and len(cell) <= MAX_NUMBER_CELL and amount_of(cell, Cell(0, len(cell), cell)) is not None


def amount_of(text: str, cell: Cell) -> Amount | None:
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
        unit = find_unit(text, at + (text[at] in "(（"))
        end = at if unit is None else at + len(unit.written) + 2 * (text[at] in "(（")  # 152(件)
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


def _numeral(text: str, cell: Cell) -> Numeral | None:
    if not cell.text or len(cell.text) > MAX_NUMBER_CELL or _YEAR.fullmatch(cell.text):
        return None
    numeral = next(find_numerals(text, cell.start, cell.end), None)
    return numeral if numeral is not None and numeral.kind is Kind.ARABIC else None
