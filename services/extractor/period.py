"""The span of time that a fact speaks of: null is the report year.

A period at the front of a sentence or clause holds until the sentence ends or another one takes over; a period inside
a comparison (较2016年) holds for the number behind it alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SEP = r" ?[-—–~～至到]{1,2} ?"
_YEAR = r"(?:19|20)[0-9]{2}年?(?:度|底|末|初)?"
_SPAN = re.compile(
    rf"(?P<since>(?:自|从)?(?:19|20)[0-9]{{2}}年(?:[0-9]{{1,2}}月(?:[0-9]{{1,2}}日)?(?:份)?)?(?:以来|起至今|起|至今))"
    rf"|(?P<years>(?:19|20)[0-9]{{2}}年?{_SEP}(?:19|20)[0-9]{{2}}年(?:[0-9]{{1,2}}月)?|(?:19|20)[0-9]{{2}}年?[、和](?:19|20)[0-9]{{2}}年)"
    rf"|(?P<months>(?:(?P<months_year>(?:19|20)[0-9]{{2}})年)?[0-9]{{1,2}}月?{_SEP}[0-9]{{1,2}}月份?)"
    rf"|(?P<year>(?P<one>(?:19|20)[0-9]{{2}})年(?:度|底|末|初)?)"
    r"|(?P<recent>(?:近|过去|连续|最近)[0-9一二两三四五六七八九十]{1,3}(?:年|个月|个季度)(?:来|间)?|[0-9一二两三四五六七八九十]{1,2}年来|五年来|(?:十[一二三四五]五)(?:期间|时期|以来))"
    r"|(?P<quarter>(?:前|上|第)?[一二三四两][个]?季度|上半年|下半年)"
    r"|(?P<during>(?:[“”一-龥]{2,8}?)(?:期间|宣传周|宣传月))"
    r"|(?P<every>每(?:年|季度|月|半年|周))"
)
_COMPARED = re.compile(r"(?:较|比|同|与|相较|对比|相比)(?:于)?$")
_DEADLINE = re.compile(r"(?:到|至|截至|截止|在)$")


class Period(NamedTuple):
    """A span as written (a slice of `text`), with what kind it is and whether it stands in a comparison."""

    start: int
    end: int
    kind: str
    years: tuple[int, ...]
    compared: bool


def find_periods(text: str, start: int, end: int) -> list[Period]:
    """The spans of time in `text[start:end]`, left to right."""
    found = []
    for match in _SPAN.finditer(text, start, end):
        kind = match.lastgroup or ""
        kind = "year" if match["year"] else "months" if match["months"] else kind
        years = tuple(int(y) for y in re.findall(r"(?:19|20)[0-9]{2}", match.group()))
        compared = _COMPARED.search(text, max(start, match.start() - 3), match.start()) is not None
        found.append(Period(match.start(), match.end(), kind, years, compared))
    return found
