"""Whose number it is: null is the reporting government and its whole territory.

A level or a body counts as scope where it stands in contrast to others (市级三家、省级一家), where the counted things
stand in it (12个镇服务站), or where it acts in place of the government (政法各单位, 市政协).
"""

from __future__ import annotations

import re

_BRACKETED = r"(?:\([一-龥、]{1,6}\))?"
_LEVEL_NOUN = re.compile(
    rf"(?:建制)?(?:镇村(?:\(社区\))?|村\(社区\)|社区\(村\)|街道\(乡镇\)|街道\(乡\)|乡镇\(街道\)|镇\(街道\)|镇\(街\)|乡\(镇\)|街道、乡|镇街|乡镇|街道|社区|行政村|镇乡|街镇|镇办|区县|县区|县\(市、区\)|县市区|镇|乡|村|区|县){_BRACKETED}(?!长|民|规|域|位|财|务|委|里|间|道|别|分|块|落|庄|级|人|门|史)"
)
_AGENT = re.compile(
    r"(?:^|[,，。;；、:：和与及])(?:全年|今年|其中)?,?(?P<body>各区县|各县区|各县\(市、区\)|各县市区|各区|各县|各乡镇\(街道\)|各镇\(街道\)|各镇街|各乡镇|各街道|各镇|各部门|各村\(社区\)|各社区|政法各单位|市政府本级|县政府本级|区政府本级|市本级|县本级|区本级|州本级|省本级|各区县政府|区县|县区|基层|部门)"
)
_GRADE = re.compile(r"(?:国家级|省级|市级|县级|区级|镇级|乡级|村级|街镇级|镇街级|乡镇级|街道级|社区级)")
_CONGRESS = re.compile(r"(?P<body>(?:全国|省|市|县|区|州|旗|[一-龥]{2,3}?)(?:人大|政协))(?:代表|委员|常委会)?(?:重点)?(?:议案|建议|提案|意见)")
_SOURCE = re.compile(r"(?P<body>(?:中央|中省|国家信访局|国家|省委?|市委?|县委?|区委?|省市|上级|省级|市级|州|部|自治区)[一-龥]{0,6}?交办)")
_AMONG = re.compile(r"(?:[、,，]|在|^)(?P<body>[一-龥]{2,8}等)$")
_WIDER = {"全国": 5, "全省": 4, "全自治区": 4, "全市": 3, "全州": 3, "全县": 2, "全区": 2, "全镇": 1}
_LEVEL_RANK = {"province": 4, "prefecture": 3, "county": 2, "functional_zone": 2, "township": 1, "department": None}


def level_noun(noun: str) -> str | None:
    """The territorial level that the noun phrase opens with: 镇医疗保障服务站 → 镇."""
    match = _LEVEL_NOUN.match(noun)
    return match.group() if match else None


def scope_of(before: str, noun: str, clause: str, sentence: str, level: str | None) -> str | None:  # noqa: PLR0911 - one answer a question
    """The scope of one amount from its own words `before` and the noun phrase behind it."""
    congress = None
    for congress in _CONGRESS.finditer(before):
        pass
    if congress is not None and not re.search(r"[理办复到]", congress["body"][:1]):
        body = congress["body"]
        return re.sub(r"^(?:办理|承办|答复|收到|转办|理|办|的)", "", body) or None
    source = None
    for source in _SOURCE.finditer(before):
        pass
    if source is not None:
        return source["body"]
    among = _AMONG.search(before)
    if among is not None and noun.startswith(("单位", "部门", "地", "区")):
        return among["body"] + noun[:2]
    agent = None
    for agent in _AGENT.finditer(before):
        pass
    if agent is not None:
        return agent["body"]
    grade = None
    for grade in _GRADE.finditer(before[-16:] + noun[:6]):
        pass
    if grade is not None and len(set(_GRADE.findall(sentence)) | ({"街道"} if "街道" in sentence and "区级" in sentence else set())) > 1:
        return grade.group()
    if noun:
        found = level_noun(noun)
        if found is not None:
            return found
        wide = noun[:2] if noun[:2] in _WIDER else before[-2:] if before[-2:] in _WIDER else None
        rank = _LEVEL_RANK.get(level or "")
        if wide is not None and rank is not None and _WIDER[wide] > rank:
            return wide
    return None
