"""The parts of the place that the name of a body begins with: what the name says by its own form.

The table of divisions only cuts a name where its parts end (沙市区). It never adds a name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from services.normalizer.divisions import MUNICIPALITIES, known_at, province_in_short
from shared.rules import rules

_RULES = rules("services.normalizer", "places")
_PROVINCE = _RULES.pattern("province")
_CITY = _RULES.pattern("city")
_COUNTY = _RULES.pattern("county")
_ZONE = _RULES.pattern("zone")
_TOWNSHIP = _RULES.pattern("township")
_ZONE_SIGNS = _RULES.words("zone_signs")
_NO_PART = _RULES.pattern("no_part")
_CORPS = _RULES.pattern("corps")
_REGIMENT = _RULES.pattern("regiment")


class Named(NamedTuple):
    """The parts of a body's name, as written; `rest` is what follows the place."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    zone: str | None = None
    township: str | None = None
    corps: str | None = None  # the production corps or its division, alone or before its city
    rest: str = ""
    length: int = 0  # characters of the place part

    def is_place(self) -> bool:
        return self.length > 0


@lru_cache(maxsize=1024)
def name_parts(name: str) -> Named:  # noqa: C901 - one branch a part of the name, in the order of the name
    """The parts of the place that `name` begins with, 中共 before it aside; an empty one where it begins with none."""
    at = 2 if name.startswith("中共") else 0
    city = county = zone = township = None
    corps = _match(_CORPS, name, at)
    at += len(corps or "")
    province, short = province_in_short(name, at)
    at += short
    found = None if province else known_at(name, at, "province") or _match(_PROVINCE, name, at)
    if found:
        province, at = found, len(found)
    found = known_at(name, at, "city")
    if found is None and province not in MUNICIPALITIES and not known_at(name, at, "county"):
        found = _match(_CITY, name, at)
        if found:
            shorter = [_zone(name, at), _match(_COUNTY, name, at)]
            if any(other and len(other) <= len(found) and other != found for other in shorter):
                found = None
    if found:
        city, at = found, at + len(found)
    found = known_at(name, at, "county")
    if found is None:
        zone = _zone(name, at)
        found = _match(_COUNTY, name, at)
        if zone and found and len(found) < len(zone) and not zone.startswith(found[:-1] + "区"):
            zone = None
        if zone:
            found = None
    if found:
        county, at = found, at + len(found)
        zone = _zone(name, at)
    if zone:
        at += len(zone)
    found = _match(_TOWNSHIP, name, at) or (_match(_REGIMENT, name, at) if corps else None)
    if found:
        township, at = found, at + len(found)
    return Named(province, city, county, zone, township, corps, name[at:], at)


def body_parts(body: str) -> Named:
    """The parts of the place of `body`, also of a body of the state or of a party, whose names begin or go on otherwise."""
    return name_parts(_NO_PART.sub("|", body).lstrip("|"))


def _zone(name: str, at: int) -> str | None:
    """The zone that stands at `at`. Its pattern is the slowest of all: a name without a sign that each zone holds is not
    matched with it.
    """
    return _match(_ZONE, name, at) if any(map(name.__contains__, _ZONE_SIGNS)) else None


def _match(pattern: re.Pattern[str], name: str, at: int) -> str | None:
    found = pattern.match(name, at)
    return found[0] if found and "局" not in found[0] else None
