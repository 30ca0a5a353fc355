"""What an activity was made of: 专项督查,抽查乡镇6个,下发督办单4份; 普法宣传活动12场,悬挂横幅60条.

The sentence names its activity once, in a clause of its own or as the first thing counted.
"""

from __future__ import annotations

from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.parts import Part, Topic
from services.extractor.words import segmenter

#: What an inspection went to, up to this length: 抽查|部分重点用能企业. A longer phrase says enough.
MAX_INSPECTED = 12
#: Two verbs in front of what they were done to.
CHAIN = 2
_ACTIVITY = pattern("activity")
_COUNTED = pattern("counted_activity")
_CAMPAIGN = pattern("kind_of_campaign")
_PUBLICITY = pattern("publicity")
_BARE_STUDY = pattern("bare_study")
_STUDYING_BODY = pattern("studying_body")
_STUDIED = pattern("studied")
_INCLUDED = pattern("included_in")
_BARE_PUBLICITY = pattern("bare_publicity")
_THOUGHT = "习近平法治思想"
_EVENTS = words_of("event_units")
_INSPECTING = words_of("inspecting")
_PAPERS = words_of("papers")
_HANDOUTS = words_of("handouts")
_HANDING = words_of("handing_out")
_MODES = words_of("modes")


def note_activity(topic: Topic) -> None:
    """Note the activity that the words since the amount before name; a new sentence begins without one."""
    if not topic.said:
        topic.activity = ""
    for named in _ACTIVITY.finditer(topic.context, len(topic.context) - topic.since):
        topic.activity = named["name"]


def note_counted(part: Part, subject: str, topic: Topic) -> None:
    """Note the activity that was itself counted: 专项检查12次,检查企业96家."""
    if part.unit in _EVENTS and _COUNTED.match(subject):
        topic.activity = subject


def completed(part: Part, subject: str, topic: Topic) -> str:
    """Study, meetings and publicity that say neither whose nor of what, with what the sentence says of it."""
    if part.unit not in _EVENTS:
        return subject
    if _BARE_PUBLICITY.fullmatch(subject):
        return f"法治{subject}" if _of_law(topic) else subject
    study = _BARE_STUDY.fullmatch(subject)
    if study is None:
        return subject
    about = _STUDIED.search(part.before)
    if about is not None:
        return f"{about['theme']}{study['act']}"  # 围绕宪法、民法典等法律法规开展专题学习
    body = _STUDYING_BODY.search(topic.context)
    theme = _THOUGHT if _THOUGHT in topic.context and not study["act"].startswith("会前") else ""
    return f"{'' if body is None else _without_verb(body['body'])}{theme}{study['act'].removeprefix('相关').removeprefix('有关')}"


def _of_law(topic: Topic) -> bool:
    return _PUBLICITY.search(topic.context) is not None or _PUBLICITY.search(topic.heading) is not None


def _without_verb(body: str) -> str:
    """发挥|依法治县委员会: what a clause does with the body is no part of its name."""
    words = segmenter().cut(_INCLUDED.sub("", body))
    lexicon = word_lists()
    while len(words) > 1 and (segmenter().is_verb(words[0]) or words[0] in lexicon.front or words[0] in lexicon.light):
        words = words[1:]
    return "".join(words)


def in_activity(part: Part, rest: list[str], whole: str, topic: Topic) -> str:
    """What an inspection went to, and the papers that came of it, with the inspection: 专项督查抽查的乡镇."""
    activity = topic.activity
    if not activity or activity in whole or part.quantity != "count":
        return ""
    paper = max((paper for paper in _PAPERS if whole.endswith(paper)), key=len, default="")
    if paper:
        return f"{activity.removesuffix(paper[:2])}{paper}"
    act = rest[0] if len(rest) > 1 else ""
    chain = len(rest) > CHAIN and rest[1] in word_lists().process  # 排查|整治|隐患
    if act in _INSPECTING and not chain and part.unit not in _EVENTS and len(whole) <= MAX_INSPECTED:
        topic.lead = f"{activity}{'' if activity.endswith(act) else act}的"  # 抽查乡镇6个、部门9个
        return f"{topic.lead}{whole.removeprefix(act)}"
    return ""


def same_act(said: str, part: Part, topic: Topic) -> str:
    """开展规范性文件清理,共清理126件 → 清理的规范性文件; 开展药品抽检行动,抽检360批次 → 药品抽检; "" for another act."""
    act = "" if topic.current else _CAMPAIGN.sub("", topic.activity or topic.spoken)
    if not said or not act.endswith(said) or len(act) < len(said) + 2 or act.removesuffix(said) in _MODES:
        return ""
    if part.unit in _EVENTS:
        topic.count(act, part.unit)
        topic.spoken = act
        return act
    topic.count(act.removesuffix(said), part.unit)
    return f"{said}的{act.removesuffix(said)}"


def handed_out(part: Part, noun: str, topic: Topic) -> str:
    """发放资料, 悬挂横幅 with their field: 发放的宣传资料, 悬挂普法横幅; "" for what is no such thing."""
    if noun not in _HANDOUTS:
        return ""
    act = "".join(word for word in part.ahead if word != "各类").removesuffix(noun)
    if act not in _HANDING:
        return ""
    if noun == "资料":
        return f"{act}的{'普法' if '普法' in topic.context else '宣传'}资料"
    field = "" if noun.startswith("宣传") and not _of_law(topic) else "普法"
    return f"{act}{field}{noun}"
