"""Subjects whose noun stands behind the amount: 组建91支队伍, 组织159人参加培训班, 撤销、新设5个机构."""

from __future__ import annotations

from services.extractor.scope import level_noun
from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import MAX_AGENT
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import object_of, only_verbs, tidy, without_light, without_long_list
from services.extractor.subjects.said import predicate_of
from services.extractor.subjects.verbs import examination, persons_of
from services.extractor.subjects.wholes import found_by
from services.extractor.words import segmenter

_GROUPING = pattern("grouping")
_FIELD_BEHIND = pattern("field_behind")
_LISTING = words_of("listing")
_FINISHING = words_of("finishing")
_ACTING = words_of("acting")
_HOLDERS = words_of("holders")
_FINDINGS = words_of("findings")
_PERSONS = words_of("person_units")


def only_causative(words: list[str]) -> bool:
    lexicon = word_lists()
    return all(word in lexicon.causative or word in lexicon.front or word in lexicon.agents for word in words)


def subject_of_persons(part: Part, following: Part | None, topic: Topic) -> str:
    """组织159人参加培训班: the persons are those of whom it is said."""
    predicate = predicate_of(part, following) or part.said
    said = tidy("".join(predicate))
    if only_verbs(predicate) and topic.base:
        return persons_of(topic.base, said, topic.unit)
    topic.spoken = tidy("".join(object_of(predicate)))
    exam = examination(topic)
    if topic.spoken and exam.endswith(topic.spoken) and said.endswith(topic.spoken):
        said, topic.spoken = said.removesuffix(topic.spoken) + exam, exam  # 组织资格考试,64人参加考试
    return f"{said}人员"


def with_noun_behind(part: Part, following: Part | None, topic: Topic) -> str:
    lexicon = word_lists()
    own = "".join(part.noun)
    noun = tidy(without_long_list(own))
    topic.count(noun, part.unit)
    if following is not None and following.quantity == "rank" and _FIELD_BEHIND.match(part.after):
        return noun  # 在全区9个镇街中排名第2
    if part.possessor and following is not None:
        inner = tidy("".join(following.noun) or following.before)
        said = tidy("".join(predicate_of(following, None)))
        topic.spoken = inner
        return f"{inner}{said}涉及的{noun}" if said and inner else noun
    defined = bool(part.said) and part.said[0] in lexicon.defining
    governed = (
        bool(part.ahead)
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
    predicate = [] if plain else predicate_of(part, following)
    if predicate:
        topic.spoken = tidy("".join(object_of(predicate)))
        touched = "涉及" if part.ahead[-1:] == ["涉及"] and not part.said else ""
        return f"{tidy(''.join(predicate))}{touched}的{noun}"
    owner = tidy("".join(without_light(part.ahead))) if part.relative else ""
    if 0 < len(owner) <= MAX_AGENT:
        topic.spoken = noun
        found = found_by(f"{owner}{noun}", noun, topic) if noun in _FINDINGS and only_verbs(part.ahead) else ""
        return found or f"{owner}的{noun}"  # 人大代表提出的42件建议
    return _with_lead(part, noun, topic)


def _with_lead(part: Part, noun: str, topic: Topic) -> str:
    """Words that stand directly before the number go before the noun: 惠企纾困政策16条措施, 撤销、新设5个机构."""
    lexicon = word_lists()
    base = topic.base
    topic.spoken = noun
    words = without_light(part.ahead)
    while words and words[0] in lexicon.light_behind:
        words = words[1:]
    if noun in lexicon.dependent and words and words[0] in ("涵盖", "涉及", "覆盖", "包括", "包含") and base != noun:
        return f"{base}{noun}"
    grouped = words[-1:] == ["建设"] and _GROUPING.search(part.before) is not None  # 法治建设六个方面24项职责
    light = words and (words[-1] in lexicon.light or words[-1] in lexicon.light_behind)
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
