"""The catalogue's patterns, compiled: all words of all patterns in one automaton, every group of words a bit mask.

    text ──one Aho–Corasick pass──▶ Scan (a bit for each word that stands in it, the places of the keys)

A group of words fits where `mask & group` is not zero, so a pattern costs a handful of integer operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick  # type: ignore[import-not-found]  # compiled, ships no types

from services.extractor.catalogue import CHANGE_UNITS, Catalogue, Metric, Pattern, load_catalogue
from shared.rules import rules

#: Distinct clauses whose scans are kept: neighbouring facts share theirs; a report of a megabyte has about 40,000.
SCAN_CACHE = 16_384
#: 各类案件 are all cases, where 类 alone is the sign of a part (处罚类案件): patterns meet the word without that sign.
_EVERY_KIND = ("各类", "各种")
#: Reports before 2015 write 法制宣传, 法制讲座 for what later ones call 法治宣传: patterns meet one wording.
_OLDER_WORDING = ("法制", "法治")
#: 协调解决 is no 调解: the one word that holds another of the catalogue across its own seam.
_ACROSS_SEAM = ("协调解决", "协商解决")
_RULES = rules("services.extractor", "rules/denials")
_DENIAL = _RULES.pattern("denial")
_ATTRIBUTE_END = _RULES.pattern("attribute_end")
_ANEW = _RULES.pattern("anew")
_MEDIATION_TOGETHER = rules("services.extractor", "rules/context").pattern("mediation_together")
#: No place in a text.
_NOWHERE = range(0)


@dataclass(slots=True)
class Scan:
    """What of the catalogue stands in a text."""

    mask: int  # a bit for each word
    keys: tuple[tuple[int, int], ...]  # (word, end) of the words that are keys


@dataclass(frozen=True, slots=True, eq=False)  # compared and hashed by identity: one object a pattern
class Rule:
    """One pattern; the fields of the same name are described at `catalogue.Pattern`."""

    metric: Metric
    name: str  # metric#pattern, the id that a fact carries
    domain: str
    also: tuple[int, ...]
    near: tuple[int, ...]
    around: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    none: int
    none_near: int
    none_next: int
    topics: int
    rivals: int  # other topics: in the number's own words they say that something else is spoken of
    beside: frozenset[str]
    apart: frozenset[str]
    units: frozenset[str]
    changes: bool
    rank: int
    forward: bool
    part: bool


class Engine:
    """The compiled catalogue. It holds no state of a report: the cache is keyed by text alone."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._words: dict[str, int] = {}
        self._topic_masks = {name: self._mask(words) for name, words in (catalogue.topics | catalogue.themes).items()}
        self.topics = _union(self._topic_masks[name] for name in catalogue.topics)
        self._facets = _facets(catalogue.metrics)
        self._by_kind: dict[UnitKind, dict[int, list[Rule]]] = {}
        self._reaching: set[UnitKind] = set()
        keys: set[int] = set()
        self._asked = 0  # the words that a pattern asks for, and does not only forbid
        for metric in catalogue.metrics.values():
            for pattern in metric.pattern:
                rule = self._compile(metric, pattern)
                kinds = _kinds_counted(rule)
                self._reaching |= kinds if rule.forward else set()
                self._asked |= self._mask(pattern.own) | _union(rule.also)
                for key in map(self._number, pattern.own):
                    keys.add(key)
                    for kind in kinds:
                        self._by_kind.setdefault(kind, {}).setdefault(key, []).append(rule)
        self._automaton = ahocorasick.Automaton()
        for word, number in self._words.items():
            self._automaton.add_word(word, (number, 1 << number, number in keys))
        self._automaton.make_automaton()
        self.lengths = [len(word) for word in self._words]
        self.scan = lru_cache(maxsize=SCAN_CACHE)(self._scan)

    def rules_of(self, kind: UnitKind) -> Mapping[int, Sequence[Rule]]:
        """The rules that count in units of this kind, by key; keys without such a rule are left out."""
        return self._by_kind.get(kind, {})

    def reaches(self, kind: UnitKind) -> bool:
        """Whether a rule that counts in units of this kind may find its words in the clause that follows."""
        return kind in self._reaching

    def facets(self, metric: str | None) -> frozenset[str]:
        """The ids that `metric` is divided into, or that stand beside it in such a division: a.b.c and a.b.d of a.b."""
        return self._facets.get(metric or "", frozenset())

    def longest(self, mask: int) -> int:
        """Length of the longest word in `mask`."""
        best = 0
        while mask:
            best = max(best, self.lengths[(mask & -mask).bit_length() - 1])
            mask &= mask - 1
        return best

    def _mask(self, words: Iterable[str]) -> int:
        return _union(1 << self._number(word) for word in words)

    def _number(self, word: str) -> int:
        return self._words.setdefault(_as_met(word), len(self._words))

    def _masks(self, groups: Sequence[Sequence[str]]) -> tuple[int, ...]:
        return tuple(self._mask(group) for group in groups)

    def _compile(self, metric: Metric, pattern: Pattern) -> Rule:
        topics = _union(self._topic_masks[topic] for topic in pattern.topic)
        keys = self._mask(pattern.own) | _union(self._masks(pattern.also))
        return Rule(
            metric=metric,
            name=f"{metric.id}#{pattern.id}",
            domain=metric.domain,
            also=self._masks(pattern.also),
            near=self._masks(pattern.near),
            around=self._masks(pattern.around),
            before=self._masks(pattern.before),
            after=self._masks(pattern.after),
            none=self._mask(pattern.none),
            none_near=self._mask(pattern.none_near),
            none_next=self._mask(pattern.none_next),
            topics=topics,
            rivals=self.topics & ~topics & ~keys,
            beside=frozenset(pattern.beside),
            apart=frozenset(pattern.apart),
            units=frozenset(pattern.units) or metric.accepts,
            changes=pattern.changes and metric.quantity != "rank",
            rank=pattern.rank,
            forward=pattern.reach == "sentence",
            part=pattern.part,
        )

    def affirmed(self, text: str) -> Scan:
        """`scan` without the words that begin behind a denial; 未审结 holds its own and stays."""
        denial = _DENIAL.search(text)
        if denial is None:
            return self.scan(text)
        return self._scan(text, range(denial.start() + 1, len(text)), range(denial.start() + 1, len(text)))

    def told(self, text: str) -> Scan:
        """`scan` of the words before a number, without what a denial among them reaches: 未成立执法队的乡镇3个.

        The denied act is no word of theirs, and the noun that it is said of opens no metric. A denial that is a
        pattern's own word (未审结, 不予受理) is left to that pattern.
        """
        denial = _DENIAL.search(text)
        if denial is None or self._is_own(text, denial.start(), denial.end()):
            return self.scan(text)
        start, end = denial.span()
        anew = _ANEW.search(text, end)
        last = len(text) if anew is None else anew.end()
        attribute = _ATTRIBUTE_END.search(text, end, last)
        return self._scan(
            text, range(start + 1, last if attribute is None else attribute.start()), range(start + 1, last)
        )

    def _is_own(self, text: str, start: int, end: int) -> bool:
        """Whether a word that patterns ask for, not only forbid, holds what stands from `start` to `end` and goes on."""
        for last, (number, bit, _) in self._automaton.iter(_as_met(text)):
            if bit & self._asked and last + 1 > end and last + 1 - self.lengths[number] <= start:
                return True
        return False

    def _scan(self, text: str, unsaid: range = _NOWHERE, unopened: range = _NOWHERE) -> Scan:
        """The words of a text without those that begin in `unsaid`, and without the keys that begin in `unopened`."""
        mask = 0
        keys = []
        for last, (number, bit, is_key) in self._automaton.iter(_as_met(text)):
            start = last + 1 - self.lengths[number]
            if start not in unsaid:
                mask |= bit
                if is_key and start not in unopened:
                    keys.append((number, last + 1))
        return Scan(mask, tuple(keys))


#: A written unit, and whether the number is an amount of change in percent, percentage points or times.
UnitKind = tuple[str | None, bool]


def unit_kind(unit: str | None, *, changed: bool) -> UnitKind:
    """The kind of a fact's unit."""
    return unit, changed and unit in CHANGE_UNITS


def _kinds_counted(rule: Rule) -> set[UnitKind]:
    """Rule 7: the unit is of the metric's family; an amount of change carries the metric of its level."""
    levels = rule.units & rule.metric.accepts
    kinds: set[UnitKind] = {(unit, False) for unit in levels}
    kinds |= {(unit, True) for unit in CHANGE_UNITS if rule.changes or unit in rule.units}
    if rule.metric.quantity == "count" and levels:
        kinds.add((None, False))
    return kinds


def _as_met(text: str) -> str:
    """A text or a word of a pattern in the one wording that both are compared in; its length stays."""
    if "行政调解" in text:
        text = _MEDIATION_TOGETHER.sub("各类调解", text)
    return text.replace(*_EVERY_KIND).replace(*_OLDER_WORDING).replace(*_ACROSS_SEAM)


def _facets(metrics: Iterable[str]) -> dict[str, frozenset[str]]:
    """For a metric and for each of its facets, the facets: a.b, a.b.c and a.b.d all lead to a.b.c and a.b.d."""
    divided: dict[str, set[str]] = {}
    for name in metrics:
        whole, _, facet = name.rpartition(".")
        if "." in whole and facet:
            divided.setdefault(whole, set()).add(name)
    return {name: frozenset(facets) for whole, facets in divided.items() for name in (whole, *facets)}


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


@lru_cache(maxsize=1)
def catalogue_engine() -> Engine:
    """The catalogue that ships with the extractor, compiled once a process."""
    return Engine(load_catalogue())
