"""Facts, checks and coverage as form 1 has them: columns that are read a fact at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import zstandard

from shared.columns import Columns, columns_of
from shared.events import Check, Fact, Modality, Qualifier, Quantity, Record
from shared.packed.columns import ColumnReader
from shared.packed.coverage import coverage_of
from shared.packed.page import ENCODING, PageWords
from shared.packed.sections import labels

_NUMBER = re.compile(r"[0-9]{1,18}(?:,[0-9]{3}){0,5}(?:\.[0-9]{1,9})?")
#: Powers of ten by which a number is multiplied to its value: none, 万, 亿, and what comes from %, 千, 百.
_POWERS = ("", "e4", "e8", "e3", "e2", "e7", "e-2", "e12")
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

    Those that do not stand there are listed; the list is compressed with the page's text as dictionary.
    """

    LISTED, BEFORE, AFTER, AS_BEFORE = range(4)

    def __init__(self, text: str, listed: Sequence[str] = ()) -> None:
        self.text = text
        self.listed = listed
        self.last = ""

    def find(self, how: int, distance: int, length: int, start: int, end: int) -> str:
        """The subject of the number at `text[start:end]`. Raises ValueError or IndexError."""
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


def _value_of(digits: str, power: int) -> float:
    return float(digits.replace(",", "") + _POWERS[power - 1])


class _Derived(NamedTuple):
    """What follows from a fact's spans."""

    quote: str
    number: str
    raw_start: int
    raw_end: int


def _derive(words: PageWords, start: int, end: int, first: int, last: int) -> _Derived:
    shift = words.locator.shift(first, last) if first <= start and end <= last else None
    if shift is not None:
        source, raw_start, raw_end = words.source, start + shift, end + shift
        return _Derived(source[first + shift : last + shift], source[raw_start:raw_end], raw_start, raw_end)
    return _Derived(words.written(first, last), words.written(start, end), *words.locator.to_source(start, end))


def _long(rule: str | None, metric: str | None) -> str | None:
    """`#pattern` → `metric#pattern`."""
    return f"{metric}{rule}" if rule is not None and metric is not None and rule.startswith("#") else rule


def read_facts(content: bytes, words: PageWords, sections: Columns) -> dict[str, Any]:
    """The fields of a TabledReport that the extractor wrote. Raises ValueError or IndexError."""
    reader = ColumnReader(content)
    rows = zip(*reader.table(_COLUMNS), strict=True)
    listed = _read_listed(reader.block(), words.text)
    checks = _read_check_columns(reader)
    coverage = reader.numbers(reader.count())
    tables = _Tables.model_validate_json(reader.block())
    numbers = _numbers(tables)
    subjects = _Subjects(words.text, listed)
    facts = list(_facts(rows, words, tables, subjects, numbers))
    label_of = labels(*map(sections.__getitem__, ("order", "marker", "heading")))
    for fact in facts:
        fact.section = label_of.get(fact.section_order or 0)
    _mend(facts, tables.odd)
    return {
        "facts": columns_of(Fact, facts),
        "checks": columns_of(Check, _checks(checks, tables, facts, numbers)),
        "coverage": coverage_of(coverage, [metric for metric, _, _ in tables.mapped], tables.covered),
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
            metric=metric, modality=modality, change=change, period=period, scope=scope, section=None,
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


# ── checks: what is stated and expected is mostly a sum or a ratio of the values of their facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sum(values: Sequence[float]) -> float:
    return round(sum(values[1:]), 4)


def _share(values: Sequence[float]) -> float:
    part, whole, *_ = (*values[1:], 0.0, 0.0)
    return round(100 * part / whole, 4) if whole else 0.0


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


def _number_of(code: int, values: Sequence[float], numbers: Iterator[float]) -> float | None:
    if code == _NONE:
        return None
    return next(numbers) if code == _WRITTEN else _FORMULAS[code - _FORMULA](values)


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
