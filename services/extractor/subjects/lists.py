"""The items of a list, each with the words it shares: 通知书9份、建议书17份; 从领域看,公安17件、人社3件."""

from __future__ import annotations

from services.extractor.subjects.activities import handed_out
from services.extractor.subjects.data import JOINING, pattern, word_lists, words_of
from services.extractor.subjects.limits import SHORT_LISTED, SHORT_NOUN
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import joined_to, names_letter, stays_with, tidy, without_verb
from services.extractor.words import segmenter

#: The words that the items of a list share, up to this length: 列入异常经营名录的.
MAX_LEAD = 14
#: The act in the name of an activity: 调研 of 专题调研.
SHORT_ACT = 2
_CONJUNCTIONS = (*JOINING, "及其")
_RECEIVING = pattern("receiving")
_CAUSE = pattern("cause")
_GRADE_ALONE = pattern("grade_alone")
_BY_KIND = pattern("by_kind")
_FACILITY = pattern("facility")
_BODY_MEETING = pattern("body_meeting")
_ORGAN_MEETING = pattern("organ_meeting")
_TOTALS = words_of("totals")
_NEWLY = pattern("newly")
_TRIAL = pattern("stage_of_trial")
_PENALTIES = words_of("penalties")
_QUOTED_FIRST = pattern("quoted_first")
_CASE_UNITS = words_of("case_units")
_DIVIDED_HEADS = words_of("divided_heads")
_TRANSITIVE = words_of("transitive")
_SETTLED = words_of("settled")
_PERSONS = words_of("person_units")
_EVENTS = words_of("event_units")
_ACTIVITIES = words_of("activity_acts")
_HELD_UNITS = words_of("held_units")
_ATTRIBUTES = words_of("attributes")


def of_kind(part: Part, whole: str, topic: Topic) -> str:
    """从领域看,公安17件、人社3件: the kinds that the cases counted before are divided by; "" where they are none."""
    listed = part.listed or part.after.startswith(JOINING)
    if not listed or part.unit not in _CASE_UNITS or len(whole) > SHORT_LISTED:
        return ""
    kinds = _BY_KIND.search(topic.context)
    cases = _RECEIVING.sub("", topic.noun)
    whole = whole.removeprefix("主要").removeprefix("涉及")
    if kinds is None or not whole or not cases.endswith(_DIVIDED_HEADS) or whole.endswith(_DIVIDED_HEADS):
        return ""
    return f"{whole}{'领域' if '领域' in kinds.group() else ''}{cases}"


def lead_of(part: Part, rest: list[str], whole: str, noun: str) -> str:
    """What the items of a list share with its first one: 处罚|单位48家、个人163人; 列入名录的|企业6家、合作社2家."""
    opens = part.after.startswith(JOINING)
    if opens and "的" in rest[:-1] and "的" in noun[:-1]:
        return whole[: whole.rindex("的") + 1]
    held = next((at for at in range(len(rest) - 2, -1, -1) if rest[at] in _SETTLED), -1) if opens else -1
    if held >= 0:
        return "".join(rest[: held + 1])  # 服务中心进驻|部门42个、事项1862项
    cause = _CAUSE.match(whole) if opens else None
    if cause is not None or whole != noun:
        return whole.removesuffix(noun) if cause is None else cause.group()  # 因信息公开引发|复议9件、诉讼3件
    if not opens or len(rest) < 2 or part.quantity != "count" or part.unit in _HELD_UNITS or _is_attribute(rest):
        return ""
    if len(rest) > 2 and rest[0] == "新" and stays_with(*rest[:2]):
        return "".join(rest[:2])  # 新登记|企业612户、个体工商户1947户
    return rest[0] if rest[0] in _TRANSITIVE or len(without_verb(rest)) < len(rest) else ""


def _is_attribute(rest: list[str]) -> bool:
    """Whether the verb in front belongs to the noun alone: 优秀|案卷, 整改|通知书."""
    return rest[0] in _ATTRIBUTES or names_letter(rest, 0)


def of_level(level: str, base: str) -> str:
    """培育示范村:国家级2个、省级15个; 获国家级荣誉9项、省级7项 → 获省级荣誉."""
    base = base.removeprefix("全国")
    other = _GRADE_ALONE.search(base)
    return f"{level}{base}" if other is None else f"{base[: other.start()]}{level}{base[other.end() :]}"


def item_of(part: Part, whole: str, noun: str, topic: Topic) -> str:
    """A later item of a list; brings `topic` up to date."""
    lexicon, earlier = word_lists(), topic.noun
    if whole in lexicon.shared_base and topic.said and topic.said[-1][0] not in lexicon.dependent:
        return joined_to(_RECEIVING.sub("", topic.said[-1][0]), whole)
    if _TRIAL.fullmatch(noun) and _TRIAL.search(earlier):
        stage = _TRIAL.sub(noun, earlier)  # 行政诉讼一审案件150件、二审70件
        topic.count(stage, part.unit)
        return stage
    if whole in _TOTALS and _NEWLY.match(earlier):
        total = _NEWLY.sub("", earlier) + whole  # 新设经营主体5万户、总量37万户
        topic.count(total, part.unit)
        return total
    handed = handed_out(part, noun, topic)
    whole = handed or _with_modifiers(part, whole, noun, topic)
    topic.count(whole if _FACILITY.fullmatch(noun) else noun or whole, part.unit)
    topic.spoken = noun or whole
    if part.unit not in _PERSONS and 0 < len(earlier) <= SHORT_LISTED and len(noun) <= SHORT_LISTED:
        topic.pair = (earlier, topic.base)
    return whole


def _with_modifiers(part: Part, whole: str, noun: str, topic: Topic) -> str:
    """An item of a list: it shares the modifiers of the item before (通知书9份、建议书17份), or the verb of the first one."""
    shared = (
        _of_grade(noun, topic) or _of_organ(noun, topic) or _of_same_kind(noun, topic) or _of_same_service(noun, topic)
    )
    if shared or not noun:
        return shared or whole
    first, before = segmenter().cut(noun)[0], topic.noun
    at = before.find(first) if first != noun else -1
    if at > 0 and part.quantity == "count" and before[at + len(first) :] and _opens_a_word(before, at):
        return before[:at] + noun  # 普法先进集体4个、先进个人7人
    held = part.unit in _EVENTS or (len(noun) <= SHORT_NOUN and noun[-SHORT_ACT:] in _ACTIVITIES)
    quoted = _QUOTED_FIRST.match(before) if held and whole == noun else None
    if quoted is not None and not noun.startswith("“"):
        return f"{quoted['name']}{noun}"  # “送法下乡”巡演12场、竞答5场
    plain = whole == noun and "的" not in whole and first not in word_lists().process - {"不予"}
    if part.quantity == "money" and noun in _PENALTIES:
        return f"{topic.cases}{noun}"  # 查处违法行为34起、处罚金额67万元
    if topic.lead and plain and not noun.startswith(topic.lead) and len(topic.lead) <= MAX_LEAD:
        return tidy(f"{topic.lead}{noun}")
    return whole


def _opens_a_word(phrase: str, place: int) -> bool:
    """政府 is no word of 区政府常务会议."""
    at = 0
    for word in segmenter().cut(phrase):
        if at >= place:
            break
        at += len(word)
    return at == place


def _of_grade(noun: str, topic: Topic) -> str:
    """市级示范村9个、县级21个."""
    grade = _GRADE_ALONE.match(topic.noun)
    return f"{noun}{topic.noun[grade.end() :]}" if grade is not None and _GRADE_ALONE.fullmatch(noun) else ""


def _of_organ(noun: str, topic: Topic) -> str:
    """依法治县委员会会议2次、办公室会议3次: the office is the committee's."""
    body = _BODY_MEETING.fullmatch(topic.noun) if _ORGAN_MEETING.fullmatch(noun) else None
    return "" if body is None else f"{body['body']}{noun}"


def _of_same_kind(noun: str, topic: Topic) -> str:
    """责令整改通知书9份、建议书17份: nouns that end alike share what stands before them."""
    before = topic.noun
    if not 0 < len(noun) <= SHORT_NOUN or len(before) <= len(noun) or before[-1] != noun[-1]:
        return ""
    words = segmenter().cut(before)
    if len(words) < 2 or len(words[-1]) > len(noun) + 1 or words[-2] in _CONJUNCTIONS:
        return ""  # 动物及其|制品3吨、冻品40吨
    if noun.endswith(words[-1]) and noun != words[-1]:
        return ""  # 行政复议案件3件、诉讼案件2件: two kinds of one thing
    return tidy(("" if before.startswith(topic.lead) else topic.lead) + "".join(words[:-1]) + noun)


def _of_same_service(noun: str, topic: Topic) -> str:
    """公共法律服务中心1个、村级工作室9个: the first place names the service."""
    first, place = _FACILITY.fullmatch(topic.noun), _FACILITY.fullmatch(noun)
    if first is None or place is None or not first["service"] or place["service"]:
        return ""
    return f"{place['level'] or ''}{first['service']}{place['place']}"
