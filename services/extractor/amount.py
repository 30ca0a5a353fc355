"""An amount: a numeral that says how much or how many, with its unit and its hedge; and a numeral that is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.extractor.numbers import Kind

if TYPE_CHECKING:
    from services.extractor.change import Change
    from services.extractor.units import Unit
    from shared.events import Qualifier

#: The rules that take a numeral, with what they mean (`fazhi extract --explain`).
TAKEN = {
    "amount": "A number with a measure word, a currency, a unit or a percent sign.",
    "rank": "A place in a field of competitors.",
    "rank_move": "Places won or lost in a ranking.",
    "zero_of_a_thing": "零 before an event or a case: none of it happened.",
    "number_alone": "A number without a measure word at the end of what it counts.",
    "from_to": "The start and the end of a change: one fact.",
    "range": "The two ends of a range: one fact.",
    "compound": "A duration in two units: one fact in the larger one.",
    "table_cell": "A table cell that holds a number; its words are the heads of row and column.",
}


@dataclass(slots=True)
class Left:
    """A numeral that is no fact, and the rule that says so."""

    start: int
    end: int
    rule: str


@dataclass(slots=True)
class Amount:
    """A numeral with its unit and hedges. `start:end` is the span of `number_text`."""

    start: int
    end: int
    numeral_start: int
    numeral_end: int
    unit_end: int  # end of the unit, before a hedge behind it
    kind: Kind
    value: float
    value_to: float | None
    unit: Unit | None
    qualifier: Qualifier
    rule: str
    change: Change | None = None
    pair_start: Amount | None = None  # set on the end value of a from/to pair
    one: bool = False  # an indefinite 一, kept only beside other counts


_CHINESE = Kind.CHINESE  # an attribute of an enum costs five times as much
#: How sure the reading of a number is, by the rule that took it. An order, not a frequency: over the annotated reports
#: more than 0.99 of the facts of each rule are right, and the rarer rules are set lower for want of proof.
_CONFIDENCE = {"amount": 0.98, "rank": 0.95, "number_alone": 0.8, "from_to": 0.97, "range": 0.9, "table_cell": 0.9}
#: The same, of a count in words, and of a number without a unit.
_SURE = {rule: (sure, round(sure - 0.06, 2), round(sure - 0.1, 2)) for rule, sure in _CONFIDENCE.items()}
_OTHERWISE = (0.93, 0.87, 0.83)


def confidence_of(amount: Amount) -> float:
    """0 … 1: how sure it is that this number is a fact with this value and unit."""
    sure, worded, bare = _SURE.get(amount.rule, _OTHERWISE)
    if amount.unit is None:
        return bare
    return worded if amount.kind is _CHINESE and amount.unit.quantity == "count" else sure
