"""What the text says of the body that speaks in it, where no name says it: its place and its level."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from services.normalizer.divisions import divisions
from services.normalizer.place_names import Named, name_parts
from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.reading import Reading
    from shared.events import Level

_RULES = rules("services.normalizer", "document")
_CLAUSE_START = _RULES.pattern("clause_start")
_COMMITTEE_FIRST = _RULES.pattern("committee_first")
_OTHERS = _RULES.pattern("others")
_OWN_BODIES = _RULES.pattern("own_bodies")
_NO_NAME = _RULES.pattern("no_name")
_GOES_ON = _RULES.pattern("goes_on")
_OWN_GOVERNMENT = _RULES.pattern("own_government")
_NO_ISSUER = _RULES.words("no_issuer")
_COMMON_NAMES = _RULES.words("common_names")
#: In this order: a department's report speaks of 我县 too.
_SPEAKS_AS: tuple[Level, ...] = ("department", "township", "county")
_SPEAKERS = tuple((level, _RULES.pattern(f"speaks_as_{level}")) for level in _SPEAKS_AS)

#: Characters of the text in which its place is the subject, and of one clause.
_OPENING, _CLAUSE = 400, 40
#: Characters of the text in which a body that is not named may speak of itself.
_FIRST_PERSON = 1500
#: A name that the table of divisions does not know has no more characters than this: 云河市; 青石江路街道.
_LONGEST_UNKNOWN, _LONGEST_TOWN = 5, 7


def own_level(reading: Reading) -> Level | None:
    """The level of a body that the page does not name, by what it calls itself (我局, 我镇) or by whom it has meet."""
    start, end = reading.body
    text = reading.page[start : min(start + _FIRST_PERSON, end)]
    spoken = next((level for level, pattern in _SPEAKERS if pattern.search(text)), None)
    governs = None if spoken else _OWN_GOVERNMENT.search(text)
    return cast("Level", governs.lastgroup) if governs else spoken


def government_of_opening(reading: Reading) -> str | None:
    """The government of the place that the first sentences name as their subject."""
    start, end = reading.body[0], min(reading.body[0] + _OPENING, reading.body[1])
    for found in _CLAUSE_START.finditer(reading.page, start, end):
        clause = reading.page[found.end() : found.end() + _CLAUSE]
        named = name_parts(clause)
        committee = None if named.is_place() else _COMMITTEE_FIRST.match(clause)
        if committee:
            named = name_parts(committee[1] + clause[committee.end() :])
        place = clause[: named.length]
        if not place or clause.startswith(_NO_ISSUER) or not _may_be_named(named):
            continue
        if _OTHERS.match(named.rest) and not _OWN_BODIES.match(named.rest):
            continue
        reading.found["issuer"] = found.end(), found.end() + len(place)
        return government_of(place, named, short=is_short(reading))
    return None


def _may_be_named(named: Named) -> bool:
    """Whether the lowest part of a place reads like a name that is the subject, not like the beginning of a clause."""
    lowest = named.township or named.zone or named.county or named.city or named.province or ""
    if lowest in divisions():
        return lowest not in _COMMON_NAMES or named.city is not None or named.province is not None
    longest = _LONGEST_TOWN if named.township else _LONGEST_UNKNOWN
    is_name = len(lowest) <= longest and _NO_NAME.search(lowest) is None
    return is_name and _GOES_ON.match(named.rest) is not None


def is_short(reading: Reading) -> bool:
    """Whether the text calls the government of a zone 管委会 only."""
    text = reading.page[slice(*reading.body)]
    return "管委会" in text and "管理委员会" not in text


def government_of(place: str, named: Named, *, short: bool = False) -> str:
    """The name of the body that governs `place`; `short` where the report writes 管委会."""
    if named.zone:
        return place + ("管委会" if short else "管理委员会")
    if named.corps and place.endswith(("兵团", "师", "团", "团场")):
        return place
    if named.township and place.endswith("街道"):
        return place + "办事处"
    if place.endswith(("盟", "地区")):
        return place + "行政公署"
    return place + "人民政府"
