"""The words between two amounts of a sentence: handed to the one that they belong to.

13个|部门的|37件|案卷              behind 的, where the next amount has no noun behind it
26个调解组织|调解纠纷|851件        what the things counted did is counted next
12个职能部门中尚有|3个|未设置…     the same things, told apart by what is said of them
2个省级、2个市级、4个县级普法基地  a level alone takes the noun of the item behind it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.extractor.scope import level_noun
from services.extractor.subjects.cutting import (
    LIST_SIGNS,
    MAX_SIDE,
    noun_behind,
    read_before,
    read_behind,
    without_tail,
)
from services.extractor.subjects.data import JOINING, pattern, word_lists, words_of
from services.extractor.subjects.limits import SHORT_NOUN
from services.extractor.subjects.phrases import only_verbs
from services.extractor.subjects.said import TO
from services.extractor.words import segmenter
from shared.rules import rules

if TYPE_CHECKING:
    import re

    from services.extractor.subjects.parts import Part

_IN_BRACKETS = pattern("in_brackets")
_QUOTED_ITEM = pattern("quoted_item")
_AMONG_THEM = pattern("among_them")
_FIELDS = rules("services.extractor", "rules/pairs").pattern("fields")
_ORGAN_UNITS = ("个", "所", "支", "家")
_ENTITIES = words_of("entities")
_HOLDERS = words_of("holders")
_BRANCHES = frozenset(words_of("branches"))
_URGING = frozenset(words_of("urging"))
_DRAWN = frozenset((*words_of("drawing"), *words_of("inspecting")))
_EVENTS = words_of("event_units")
_TURNS = ("批", "轮")
_PERSONS = words_of("person_units")


def read_parts(parts: list[Part]) -> None:
    """Cut the words of the amounts of one sentence: before each, the noun phrase behind it, what is said about that."""
    for k, part in enumerate(parts):
        following = parts[k + 1] if part.followed and k + 1 < len(parts) else None
        read_before(part)
        read_behind(part)
        if part.among:
            part.noun, part.said = part.among, part.noun + part.said
        if following is not None and part.noun:
            _hand_on(part, following)
        elif following is not None and "、" in part.said[:-1] and part.unit in _PERSONS:
            _next_said(part, following)
        elif following is not None and part.quantity == "rate" and _QUOTED_ITEM.fullmatch(part.after):
            following.before = part.before  # 事项100%“网上办”、|90%“掌上办”
    for k, part in enumerate(parts):
        if part.unit in _TURNS and part.before.rstrip().endswith("分") and not part.ahead:
            part.noun, part.said = _done_in_turns(parts[k:]), []
    for k in range(len(parts) - 2, -1, -1):
        if parts[k + 1].noun:
            _share_noun(parts[k], parts[k + 1])


def _done_in_turns(parts: list[Part]) -> list[str]:
    """分三批|将14个部门承担的120项|许可事项划转到位: what was done in turns stands last in its clause."""
    last = next((at for at, part in enumerate(parts) if not part.followed), len(parts) - 1)
    done = next((part.after for part in reversed(parts[: last + 1]) if part.after.strip()), "")
    words = segmenter().cut(done.rpartition("的")[2][:MAX_SIDE])
    last = next((at for at, word in enumerate(words) if at and word.startswith(("到位", *TO))), len(words))
    return words[:last]


def _share_head(part: Part, following: Part) -> None:
    """2个省级、2个市级、4个县级普法基地: a level alone takes the noun of the item behind it; what is said holds for both."""
    if not part.said:
        part.said = following.said
    own, ahead = "".join(part.noun), "".join(following.noun)
    head = ahead.removeprefix(level_noun(ahead) or ahead)
    if level_noun(own) == own and head not in _HOLDERS:  # 6个乡镇、20个县级部门: two kinds of bodies
        part.noun = [*part.noun, head]


def _share_noun(part: Part, following: Part) -> None:
    """协调解决9批|共|103家|企业诉求: two measures of one thing, with the verb in front of the first."""
    if part.noun:
        if part.joined:
            _share_head(part, following)
        return
    if part.followed and part.after.strip() in word_lists().total and only_verbs(part.ahead):
        part.noun, part.said, part.joined = following.noun, following.said, True
        following.before = part.before
        read_before(following)


def _hand_on(part: Part, following: Part) -> None:
    """Give the next amount the words between the two that are its own; behind a list sign there are none."""
    between = part.after.rstrip()
    if between.endswith(JOINING):
        following.before, following.listed = "", True
        return
    if _FIELDS.fullmatch(between):
        following.before = part.before  # 赋权事项增至21个领域|532项
        return
    handed = (
        _told_apart(part, following, between)
        or _for_whom(part, following)
        or _holds_list(part, following)
        or _next_item(part, following, between)
    )
    if not handed and not _of_possessor(part, following):
        _of_holder(part, following, between)


def _told_apart(part: Part, following: Part, between: str) -> bool:
    """12个职能部门中尚有|3个|未设置法制机构: the same things, by what is said of them."""
    among = _AMONG_THEM.fullmatch(between)
    if among is None:
        return False
    part.noun, part.said = segmenter().cut(among["whole"]), []
    following.before, following.among = "", part.noun
    return True


def _for_whom(part: Part, following: Part) -> bool:
    """为76名|工人追讨工资|32万元: for whom the money was got."""
    if not part.said or following.quantity != "money" or not part.before.rstrip().endswith(("为", "给")):
        return False
    following.benefit = "".join(part.noun)
    return True


def _holds_list(part: Part, following: Part) -> bool:
    """抽取16个执法单位|许可、处罚案卷|120本: a list behind bodies that are drawn on is what they hold."""
    at = next((at for at, word in enumerate(part.noun[:-1]) if word in _HOLDERS), -1)
    held = part.noun[at + 1 :]
    drawn = not part.said and not _DRAWN.isdisjoint(part.ahead)
    if at < 0 or not drawn or "、" not in held[1:-1] or not _closes(following.after):
        return False
    following.before, part.noun, part.possessor = "".join(held), part.noun[: at + 1], True
    return True


def _next_item(part: Part, following: Part, between: str) -> bool:
    """村(社区)、|法院等|10家单位: the words behind the last list sign are the next item's."""
    at = between.rfind("、") if "(" not in between else _IN_BRACKETS.sub(_blanked, between).rfind("、")
    if at <= 0 or level_noun(between) == between:
        return False
    noun, said = noun_behind(between[at + 1 :], event=False)
    if noun and said and said[0] in word_lists().defining and _closes(following.after):
        return False  # 10所|中小学、幼儿园配齐法治副校长|10名
    following.before, following.listed, part.joined = between[at + 1 :], True, True
    part.noun, part.said = noun_behind(between[:at], event=part.unit in _EVENTS)
    return True


def _next_said(part: Part, following: Part) -> None:
    """8624人|参考、|通过率|81%: behind what is said of the things counted, the next item."""
    at = len(part.said) - 1 - part.said[::-1].index("、")
    following.before, following.listed = "".join(part.said[at + 1 :]), True
    part.said = part.said[:at]


def _of_possessor(part: Part, following: Part) -> bool:
    """单位的|案卷|140件: the words behind 的, where the next amount has no noun behind it."""
    closed = _closes(following.after) or following.after[:2] in ("开展", "进行")
    if "的" not in part.noun or part.said or not closed:
        return False
    at = len(part.noun) - 1 - part.noun[::-1].index("的")
    if not 0 < at < len(part.noun) - 1:
        return False
    following.before = "".join(part.noun[at + 1 :])
    part.noun, part.possessor = part.noun[:at], True
    return True


def _of_holder(part: Part, following: Part, between: str) -> None:
    """31个部门|行政职权事项3437项, 26个调解组织|调解纠纷851件, 47项任务|已完成45项: what the things counted have or did."""
    noun = "".join(part.noun)
    if between.endswith("的"):
        part.possessor = True
    elif _holds_next(part) and _closes(following.after):
        size = 2 if part.noun[1] in _BRANCHES else 1  # 街道|中队|执法人员
        following.before, part.noun = "".join(part.noun[size:]), part.noun[:size]
        if part.ahead and part.ahead[-1] in _URGING:
            part.said = segmenter().cut(following.before)  # 指导12个乡镇|承接执法事项86项
    elif part.said and between.startswith(noun):
        bodies = part.unit in _ORGAN_UNITS and noun.endswith(_ENTITIES)
        if bodies or (without_tail(part.said) and only_verbs(part.said) and _closes(following.after)):
            following.before = between[len(noun) :]
            following.actor = noun if bodies and not part.listed else ""


def _holds_next(part: Part) -> bool:
    """Whether the noun behind an amount opens with a body, and the rest is what the next amount counts."""
    rest = "".join(part.noun[1:])
    return len(rest) > SHORT_NOUN - 1 and part.noun[0] in _HOLDERS and not part.said and rest[0] not in "级的(、"


def _closes(after: str) -> bool:
    """Whether no noun stands behind an amount."""
    return not after or after.startswith(LIST_SIGNS)


def _blanked(bracket: re.Match[str]) -> str:
    return " " * len(bracket.group())
