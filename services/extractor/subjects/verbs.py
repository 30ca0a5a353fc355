"""Subjects of a verb alone: the noun is the one counted before (维持3件, 涉及147人, 8件8人)."""

from __future__ import annotations

from services.extractor.subjects.activities import same_act
from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import MAX_AGENT, SHORT_NOUN, UNIT_NOUNS
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import object_of, only_verbs, tidy, without_light
from services.extractor.subjects.said import predicate_of
from services.extractor.words import segmenter

_MEASURES = {"area": "面积", "length": "长度"}
_APPLICATION = pattern("application")
_RESPONDENT = pattern("respondent_in_front")
_NEWLY = pattern("newly")
_REGISTER = pattern("register")
_INSPECTION = pattern("counted_activity")
_EXAM = pattern("exam")
_MEDIATING = pattern("mediating")
_OWN_NOUNS = words_of("own_nouns")
_PEOPLE = words_of("people")
_TRANSITIVE = words_of("transitive")
_PENALTIES = words_of("penalties")
_CASE_UNITS = words_of("case_units")
_EXAMINED = words_of("examined")
_PERSONS = words_of("person_units")
_EVENTS = words_of("event_units")
_REACHING = words_of("reaching")
_HELD_UNITS = words_of("held_units")
_LETTERS = words_of("letters")
_SHARES = ("%", "pp")
_LEADING_IN = words_of("leading_in")
_LAYING_DOWN = words_of("laying_down")
_PLANS = words_of("plans")
_GOING_THROUGH = words_of("going_through")
_TASK_UNITS = ("项", "条")
_PAPERS = pattern("papers")
_LICENSED = pattern("licensed")
_LICENSING = words_of("licensing")
_CERTIFICATE_UNITS = words_of("certificate_units")
_GRADES = words_of("grades")


def second_measure(part: Part, topic: Topic) -> str:
    """8件8人, 12批30人次, 27宗860平方米: the second measure of the same thing."""
    subject, unit = topic.said[-1]
    if part.quantity == "count" and unit in _SHARES:
        return topic.last(part.unit)  # 调解结案198件,占43.4%;…最多,共123件: no count of a share
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
    said = tidy("".join(word for word in words if word not in _LEADING_IN))
    if not said:
        said = tidy("".join(predicate_of(part, None)))
    act = same_act(said, part, topic) or _of_certificates(said, part, topic)
    if act:
        return act
    if said in _LAYING_DOWN and part.unit in _TASK_UNITS:
        return _on_its_own(f"{topic.spoken}任务" if topic.spoken.endswith(_PLANS) else "任务", part, topic)
    _note_gone_through(part, topic)
    base = noun_of_same_unit(part, topic) or topic.noun or topic.spoken
    if said in _GOING_THROUGH and topic.spoken and not topic.current:
        base = topic.spoken  # 对现行文件进行清理,共清理860件
        topic.count(base, part.unit)
    if not same_family(part.unit, topic.unit) and (
        base.endswith(_LETTERS) or (topic.unit == "CNY" and base == topic.noun)
    ):
        base = ""  # 下发整改通知书64份,立案1起; 罚款5万元,关停12家: nothing more is said of what was sent or paid
    if topic.divided is not None and topic.shares and part.unit == topic.divided[3]:
        base = topic.divided[0]  # 应诉案件98件,其中一审65件、再审4件
    if part.quantity == "money":
        return _money(said, words, base, part, topic)
    if not said:
        return topic.last(part.unit) or base
    if base and (not topic.current or len(said) > SHORT_NOUN) and not goes_on(words):
        return _on_its_own(said, part, topic)
    return _persons(said, base, topic) if part.unit in _PERSONS else _things(said, words, base, part, topic)


def _note_gone_through(part: Part, topic: Topic) -> None:
    """开展规范性文件清理,继续有效286件: what the clause before went through, whatever was counted before that."""
    act = topic.ahead or ("" if topic.current else topic.spoken)
    papers = _PAPERS.findall(act) if act.endswith(_GOING_THROUGH) else []
    if papers and papers[-1] not in topic.noun:
        topic.count(papers[-1], part.unit)


def _money(said: str, words: list[str], base: str, part: Part, topic: Topic) -> str:
    """罚没3万元 of the cases; 收取维修资金4300万元,支出560万元 of the money before; 追赃挽损3200万元 of its own."""
    if said in _PENALTIES:
        return f"{topic.cases}{said}"
    if not said:
        return topic.last(part.unit) or base
    if topic.current and topic.unit == part.unit:
        return f"{without_act(base)}{said}"
    return f"{base}{said}" if goes_on(words) else _on_its_own(said, part, topic)


def _persons(said: str, base: str, topic: Topic) -> str:
    """涉及147人, 合格98人: of those who took the examination where the sentence names one."""
    exam = examination(topic) if said in _EXAMINED else ""
    return persons_of(exam or base, said, topic.unit)


def examination(topic: Topic) -> str:
    """The examination that the sentence names before the amount: 行政执法资格考试; "" where it names none."""
    exams = [name for name in _EXAM.findall(topic.context) if len(name) > SHORT_NOUN]
    return tidy("".join(without_light(object_of(segmenter().cut(exams[-1]))))) if exams else ""


def _things(said: str, words: list[str], base: str, part: Part, topic: Topic) -> str:
    """维持3件, 移出12户: the noun counted before in the same unit, or the register that they were taken out of."""
    register = _REGISTER.search(topic.context) if said == "移出" else None
    if register is not None:
        return f"移出{register['name']}的{UNIT_NOUNS.get(part.unit or '', base)}"
    if not base or only_verbs(segmenter().cut(base)):
        return said  # 限产停产2起、移送4起: nothing is done to an act
    counted = topic.counted.get(part.unit or "", "")
    if topic.current and base in (topic.noun, counted):
        topic.spoken = base  # 案件42件,其中确权27件;审结36件,败诉5件,败诉率13.9%
    if part.unit == topic.unit or part.unit in _CASE_UNITS or not topic.unit or (counted and counted == base):
        return _done_to(
            said,
            words,
            base,
            held=part.unit in _CASE_UNITS
            and (topic.unit in _HELD_UNITS or topic.unit in _PERSONS or _INSPECTION.search(base) is not None),
        )
    return f"{base}{said}"


def _of_certificates(said: str, part: Part, topic: Topic) -> str:
    """持证执法人员483名,注销9个: what is done with certificates, where only their holders were named."""
    if said not in _LICENSING or part.unit not in _CERTIFICATE_UNITS or _LICENSED.search(topic.context) is None:
        return ""
    return _on_its_own(f"{said}的执法证", part, topic)


def goes_on(words: list[str]) -> bool:
    """Whether verbs alone may speak of a noun of the sentence before: outcomes and stages do, other acts begin anew."""
    lexicon = word_lists()
    return all(
        word in lexicon.process or word in lexicon.outcomes or word in lexicon.particles or word in lexicon.front
        or word in lexicon.agents or word in lexicon.tail
        for word in words
    )  # fmt: skip


def _on_its_own(said: str, part: Part, topic: Topic) -> str:
    """An act that opens its sentence's counts: 行政拘留1380人, 竣工验收备案52项."""
    topic.count(said, part.unit)
    topic.spoken = said
    return said


def succeeded(topic: Topic) -> str:
    """调处纠纷156起,成功152起 → 调处成功的纠纷: the act is the one said of the whole."""
    whole = topic.said[-1][0]
    act = next(iter(_MEDIATING.findall(whole)), "")
    noun = whole.rpartition(act)[2].removeprefix("的") if act else topic.noun
    if act and not noun:
        return f"{whole}成功案件"
    return f"{act}成功的{noun}" if act or topic.noun else whole


def _done_to(said: str, words: list[str], base: str, *, held: bool) -> str:
    """维持的行政复议案件; behind people or something that was held (联合执法28次,查处违法52起) the noun is its own."""
    if held:
        papers = _PAPERS.search(base)
        if papers is not None:
            return f"{said}的{papers.group()}"  # 规范性文件清理3次,废止8件
        return said if said.endswith(_OWN_NOUNS) else f"{said}案件"
    head = without_act(base).rpartition("的")[2]  # 废止的|(我局印发的)文件
    return f"{said}{'' if said in _GRADES else '的'}{cases_of(words, head)}"


def noun_of_same_unit(part: Part, topic: Topic) -> str:
    """The noun counted last in the unit of `part`, where the noun counted last of all has another; "" where none was.

    提案146件,交由31个单位承办,已落实122件: what was done is said of the proposals.
    """
    if part.unit is None or same_family(part.unit, topic.unit) or part.unit in _PERSONS:
        return ""
    noun = topic.counted.get(part.unit, "")
    return noun if len(noun) <= MAX_AGENT else ""


def same_family(unit: str | None, other: str | None) -> bool:
    """Whether two measure words count the same things: 排查矛盾6318起, 受理6145件."""
    return unit == other or (unit in _CASE_UNITS and other in _CASE_UNITS)


def without_act(noun: str) -> str:
    """检查|场所 → 场所: what is said next is said of the object alone."""
    words = segmenter().cut(noun)
    return "".join(words[1:]) if len(words) > 1 and words[0] in _TRANSITIVE and len(noun) - len(words[0]) > 1 else noun


def persons_of(base: str, said: str, held: str | None = None) -> str:
    """参加|执法培训|人员, 执法培训|受训|人员."""
    if said in ("参加", "参与"):
        return f"{said}{base}人员"
    if base.endswith(_PEOPLE) and said not in _EXAMINED:
        return f"{said}的{base}"  # 执法人员512人,新增32人
    if held not in _EVENTS and said not in _EXAMINED and not said.startswith(_REACHING):
        base = ""  # 破获案件530起,抓获101人
    return f"{base}{said}{'' if said.endswith(('人员', '人')) or base.endswith(_PEOPLE) else '人员'}"


def cases_of(words: list[str], base: str) -> str:
    """The things that an outcome (`words`) is said of: cases, not the applications that were made, whoever the respondent was."""
    if any(word in word_lists().outcomes for word in words):
        base = _APPLICATION.sub("行政复议案件", _RESPONDENT.sub("", base))
    return _NEWLY.sub("", base)
