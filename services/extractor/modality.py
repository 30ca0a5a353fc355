"""Result, target or baseline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.events import Kind, Modality

# Every alternative begins with a plain character: `re` then searches for those, and tries nothing elsewhere.
_INTENTION = re.compile(
    r"(?:确保|力争|争取|计划(?=[建推开完实新培举组达安设])|拟(?=[建推开完实新培举组设])|目标(?<!年度目标)[是为值]|预计|将(?=[达完实力新建提组开推增在])|要(?=[达完实力确求])|不得|必须|应当|到(?:20[0-9]{2}年|[“十一-龥]{2,5}末))"
)
_MINIMUM = re.compile(r"每(?:年|季度|月|半年|周)[^,，。;；]{0,16}(?:不少于|不低于|至少|不得少于|不得低于) ?$")
_OPENING = re.compile(
    r"[  　]*(?:\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}、)?(?:下一步|今后|明年|下一年|新的一年|下步)"
)


def opens_plan(text: str, start: int, report_year: int | None) -> bool:
    """Whether the paragraph that begins at `start` speaks of what is to come: 下一步, 2025年 in the report of 2024."""
    if _OPENING.match(text, start):
        return True
    year = re.match(r"[  　]*(20[0-9]{2})年", text[start : start + 12])
    return year is not None and report_year is not None and int(year.group(1)) > report_year


def modality_of(before: str, kind: Kind | None, *, planned: bool, baseline: bool, reported: bool) -> Modality:
    """`before` is the clause before the number; `planned` where its paragraph is a plan, `baseline` where its period
    is an earlier year or it stands in a comparison, `reported` where its period is the report year in so many words.
    """
    if baseline:
        return "baseline"
    if reported:
        return "actual"
    if kind == "plan" or planned:
        return "target"
    if _INTENTION.search(before) or _MINIMUM.search(before):
        return "target"
    return "actual"
