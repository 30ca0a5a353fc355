"""Sections kept as columns: whoever asks for records gets them, and no stage pays for records that nobody asks for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.alignment import Alignment
from shared.codec import decode_event, encode_event, open_event
from shared.columns import Table, columns_of
from shared.cuttings import Cuttings
from shared.events import NormalizedReport, RawReport, Repair, Section, SectionedReport, Source

PAGE = """青禾县2023年法治政府建设年度报告

青禾县扎实推进法治政府建设,现将有关情况报告如下:

一、主要工作
(一)健全决策机制。全年审查文件36件,组织听证4场。
(二)规范执法行为。办理行政处罚案件1204件,年末回头看。
二、存在的问题
基层执法力量还不够充实,与群众的期待相比还有差距。
三、下一步打算
持续深化改革。
"""


def _normalized(page: str = PAGE) -> NormalizedReport:
    return normalize_report(RawReport(entry="fazhi:intake/1-0", accepted_at=0.0, body=page.encode()))


def _sectioned(page: str = PAGE) -> SectionedReport:
    return outline_report(_normalized(page))


def _in_records(report: SectionedReport) -> SectionedReport:
    """The same report with a list of records."""
    return report.model_copy(update={"sections": [Section(**section.model_dump()) for section in report.sections]})


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sections were made into records, each time that any were."""
    counts: list[int] = []
    trusted_each = Section.trusted_each

    def counted(records: Sequence[dict]) -> list[Section]:
        counts.append(len(records))
        return trusted_each(records)

    monkeypatch.setattr(Section, "trusted_each", counted)
    return counts


def test_from_the_page_to_the_facts_no_record_of_a_section_is_made_and_no_heading_is_cut_before_it_is_read(made):
    opened = open_event(NormalizedReport, encode_event(_normalized()))
    sectioned = outline_report(opened.event)
    packed = encode_event(sectioned, opened)
    assert sectioned.sections.columns["heading"]._words is None
    assert sectioned.sections.columns["marker"]._words is None
    second = open_event(SectionedReport, packed)
    extracted = extract_report(second.event)
    assert {fact.section for fact in extracted.facts} == {"(一)健全决策机制", "(二)规范执法行为"}
    assert second.packed_sections in encode_event(extracted, second)
    assert made == []
    assert decode_event(SectionedReport, packed) == sectioned
    assert made


def test_a_table_is_a_sequence_of_records_that_are_made_once(made):
    sections = _sectioned().sections
    assert isinstance(sections, Table)
    assert len(sections) == 6
    assert made == []
    assert [section.heading for section in sections[1:3]] == ["主要工作", "健全决策机制"]
    assert sections[0] is next(iter(sections))
    assert sections[-1].kind == "plan"
    assert sections == list(sections)
    assert sections != [*sections, sections[0]]
    assert sections[3] in sections
    assert made == [6]


def test_a_record_that_was_changed_is_written_as_it_is():
    report = _sectioned()
    report.sections[2].confidence = 0.25
    report.sections[1].heading = "别的标题"
    assert report.sections.columns["confidence"][2] == 0.25
    back = decode_event(SectionedReport, encode_event(report))
    assert back == report
    assert back.sections[1].heading == "别的标题"


def test_a_report_is_the_same_with_a_table_of_sections_and_with_a_list():
    report = _sectioned()
    listed = _in_records(report)
    assert isinstance(listed.sections, list)
    assert report == listed
    assert report.model_dump() == listed.model_dump()
    assert report.model_dump_json() == listed.model_dump_json()
    assert SectionedReport.model_validate_json(report.model_dump_json()) == report
    assert encode_event(report) == encode_event(listed)
    assert extract_report(report) == extract_report(listed)


def test_a_report_is_checked_as_before_and_a_table_stands_as_it_is():
    report = _sectioned()
    fields = {name: getattr(report, name) for name in SectionedReport.model_fields}
    assert SectionedReport(**fields).sections is report.sections
    with pytest.raises(ValueError, match=r"level"):
        SectionedReport(**{**fields, "sections": [{**report.sections[0].model_dump(), "level": "high"}]})
    for wrong in (None, 5, {"sections": []}, [None]):
        with pytest.raises(ValueError, match=r"sections"):
            SectionedReport(**{**fields, "sections": wrong})
    schema = SectionedReport.model_json_schema()["properties"]["sections"]
    assert schema == {"items": {"$ref": "#/$defs/Section"}, "title": "Sections", "type": "array"}


def test_columns_without_rows_make_an_empty_table():
    table = Table(Repair, columns_of(Repair, []))
    assert len(table) == 0
    assert table == []
    assert table.columns == {"section": (), "reason": (), "confidence": ()}


def _page(runs: list[tuple[str, str]], media_type: str) -> tuple[Source, Alignment]:
    source = "".join(written for _, written in runs)
    flat = [number for text, written in runs for number in (0, len(text), len(written))]
    return (
        Source(text=source, charset="utf-8", media_type=media_type, raw_bytes=len(source.encode())),
        Alignment(runs=flat),
    )


_RUNS = st.lists(
    st.tuples(st.text("一二三(、)", min_size=1, max_size=6), st.text("壹贰叁<b>&、", min_size=1, max_size=6)),
    min_size=1,
    max_size=6,
)


@given(_RUNS, st.sampled_from(["text/html", "text/plain"]), st.data())
def test_a_cutting_is_what_the_source_writes_there(runs, media_type, data):
    source, alignment = _page(runs, media_type)
    places = st.integers(0, sum(len(text) for text, _ in runs))
    spans = [sorted(span) for span in data.draw(st.lists(st.tuples(places, places), min_size=1, max_size=5))]
    starts, ends = zip(*spans, strict=True)
    cuttings = Cuttings(source, alignment, starts, ends, empty=None)
    cut = [
        alignment.locator().cut(source.text, start, end, markup=media_type == "text/html") or None
        for start, end in spans
    ]
    assert len(cuttings) == len(spans)
    assert list(cuttings) == cut
    assert [cuttings[at] for at in range(len(spans))] == cut
    assert cuttings[1:] == cut[1:]


@given(st.text("一二、()。\n加强工作 0", max_size=60), _RUNS, st.sampled_from(["text/html", "text/plain"]))
def test_a_table_is_packed_as_its_records_are_whatever_the_way_to_the_source(text, runs, media_type):
    source, alignment = _page([*runs, (text, text)] if text else runs, media_type)
    whole = "".join(part for part, _ in runs) + text
    page = _normalized().model_copy(update={"text": whole, "source": source, "alignment": alignment})
    report = outline_report(page)
    packed = encode_event(report)
    assert packed == encode_event(_in_records(report))
    assert decode_event(SectionedReport, packed) == report
