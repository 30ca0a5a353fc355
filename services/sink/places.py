"""The places that reports speak of: their keys, and what lies in what. Pure."""

from __future__ import annotations

from typing import Any

from services.sink.texts import storable
from shared.events import Document

#: Names longer than this are no names; they are cut before they become keys.
MAX_NAME = 80
#: Two for the province, two for the city, two for the county (GB/T 2260).
_CODE_DIGITS = 6


def place_of(document: Document) -> str:
    """The key of the place a report speaks of.

    A code where the place is the one that the code names; `code~name` for a zone, whose code is that of the territory
    it lies in; `~province~city~county` (as far as the text gives them) where there is no code; "" for no place.
    """
    place = document.place
    names = [_name(part) for part in (place.province, place.city, place.county)]
    if place.code:
        code = _name(place.code)
        return f"{code}~{names[2]}" if document.level == "functional_zone" and names[2] else code
    return "~" + "~".join(names).rstrip("~") if any(names) else ""


def body_of(document: Document) -> str:
    """Whose series of years the report belongs to: the place, or place and issuer where a place has many bodies that
    report (departments, townships); "" where neither is known.
    """
    place = place_of(document)
    if document.level in {"department", "township"} or not place:
        issuer = _name(document.issuer)
        return f"{place}|{issuer}" if issuer else place
    return place


def parent_of(place: str) -> str | None:
    """The place that this one lies in: a zone in the territory of its code, a code in that one level up in GB/T 2260
    (county → city → province), names in the names before the last; None at the top.
    """
    if place.startswith("~"):
        above = place.rpartition("~")[0].rstrip("~")
        return above or None
    code, _, zone = place.partition("~")
    if zone:
        return code
    if len(code) != _CODE_DIGITS or code.endswith("0000"):
        return None
    return code[:2] + "0000" if code.endswith("00") else code[:4] + "00"


def _name(text: str | None) -> str:
    return "".join((text or "").split())[:MAX_NAME].replace("~", "").replace("|", "")


def named_places(document: Document) -> dict[str, dict[str, Any]]:
    """The place of a report as a row by its key, and what it lies in as far as its own names tell."""
    place = storable(place_of(document))
    if not place:
        return {}
    names = [document.place.province, document.place.city, document.place.county]
    found: dict[str, dict[str, Any]] = {}
    name = storable(next((name for name in reversed(names) if name), place))[:MAX_NAME]
    while True:
        parent = parent_of(place)
        code = None if place.startswith("~") or "~" in place else place
        found[place] = {
            "place": place, "code": code, "name": name, "level": _level_of(place), "parent": parent, "official": False,
        }  # fmt: skip
        # Above a place with a code only GB/T 2260 knows the names; above names they are in the key.
        if parent is None or not parent.startswith("~"):
            return found
        place, name = parent, parent.rpartition("~")[2]


def _level_of(place: str) -> str | None:
    """What the key alone says: whoever names a place first must not decide its level."""
    if place.startswith("~"):
        return None
    if "~" in place:
        return "functional_zone"
    return "province" if place.endswith("0000") else "prefecture" if place.endswith("00") else "county"
