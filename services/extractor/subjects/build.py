"""The subject of one amount: which question is asked for it, and what completes every answer."""

from __future__ import annotations

from services.extractor.subjects.before import with_noun_before
from services.extractor.subjects.behind import only_causative, subject_of_persons, with_noun_behind
from services.extractor.subjects.cutting import words_before
from services.extractor.subjects.data import pattern, words_of
from services.extractor.subjects.limits import EDGE
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import object_of, tidy, without_light, without_long_list
from services.extractor.subjects.rates import subject_of_duration, subject_of_rank, subject_of_rate

_FIELD_NOUNS = {
    ("reconsideration", "申请"): "行政复议申请",
    ("reconsideration", "案件"): "行政复议案件",
    ("disclosure", "申请"): "政府信息公开申请",
    ("litigation", "案件"): "行政诉讼案件",
    ("aid", "申请"): "法律援助申请",
    ("aid", "案件"): "法律援助案件",
}
_CASES = ("申请", "案件")
_BARE_CASES = pattern("bare_cases")
_FIELD_OF_CASES = pattern("field_of_cases")
_RECONSIDERATION = pattern("short_reconsideration")
_BUILT = pattern("built_thing")
_FILES = pattern("files_reviewed")
_SLOGAN = pattern("slogan_alone")
_LOOKED_FROM = pattern("looked_from")
_HEADING_MARK = pattern("heading_mark")
_PERSONS = words_of("person_units")


def subject_of(part: Part, following: Part | None, topic: Topic) -> str:
    """The subject of one amount; brings `topic` up to date."""
    if part.noun:
        subject = with_noun_behind(part, following, topic)
    elif part.ahead[:1] == ["为"]:
        subject = "".join(part.ahead)  # for whom something was got
    elif part.quantity in ("rate", "score"):
        subject = subject_of_rate(part, topic)
    elif part.quantity == "rank":
        subject = subject_of_rank(part, topic)
    elif part.quantity == "duration":
        subject = subject_of_duration(part, topic)
    elif part.unit in _PERSONS and part.said and only_causative(part.ahead):
        subject = subject_of_persons(part, following, topic)
    else:
        subject = with_noun_before(part, following, topic)
    if part.unit in ("次", "场", "期") and _SLOGAN.match(subject):
        subject += "活动"
    if part.quantity == "area" and _BUILT.search(subject):
        subject += "面积"
    return _spelled_out(subject, topic) or topic.base or _HEADING_MARK.sub("", topic.heading).strip(EDGE)


def _spelled_out(subject: str, topic: Topic) -> str:
    """The subject with what the genre leaves unsaid: 案卷 are files of enforcement, 复议 is 行政复议."""
    if subject.endswith("案卷"):
        subject = _FILES.sub(r"\g<act>的执法案卷", subject)
    if subject.endswith(_CASES):
        subject = _with_field(subject, topic)
    return _RECONSIDERATION.sub("行政复议", subject) if "复议" in subject else subject


def _with_field(subject: str, topic: Topic) -> str:
    """A bare 申请 or 案件 with the field that the sentence or the heading speaks of."""
    bare = _BARE_CASES.search(subject)
    if bare is None:
        return subject
    for text in (topic.context, topic.heading):
        fields = list(_FIELD_OF_CASES.finditer(text))
        if fields:
            noun = _FIELD_NOUNS.get((fields[-1].lastgroup or "", bare["noun"]))
            if noun is not None:
                topic.noun = (
                    topic.noun.removesuffix(bare["noun"]) + noun if topic.noun.endswith(bare["noun"]) else topic.noun
                )
                topic.spoken = topic.noun if topic.spoken == bare["noun"] else topic.spoken
                return subject[: bare.start("noun")] + noun
    return subject


def spoken_of(clause: str) -> str:
    """What a clause without an amount speaks of: its last object; nothing where it only says from where one looks."""
    if _LOOKED_FROM.match(clause.strip()):
        return ""
    return tidy(without_long_list("".join(object_of(without_light(words_before(clause))))))
