"""Whether a number is itself a rate or an amount of change: 同比下降10.2%, 上升1位, 较上年增加3件."""

from __future__ import annotations

from typing import Literal

from shared.rules import rules

Change = Literal["increase", "decrease"]

_RULES = rules("services.extractor", "rules/change")
_RATE = _RULES.pattern("rate")
_RATE_OVER_OBJECT = _RULES.pattern("rate_over_object")
_SIGN = _RULES.pattern("sign")
_COUNT = _RULES.pattern("count")
_TIME = _RULES.pattern("time")
_NAME = _RULES.pattern("name")
_LEVEL = _RULES.words("levels")
_NAMED_CHANGE = _RULES.words("named_changes")
_FALLS = frozenset(_RULES.words("falls"))
#: The verbs behind which the object of a change stands.
OVER_OBJECT = frozenset(_RULES.words("over_object"))


def change_of(before: str, quantity: str, unit: str | None) -> Change | None:
    """The direction of the change that a number states, from its clause `before` it; None where it is a level."""
    if before.endswith(_LEVEL) and not before.endswith(_NAMED_CHANGE):
        return None
    if quantity == "rate":
        if _NAME.search(before):
            return None
        match = _RATE.search(before)
        if match is not None:
            return _direction(match["verb"])
        sign = _SIGN.search(before)
        if sign is not None:
            return "increase" if sign.group()[-1] in "+↑" else "decrease"
        return "decrease" if unit == "%" and _RATE_OVER_OBJECT.search(before) else None
    match = _COUNT.search(before) or (_TIME.search(before) if quantity == "duration" else None)
    return None if match is None else _direction(match["verb"])


def verb_over_object(before: str) -> str:
    """The verb of a change whose object stands between it and the rate: 压减|材料62%; "" for none."""
    match = _RATE_OVER_OBJECT.search(before)
    return "" if match is None else match["verb"] or ""


def _direction(verb: str) -> Change:
    return "decrease" if verb in _FALLS else "increase"
