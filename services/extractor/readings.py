"""Which words belong to a number: the ways in which a pattern may read a fact's surroundings.

    受理案件62件,调解成功58件            the words of 58 are 调解成功
    1个区级、63个社区级调解组织          a list that shares its noun
    34个部门权责事项4215项               the noun behind 34个 is 部门, the rest belongs to 4215
    46项任务分解到32个部门               the noun behind 46项 is 任务; 32个 has only its own, 部门
    参考率、合格率分别达100%、98%        names handed out by place
    审查合同64份、重大决策53件           the act that opens a list governs its items
    …,共134件                            no words of its own: the wider readings

Texts are slices of the report; every pattern below is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.extractor.areas import is_territory
from services.extractor.candidate import Candidate, Mapped
from shared.rules import rules

_RULES = rules("services.extractor", "rules/readings")
_EMPTY = _RULES.pattern("empty")
_LEVEL_WORDS = _RULES.pattern("level_words")
_KEPT = _RULES.pattern("kept")
_CLOSED = _RULES.pattern("closed")
_NEXT_ITEM = _RULES.pattern("next_item")
_GIVEN_TO = _RULES.pattern("given_to")
_PAYING = _RULES.pattern("paying")
_SHARE = _RULES.pattern("share")
_OPENING_ACT = _RULES.pattern("opening_act")
_SAID = _RULES.pattern("said")
_LIST_ITEM = _RULES.pattern("list_item")
_LIST_AFTER = _RULES.pattern("list_after")
_NUMBER = _RULES.pattern("number")
_TITLE = _RULES.pattern("title")
_ADVERB = _RULES.pattern("adverb")
_WHOLE = _RULES.pattern("whole")
_COUNTED_LEVEL = _RULES.pattern("counted_level")
_HOLDER = _RULES.pattern("holder")
_HOLDER_ACTING = _RULES.pattern("holder_acting")
_HOLDER_OF = _RULES.pattern("holder_of")
_ACTS = _RULES.pattern("act")
_ACTOR = _RULES.pattern("actor")
_INCLUSION = _RULES.pattern("inclusion")
_NAMES = _RULES.pattern("names")
_HEAD = _RULES.pattern("head")
_NAME_SIGN = _RULES.pattern("name_sign")
_RATE_END = _RULES.pattern("rate_end")
_PARTICLES = _RULES.pattern("particles")
_SHARED_CHANGE = _RULES.pattern("shared_change")
_OTHER_YEARS = _RULES.pattern("other_years")
_LEVEL_NAME = _RULES.pattern("level_name")
_LEVEL_EDGE = _RULES.pattern("level_edge")
_DAY_NAME = _RULES.pattern("day_name")
_PLACED = _RULES.pattern("placed")
_ACTOR_ITEM = _RULES.pattern("actor_item")
_WHOLE_ROW = _RULES.pattern("whole_row")
_AVERAGE = _RULES.pattern("average")
_BY_KIND = _RULES.pattern("by_kind")
_YEAR = _RULES.pattern("year")
_KIND = _RULES.pattern("kind")
_OF_THOSE = _RULES.pattern("of_those")
_TWO_ACTS = _RULES.pattern("two_acts")
_ONE_ACT = _RULES.pattern("one_act")


@dataclass(slots=True)
class Reading:
    """One way to cut the words of a number out of its surroundings; a pattern's words may stand in either part."""

    name: str  # own, list, noun, back, forward; level: no words, but the level before it
    before: str
    after: str


def readings(candidate: Candidate, previous: Sequence[Mapped], *, reaching: bool = True) -> Iterator[Reading]:
    """From the tightest to the widest. A wider one is asked only where no pattern fits a tighter one.

    `reaching`: whether a pattern may want the clause that follows.
    """
    if candidate.heads:
        yield from _of_cell(candidate.heads, candidate.before, area=is_territory(candidate.scope or ""))
        return
    name = listed_name(candidate, previous)
    if name:
        yield Reading("own", name, "")
        yield Reading("list", name + _shared_head(candidate), "")
        return
    before = own_before(candidate, previous)
    after, shared = _own_after(candidate.after)
    words = before + after
    if after and _SAID.match(after) and not _says_nothing(before):
        after = shared = ""
    yield Reading("own", before, after)
    yield Reading("level", before, "")  # here a change takes the metric of its level
    if candidate.number_text == "零" and before:
        return  # 零败诉、零复议: the words of the item beside say what else did not happen
    yield from _listed(candidate, before, after, shared)
    yield from _shared_out(candidate, before, previous)
    bare = _says_nothing(words)
    if bare and len(before) < len(candidate.before):
        yield Reading("list", candidate.before, after)
    if bare:
        yield from _wide(candidate, before, after)
    following = candidate.around.following if reaching and after else ""
    if following and not _NUMBER.search(following):
        yield Reading("forward", before, after + following)


def _listed(candidate: Candidate, before: str, after: str, shared: str) -> Iterator[Reading]:
    """For an item of a list: with the act that opens it, or with the noun that closes it."""
    if _LIST_ITEM.match(before) and len(before) < len(candidate.before):
        act = _list_act(candidate, before)
        if act:
            yield Reading("list", act + before, after)
        if _ACTOR_ITEM.match(before):
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


def row_and_column(candidate: Candidate) -> tuple[Candidate, Candidate] | None:
    """The table cell with its row's head alone, and with one head for row and column.

    None where the row names no thing (a place, a total), or the column says nothing: 行政复议|受理, but not 市本级|受理.
    """
    row, *columns = candidate.heads or ("",)
    if not row or not columns or is_territory(candidate.scope or "") or _WHOLE_ROW.search(row):
        return None
    said = "".join(columns)  # beside the row's words: 规范性文件 | 制发件数
    return replace(candidate, heads=(row,), clause=said), replace(candidate, heads=(row + said,))


def _shared_out(candidate: Candidate, before: str, previous: Sequence[Mapped]) -> Iterator[Reading]:
    """For a share directly behind the number that it is the share of: 达标断面67个,占98.5%."""
    if candidate.unit != "%" or not previous or _SHARE.fullmatch(before) is None or not candidate.around.preceding:
        return
    whole = previous[-1].candidate
    if whole.clause == candidate.around.preceding[-1] and whole.change is None and whole.unit != "%":
        after = _own_after(whole.after)[0]
        holder = _HOLDER.match(after)  # 218个城市空气质量达标,占64%: a share of cities
        yield Reading("back", own_before(whole, previous[:-1]), after if holder is None else holder.group())


def _wide(candidate: Candidate, before: str, after: str) -> Iterator[Reading]:
    """For a number without words of its own."""
    changed = candidate.change is not None
    if not changed and candidate.counted and candidate.counted not in candidate.clause:
        yield Reading("noun", candidate.counted, after)
    preceding = candidate.around.preceding
    if preceding and not _NUMBER.search(preceding[-1]):
        yield Reading("back", preceding[-1] + before, after)
    if not changed and candidate.subject:
        yield Reading("noun", candidate.subject, "")


# ── before and after ─────────────────────────────────────────────────────────────────────────────────────────────────


def own_before(candidate: Candidate, previous: Sequence[Mapped]) -> str:
    """The clause up to the number, without titles and without what belongs to the number before it."""
    before = candidate.before
    if _GIVEN_TO.search(before) is not None:
        return ""  # 将任务分解到17个部门
    for mapped in reversed(previous):
        gap = candidate.start - mapped.candidate.end
        if gap >= 0:
            before = _between(before[-gap:]) if 0 < gap < len(before) else ("" if gap == 0 else before)
            break
    if "《" in before:
        before = _TITLE.sub("", before)  # 《执法监督通知书》3份 keeps its title: it is what is counted
    some = _OF_THOSE.match(before) if "中" in before else None
    return without_inclusions(before if some is None else before[some.end() :])


def without_inclusions(words: str) -> str:
    """`words` without the brackets that only say what a figure includes: 结案(含撤回)61件 counts what was concluded."""
    return _INCLUSION.sub("", words) if "(" in words or "（" in words else words


def _between(words: str) -> str:
    """The words between two numbers that belong to the second."""
    item = _NEXT_ITEM.match(words)
    if item is not None and not _PAYING.search(words, 0, item.start(1)) and not _OPENING_ACT.match(words):
        return item[1]
    actor = _ACTOR.match(words)
    return words if actor is None else words[actor.end() :]


def _own_after(after: str) -> tuple[str, str]:
    """(the words after the number up to the next one, the same over the items of a list that share their noun)."""
    if _CLOSED.match(after):
        return "", ""
    holder = _HOLDER_OF.match(after)
    if holder is not None:
        return holder.group(), holder.group()
    if "“" in after:
        after = _DAY_NAME.sub("", after)  # 17场“12·4”宪法宣传活动: the day's name is no number
    own: str | None = None
    position = 0
    while True:
        number = _NUMBER.search(after, position)
        if number is None:
            return (after if own is None else own), after
        part = after[position : number.start()]
        listed = _LIST_AFTER.search(part) and _HOLDER.match(part)
        if own is None and _PLACED.match(part):
            return part + after[number.end() :], part  # 12名律师在|9个|村担任法律顾问
        if own is None:
            own = part if listed else _own_noun(part)
        if not listed:
            return own, own if position == 0 else after[: number.start()]
        position = number.end()


def _own_noun(part: str) -> str:
    """The noun of a number whose words run straight into the next number."""
    given = _GIVEN_TO.search(part)
    if given is not None:
        return part[: given.start()]  # 46项|重点任务分解到|32个部门
    counted = _COUNTED_LEVEL.match(part)
    if counted is not None:
        return counted.group()  # 10个县(市)|县级保留许可事项|2300项
    part = _ADVERB.split(part, maxsplit=1)[0]  # 230个|共受理纠纷|9800件
    whole = _WHOLE.match(part)
    if whole is not None:
        return whole.group()  # 1462件|文件中废止|983件
    if _ACTS.search(part):
        actor = _ACTOR.match(part) or _HOLDER_ACTING.match(part)
        return part if actor is None else actor.group()  # 15个司法所|办理案件|210件
    holder = _HOLDER.match(part)
    return holder.group() if holder else part.partition("的")[0]


def _list_act(candidate: Candidate, before: str) -> str:
    """The act that opens the list this number continues; "" where its own words bring one."""
    if _ACTS.search(before):
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
    if place >= len(names) or not all(names):  # 与去年同比分别下降 compares and names nothing
        return ""
    return names[place] if len(names) > 1 else ""


def _shared_head(candidate: Candidate) -> str:
    """The noun that closes a list of names, which its earlier names leave out: 刑事、治安|案件|分别下降; "" without one."""
    match = _NAMES.match(candidate.before)
    head = None if match is None else _HEAD.search(match[1])
    return "" if head is None else head.group()


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
    if not in_bracket(candidate, previous):  # 受理50件(处罚20件、许可8件),同比增长10%: the whole has grown
        levels = [mapped for mapped in levels if not in_bracket(mapped.candidate, previous)] or levels
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


def is_kept(candidate: Candidate, before: str, previous: Sequence[Mapped]) -> bool:
    """Whether a rate only says that the rate before it stays where it is: 出庭应诉率94%,连续三年保持在90%以上."""
    last = previous[-1].candidate
    rates = candidate.unit == "%" == last.unit and last.sentence_start == candidate.sentence_start
    return rates and last.change is None and _KEPT.fullmatch(before) is not None


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


def is_average(candidate: Candidate, previous: Sequence[Mapped]) -> bool:
    """Whether the number is what falls on a day or a head: 平均每天新设企业52户 are not the year's."""
    return _AVERAGE.search(own_before(candidate, previous)) is not None


def is_by_kind(opening: str) -> bool:
    """Whether the clause that opens a sentence says that its numbers are parts by kind: 从案件类型看."""
    return _BY_KIND.search(opening) is not None


def is_of_another_year(candidate: Candidate, previous: Sequence[Mapped]) -> bool:
    """Whether the number is the next of a series of years: 2020年达到36件,2021年达到52件."""
    return _YEAR.match(own_before(candidate, previous)) is not None


def is_kind(reading: Reading) -> bool:
    """Whether the words name a kind of thing: 咨询类诉求30件 are a part of the requests counted before."""
    return _KIND.search(reading.before) is not None or _KIND.search(reading.after) is not None


def is_first_of_two_acts(reading: Reading, whole: Candidate) -> bool:
    """Whether the part has alone the act that it shared with another one: 取消和下放41项,其中取消12项."""
    act = _ONE_ACT.match(reading.before)
    both = _TWO_ACTS.search(whole.before)
    return act is not None and both is not None and act["act"] == both["first"]
