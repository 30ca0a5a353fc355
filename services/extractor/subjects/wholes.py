"""A noun with the words that it shares: its whole behind 其中, the act that found it, the item of a list before it."""

from __future__ import annotations

from services.extractor.subjects.activities import handed_out, in_activity
from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import MAX_AGENT, SHORT_LISTED, SHORT_NOUN, UNIT_NOUNS
from services.extractor.subjects.lists import item_of, lead_of, of_kind
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import joined_to, only_verbs, tidy, without_maker, without_verb
from services.extractor.subjects.verbs import without_act
from services.extractor.words import segmenter

#: The head of a noun is at least this long: 案件, 主体.
SHORT_HEAD = 2
#: An act that names its result has two characters: 研究|成果.
ACT = 2
_INQUIRY = pattern("inquiry")
_REVIEW = pattern("review")
_REVIEWED = pattern("reviewed")
_REMEDIED = pattern("remedied")
_COMMENTED_ON = pattern("commented_on")
_CASE_UNITS = words_of("case_units")
_CASE_HEADS = words_of("case_heads")
_CASE_ENDS = words_of("case_ends")
_STATES = words_of("states")
_FINDINGS = words_of("findings")
_FINDING = words_of("finding_verbs")
_REMEDY = words_of("remedies")
_RAISING = words_of("raising")
_COURSES = words_of("courses")
_AUDIENCE = words_of("audience")
_MANNER = words_of("manner")
_EXAMINING = words_of("examining")
_PENALTIES = words_of("penalties")
_SHARED_HEADS = words_of("shared_heads")
_DIVIDED_HEADS = words_of("divided_heads")
_EVENTS = words_of("event_units")
_REACHING = words_of("reaching")
_FIRMS = words_of("firm_units")
_PERSONS = words_of("person_units")
_HELD_UNITS = words_of("held_units")
_MAKERS = words_of("makers")
_PAPER_UNITS = words_of("paper_units")
_INSTANCES = words_of("instances")
_REST = words_of("rest")
_KIND_NAME = pattern("kind_name")
_LISTED = pattern("list_sign")
_QUOTED_FIRST = pattern("quoted_first")
#: The last character of a kind of things: 承诺件, 投诉类.
_KINDS = ("件", "类")


def with_shared_words(part: Part, rest: list[str], whole: str, noun: str, topic: Topic) -> str:
    """A part of a whole, an item of a list, a finding, a dependent noun: each with the words it shares; "" for none of them."""
    kind = of_kind(part, whole, topic) or _of_maker(part, whole, topic) or _left_over(part, whole, topic)
    if kind:
        return kind
    if part.opens_parts or part.share or (part.listed and (topic.parent or topic.shares)):
        topic.shares += 1
        divided = _part_of(whole, rest, part, topic)
        if divided:
            topic.spoken = noun or whole
            return divided
    else:
        topic.parent = ""
    if part.listed and not (whole == "培训" and topic.base.endswith(_COURSES)):
        return item_of(part, whole, noun, topic)
    topic.lead = lead_of(part, rest, whole, noun)
    return _dependent_noun(part, rest, whole, noun, topic)


def _left_over(part: Part, whole: str, topic: Topic) -> str:
    """行政职权4886项,其中行政许可213项、其他类270项 → 其他类行政职权."""
    divided = topic.divided if part.listed or part.share else None
    return f"{whole}{divided[0]}" if divided is not None and whole in _REST and part.unit == divided[3] else ""


def _of_maker(part: Part, whole: str, topic: Topic) -> str:
    """政府规范性文件9件,部门7件: in a list of documents those who made them are named alone."""
    listed = whole in _MAKERS and part.unit in _PAPER_UNITS and topic.unit == part.unit
    return joined_to(whole, without_maker(topic.noun)) if listed else ""


def _dependent_noun(part: Part, rest: list[str], whole: str, noun: str, topic: Topic) -> str:
    """A noun that says nothing alone, with the act that found it or with the noun before it; "" where it needs neither."""
    lexicon = word_lists()
    if whole == "培训" and topic.base.endswith(_COURSES):
        return f"{topic.base.removesuffix('培训班')}培训"
    dependent = whole in lexicon.dependent or noun in lexicon.dependent or noun in _PENALTIES
    handed = handed_out(part, noun, topic)
    act = whole.removesuffix(noun)
    if handed or (whole != noun and act.endswith(_REMEDY) and not act.startswith("发现")):
        return handed
    found = _firms_found(part, whole, noun, topic) or ("" if dependent else _reached(part, rest, topic))
    found = found or in_activity(part, rest, whole, topic)
    if not found and (dependent or noun in _FINDINGS):
        found = found_by(whole, noun, topic)
    if found:
        topic.spoken = whole if found == whole else noun
        topic.count(topic.spoken, part.unit)
        return found
    if whole != noun and not noun.endswith(("意见", "建议")) and _own_words(whole.removesuffix(noun)):
        return ""
    return _of_base(part, whole, noun, topic, dependent=dependent)


def _firms_found(part: Part, whole: str, noun: str, topic: Topic) -> str:
    """抽查企业2180户,发现问题326户: firms in which something was found."""
    if part.unit not in _FIRMS or noun not in _FINDINGS or whole.removesuffix(noun) not in _FINDING:
        return ""
    return f"{whole}的{topic.counted.get(part.unit) or UNIT_NOUNS['户']}"


def _reached(part: Part, rest: list[str], topic: Topic) -> str:
    """案件67件,涉及劳动者312人; 兑现资金3860万元,惠及市场主体412家: with what it was that reached them."""
    if part.quantity != "count" or not rest or rest[0] not in _REACHING or "的" in rest or only_verbs(rest[1:]):
        return ""
    base, noun = without_act(topic.activity or topic.base), tidy("".join(rest[1:]))
    if (
        not 0 < len(base) <= MAX_AGENT
        or base in noun
        or noun in word_lists().nominal
        or only_verbs(segmenter().cut(base))
    ):
        return ""
    return f"{base}{rest[0]}的{noun}"


def _of_base(part: Part, whole: str, noun: str, topic: Topic, *, dependent: bool) -> str:
    """专题辅导2场,听众260人 → 专题辅导听众; 专题培训,培训90人 → 专题培训人员; 开展理论研究,推出研究成果30项 → 理论研究成果."""
    names_act = noun[:ACT] in word_lists().nominal
    if not (dependent or names_act or part.unit in _PERSONS):
        return ""
    if dependent and topic.ahead.endswith(whole) and topic.ahead != whole:
        topic.count(topic.ahead, part.unit)
        return topic.ahead  # 加强执法人员培训,全年培训3期
    base = _base_of(part, noun, topic)
    if part.unit in _PERSONS and base.endswith(whole) and base != whole:
        return f"{base}人员"
    act = noun[:ACT] if names_act and base.endswith(noun[:ACT]) else ""
    brought = act and act not in (noun, base) and len("".join(part.ahead)) > len(whole)
    if brought and len(base) <= MAX_AGENT and "、" not in base:
        return "".join(without_verb(segmenter().cut(base))) + noun.removeprefix(act)
    if not dependent or not base or whole in base or (whole != noun and base.endswith(noun)):
        return ""  # 服务事项54项,办理事项1.2万件: two counts of one thing
    if whole != noun:
        topic.count(noun, part.unit)  # 排查隐患110处、现场整改95处
    elif part.unit is not None:
        topic.counted[part.unit] = noun
    return joined_to(base, whole)


def _base_of(part: Part, noun: str, topic: Topic) -> str:
    """What a dependent noun belongs to: an audience to what was held, no amount of money to another one."""
    if part.quantity == "money" and topic.unit == part.unit:
        return ""
    if part.quantity == "money" and noun in _PENALTIES:
        return topic.cases
    if part.unit in _PERSONS and noun in _AUDIENCE and topic.unit not in _EVENTS:
        return next((held for unit, held in reversed(topic.counted.items()) if unit in _EVENTS), topic.base)
    return topic.base if part.quantity != "count" or part.unit in _PERSONS else _owner(topic)


def _owner(topic: Topic) -> str:
    """“一件事”重点事项35项,办件量6万件: of what the sentence names in quotation marks; 兑现资金2亿元,惠及企业310家: of the whole of
    what was said before, where its noun alone says nothing.
    """
    quoted = _QUOTED_FIRST.match(topic.said[0][0]) if topic.said else None
    if quoted is not None and all(unit not in _EVENTS for _, unit in topic.said):
        return quoted["name"]
    dependent = topic.base in word_lists().dependent and topic.said and topic.said[-1][0].endswith(topic.base)
    return topic.said[-1][0] if dependent else topic.base


def _own_words(lead: str) -> bool:
    """Whether what stands before a dependent noun says enough: 发放|宣传资料, 公共服务等其他|事项."""
    return len(lead) > SHORT_NOUN or lead in ("发放", "派发", "印发", "赠送")


def found_by(whole: str, noun: str, topic: Topic) -> str:
    """发现问题19个, 提出意见35条 with the act that found or raised them: 审计发现的问题, 合法性审查提出的意见."""
    verb = whole.removesuffix(noun)
    mended = _REMEDIED.search(verb)
    verb = verb if mended is None else verb[: mended.start()]
    verb = next((word for word in _FINDING if verb.endswith(word)), "")
    if noun.endswith(("意见", "建议", "意见建议")):
        if verb not in _RAISING and "提出" not in topic.context[-8:]:
            return ""
        verb = verb or "提出"
        drafts = _COMMENTED_ON.search(topic.context)
        if drafts is not None:
            return f"{drafts['object']}{noun}"
        acts = _REVIEW.findall(topic.context)
        if not acts and topic.base in _FINDINGS:
            acts = _INQUIRY.findall(topic.context)  # 审计项目12个,发现问题30个,提出建议26条
    elif verb:
        acts = _INQUIRY.findall(topic.context) or _INQUIRY.findall(topic.heading)
    else:
        return ""
    act = acts[-1] if acts else ""
    reviewed = _REVIEWED.match(topic.context, topic.context.rfind(act)) if act else None
    if reviewed is not None:
        act = reviewed["object"] + act  # 评查执法案卷480宗 → 执法案卷评查
    if verb == "提出" and act:
        return joined_to(act, noun)  # 合法性审查…,提出意见; 审核…,提出审核意见
    noun = "不合格产品" if noun == "不合格" else noun
    if act and act in whole:
        return whole  # 审计查出问题
    also = "" if mended is None or mended["urged"] else mended.group()
    return f"{act}{verb}{also}的{noun}" if act else ""


def _part_of(whole: str, rest: list[str], part: Part, topic: Topic) -> str:
    """其中食品类案件12件: a part named by its noun alone keeps the verb of the whole (立案查处的食品类案件)."""
    lexicon = word_lists()
    if part.opens_parts:
        said_before = ((said.replace("的执法案卷", "案卷"), unit) for said, unit in reversed(topic.said))
        whole_count = next((said for said, unit in said_before if _divides(part, said, unit)), "")
        topic.parent, topic.head = _verb_of(whole_count)
    told_apart = not topic.parent or whole in _INSTANCES
    kinds = topic.divided[0] if topic.divided is not None and part.unit in _CASE_UNITS and told_apart else ""
    needs_noun = _KIND_NAME.fullmatch(whole) is not None
    if kinds and (
        needs_noun or (kinds.endswith(_DIVIDED_HEADS) and not whole.endswith((*_DIVIDED_HEADS, *_CASE_ENDS)))
    ):
        return f"{whole}{kinds}"  # 应诉案件98件,其中一审65件
    if not topic.parent and topic.head in _SHARED_HEADS and not whole.endswith(topic.head):
        return f"{whole}{topic.head}"
    if part.quantity == "money" or any(
        word in lexicon.process or word in lexicon.light or word in lexicon.acts for word in rest
    ):
        return ""
    if not topic.parent:
        return _kind_of(whole, part, topic)
    whole = _item_of_whole(whole, topic)
    head = max((head for head in _CASE_HEADS if topic.head.endswith(head)), key=len, default="")
    if part.unit in (*_CASE_UNITS, "卷") and head and not whole.endswith(_CASE_ENDS):
        whole += head
    sign = "" if topic.parent.startswith(_STATES) else "的"
    return f"{topic.parent}{sign}{whole}"


def _item_of_whole(name: str, topic: Topic) -> str:
    """审查重要文件、重大合同371件,其中合同86件 → 重大合同: the item of the whole's list that ends so."""
    items = _LISTED.split(topic.divided[0]) if topic.divided is not None else []
    return next((item for item in items if item.endswith(name)), name) if len(items) > 1 else name


def _divides(part: Part, said: str, unit: str | None) -> bool:
    """Whether `part` is one of the things that `said` counts; 合法性审核187件次,其中合同92件 were examined so many times."""
    return "的" not in said and (unit == part.unit or (unit == f"{part.unit}次" and said.endswith(_EXAMINING)))


def _kind_of(name: str, part: Part, topic: Topic) -> str:
    """法律援助案件268件,其中民事案件211件 → 民事法律援助案件; 许可事项264项,其中承诺件181项 → 许可事项承诺件; "" for others."""
    if topic.divided is None or part.unit != topic.divided[3]:
        return ""
    whole = "".join(without_verb(segmenter().cut(topic.divided[0])))
    if part.quantity != "count" or part.unit in _HELD_UNITS or not 0 < len(whole) <= SHORT_LISTED:
        return ""
    shared = next((size for size in range(min(len(name), len(whole)), 0, -1) if name[-size:] == whole[-size:]), 0)
    kind = name[: len(name) - shared]
    alike = any(kind[at : at + SHORT_HEAD] in whole for at in range(len(kind) - 1))
    if not kind or alike or len(whole) == shared or (segmenter().is_verb(kind[:SHORT_HEAD]) and name[-1] not in _KINDS):
        return ""
    if shared >= SHORT_HEAD or (part.unit in _PERSONS and len(name) <= SHORT_NOUN):
        return f"{kind}{whole}"
    return f"{whole}{name}" if len(name) <= SHORT_NOUN and name[-1] in _KINDS else ""


def _verb_of(subject: str) -> tuple[str, str]:
    """The verbs that a subject opens with, and its last word."""
    lexicon = word_lists()
    words = segmenter().cut(subject)
    at = 0
    while at < len(words) - 1 and (words[at] in lexicon.process or words[at] in lexicon.divided or words[at] == "、"):
        if words[at] in ("违法", "办理", "发布", "收到", "其他", "涉及"):
            break
        at += 1
    while at and words[at - 1] in _MANNER:
        at -= 1  # 主动|发布信息: how it was done is no verb
    if not at:  # 审查中心|审查|事项, 合法性审查: what was examined was so in its parts
        examined = [word for word in words if word.endswith(_EXAMINING)]
        return (examined[-1], words[-1]) if examined else ("", words[-1] if words else "")
    return "".join(words[:at]), words[-1] if words else ""
