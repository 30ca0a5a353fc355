"""Whose number it is: null is the reporting government and its whole territory.

各县(区)收到686件              a body that acts in place of the government; it holds to the end of the sentence
区级419项、街镇级251项          levels in contrast
12个镇服务站, 两个乡镇          the counted things are a level, or stand in one
县政协提案74件                  the assembly whose proposals they are
中省交办的34件                  the source of the matters
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.rules import rules

if TYPE_CHECKING:
    import re

_RULES = rules("services.extractor", "rules/scope")
_LEVEL_NOUN = _RULES.pattern("level_noun")
_FRONT = _RULES.pattern("front")
_AGENT = _RULES.pattern("agent")
_AGENT_SIGNS = _RULES.words("agent_signs")
_ASSEMBLY_WORD = _RULES.pattern("assembly_word")
_PROPOSAL = _RULES.pattern("proposal")
_HANDLING = frozenset(_RULES.words("handling_acts"))
_SOURCE = _RULES.pattern("source")
_SOURCE_SIGNS = _RULES.words("source_signs")
_AMONG = _RULES.pattern("among")
_EVERY = _RULES.pattern("every")
_OWNER = _RULES.pattern("owner")
_DESTINATION = _RULES.pattern("destination")
_LEVEL_BEFORE = _RULES.pattern("level_before")
_DEPARTMENTS = _RULES.pattern("departments")
_DEPARTMENTS_BEFORE = _RULES.pattern("departments_before")
_GLUED = _RULES.pattern("glued")
#: What the patterns of a level, or of departments, directly before a number end with; `$` stands before a last line break, too.
LEVEL_ENDS = tuple("镇街道乡村区县)门位关 \n")
_PLACES = _RULES.words("place_units")
_EVENTS = _RULES.words("event_units")
_JOINING = rules("services.extractor", "rules/clauses").words("list_words")
_LEVELS = frozenset((*_RULES.words("level_letters"), *_RULES.words("wide_assemblies")))
_PLACE_ENDS = _RULES.words("place_ends")
_ASSEMBLIES = _RULES.words("assemblies")
_SUBMITTING = _RULES.words("submitting")
_NO_OWNERS = _RULES.words("no_owners")
_BODIES_AMONG = _RULES.words("bodies_among")
_ACTING_ON = _RULES.words("acting_on")
#: Characters of the name of a place before 人大: 云溪新区.
_LONGEST_OWNER = 4
_WIDER = {"全国": 5, "全省": 4, "全自治区": 4, "全市": 3, "全州": 3, "全县": 2, "全区": 2, "全镇": 1}
_RANK = {"province": 4, "prefecture": 3, "county": 2, "functional_zone": 2, "township": 1}


@dataclass(slots=True, eq=False)
class Place:
    """What the scope of one amount is read from."""

    before: str  # its own words before it, with the sign before them
    words: list[str]  # the same, cut, without adverbials
    own: str  # these words joined
    noun: str  # the noun phrase behind it
    counted: str  # the counted noun, wherever it stands
    unit: str | None
    listed: bool
    joined: bool
    clause: int  # where its clause begins
    between: str = ""  # all words of the sentence since the amount before it, "" for the first
    named: bool = False  # 分别 handed its name out to it
    area: str = ""  # the area or level whose part of the amount before it is


def level_noun(noun: str) -> str | None:
    """The territorial level that a noun phrase opens with: 镇医疗保障服务站 → 镇."""
    match = _LEVEL_NOUN.match(noun)
    return match.group() if match else None


def scopes_of(places: list[Place], level: str | None) -> list[str | None]:
    """The scope of each amount of one sentence, in order."""
    fronts = [_front(place) for place in places]
    agents = [_last(_AGENT, p.before) if not p.area and _holds(p.before, _AGENT_SIGNS) else None for p in places]
    contrast = len({front for front in fronts if front}) > 1 or (
        any(agents) and any(front and _opens_with(place, front) for place, front in zip(places, fronts, strict=True))
    )
    nouns = [place.noun or _level_before(place) for place in places]
    found: list[str | None] = []
    body: str | None = None  # the body that acts, to the end of the sentence
    body_clause = -1  # the only clause that it acts in, -1 where it acts to the end of the sentence
    near = ""  # the level that the last count stands in
    near_clause = -1
    for place, front, agent in zip(places, fronts, agents, strict=True):
        if place.area:
            found.append(place.area)  # what it is a part of goes on behind it
            continue
        if agent is not None:
            body = _EVERY.sub("", agent)
            body_clause = -1 if agent.startswith(_ACTING_ON) else place.clause
        elif body is not None and (body_clause not in (-1, place.clause) or _OWNER.search(place.between)):
            body = None  # 个别县(区) and 每个乡镇 speak for their clause only; 市司法局 speaks for itself
        own = _own(place, level, in_list=place.listed or place.joined, siblings=nouns)
        if own is None and contrast and agent is None:
            own = front
        if own is not None:
            several = place.listed and place.clause == near_clause and near != own
            near = "" if several or own in _WIDER else own  # what several levels did is of none of them
            near_clause = place.clause
            found.append(own)
        elif body is not None:
            found.append(body)
        elif near and place.clause == near_clause and not place.listed and place.unit not in _EVENTS:
            found.append(near)
        else:
            near = ""
            found.append(None)
    return found


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    found = None
    for match in pattern.finditer(text):
        found = match["body"]
    return found


def _holds(text: str, signs: tuple[str, ...]) -> bool:
    """Whether one of `signs` stands in `text`; the pattern that needs one of them is asked only then."""
    for sign in signs:  # noqa: SIM110 - a generator costs more than it saves
        if sign in text:
            return True
    return False


def _opens_with(place: Place, front: str) -> bool:
    """省级制发61份,各市县制发2743份: the level acts itself. 新建省级司法所15个 only names a grade."""
    return place.before.startswith(front) or place.before.startswith(front, 1)


def _front(place: Place) -> str | None:
    """The level that its own words open with: 区级419项, 省级示范村5个. A noun that was carried on says none."""
    match = _FRONT.match(place.counted or place.noun)
    if match is None or not (place.noun or place.named or match.group() in place.before):
        match = _FRONT.match(place.own)
    if match is None or (not place.noun and not place.named and _GLUED.match(place.between)):
        return None  # 21个县直部门开展督察3次: the words in front are the noun of the amount before
    return match.group()


def _own(place: Place, level: str | None, *, in_list: bool, siblings: list[str]) -> str | None:
    """The scope that its own words name."""
    other = _other_body(place)
    if other is not None:
        return other
    if not place.noun:
        return _counted_level(place, siblings)
    return _of_noun(place, level, in_list=in_list, siblings=siblings)


def _other_body(place: Place) -> str | None:
    """Whose proposals, whose matters, or which bodies among others."""
    assembly = _assembly(place)
    if assembly is not None:
        return assembly
    source = _last(_SOURCE, place.before) if _holds(place.before, _SOURCE_SIGNS) else None
    if source is not None:
        return source
    among = _AMONG.search(place.before) if place.before.endswith("等") else None
    if among is not None and place.noun.startswith(_BODIES_AMONG):
        return among["body"] + place.noun[:2]
    return None


def _of_noun(place: Place, level: str | None, *, in_list: bool, siblings: list[str]) -> str | None:
    """The territory or the level that the noun behind the number stands in."""
    wider = [wide for wide, rank in _WIDER.items() if rank > _RANK.get(level or "", 9)]
    if place.unit == "rank":
        return None
    ahead = next((wide for wide in wider if place.before.endswith(wide)), None)
    if ahead is None and place.unit in _PLACES:
        found = level_noun(place.noun)
        if found is not None:
            return found
        departments = _DEPARTMENTS.match(place.noun) if in_list else None
        if departments is not None and any(level_noun(noun) for noun in siblings if noun):
            return departments.group()
    return ahead or next((wide for wide in wider if place.noun.startswith(wide)), None)


def _counted_level(place: Place, siblings: list[str]) -> str | None:
    """下放乡镇16项; 抽查乡镇6个、部门9个: the noun directly before the number is a level."""
    if not place.before.endswith(LEVEL_ENDS):
        return None
    gone = _DESTINATION.search(place.before)
    if gone is not None:
        return gone["body"]
    level = _level_before(place)
    if level or place.unit not in _PLACES:
        return level or None
    departments = _DEPARTMENTS_BEFORE.search(place.before)
    if departments is not None and any(level_noun(noun) for noun in siblings if noun):
        return departments["body"]
    return None


def _level_before(place: Place) -> str:
    level = _LEVEL_BEFORE.search(place.before) if place.unit in _PLACES else None
    return "" if level is None else level["body"]


def _assembly(place: Place) -> str | None:
    """市人大, 平桥政协: whose proposals are counted. 人大代表建议 of nobody in particular has no scope."""
    words = place.words
    if not _holds(place.own, _ASSEMBLIES) or _holds(place.before, _SUBMITTING):
        return None
    for at in range(len(words) - 1, -1, -1):
        named = _ASSEMBLY_WORD.match(words[at]) is not None
        if not (named or (words[at][:1] in _LEVELS and words[at][1:3] in _ASSEMBLIES)):
            continue
        proposed = _PROPOSAL.search("".join(words[at:])) is not None
        if named:
            before = words[at - 1] if at else ""
            owned = proposed and _is_owner(words[: at - 1], before)
            return _of_both(words[: at - 1], f"{before}{words[at][:2]}") if owned else None
        if proposed:
            return _of_both(words[:at], words[at][:3])
    return None


def _of_both(ahead: list[str], name: str) -> str:
    """全国和省人大, 省、市政协: proposals of two levels under one number."""
    two = len(ahead) > 1 and ahead[-1] in _JOINING and ahead[-2] in _LEVELS
    return f"{ahead[-2]}{ahead[-1]}{name}" if two else name


def _is_owner(ahead: list[str], before: str) -> bool:
    """Whether the word before 人大 or 政协 names whose it is: a level, a place, or two characters that open the words."""
    if not before or len(before) > _LONGEST_OWNER or before in _NO_OWNERS or before in _HANDLING:
        return False
    return before in _LEVELS or before.endswith(_PLACE_ENDS) or (not ahead and len(before) == 2)
