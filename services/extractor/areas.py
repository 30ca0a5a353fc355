"""Parts by area or level: 收到申请1386件,其中市本级594件、县(市、区)792件.

Such a number counts what the number before it counts, in a part of the territory. Its own words are nothing but the
name of that part, so it takes the noun of the whole, and what follows it goes on about the whole.
"""

from __future__ import annotations

import re

_LEVELS = (
    r"(?:[省市州县区镇乡]|自治区|旗)(?:本级|级|直(?:部门|单位|机关)?)|自治区级|街道级|乡镇级|镇街级|街镇级|社区级|村级|国家级"
    r"|(?:各|其他|其余|下辖|所辖|所属|基层)?(?:县\(市、?区\)|县\(区\)|县\(市\)|区\(县\)|区\(市\)|市\(州\)|市\(区\)|县市区|区市县|市县区|市县|区县|县区|市州|旗县|师团"
    r"|乡镇\(街道\)|镇\(街道\)|乡\(镇\)|村\(社区\)|社区\(村\)|街道\(乡镇\)|乡镇街道|乡镇|镇街|街镇|街道|社区)(?:一?级|层面)?"
    r"|各[市州县区镇乡村]|基层"
)
#: A place by its name, only behind 其中: 其中云岭县30件、岳河县25件.
_PLACE = r"[一-龥]{1,6}(?:[市县区镇乡州盟旗]|街道|新区|开发区|高新区|管委会)"
_NO_PLACE = re.compile(
    r"下放|赋予|涉及|覆盖|委托|移交|划转|抽查|督查|检查|指导|新增|建成|创建|打造|移送|全[省市县区镇]|我[省市县区镇]|进驻|涵盖|服务|命名|获评|建设|培育|达标|示范|城区|辖区|社区|园区|景区|小区|片区|山区|灾区|库区|地区"
)
_OWN = re.compile(rf"[、,，;；和及与 (（]?(?:其中)?[:：,，]?(?P<area>{_LEVELS})(?:为|有|共)?[:：]? ?$")
_NAMED = re.compile(rf"[、,，;；和及与 (（]?(?:其中)?[:：,，]?(?P<area>{_PLACE})(?:为|有|共)?[:：]? ?$")


def area_of(before: str, *, divided: bool) -> str:
    """The area or level that the words before a number name, where they say nothing else; "" where they do.

    `divided`: behind 其中, where the name of a place is enough.
    """
    if len(before) > 16:
        return ""
    match = _OWN.match(before)
    if match is None and divided:
        match = _NAMED.match(before)
        if match is not None and _NO_PLACE.search(match["area"]):
            return ""
    return "" if match is None else match["area"]


_TERRITORY = re.compile(
    rf"(?:{_LEVELS}|[一-龥]{{2,8}}(?:[省市县区镇乡州盟旗]|街道|街道办事处|新区|开发区|高新区|管委会|人民政府))$"
)


def is_territory(head: str) -> bool:
    """Whether the head of a table's row or column names an area or a level: 市本级, 云岭县, 各县(市、区)."""
    return _TERRITORY.match(head) is not None and _NO_PLACE.search(head) is None


def is_area(head: str) -> bool:
    """Whether it names an area, a level or a body: 城管局."""
    return is_territory(head) or (2 < len(head) <= 10 and head.endswith("局"))
