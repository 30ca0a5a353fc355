"""The subject of one amount: which question is asked for it, and what completes every answer."""

from __future__ import annotations

from services.extractor.subjects.activities import completed, note_activity, note_counted
from services.extractor.subjects.before import with_noun_before
from services.extractor.subjects.behind import only_causative, subject_of_persons, with_noun_behind
from services.extractor.subjects.cutting import words_before
from services.extractor.subjects.data import pattern, words_of
from services.extractor.subjects.limits import EDGE, MAX_AGENT, SHORT_RATE
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import object_of, only_verbs, tidy, without_light, without_long_list
from services.extractor.subjects.rates import subject_of_duration, subject_of_rank, subject_of_rate
from services.extractor.subjects.shares import divide
from services.extractor.subjects.verbs import second_measure
from services.extractor.words import segmenter

_FIELD_NOUNS = {
    ("reconsideration", "申请"): "行政复议申请",
    ("reconsideration", "案件"): "行政复议案件",
    ("disclosure", "申请"): "政府信息公开申请",
    ("litigation", "案件"): "行政诉讼案件",
    ("aid", "申请"): "法律援助申请",
    ("aid", "案件"): "法律援助案件",
    ("documents", "文件"): "规范性文件",
    ("policies", "文件"): "政策文件",
}
_PAPERS = ("文件",)
_CASES = ("申请", "案件", *_PAPERS)
_MEASURED = {
    "rate": subject_of_rate,
    "score": subject_of_rate,
    "rank": subject_of_rank,
    "duration": subject_of_duration,
}
_BARE_CASES = pattern("bare_cases")
_FIELD_OF_CASES = pattern("field_of_cases")
_RECONSIDERATION = pattern("short_reconsideration")
_APPLIED_FOR = pattern("applied_for")
_AIDED = pattern("aided")
_BUILT = pattern("built_thing")
_FILES = pattern("files_reviewed")
_SLOGAN = pattern("slogan_alone")
_LOOKED_FROM = pattern("looked_from")
_GOING_ON = pattern("going_on")
_STATE = pattern("state")
_GONE_THROUGH = pattern("gone_through")
_SITUATED = pattern("situated")
_HEADING_MARK = pattern("heading_mark")
_PERSONS = words_of("person_units")
_FORCES = words_of("forces")
_PEOPLE = words_of("people")
_HELD_UNITS = words_of("held_units")
_MEASURES = words_of("measures")
_TASKS = words_of("tasks")
_REGISTERS = words_of("registers")
_LAYING_DOWN = (*words_of("laying_down"), *words_of("light_behind"))
_BARE_TASK = "任务"
_TASK_FIELD = pattern("task_field")
_PLAN = pattern("plan_of_tasks")
_HOLDER = pattern("holder")
_HELD_THINGS = words_of("held_things")
_AGENDA = pattern("agenda")
_MEETINGS = words_of("meetings")
_TITLED_REGISTER = pattern("titled_register")
_FILING_OPINION = pattern("filing_opinion")
_FILED = pattern("filed")
_HANDLED_PROPOSAL = pattern("handled_proposal")
#: What a register does with its items.
_REGISTERED = ("纳入事项", "列入事项", "涉及事项", "包含事项", "共有事项")


def subject_of(part: Part, following: Part | None, topic: Topic) -> str:
    """The subject of one amount; brings `topic` up to date."""
    divide(part, topic)
    note_activity(topic)
    subject = _asked(part, following, topic)
    if part.unit in ("次", "场", "期") and _SLOGAN.match(subject):
        subject += "活动"
    if part.unit == "人" and subject.endswith(_MEASURES):
        subject += "人员"  # 追责问责27人
    if part.unit in _PERSONS and (subject.endswith(_FORCES) or _is_taking_part(subject)):
        subject += "人员"
    if part.unit in _PERSONS and subject.removeprefix("参加") in _PEOPLE:
        subject = _of_event(subject, topic)
    if part.quantity == "area" and (_BUILT.search(subject) or (part.noun and not subject.endswith("面积"))):
        subject += "面积"
    note_counted(part, subject, topic)
    subject = _of_holder(part, subject, topic)
    subject = _of_field(_of_register(_of_meeting(completed(part, subject, topic), topic), topic), topic)
    if part.unit == "项" and subject.endswith(_REGISTERS) and not subject.endswith(_TASKS):
        subject = _items_of(subject, topic)
    subject = _of_filing(subject, topic)
    return _spelled_out(subject, topic) or topic.base or _HEADING_MARK.sub("", topic.heading).strip(EDGE)


def _is_taking_part(subject: str) -> bool:
    """参加执法培训96人次: who takes part is counted."""
    return subject.startswith("参加") and "的" not in subject and not subject.endswith(_PEOPLE)


def _of_event(subject: str, topic: Topic) -> str:
    """应急演练26场,参加师生3800人次 → 参加应急演练的师生: in what they took part was counted before."""
    held, unit = topic.said[-1] if topic.said else ("", None)
    people = subject.removeprefix("参加")
    taking_part = people != subject and unit in _HELD_UNITS and len(held) <= MAX_AGENT
    return f"参加{held}的{people}" if taking_part else subject


def _asked(part: Part, following: Part | None, topic: Topic) -> str:
    """The answer to the question that fits the amount."""
    if _is_second_measure(part, topic):
        return second_measure(part, topic)
    if part.noun:
        return with_noun_behind(part, following, topic)
    if part.ahead[:1] == ["为"]:
        aid = "法律援助" if _AIDED.match(part.ahead[1]) and "法律援助" in topic.context else ""
        return f"{aid}{''.join(part.ahead)}"  # for whom something was got
    measured = _MEASURED.get(part.quantity)
    if measured is not None:
        return measured(part, topic)
    if part.unit in _PERSONS and part.said and only_causative(part.ahead):
        return subject_of_persons(part, following, topic)
    return with_noun_before(part, following, topic)


def _is_second_measure(part: Part, topic: Topic) -> bool:
    """低保对象846户|1371人|做到应保尽保: persons directly behind another amount, with what is said of both."""
    beside = bool(topic.said) and not (topic.since or part.listed or part.among)
    return beside and part.unit in _PERSONS and bool(part.noun or part.said) and only_verbs(part.noun[:1])


def _items_of(register: str, topic: Topic) -> str:
    """公布权力清单82项: its items are counted; 决策事项目录6项,其中4项开展评估 speaks of the items."""
    register = register.removeprefix("公布").removeprefix("公开")
    items = f"{register}事项"
    topic.count(next((register[: -len(end)] for end in _REGISTERS if register.endswith(f"事项{end}")), items), "项")
    return items


def _of_holder(part: Part, subject: str, topic: Topic) -> str:
    """政务服务中心进驻部门31个,设置窗口54个: whose counters and matters they are is said once, at the head of the sentence."""
    held = _HOLDER.match(topic.context) if part.quantity == "count" else None
    if held is None or len(subject) > SHORT_RATE or not subject.endswith(_HELD_THINGS):
        return subject
    return f"{held['holder']}{subject}"


def _of_meeting(subject: str, topic: Topic) -> str:
    """召开常务会议25次,研究议题287个 → 常务会议研究议题: the meeting was counted in the clause before."""
    met = topic.last_counted if _AGENDA.fullmatch(subject) else ""
    return f"{met}{subject}" if met.endswith(_MEETINGS) and len(met) <= MAX_AGENT else subject


def _of_filing(subject: str, topic: Topic) -> str:
    """备案审查规范性文件84件,发出纠错意见书3份 → 规范性文件纠错意见书: opinions on documents that were filed."""
    opinion = _FILING_OPINION.fullmatch(subject)
    if opinion is None or _FILED.search(topic.context) is None:
        return subject
    return f"规范性文件{opinion['paper']}"


def _of_register(subject: str, topic: Topic) -> str:
    """公布《甲县2023年度重大行政决策事项目录》,纳入事项4项 → 重大行政决策事项: the register's title says what they are."""
    titled = _TITLED_REGISTER.search(topic.context) if subject in _REGISTERED else None
    return subject if titled is None else titled["name"].removesuffix("事项") + "事项"


def _of_field(subject: str, topic: Topic) -> str:
    """Tasks and demonstration units with what they are of, which the sentence named before: 法治政府建设重点任务."""
    if not subject.endswith(_TASKS):
        return subject
    task = "".join(without_light(segmenter().cut(subject)))
    task = next((task.removeprefix(verb) for verb in _LAYING_DOWN if task.startswith(verb)), task)
    plans = _PLAN.findall(topic.context) if task == _BARE_TASK else ()
    fields = plans or (_TASK_FIELD.findall(topic.context) if task in _TASKS else ())
    return f"{fields[-1]}{task}" if fields else subject


def _spelled_out(subject: str, topic: Topic) -> str:
    """The subject with what the genre leaves unsaid: 案卷 are files of enforcement, 复议 is 行政复议."""
    if subject.endswith("案卷"):
        subject = _FILES.sub(r"\g<act>的执法案卷", subject)
    if subject in ("咨询", "提供咨询") and "法律" in topic.context:
        return f"{subject.removesuffix('咨询')}法律咨询"
    if subject.endswith(_CASES):
        subject = _with_field(subject, topic)
    proposal = _HANDLED_PROPOSAL.fullmatch(subject)
    if proposal is not None:
        return proposal["proposal"]
    subject = _APPLIED_FOR.sub("政府信息公开申请", subject) if "依申请" in subject else subject
    return _RECONSIDERATION.sub("行政复议", subject) if "复议" in subject else subject


def _with_field(subject: str, topic: Topic) -> str:
    """A bare 申请 or 案件 with the field that the sentence or the heading speaks of."""
    bare = _BARE_CASES.search(subject)
    if bare is None:
        return subject
    short = bare["noun"] or bare["paper"]
    # 规范性文件审查率100%;清理文件143件: behind a semicolon other papers may be meant.
    said = topic.context.replace("；", ";").rpartition(";")[2] if short in _PAPERS else topic.context
    for text in (said, topic.heading):
        fields = [_FIELD_NOUNS.get((field.lastgroup or "", short), "") for field in _FIELD_OF_CASES.finditer(text)]
        if short in _PAPERS:
            fields = [field for field in fields if field]
        if fields and fields[-1]:
            topic.noun = topic.noun.removesuffix(short) + fields[-1] if topic.noun.endswith(short) else topic.noun
            topic.spoken = topic.noun if topic.spoken == short else topic.spoken
            return subject[: -len(short)] + fields[-1]
    return subject


def spoken_of(clause: str) -> str:
    """What a clause without an amount speaks of: its last object; nothing where it only says from where one looks, or how things stand."""
    if _LOOKED_FROM.match(clause.strip()) or _STATE.search(clause):
        return ""
    gone_through = _GONE_THROUGH.search(clause)
    if gone_through is not None:
        return tidy("".join(words_before(gone_through["object"].rpartition("的")[2])))
    return tidy(
        without_long_list("".join(object_of(without_light(words_before(_SITUATED.sub("", _GOING_ON.sub("", clause)))))))
    )
