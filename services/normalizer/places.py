"""Places and levels: what a name says by its own form, completed by the words of the report."""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.events import Level, Place


class Named(NamedTuple):
    """The parts of a body's name."""

    province: str | None
    city: str | None
    county: str | None
    zone: str | None
    township: str | None
    department: str | None


_MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")
_PARTS = re.compile(
    r"(?P<province>[一-龥]{2,3}省|内蒙古自治区|广西壮族自治区|西藏自治区|宁夏回族自治区|新疆维吾尔自治区|(?:北京|天津|上海|重庆)市)?"
    r"(?P<city>[一-龥]{1,8}?(?:自治州|地区|盟|(?<!上)(?<!城)市))?"
    r"(?P<zone>[一-龥]{0,14}?(?:高新技术产业开发区|经济技术开发区|经济开发区|产业集聚区|综合保税区|工业园区|高新区|开发区|经开区|新区|示范区|园区|度假区|保税区|管理区|片区)(?=管|$))?"
    r"(?P<county>[一-龥]{1,12}?(?:自治县|自治旗|林区|特区|县|区|旗|市))?"
    r"(?P<township>[一-龥]{1,10}?(?:镇|乡|街道|苏木))?"
    r"(?P<rest>.{0,40})"
)


def name_parts(name: str) -> Named:
    """The parts of `name` by the form of the words alone."""
    found = _PARTS.match(name)
    if found is None:
        return Named(None, None, None, None, None, None)
    rest = found["rest"]
    department = rest if rest and not re.fullmatch("人民政府|政府|管理委员会|管委会|委员会|办事处|党工委", rest) else None
    return Named(found["province"], found["city"], found["county"], found["zone"], found["township"], department)


def place_of(issuer: str, named: Named, addressee: str | None, text: str) -> tuple[Place, Level | None]:
    """Place and level of the body that issued the report."""
    province, city, county = named.province, named.city, named.county
    if named.zone:
        county = named.zone
        short = re.match(r"([一-龥]{2,4}?)(?:高新|经济|经开|新区|开发)", named.zone)
        if city is None and short:
            full = short[1] + "市"
            if full in text:
                city = full
            elif province is None:
                city = full if re.search(rf"{short[1]}(?:高新|经开)", named.zone) else None
    if province is None and addressee:
        above = name_parts(addressee)
        province = above.province
        if above.city and city != above.city:
            if county is None and city is not None:
                city, county = above.city, city
            else:
                city = above.city
    if province is None and (provinces := re.findall(r"《([一-龥]{2,3}省|[一-龥]{2,6}自治区)", text)):
        province = provinces[0]
    if city is None and county and province not in _MUNICIPALITIES and (cities := re.findall(r"《([一-龥]{2,4}市)", text)):
        city = cities[0]
    level: Level | None
    if named.zone:
        level = "functional_zone"
    elif named.department and not issuer.endswith(("人民政府", "政府")):
        level = "department"
    elif named.township:
        level = "township"
    elif county:
        level = "county"
    elif city:
        level = "prefecture"
    elif province:
        level = "province"
    else:
        level = None
    return Place(province=province, city=city, county=county), level
