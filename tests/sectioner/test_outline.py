"""What an outline promises whatever the page looks like."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.normalizer.normalize import normalize_report
from services.sectioner.numbering_faults import REASONS
from services.sectioner.outline import MAX_SECTIONS, outline_report
from shared.alignment import Alignment
from shared.errors import Permanent, Reason
from shared.events import NormalizedReport, RawReport, SectionedReport
from tests.support.cost import assert_costs, assert_grows_linearly

PIECES = [
    "一、主要工作", "二、存在的问题", "三、下一步打算", "(一)加强领导", "(二)规范执法。", "1.", "2、", "(1)推进公开。", "2)强化监督。",
    "一是健全制度。", "二是强化培训;", "①精简材料", "第一部分 工作情况", "首先,统一思想。", "全县办理案件12件,化解纠纷8起。", "为深入推进依法行政,",
    "下一步,我县将做好以下工作:", "“", "”", "《", "》", " ", "\u3000", "\n", "\n\n", "\t", "。", ";", ":", "附件1", "目录", "2024年",
    "加强组织领导", "云溪县人民政府", "3", "…", "A", "(", ")", "十、", "九十九、", "100.",
]  # fmt: skip
PAGES = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=60).map("".join)


def check_tree(report: SectionedReport) -> None:
    """Sections tile the text, contain each other or are apart, and stand in text order."""
    sections, text = report.sections, report.text
    if not text:
        assert sections == []
        return
    assert [section.order for section in sections] == list(range(1, len(sections) + 1))
    assert sections[0].text_start == 0
    starts = [section.text_start for section in sections]
    assert starts == sorted(set(starts))
    open_ends: list[int] = []
    reached = 0
    for section in sections:
        while open_ends and open_ends[-1] <= section.text_start:
            reached = open_ends.pop()
        assert section.text_start < section.text_end <= len(text)
        if open_ends:
            assert section.text_end <= open_ends[-1]
        elif section.order > 1:
            assert section.text_start == reached  # no gap between the sections of the top
        open_ends.append(section.text_end)
        assert section.text_start <= section.body_start <= section.text_end
        assert 1 <= section.level <= 5
        assert 0.0 < section.confidence <= 1.0
    assert max(section.text_end for section in sections) == len(text)
    orders = {section.order for section in sections}
    for repair in report.repairs:
        assert repair.section in orders
        assert repair.reason in REASONS


@settings(max_examples=300, deadline=None)
@given(PAGES)
def test_sections_tile_the_text_and_stand_in_order(sectioned, text):
    report = sectioned(text)
    check_tree(report)
    for section in report.sections:
        written = (section.marker or "") + section.heading
        assert re.sub(r"\s", "", written) in re.sub(r"\s", "", text[section.text_start : section.body_start] or text)


def test_an_empty_text_has_no_section(sectioned):
    assert sectioned("").sections == []


def test_text_without_a_heading_is_a_preamble(sectioned):
    (section,) = sectioned("全县推进依法行政,各项工作有序开展。\n群众满意度持续提升。").sections
    assert (section.kind, section.level, section.marker, section.heading) == ("preamble", 1, None, "")


def test_a_title_alone_before_the_first_heading_is_no_preamble(sectioned):
    title = "云岭市水务局2022年法治政府建设报告"
    alone = sectioned("云岭市水务局\n2022年法治政府建设报告\n一、主要工作\n内容。", title=title).sections
    assert [(section.kind, section.text_start) for section in alone] == [("achievements", 0)]
    told = sectioned(f"{title}\n现将情况报告如下:\n一、主要工作\n内容。", title=title).sections
    assert [section.kind for section in told] == ["preamble", "achievements"]


def test_marker_and_heading_are_cut_from_the_source(sectioned):
    text = "一、主要工作\n(一)规范执法。内容。"
    raw = "一、主要工作\n（一）規範執法。內容。"
    sections = sectioned(text, raw=raw).sections
    assert [(section.marker, section.heading) for section in sections] == [("一、", "主要工作"), ("（一）", "規範執法")]


def test_tags_inside_a_heading_of_a_page_are_left_out(sectioned):
    report = sectioned("一、主要&工作")
    markup = "一、<b>主要</b>&amp;<i>工作</i>"
    aligned = report.model_copy(
        update={
            "source": report.source.model_copy(update={"text": markup, "media_type": "text/html"}),
            "alignment": Alignment.from_runs([(0, 2, 0, 2), (2, 4, 5, 7), (4, 5, 11, 16), (5, 7, 19, 21)]),
        }
    )
    again = outline_report(
        NormalizedReport.model_construct(**{k: getattr(aligned, k) for k in NormalizedReport.model_fields})
    )
    assert again.sections[0].heading == "主要&工作"


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("一、主要工作\n加强组织领导\n1.压实责任。内容。\n(二)规范执法\n内容。", 2, "lost_number"),
        ("(1)精简事项。内容。\n2)压缩时限。内容。", 2, "lost_bracket"),
        ("一)主要工作。内容。\n(二)规范执法。内容。", 1, "lost_bracket"),
        ("一、主要工作\n2.规范执法。内容。", 2, "late_start"),
        ("(一)规范执法。内容。\n(一)强化监督。内容。", 2, "repeated_number"),
        ("(一)规范执法。内容。\n(四)强化监督。内容。", 2, "skipped_number"),
        ("(一)规范执法。内容。\n(二)强化监督。内容。\n(一)强化培训。内容。", 3, "restarted"),
        ("(一)规范执法。内容。\n(三)强化监督。内容。\n(二)强化培训。内容。", 3, "out_of_order"),
        ("1.规范执法。内容。\n2、强化监督。内容。", 2, "mixed_signs"),
        ("一、主要工作(一)规范执法。内容。\n(二)强化监督。内容。", 1, "glued_heading"),
    ],
)
def test_a_fault_of_the_numbering_is_recorded_and_not_mended(sectioned, text, order, reason):
    report = sectioned(text)
    assert (order, reason) in [(repair.section, repair.reason) for repair in report.repairs]
    assert report.sections[order - 1].confidence <= 1.0
    assert [s.marker for s in report.sections if s.marker and s.marker in text] == [
        s.marker for s in report.sections if s.marker
    ]


def test_numbers_that_run_on_across_chapters_are_no_fault(sectioned):
    report = sectioned("一、主要工作\n1.规范执法。内容。\n2.强化监督。内容。\n二、下一步打算\n3.强化培训。内容。")
    assert report.repairs == []


def test_half_width_and_full_width_pages_have_one_outline():
    half = (
        "云溪县2023年法治政府建设年度报告\n2023年,云溪县扎实推进依法行政,现将有关情况报告如下:\n"
        "一、主要工作情况\n(一)加强组织领导,压实工作责任。县政府常务会议专题研究4次,解决问题12个。\n"
        "1.健全学法制度。组织学法6次,覆盖率100%。\n2、强化培训:举办培训班3期。\n(二)规范行政执法\n"
        "一是完善制度。修订制度5项。二是强化监督。抽查案卷80件。\n(1)落实公示制度。公示信息900条。\n"
        "二、存在的问题\n执法力量仍较薄弱,普法形式不够新颖。\n三、2024年工作打算\n(一)加强队伍建设。计划培训200人次。\n"
    )
    full = half.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    outlines = []
    for page in (half, full):
        report = outline_report(
            normalize_report(RawReport(entry="fazhi:intake/1-0", accepted_at=0.0, body=page.encode()))
        )
        check_tree(report)
        outlines.append([(s.level, s.kind, s.run_in, s.body_start - s.text_start) for s in report.sections])
    assert outlines[0] == outlines[1]
    assert len(outlines[0]) == 12


ADVERSARIAL = {
    "markers on one line": "一、" * 50_000,
    "titles on one line": "一、主要工作。" * 14_000,
    "glued markers": "".join(f"{n % 999 + 1}.加强" for n in range(25_000)),
    "spaces": " " * 100_000,
    "digits": "1" * 100_000,
    "opening quotes": "“(一)" * 25_000,
    "short lines": "加强领导\n" * 20_000,
    "enumerators": "一是" * 50_000,
    "colons": "1:" * 50_000,
    "spaced markers": "一、工作 " * 20_000,
    "tabs": "\t" * 100_000,
}


@pytest.mark.parametrize("case", ADVERSARIAL)
def test_a_hostile_page_of_100_kb_is_cheap(sectioned, case):
    def read() -> None:
        try:
            check_tree(sectioned(ADVERSARIAL[case]))
        except Permanent as refused:
            assert refused.reason is Reason.TOO_COMPLEX

    assert_costs(read, 2_500)


def test_a_page_with_more_headings_than_a_report_can_have_is_refused(sectioned):
    with pytest.raises(Permanent) as refused:
        sectioned("一、主要工作\n" * (MAX_SECTIONS + 1))
    assert refused.value.reason is Reason.TOO_COMPLEX


def test_time_grows_with_length_and_no_faster(sectioned):
    page = "一、主要工作\n(一)规范执法。" + "全县各部门按照要求抓好落实。" * 12 + "一是健全制度。内容。\n"
    assert_grows_linearly(lambda pages: sectioned(page * pages), 100, 800)


REFERENCE = Path(os.environ.get("FAZHI_REFERENCE", Path(__file__).parents[3] / "shared"))
WORK_REPORTS = REFERENCE / "corpus" / "work-reports"


@pytest.mark.skipif(not WORK_REPORTS.is_dir(), reason="no reference corpus here (FAZHI_REFERENCE)")
def test_reports_of_another_kind_have_a_tree_too():
    for path in sorted(WORK_REPORTS.glob("*.txt"))[::8]:
        raw = RawReport(entry=f"file/{path.name}", accepted_at=0.0, body=path.read_bytes())
        check_tree(outline_report(normalize_report(raw)))


@pytest.mark.parametrize("mutation", range(12))
def test_the_lines_found_in_one_pass_are_read_as_one_by_one(mutation):
    """`openings` may leave a heading to the rules, but says nothing else than they say."""
    from services.sectioner.draft import UNREAD
    from services.sectioner.headings import read_heading
    from services.sectioner.numbering import marker_at
    from services.sectioner.openings import openings

    chance = random.Random(mutation)
    lines = ["引言"]
    for _ in range(400):
        marker = chance.choice(
            ["一、", "(二)", "3.", "（4）", "⑤", "二)", "第一章 ", "㈥", "6、 ", "一是", "●七、", "其一,"]
        )
        words = "".join(
            chance.choice("加强组织领导推进执法监督全我为一今1、，。:“《了情况根据 ■坚持")
            for _ in range(chance.randint(1, 14))
        )
        lines.append(marker + words + chance.choice(["", "。", "。 ", ":", "。全县抓好落实。"]))
    text = "\n".join(lines)
    found = openings(text)
    plain = [opening for opening in found if opening.heading is not UNREAD]
    assert len(plain) > 10
    for opening in found:
        end = text.find("\n", opening.start) if "\n" in text[opening.start :] else len(text)
        marker = marker_at(text, opening.start, end)
        assert marker == opening._replace(heading=UNREAD, run_in=False)
        if opening in plain:
            assert opening.heading == read_heading(text, end, marker)
