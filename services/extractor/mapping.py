"""A fact → the id of the catalogue's metric that it states, or None.

    words of the number ──one Aho–Corasick pass──▶ patterns whose key stands there ──cheap rules──▶ best, or abstain

The words of a number are those of its clause that belong to it and to no other number. Where they say nothing
("共134件", "均达100%") wider readings follow: the parts of a list that share their noun, the noun phrase that the
reader found, the neighbouring clause. The first reading in which a pattern fits decides; two metrics that fit equally
well are a tie, and a tie abstains: a wrong id is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import ahocorasick

from services.extractor.candidate import NO_MAPPING, Candidate, Mapped, Mapping
from services.extractor.catalogue import Catalogue, Metric, Pattern, load_catalogue

#: Below this difference of scores two metrics are a tie. One character of a literal is worth 1.
TIE_MARGIN = 0.5
#: Distance from the number costs this much a character: in a long clause the nearest noun is the one counted.
DISTANCE_COST = 0.25
MAX_DISTANCE = 24
#: How sure a reading is, before the distance of its context is taken off.
CONFIDENCE = {"own": 0.97, "list": 0.93, "noun": 0.9, "back": 0.88, "forward": 0.85, "level": 0.9}
#: Distinct clauses whose hits are kept: a report of a megabyte has about forty thousand.
SCAN_CACHE = 16_384

# Words that say nothing of what is counted: what is left without them tells whether a number has words of its own.
_EMPTY = re.compile(r"确保|力争|保持在?|控制在|稳定在|完成|年初|年底|去年同期|上年同期|同期|压缩|缩短|提速|精简|共计|累计|总计|以及|[及和与并]|合计|共有|共|达到|达|为|约|近|超过|超|其中|分别|各|等|全年|今年|年度|以上|已|均|了|有|的|较|比|上年|去年|同比|环比|增长|下降|增加|减少|上升|提高|降低|[0-9年月、,，;；:：()（）“”.%\s个件批项次]")
_LIST_AFTER = re.compile(r"(?:[、和及与]|等)$")
_CLOSED = re.compile(r"^(?:[、,，;；:：。(（]|和|及|与|并|以及|$)")
#: What opens a statement about things that the words before the number have named.
_SAID = re.compile(r"^(?:均|全部|都|皆|已全部)")
_LEVEL = re.compile(r"上月|上季度|同比|环比|增幅|降幅|幅度|同比|环比|较|比|增|降|升|减|上年|去年|往年|同期|翻|高|低|少|多|提")


class Scan(NamedTuple):
    """What of the catalogue stands in a text: a bit for each literal, and the places of the keys."""

    mask: int
    keys: tuple[tuple[int, int], ...]  # (literal, end)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern, compiled: groups are bit masks over literals."""

    metric: Metric
    name: str
    own: int
    also: tuple[int, ...]
    near: tuple[int, ...]
    around: tuple[int, ...]
    topics: int
    none: int
    none_near: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    units: frozenset[str]
    rank: int
    forward: bool
    beside: frozenset[str]
    changes: bool
    rivals: int  # other topics, whose words in the number's own words say that something else is spoken of


class _Reading(NamedTuple):
    """One way to cut the words of a number out of its surroundings. The key may stand in either part."""

    name: str
    before: str
    after: str


#: The place in the order of readings where a change takes the metric of its level.
_LEVEL_READING = _Reading("level", "", "")


class _Fit(NamedTuple):
    rank: int
    score: float
    confidence: float
    rule: _Rule


class _Engine:
    """The compiled catalogue. Holds no state of a report; the scan cache is keyed by text alone."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._literals: dict[str, int] = {}
        self.topic_masks = {name: self._mask(words) for name, words in (catalogue.topics | catalogue.themes).items()}
        self.topics = 0
        for name in catalogue.topics:
            self.topics |= self.topic_masks[name]
        self.by_key: dict[int, list[_Rule]] = {}
        for metric in catalogue.metrics.values():
            for pattern in metric.pattern:
                rule = self._compile(metric, pattern)
                for word in pattern.own:
                    self.by_key.setdefault(self._literals[word], []).append(rule)
        automaton = ahocorasick.Automaton()
        for word, number in self._literals.items():
            automaton.add_word(word, (number, 1 << number, number in self.by_key))
        automaton.make_automaton()
        self._automaton = automaton
        self.lengths = [len(word) for word in self._literals]
        self.scan = lru_cache(maxsize=SCAN_CACHE)(self._scan)

    def _mask(self, words: Sequence[str]) -> int:
        mask = 0
        for word in words:
            mask |= 1 << self._literals.setdefault(word, len(self._literals))
        return mask

    def _compile(self, metric: Metric, pattern: Pattern) -> _Rule:
        topics = 0
        for topic in pattern.topic:
            topics |= self.topic_masks[topic]
        own = self._mask(pattern.own)
        also = tuple(self._mask(group) for group in pattern.also)
        keys = own
        for group in also:
            keys |= group
        return _Rule(
            metric=metric,
            name=f"{metric.id}#{pattern.id}",
            own=own,
            also=also,
            near=tuple(self._mask(group) for group in pattern.near),
            around=tuple(self._mask(group) for group in pattern.around),
            topics=topics,
            none=self._mask(pattern.none),
            none_near=self._mask(pattern.none_near),
            before=tuple(self._mask(group) for group in pattern.before),
            after=tuple(self._mask(group) for group in pattern.after),
            units=frozenset(pattern.units) or metric.accepts,
            rank=pattern.rank,
            forward=pattern.reach == "sentence",
            beside=frozenset(pattern.beside),
            changes=pattern.changes,
            rivals=self.topics & ~topics & ~keys,
        )

    def _scan(self, text: str) -> Scan:
        mask = 0
        keys = []
        for end, (number, bit, is_key) in self._automaton.iter(text):
            mask |= bit
            if is_key:
                keys.append((number, end + 1))
        return Scan(mask, tuple(keys))

    def longest(self, mask: int) -> int:
        """Length of the longest literal in `mask`."""
        best = 0
        while mask:
            number = (mask & -mask).bit_length() - 1
            best = max(best, self.lengths[number])
            mask &= mask - 1
        return best


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    return _Engine(load_catalogue())


def map_metric(candidate: Candidate, previous: Sequence[Mapped] = ()) -> Mapping:
    """The metric of one fact; see `candidate.Mapper`. Never raises on any text."""
    return map_with(_engine(), candidate, previous)


def map_with(engine: _Engine, candidate: Candidate, previous: Sequence[Mapped]) -> Mapping:
    """`map_metric` over a compiled catalogue of the caller's."""
    surroundings = _Surroundings(engine, candidate, previous)
    for reading in _readings(candidate, previous):
        if reading.name == "level":
            inherited = _inherited(candidate, previous)
            if inherited.metric is not None:
                return inherited
            continue
        fits = list(_fits(engine, candidate, reading, surroundings))
        if fits:
            return _settle(_choose(fits), reading, candidate, previous)
    return NO_MAPPING


# ── readings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _readings(candidate: Candidate, previous: Sequence[Mapped]) -> Iterator[_Reading]:
    """From the tightest to the widest. A wider one is asked only where no pattern fits a tighter one."""
    if candidate.heads:
        yield _Reading("own", "".join(candidate.heads), "")
        return
    name = _listed_name(candidate, previous)
    if name:
        yield _Reading("own", name, "")
        return
    before = _own_before(candidate, previous)
    after, listed = _own_after(candidate.after)
    bare = not _EMPTY.sub("", before + after)
    if _SAID.match(after) and _EMPTY.sub("", before):
        after = listed = ""
    yield _Reading("own", before, after)
    yield _LEVEL_READING
    verb = _list_verb(candidate, before)
    if verb:
        yield _Reading("list", verb + before, after)
    if listed != after:
        yield _Reading("list", before, listed)
    if bare and len(before) < len(candidate.before):
        yield _Reading("list", candidate.before, after)
    if bare and candidate.change is None:
        yield from _wide_readings(candidate, before, after)
    if after and candidate.following and not _has_number(candidate.following):
        yield _Reading("forward", before, after + candidate.following)


def _wide_readings(candidate: Candidate, before: str, after: str) -> Iterator[_Reading]:
    """For a number without words of its own."""
    if candidate.counted and candidate.counted not in candidate.clause:
        yield _Reading("noun", candidate.counted, after)
    if candidate.preceding and not _has_number(candidate.preceding[-1]):
        yield _Reading("back", candidate.preceding[-1] + before, after)
    if candidate.subject:
        yield _Reading("noun", candidate.subject, "")


_NAMES = re.compile(r"^(.{2,80}?)(?:[0-9两三四五六七八九十]{1,2}[项个]指标)?(?:同比|环比|较上年|比上年|较去年|均|也|都|全部|数量|总数){0,3}(?:分别|(?<!平)均|都)")
_PARTICLES = re.compile(r"PM(?:2\.5|10)", re.IGNORECASE)
_SPLIT = re.compile(r"[、和与]|及(?!时)")


def _listed_name(candidate: Candidate, previous: Sequence[Mapped]) -> str:
    """The name of this number in "参考率、合格率均达100%" or "批次、人次分别下降11%、7%"; "" where no names are listed."""
    match = _NAMES.match(candidate.before)
    if match is None or _DIGIT.search(_PARTICLES.sub("", match[1])) or _LEVEL.sub("", _EMPTY.sub("", candidate.before[match.end() :])):
        return ""
    names = _SPLIT.split(match[1])
    shared = {mapped.candidate.start for mapped in previous} & {candidate.start}
    same_list = [
        mapped
        for mapped in previous
        if mapped.candidate.sentence_start == candidate.sentence_start and mapped.candidate.clause == candidate.clause
    ]
    place = len(same_list) if shared or same_list else 0
    return names[place] if 1 < len(names) and place < len(names) else ""


_LIST_ITEM = re.compile(r"^[、和及与]")
_ACTS = re.compile(
    r"受理|收到|新收|办理|审查|审核|审结|报送备案|报备|备案审查|制定|出台|印发|发布|公布|公开|取消|承接|下放|赋予|列入|移出|聘请|聘任"
    r"|建成|建立|开展|组织|举办|召开|培训|发放|清理|废止|修改|出具|提出|完成|评查|查处|立案|作出|实施|化解|调解|排查|创建|推出|新增|新登记|配备|成立|设立|加挂|具有|培育|合并|保留|调整|精简|撤销|维持|驳回|终止|修订|结案|办结|确认|责令|抽|移送|处罚|罚|缴|和解|不予|败诉|撤诉|胜诉|协助|追回|挽回"
)


def _list_verb(candidate: Candidate, before: str) -> str:
    """The act that opens the list this number continues: 审查 in "审查合同64份、重大决策53件"."""
    if not _LIST_ITEM.match(before) or len(before) == len(candidate.before) or _ACTS.search(before):
        return ""
    opening = candidate.before[: len(candidate.before) - len(before)]
    acts = _ACTS.findall(opening)
    return acts[-1] if acts else candidate.verb


def _own_before(candidate: Candidate, previous: Sequence[Mapped]) -> str:
    """The clause up to the number, without what belongs to the number before it."""
    before = candidate.before
    for mapped in reversed(previous):
        gap = candidate.start - mapped.candidate.end
        if gap >= 0:
            before = before[-gap:] if 0 < gap < len(before) else ("" if gap == 0 else before)
            break
    return _TITLE.sub("", before)


#: A title names a document, not what is counted: 《行政复议法》等法律14部.
_TITLE = re.compile(r"《[^《》]{0,80}》")


_DIGIT = re.compile(r"[0-9][0-9.,]{0,20}")


def _own_after(after: str) -> tuple[str, str]:
    """(the words after the number up to the next one, the same over the items of a list that share their noun)."""
    if _CLOSED.match(after):
        return "", ""
    own = None
    position = 0
    while True:
        digit = _DIGIT.search(after, position)
        if digit is None:
            return (after if own is None else own), after
        part = after[position : digit.start()]
        listed = _LIST_AFTER.search(part) and _HOLDER.match(part)
        if own is None:
            own = part if listed else _own_noun(part)
        if not listed:
            return own, own if position == 0 else after[: digit.start()]
        position = digit.end()


#: Bodies and places: "34个部门权责事项4215项" counts departments first, and the noun behind them is the next number's.
_HOLDER = re.compile(
    r"^[^的、,，]{0,6}?(?:部门|单位|乡镇|镇街|街镇|街道|乡|镇|村|社区|县|区|市|行业|领域|窗口|企业|局|机关|机构|点|所|中心|法院|级)"
)


_ADVERB = re.compile(r"全年|今年|年内|累计|先后|共(?!同)")


def _own_noun(part: str) -> str:
    """The noun of a number whose words run straight into the next number."""
    part = _ADVERB.split(part, maxsplit=1)[0] or part
    if _ACTS.search(part):
        return part
    holder = _HOLDER.match(part)
    return holder.group() if holder else part.partition("的")[0]


def _has_number(text: str) -> bool:
    return _DIGIT.search(text) is not None


# ── fitting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Surroundings:
    """What stands around a number, scanned when first asked for."""

    def __init__(self, engine: _Engine, candidate: Candidate, previous: Sequence[Mapped]) -> None:
        self._engine = engine
        self._candidate = candidate
        self._previous = previous
        self._texts: list[tuple[str, float]] | None = None
        self._near: int | None = None
        self._around: int | None = None
        self._sentence: int | None = None

    def texts(self) -> list[tuple[str, float]]:
        """Context from near to far, each with what it takes off the confidence."""
        if self._texts is None:
            candidate = self._candidate
            own = _listed_name(candidate, self._previous) or _own_before(candidate, self._previous)
            ahead = candidate.before[: -len(own)] if own and candidate.before.endswith(own) else candidate.before
            texts = [("" if ahead == own else ahead, 0.0)]
            texts += [(text, 0.01) for text in reversed(candidate.preceding)]
            seen = {candidate.sentence_start}
            for mapped in reversed(self._previous):
                if mapped.candidate.headings != candidate.headings:
                    break
                if mapped.candidate.sentence_start not in seen:
                    texts += [(mapped.candidate.clause, 0.04)]
                    texts += [(text, 0.05) for text in reversed(mapped.candidate.preceding)]
                    seen.add(mapped.candidate.sentence_start)
            if candidate.topic:
                texts.append((candidate.topic, 0.06))
            texts += [(heading, 0.08) for heading in reversed(candidate.headings)]
            self._texts = texts
        return self._texts

    def around(self) -> int:
        """The sentence, the earlier sentences of the paragraph that hold facts, its topic, and the headings."""
        if self._around is None:
            self._around = self.near()
            for text, _ in self.texts():
                self._around |= self._engine.scan(text).mask
        return self._around

    def near(self) -> int:
        """The sentence up to the number, and the clause that follows."""
        if self._near is None:
            self._near = self.sentence() | self._engine.scan(self._candidate.following).mask
            for head in self._candidate.heads:
                self._near |= self._engine.scan(head).mask
        return self._near

    def sentence(self) -> int:
        if self._sentence is None:
            self._sentence = self._engine.scan(self._candidate.clause).mask
            for text in self._candidate.preceding:
                self._sentence |= self._engine.scan(text).mask
        return self._sentence

    def stated(self) -> frozenset[str | None]:
        """The metrics that the sentence has stated before this number."""
        start = self._candidate.sentence_start
        return frozenset(m.mapping.metric for m in self._previous if m.candidate.sentence_start == start)

    def topic_cost(self, topics: int) -> float | None:
        """What it costs that the topic stands where it does; None where another topic stands nearer."""
        for text, cost in self.texts():
            found = self._engine.scan(text).mask
            if found & topics:
                return cost
            if found & self._engine.topics:
                return None
        return None


def _fits(engine: _Engine, candidate: Candidate, reading: _Reading, around: _Surroundings) -> Iterator[_Fit]:
    before, after = engine.scan(reading.before), engine.scan(reading.after)
    mask = before.mask | after.mask
    places = [(number, len(reading.before) - end) for number, end in before.keys]
    places += [(number, end - engine.lengths[number]) for number, end in after.keys]
    for number, distance in places:
        for rule in engine.by_key[number]:
            cost = _cost(rule, candidate, mask, reading, around, (before.mask, after.mask))
            if cost is None:
                continue
            score = engine.lengths[number] + sum(engine.longest(group & mask) for group in rule.also)
            score += bool(rule.topics) + len(rule.near) + len(rule.around) - DISTANCE_COST * min(distance, MAX_DISTANCE)
            yield _Fit(rule.rank, score, CONFIDENCE[reading.name] - cost, rule)


def _cost(
    rule: _Rule,
    candidate: Candidate,
    mask: int,
    reading: _Reading,
    around: _Surroundings,
    sides: tuple[int, int],
) -> float | None:
    """What the fit takes off the confidence; None where the rule does not fit."""
    if mask & rule.none or not _unit_fits(rule, candidate):
        return None
    if reading.name == "forward" and not rule.forward:
        return None
    if any(not group & mask for group in rule.also):
        return None
    if any(not group & sides[0] for group in rule.before) or any(not group & sides[1] for group in rule.after):
        return None
    if rule.none_near and around.sentence() & rule.none_near:
        return None
    if rule.beside and not rule.beside & around.stated():
        return None
    if any(not group & (mask | around.near()) for group in rule.near):
        return None
    if any(not group & (mask | around.around()) for group in rule.around):
        return None
    if not rule.topics or mask & rule.topics:
        return 0.0
    if mask & rule.rivals:
        return None
    return around.topic_cost(rule.topics)


def _unit_fits(rule: _Rule, candidate: Candidate) -> bool:
    """Rule 7: the unit is of the metric's family; an amount of change carries the metric of its level."""
    if candidate.unit in rule.units:
        return not (candidate.unit == "pp" and candidate.change is None)
    if candidate.change is not None and candidate.unit in {"%", "pp", "times"}:
        if not rule.changes or rule.metric.quantity == "rank":
            return False
        return rule.metric.quantity == "rate" or "率" not in candidate.counted
    return candidate.unit is None and rule.metric.quantity == candidate.quantity == "count"


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _choose(fits: list[_Fit]) -> Mapping:
    """The best fit, or an abstention that names the two rules that tied."""
    fits.sort(key=lambda fit: (fit.rank, fit.score), reverse=True)
    best = fits[0]
    for other in fits[1:]:
        if other.rule.metric.id != best.rule.metric.id:
            if other.rank == best.rank and best.score - other.score < TIE_MARGIN:
                return Mapping(None, 0.5, f"tie:{best.rule.name}|{other.rule.name}")
            break
    return Mapping(best.rule.metric.id, round(best.confidence, 4), best.rule.name)


def _settle(mapping: Mapping, reading: _Reading, candidate: Candidate, previous: Sequence[Mapped]) -> Mapping:
    """Rule 3: a subset is not its parent; only a part by area or level keeps the parent's metric.

    A number without words of its own that would repeat the metric of its sentence is a part of it, too.
    """
    part = candidate.subset or _in_bracket(candidate, previous) or reading.name in ("noun", "back")
    if mapping.metric is None or not part or candidate.scope:
        return mapping
    for mapped in reversed(previous):
        if mapped.candidate.sentence_start != candidate.sentence_start:
            break
        if mapped.mapping.metric == mapping.metric and mapped.candidate.start != candidate.start:
            return Mapping(None, 0.8, "subset-of-its-parent")
    return mapping


def _in_bracket(candidate: Candidate, previous: Sequence[Mapped]) -> bool:
    """Whether the number stands in a bracket that opened behind another number: 1249件(甲类12件、乙类7件)."""
    before = candidate.before
    opened = max(before.rfind("("), before.rfind("（"))
    if opened <= max(before.rfind(")"), before.rfind("）")):
        return False
    at = candidate.start - len(before) + opened
    return any(mapped.candidate.end == at for mapped in previous)


def _inherited(candidate: Candidate, previous: Sequence[Mapped]) -> Mapping:
    """Rules 3 and 4: a part by level, a change or a baseline without a noun of its own speaks of the number before."""
    if not previous:
        return NO_MAPPING
    if _is_level_part(candidate, previous):
        return Mapping(previous[-1].mapping.metric, CONFIDENCE["level"], "level-part")
    if (candidate.change is None and candidate.modality != "baseline"):
        return NO_MAPPING
    if _LEVEL.sub("", _EMPTY.sub("", _own_before(candidate, previous))):
        return NO_MAPPING
    level = _level_of(candidate, previous)
    if level is None or level.mapping.metric is None:
        return NO_MAPPING
    return Mapping(level.mapping.metric, CONFIDENCE["level"], "level-before")


_LEVELS = re.compile(r"(?:国家|省部?|[市州县区镇乡村]|街道|街镇|镇街|社区|自治区|部)级|全国|[省市县区镇村]本级|[省市县区]")
_LEVEL_EDGE = re.compile(r"^[、,，和及与;；]?(?:其中)?[:：,，]?")


def _is_level_part(candidate: Candidate, previous: Sequence[Mapped]) -> bool:
    """Whether the number only names another level: "国家级示范村2个、省级15个"."""
    last = previous[-1]
    if last.candidate.sentence_start != candidate.sentence_start or last.candidate.unit != candidate.unit:
        return False
    words = _LEVEL_EDGE.sub("", _own_before(candidate, previous))
    bare = _CLOSED.match(candidate.after) is not None
    return bare and last.mapping.metric is not None and bool(_LEVELS.fullmatch(words)) and candidate.change is None


def _level_of(candidate: Candidate, previous: Sequence[Mapped]) -> Mapped | None:
    """The level that a change speaks of: the nearest, the one of its unit, or by place where 分别 lists several."""
    clause = [mapped for mapped in previous if mapped.candidate.clause == candidate.clause]
    if previous[-1].candidate.modality == "baseline" and previous[-1].candidate.sentence_start == candidate.sentence_start:
        return previous[-1]
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
    changes = len(_DIGIT.findall(candidate.clause))
    if changes > 1 and _SHARED_CHANGE.search(candidate.clause) and not _OTHER_YEARS.search(candidate.before):
        # 企业20户、个体户30户,分别增长5%和6%: as many levels as the clause has changes, in the same order.
        order = [mapped for mapped in levels if mapped not in clause][-changes:]
        place = len(clause)
        return order[place] if place < len(order) else None
    if candidate.unit in ("%", "pp", "times"):
        return levels[-1]
    same_unit = [mapped for mapped in levels if mapped.candidate.unit == candidate.unit]
    return same_unit[-1] if same_unit else None


_SHARED_CHANGE = re.compile(r"分别|[0-9](?:%|个百分点)?[、和与及][0-9]")
_OTHER_YEARS = re.compile(r"[比较][^,，]{0,12}年[、和与及]")
