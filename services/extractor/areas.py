"""Parts by area or level: 收到申请1386件,其中市本级594件、县(市、区)792件.

Such a number counts what the number before it counts, in a part of the territory. Its own words are nothing but the
name of that part, so it takes the noun of the whole, and what follows it goes on about the whole.
"""

from __future__ import annotations

from shared.rules import rules

_RULES = rules("services.extractor", "rules/areas")
_OWN = _RULES.pattern("own")
_NAMED = _RULES.pattern("named")
_NO_PLACE = _RULES.pattern("no_place")
_LEVELS = _RULES.pattern("levels")
_OF_LEVEL = _RULES.pattern("of_level")
_TERRITORY = _RULES.pattern("territory")
#: The longest name of a part with the signs around it.
MAX_AREA = 16


def area_of(before: str, *, divided: bool) -> str:
    """The area or level that the words before a number name, where they say nothing else; "" where they do.

    `divided`: behind 其中, where the name of a place is enough.
    """
    if len(before) > MAX_AREA:
        return ""
    match = _OWN.match(before)
    if match is None and divided:
        match = _NAMED.match(before)
        if match is not None and _NO_PLACE.search(match["area"]):
            return ""
    return "" if match is None else match["area"]


def levels_of(before: str) -> list[str]:
    """市县两级分别达到95%和91%: the levels that the words before an amount hand numbers to; [] where they say more."""
    match = _LEVELS.search(before)
    return [f"{level}级" for level in match["levels"]] if match is not None else []


def is_territory(head: str) -> bool:
    """Whether the head of a table's row or column names an area or a level: 市本级, 云岭县, 各县(市、区)."""
    return _TERRITORY.match(head) is not None and _NO_PLACE.search(head) is None


def of_other_level(level: str, name: str) -> str:
    """省级事项网上可办率, of the 市级 → 市级事项网上可办率."""
    return level + _OF_LEVEL.sub("", name)


def is_area(head: str) -> bool:
    """Whether it names an area, a level or a body: 城管局."""
    return is_territory(head) or (2 < len(head) <= 10 and head.endswith("局"))
