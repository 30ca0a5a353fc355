"""Places and levels: what a body's name says by its own form, completed by the words of the report.

The table of GB/T 2260 (divisions.tsv) is used for three things only: to cut a name where its parts end (沙市区), to
tell a county-level city from a prefecture, and for `code`. It never adds a name that the report does not hold.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from shared.events import Level, Place

#: Name of the years that divisions.tsv leaves open.
_ALWAYS = (0, 9999)


class Division(NamedTuple):
    """One line of divisions.tsv."""

    code: str
    name: str
    first: int
    last: int

    def is_valid(self, year: int | None) -> bool:
        return year is None or self.first <= year <= self.last


class Named(NamedTuple):
    """The parts of a body's name, as written; `rest` is what follows the place."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    zone: str | None = None
    township: str | None = None
    rest: str = ""
    length: int = 0  # characters of the place part

    def is_place(self) -> bool:
        return self.length > 0


_PEOPLES = (
    "(?:土家|苗|布依|侗|藏|羌|彝|回|蒙古|朝鲜|壮|瑶|傣|景颇|白|傈僳|哈尼|哈萨克|柯尔克孜|维吾尔|满|达斡尔|鄂温克|佤|拉祜|布朗|纳西|普米|怒|独龙|黎|仡佬|水|"
    "毛南|仫佬|土|撒拉|保安|东乡|裕固|塔吉克|锡伯|鄂伦春|畲|各)族?"
)
_AUTONOMOUS = re.compile(rf"(.{{2,6}}?)(?:{_PEOPLES}){{1,4}}自治(州|县)")


@lru_cache(maxsize=1)
def divisions() -> dict[str, tuple[Division, ...]]:
    """Name → divisions of this name, over all years; autonomous prefectures and counties also by their short name."""
    table: dict[str, list[Division]] = {}
    for line in files(__package__).joinpath("divisions.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, name, first, last = [*line.split("\t"), "", ""][:4]
        division = Division(code, name, int(first or _ALWAYS[0]), int(last or _ALWAYS[1]))
        table.setdefault(name, []).append(division)
        short = _AUTONOMOUS.fullmatch(name)
        if short:
            table.setdefault(short[1] + short[2], []).append(division)
    return {name: tuple(found) for name, found in table.items()}


@lru_cache(maxsize=1)
def _by_code() -> dict[str, str]:
    return {found.code: found.name for group in divisions().values() for found in group}


MUNICIPALITIES = frozenset(("北京市", "天津市", "上海市", "重庆市"))
_NOT_A_NAME = "(?!城市|[省市县区州盟旗](?:委|城市)|(?:全面)?依法治|[全我本各该县市区省]{1,2}(?:[市县区省镇乡年]|$))"
_PROVINCE = re.compile("[一-龥]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)?自治区|(?:北京|天津|上海|重庆)市")
_CITY = re.compile(rf"{_NOT_A_NAME}[一-龥]{{2,8}}?(?:自治州|地区|盟|州|市)(?!场|民(?![政族宗防营])|政府?公开)")
_COUNTY = re.compile(rf"{_NOT_A_NAME}[一-龥]{{1,12}}?(?:自治县|自治旗|林区|特区|县|区|旗|市)(?!域|块|级|长|委|场)")
_ZONE = re.compile(
    rf"{_NOT_A_NAME}[一-龥]{{0,12}}?(?:(?:高新|高科)?技术(?:产业)?开发区|(?:经济)?(?:技术)?开发区|产业集聚区|综合保税区|保税区|工业(?:园)?区|高新区|经开区|"
    r"开发区|新区|示范区|试验区|合作区|(?:产业|科技|化工|循环经济)?园区|度假区|管理区|片区|景区|名胜区|自贸区|临港区|新城)(?:[一-龥]{0,4}片区)?"
)
_TOWNSHIP = re.compile(
    rf"{_NOT_A_NAME}[一-龥]{{1,8}}?(?:民族乡|镇|乡|街道|苏木)(?!村|企|贤|建设|规划|统筹|一体|化|居民)"
)


@lru_cache(maxsize=1024)
def name_parts(name: str) -> Named:  # noqa: C901 - one branch a part of the name, in the order of the name
    """The parts of the place that `name` begins with, 中共 before it aside; an empty one where it begins with none."""
    at = 2 if name.startswith("中共") else 0
    city = county = zone = township = None
    province, short = _province_in_short(name, at)
    at += short
    found = None if province else _known(name, at, "province") or _match(_PROVINCE, name, at)
    if found:
        province, at = found, len(found)
    found = _known(name, at, "city")
    if found is None and province not in MUNICIPALITIES and not _known(name, at, "county"):
        found = _match(_CITY, name, at)
        if found:
            shorter = [_match(pattern, name, at) for pattern in (_ZONE, _COUNTY)]
            if any(other and len(other) <= len(found) and other != found for other in shorter):
                found = None
    if found:
        city, at = found, at + len(found)
    found = _known(name, at, "county")
    if found is None:
        zone = _match(_ZONE, name, at)
        found = _match(_COUNTY, name, at)
        if zone and found and len(found) < len(zone) and not zone.startswith(found[:-1] + "区"):
            zone = None
        if zone:
            found = None
    if found:
        county, at = found, at + len(found)
        zone = _match(_ZONE, name, at)
    if zone:
        at += len(zone)
    found = _match(_TOWNSHIP, name, at)
    if found:
        township, at = found, at + len(found)
    return Named(province, city, county, zone, township, name[at:], at)


@lru_cache(maxsize=1)
def _short_provinces() -> dict[str, str]:
    """山东 → 山东省, 广西 → 广西壮族自治区."""
    regions = {"内蒙古自治区": "内蒙古"}
    names = [name for name, found in divisions().items() if _level_of(found[0].code) == "province"]
    short = {regions.get(name, name[:2]): name for name in names if name.endswith("自治区")}
    return short | {name.removesuffix("省"): name for name in names if name.endswith("省")}


def _province_in_short(name: str, at: int) -> tuple[str | None, int]:
    """The province whose short name stands before one of the table's cities or counties, and its length: 山东青岛市."""
    for length in (2, 3):
        province = _short_provinces().get(name[at : at + length])
        if province and (_known(name, at + length, "city") or _known(name, at + length, "county")):
            return province, length
    return None, 0


def body_parts(body: str) -> Named:
    """The parts of the place of `body`, also of a body of the state or of a party, whose names begin or go on otherwise."""
    return name_parts(_NO_PART.sub("|", body).lstrip("|"))


def _match(pattern: re.Pattern[str], name: str, at: int) -> str | None:
    found = pattern.match(name, at)
    return found[0] if found and "局" not in found[0] else None


def _known(name: str, at: int, level: str) -> str | None:
    """The longest division of `level` that stands at `at`."""
    for length in _lengths().get(name[at : at + 2], ()):
        known = name[at : at + length]
        if level in _levels().get(known, ()):
            return known
    return None


@lru_cache(maxsize=1)
def _levels() -> dict[str, frozenset[str]]:
    """Name → the levels of the divisions of this name."""
    return {name: frozenset(_level_of(division.code) for division in found) for name, found in divisions().items()}


@lru_cache(maxsize=1)
def _lengths() -> dict[str, tuple[int, ...]]:
    """First two characters → the lengths of the divisions that begin so, the longest first."""
    lengths: dict[str, set[int]] = {}
    for name in divisions():
        lengths.setdefault(name[:2], set()).add(len(name))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


def _level_of(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    # 4190, 4290, 4690 and 6590: counties directly under the province; 5002: under a municipality
    return "city" if code.endswith("00") else "county"


class Surroundings(NamedTuple):
    """What else the report says of where it is from."""

    addressee: Named
    addressee_name: str
    text: str
    year: int | None


#: What stands before the place in the names of bodies of the state, and between a place and a body of its party.
_NO_PART = re.compile(
    "^(?:国家(?:税务|金融监督管理|市场监督管理)总局|国家(?:统计|外汇管理|能源|移民管理|矿山安全监察)局|中国人民银行|中华人民共和国)|(?<=[省市县区州旗])委(?=[一-龥])"
)
#: 某市生态环境局某县分局.
_BRANCH = re.compile("局([一-龥]{1,8}?[县区市旗])分局$")
_GOVERNS = re.compile(
    r"(?:人民政府|政府|行政公署|公署|(?:开发建设)?管理委员会|执行委员会|管委会|党工委|办事处|管理局)?"
)
#: A government that is named by its level alone. A 市 may be of two levels.
_BARE_GOVERNMENT = re.compile("(省|州|盟|市|县|区|旗|镇|乡|街道)(?:人民政府|政府|行政公署|办事处)")
_LEVEL_OF_BARE: dict[str, Level] = {
    "省": "province", "州": "prefecture", "盟": "prefecture", "县": "county", "区": "county", "旗": "county",
    "镇": "township", "乡": "township", "街道": "township",
}  # fmt: skip
#: A city that reports to the government of a city; a committee of the party may be its own.
_CITY_ABOVE = re.compile("市(?:委[、和]市)?(?:人民)?政府")
_UNDER_COUNTY = re.compile("各(?:乡)?镇|各街道|乡镇\\(街道\\)|镇街|全县|我县|县委")
_UNDER_CITY = re.compile("各县(?:区|\\()|各区县|各区\\(?|县\\(市、区\\)|县\\(市\\)区|区县|县区")


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
    if city in MUNICIPALITIES:
        province, city = city, None
    if (province, city, county) == (None, None, None) and level in ("township", "department"):
        province, city, county = _by_rules(around.text, level, issuer[0])
    province, city = _superiors(province, city, county, around)
    if city == county:
        city = None
    place = Place.trusted(province=province, city=city, county=county, code=None)
    place.code = _code(place, zone is not None, around.year)
    return place, level


def _level(issuer: str, named: Named, around: Surroundings) -> Level | None:  # noqa: PLR0911 - one line a level
    if not named.is_place():
        bare = _BARE_GOVERNMENT.fullmatch(issuer)
        if bare and bare[1] == "市":
            return "prefecture" if _UNDER_CITY.search(around.text) else None
        return _LEVEL_OF_BARE[bare[1]] if bare else "department" if issuer else None
    if named.rest and not _GOVERNS.fullmatch(named.rest):
        return "department"
    if named.rest == "管理局" and not named.zone:
        return "department"
    if named.township:
        return "township"
    if named.zone or (named.county and named.rest.endswith(("管委会", "管理委员会"))):
        return "functional_zone"
    if named.county:
        return "county"
    if named.city:
        return "county" if _is_county_level_city(named.city, around) else "prefecture"
    return "province" if named.province else None


def _is_county_level_city(city: str, around: Surroundings) -> bool:
    known = divisions().get(city, ())
    known = tuple(division for division in known if division.is_valid(around.year)) or known
    levels = {_level_of(division.code) for division in known}
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


_RULE_OF = re.compile(r"《([一-龥]{2,9}?(?:省|自治区|市|州|县|区))(?=[一-龥0-9])")
_RULE_NAME = re.compile("《([一-龥]{2,30})")


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
    names = _by_code()
    readings = set()
    for division in known:
        its_province = names.get(division.code[:2] + "0000")
        its_city = names.get(division.code[:4] + "00") if _level_of(division.code) == "county" else None
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


def _code(place: Place, is_zone: bool, year: int | None) -> str | None:
    """The code of the lowest division named; a zone has the code of its city."""
    table = divisions()
    name = place.county if place.county in table else None
    if name is None:
        name = place.city if is_zone or place.county is None else None
    if name is None and place.county is None and place.city is None:
        name = place.province
    names = _by_code()
    fitting = {
        division.code
        for division in table.get(name or "", ())
        if division.is_valid(year)
        and (place.province is None or names.get(division.code[:2] + "0000") == place.province)
        and (
            place.city in (None, name) or division.code[:4] + "00" in {d.code for d in table.get(place.city or "", ())}
        )
        and (is_zone or name == place.county or _level_of(division.code) != "county")
    }
    return fitting.pop() if len(fitting) == 1 else None
