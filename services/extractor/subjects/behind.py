"""Subjects whose noun stands behind the amount: 组建91支队伍, 组织159人参加培训班, 撤销、新设5个机构."""

from __future__ import annotations

from services.extractor.scope import level_noun
from services.extractor.subjects.cutting import words_before
from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import MAX_AGENT
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import object_of, only_verbs, tidy, without_light, without_long_list
from services.extractor.subjects.said import predicate_of
from services.extractor.subjects.verbs import examination, persons_of
from services.extractor.subjects.wholes import found_by
from services.extractor.words import segmenter

_CLAUSE_BEFORE = pattern("clause_before")
_REGISTER = pattern("register")
_PLAN = pattern("plan_of_tasks")
_ATTENDING = "参加"
#: 工作要点42项任务分解到责任单位: who is charged with tasks says nothing of them.
_DIVIDED = "分解"
_BODY_UNITS = ("个", "家", "所")
#: Of a register that the sentence has named.
_TAKEN_OUT = ("移出名录", "移出名单", "退出名录", "退出名单")
_GONE_OVER = pattern("gone_over")
_GROUPING = pattern("grouping")
_FIELD_BEHIND = pattern("field_behind")
_LISTING = words_of("listing")
_FINISHING = words_of("finishing")
_MOVING_IN = frozenset(words_of("moving_in"))
_ACTING = words_of("acting")
_HOLDERS = words_of("holders")
_FINDINGS = words_of("findings")
_PERSONS = words_of("person_units")
_ATTENDED = words_of("attended")
_NAMED_BEFORE = words_of("named_before")
_INSPECTING = frozenset((*words_of("inspecting"), *words_of("drawing")))
_EXAMINING = frozenset(words_of("examining"))
_HELD_AS = words_of("held_as")
_TASKS = words_of("tasks")


def only_causative(words: list[str]) -> bool:
    """Whether the words only bring the noun behind the number into play: 组织|159人参加培训班."""
    lexicon = word_lists()
    return all(word in lexicon.causative or word in lexicon.front or word in lexicon.agents for word in words)


def subject_of_persons(part: Part, following: Part | None, topic: Topic) -> str:
    """组织159人参加培训班: the persons are those of whom it is said."""
    predicate = predicate_of(part, following) or part.said
    said = tidy("".join(predicate))
    attended = _event_in_full(said, topic.base)
    if only_verbs(predicate) and topic.base and said in (attended, _ATTENDING):
        return persons_of(topic.base, said, topic.unit)
    topic.spoken = tidy("".join(object_of(predicate)))
    exam = examination(topic)
    if topic.spoken and exam.endswith(topic.spoken) and said.endswith(topic.spoken):
        attended, topic.spoken = said.removesuffix(topic.spoken) + exam, exam  # 组织资格考试,64人参加考试
    return f"{attended}人员"


def _in_full(noun: str, part: Part, topic: Topic) -> str:
    """推进督察反馈问题整改,22个问题…: a bare noun that the clause before names in full."""
    if noun not in _NAMED_BEFORE or part.ahead or topic.current:
        return noun
    named = topic.spoken
    if noun not in named[len(noun) :]:
        clause = _CLAUSE_BEFORE.search(topic.context)
        named = "" if clause is None else tidy("".join(without_light(words_before(clause["words"]))))
    name = named[: named.rfind(noun) + len(noun)]
    return name if len(noun) < len(name) <= MAX_AGENT and "、" not in name else noun


def _event_in_full(said: str, base: str) -> str:
    """组织资格考试2次,90人参加考试 → 参加资格考试: what was attended, by the name that it was held under."""
    event = said.removeprefix("参加了").removeprefix(_ATTENDING)
    named = 0 < len(base) <= MAX_AGENT and (base.endswith(event) or event in _ATTENDED) and base.endswith(_HELD_AS)
    return f"{_ATTENDING}{base}" if named and event in ("", *_HELD_AS) and event not in (said, base) else said


def _register_in_full(said: str, topic: Topic) -> str:
    """180户列入经营异常名录,60户企业移出名录 → 移出经营异常名录."""
    named = _REGISTER.search(topic.context) if said in _TAKEN_OUT else None
    return said if named is None else f"{said[:2]}{named['name']}"


def with_noun_behind(part: Part, following: Part | None, topic: Topic) -> str:
    """The subject of an amount whose noun stands behind it; brings `topic` up to date."""
    lexicon = word_lists()
    own = "".join(part.noun)
    noun = _in_full(tidy(without_long_list(own)), part, topic)
    topic.count(noun, part.unit)
    ranked = following is not None and following.quantity == "rank" and _FIELD_BEHIND.match(part.after) is not None
    whole = noun if ranked else _examined_body(part)  # 在全区9个镇街中排名第2
    if whole:
        return whole
    if part.possessor and following is not None:
        return _of_owner(noun, part, following, topic)
    defined = bool(part.said) and part.said[0] in lexicon.defining
    governed = (
        bool(part.ahead)
        and not _GONE_OVER.match(part.before)
        and (part.ahead[-1] in lexicon.light or part.ahead[-1] in lexicon.light_behind)
        and part.ahead[-1] not in lexicon.causative
    )
    # 服务站配备专干36人: what is had is counted by the next amount, and defines nothing but a level.
    handed = (
        part.followed and not part.joined and following is not None and not following.noun and not following.benefit
    )
    finished = governed and part.ahead[-1] in _FINISHING and bool(part.said)
    if finished and part.said[0] in _ACTING:
        governed = False  # 完成6家部门开展执法督查
    elif finished and only_verbs(part.said) and not part.followed:
        topic.spoken = f"{noun}{tidy(''.join(part.said))}"
        return topic.spoken  # 完成7条道路绿化提升
    named = part.before.rstrip().endswith("”") and not governed  # “一件事”13项重点事项上线运行
    # 15名党员参加学法1期, 17个部门公开信息830条: who took part and who acted is told by what they did.
    taking_part = (defined and part.unit in _PERSONS) or (noun.endswith(_HOLDERS) and not defined)
    plain = named or (governed and not defined) or (handed and not taking_part and level_noun(own) != own)
    plain = plain or (noun in _TASKS and _DIVIDED in part.said[:2] and _PLAN.search(topic.context) is not None)
    predicate = [] if plain else predicate_of(part, following)
    if predicate:
        base, goes = topic.base, predicate[0] in _MOVING_IN or predicate[-1] in _EXAMINING
        # 320项事项进驻政务大厅,网上可办率; 73件文件逐件审查,备案率: of the matters, not of where they went or what was done.
        topic.spoken = noun if goes else tidy("".join(object_of(predicate)))
        touched = "涉及" if part.ahead[-1:] == ["涉及"] and not part.said else ""
        said = _register_in_full(_event_in_full(tidy("".join(predicate)), base), topic)
        return f"{said}{touched}的{noun}"
    owner = tidy("".join(without_light(part.ahead))) if part.relative else ""
    if 0 < len(owner) <= MAX_AGENT:
        topic.spoken = noun
        found = found_by(f"{owner}{noun}", noun, topic) if noun in _FINDINGS and only_verbs(part.ahead) else ""
        return found or f"{owner}的{noun}"  # 人大代表提出的42件建议
    return _with_lead(part, noun, topic)


def _examined_body(part: Part) -> str:
    """对3个部门的法治工作进行点评 → 点评法治工作的部门: a body is counted, and what is done to something of its own said."""
    at = part.noun.index("的") if "的" in part.noun[1:-1] else 0
    whose = "".join(part.noun[:at])
    if not whose.endswith(_HOLDERS) or part.unit not in _BODY_UNITS or part.possessor or not part.said:
        return ""
    act = predicate_of(part, None)
    said = tidy("".join(act + part.noun[at + 1 :]))
    return f"{said}的{whose}" if act and only_verbs(part.said[:1]) and len(said) <= MAX_AGENT else ""


def _of_owner(noun: str, part: Part, following: Part, topic: Topic) -> str:
    """13个部门的37件案卷进行了评查, 抽查了18个部门的90本案卷: whose things the next amount counts, by what was done to those."""
    inner = tidy("".join(following.noun) or following.before)
    said = tidy("".join(predicate_of(following, None)))
    topic.spoken = inner
    if said:
        return f"{inner}{said}涉及的{noun}" if inner else noun
    act = next((act for act in part.ahead if act in _INSPECTING), "")
    return f"{topic.activity}{act}的{noun}" if act else noun


def _is_made(part: Part, verb: str) -> bool:
    """将辖区划分为68个网格: what something was made into is counted, without the act."""
    return part.before.rstrip().endswith("为") and segmenter().is_verb(verb)


def _with_lead(part: Part, noun: str, topic: Topic) -> str:
    """Words that stand directly before the number go before the noun: 惠企纾困政策16条措施, 撤销、新设5个机构."""
    lexicon = word_lists()
    words = without_light(part.ahead)
    while words and words[0] in lexicon.light_behind:
        words = words[1:]
    dependent = noun in lexicon.dependent and words and words[0] in ("涵盖", "涉及", "覆盖", "包括", "包含")
    base = topic.base if dependent else noun
    topic.spoken = noun
    if base != noun:
        return f"{base}{noun}"
    grouped = words[-1:] == ["建设"] and _GROUPING.search(part.before) is not None  # 法治建设六个方面24项职责
    light = words and (words[-1] in lexicon.light or words[-1] in lexicon.light_behind or _is_made(part, words[-1]))
    if light and "、" not in words and not grouped:
        words = []
    while words and (words[-1] in lexicon.tail or (len(words) > 1 and words[-1] in _LISTING)):
        words.pop()
    lead = tidy("".join(words))
    if part.before.rstrip().endswith("、") and not part.listed:
        lead, words = "", []  # 区中心、11个街道中心: the item before it in a list
    if part.listed and not lead:
        lead, words = topic.lead, []
    if not lead or len(lead) > MAX_AGENT + 4 or lead.endswith(("》", "等", "”等")):
        topic.lead = ""
        return noun
    topic.lead = lead
    sign = "的" if words and (words[-1] in lexicon.process or segmenter().is_verb(words[-1])) else ""
    return noun if noun.startswith(lead) else tidy(f"{lead}{sign}{noun}")
