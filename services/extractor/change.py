"""Whether a number is itself a rate or an amount of change: 同比下降10.2%, 上升1位, 较上年增加3件."""

from __future__ import annotations

import re
from typing import Literal

Change = Literal["increase", "decrease"]

_UP = "增长|提高|提升|上升|增加|增幅|升高|扩大|改善|递增|增速|涨幅|上涨|攀升|增收|增"
_DOWN = "下降|减少|降低|降幅|缩短|压缩|压减|精简|回落|下滑|减幅|缩减|提速|减|降|缩小|收窄|下跌|跌幅|递减|减负|节约|节省"
# Between the verb and its number: 增长了近10%, 增幅达10%, 提高到 is a level and no change.
_BETWEEN = r"(?:率|幅度?)?(?:了|达到?|为|约|近|超过?|逾|均|分别|各|高达|[:： ]){0,3}"
_RATE = re.compile(rf"(?P<verb>{_UP}|{_DOWN}){_BETWEEN}$")
# 压缩审批时限50%: the object stands between, and the clause names no rate of its own.
_RATE_OVER_OBJECT = re.compile(r"(?:压缩|压减|精简|减少|缩短|缩减|减免|削减)[^,，。;；、率比例占]{1,14}$")
_COUNT = re.compile(rf"(?:同比|环比|较|比)[^,，。;；]{{0,16}}(?P<verb>{_UP}|{_DOWN}){_BETWEEN}$")
_NAME = re.compile(
    r"(?:压缩|减少|精简|提速|降低|缩短|压减|缩减|节约|增加|提升|提高)(?:率|比例?)(?:达到?|为|超过?|至|均)?$"
)
_LEVEL = ("到", "至", "为", "成")
_DOWN_WORD = re.compile(_DOWN)
_UP_WORD = re.compile(_UP)


def change_of(before: str, quantity: str, unit: str | None) -> Change | None:
    """The direction of the change that a number states, from its clause `before` it; None where it is a level."""
    if before.endswith(_LEVEL) and not before.endswith(("分别为", "增幅为", "降幅为", "增长为", "增速为")):
        return None
    if quantity == "rate":
        if _NAME.search(before):
            return None
        match = _RATE.search(before)
        if match is not None:
            return _direction(match["verb"])
        return "decrease" if unit == "%" and _RATE_OVER_OBJECT.search(before) else None
    match = _COUNT.search(before)
    return None if match is None else _direction(match["verb"])


def _direction(verb: str) -> Change:
    return "decrease" if _DOWN_WORD.fullmatch(verb) and not _UP_WORD.fullmatch(verb) else "increase"
