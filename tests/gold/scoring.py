"""How well results agree with annotated reports.

Definitions (the annotation guide's; every figure lies between 0 and 1):

    fact            F1 of facts; two facts are the same when their numbers overlap in the raw text (one to one)
    value_unit      F1 of facts whose value, value_to and unit are right as well
    metric          F1 over facts with a metric: same number, same id; also its precision and recall
    subject         of the facts found, those whose subject shares at least half of its character bigrams (F1)
    subject_full    the same at 0.85
    qualifier …     of the facts found, those with this field right; scope and period by bigrams at 0.6
    heading         F1 of sections by marker and words; heading_kind and heading_level of the sections found
    document        of the document's fields, those that are right
    raw_span        of the facts of plain pages, those whose raw span cuts out their number

Where several pairings of overlapping numbers are possible (shared predicates: several facts at one number), the pairs
that agree most in value, metric and subject are taken first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import opencc

from tests.gold.annotation import Annotation

Record = dict[str, Any]
Span = tuple[int, int]

PLAIN_FIELDS = (
    "title", "issuer", "level", "report_year", "published", "signed", "document_number", "addressee", "script",
)  # fmt: skip
PLACE_FIELDS = ("province", "city", "county")
SUBJECT, SUBJECT_FULL, WORDING = 0.5, 0.85, 0.6  # shares of common bigrams at which two wordings count as one

_simplified = opencc.OpenCC("t2s").convert


@lru_cache(maxsize=20_000)
def folded(text: str | None) -> str:
    """What two careful annotators would write alike: simplified, width-folded, without space and final punctuation."""
    narrow = unicodedata.normalize("NFKC", _simplified(text or ""))
    return "".join(narrow.split()).strip("。.:：;；")


@lru_cache(maxsize=20_000)
def likeness(one: str | None, other: str | None) -> float:
    """F1 of the character bigrams; 1.0 for the same folded words, 0.0 where exactly one is empty."""
    first, second = folded(one), folded(other)
    if first == second:
        return 1.0
    if not first or not second:
        return 0.0
    bags = [Counter(text[k : k + 2] for k in range(max(1, len(text) - 1))) for text in (first, second)]
    return 2 * (bags[0] & bags[1]).total() / (bags[0].total() + bags[1].total())


def same_number(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= max(1e-4, 1e-6 * abs(one))


def same_value(fact: Record, found: Record) -> bool:
    same = same_number(fact["value"], found["value"]) and same_number(fact["value_to"], found["value_to"])
    return same and fact["unit"] == found["unit"]


def _same_wording(name: str) -> Callable[[Record, Record], bool]:
    def same(fact: Record, found: Record) -> bool:
        if not fact[name] or not found[name]:
            return not fact[name] and not found[name]
        return likeness(fact[name], found[name]) >= WORDING

    return same


def _same_entry(name: str) -> Callable[[Record, Record], bool]:
    return lambda fact, found: bool(fact[name] == found[name])


#: What can be right about a fact that was found.
ASPECTS: dict[str, Callable[[Record, Record], bool]] = {
    "value_unit": same_value,
    "metric": _same_entry("metric"),
    "subject": lambda fact, found: likeness(fact["subject"], found["subject"]) >= SUBJECT,
    "subject_full": lambda fact, found: likeness(fact["subject"], found["subject"]) >= SUBJECT_FULL,
    "qualifier": _same_entry("qualifier"),
    "modality": _same_entry("modality"),
    "change": _same_entry("change"),
    "period": _same_wording("period"),
    "scope": _same_wording("scope"),
    "quantity": _same_entry("quantity"),
    "section": lambda fact, found: folded(fact["section"]) == folded(found["section"]),
}


def carried(text: str, raw: str) -> Callable[[Span], Span | None]:
    """Spans of `text` → spans of `raw`, through the characters both have in common (HTML pages, whose raw text is
    what a reader sees)."""

    def lean(words: str) -> str:
        simple = _simplified(words)
        simple = simple if len(simple) == len(words) else words
        return "".join(n if len(n := unicodedata.normalize("NFKC", c)) == 1 else c for c in simple)

    place: dict[int, int] = {}
    for block in SequenceMatcher(None, lean(text), lean(raw), autojunk=False).get_matching_blocks():
        place.update((block.a + k, block.b + k) for k in range(block.size))

    def carry(span: Span) -> Span | None:
        hits = [place[k] for k in range(*span) if k in place]
        return (min(hits), max(hits) + 1) if hits else None

    return carry


def spans_of(result: Record, report: Annotation) -> list[Span | None]:
    """Where the numbers of a result stand in the raw text of the annotation."""
    facts = result["facts"]
    if result["source"]["raw_length"] == len(report.raw):
        return [(fact["raw_start"], fact["raw_end"]) for fact in facts]
    carry = carried(result["text"], report.raw)
    return [carry((fact["text_start"], fact["text_end"])) for fact in facts]


def paired(report: Annotation, result: Record) -> list[tuple[int, int]]:
    """Pairs (fact of the annotation, fact of the result) whose numbers overlap, one to one, the most alike first."""
    spans = spans_of(result, report)
    candidates = []
    for k, fact in enumerate(report.facts):
        start, end = report.spans[k]
        for j, found in enumerate(result["facts"]):
            span = spans[j]
            overlap = min(end, span[1]) - max(start, span[0]) if span else 0
            if overlap > 0:
                agreement = same_number(fact["value"], found["value"]) + (fact["metric"] == found["metric"])
                candidates.append((agreement + likeness(fact["subject"], found["subject"]) + overlap / 1000, k, j))
    pairs: list[tuple[int, int]] = []
    for _, k, j in sorted(candidates, reverse=True):
        if all(k != taken and j != used for taken, used in pairs):
            pairs.append((k, j))
    return sorted(pairs)


@dataclass
class Tally:
    """Counts over one or more reports; `ledger` says of each fact what is wrong about it."""

    counts: Counter[str] = field(default_factory=Counter)
    ledger: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, report: Annotation, result: Record) -> None:
        """Count one report."""
        self._facts(report, result)
        self._sections(report, result)
        self._document(report, result)

    def _facts(self, report: Annotation, result: Record) -> None:
        counts, facts, found = self.counts, report.facts, result["facts"]
        pairs = dict(paired(report, result))
        counts.update(gold=len(facts), predicted=len(found), found=len(pairs))
        counts["gold_metric"] += sum(fact["metric"] is not None for fact in facts)
        counts["predicted_metric"] += sum(fact["metric"] is not None for fact in found)
        entries: dict[str, list[str]] = {}
        for k, fact in enumerate(facts):
            key = f"{k:03d} {fact['number_text']} | {fact['quote']}"
            if k not in pairs:
                entries[key] = ["missed"]
                continue
            right = {name for name, same in ASPECTS.items() if same(fact, found[pairs[k]])}
            counts.update(right - {"metric"})
            counts["metric"] += "metric" in right and fact["metric"] is not None
            if wrong := sorted(set(ASPECTS) - right):
                entries[key] = wrong
        for j in sorted(set(range(len(found))) - set(pairs.values())):
            entries[f"extra {found[j]['number_text']} | {found[j]['quote']}"] = ["no fact"]
        self.ledger[report.name] = entries
        if report.is_plain:
            counts["raw_spans"] += len(found)
            counts["raw_span"] += sum(_cuts_its_number(report.raw, fact) for fact in found)

    def _sections(self, report: Annotation, result: Record) -> None:
        counts = self.counts
        unused: dict[tuple[str, str], list[Record]] = {}
        for section in result["sections"]:
            unused.setdefault(_words(section), []).append(section)
        counts.update(gold_sections=len(report.sections), predicted_sections=len(result["sections"]))
        wrong = []
        for section in report.sections:
            if not (same := unused.get(_words(section))):
                wrong.append(f"missed {section['marker']} {section['heading']}")
                continue
            match = same.pop(0)
            counts.update(heading=1)
            counts["heading_kind"] += section["kind"] == match["kind"]
            counts["heading_level"] += section["level"] == match["level"]
            if section["kind"] != match["kind"]:
                wrong.append(f"kind {section['heading']}: {section['kind']} != {match['kind']}")
        wrong += [f"extra {s['marker']} {s['heading']}" for rest in unused.values() for s in rest]
        if wrong:
            self.ledger[report.name]["sections"] = wrong

    def _document(self, report: Annotation, result: Record) -> None:
        wrong = wrong_document_fields(report.document, result["document"])
        fields = len(PLAIN_FIELDS) + len(PLACE_FIELDS)
        self.counts.update(document_fields=fields, document=fields - len(wrong))
        if wrong:
            self.ledger[report.name]["document"] = wrong

    def figures(self) -> dict[str, float]:
        """Every figure of the module's docstring, rounded to four decimals."""
        counts = self.counts
        found, sections = max(1, counts["found"]), max(1, counts["heading"])
        figures = {
            "fact": _f1(counts["found"], counts["predicted"], counts["gold"]),
            "fact_precision": counts["found"] / max(1, counts["predicted"]),
            "fact_recall": counts["found"] / max(1, counts["gold"]),
            "value_unit": _f1(counts["value_unit"], counts["predicted"], counts["gold"]),
            "metric": _f1(counts["metric"], counts["predicted_metric"], counts["gold_metric"]),
            "metric_precision": counts["metric"] / max(1, counts["predicted_metric"]),
            "metric_recall": counts["metric"] / max(1, counts["gold_metric"]),
            **{name: counts[name] / found for name in ASPECTS if name not in {"value_unit", "metric"}},
            "heading": _f1(counts["heading"], counts["predicted_sections"], counts["gold_sections"]),
            "heading_kind": counts["heading_kind"] / sections,
            "heading_level": counts["heading_level"] / sections,
            "document": counts["document"] / max(1, counts["document_fields"]),
            "raw_span": counts["raw_span"] / max(1, counts["raw_spans"]),
        }
        return {name: round(figure, 4) for name, figure in figures.items()}


def wrong_document_fields(gold: Record, found: Record) -> list[str]:
    """The document's fields that disagree, as `field: expected != found`."""
    wrong = []
    for name, expected, actual in _document_entries(gold, found):
        both = bool(expected and actual)
        if folded(str(expected)) != folded(str(actual)) if both else bool(expected or actual):
            wrong.append(f"{name}: {expected} != {actual}")
    return wrong


def score(reports: Iterable[Annotation], result_of: Callable[[Annotation], Record]) -> Tally:
    """Tally the results of these reports."""
    tally = Tally()
    for report in reports:
        tally.add(report, result_of(report))
    return tally


def _document_entries(gold: Record, found: Record) -> Iterator[tuple[str, Any, Any]]:
    for name in PLAIN_FIELDS:
        yield name, gold[name], found[name]
    for name in PLACE_FIELDS:
        yield f"place.{name}", gold["place"][name], found["place"][name]


def _cuts_its_number(raw: str, fact: Record) -> bool:
    cut, number = folded(raw[fact["raw_start"] : fact["raw_end"]]), folded(fact["number_text"])
    return bool(cut) and (cut in number or number in cut)


def _words(section: Record) -> tuple[str, str]:
    return folded(section["marker"]), folded(section["heading"])


def _f1(hits: int, predicted: int, gold: int) -> float:
    return 2 * hits / (predicted + gold) if predicted + gold else 1.0


def readable(text: str) -> str:
    """Markup and entities taken out of a raw span, so that it can be compared with a number."""
    return re.sub(r"<[^<>]{0,2000}>|&[#a-z0-9]{1,10};", "", text)
