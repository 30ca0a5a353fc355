"""Which words belong to a number: the ways in which a pattern may read a fact's surroundings.

    受理案件62件,调解成功58件            the words of 58 are 调解成功
    1个区级、63个社区级调解组织          a list that shares its noun
    34个部门权责事项4215项               the noun behind 34个 is 部门, the rest belongs to 4215
    参考率、合格率分别达100%、98%        names handed out by place
    审查合同64份、重大决策53件           the act that opens a list governs its items
    …,共134件                            no words of its own: the wider readings

Texts are slices of the report; every pattern below is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.extractor.areas import is_territory
from services.extractor.candidate import Candidate, Mapped

# Words that say nothing of what is counted: what is left without them tells whether a number has words of its own.
_EMPTY = re.compile(
    r"确保|力争|实现|保持在?|控制在|稳定在|完成|年初|年底|去年同期|上年度?同期|上一?年度|上个?月|上季度|同期|压缩|缩短|提速|精简|共计|累计|总计|合计|以及"
    r"|共有|共|达到|达|为|约|近|超过|超|其中|分别|各|等|全年|今年|年度|以上|已|均|了|有|的|较|比|上年|去年|同比|环比"
    r"|增长|下降|增加|减少|上升|提高|降低|[及和与并0-9年月、,，;；:：()（）“”.%\s个件批项次]"
)
# What is left of the words of a change when it speaks of the level before it: "较上年同期增幅达" has nothing else.
_LEVEL_WORDS = re.compile(r"上月|上季度|增幅|降幅|幅度|往年|[较比增降升减翻高低少多提]")
_CLOSED = re.compile(r"^(?:[、,，;；:：。(（]|和(?!解)|及|与|并|以及|$)")
#: Two numbers with their nouns behind them: in "30起复议案件、18起应诉案件" the words between belong to 30.
_NEXT_ITEM = re.compile(
    r"^(?![、,，;；:：。(（和及与并])[^、,，;；:：。(（]{1,24}?((?:、|以及|(?<!参)与|和(?!解)|及(?!时)).*)$", re.DOTALL
)
#: What opens a statement about things that the words before the number have named.
_SAID = re.compile(r"^(?:均|全部|都|皆|已全部)")
_LIST_ITEM = re.compile(r"^(?:[、及与]|和(?!解))")
_LIST_AFTER = re.compile(r"(?:[、和及与]|等)$")
_NUMBER = re.compile(r"[0-9][0-9.,]{0,20}")
#: A title names a document, not what is counted: 《行政复议法》等法律14部.
_TITLE = re.compile(r"《[^《》]{0,80}》(?!$)")
_ADVERB = re.compile(r"全年|今年|年内|累计|先后|共(?!同)")
#: Bodies and places: what such a number counts is the body, not the noun that follows it.
_HOLDER = re.compile(
    r"^[^的、,，]{0,6}?(?:部门|单位|乡镇|镇街|街镇|街道|乡|镇|村|社区|县|区|市|行业|领域|窗口|企业|局|机关|机构|点|所|中心|法院|级)"
)
#: Acts of the genre. One of them at the head of a list governs its later items, unless they bring their own.
_ACTS = re.compile(
    r"受理|收到|新收|办理|审查|审核|审结|报送备案|报备|备案审查|制定|出台|印发|发布|公布|公开|取消|承接|下放|赋予|列入|移出|聘请|聘任"
    r"|建成|建立|开展|组织|举办|召开|培训|发放|清理|废止|修改|出具|提出|完成|评查|查处|立案|作出|实施|化解|调解|排查|创建|推出|新增"
    r"|新登记|配备|成立|设立|加挂|具有|培育|合并|保留|调整|精简|撤销|维持|驳回|终止|修订|结案|办结|确认|责令|抽|移送|处罚|罚|缴|和解"
    r"|不予|败诉|撤诉|胜诉|协助|追回|挽回|公示|归集|命名"
)
#: Who acts: the number in front counts them, and the act belongs to the number behind it.
_ACTOR = re.compile(
    r"[^的、,，0-9]{0,14}?(?:组织|机构|委员会|调委会|司法所|部门|单位|队伍|大队|团队|律师|顾问|人员|干部|调解员|志愿者|企业|事务所|街道|乡镇|法院|法庭)"
    rf"(?=(?:全年|今年|累计|先后|共|已|均)?(?:{_ACTS.pattern}))"
)
_NAMES = re.compile(
    r"^(.{2,80}?)(?:[0-9两三四五六七八九十]{1,2}[项个]指标)?"
    r"(?:同比|环比|较上年|比上年|较去年|均|也|都|全部|数量|总数){0,3}(?:分别|(?<!平)均|都)"
)
_NAME_SIGN = re.compile(r"[、和与]|及(?!时)")
#: Where rates share a number, a name ends with its rate: 建议、提案办理率、满意率均达100% are two, the first of two things.
_RATE_END = re.compile(r"(?<=率)(?:[、和与]|及(?!时))")
_PARTICLES = re.compile(r"PM(?:2\.5|10)", re.IGNORECASE)
_SHARED_CHANGE = re.compile(r"分别|[0-9](?:%|个百分点)?[、和与及][0-9]")
_OTHER_YEARS = re.compile(r"[比较][^,，]{0,12}年[、和与及]")
_LEVEL_NAME = re.compile(
    r"(?:国家|省部?|[市州县区镇乡村]|街道|街镇|镇街|社区|自治区|部)级|全国|[省市县区镇村]本级|[省市县区]"
)
_LEVEL_EDGE = re.compile(r"[、,，和及与;；]?(?:其中)?[:：,，]?")


#: A list item that only names other actors shares act and object: 列入异常名录企业20户、个体工商户9户.
_ACTOR_ITEM = re.compile(
    r"^[、和及与](?:各类)?(?:企业|个体工商户|个体户|(?:农[民村])?专业合作社|合作社|公民|法人|个人|单位|机关|部门|乡镇|街道|村|社区)$"
)


@dataclass(slots=True)
class Reading:
    """One way to cut the words of a number out of its surroundings; a pattern's words may stand in either part."""

    name: str  # own, list, noun, back, forward; level: no words, but the level before it
    before: str
    after: str


def readings(candidate: Candidate, previous: Sequence[Mapped]) -> Iterator[Reading]:
    """From the tightest to the widest. A wider one is asked only where no pattern fits a tighter one."""
    if candidate.heads:
        yield from _of_cell(candidate.heads, candidate.before, area=is_territory(candidate.scope or ""))
        return
    name = listed_name(candidate, previous)
    if name:
        yield Reading("own", name, "")
        return
    before = own_before(candidate, previous)
    after, shared = _own_after(candidate.after)
    words = before + after
    if after and _SAID.match(after) and not _says_nothing(before):
        after = shared = ""
    yield Reading("own", before, after)
    yield Reading("level", before, "")  # here a change takes the metric of its level
    yield from _listed(candidate, before, after, shared)
    bare = _says_nothing(words)
    if bare and len(before) < len(candidate.before):
        yield Reading("list", candidate.before, after)
    if bare:
        yield from _wide(candidate, before, after)
    if after and candidate.following and not _NUMBER.search(candidate.following):
        yield Reading("forward", before, after + candidate.following)


def _listed(candidate: Candidate, before: str, after: str, shared: str) -> Iterator[Reading]:
    """For an item of a list: with the act that opens it, or with the noun that closes it."""
    act = _list_act(candidate, before)
    if act:
        yield Reading("list", act + before, after)
    if _ACTOR_ITEM.match(before) and len(before) < len(candidate.before):
        yield Reading("list", candidate.before, after)
    if shared != after:
        yield Reading("list", before, shared)
    if _LIST_ITEM.match(candidate.after) and _LEVEL_NAME.fullmatch(_without_edge(before)):
        yield Reading("list", before, candidate.after)  # 区级419项、街镇级251项政务服务事项


def _of_cell(heads: tuple[str, ...], before: str, *, area: bool) -> Iterator[Reading]:
    """For a table cell: the row's head alone, or the columns' heads where the row is a total, a place or a year.

    A row that is headed by a kind of thing is a subset of its column; one that is headed by an `area` is none.
    """
    row, columns = heads[0], "".join(heads[1:])
    yield Reading("own", row + before, "")
    if area or _WHOLE_ROW.search(row):
        yield Reading("own", columns + before, "")


_WHOLE_ROW = re.compile(r"^$|合计|总计|小计|全[省市县区州]|本级|(?:[省市县区乡镇州旗]|街道|年|年度|季度|月|[0-9]{4})$")


def _wide(candidate: Candidate, before: str, after: str) -> Iterator[Reading]:
    """For a number without words of its own."""
    changed = candidate.change is not None
    if not changed and candidate.counted and candidate.counted not in candidate.clause:
        yield Reading("noun", candidate.counted, after)
    if candidate.preceding and not _NUMBER.search(candidate.preceding[-1]):
        yield Reading("back", candidate.preceding[-1] + before, after)
    if not changed and candidate.subject:
        yield Reading("noun", candidate.subject, "")


# ── before and after ─────────────────────────────────────────────────────────────────────────────────────────────────


def own_before(candidate: Candidate, previous: Sequence[Mapped]) -> str:
    """The clause up to the number, without titles and without what belongs to the number before it."""
    before = candidate.before
    for mapped in reversed(previous):
        gap = candidate.start - mapped.candidate.end
        if gap >= 0:
            before = _between(before[-gap:]) if 0 < gap < len(before) else ("" if gap == 0 else before)
            break
    if "《" in before:
        before = _TITLE.sub("", before)  # 《执法监督通知书》3份 keeps its title: it is what is counted
    return before


def _between(words: str) -> str:
    """The words between two numbers that belong to the second."""
    item = _NEXT_ITEM.match(words)
    if item is not None:
        return item[1]
    actor = _ACTOR.match(words)
    return words if actor is None else words[actor.end() :]


def _own_after(after: str) -> tuple[str, str]:
    """(the words after the number up to the next one, the same over the items of a list that share their noun)."""
    if _CLOSED.match(after):
        return "", ""
    own: str | None = None
    position = 0
    while True:
        number = _NUMBER.search(after, position)
        if number is None:
            return (after if own is None else own), after
        part = after[position : number.start()]
        listed = _LIST_AFTER.search(part) and _HOLDER.match(part)
        if own is None:
            own = part if listed else _own_noun(part)
        if not listed:
            return own, own if position == 0 else after[: number.start()]
        position = number.end()


def _own_noun(part: str) -> str:
    """The noun of a number whose words run straight into the next number."""
    part = _ADVERB.split(part, maxsplit=1)[0] or part
    if _ACTS.search(part):
        actor = _ACTOR.match(part)
        return part if actor is None else actor.group()  # 15个司法所|办理案件|210件
    holder = _HOLDER.match(part)
    return holder.group() if holder else part.partition("的")[0]


def _list_act(candidate: Candidate, before: str) -> str:
    """The act that opens the list this number continues; "" where its own words bring one."""
    if not _LIST_ITEM.match(before) or len(before) == len(candidate.before) or _ACTS.search(before):
        return ""
    acts: list[str] = _ACTS.findall(candidate.before[: len(candidate.before) - len(before)])
    return acts[-1] if acts else ""


def listed_name(candidate: Candidate, previous: Sequence[Mapped]) -> str:
    """The name that 分别 or 均 hands out to this number; "" where no names are listed."""
    before = candidate.before
    if "分别" not in before and "均" not in before and "都" not in before:
        return ""  # one of these stands wherever _NAMES matches; most clauses have none
    match = _NAMES.match(before)
    if match is None or _NUMBER.search(_PARTICLES.sub("", match[1])) or not is_bare(before[match.end() :]):
        return ""
    names = _NAME_SIGN.split(match[1])
    if names[-1].endswith("率") and len(names) != len(_NUMBER.findall(candidate.clause)):
        names = _RATE_END.split(match[1])
    place = sum(
        mapped.candidate.sentence_start == candidate.sentence_start and mapped.candidate.clause == candidate.clause
        for mapped in previous
    )
    return names[place] if len(names) > 1 and place < len(names) else ""


def _says_nothing(words: str) -> bool:
    """Whether nothing is left of `words` without the empty ones; the first word that says something ends the search."""
    at, end = 0, len(words)
    while at < end:
        empty = _EMPTY.match(words, at)
        if empty is None:
            return False
        at = empty.end()
    return True


def is_bare(words: str) -> bool:
    """Whether the words say nothing but that something rose, fell or is so many."""
    return not _LEVEL_WORDS.sub("", _EMPTY.sub("", words))


# ── the numbers before it ────────────────────────────────────────────────────────────────────────────────────────────


def level_of(candidate: Candidate, previous: Sequence[Mapped]) -> Mapped | None:
    """The level that a change speaks of: the nearest, the one of its unit, or by place where several are listed."""
    last = previous[-1]
    same_sentence = last.candidate.sentence_start == candidate.sentence_start
    if same_sentence and last.candidate.modality == "baseline" and candidate.change is not None:
        return last
    if last.candidate.heads and last.candidate.paragraph_start == candidate.paragraph_start:
        return last  # a remark behind the figure of a table's row: 29 | 同比减少3件
    levels = [
        mapped
        for mapped in previous
        if mapped.candidate.sentence_start == candidate.sentence_start
        and mapped.candidate.change is None
        and mapped.candidate.modality == "actual"
        and (candidate.unit != "pp" or mapped.candidate.unit == "%")
    ]
    if not levels:
        return None
    changes = len(_NUMBER.findall(candidate.clause))
    if changes > 1 and _SHARED_CHANGE.search(candidate.clause) and not _OTHER_YEARS.search(candidate.before):
        # 企业20户、个体户30户,分别增长5%和6%: as many levels as the clause has changes, in the same order.
        clause = [mapped for mapped in previous if mapped.candidate.clause == candidate.clause]
        order = [mapped for mapped in levels if mapped not in clause][-changes:]
        return order[len(clause)] if len(clause) < len(order) else None
    if candidate.unit in {"%", "pp", "times"}:
        return levels[-1]
    same_unit = [mapped for mapped in levels if mapped.candidate.unit == candidate.unit]
    return same_unit[-1] if same_unit else None


def is_level_part(candidate: Candidate, before: str, previous: Sequence[Mapped]) -> bool:
    """Whether the number only names another level of the thing before it: "国家级示范村2个、省级15个".

    `before` is what `own_before` gives.
    """
    last = previous[-1].candidate
    if last.sentence_start != candidate.sentence_start or last.unit != candidate.unit or candidate.change is not None:
        return False
    words = _without_edge(before)
    return _CLOSED.match(candidate.after) is not None and _LEVEL_NAME.fullmatch(words) is not None


def _without_edge(words: str) -> str:
    """`words` without the signs and the 其中 that open an item of a list."""
    edge = _LEVEL_EDGE.match(words)
    return words if edge is None else words[edge.end() :]


def in_bracket(candidate: Candidate, previous: Sequence[Mapped]) -> bool:
    """Whether the number stands in a bracket that opened behind another number: 1249件(甲类12件、乙类7件)."""
    before = candidate.before
    opened = max(before.rfind("("), before.rfind("（"))
    if max(before.rfind(")"), before.rfind("）")) >= opened:
        return False
    at = candidate.start - len(before) + opened
    return any(mapped.candidate.end == at for mapped in previous)
