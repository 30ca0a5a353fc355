"""Facts as records: spans, quotes, sections, versions; and the explanation of every numeral."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor.candidate import Candidate, Mapped, Mapping, map_nothing
from services.extractor.explain import explain_report
from services.extractor.extract import extract_report
from services.extractor.numbers import find_numerals
from shared.alignment import Alignment
from shared.events import Document, Fact, Section, SectionedReport, Source

Read = Callable[..., list[Fact]]
Report = Callable[..., SectionedReport]

TEXT = (
    "全年受理行政复议案件36件,审结31件,其中维持20件、撤销3件,综合纠错率9.68%。\n"
    "组建14支应急队伍,开展演练120余场次,参加演练人员1.8万余人次。\n"
    "镇村干部96人参加网络普法考试,合格率100%。2021年,落实一岗双责,12345热线办理工单2310件。"
)


def test_a_fact_shows_its_words_where_they_stand(report: Report) -> None:
    extracted = extract_report(report(TEXT), mapper=map_nothing)
    assert len(extracted.facts) == 11
    for fact in extracted.facts:
        assert extracted.source.text[fact.raw_start : fact.raw_end] == fact.number_text
        assert extracted.text[fact.quote_start : fact.quote_end] == fact.quote
        assert fact.quote_start <= fact.text_start < fact.text_end <= fact.quote_end
        assert fact.number_text in fact.quote
        assert "。" not in fact.quote
        assert "\n" not in fact.quote


def test_facts_stand_in_text_order(report: Report) -> None:
    starts = [fact.text_start for fact in extract_report(report(TEXT), mapper=map_nothing).facts]
    assert starts == sorted(starts)


def test_a_subject_holds_no_number_and_no_year(report: Report) -> None:
    for fact in extract_report(report(TEXT), mapper=map_nothing).facts:
        assert fact.subject
        assert not any(character in "0123456789" for character in fact.subject)


def test_every_fact_says_what_made_it(report: Report) -> None:
    extracted = extract_report(report(TEXT))
    assert {fact.version.count("/") for fact in extracted.facts} == {2}
    assert all(fact.rule and 0 < fact.confidence <= 1 for fact in extracted.facts)
    assert any(fact.metric and fact.metric_rule and fact.metric_confidence for fact in extracted.facts)


def test_words_are_cut_from_the_source_through_the_alignment() -> None:
    source = "「受理」案件３６件,結案３１件"
    text = "“受理”案件36件,结案31件"
    runs = [0, len(text), len(source)] if len(text) == len(source) else []
    report = SectionedReport(
        entry="intake/1-0", accepted_at=0.0,
        source=Source(text=source, charset="utf-8", media_type="text/plain", raw_bytes=1),
        text=text, alignment=Alignment(runs=runs), document=Document(report_year=2022, script="Hant"),
        report_id="0", signature="0", script_confidence=1.0, sections=[],
    )  # fmt: skip
    facts = extract_report(report, mapper=map_nothing).facts
    assert [fact.number_text for fact in facts] == ["３６件", "３１件"]
    assert [fact.section for fact in facts] == [None, None]


def test_a_fact_belongs_to_the_nearest_section_above_it() -> None:
    text = "序言建成1个中心。\n一、做法\n(一)执法。检查2次。\n(二)普法。宣传3场。"
    starts = [0, text.index("一、"), text.index("(一)"), text.index("(二)")]
    names = [
        (None, "", "preamble"),
        ("一、", "做法", "achievements"),
        ("(一)", "执法", "achievements"),
        ("(二)", "普法", "plan"),
    ]
    sections = [
        Section(
            order=k + 1, level=1 if k < 2 else 2, marker=marker, heading=heading, kind=kind, run_in=k > 1,
            text_start=start, text_end=len(text), body_start=start + len(marker or "") + len(heading),
        )
        for k, (start, (marker, heading, kind)) in enumerate(zip(starts, names, strict=True))
    ]  # fmt: skip
    report = SectionedReport(
        entry="intake/1-0", accepted_at=0.0,
        source=Source(text=text, charset="utf-8", media_type="text/plain", raw_bytes=1),
        text=text, alignment=Alignment(runs=[0, len(text), len(text)]), document=Document(report_year=2022),
        report_id="0", signature="0", script_confidence=1.0, sections=sections,
    )  # fmt: skip
    facts = extract_report(report, mapper=map_nothing).facts
    assert [fact.section for fact in facts] == [None, "(一)执法", "(二)普法"]
    assert [fact.modality for fact in facts] == ["actual", "actual", "target"]
    assert [fact.section_order for fact in facts] == [1, 3, 4]


def test_an_empty_text_gives_no_facts(report: Report) -> None:
    extracted = extract_report(report(""))
    assert (extracted.facts, extracted.checks, extracted.numerals) == ([], [], 0)


def test_every_numeral_is_explained_once(report: Report) -> None:
    explained = explain_report(report(TEXT))
    taken = sorted((numeral.start, numeral.end) for numeral in explained)
    for numeral in find_numerals(TEXT):
        assert any(start <= numeral.start and numeral.end <= end for start, end in taken) or "千" in TEXT
    assert all(numeral.rule for numeral in explained)
    assert {numeral.rule for numeral in explained if not numeral.fact} >= {"date", "fixed_name", "hotline"}
    assert all(numeral.meaning for numeral in explained)


def test_numerals_are_counted_and_the_undecided_ones_apart(report: Report) -> None:
    extracted = extract_report(report("受理12件。上世纪80、90年代。见附件3"), mapper=map_nothing)
    assert extracted.numerals == 4
    assert 0 < extracted.undecided_numerals < extracted.numerals


def test_the_mapper_sees_the_clause_and_the_facts_before() -> None:
    seen: list[tuple[Candidate, int]] = []

    def mapper(candidate: Candidate, previous: tuple[Mapped, ...] = ()) -> Mapping:
        seen.append((candidate, len(previous)))
        return Mapping(None, 0.0, None)

    from tests.extractor.conftest import sectioned

    extract_report(sectioned("全年收到案件36件,审结31件,其中维持20件。"), mapper=mapper)
    assert [count for _, count in seen] == [0, 1, 2]
    for candidate, _ in seen:
        assert candidate.before + candidate.number_text + candidate.after == candidate.clause
    assert [candidate.around.subset for candidate, _ in seen] == [False, False, True]
    assert seen[1][0].around.preceding == ("全年收到案件36件",)


@given(
    st.text(
        alphabet="受理案件审结件次人名个率达同比增长下降由至、，。;(“”)《》0123456789.,%一二三十百千万亿两年月日第前近余多以上内分别和各县区 \n\t",
        max_size=120,
    )
)
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_extractor(text: str) -> None:
    from tests.extractor.conftest import sectioned

    extracted = extract_report(sectioned(text))
    for fact in extracted.facts:
        assert 0 <= fact.text_start < fact.text_end <= len(text)
        assert 0 <= fact.quote_start < fact.quote_end <= len(text)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("受理土地纠纷案件31件,调解成功27件", ["受理土地纠纷案件", "调解成功的土地纠纷案件"]),
        ("组建14支防汛抢险队伍", ["防汛抢险队伍"]),
        ("28所中小学全部配备法治副校长", ["配备法治副校长的中小学"]),
        (
            "收到行政复议申请36件,审结31件,其中维持20件、撤销3件",
            ["收到行政复议申请", "审结的行政复议案件", "维持的行政复议案件", "撤销的行政复议案件"],
        ),
        ("举办执法资格考试2场,合格率98%", ["执法资格考试", "执法资格考试合格率"]),
        ("邀请专家作专题辅导2场,听众260多人", ["专题辅导", "专题辅导听众"]),
        ("党内问责8件8人", ["党内问责案件", "党内问责人员"]),
        ("受理信访案件30件,比上年减少5件", ["受理信访案件", "受理信访案件"]),
        ("发出执法监督通知书9份、建议书17份", ["执法监督通知书", "执法监督建议书"]),
        ("街道及社区分别保留事项142项及29项", ["街道保留事项", "社区保留事项"]),
        ("12个街道、70个社区政务服务站点", ["街道政务服务站点", "社区政务服务站点"]),
        ("随机抽取28个执法单位的案卷140件开展评查", ["案卷评查涉及的执法单位", "评查的执法案卷"]),
        ("通过政府网站共发布政府信息5600余条", ["发布政府信息"]),
        ("组织131人参加4期安全培训班", ["参加安全培训班人员", "安全培训班"]),
    ],
)
def test_subjects_are_complete_without_the_sentence(text: str, subjects: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == subjects
