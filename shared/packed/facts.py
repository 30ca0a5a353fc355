"""Facts, checks and coverage in columns; quotes, numbers and most subjects are cut from the page again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import zstandard

from shared.events import (
    Check,
    Coverage,
    ExtractedReport,
    Fact,
    Modality,
    Qualifier,
    Quantity,
    Record,
    Section,
)
from shared.packed.columns import MAX_ROWS, ColumnReader, ColumnWriter
from shared.packed.page import ENCODING, PageWords

_take = itemgetter(
    "text_start", "text_end", "quote_start", "quote_end", "raw_start", "raw_end", "quote", "number_text", "value",
    "value_to", "unit", "quantity", "qualifier", "subject", "metric", "modality", "change", "period", "scope", "section",
    "section_order", "confidence", "metric_confidence", "rule", "metric_rule", "version",
)  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,18}(?:,[0-9]{3}){0,5}(?:\.[0-9]{1,9})?")
#: Powers of ten by which a number is multiplied to its value: none, 万, 亿, and what comes from %, 千, 百.
_POWERS = ("", "e4", "e8", "e3", "e2", "e7", "e-2", "e12")
#: Characters around a number in which its subject is looked for.
_REACH = 180
_REACH_AFTER = 40
#: Characters of the page with which listed subjects are compressed: what it costs is linear in them.
_PAGE_CHARACTERS = 100_000
_BETWEEN = "\0"
_COLUMNS = 13
#: Characters that all facts together may be cut to: each is cut from the page by its place, so a few bytes could ask for
#: any length.
MAX_CHARACTERS = 64_000_000

Kind = tuple[str | None, Quantity, str, float]
Mapped = tuple[str | None, str | None, float | None]
Manner = tuple[
    Qualifier, Modality, Literal["increase", "decrease"] | None, str | None, str | None
]  # with period and scope


#: Fields that mostly follow from the page, and what they are where they do not: position, field, words or offset.
Odd = tuple[
    int,
    Literal["quote", "number_text", "section", "version", "raw_start", "raw_end", "section_order", "metric_rule"],
    str | int | None,
]


class _Tables(Record):
    """What several facts share, as JSON."""

    kinds: list[Kind]  # unit, quantity, rule, confidence
    mapped: list[Mapped]  # metric, metric_rule, metric_confidence
    manners: list[Manner]  # qualifier, modality, change, period, scope
    numbers: list[float]  # values that the number's words do not say, then those of checks
    odd: list[Odd]
    relations: list[tuple[str, bool, Literal["relation", "part_whole", "from_to"]]]
    covered: list[str]  # metrics that no fact has
    numerals: int = 0
    undecided: int = 0
    rules: str = ""


class _Subjects:
    """Subjects as places beside their number. One way of finding a subject is one `how`.

    The third of them that do not stand there whole are listed: mostly put together of words of the page, so the list is
    compressed with the page's text as dictionary. Cutting each into pieces here took three times as long.
    """

    LISTED, BEFORE, AFTER, AS_BEFORE = range(4)

    def __init__(self, text: str, listed: Sequence[str] = ()) -> None:
        self.text = text
        self.listed = listed
        self.known: dict[str, int] = {}
        self.last = ""

    def place(self, subject: str, start: int, end: int) -> tuple[int, int, int]:
        """How the subject of the number at `text[start:end]` is found, its distance, its length."""
        text, length = self.text, len(subject)
        if subject == self.last:
            return self.AS_BEFORE, 0, 0
        self.last = subject
        at = text.rfind(subject, max(0, start - _REACH), start)
        if at >= 0:
            return self.BEFORE, start - at - length, length
        at = text.find(subject, end, end + _REACH_AFTER)
        if at >= 0:
            return self.AFTER, at - end, length
        return self.LISTED, self.known.setdefault(subject, len(self.known)), 0

    def find(self, how: int, distance: int, length: int, start: int, end: int) -> str:
        """The subject that `place` placed. Raises ValueError or IndexError."""
        if how == self.BEFORE:
            found = self.text[start - distance - length : start - distance]
        elif how == self.AFTER:
            found = self.text[end + distance : end + distance + length]
        elif how == self.LISTED:
            found = self.listed[distance]
        elif how == self.AS_BEFORE:
            return self.last
        else:
            raise ValueError(f"a subject found in the way {how}")
        self.last = found
        return found


def _pack_listed(subjects: Iterable[str], text: str) -> bytes:
    joined = _BETWEEN.join(subjects)
    if joined.count(_BETWEEN) >= MAX_ROWS:
        raise ValueError("too many subjects")
    if not joined:
        return b""
    return zstandard.ZstdCompressor(level=1, dict_data=_page_words(text)).compress(joined.encode(ENCODING))


def _read_listed(packed: bytes, text: str) -> list[str]:
    if not packed:
        return []
    if not 0 <= zstandard.frame_content_size(packed) <= 4 * MAX_CHARACTERS:
        raise ValueError("subjects of no length")
    return zstandard.ZstdDecompressor(dict_data=_page_words(text)).decompress(packed).decode(ENCODING).split(_BETWEEN)


def _page_words(text: str) -> zstandard.ZstdCompressionDict:
    # A dictionary may be empty here and must not be, and what is one character is none to zstd.
    return zstandard.ZstdCompressionDict(
        b"        " + text[:_PAGE_CHARACTERS].encode(ENCODING), dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )


def _power_of(digits: str, value: float) -> int:
    """The position + 1 in _POWERS that makes `value` of a number's digits; 0 where none does."""
    plain = digits.replace(",", "")
    for at, power in enumerate(_POWERS, start=1):
        if float(plain + power) == value:
            return at
    return 0


def _value_of(digits: str, power: int) -> float:
    return float(digits.replace(",", "") + _POWERS[power - 1])


class _Derived(NamedTuple):
    """What follows from a fact's spans."""

    quote: str
    number: str
    raw_start: int
    raw_end: int


def _derive(words: PageWords, start: int, end: int, first: int, last: int) -> _Derived:
    shift = words.shift(first, last) if first <= start and end <= last else None
    if shift is not None:
        source, raw_start, raw_end = words.source, start + shift, end + shift
        return _Derived(source[first + shift : last + shift], source[raw_start:raw_end], raw_start, raw_end)
    return _Derived(words.written(first, last), words.written(start, end), *words.locator.to_source(start, end))


def _label(section: Section) -> str | None:
    return f"{section.marker or ''}{section.heading}" or None


def pack_facts(report: ExtractedReport, words: PageWords) -> bytes:
    """Facts, checks, coverage and counts of `report`.

    Raises ValueError, IndexError or OverflowError where they have no packed form.
    """
    tables = _Tables.trusted(
        kinds=[], mapped=[], manners=[], numbers=[], odd=[], relations=[], covered=[],
        numerals=report.numerals, undecided=report.undecided_numerals, rules=report.rules,
    )  # fmt: skip
    writer = ColumnWriter()
    rows, subjects = _fact_rows(report, words, tables)
    writer.table(rows)
    writer.block(_pack_listed(subjects, words.text))
    _pack_checks(writer, report, tables)
    _pack_coverage(writer, report, tables)
    writer.block(tables.__pydantic_serializer__.to_json(tables, exclude_defaults=True))
    return writer.done()


def _fact_rows(
    report: ExtractedReport, words: PageWords, tables: _Tables
) -> tuple[list[tuple[int, ...]], Iterable[str]]:
    kinds: dict[Kind, int] = {}
    mapped: dict[Mapped, int] = {}
    manners: dict[Manner, int] = {}
    subjects = _Subjects(words.text)
    label_of = {section.order: _label(section) for section in report.sections}
    numbers, text, source, rules = tables.numbers, words.text, words.source, report.rules
    rows: list[tuple[int, ...]] = []
    quote_start = quote_end = number_end = order = 0
    for at, fact in enumerate(report.facts):
        (start, end, first, last, raw_start, raw_end, quote, number_text, value, value_to, unit, quantity, qualifier,
         subject, metric, modality, change, period, scope, section, section_order, confidence, metric_confidence, rule,
         metric_rule, version) = _take(vars(fact))  # fmt: skip
        shift = words.shift(first, last)
        if (
            version != rules
            or shift is None
            or raw_start != start + shift
            or raw_end != end + shift
            or source[first + shift : last + shift] != quote
            or source[raw_start:raw_end] != number_text
            or not first <= start <= end <= last
        ):
            derived = _derive(words, start, end, first, last)
            tables.odd += _odd(at, fact, derived, rules)
        if metric_rule is not None and metric_rule[:1] == "#":  # no rule of ours; it would be read as one made short
            tables.odd.append((at, "metric_rule", metric_rule))
        here = order if section_order is None else section_order
        if section_order is None or label_of.get(section_order) != section:
            tables.odd += (at, "section_order", section_order), (at, "section", section)
        found = _NUMBER.findall(text, start, end)
        power = _power_of(found[0], value) if found else 0
        if not power:
            numbers.append(value)
        to = 0
        if value_to is not None:
            to = 1 + (_power_of(found[-1], value_to) if found else 0)
            if to == 1:
                numbers.append(value_to)
        same = first == quote_start and last == quote_end
        rows.append(
            (
                0 if same else first - quote_end + (first >= quote_end),  # 0 is kept for "the same quote"
                start - (number_end if same else first),
                end - start,
                last - end,
                kinds.setdefault((unit, quantity, rule, confidence), len(kinds)),
                mapped.setdefault((metric, _short(metric_rule, metric), metric_confidence), len(mapped)),
                manners.setdefault((qualifier, modality, change, period, scope), len(manners)),
                *subjects.place(subject, start, end),
                power,
                to,
                here - order,
            )
        )
        quote_start, quote_end, number_end, order = first, last, end, here
    tables.kinds, tables.mapped, tables.manners = list(kinds), list(mapped), list(manners)
    if any(_BETWEEN in subject for subject in subjects.known):
        raise ValueError("a subject that holds what stands between two")
    return rows, subjects.known


def _odd(at: int, fact: Fact, derived: _Derived, rules: str) -> Iterator[Odd]:
    if fact.quote != derived.quote:
        yield at, "quote", fact.quote
    if fact.number_text != derived.number:
        yield at, "number_text", fact.number_text
    if (fact.raw_start, fact.raw_end) != (derived.raw_start, derived.raw_end):
        yield at, "raw_start", fact.raw_start
        yield at, "raw_end", fact.raw_end
    if fact.version != rules:
        yield at, "version", fact.version


def _short(rule: str | None, metric: str | None) -> str | None:
    """`metric#pattern` → `#pattern`."""
    if rule is None or metric is None or rule[: len(metric)] != metric or rule[len(metric) : len(metric) + 1] != "#":
        return rule
    return rule[len(metric) :]


def _long(rule: str | None, metric: str | None) -> str | None:
    """What `_short` made short."""
    return f"{metric}{rule}" if rule is not None and metric is not None and rule.startswith("#") else rule


def read_facts(content: bytes, words: PageWords, sections: Sequence[Section]) -> dict[str, Any]:
    """The fields of an ExtractedReport that `pack_facts` wrote. Raises ValueError or IndexError."""
    reader = ColumnReader(content)
    rows = reader.table(_COLUMNS)
    listed = _read_listed(reader.block(), words.text)
    checks = _read_check_columns(reader)
    coverage = reader.numbers(reader.count())
    tables = _Tables.model_validate_json(reader.block())
    numbers = _numbers(tables)
    subjects = _Subjects(words.text, listed)
    words.label_of = {section.order: _label(section) for section in sections}
    facts = list(_facts(rows, words, tables, subjects, numbers))
    _mend(facts, tables.odd)
    return {
        "facts": facts,
        "checks": _checks(checks, tables, facts, numbers),
        "coverage": _coverage(coverage, tables),
        "numerals": tables.numerals,
        "undecided_numerals": tables.undecided,
        "rules": tables.rules,
    }


def _numbers(tables: _Tables) -> Iterator[float]:
    """The listed numbers, then ValueError: the StopIteration of a list would leave a generator as RuntimeError."""
    yield from tables.numbers
    raise ValueError("more numbers are asked for than there are")


def _facts(
    rows: Iterable[Sequence[int]], words: PageWords, tables: _Tables, subjects: _Subjects, numbers: Iterator[float]
) -> Iterator[Fact]:
    kinds, manners, text, rules = tables.kinds, tables.manners, words.text, tables.rules
    label_of = words.label_of
    mapped = [(metric, _long(rule, metric), confidence) for metric, rule, confidence in tables.mapped]
    first = last = end = order = 0
    room = MAX_CHARACTERS
    for jump, offset, length, tail, kind, mapping, manner, how, distance, width, power, to, step in rows:
        if jump:
            first = last + jump - (jump > 0)
            start = first + offset
        else:
            start = end + offset
        end = start + length
        last = end + tail
        order += step
        derived = _derive(words, start, end, first, last)
        subject = subjects.find(how, distance, width, start, end)
        room -= len(derived.quote) + len(derived.number) + len(subject)
        if room < 0:
            raise ValueError(f"more than {MAX_CHARACTERS} characters of facts")
        found: list[str] = _NUMBER.findall(text, start, end) if power or to > 1 else []
        value = _value_of(found[0], power) if power else next(numbers)
        value_to = None if not to else next(numbers) if to == 1 else _value_of(found[-1], to - 1)
        unit, quantity, rule, confidence = kinds[kind]
        metric, metric_rule, metric_confidence = mapped[mapping]
        qualifier, modality, change, period, scope = manners[manner]
        yield Fact.trusted(
            quote=derived.quote, number_text=derived.number, text_start=start, text_end=end, raw_start=derived.raw_start,
            raw_end=derived.raw_end, quote_start=first, quote_end=last, value=value, value_to=value_to, unit=unit,
            quantity=quantity, qualifier=qualifier, subject=subject,
            metric=metric, modality=modality, change=change, period=period, scope=scope, section=label_of.get(order),
            section_order=order, confidence=confidence, metric_confidence=metric_confidence, rule=rule,
            metric_rule=metric_rule, version=rules,
        )  # fmt: skip


def _mend(facts: list[Fact], odd: Iterable[Odd]) -> None:
    """Put in what does not follow from the page. Raises ValueError where it is of another type."""
    changed = set()
    for at, field, value in odd:
        vars(facts[at])[field] = value
        changed.add(at)
    for at in changed:
        facts[at] = Fact.model_validate(vars(facts[at]))


# ── checks: what is stated and expected is mostly a sum or a ratio of the values of their facts ──────────────────────


def _sum(values: Sequence[float]) -> float:
    return round(sum(values[1:]), 4)


def _share(values: Sequence[float]) -> float:
    return round(100 * values[1] / values[2], 4) if len(values) > 2 and values[2] else 0.0


def _second(values: Sequence[float]) -> float:
    return values[1] if len(values) > 1 else 0.0


def _change(values: Sequence[float]) -> float:
    return round(abs(values[0] - values[1]), 4) if len(values) > 1 else 0.0


def _growth(values: Sequence[float]) -> float:
    return round(100 * abs(values[1] - values[0]) / abs(values[0]), 4) if len(values) > 1 and values[0] else 0.0


def _first(values: Sequence[float]) -> float:
    return values[0] if values else 0.0


def _last(values: Sequence[float]) -> float:
    return values[-1] if values else 0.0


_FORMULAS: tuple[Callable[[Sequence[float]], float], ...] = (_first, _sum, _share, _last, _second, _change, _growth)
#: Codes of a check's number: none, written out, then the formulas.
_NONE, _WRITTEN, _FORMULA = 0, 1, 2


def _code_of(number: float | None, values: Sequence[float], numbers: list[float]) -> int:
    if number is None:
        return _NONE
    for at, formula in enumerate(_FORMULAS, start=_FORMULA):
        if formula(values) == number:
            return at
    numbers.append(number)
    return _WRITTEN


def _number_of(code: int, values: Sequence[float], numbers: Iterator[float]) -> float | None:
    if code == _NONE:
        return None
    return next(numbers) if code == _WRITTEN else _FORMULAS[code - _FORMULA](values)


def _pack_checks(writer: ColumnWriter, report: ExtractedReport, tables: _Tables) -> None:
    relations: dict[tuple[str, bool, Literal["relation", "part_whole", "from_to"]], int] = {}
    rows: list[tuple[int, ...]] = []
    steps: list[int] = []
    at = 0
    for check in report.checks:
        values = [report.facts[position].value for position in check.facts]
        relation = relations.setdefault((check.relation, check.holds, check.kind), len(relations))
        expected = _code_of(check.expected, values, tables.numbers)
        rows.append((relation, len(check.facts), expected, _code_of(check.stated, values, tables.numbers)))
        for position in check.facts:
            steps.append(position - at)
            at = position
    tables.relations = list(relations)
    writer.table(rows)
    writer.count(len(steps))
    writer.numbers(steps)


class _CheckColumns(NamedTuple):
    relations: Sequence[int]
    sizes: Sequence[int]
    expected: Sequence[int]
    stated: Sequence[int]
    steps: Sequence[int]


def _read_check_columns(reader: ColumnReader) -> _CheckColumns:
    count = reader.count()
    relations, sizes, expected, stated = (reader.numbers(count) for _ in range(4))
    return _CheckColumns(relations, sizes, expected, stated, reader.numbers(reader.count()))


def _checks(columns: _CheckColumns, tables: _Tables, facts: Sequence[Fact], numbers: Iterator[float]) -> list[Check]:
    positions, at = [], 0
    for step in columns.steps:
        at += step
        positions.append(at)
    checks: list[Check] = []
    taken = 0
    for relation, size, expected, stated in zip(*columns[:4], strict=True):
        of = positions[taken : taken + size]
        if len(of) < size or (of and min(of) < 0):
            raise ValueError("a check of no facts")
        taken += size
        values = [facts[position].value for position in of]
        text, holds, kind = tables.relations[relation]
        checks.append(
            Check.trusted(
                relation=text, holds=holds, expected=_number_of(expected, values, numbers),
                stated=_number_of(stated, values, numbers), facts=of, kind=kind,
            )
        )  # fmt: skip
    return checks


# ── coverage: mostly metrics that the facts have ─────────────────────────────────────────────────────────────────────

_STATES: tuple[Literal["stated", "zero", "absent"], ...] = ("stated", "zero", "absent")


def _pack_coverage(writer: ColumnWriter, report: ExtractedReport, tables: _Tables) -> None:
    places: dict[str, int] = {}
    for metric, _, _ in tables.mapped:
        if metric is not None:
            places.setdefault(metric, len(places))
    known = len(places)
    writer.count(len(report.coverage))
    writer.numbers(
        [
            places.setdefault(one.metric, len(places)) * len(_STATES) + _STATES.index(one.state)
            for one in report.coverage
        ]
    )
    tables.covered = list(places)[known:]


def _coverage(codes: Sequence[int], tables: _Tables) -> list[Coverage]:
    metrics = list(dict.fromkeys(metric for metric, _, _ in tables.mapped if metric is not None)) + tables.covered
    return [
        Coverage.trusted(metric=metrics[code // len(_STATES)], state=_STATES[code % len(_STATES)]) for code in codes
    ]
