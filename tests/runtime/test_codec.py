"""Events as bytes: what is read is what was written, whatever the event; what is no event is refused."""

from __future__ import annotations

import hashlib
import os
import random
import struct
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared import codec
from shared.alignment import Alignment
from shared.codec import Opened, decode_event, encode_event, is_packed, open_event
from shared.errors import Permanent, Reason
from shared.events import (
    Change,
    Check,
    Coverage,
    Document,
    ExtractedReport,
    Fact,
    NormalizedReport,
    RawReport,
    Section,
    SectionedReport,
    Source,
    Step,
)
from shared.packed.columns import MAX_ROWS, ColumnReader, ColumnWriter
from shared.packed.spelling import respell
from shared.tables import RECORDS, TabledReport
from tests.support.cost import assert_costs
from tests.support.pipeline import ROOT

Stages = tuple[NormalizedReport, SectionedReport, ExtractedReport]
SAMPLES = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in {".txt", ".html"})
REFERENCE = Path(os.environ.get("FAZHI_REFERENCE", ROOT.parent / "shared"))


@cache
def _stages(path: Path) -> Stages:
    raw = RawReport(entry="fazhi:intake/1763740800000-0", accepted_at=1763740800.0, body=path.read_bytes())
    raw.crawl.url, raw.crawl.extra = "https://example.org/1", {"depth": "2"}
    raw.trail = [Step(stage="x", worker="w", version="1", started_at=1.5, seconds=0.1, delivery=1, note="一")]
    normalized = normalize_report(raw)
    normalized.crawl, normalized.trail = raw.crawl, raw.trail
    sectioned = outline_report(normalized)
    return normalized, sectioned, extract_report(sectioned)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_each_event_of_each_sample_comes_back_as_it_was(path: Path) -> None:
    for event in _stages(path):
        packed = encode_event(event)
        assert is_packed(packed)
        assert decode_event(type(event), packed) == event


def test_each_event_of_the_reference_comes_back_as_it_was() -> None:
    paths = sorted(REFERENCE.glob("gold/*.txt")) + sorted(REFERENCE.glob("corpus/reports/*.txt"))
    if not paths:
        pytest.skip("no reference beside the project (FAZHI_REFERENCE)")
    for path in paths:
        for event in _stages(path):
            packed = encode_event(event)
            assert is_packed(packed)
            assert decode_event(type(event), packed) == event


@pytest.mark.parametrize("path", SAMPLES[:6], ids=lambda path: path.name)
def test_a_stage_copies_what_it_did_not_change_and_nothing_else(path: Path) -> None:
    normalized, _, _ = _stages(path)
    opened = open_event(NormalizedReport, encode_event(normalized))
    sectioned = outline_report(opened.event)
    packed = encode_event(sectioned, opened)
    assert opened.packed_page in packed
    assert decode_event(SectionedReport, packed) == sectioned

    second = open_event(SectionedReport, packed)
    extracted = extract_report(second.event)
    packed = encode_event(extracted, second)
    assert second.packed_page in packed
    assert second.packed_sections in packed
    assert decode_event(ExtractedReport, packed) == extracted

    extracted.document = extracted.document.model_copy(update={"title": "another"})
    extracted.sections = [
        section.model_copy(update={"confidence": 0.123}) if section.order == 1 else section
        for section in extracted.sections
    ]
    changed = encode_event(extracted, second)
    assert second.packed_page not in changed
    assert decode_event(ExtractedReport, changed) == extracted


def test_parts_of_an_older_form_are_not_copied_into_an_event_of_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event names one dictionary for all of its parts: with another, zstd reads other words without an error."""
    normalized, sectioned, _ = _stages(SAMPLES[0])
    before = open_event(NormalizedReport, encode_event(normalized))
    words = codec._tools.dictionary(1)
    assert words is not None
    newer = zstandard.ZstdCompressionDict(bytes(reversed(words.as_bytes())))
    monkeypatch.setattr(codec, "_tools", codec._Tools({0: None, 1: words, 2: newer}))
    monkeypatch.setattr(codec, "_FORMS", {**codec._FORMS, 3: codec._FORMS[2]._replace(words=2)})
    monkeypatch.setattr(codec, "_FORM", 3)
    packed = encode_event(sectioned, before)
    assert before.packed_page not in packed
    assert decode_event(SectionedReport, packed) == sectioned


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_stage_changes_what_it_was_given(path: Path) -> None:
    """Records that are the same are copied without a look inside."""
    normalized, sectioned, _ = (decode_event(type(event), encode_event(event)) for event in _stages(path))
    before = normalized.model_copy(deep=True), sectioned.model_copy(deep=True)
    outline_report(normalized)
    extract_report(sectioned)
    assert (normalized, sectioned) == before


def _as_json(event: Any) -> bytes:
    return zstandard.ZstdCompressor().compress(event.model_dump_json().encode())


def test_the_encoding_of_the_versions_before_is_read() -> None:
    for event in _stages(SAMPLES[0]):
        assert decode_event(type(event), _as_json(event)) == event


def test_code_that_knows_only_json_sees_an_unknown_version() -> None:
    packed = encode_event(_stages(SAMPLES[0])[2])
    assert zstandard.frame_content_size(packed) < 100
    seen = orjson.loads(zstandard.ZstdDecompressor().decompress(packed))
    assert seen["schema_version"] not in {1, "1"}


def test_a_dictionary_that_was_once_used_is_never_changed() -> None:
    """Readings in the database and dead letters cannot be read without it. A better one gets the next number."""
    content = (ROOT / "shared" / "packed" / "words-1.bin").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "21a1e3c991c41a625636772c77915ba140aaf98c7a01cf3837a0bffd2c0baacf"


# ── events unlike those of our stages ────────────────────────────────────────────────────────────────────────────────

_WORDS = st.text("法治一二3.%(（实實\n😀", max_size=6)
_AT = st.integers(-3, 400)


def _changed_fact(draw: st.DrawFn, fact: Fact) -> Fact:
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "quote": _WORDS, "number_text": _WORDS, "subject": _WORDS, "section": st.none() | _WORDS,
                "text_start": _AT, "text_end": _AT, "quote_start": _AT, "quote_end": _AT, "raw_start": _AT,
                "raw_end": _AT, "value": st.floats(allow_nan=False, allow_infinity=False),
                "value_to": st.none() | st.floats(allow_nan=False, allow_infinity=False), "unit": st.none() | _WORDS,
                "metric": st.none() | _WORDS, "metric_rule": st.none() | _WORDS | st.just("#x"),
                "section_order": st.none() | st.integers(-2, 9), "period": st.none() | _WORDS, "version": _WORDS,
            },
        )
    )  # fmt: skip
    return fact.model_copy(update=fields)


@st.composite
def _strange_reports(draw: st.DrawFn) -> ExtractedReport:
    report = _stages(draw(st.sampled_from(SAMPLES)))[2].model_copy(deep=True)
    report.facts = [_changed_fact(draw, fact) for fact in report.facts[: draw(st.integers(0, 8))]]
    report.checks = [
        Check(relation=draw(_WORDS), holds=draw(st.booleans()), expected=draw(st.none() | st.floats(-9, 9)), stated=None,
              facts=draw(st.lists(st.integers(0, max(0, len(report.facts) - 1)), max_size=4)) if report.facts else [])
        for _ in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    report.coverage = [Coverage(metric=draw(_WORDS), state="absent") for _ in range(draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        report.sections = [
            section.model_copy(
                update={"heading": draw(_WORDS), "marker": draw(st.none() | _WORDS), "text_end": draw(_AT)}
            )
            for section in report.sections
        ]
    if draw(st.booleans()):
        report.text = draw(_WORDS) + report.text[draw(st.integers(0, 50)) :]
    if draw(st.booleans()):
        report.alignment = Alignment(runs=draw(st.lists(st.integers(-5, 50), max_size=9)))
    report.changes = [Change(rule="r", raw_start=draw(_AT), raw_end=draw(_AT), before=draw(_WORDS), after="")]
    report.source.original = draw(st.none() | st.binary(max_size=9))
    report.rules = draw(_WORDS)
    return report


_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def _other_reports(draw: st.DrawFn) -> ExtractedReport:
    """Reports whose words, values and shared fields are not those of the page, but whose places are."""
    report = _stages(draw(st.sampled_from(SAMPLES)))[2].model_copy(deep=True)
    for fact in draw(st.lists(st.sampled_from(report.facts), max_size=6)):
        changes = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "quote": _WORDS, "number_text": _WORDS, "raw_end": _AT, "subject": st.text(max_size=300),
                    "value": _NUMBERS, "value_to": st.none() | _NUMBERS, "unit": st.none() | _WORDS,
                    "metric": st.none() | _WORDS, "metric_rule": st.none() | st.just("a.b#c"),
                    "metric_confidence": st.none() | st.floats(0, 1), "period": st.none() | _WORDS, "rule": _WORDS,
                    "scope": st.none() | _WORDS, "version": _WORDS, "qualifier": st.sampled_from(["at_most", "approx"]),
                },
            )
        )  # fmt: skip
        vars(fact).update(changes)
    for section in draw(st.lists(st.sampled_from(report.sections), max_size=2)):
        section.confidence, section.run_in = draw(st.floats(0, 1)), draw(st.booleans())
    report.checks += [
        Check(relation=draw(_WORDS), holds=draw(st.booleans()), expected=draw(st.none() | _NUMBERS),
              stated=draw(st.none() | _NUMBERS), facts=draw(st.lists(st.integers(0, len(report.facts) - 1), max_size=4)))
        for _ in range(draw(st.integers(0, 2)) if report.facts else 0)
    ]  # fmt: skip
    report.coverage += [Coverage(metric=draw(_WORDS), state="absent") for _ in range(draw(st.integers(0, 2)))]
    return report


@settings(max_examples=80, deadline=None)
@given(_other_reports())
def test_what_does_not_follow_from_the_page_is_packed_too(report: ExtractedReport) -> None:
    packed = encode_event(report)
    assert is_packed(packed)
    assert decode_event(ExtractedReport, packed) == report
    assert decode_event(TabledReport, packed).report() == report


@settings(max_examples=80, deadline=None)
@given(_strange_reports())
def test_any_event_comes_back_as_it_was(report: ExtractedReport) -> None:
    assert decode_event(ExtractedReport, encode_event(report)) == report


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.integers(-9, 40), max_size=12))
def test_any_text_is_respelt_or_left_whole(source: str, text: str, runs: list[int]) -> None:
    runs = runs[: len(runs) // 3 * 3]
    try:
        spelling = respell(source, runs, text)
    except (ValueError, IndexError):
        return
    assert spelling is None or spelling.text(source, runs) == text


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(0, 300), st.just(7), st.just(0)), max_size=30))
def test_columns_come_back_as_they_were(rows: list[tuple[int, int, int, int]]) -> None:
    writer = ColumnWriter()
    columns = list(zip(*rows, strict=True)) or [()] * 4
    writer.table(*columns)
    writer.block(b"after")
    reader = ColumnReader(writer.done())
    assert list(map(tuple, reader.table(4))) == columns
    assert reader.block() == b"after"


def test_two_bytes_are_one_character_in_every_charset_that_pages_are_read_in() -> None:
    """`decoded` reads GB 18030 as GBK where it can."""
    for pair in (bytes((first, second)) for first in range(256) for second in range(256)):
        try:
            read = pair.decode("gbk")
        except UnicodeDecodeError:
            continue
        assert pair.decode("gb18030") == read


# ── what is no event ─────────────────────────────────────────────────────────────────────────────────────────────────


def _parts(packed: bytes) -> list[bytes]:
    """The parts of a packed event, unpacked."""
    number, parts = codec._split(packed)
    return codec._unpacked(parts, codec._FORMS[number].words)


def _packed(parts: list[bytes], number: int = codec._FORM) -> bytes:
    small = [codec._compressed(part) if part else b"" for part in parts]
    return b"".join((codec._MARK, codec._PARTS.pack(number, *map(len, small)), *small))


def _mutants(parts: list[bytes], number: int, dice: random.Random) -> Iterator[bytes]:
    for _ in range(1200):
        mutant = list(parts)
        which = dice.randrange(1, len(parts))
        changed = bytearray(mutant[which])
        for _ in range(dice.randrange(1, 5)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        mutant[which] = bytes(changed[: None if dice.random() < 0.8 else dice.randrange(len(changed))])
        yield _packed(mutant, number)


@pytest.mark.hypothesis  # for `make test-search`
@pytest.mark.parametrize("number", codec._FORMS)
@pytest.mark.parametrize("model", [ExtractedReport, TabledReport])
def test_forged_parts_find_nothing_but_refusals(
    number: int, model: type[ExtractedReport | TabledReport], seed: int
) -> None:
    """The frames themselves are sound: what is forged is what is in them."""
    parts = _parts(Path(__file__).with_name("carried").joinpath(f"linhe-2017.packed-{number}").read_bytes())
    for mutant in _mutants(parts, number, random.Random(seed)):
        assert_costs(partial(_read_or_refused, model, mutant, f"seed {seed}"), 6_500, f"seed {seed}")


def _read_or_refused(model: type[ExtractedReport | TabledReport], mutant: bytes, which: str) -> None:
    try:
        event = decode_event(model, mutant)
        report = event.report() if isinstance(event, TabledReport) else event
        ExtractedReport.model_validate_json(report.model_dump_json())  # of the right types, whatever it says
    except Permanent as refusal:
        assert refusal.reason in {Reason.INVALID_EVENT, Reason.UNKNOWN_VERSION}, which
    except Exception as error:
        raise AssertionError(f"{which}: {mutant!r}") from error


def _with_runs(runs: list[int]) -> Callable[[list[bytes]], list[bytes]]:
    def forge(parts: list[bytes]) -> list[bytes]:
        form, *lengths = struct.unpack_from("<BIII", parts[1])
        del form
        writer = ColumnWriter()
        writer.table(runs[0::3], runs[1::3], [0] * (len(runs) // 3))
        return [parts[0], parts[1][: 13 + sum(lengths)] + writer.done(), *parts[2:]]

    return forge


def _nothing(part: int, columns: int) -> Callable[[list[bytes]], list[bytes]]:
    """As many rows as a table may have, each column of them in two bytes."""

    def forge(parts: list[bytes]) -> list[bytes]:
        reader, writer = ColumnReader(parts[part]), ColumnWriter()
        writer.block(reader.block())
        if part == FACTS:
            writer.block(b"")
        forged = writer.done() + struct.pack("<I", MAX_ROWS) + bytes((0, 0)) * columns + struct.pack("<II", 0, 0)
        return [*parts[:part], forged, *parts[part + 1 :]]

    return forge


def _with_note(part: int, at: int, note: Any) -> Callable[[list[bytes]], list[bytes]]:
    def forge(parts: list[bytes]) -> list[bytes]:
        reader, writer = ColumnReader(parts[part]), ColumnWriter()
        notes = orjson.loads(reader.block())
        notes[at] = note
        writer.block(orjson.dumps(notes))
        return [*parts[:part], writer.done() + reader.rest(), *parts[part + 1 :]]

    return forge


#: Parts of an event, and notes of its facts.
SECTIONS, FACTS = 2, 3
KINDS, VALUES, ODD, CHECKS = 0, 3, 5, 6


@pytest.mark.parametrize(
    "forge",
    [
        lambda parts: [*parts[:3], struct.pack("<I", 1 << 31) + parts[3][4:]],
        _nothing(FACTS, 11),
        _nothing(SECTIONS, 8),
        _with_runs([0, 100_000, 100_000, -100_000, 100_000, 100_000] * 5000),
        _with_runs([0, 1 << 40, 1 << 40]),
        _with_note(FACTS, KINDS, []),
        _with_note(FACTS, VALUES, [1.0]),
        _with_note(FACTS, ODD, [[MAX_ROWS, "", "", 0]]),
        _with_note(FACTS, CHECKS, [["a"], [], [], [], [], []]),
        _with_note(FACTS, CHECKS, [["a"], [True], [1], [1], [[MAX_ROWS]], ["relation"]]),
        _with_note(SECTIONS, KINDS, []),
        _with_note(SECTIONS, 1, [[0, 1, 2]]),
    ],
    ids=[
        "rows_without_end", "facts_of_nothing", "sections_of_nothing", "a_source_repeated", "a_run_without_end",
        "facts_of_no_kind", "fewer_values_than_facts", "a_fact_that_is_not_there", "half_a_check",
        "a_check_of_no_facts", "sections_of_no_style", "a_heading_that_is_a_number",
    ],
)  # fmt: skip
def test_a_few_bytes_that_ask_for_much_are_refused_at_once(forge: Callable[[list[bytes]], list[bytes]]) -> None:
    forged = _packed(forge(_parts(encode_event(_stages(SAMPLES[1])[2]))))

    def read() -> None:
        with pytest.raises(Permanent) as refused:
            decode_event(ExtractedReport, forged)
        assert refused.value.reason == Reason.INVALID_EVENT

    assert_costs(read, 4_000)


def test_an_event_that_lists_fewer_numbers_than_its_facts_ask_for_is_refused() -> None:
    """In form 1, where numbers are listed that the words do not say."""
    parts = _parts(Path(__file__).with_name("carried").joinpath("lixi-2023.packed-1").read_bytes())
    tables_at = parts[3].rindex(b'{"kinds"')
    tables = orjson.loads(parts[3][tables_at:])
    assert tables["numbers"], "a sample whose facts list a number"
    tables["numbers"] = []
    forged = orjson.dumps(tables)
    parts[3] = parts[3][: tables_at - 4] + struct.pack("<I", len(forged)) + forged
    with pytest.raises(Permanent) as refused:
        decode_event(ExtractedReport, _packed(parts, 1))
    assert refused.value.reason == Reason.INVALID_EVENT


def test_an_event_of_another_stream_or_another_dictionary_is_refused() -> None:
    normalized, sectioned, _ = _stages(SAMPLES[0])
    with pytest.raises(Permanent) as refused:
        decode_event(ExtractedReport, encode_event(sectioned))
    assert refused.value.reason == Reason.INVALID_EVENT
    head, page, *_ = _parts(encode_event(sectioned))
    small = [codec._compressed(part) for part in (head, page)]
    newer = codec._MARK + codec._PARTS.pack(99, *map(len, small), 0, 0) + b"".join(small)
    with pytest.raises(Permanent) as refused:
        decode_event(NormalizedReport, newer)
    assert refused.value.reason == Reason.UNKNOWN_VERSION
    head = orjson.dumps({**orjson.loads(head), "schema_version": 2})
    small = [codec._compressed(part) for part in (head, page)]
    newer = codec._MARK + codec._PARTS.pack(1, *map(len, small), 0, 0) + b"".join(small)
    with pytest.raises(Permanent) as refused:
        decode_event(NormalizedReport, newer)
    assert refused.value.reason == Reason.UNKNOWN_VERSION
    assert normalized.schema_version == 1


def test_a_report_with_more_facts_than_a_table_holds_is_written_as_json() -> None:
    source = Source(text="共3件", charset="utf-8", media_type="text/plain", raw_bytes=7)
    fact = Fact(quote="共3件", number_text="3件", text_start=1, text_end=3, raw_start=1, raw_end=3, quote_start=0,
                quote_end=3, value=3.0)  # fmt: skip
    report = ExtractedReport(
        entry="e/1-0", accepted_at=0.0, source=source, text="共3件", alignment=Alignment(runs=[0, 3, 3]),
        document=Document(), report_id="", signature="", script_confidence=1.0, facts=[fact] * (MAX_ROWS + 1),
        sections=[Section(order=1, level=1, marker=None, heading="", kind="other", run_in=False, text_start=0, text_end=3,
                          body_start=0)],
    )  # fmt: skip
    packed = encode_event(report, Opened(report))
    assert not is_packed(packed)
    assert len(decode_event(ExtractedReport, packed).facts) == MAX_ROWS + 1


CARRIED = sorted(Path(__file__).with_name("carried").glob("*.packed-*"))


@pytest.mark.parametrize("packed", CARRIED, ids=lambda path: path.name)
def test_events_that_databases_and_dead_letters_hold_are_read_for_ever(packed: Path) -> None:
    # Written once by the version that its name says, never again: a change of the form takes a new number.
    said = zstandard.decompress(packed.with_suffix(".json.zst").read_bytes())
    event = decode_event(ExtractedReport, packed.read_bytes())
    assert orjson.loads(event.model_dump_json()) == orjson.loads(said)
    assert decode_event(TabledReport, packed.read_bytes()).report() == event
    assert len(event.facts) > 30


# ── as tables ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", SAMPLES[:6], ids=lambda path: path.name)
def test_an_extracted_event_is_read_as_tables_too(path: Path) -> None:
    report = _stages(path)[2]
    for packed in (encode_event(report), _as_json(report)):
        tabled = decode_event(TabledReport, packed)
        assert list(tabled.facts["metric"]) == [fact.metric for fact in report.facts]
        assert list(tabled.sections["heading"]) == [section.heading for section in report.sections]
        for name, record in RECORDS.items():
            assert list(vars(tabled)[name]) == list(record.model_fields)
        assert tabled.report() == report
        assert encode_event(tabled) == encode_event(report)


def test_no_other_event_is_read_as_tables() -> None:
    for event in _stages(SAMPLES[0])[:2]:
        with pytest.raises(Permanent) as refused:
            decode_event(TabledReport, encode_event(event))
        assert refused.value.reason == Reason.INVALID_EVENT
