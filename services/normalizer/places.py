"""Places and levels: what a body's name says by its own form, completed by the words of the report.

The table of GB/T 2260 is used for three things only: to cut a name where its parts end (沙市区), to tell a county-level
city from a prefecture, and for `code`. It never adds a name that the report does not hold.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from services.normalizer.divisions import MUNICIPALITIES, Division, divisions, level_of, names_by_code
from services.normalizer.place_names import Named, body_parts, name_parts
from shared.events import Level, Place
from shared.rules import rules

_RULES = rules("services.normalizer", "places")
_PROVINCE = _RULES.pattern("province")
_CITY = _RULES.pattern("city")
_BRANCH = _RULES.pattern("branch")
_GOVERNS = _RULES.pattern("governs")
_GOVERNS_ZONE = _RULES.pattern("governs_zone")
_BARE_GOVERNMENT = _RULES.pattern("bare_government")
_ZONE_GOVERNMENTS = _RULES.words("zone_governments")
_CITY_ABOVE = _RULES.pattern("city_above")
_UNDER_COUNTY = _RULES.pattern("under_county")
_STATE_BODY = _RULES.pattern("state_body")
_UNDER_CITY = _RULES.pattern("under_city")
_RULE_OF = _RULES.pattern("rule_of")
_RULE_NAME = _RULES.pattern("rule_name")


class Surroundings(NamedTuple):
    """What else the report says of where it is from."""

    addressee: Named
    addressee_name: str
    text: str
    year: int | None


def locate(issuer: str, around: Surroundings) -> tuple[Place, Level | None]:
    """Place and level of `issuer`.

    Names come from the issuer's own name, the addressee, or a superior that the text names; the table only decides
    between readings. `code` is null where more than one division fits.
    """
    named = body_parts(issuer)
    branch = _BRANCH.search(issuer)
    province, city, county = named.province, named.city, named.county or (branch[1] if branch else None)
    zone = named.zone or None
    level = _level(issuer, named, around)
    if level == "county" and county is None and city is not None:
        city, county = None, city
    if zone:
        county, city = zone, city or county or _city_of_zone(zone, around)
    if level == "township" and county is None:
        county = around.addressee.county
    if not named.is_place() and level == "department" and city is county is None:
        city = _city_of_state_body(issuer, around)
    if city in MUNICIPALITIES:
        province, city = city, None
    if (province, city, county) == (None, None, None) and level in ("township", "department"):
        province, city, county = _by_rules(around.text, level, issuer[0])
    province, city = _superiors(province, city, county, around)
    if city == county:
        city = None
    code = _code(province, city, county, is_zone=zone is not None, year=around.year)
    return Place.trusted(province=province, city=city, county=county, code=code), level


def _level(issuer: str, named: Named, around: Surroundings) -> Level | None:  # noqa: PLR0911 - one line a level
    if not named.is_place():
        return _level_without_place(issuer, around)
    if named.rest and not _GOVERNS.fullmatch(named.rest):
        return "department"
    if named.rest == "管理局" and not named.zone:
        return "department"
    if named.township:
        return "township"
    if named.zone or (named.county and named.rest.endswith(_ZONE_GOVERNMENTS)):
        return "functional_zone"
    if named.county:
        return "county"
    if named.city:
        return "county" if _is_county_level_city(named.city, around) else "prefecture"
    if named.corps is not None and named.corps.endswith("师"):
        return "prefecture"
    return "province" if named.province or named.corps else None


def _level_without_place(issuer: str, around: Surroundings) -> Level | None:
    """The level of 县政府, 市水利局, or of a zone that is named in another way than places are."""
    bare = _BARE_GOVERNMENT.fullmatch(issuer)
    if bare and bare["city"]:
        return "prefecture" if _UNDER_CITY.search(around.text) else None
    if bare or not issuer:
        return cast("Level", bare.lastgroup) if bare else None
    return "functional_zone" if _GOVERNS_ZONE.search(issuer) else "department"


def _is_county_level_city(city: str, around: Surroundings) -> bool:
    known = divisions().get(city, ())
    known = tuple(division for division in known if division.is_valid(around.year)) or known
    levels = {level_of(division.code) for division in known}
    if len(levels) == 1:
        return levels == {"county"}
    above = around.addressee
    if around.addressee_name.startswith("省") or (above.province and not above.city):
        return False
    if _CITY_ABOVE.match(around.addressee_name) or (above.city and above.city != city):
        return True
    return not _UNDER_CITY.search(around.text) and _UNDER_COUNTY.search(around.text) is not None


def _city_of_zone(zone: str, around: Surroundings) -> str | None:
    """乐山高新区 → 乐山市: the zone's name begins with the city's short name."""
    for length in (4, 3, 2):
        city = zone[:length] + "市"
        if len(zone) > length + 1 and (city in divisions() or city in around.text):
            return city
    return None


def _city_of_state_body(issuer: str, around: Surroundings) -> str | None:
    """湛江海关 → 湛江市, where that is a city, or the text names it."""
    named = _STATE_BODY.match(issuer)
    city = "" if named is None else named["city"] + "市"
    return city if city and (city in divisions() or city in around.text) else None


def _by_rules(text: str, level: Level | None, first: str) -> tuple[str | None, str | None, str | None]:
    """Province, city and county of a body that no name places: the lowest place whose rules the text names, most often.

    A town's superiors are any; those of 县水利局 end like its name begins. None where two are named alike.
    """
    named: dict[tuple[str | None, str | None, str | None], int] = {}
    for rule in _RULE_NAME.findall(text):
        found = name_parts(rule)
        lowest = found.county or found.city or found.province
        if lowest in divisions() and (level == "township" or lowest[-1] == first):
            city_is_province = found.city in MUNICIPALITIES
            place = (found.city, None, found.county) if city_is_province else (found.province, found.city, found.county)
            named[place] = named.get(place, 0) + 1
    ranks = {place: (place[2] is not None, place[1] is not None, count) for place, count in named.items()}
    best = [place for place, rank in ranks.items() if rank == max(ranks.values())]
    return best[0] if len(best) == 1 else (None, None, None)


def _superiors(
    province: str | None, city: str | None, county: str | None, around: Surroundings
) -> tuple[str | None, str | None]:
    above = around.addressee
    if above.is_place():
        province = province or above.province
        if city is None and county is not None and above.city and above.city != county:
            city = above.city
    if province is not None and (city is not None or county is None or province in MUNICIPALITIES):
        return province, city
    lowest = county or city
    if lowest is None:
        return province, city
    table = divisions()
    known = [
        division
        for name in (county, city)
        if name
        for division in table.get(name, ())
        if division.is_valid(around.year)
    ]
    if known:
        return _known_superiors(province, city, county, known, around.text)
    named: dict[str, int] = {}
    for found in _RULE_OF.finditer(around.text):
        named[found[1]] = named.get(found[1], 0) + 1
    for name in sorted(named, key=lambda name: -named[name]):
        if province is None and _PROVINCE.fullmatch(name):
            province = name
        elif (
            city is None
            and county is not None
            and _CITY.fullmatch(name)
            and name != county
            and province not in MUNICIPALITIES
        ):
            city = name
    return province, city


def _known_superiors(
    province: str | None, city: str | None, county: str | None, known: list[Division], text: str
) -> tuple[str | None, str | None]:
    """Superiors by the table that the text names in full; with several divisions of one name, the only one named."""
    names = names_by_code()
    readings = set()
    for division in known:
        its_province = names.get(division.code[:2] + "0000")
        its_city = names.get(division.code[:4] + "00") if level_of(division.code) == "county" else None
        if (province and its_province != province) or (city and its_city and its_city != city):
            continue
        shown_province = its_province if its_province and its_province in text else None
        shown_city = its_city if its_city and county and its_city in text else None
        if shown_province or shown_city:
            readings.add((shown_province, shown_city))
    if len(readings) == 1:
        shown_province, shown_city = readings.pop()
        province = province or shown_province
        if county and county not in (shown_city, city):
            city = city or shown_city
    return province, city


def _code(province: str | None, city: str | None, county: str | None, *, is_zone: bool, year: int | None) -> str | None:
    """The code of the lowest division named; a zone has the code of its city."""
    table = divisions()
    name = county if county in table else None
    if name is None:
        name = city if is_zone or county is None else None
    if name is None and county is None and city is None:
        name = province
    names = names_by_code()
    fitting = {
        division.code
        for division in table.get(name or "", ())
        if division.is_valid(year)
        and (province is None or names.get(division.code[:2] + "0000") == province)
        and (city in (None, name) or division.code[:4] + "00" in {d.code for d in table.get(city or "", ())})
        and (is_zone or name == county or level_of(division.code) != "county")
    }
    return fitting.pop() if len(fitting) == 1 else None
