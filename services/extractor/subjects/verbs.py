"""Subjects of a verb alone: the noun is the one counted before (维持3件, 涉及147人, 8件8人)."""

from __future__ import annotations

from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import MAX_AGENT, UNIT_NOUNS
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import tidy, without_light
from services.extractor.subjects.said import predicate_of
from services.extractor.words import segmenter

_MEASURES = {"area": "面积", "length": "长度"}
_APPLICATION = pattern("application")
_RESPONDENT = pattern("respondent_in_front")
_NEWLY = pattern("newly")
_REGISTER = pattern("register")
_EXAM = pattern("exam")
_OWN_NOUNS = words_of("own_nouns")
_PEOPLE = words_of("people")
_CASE_UNITS = words_of("case_units")
_EXAMINED = words_of("examined")
_PERSONS = words_of("person_units")
_HELD_UNITS = words_of("held_units")


def second_measure(part: Part, topic: Topic) -> str:
    """8件8人, 12批30人次, 27宗860平方米: the second measure of the same thing."""
    subject, unit = topic.said[-1]
    if part.unit in _PERSONS and unit not in _PERSONS and not subject.endswith(_PEOPLE):
        if subject.startswith(("移送", "移交")):
            return f"{subject.removesuffix('案件').removesuffix('的')}案件的涉案人员"
        return f"{subject.removesuffix('案件')}人员"
    measure = _MEASURES.get(part.quantity)
    if measure is not None and not subject.endswith(measure):
        return f"{subject}{measure}"
    return subject


def verb_alone(part: Part, words: list[str], topic: Topic) -> str:
    """维持3件, 涉及147人: the noun is the one counted before."""
    said = tidy("".join(word for word in words if word not in ("其中", "了", "共", "又", "另")))
    if not said:
        said = tidy("".join(predicate_of(part, None)))
    base = noun_of_same_unit(part, topic) or topic.noun or topic.spoken
    register = _REGISTER.search(topic.context) if said == "移出" else None
    if register is not None:
        return f"移出{register['name']}的{UNIT_NOUNS.get(part.unit or '', base)}"
    if not said:
        return topic.last(part.unit) or base
    if part.unit in _PERSONS:
        exams = _EXAM.findall(topic.context) if said in _EXAMINED else []
        if exams:
            base = tidy("".join(without_light(segmenter().cut(exams[-1]))))
        return persons_of(base, said)
    if not base:
        return said
    if part.unit == topic.unit or part.unit in _CASE_UNITS or not topic.unit:
        return _done_to(said, words, base, held=part.unit in _CASE_UNITS and topic.unit in _HELD_UNITS)
    return f"{base}{said}"


def _done_to(said: str, words: list[str], base: str, *, held: bool) -> str:
    """维持的行政复议案件; behind something that was held (联合执法28次,查处违法52起) the noun is its own."""
    if held:
        return said if said.endswith(_OWN_NOUNS) else f"{said}案件"
    return f"{said}的{cases_of(words, base)}"


def noun_of_same_unit(part: Part, topic: Topic) -> str:
    """The noun counted last in the unit of `part`, where the noun counted last of all has another; "" where none was.

    提案146件,交由31个单位承办,已落实122件: what was done is said of the proposals.
    """
    if part.unit is None or part.unit == topic.unit or part.unit in _PERSONS:
        return ""
    noun = topic.counted.get(part.unit, "")
    return noun if len(noun) <= MAX_AGENT else ""


def persons_of(base: str, said: str) -> str:
    """参加|执法培训|人员, 执法培训|受训|人员."""
    if said in ("参加", "参与"):
        return f"{said}{base}人员"
    return f"{base}{said}{'' if said.endswith(('人员', '人')) or base.endswith(_PEOPLE) else '人员'}"


def cases_of(words: list[str], base: str) -> str:
    """The things that an outcome (`words`) is said of: cases, not the applications that were made, whoever the respondent was."""
    if any(word in word_lists().outcomes for word in words):
        base = _APPLICATION.sub("行政复议案件", _RESPONDENT.sub("", base))
    return _NEWLY.sub("", base)
