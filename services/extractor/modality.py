"""Result, target or baseline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.events import Kind, Modality

# Every alternative begins with a plain character: `re` then searches for those, and tries nothing elsewhere.
_INTENTION = re.compile(
    r"(?:确保|力争|力求|争取|计划(?=[建推开完实新培举组达安设])|拟(?=[建推开完实新培举组设出制修])|目标(?<!年度目标)[是为值]|预计"
    r"|将(?=[达完实力新建提组开推增在]|进一步|继续|持续|逐步|不断)|努力(?=[将把实使])|要(?<![主重]要)(?=[达完实力确求把将使])"
    r"|应(?=配备|达到|不少于|不低于|完成)|不得|必须|应当|到(?:20[0-9]{2}年|[“十一-龥]{2,5}末))"
)
#: What is there already, in a plan: 已建成12个, 目前共有120名, 今年败诉的12件.
_DONE = re.compile(
    r"(?:已经?(?=[建完办培成开实设配审整达组培创]|有)|目前(?!为止)|现有|现已|今年以来)[^,，。;；]{0,24}$"
    r"|(?<![新拟])(?:建成|完成|创建|打造|培育|确定|出台|制定|设立|败诉|办结|审结|查处|发现|排查出)的 ?$"
)
_BASIS = re.compile(r"[^,，。;；]{0,12}基础上")
_AIM = ("的目标", "目标", "的要求", "的标准")
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


def modality_of(  # noqa: PLR0913 - what is known about one number
    before: str, after: str, kind: Kind | None, *, planned: bool, baseline: bool, reported: bool
) -> Modality:
    """`before` and `after` are the clause around the number; `planned` where its paragraph is a plan, `baseline` where
    its period is an earlier year or it stands in a comparison, `reported` where its period is the report year in so
    many words.
    """
    if baseline:
        return "baseline"
    if reported:
        return "actual"
    if kind == "plan" or planned:
        return "actual" if _there_already(before, after) else "target"
    if after.startswith(_AIM) or _INTENTION.search(before) or _MINIMUM.search(before):
        return "target"
    return "actual"


def _there_already(before: str, after: str) -> bool:
    """Whether the number of a plan says what is done: 在完成30个试点的基础上, 已建成12个."""
    done = _DONE.search(before)
    if done is not None:
        return _INTENTION.search(before, done.start()) is None
    return "在" in before[:6] and _BASIS.match(after) is not None
