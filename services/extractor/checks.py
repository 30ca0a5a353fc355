"""Arithmetic that a report's own facts allow, and what the report says of each metric of the catalogue.

    relation    received = accepted + not_accepted, from the catalogue, for facts of equal scope, period and modality
    part_whole  134件,其中甲类80件、乙类54件
    total       the row 合计 of a table against the rows that it sums up (kind part_whole)
    from_to     由581项精简至558项,减少23项; 27万件,较2016年(22.3万件)增长21%

Every check lists its facts, what was expected and what was stated. A contradiction is kept and flagged, never
corrected: carried-over cases and grouped outcomes break a relation legitimately (annotation guide, section 5).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from services.extractor.candidate import Candidate
from services.extractor.catalogue import Relation, load_catalogue
from services.extractor.clauses import MAX_SENTENCE_FACTS
from services.extractor.mapping import map_metric
from shared.events import Check, Coverage, Fact
from shared.rules import rules

#: Characters that one sentence may span for part/whole and from/to; the longest of the reference has 331.
MAX_SENTENCE = 600
#: Characters that statements of one paragraph may be apart: one-line pages have no paragraphs.
MAX_PARAGRAPH = 1_000
#: Most checks of one report: a report of 300 facts has under 60, hostile text must not have a million.
MAX_CHECKS = 2_000
#: A hedge widens a figure to this factor where the text gives no bound: 余 and 多 stay below the next tenth.
HEDGE = 1.1
_EPSILON = 1e-6


class Bounds(NamedTuple):
    """The values that a printed figure stands for, both ends possible."""

    low: float
    high: float


# ── printed precision ────────────────────────────────────────────────────────────────────────────────────────────────

_RULES = rules("services.extractor", "rules/checks")
_FIGURE = _RULES.pattern("figure")
_POWERS = {"万": 10_000.0, "亿": 100_000_000.0, None: 1.0}


def printed_step(fact: Fact) -> float:
    """One unit of the last digit printed, in the fact's unit: 19.5万 → 1000, 93.55% → 0.01, 62件 → 1."""
    figures = list(_FIGURE.finditer(fact.number_text))
    if not figures:
        return 1.0
    _, decimals, power = figures[-1].groups()
    scale = _POWERS[power]
    if power is None and fact.unit == "CNY":
        scale = next((factor for word, factor in (("亿", 1e8), ("万", 1e4)) if word in fact.number_text), 1.0)
    return scale * 10.0 ** -len(decimals or "")


def bounds(fact: Fact) -> Bounds:
    """The values that the fact's figure stands for, by its printed digits and its hedge."""
    value = level(fact)
    step = printed_step(fact)
    slack = 0.0 if step == 1.0 and fact.quantity == "count" else step / 2
    low, high = value - slack, value + slack
    if fact.qualifier == "more_than":
        return Bounds(value, max(value * HEDGE, value + step))
    if fact.qualifier == "approx":
        return Bounds(value / HEDGE, value * HEDGE)
    if fact.qualifier == "at_least":
        return Bounds(value, float("inf"))
    if fact.qualifier in ("less_than", "at_most"):
        return Bounds(float("-inf"), value)
    return Bounds(low, high)


def level(fact: Fact) -> float:
    """The current level: the end of a from/to pair, else the value."""
    return fact.value if fact.value_to is None else fact.value_to


def rate_holds(expected: float, fact: Fact) -> bool:
    """Whether the printed rate is `expected` rounded or cut off to its digits: 7.2727 is printed as 7.27, 7.3 or 7%."""
    step = printed_step(fact)
    stated = level(fact)
    return stated - step / 2 - _EPSILON <= expected < stated + step - _EPSILON or abs(expected - stated) < _EPSILON


# ── relations of the catalogue ───────────────────────────────────────────────────────────────────────────────────────


def check_facts(text: str, facts: Sequence[Fact], totals: Mapping[int, Sequence[int]] | None = None) -> list[Check]:
    """All checks that the facts of one report allow, in text order of their first fact; at most MAX_CHECKS.

    `totals` are those of tables: where each begins in `text`, and where the parts begin that it sums up.
    """
    checks: list[Check] = []
    for source in (_relation_checks(text, facts), _sentence_checks(text, facts), _total_checks(facts, totals or {})):
        for check in source:
            if len(checks) == MAX_CHECKS:
                return checks
            checks.append(check)
    checks.sort(key=lambda check: min(check.facts))
    return checks


def _relation_checks(text: str, facts: Sequence[Fact]) -> Iterator[Check]:
    groups: dict[tuple[str | None, str | None], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, fact in enumerate(facts):
        if fact.metric is not None and fact.change is None and fact.modality == "actual":
            groups[fact.scope, fact.period][fact.metric].append(at)
    for by_metric in groups.values():
        for relation in load_catalogue().relations:
            if relation.left in by_metric:
                yield from _relation(relation, by_metric, text, facts)


def _relation(relation: Relation, by_metric: dict[str, list[int]], text: str, facts: Sequence[Fact]) -> Iterator[Check]:
    """One check per statement of the left side, with the nearest statement of each metric of the right side.

    Where a metric is stated more than once, only statements of one paragraph are held against each other.
    """
    known = [metric for metric in relation.right if metric in by_metric]
    # Parts that a report leaves out only weaken a lower bound; a sum or a ratio needs all of them.
    if not known or (relation.operator != ">=" and len(known) < len(relation.right)):
        return
    repeated = any(len(by_metric[metric]) > 1 for metric in (relation.left, *known))
    for left in by_metric[relation.left]:
        right = [min(by_metric[metric], key=lambda at: abs(at - left)) for metric in known]
        if repeated and not _one_paragraph(text, facts, left, right):
            continue
        if relation.ratio:
            yield from _ratio(relation, left, right, facts)
        else:
            yield _sum(relation, left, right, facts)


def _one_paragraph(text: str, facts: Sequence[Fact], left: int, right: list[int]) -> bool:
    first, last = min(left, *right), max(left, *right)
    start, end = facts[first].text_end, facts[last].text_start
    return end - start <= MAX_PARAGRAPH and "\n" not in text[start:end]


def _ratio(relation: Relation, left: int, right: list[int], facts: Sequence[Fact]) -> Iterator[Check]:
    numerator, denominator = (level(facts[at]) for at in right)
    if denominator <= 0:
        return
    expected = 100 * numerator / denominator
    yield Check(
        relation=relation.text,
        holds=rate_holds(expected, facts[left]),
        expected=round(expected, 4),
        stated=level(facts[left]),
        facts=[left, *right],
    )


def _sum(relation: Relation, left: int, right: list[int], facts: Sequence[Fact]) -> Check:
    spans = [bounds(facts[at]) for at in right]
    low, high = sum(span.low for span in spans), sum(span.high for span in spans)
    whole = bounds(facts[left])
    holds = {
        "=": whole.low - _EPSILON <= high and low <= whole.high + _EPSILON,
        "<=": whole.low <= high + _EPSILON,
        ">=": whole.high >= low - _EPSILON,
    }[relation.operator]
    expected = sum(level(facts[at]) for at in right)
    return Check(
        relation=relation.text,
        holds=holds,
        expected=round(expected, 4),
        stated=level(facts[left]),
        facts=[left, *right],
    )


# ── part and whole, from and to ──────────────────────────────────────────────────────────────────────────────────────

_END = _RULES.pattern("sentence_end")
_PART_END = _RULES.pattern("parts_end")


def _total_checks(facts: Sequence[Fact], totals: Mapping[int, Sequence[int]]) -> Iterator[Check]:
    """The totals of tables against the rows that they sum up."""
    places = {fact.text_start: at for at, fact in enumerate(facts)} if totals else {}
    for start, parts in totals.items():
        whole, of = places[start], [places[part] for part in parts]
        low, high = (sum(getattr(bounds(facts[at]), side) for at in of) for side in ("low", "high"))
        stated = bounds(facts[whole])
        yield Check(
            relation="whole = sum of parts",
            holds=low <= stated.high + _EPSILON and stated.low <= high + _EPSILON,
            expected=round(sum(level(facts[at]) for at in of), 4),
            stated=level(facts[whole]),
            facts=[whole, *of],
            kind="part_whole",
        )


def _sentence_checks(text: str, facts: Sequence[Fact]) -> Iterator[Check]:
    for run in _sentences(text, facts):
        yield from _parts(text, facts, run)
        yield from _pairs(text, facts, run)


def _sentences(text: str, facts: Sequence[Fact]) -> Iterator[list[int]]:
    """The positions of the facts that share a sentence."""
    run: list[int] = []
    for at, fact in enumerate(facts):
        if run:
            between = text[facts[run[-1]].text_end : fact.text_start]
            if len(run) == MAX_SENTENCE_FACTS or len(between) > MAX_SENTENCE or _END.search(between):
                yield run
                run = []
        run.append(at)
    if run:
        yield run


def _parts(text: str, facts: Sequence[Fact], run: list[int]) -> Iterator[Check]:
    """The parts that 其中 opens, against the whole before it."""
    for position in range(1, len(run)):
        whole, first = facts[run[position - 1]], facts[run[position]]
        if "其中" not in text[whole.text_end : first.text_start] or not _same_kind(whole, first):
            continue
        parts = [run[position]]
        for at in run[position + 1 :]:
            if _PART_END.search(text[facts[parts[-1]].text_end : facts[at].text_start]):
                break
            if not _same_kind(whole, facts[at]) or facts[at].metric == whole.metric is not None:
                break
            if abs(sum(level(facts[part]) for part in parts) - level(whole)) < _EPSILON:
                break  # the parts are complete, what follows is another thing
            parts.append(at)
        yield _part_check(facts, run[position - 1], parts)


def _part_check(facts: Sequence[Fact], whole: int, parts: list[int]) -> Check:
    total = sum(level(facts[at]) for at in parts)
    limit = bounds(facts[whole]).high + _EPSILON
    if total > limit and all(bounds(facts[at]).low <= limit for at in parts):
        # Overlapping parts may exceed the whole together; the first part alone is compared.
        parts = parts[:1]
        total = level(facts[parts[0]])
    equal = abs(total - level(facts[whole])) < _EPSILON
    return Check(
        relation="whole = sum of parts" if equal and len(parts) > 1 else "whole >= sum of parts",
        holds=sum(bounds(facts[at]).low for at in parts) <= limit,
        expected=round(total, 4),
        stated=level(facts[whole]),
        facts=[whole, *parts],
        kind="part_whole",
    )


def _same_kind(one: Fact, other: Fact) -> bool:
    return one.unit == other.unit and one.quantity == other.quantity == "count" and other.change is None


_CHANGED = _RULES.pattern("said_change")


def _pairs(text: str, facts: Sequence[Fact], run: list[int]) -> Iterator[Check]:
    """A change that follows its own start and end value."""
    for position, at in enumerate(run):
        change = facts[at]
        if position == 0 or not (change.change or _says_change(text, change)):
            continue
        levels = _levels(facts, run[:position])
        if levels is None:
            continue
        start, end, used = levels
        if change.unit == "%" and facts[used[0]].quantity != "rate" and start:
            expected = 100 * abs(end - start) / abs(start)
            holds = rate_holds(expected, change)
        elif change.unit in {facts[used[0]].unit, "pp" if facts[used[0]].unit == "%" else None}:
            expected = abs(end - start)
            holds = abs(expected - change.value) <= printed_step(change) / 2 + _EPSILON
        else:
            continue
        yield Check(
            relation="change = to - from" if change.unit != "%" else "change = (to - from) / from",
            holds=holds,
            expected=round(expected, 4),
            stated=change.value,
            facts=[*used, at],
            kind="from_to",
        )


def _says_change(text: str, fact: Fact) -> bool:
    return _CHANGED.search(text[max(0, fact.text_start - 4) : fact.text_start]) is not None


def _levels(facts: Sequence[Fact], before: list[int]) -> tuple[float, float, list[int]] | None:
    """(start, end, facts) of what stands directly before a change: a from/to pair, or a level and its baseline."""
    last = facts[before[-1]]
    if last.value_to is not None and last.qualifier == "exact" and last.change is None:
        return last.value, last.value_to, [before[-1]]
    if last.modality == "baseline" and len(before) > 1:
        now = facts[before[-2]]
        if now.unit == last.unit and now.modality == "actual" and now.change is None and now.value_to is None:
            return last.value, now.value, [before[-2], before[-1]]
    return None


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_NONE = _RULES.pattern("none")
_CLAUSE_EDGE = _RULES.pattern("clause_edge")
#: Most "none"s of one report that are read; the reference's reports have under ten.
MAX_NONE = 500
#: Characters read on each side of a "none".
_NONE_REACH = 40


def cover_metrics(text: str, facts: Sequence[Fact]) -> list[Coverage]:
    """What the report says of the catalogue's metrics, in the catalogue's order; unlisted metrics are not mentioned.

    stated: a level is given; zero: every level given is 0; absent: said in words to be none ("未发生行政复议").
    """
    values: dict[str, list[float]] = defaultdict(list)
    for fact in facts:
        if fact.metric is not None and fact.change is None and fact.modality == "actual":
            values[fact.metric].append(level(fact))
    absent = {metric for metric in _absent(text) if metric not in values}
    covered = []
    for metric in load_catalogue().metrics:
        if metric in values:
            covered.append(Coverage(metric=metric, state="stated" if any(values[metric]) else "zero"))
        elif metric in absent:
            covered.append(Coverage(metric=metric, state="absent"))
    return covered


def _absent(text: str) -> Iterator[str]:
    for match in islice(_NONE.finditer(text), MAX_NONE):
        ahead = text[max(0, match.start() - _NONE_REACH) : match.start()]
        before = _CLAUSE_EDGE.split(ahead)[-1]
        after = _CLAUSE_EDGE.split(text[match.end() : match.end() + _NONE_REACH])[0]
        if re.search(r"[0-9]", before + after):
            continue
        # 未收到, 未受理: the verb is part of what is denied.
        verb = match.group()[1:] if match.group()[:1] == "未" else ""
        clause = before + verb + match.group() + after
        candidate = Candidate(
            number_text=match.group(),
            value=0.0,
            clause=clause,
            before=before + verb,
            after=after,
            start=match.start(),
            end=match.end(),
        )
        mapping = map_metric(candidate)
        if mapping.metric is not None:
            yield mapping.metric
