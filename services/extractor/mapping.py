"""A fact → the id of the catalogue's metric that it states, or None.

    words of the number (readings.py) ──▶ patterns whose key stands there (patterns.py) ──▶ the best fit, or abstain

The first reading in which a pattern fits decides. Two metrics that fit equally well are a tie, and a tie abstains: a
wrong id is worse than none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from services.extractor.candidate import NO_MAPPING, Candidate, Mapped, Mapping
from services.extractor.patterns import Engine, Rule, UnitKind, catalogue_engine, unit_kind
from services.extractor.readings import (
    Reading,
    in_bracket,
    is_average,
    is_bare,
    is_by_kind,
    is_first_of_two_acts,
    is_kept,
    is_kind,
    is_level_part,
    is_of_another_year,
    level_of,
    listed_name,
    own_before,
    readings,
    row_and_column,
    without_inclusions,
)  # fmt: skip

#: Below this difference of scores two metrics are a tie. One character of a pattern's word is worth 1.
TIE_MARGIN = 0.5
#: Distance from the number costs this much a character: in a long clause the nearest noun is the one counted.
DISTANCE_COST = 0.25
MAX_DISTANCE = 24
#: How sure a reading is, before the distance of its context is taken off.
CONFIDENCE = {"own": 0.97, "list": 0.93, "noun": 0.9, "back": 0.88, "forward": 0.85, "level": 0.9}
#: What the place of a topic takes off: its sentence, an earlier sentence, the paragraph's first clause, a heading.
IN_SENTENCE, EARLIER, IN_TOPIC, IN_HEADING = 0.01, 0.04, 0.06, 0.08
#: How sure it is that a number without words of its own is not once more the metric before it.
SUBSET_CONFIDENCE = 0.8
TIE_CONFIDENCE = 0.5
#: A share behind 其中 has no whole that is counted in the same unit.
RATE_UNITS = ("%", "pp")
#: Things that are counted one by one, in measure words that stand for each other.
COUNTED = ("件", "份", "项", "个", "条", "起")
#: The domain of a whole that is not stated beside its parts: 从案件类型看,行政处罚30件.
NO_DOMAIN = "kinds"
#: What says of a number that it is the whole of its kind.
ALL_KINDS = "各类"
#: Words up to this length name an act alone: 办结, 受理.
BARE_ACT = 2
#: Quantities that are sums of a period: what falls on a day or a head is none.
SUMS = ("count", "money", "area")


def map_metric(candidate: Candidate, previous: Sequence[Mapped] = ()) -> Mapping:
    """The metric of one fact; the promise stands at `candidate.Mapper`. Raises on no text."""
    return map_with(catalogue_engine(), candidate, previous)


def map_with(engine: Engine, candidate: Candidate, previous: Sequence[Mapped] = ()) -> Mapping:
    """`map_metric` over a catalogue of the caller's."""
    if candidate.part_of is None:
        return _of_row_and_column(engine, candidate, previous)
    part = _carry(next((m for m in previous if m.candidate.start == candidate.part_of), None), "level-part")
    facets = engine.facets(part.metric)
    facet = _by_words(engine, candidate, previous) if facets else NO_MAPPING
    return facet if facet.metric in facets else part  # 制定规范性文件23件,其中乡镇2件: parts with ids of their own


def _of_row_and_column(engine: Engine, candidate: Candidate, previous: Sequence[Mapped]) -> Mapping:
    """The metric of the words; of a table cell whose column says what was done to the thing of its row, that of both.

    A row that names no metric by itself is a kind of its column's things, and has none.
    """
    cell = row_and_column(candidate) if candidate.heads else None
    if cell is None:
        return _by_words(engine, candidate, previous)
    row, both = _by_words(engine, cell[0], ()), _by_words(engine, cell[1], previous)
    if row.metric is None or both.metric is None:
        return NO_MAPPING
    return both if row.metric.partition(".")[0] == both.metric.partition(".")[0] else NO_MAPPING


def _by_words(engine: Engine, candidate: Candidate, previous: Sequence[Mapped]) -> Mapping:
    """The metric that the words of the number name, in the tightest reading in which a pattern fits."""
    surroundings: _Surroundings | None = None
    kind = unit_kind(candidate.unit, changed=candidate.change is not None)
    for reading in readings(candidate, previous, reaching=engine.reaches(kind)):
        if reading.name == "level":
            mapping = _inherited(candidate, reading.before, previous)
            if mapping.metric is not None:
                return mapping
            continue
        nearest = _nearest_keys(engine, reading, kind)
        if not nearest:
            continue
        surroundings = surroundings or _Surroundings(engine, candidate, previous)
        fits = _fits(engine, candidate, reading, nearest, surroundings)
        if fits:
            return _settle(_choose(fits), reading, candidate, previous)
    return NO_MAPPING


# ── fitting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Fit:
    rank: int
    score: float
    confidence: float
    rule: Rule


@dataclass(slots=True)
class _Words:
    """The words of a number in one reading, as masks."""

    name: str
    before: int  # without what is denied: 未成立执法队的乡镇3个
    after: int  # the same: 3个乡镇尚未成立执法队
    all: int
    said: int  # all, and what is denied: it may still forbid a rule, and names the topic


class _Surroundings:
    """What stands around a number, scanned when it is first asked for."""

    __slots__ = ("_around", "_average", "_candidate", "_engine", "_near", "_previous", "_sentence", "_texts", "_whole")

    def __init__(self, engine: Engine, candidate: Candidate, previous: Sequence[Mapped]) -> None:
        self._engine = engine
        self._candidate = candidate
        self._previous = previous
        self._texts: list[tuple[str, float]] | None = None
        self._near: int | None = None
        self._around: int | None = None
        self._sentence: int | None = None
        self._whole: str | None = None
        self._average: bool | None = None

    def average(self) -> bool:
        """Whether the number is an average of a day or a head."""
        if self._average is None:
            self._average = is_average(self._candidate, self._previous)
        return self._average

    def sentence(self) -> int:
        """The sentence up to the end of the number's clause."""
        if self._sentence is None:
            self._sentence = self._scan_all((self._candidate.clause, *self._candidate.around.preceding))
        return self._sentence

    def following(self) -> int:
        """The clause that follows."""
        return self._engine.scan(self._candidate.around.following).mask

    def near(self) -> int:
        """`sentence`, with the clause that follows and the heads of a table cell."""
        if self._near is None:
            self._near = self.sentence() | self.following() | self._scan_all(self._candidate.heads)
        return self._near

    def around(self) -> int:
        """The same, with the earlier sentences of the paragraph that hold facts, its first clause, and the headings."""
        if self._around is None:
            self._around = self.near() | self._scan_all(text for text, _ in self._context())
        return self._around

    def stated(self) -> frozenset[str | None]:
        """The metrics that the sentence has stated before this number."""
        start = self._candidate.sentence_start
        return frozenset(m.mapping.metric for m in self._previous if m.candidate.sentence_start == start)

    def states_any(self, names: frozenset[str]) -> bool:
        """Whether one of these metrics or something of these domains was stated before this number.

        In its sentence, or in the one before where 其中 opens it.
        """
        stated = {m.mapping.metric for m in _stated_before(self._candidate, self._previous) if m.mapping.metric}
        return not names.isdisjoint(stated) or not names.isdisjoint(metric.partition(".")[0] for metric in stated)

    def whole_of_another(self, rule: Rule) -> bool:
        """Whether the number is a part of what another domain counts: of 50 reconsideration cases 12 on penalties."""
        if self._whole is None:
            self._whole = _domain_of_whole(self._candidate, self._previous)
        return self._whole not in {"", rule.domain}

    def topic_cost(self, rule: Rule) -> float | None:
        """What it costs that the rule's topic stands where it does; None where another topic stands nearer.

        The metric stated last in the sentence outweighs a word: 调解和解率 inside figures of reconsideration does not
        turn them into mediation.
        """
        for text, cost in self._context():
            found = self._engine.scan(without_inclusions(text)).mask
            if found & rule.topics:
                return None if cost == EARLIER and found & rule.none_near else cost
            if found & self._engine.topics:
                return IN_SENTENCE if self._last_domain() == rule.domain else None
        return None

    def _last_domain(self) -> str | None:
        """The domain of the metric that the sentence stated last."""
        for mapped in reversed(self._previous):
            if mapped.candidate.sentence_start != self._candidate.sentence_start:
                return None
            if mapped.mapping.metric is not None:
                return mapped.mapping.metric.partition(".")[0]
        return None

    def _scan_all(self, texts: Sequence[str] | Iterator[str]) -> int:
        mask = 0
        for text in texts:
            mask |= self._engine.scan(text).mask
        return mask

    def _context(self) -> list[tuple[str, float]]:
        """What stands before the number's own words, from near to far, each with its cost."""
        if self._texts is None:
            candidate = self._candidate
            texts = [(self._ahead(), 0.0)]
            texts += [(text, IN_SENTENCE) for text in _telling(*reversed(candidate.around.preceding))]
            texts.append((candidate.around.lead, EARLIER))
            seen = {candidate.sentence_start}
            for mapped in reversed(self._previous):
                if mapped.candidate.headings != candidate.headings:
                    break  # on one-line pages a paragraph runs through several sections
                if mapped.candidate.sentence_start not in seen:
                    seen.add(mapped.candidate.sentence_start)
                    clauses = (mapped.candidate.clause, *reversed(mapped.candidate.around.preceding))
                    texts += [(text, EARLIER) for text in _telling(*clauses, mapped.candidate.around.lead)]
            texts.append((candidate.around.topic, IN_TOPIC))
            texts += [(heading, IN_HEADING) for heading in reversed(candidate.headings)]
            self._texts = texts
        return self._texts

    def _ahead(self) -> str:
        """The clause before the number's own words."""
        before = self._candidate.before
        own = listed_name(self._candidate, self._previous) or own_before(self._candidate, self._previous)
        return before[: -len(own)] if own and before.endswith(own) else before


def _telling(*clauses: str) -> list[str]:
    """The clauses without those that only compare: "是同期行政诉讼案件的1.9倍" does not speak of suits."""
    return [clause for clause in clauses if "倍" not in clause]


def _domain_of_whole(candidate: Candidate, previous: Sequence[Mapped]) -> str:
    """The domain of the number that this one is a part of, by the metric it was given; "" where it is no part of one."""
    if candidate.unit in RATE_UNITS:
        return ""
    opening = _opening(candidate)
    if is_by_kind(opening) and opening is not candidate.clause:
        return NO_DOMAIN
    if not (candidate.around.subset or in_bracket(candidate, previous)):
        return ""
    opens_list = "其中" in own_before(candidate, previous)
    for mapped in _stated_before(candidate, previous):
        whole = mapped.candidate
        if whole.around.subset and candidate.around.subset and not opens_list:
            continue  # another part of the same whole
        if mapped.mapping.metric is not None and whole.change is None and whole.unit == candidate.unit:
            return mapped.mapping.metric.partition(".")[0] if candidate.value <= whole.value else ""
    return ""


def _opening(candidate: Candidate) -> str:
    """The first clause of its sentence."""
    preceding = candidate.around.preceding
    return preceding[0] if preceding else candidate.clause


def _stated_before(candidate: Candidate, previous: Sequence[Mapped]) -> Iterator[Mapped]:
    """The earlier numbers of the sentence, from near to far; of the sentence before, too, where 其中 opens this one."""
    sentences = [candidate.sentence_start]
    for mapped in reversed(previous):
        if mapped.candidate.sentence_start not in sentences:
            if len(sentences) > 1 or not _opening(candidate).startswith("其中"):
                return
            sentences.append(mapped.candidate.sentence_start)
        yield mapped


def _stated_in_paragraph(candidate: Candidate, previous: Sequence[Mapped]) -> Iterator[Mapped]:
    """The earlier numbers of the paragraph under the same headings."""
    for mapped in reversed(previous):
        if mapped.candidate.headings == candidate.headings:
            yield mapped


def _nearest_keys(engine: Engine, reading: Reading, kind: UnitKind) -> dict[Rule, float]:
    """The rules of this kind of unit whose key stands in the reading, each with the score of its nearest place."""
    nearest: dict[Rule, float] = {}
    by_key, lengths, size = engine.rules_of(kind), engine.lengths, len(reading.before)
    for key, end in engine.told(reading.before).keys:
        rules = by_key.get(key)
        if rules is None:
            continue
        score = lengths[key] - DISTANCE_COST * min(size - end, MAX_DISTANCE)
        for rule in rules:
            if score > nearest.get(rule, -MAX_DISTANCE):
                nearest[rule] = score
    for key, end in engine.affirmed(reading.after).keys:
        rules = by_key.get(key)
        if rules is None:
            continue
        score = lengths[key] - DISTANCE_COST * min(end - lengths[key], MAX_DISTANCE)
        for rule in rules:
            if score > nearest.get(rule, -MAX_DISTANCE):
                nearest[rule] = score
    return nearest


def _fits(
    engine: Engine, candidate: Candidate, reading: Reading, nearest: dict[Rule, float], around: _Surroundings
) -> list[_Fit]:
    """Those of the rules in `nearest` that fit."""
    before, after = engine.told(reading.before).mask, engine.affirmed(reading.after).mask
    said = engine.scan(reading.before).mask | engine.scan(reading.after).mask
    words = _Words(reading.name, before, after, before | after, said)
    fits: list[_Fit] = []
    for rule, key_score in nearest.items():
        cost = _cost(rule, candidate, words, around)
        if cost is not None:
            score = key_score + sum(engine.longest(group & words.all) for group in rule.also)
            score += bool(rule.topics) + len(rule.near) + len(rule.around)
            fits.append(_Fit(rule.rank, score, CONFIDENCE[reading.name] - cost, rule))
    return fits


def _cost(rule: Rule, candidate: Candidate, words: _Words, around: _Surroundings) -> float | None:
    """What the fit takes off the confidence; None where the rule does not fit."""
    if words.said & rule.none or not _words_fit(rule, words) or not _change_fits(rule, candidate):
        return None
    if not _context_fits(rule, words, around):
        return None
    if not rule.part and around.whole_of_another(rule):
        return None
    if rule.metric.quantity in SUMS and around.average():
        return None
    if not rule.topics or words.said & rule.topics:
        return 0.0
    return None if words.said & rule.rivals else around.topic_cost(rule)


def _words_fit(rule: Rule, words: _Words) -> bool:
    for group in rule.also:
        if not words.all & group:
            return False
    for group in rule.before:
        if not words.before & group:
            return False
    for group in rule.after:
        if not words.after & group:
            return False
    return rule.forward or words.name != "forward"


def _context_fits(rule: Rule, words: _Words, around: _Surroundings) -> bool:
    if rule.none_near and around.sentence() & rule.none_near:
        return False
    if rule.none_next and around.following() & rule.none_next:
        return False
    if rule.beside and not rule.beside & around.stated():
        return False
    if rule.apart and around.states_any(rule.apart):
        return False
    for group in rule.near:
        if not group & words.all and not group & around.near():
            return False
    return not rule.around or all(group & words.all or group & around.around() for group in rule.around)


def _change_fits(rule: Rule, candidate: Candidate) -> bool:
    """The share of a rate that changes is no change of the things that the rate is about."""
    if candidate.change is None or candidate.unit in rule.units or candidate.unit is None:
        return True
    return rule.metric.quantity == "rate" or "率" not in candidate.counted


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _choose(fits: list[_Fit]) -> Mapping:
    """The best fit, or an abstention that names the two rules that tied."""
    fits.sort(key=lambda fit: (fit.rank, fit.score), reverse=True)
    best = fits[0]
    other = next((fit for fit in fits if fit.rule.metric.id != best.rule.metric.id), None)
    if other is not None and other.rank == best.rank and best.score - other.score < TIE_MARGIN:
        return Mapping(None, TIE_CONFIDENCE, f"tie:{best.rule.name}|{other.rule.name}")
    return Mapping(best.rule.metric.id, round(best.confidence, 4), best.rule.name)


def _settle(mapping: Mapping, reading: Reading, candidate: Candidate, previous: Sequence[Mapped]) -> Mapping:
    """Rule 3: a subset is not its parent; only a part by area or level keeps the parent's metric.

    A number without words of its own that would repeat the metric of its sentence is a part of it, too.
    """
    bare = reading.name in {"noun", "back"} and not is_of_another_year(candidate, previous)
    kind = candidate.unit not in RATE_UNITS and (is_kind(reading) or _is_of_all_kinds(mapping, candidate, previous))
    if mapping.metric is None or not (candidate.around.subset or bare or kind or in_bracket(candidate, previous)):
        return mapping
    subset = Mapping(None, SUBSET_CONFIDENCE, "subset-of-its-parent")
    if candidate.heads and candidate.around.subset and not candidate.scope:
        return subset  # its whole may stand in a later column or row
    stated = list(_stated_in_paragraph(candidate, previous) if kind else _stated_before(candidate, previous))
    wholes = [mapped.candidate for mapped in stated if mapped.mapping.metric == mapping.metric]
    others = {mapped.candidate.value for mapped in stated if mapped.mapping.metric not in {None, mapping.metric}}
    return subset if any(_holds(whole, candidate, reading, others) for whole in wholes) else mapping


def _is_of_all_kinds(mapping: Mapping, candidate: Candidate, previous: Sequence[Mapped]) -> bool:
    """Whether the paragraph has counted all kinds of these things: 查处各类案件160起. 查处噪声案件22起 is one of them."""
    if ALL_KINDS in candidate.before or candidate.modality != "actual" or candidate.change is not None:
        return False
    if len(own_before(candidate, previous)) <= BARE_ACT:
        return False  # 受理各类申请160件,办结150件: an act names no kind
    return any(
        mapped.mapping.metric == mapping.metric
        and mapped.candidate.value > candidate.value
        and ALL_KINDS in own_before(mapped.candidate, previous)
        for mapped in _stated_in_paragraph(candidate, previous)
    )


def _holds(whole: Candidate, candidate: Candidate, reading: Reading, others: Collection[float]) -> bool:
    """Whether the number can be a part of `whole`, which has the metric that its words name.

    A larger number is none (发布1887条、514条,总计2401条), unless it is the sum of several metrics, of which `others` are
    the values: 建议163件、提案218件,合计381件.
    """
    if whole.change is not None or whole.start == candidate.start:
        return False
    if candidate.scope and candidate.scope != whole.scope:
        return False
    if candidate.unit in RATE_UNITS and whole.around.subset and "其中" not in candidate.before:
        return False  # 其中来信9件,及时受理率99%,按期办结率100%: rates of the whole, side by side
    papers = candidate.value == whole.value and candidate.unit != whole.unit  # 审查事项90件,出具审查意见书90份
    pieces = candidate.unit in COUNTED and whole.unit in COUNTED and candidate.around.subset
    if papers or (pieces and candidate.value > whole.value):
        return False  # 审查182份,其中合同119份;乡镇审查743件
    counted = candidate.unit not in RATE_UNITS and candidate.unit == whole.unit
    larger = counted and not candidate.around.subset and candidate.value > whole.value
    if larger:
        return candidate.value - whole.value in others
    return not is_first_of_two_acts(reading, whole)


def _inherited(candidate: Candidate, before: str, previous: Sequence[Mapped]) -> Mapping:
    """Rules 3 and 4: a part by level, a change or a baseline without a noun of its own speaks of the number before."""
    if not previous:
        return NO_MAPPING
    if is_level_part(candidate, before, previous):
        return _carry(previous[-1], "level-part")
    if is_kept(candidate, before, previous):
        return _carry(previous[-1], "level-before")
    if candidate.change is None and candidate.modality != "baseline":
        return NO_MAPPING
    if not is_bare(before):
        return NO_MAPPING
    return _carry(level_of(candidate, previous), "level-before")


def _carry(level: Mapped | None, rule: str) -> Mapping:
    if level is None or level.mapping.metric is None:
        return NO_MAPPING
    return Mapping(level.mapping.metric, CONFIDENCE["level"], rule)
