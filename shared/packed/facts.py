"""Facts in columns: what several share stands in a table, quotes and numbers are cut from the page again.

Everything is done a column at a time, by functions that take whole columns (`map`, `zip`, `accumulate`): a fact takes a
third of the time that it takes in a loop over facts. What does not follow from the page is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, chain, compress, count
from operator import add, ne, sub
from typing import Any, Literal, NamedTuple

import orjson
from pydantic import ConfigDict, TypeAdapter

from shared.columns import Columns, columns_of
from shared.events import Check, ExtractedReport, Fact, Modality, Qualifier, Quantity, Section
from shared.packed.columns import ColumnReader, ColumnWriter, at_places, shared, sizes, steps
from shared.packed.coverage import code_coverage, coverage_of
from shared.packed.page import ENCODING, PageWords, decoded
from shared.packed.sections import labels
from shared.packed.subjects import find_subjects, place_subjects

#: Characters that all facts together may be cut to: each is cut from the page by its place, so a few bytes could ask for
#: any length.
MAX_CHARACTERS = 64_000_000

#: Fields that several facts share, as the rows of a table each.
_KIND = ("unit", "quantity", "rule", "confidence")
_MAPPED = ("metric", "metric_rule", "metric_confidence")
_MANNER = ("qualifier", "modality", "change", "period", "scope")

_HEADING = ("order", "marker", "heading")

Mapped = tuple[str | None, str | None, float | None]


class _Checks(NamedTuple):
    """The columns of the checks, as in shared.events.Check."""

    relation: list[str]
    holds: list[bool]
    expected: list[float | None]
    stated: list[float | None]
    facts: list[list[int]]
    kind: list[Literal["relation", "part_whole", "from_to"]]


class FactNotes(NamedTuple):
    """What is written as a JSON array. What several facts share stands in a table, `odd` does not follow from the page."""

    kinds: list[tuple[str | None, Quantity, str, float]]
    mapped: list[Mapped]
    manners: list[tuple[Qualifier, Modality, Literal["increase", "decrease"] | None, str | None, str | None]]
    values: list[float]
    ranges: list[tuple[int, float]]  # position of a fact; its value_to
    odd: list[tuple[int, str, str, int]]  # position of a fact; its quote, number_text and raw_end
    checks: _Checks
    covered: list[str]  # metrics that no fact has
    numerals: int
    undecided: int
    rules: str
    versions: list[str]  # of the facts, where not all have that of `rules`


_NOTES = TypeAdapter(FactNotes, config=ConfigDict(allow_inf_nan=False))


class _Table(NamedTuple):
    """The columns of numbers: steps from fact to fact, lengths, and places in the tables of the notes."""

    jump: Sequence[int]  # from the end of the quote before
    before: Sequence[int]  # from there to the number
    length: Sequence[int]
    after: Sequence[int]  # from there to the end of the quote
    shift: Sequence[int]
    order: Sequence[int]
    distance: Sequence[int]
    subject: Sequence[int]  # its length
    kind: Sequence[int]
    mapped: Sequence[int]
    manner: Sequence[int]


class _Part(NamedTuple):
    """All that is written."""

    notes: FactNotes
    listed: str  # subjects that do not stand beside their number, joined
    table: _Table
    aligned: Sequence[int]  # positions of the facts that stand in no even run of the alignment
    coverage: Sequence[int]

    @classmethod
    def of(cls, content: bytes) -> _Part:
        """Raises ValueError."""
        reader = ColumnReader(content)
        notes = _NOTES.validate_json(reader.block())
        listed = decoded(reader.block())
        table = _Table._make(reader.table(len(_Table._fields)))
        (aligned,), (coverage,) = reader.table(1), reader.table(1)
        return cls(notes, listed, table, list(accumulate(aligned)), coverage)


class _Spans(NamedTuple):
    """Numbers and quotes in the text, and what leads from a number to its place in the source."""

    start: Sequence[int]
    end: Sequence[int]
    first: Sequence[int]
    last: Sequence[int]
    shift: Sequence[int]


class _Cuttings(NamedTuple):
    """The words of the facts, as the source writes them."""

    quote: list[str]
    number_text: list[str]
    raw_start: list[int]
    raw_end: list[int]


def pack_facts(report: ExtractedReport, words: PageWords) -> bytes:
    """Facts, checks, coverage and counts of `report`.

    Raises ValueError, IndexError, TypeError or OverflowError where they have no packed form.
    """
    facts = columns_of(Fact, report.facts)
    orders = facts["section_order"]
    label_of = labels(*map(columns_of(Section, report.sections).__getitem__, _HEADING))
    if facts["section"] != tuple(map(label_of.get, orders)):
        raise ValueError("a fact with the heading of another section")
    versions = facts["version"]
    checks = _Checks._make(columns_of(Check, report.checks).values())
    _check_positions(checks, len(report.facts))
    spans = _spans_of(facts)
    aligned, odd = _unlike(facts, spans, words)
    distances, lengths, listed = place_subjects(facts["subject"], spans.start, words.text)
    (kinds, of_kind), (mapped, of_mapped), (manners, of_manner) = (
        shared(zip(*map(facts.__getitem__, names), strict=True)) for names in (_KIND, _MAPPED, _MANNER)
    )
    coverage, covered = code_coverage(report.coverage, [metric for metric, _, _ in mapped])
    notes = FactNotes(
        kinds=kinds, mapped=list(map(_shortened, mapped)), manners=manners, values=list(facts["value"]),
        ranges=[(at, value) for at, value in enumerate(facts["value_to"]) if value is not None], odd=odd,
        checks=checks, covered=covered, numerals=report.numerals, undecided=report.undecided_numerals,
        rules=report.rules, versions=[] if versions.count(report.rules) == len(versions) else list(versions),
    )  # fmt: skip
    writer = ColumnWriter()
    writer.block(orjson.dumps(notes, default=tuple))
    writer.block(listed.encode(ENCODING))
    writer.table(*_between(spans), steps(orders), distances, lengths, of_kind, of_mapped, of_manner)
    writer.table(steps(aligned))
    writer.table(coverage)
    return writer.done()


def read_facts(content: bytes, words: PageWords, sections: Columns) -> dict[str, Any]:
    """The fields of a TabledReport that `pack_facts` wrote. Raises ValueError or IndexError."""
    part = _Part.of(content)
    notes = part.notes
    checks: Columns = notes.checks._asdict()
    if len({len(column) for column in checks.values()}) > 1:
        raise ValueError("columns of checks of unequal length")
    _check_positions(notes.checks, len(part.table.jump))
    return {
        "facts": _read_fields(part, words, labels(*map(sections.__getitem__, _HEADING))),
        "checks": checks,
        "coverage": coverage_of(part.coverage, [metric for metric, _, _ in notes.mapped], notes.covered),
        "numerals": notes.numerals,
        "undecided_numerals": notes.undecided,
        "rules": notes.rules,
    }


def _read_fields(part: _Part, words: PageWords, label_of: dict[int, str | None]) -> Columns:
    notes, table = part.notes, part.table
    rows = len(table.jump)
    versions = notes.versions or [notes.rules] * rows
    if not rows == len(notes.values) == len(versions):
        raise ValueError(f"{len(notes.values)} values and {len(versions)} versions of {rows} facts")
    spans = _spans_of_table(table)
    cut = _cut(spans, words)
    _mend(cut, spans, words, part.aligned, notes.odd)
    orders = tuple(accumulate(table.order))
    mapped = list(map(_lengthened, notes.mapped))
    unit, quantity, rule, confidence = at_places(notes.kinds, table.kind, len(_KIND))
    metric, metric_rule, metric_confidence = at_places(mapped, table.mapped, len(_MAPPED))
    qualifier, modality, change, period, scope = at_places(notes.manners, table.manner, len(_MANNER))
    values_to: list[float | None] = [None] * rows
    for at, value in notes.ranges:
        values_to[at] = value
    return {
        "quote": cut.quote, "number_text": cut.number_text, "text_start": spans.start, "text_end": spans.end,
        "raw_start": cut.raw_start, "raw_end": cut.raw_end, "quote_start": spans.first, "quote_end": spans.last,
        "value": notes.values, "value_to": values_to, "unit": unit, "quantity": quantity, "qualifier": qualifier,
        "subject": find_subjects(table.distance, table.subject, part.listed, spans.start, words.text),
        "metric": metric, "modality": modality, "change": change, "period": period, "scope": scope,
        "section": tuple(map(label_of.get, orders)), "section_order": orders, "confidence": confidence,
        "metric_confidence": metric_confidence, "rule": rule, "metric_rule": metric_rule,
        "version": versions,
    }  # fmt: skip


def _check_positions(checks: _Checks, rows: int) -> None:
    """Raises ValueError where a check is one of facts that are not there."""
    positions = list(chain.from_iterable(checks.facts))
    if positions and not 0 <= min(positions) <= max(positions) < rows:
        raise ValueError("a check of facts that are not there")


@lru_cache(maxsize=4096)  # the catalogue has some hundred patterns: each is cut once
def _shortened(mapped: Mapped) -> Mapped:
    """`metric#pattern` → `#pattern`. Raises ValueError for a rule that would be read as one that was shortened."""
    metric, rule, confidence = mapped
    if rule is not None and rule[:1] == "#":
        raise ValueError("a rule of no metric")
    if rule is None or metric is None or not rule.startswith(f"{metric}#"):
        return mapped
    return metric, rule[len(metric) :], confidence


def _lengthened(mapped: Mapped) -> Mapped:
    metric, rule, confidence = mapped
    return (metric, f"{metric}{rule}", confidence) if rule is not None and rule[:1] == "#" else mapped


# ── where facts stand, and the words there ───────────────────────────────────────────────────────────────────────────


def _spans_of(facts: Columns) -> _Spans:
    start = facts["text_start"]
    shift = list(map(sub, facts["raw_start"], start))
    return _Spans(start, facts["text_end"], facts["quote_start"], facts["quote_end"], shift)


def _between(spans: _Spans) -> tuple[Sequence[int], ...]:
    """The first columns of the table. Raises ValueError for a span that ends before it starts."""
    start, end, first, last, shift = spans
    return (
        list(map(sub, first, chain((0,), last))),
        sizes(list(map(sub, start, first))),
        sizes(list(map(sub, end, start))),
        sizes(list(map(sub, last, end))),
        steps(shift),
    )


def _spans_of_table(table: _Table) -> _Spans:
    """Raises ValueError where they are more than they may be."""
    before, lengths, after = sizes(table.before), sizes(table.length), sizes(table.after)
    widths = list(map(add, map(add, before, lengths), after))
    if max(sum(widths), sum(sizes(table.subject))) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS} characters of facts")
    last = list(accumulate(map(add, table.jump, widths)))
    first = list(map(sub, last, widths))
    start = list(map(add, first, before))
    return _Spans(start, list(map(add, start, lengths)), first, last, list(accumulate(table.shift)))


def _cut(spans: _Spans, words: PageWords) -> _Cuttings:
    """The words of facts that stand in even runs of the alignment, as nearly all do.

    Raises ValueError where one does not stand on the page.
    """
    start, end, first, last, shift = spans
    raw_first = list(map(add, first, shift))
    if first and (min(first) < 0 or max(last) > len(words.text) or min(raw_first) < 0):
        raise ValueError("a fact outside of its page")
    raw_start, raw_end = list(map(add, start, shift)), list(map(add, end, shift))
    source = words.source
    quotes = [source[at:to] for at, to in zip(raw_first, map(add, last, shift), strict=True)]
    numbers = [source[at:to] for at, to in zip(raw_start, raw_end, strict=True)]
    return _Cuttings(quotes, numbers, raw_start, raw_end)


def _aligned(at: int, spans: _Spans, words: PageWords) -> tuple[str, str, int]:
    """Quote, number and the number's end in the source by the alignment, where a fact stands in no even run."""
    start, end = spans.start[at], spans.end[at]
    _, raw_end = words.locator.to_source(start, end)
    return words.written(spans.first[at], spans.last[at]), words.written(start, end), raw_end


def _unlike(facts: Columns, spans: _Spans, words: PageWords) -> tuple[list[int], list[tuple[int, str, str, int]]]:
    """Positions of the facts that are cut by the alignment, and those that follow in neither way."""
    cut = _cut(spans, words)
    stated = facts["quote"], facts["number_text"], facts["raw_end"]
    aligned: list[int] = []
    odd: list[tuple[int, str, str, int]] = []
    if stated == (tuple(cut.quote), tuple(cut.number_text), tuple(cut.raw_end)):
        return aligned, odd
    rows = list(zip(*stated, strict=True))
    for at in compress(count(), map(ne, rows, zip(cut.quote, cut.number_text, cut.raw_end, strict=True))):
        if _aligned(at, spans, words) == rows[at]:
            aligned.append(at)
        else:
            odd.append((at, *rows[at]))
    return aligned, odd


def _mend(
    cut: _Cuttings, spans: _Spans, words: PageWords, aligned: Sequence[int], odd: Sequence[tuple[int, str, str, int]]
) -> None:
    """Put in what is not cut from an even run. Raises ValueError or IndexError."""
    room = MAX_CHARACTERS
    for at in aligned:
        quote, number, raw_end = _aligned(at, spans, words)
        cut.quote[at], cut.number_text[at], cut.raw_end[at] = quote, number, raw_end
        room -= len(quote) + len(number)
        if room < 0:
            raise ValueError(f"more than {MAX_CHARACTERS} characters of facts")
    for at, quote, number, raw_end in odd:
        cut.quote[at], cut.number_text[at], cut.raw_end[at] = quote, number, raw_end
