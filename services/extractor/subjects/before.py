"""Subjects whose noun stands before the amount: 受理案件62件, 法律顾问出具法律意见书, 移送公安机关12件."""

from __future__ import annotations

from services.extractor.areas import area_of
from services.extractor.subjects.data import JOINING, pattern, word_lists, words_of
from services.extractor.subjects.limits import MAX_AGENT, MAX_PREDICATE, SHORT_NOUN, UNIT_NOUNS
from services.extractor.subjects.lists import of_level
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import (
    JOINED_BY,
    object_of,
    only_verbs,
    tidy,
    without_light,
    without_long_list,
    without_maker,
    without_process,
    without_verb,
)
from services.extractor.subjects.said import predicate_of
from services.extractor.subjects.shares import concerning
from services.extractor.subjects.verbs import (
    cases_of,
    goes_on,
    noun_of_same_unit,
    same_family,
    second_measure,
    succeeded,
    verb_alone,
    without_act,
)
from services.extractor.subjects.wholes import with_shared_words
from services.extractor.words import segmenter

#: An agent stays before an object of at most this length: 媒体发布新闻, but 调解组织排查矛盾纠纷 → 排查矛盾纠纷.
SHORT_OBJECT = 3
#: A phrase before an amount that is longer than this says more than one thing.
LONG_CHAIN = 18
#: A list of works stays whole up to this length.
LONGEST_LIST = 32
#: What is left of a list up to this length says nothing without its verb: 制度, 活动.
BARE_NOUN = 2
_APPLICATION = pattern("application")
_IN_THE_NAME = pattern("in_the_name")
_PAPERS = pattern("papers")
_REVIEW = pattern("review")
_DONE_TO = pattern("done_to")
_MADE_BY_OFFICE = pattern("made_by_office")
_REFERRED = pattern("referred")
_ROLE = pattern("role")
_COUNSEL = pattern("counsel")
_COUNSEL_NAMED = pattern("counsel_named")
_COUNSEL_PAPER = pattern("counsel_paper")
_GRADE_ALONE = pattern("grade_alone")
_TRIAL = pattern("stage_of_trial")
_LEADING_VERBS = words_of("leading_verbs")
_OWN_NOUNS = words_of("own_nouns")
_ROLE_ACTS = frozenset(words_of("role_acts"))
_ROLE_OWNERS = words_of("role_owners")
_HOLDING = frozenset(words_of("holding"))
_HELD = frozenset((*words_of("holding"), "举办", "举行"))
_NAMED_EVENT = pattern("named_event")
_LISTING = words_of("listing")
_IN_FRONT = frozenset((*words_of("objects_in_front"), *words_of("fields")))
_COUNSEL_ACTS = words_of("counsel_acts")
_PERSONS = words_of("person_units")
_EVENTS = words_of("event_units")
_HELD_UNITS = words_of("held_units")
_EXAMINING = words_of("examining")
_NAMED_AFTER_ACT = words_of("named_after_act")
_TAKING_IN = words_of("taking_in")
_TAKING_UP = (*words_of("transitive"), *words_of("taking_up"))
_PER_PLACE = pattern("per_place")
_CASE_UNITS = words_of("case_units")
_MAKERS = words_of("makers")
_PAPER_UNITS = words_of("paper_units")
_SUMMED_UP = pattern("summed_up")
_FINDINGS = words_of("findings")
_OFFENCE = pattern("offence")
_JOINING = ("、", "和", "及", "或", "并", "了")
_SIGNS = frozenset(JOINING)
_CLOSING = frozenset(("、", "的"))
_DRAWING = words_of("drawing")
_DRAWN = frozenset(_DRAWING)
_REVIEW_OF_FILES = "案卷评查"
_SERVING = words_of("serving")
#: What a lower body does with what a higher one gave away: from whom stands between.
_TAKING_OVER = "承接"
_STUDYING = words_of("studying")
_NOTHING_ALONE = words_of("nothing_alone")
_DENYING = frozenset(words_of("denying"))
_PLAIN_VERBS = {*words_of("light"), *words_of("modes")}


def with_noun_before(part: Part, following: Part | None, topic: Topic) -> str:
    """The subject of an amount whose noun stands before it, or was counted before; brings `topic` up to date."""
    words = part.ahead
    if "中" in words[:-1]:
        at = len(words) - 1 - words[::-1].index("中")
        if only_verbs(words[at + 1 :]):
            words = words[at + 1 :]
    rest = without_light(words, kept=True)
    if not rest and (part.compared or part.change):
        return topic.last(part.unit)
    placed = _only_held(part, words, topic) or _per_place(part, words, topic) or _done_by_level(part, words, topic)
    if placed:
        return placed
    if not words and not part.said and topic.said:
        return _without_words(part, topic)
    said = concerning(part, words, topic) or _done_to(part, topic) or _of_office(part, topic)
    told = _acts_in_a_name(part, words, topic) or _is_sent(part, words, topic)
    if not said and topic.noun and (told or _REFERRED.fullmatch("".join(words))):
        said = f"{''.join(words)}的{topic.noun}"
    if not said and only_verbs(words) and (not part.listed or len(words) == 1 or goes_on(words)):
        said = verb_alone(part, words, topic)
    if not said and topic.noun and (part.relative or _is_outcome(part, words, topic)):
        head = (noun_of_same_unit(part, topic) or topic.noun).rpartition("的")[2]  # (部门报备的)|文件
        said = tidy(f"{''.join(rest)}的{cases_of(words, head)}")
    return said or _noun_alone(part, following, rest, topic)


def _only_held(part: Part, words: list[str], topic: Topic) -> str:
    """That something was held so often, where a clause before says what: 开展专题集中学习,累计开展14次."""
    if part.unit not in _EVENTS or not words or part.said:
        return ""
    held = _NAMED_EVENT.findall(topic.context) if not topic.current and _HELD.issuperset(words) else []
    if held:
        topic.count(held[-1], part.unit)
        topic.spoken = held[-1]
        return topic.spoken  # 开展“执法讲堂”活动,由骨干授课,全年举办11期
    return topic.spoken if _HOLDING.issuperset(words) else ""


def _per_place(part: Part, words: list[str], topic: Topic) -> str:
    """培育法律明白人3100名,平均每村8.2名; 培育法律明白人,确保每村不少于3名: what falls on one place was counted, or spoken of, before."""
    place = _PER_PLACE.fullmatch("".join(words))
    if place is None:
        return ""
    counted = topic.ahead or topic.counted.get(part.unit or "", "") or ("" if topic.current else topic.spoken)
    return f"{place['place']}{counted}" if counted else ""


def _done_by_level(part: Part, words: list[str], topic: Topic) -> str:
    """全市收到申请350件。市本级收到120件: a level of which only the act is told took in what was counted before."""
    if not topic.noun or part.unit not in _CASE_UNITS or not same_family(part.unit, topic.unit):
        return ""
    size = next((at for at in range(len(words) - 1, 0, -1) if _is_level("".join(words[:at]), part)), 0)
    if not size or not only_verbs(words[size:]):
        return ""
    topic.count(topic.noun, part.unit)
    topic.spoken = topic.noun
    return f"{''.join(words[:size])}{''.join(words[size:])}的{cases_of(words[size:], without_maker(topic.noun))}"


def _is_level(name: str, part: Part) -> bool:
    """市本级, 各县(市、区); of documents the departments, too: 部门制定312件."""
    return bool(area_of(name, divided=False)) or (name in _MAKERS and part.unit in _PAPER_UNITS)


def _without_words(part: Part, topic: Topic) -> str:
    """8件8人, 成功152起, 合计16件: the second measure, the outcome, or the sum of what was counted before."""
    if part.before.rstrip().endswith("成功"):
        return succeeded(topic)
    summed = [name for name, unit in topic.said if unit == part.unit] if _SUMMED_UP.search(part.before) else []
    if not summed:
        return second_measure(part, topic)
    noun = without_maker(summed[0])
    topic.count(noun, part.unit)
    return noun


def _acts_in_a_name(part: Part, words: list[str], topic: Topic) -> bool:
    """以县政府名义制发5件: in whose name, and nothing but verbs behind it; the papers may stand in the clause before."""
    named = _IN_THE_NAME.match(words[0]) if len(words) == 1 else None
    if named is None or not only_verbs(segmenter().cut(words[0][named.end() :])):
        return False
    papers = [] if topic.current else _PAPERS.findall(topic.context)
    if papers:
        topic.count(papers[-1], part.unit)  # 加强规范性文件管理,以县政府名义制定6件
    return True


def _done_to(part: Part, topic: Topic) -> str:
    """对镇村合同开展合法性审查36件 → 合法性审查的镇村合同: the act counts its object; an event counts itself."""
    done = _DONE_TO.search(part.before) if part.unit not in _EVENTS and part.quantity == "count" else None
    if done is None:
        return ""
    noun = tidy(done["object"])
    topic.count(noun, part.unit)
    topic.spoken = done["act"]
    return f"{done['act']}的{noun}"


def _of_office(part: Part, topic: Topic) -> str:
    """县政府及县政府办公室印发规范性文件13件: who makes documents in a government is told apart from its departments."""
    made = _MADE_BY_OFFICE.search(part.before)
    if made is None:
        return ""
    topic.count(made["noun"], part.unit)
    topic.spoken = made["noun"]
    return f"{made['maker']}{made['act']}的{made['noun']}"


def _is_outcome(part: Part, words: list[str], topic: Topic) -> bool:
    """Whether the words say what became of the things counted before: 法院审结17件."""
    if not words or words[-1] not in word_lists().process:
        return False
    if not same_family(part.unit, topic.unit) or part.unit in _HELD_UNITS:
        return False
    if not topic.current and not goes_on(words):
        return False  # 信访件办理15件 in a new sentence
    if words[-1] in word_lists().nominal and not only_verbs(words[:-1]):
        return False  # 专题调研19项、专项整治12项: an activity of its own
    if not _IN_FRONT.isdisjoint(words[:-1]):
        return False  # 许可事项843项;证明事项清理取消712项; 市场监管领域立案320件;环保领域立案26件
    # 合同审查65件 behind 文件审核64件 is a thing of its own.
    return words[-1] not in _EXAMINING or only_verbs(words)


def _is_sent(part: Part, words: list[str], topic: Topic) -> bool:
    """制定文件14件,向州政府备案14件: whom the things counted before were sent to."""
    sent = len(words) > 1 and words[0] == "向" and words[-1] in word_lists().process
    return sent and bool(topic.current) and same_family(part.unit, topic.unit) and part.unit not in _HELD_UNITS


def _noun_alone(part: Part, following: Part | None, rest: list[str], topic: Topic) -> str:
    level = "".join(rest)
    if _GRADE_ALONE.fullmatch(level) and topic.base:
        topic.count(topic.base, part.unit)
        return of_level(level, topic.base)
    if _TRIAL.fullmatch(level) and _TRIAL.search(topic.current) and same_family(part.unit, topic.unit):
        stage = _TRIAL.sub(level, topic.current)  # 行政诉讼一审4起,二审6起
        topic.count(stage, part.unit)
        return stage
    rest = rest if part.unit in _EVENTS else _last_act(rest)
    words = object_of(rest)
    if len("".join(words)) == 1:
        words = rest  # 调解|室: the verb is part of the name
    noun = tidy(without_long_list("".join(words)))
    if len(noun) > SHORT_OBJECT and len(words) < len(rest):
        rest = _verb_and(rest, words, event=part.unit in _EVENTS)
    rest = _side_by_side(rest, words)
    if part.unit in _EVENTS:
        rest = _without_list(rest)
    counted = _noun_of_unit(rest, part, topic)
    if counted:
        topic.lead = ""
        return f"{_with_verbs(rest) or noun}{counted}"
    return _object_alone(part, following, rest, words, topic)


def _side_by_side(words: list[str], noun: list[str]) -> list[str]:
    """办理、转办|人大代表建议 → 办理、转办的人大代表建议: verbs that a sign parts are said of the noun; 排查化解纠纷 is one act."""
    verbs = words[: len(words) - len(noun)]
    parted = not _SIGNS.isdisjoint(verbs[1:-1]) and only_verbs(
        [word for word in verbs if word not in word_lists().acts]
    )
    return [*verbs, "的", *noun] if parted and noun[0] not in word_lists().nominal else words


def _with_verbs(words: list[str]) -> str:
    """修订并废止公文处理、车辆管理、档案等制度 → 修订并废止制度: without the list, with the verbs before it."""
    phrase = "".join(words)
    short = without_long_list(phrase)
    if short in _NOTHING_ALONE and len(phrase) <= LONGEST_LIST:
        return tidy(phrase)  # 研究立法规划、队伍建设等工作: nothing is left of it without the list
    bare = short != phrase and len(short) <= BARE_NOUN
    size = next((at for at in range(len(words)) if not only_verbs(words[: at + 1])), 0) if bare else 0
    if size and not {*words[1:size]} <= {*word_lists().process, *_JOINING}:
        size = 1  # 查处|哄抬价格、销售假口罩等案件: the second verb is the list's own
    return tidy("".join(words[:size]) + short)


def _without_list(words: list[str]) -> list[str]:
    """县政府党组|学习|保密法、档案法等|法律法规: of an event the verb before the list stays, and who acted."""
    head, sign, tail = "".join(words).rpartition("等")
    if not sign or len(tail) < BARE_NOUN or tail in _NOTHING_ALONE or "、" not in words:
        return words
    verbs = [at for at in range(words.index("、")) if words[at] in _TAKING_UP]
    return words[: verbs[-1] + 1] + segmenter().cut(tail) if verbs and "、" in head else words


def _last_act(words: list[str]) -> list[str]:
    """结合整治工作优化|法律服务事项: of a long chain of acts the last one counts, behind its light verb."""
    if len("".join(words)) <= LONG_CHAIN or "的" in words or "等" in words:
        return words
    light = word_lists().light
    at = next((at for at in range(len(words) - 2, 0, -1) if words[at] in light and words[at] != "建设"), 0)
    return words[at + 1 :] if at and len("".join(words[at + 1 :])) >= SHORT_NOUN else words


def _object_alone(part: Part, following: Part | None, rest: list[str], words: list[str], topic: Topic) -> str:
    """The counted noun `words` with what stands before it (`rest`): who has it, what is said about it, whose part it is."""
    lexicon = word_lists()
    noun = tidy(without_long_list("".join(words)))
    bare = len(rest) == 2 and rest[1] == "案件" and only_verbs(rest[:1])
    offence = _OFFENCE.search(topic.context) if bare else None
    if offence is not None:
        noun = f"{offence['name']}案件"
        rest = [*rest[:-1], noun]
    whole = _with_verbs(rest) or noun
    listing = next((at for at, word in enumerate(rest[:-1]) if at and word in _LISTING), 0)
    if listing and not only_verbs(rest[:listing]):
        whole = tidy("".join(rest[:listing] + rest[listing + 1 :]))
    role = _paper_of_counsel(part, topic) or _role_and(part, topic)
    if role:
        topic.lead = whole.removesuffix(noun)
        topic.count(noun, part.unit)
        topic.spoken = noun
        return role
    if part.unit in _PERSONS and len(words) < len(part.ahead) and part.ahead[-len(words) - 1] in lexicon.having:
        owner = tidy("".join(part.ahead[: -len(words) - 1]))
        whole = f"{owner}{noun}" if len(owner) <= MAX_AGENT else whole
    if next((word for word in part.said if word not in lexicon.particles), "") in lexicon.defining:
        predicate = predicate_of(part, following)
        if predicate:
            topic.count(noun, part.unit)
            topic.spoken = tidy("".join(object_of(predicate)))
            return f"{tidy(''.join(predicate))}的{noun}"
    drawn = _REVIEW_OF_FILES in topic.context and not _DRAWN.isdisjoint(rest[:2])  # 随机|抽取|案卷
    if noun.endswith("案卷") and ("评查" in part.said or rest[:-1] == ["评查"] or drawn):
        noun = next((noun.rpartition(verb)[2] for verb in _DRAWING if verb in noun), noun)
        topic.count(noun, part.unit)
        topic.spoken = noun
        return f"评查的{'执法' if noun == '案卷' else ''}{noun}"
    if len(part.actor) > SHORT_NOUN >= len(whole) and whole[:2] in lexicon.process:
        topic.count(noun, part.unit)
        topic.spoken = noun
        return f"{part.actor.removeprefix('人民')}{whole}"  # 26个人民调解委员会调处纠纷851件
    completed = with_shared_words(part, rest, whole, noun, topic)
    if completed:
        return completed
    thing = tidy("".join(without_light(words))) or noun or whole
    counted = without_process(without_light(rest)) or thing
    found = noun in _FINDINGS and len(whole) <= MAX_AGENT and not only_verbs(segmenter().cut(whole.removesuffix(noun)))
    topic.count(whole if found else counted, part.unit)  # 督察发现问题34项,已整改33项
    topic.spoken = thing
    return whole


def _paper_of_counsel(part: Part, topic: Topic) -> str:
    """法律顾问列席会议论证12次,出具法律意见书30份: papers of the counsel whom the sentence names last."""
    paper = _COUNSEL_PAPER.search(part.before)
    counsel = _COUNSEL_NAMED.findall(topic.context) if paper is not None else []
    return f"{counsel[-1]}{paper.group()}" if paper is not None and counsel else ""


def _role_and(part: Part, topic: Topic) -> str:
    """The work of people who are named by their role, in this clause or counted before: 法律顾问出具法律意见书."""
    ahead = part.ahead
    if _ROLE_ACTS.isdisjoint(ahead):
        return ""
    at = next((k for k, word in enumerate(ahead[:-1]) if ahead[k + 1] in _ROLE_ACTS and _ROLE.search(word)), -1)
    if at >= 0:
        said = tidy("".join(word for word in ahead[at + 1 :] if word not in _HOLDING))
        owner = ahead[at - 1] if at and ahead[at - 1].endswith(_ROLE_OWNERS) else ""
        return f"{owner}{ahead[at]}{said}" if len(said) <= MAX_PREDICATE else ""
    if part.unit in _PERSONS or ahead[0] not in _ROLE_ACTS or ahead[0] in _HOLDING:
        return ""
    if ahead[0] == "提出" and _REVIEW.search(topic.context) is not None:
        return ""
    counsel = _COUNSEL.findall(topic.context) if ahead[0] in _COUNSEL_ACTS and not only_verbs(ahead) else []
    if counsel:
        said = tidy("".join(ahead))
        return f"{counsel[-1]}{said}" if len(said) <= MAX_AGENT else ""
    subject, unit = next(((subject, unit) for subject, unit in reversed(topic.said) if unit in _PERSONS), ("", None))
    role = _ROLE.search(subject) if unit == "人" else None
    said = tidy("".join(ahead))
    return f"{role.group()}{said}" if role is not None and len(said) <= MAX_AGENT else ""


def _noun_of_unit(words: list[str], part: Part, topic: Topic) -> str:
    """的案件, 的企业: what completes a phrase that names only an act and where it leads (移送公安机关12件)."""
    lexicon = word_lists()
    noun = UNIT_NOUNS.get(part.unit or "")
    if noun == "案件" and words and (words[-1].endswith("问责") or (len(words) > 1 and words[-1] == "处罚")):
        topic.spoken = f"{tidy(''.join(words[words[0] == '立案' :]))}{noun}"
        return noun
    if noun == "案件" and len(words) > 1 and words[-1] in _TAKING_IN and words[-2] in _NAMED_AFTER_ACT:
        topic.count(f"{tidy(''.join(words[:-1]))}{noun}", part.unit)
        return noun  # 调解中心受理|76件
    if noun == "案件" and words and "".join(words).endswith(("被复议", "被诉", "被行政复议", "被起诉")):
        return noun
    if noun is None or len(words) < 2 or "的" in words:
        return ""
    first = next((word for word in words if word not in lexicon.front), "")
    if not first.startswith(_LEADING_VERBS) or words[-1].endswith(_OWN_NOUNS):
        return ""
    if first != "驳回" and topic.noun and topic.unit == part.unit and len(topic.noun) <= MAX_AGENT:
        things = without_act(topic.noun)
        noun = _APPLICATION.sub("行政复议案件", without_process(segmenter().cut(things)) or things)
    return f"的{noun}"


def _verb_and(words: list[str], noun: list[str], *, event: bool) -> list[str]:
    """The noun with the process verbs directly before it, without the agent before those: 调解组织|排查|矛盾纠纷."""
    lexicon = word_lists()
    at = len(words) - len(noun)
    denied = next((k for k in range(at - 1) if words[k] in _DENYING), -1)
    if denied >= 0 and _CLOSING.isdisjoint(words[denied:at]):
        return words[denied:]  # 未|按期|公示|行政处罚信息的单位
    while at and (words[at - 1] in lexicon.process or words[at - 1] in ("、", "了", "和", "及", "并")):
        at -= 1
    if at == 1 < len(words) - len(noun) and segmenter().is_verb(words[0]) and words[0] not in _PLAIN_VERBS:
        at = 0  # 研究|解决|重大问题
    whole = at and (words[0] == _TAKING_OVER or words[at - 1].endswith(_SERVING))
    if whole and len("".join(words[:at])) <= MAX_AGENT:
        at = 0  # 承接|省、市|下放|审批事项, 便民热线|受理|群众诉求, 微信公众号|推送|普法信息
    if at > 1 and event and words[at - 1] in lexicon.acts and words[at - 2].endswith(_STUDYING):
        return without_verb(words[: at - 1]) + words[at:]  # 理论学习中心组|开展|专题学习
    if at > 2 and words[at - 2] in _SIGNS and words[at - 1] in lexicon.acts and words[at - 3] in lexicon.acts:
        return words[at - 3 :]  # 新建、改建|便民大厅
    if at and words[at - 1] in lexicon.acts:
        kept = words[at - 1] in lexicon.kept or words[at] in JOINED_BY  # 开通和调整|公交线路
        return words[at - 1 :] if kept else words[at:]
    if event:
        return words
    while at < len(words) and words[at] in ("、", "了", "和", "并"):
        at += 1
    return words[at:] if at and not words[0].startswith(("对", "向", "为", "以")) else words
