"""What dense annual reports leave unsaid: signs for verbs, bodies for documents, levels for rates; invented places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from services.extractor.extract import extract_report

if TYPE_CHECKING:
    from shared.events import Fact, SectionedReport

Read = Callable[..., list["Fact"]]
Report = Callable[..., "SectionedReport"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全市行政复议收案310件(+22.5%)", [None, "increase"]),
        ("新设经营主体2.3万户、同比-12.4%", [None, "decrease"]),
        ("信访总量3210件↓12.3%", [None, "decrease"]),
        ("平均减环节55%、减材料48%", ["decrease", "decrease"]),
        ("占比由12%-15%", [None]),
    ],
)
def test_a_sign_before_a_rate_is_its_change(text: str, expected: list[str | None], facts: Read) -> None:
    assert [fact.change for fact in facts(text)] == expected


def test_a_change_by_its_sign_speaks_of_the_level_before_it(report: Report) -> None:
    level, change = extract_report(report("新设经营主体2.3万户、同比+12.4%")).facts
    assert (change.metric, change.subject) == (level.metric, level.subject)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每个镇街至少配备2名公职律师", ("2名", "at_least", None)),
        ("培育法律明白人3100名,平均每村8.2名", ("8.2名", "exact", None)),
    ],
)
def test_what_falls_on_one_place_is_no_sum(text: str, expected: tuple[str, str, None], report: Report) -> None:
    fact = extract_report(report(text)).facts[-1]
    assert (fact.number_text, fact.qualifier, fact.metric) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "以县政府名义制发规范性文件11件,部门9件,乡镇3件,合计23件",
            ["以县政府名义制发规范性文件", "部门规范性文件", "乡镇规范性文件", "规范性文件"],
        ),
        (
            "省级事项网上可办率达97.2%,市县两级分别达到95.1%和91%",
            ["省级事项网上可办率", "市级事项网上可办率", "县级事项网上可办率"],
        ),
        (
            "行政争议调解中心受理76件,化解51件",
            ["行政争议调解中心受理案件", "化解的行政争议调解中心案件"],
        ),
        ("印发年度普法工作要点,明确7个方面42项", ["年度普法工作要点任务"]),
        ("截至目前,调解结案14件", ["调解结案"]),
        ("综合排名居全市第2", ["综合全市排名"]),
    ],
)
def test_a_name_left_unsaid_is_the_one_beside_it(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == expected


def test_levels_that_share_a_rate_have_its_metric_and_their_scope(report: Report) -> None:
    found = extract_report(report("省级政务服务事项网上可办率达97.2%,市县两级分别达到95.1%和91%")).facts
    assert len({fact.metric for fact in found}) == 1
    assert [fact.scope for fact in found[1:]] == ["市级", "县级"]


def test_a_place_in_brackets_is_one_word(report: Report) -> None:
    places, powers = extract_report(report("赋予12个镇(街道、区)行政处罚事项530项")).facts
    assert (places.metric, powers.metric) == (None, "enforcement.delegated_powers")
    assert places.scope == "镇(街道、区)"


def test_what_a_bracket_says_of_another_year_ends_with_it(facts: Read) -> None:
    found = facts("新收行政复议申请2100件(2020年为700件),同比增长200%")
    assert [(fact.modality, fact.period) for fact in found] == [
        ("actual", None),
        ("baseline", "2020年"),
        ("actual", None),
    ]


def test_a_level_that_acts_is_no_noun(facts: Read) -> None:
    found = facts("全市共收到行政复议申请350件,审结300件。市本级收到120件,受理110件,审结105件,其中维持60件")
    assert [fact.subject for fact in found[2:]] == [
        "市本级收到的行政复议申请",
        "受理的行政复议案件",
        "审结的行政复议案件",
        "维持的行政复议案件",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("查处不当文件3件。对2010年以来的文件进行了清理,共清理860件,废止120件", ["清理的文件", "废止的文件"]),
        ("调处民间纠纷900件。受理信访总量5100件次,其中来信1200件", ["受理信访总量", "来信"]),
        ("行政诉讼一审案件150件、二审70件、再审9件", ["行政诉讼二审案件", "行政诉讼再审案件"]),
        ("建成服务站90个。用水、用气报装分别压缩至4个工作日、6个工作日", ["用水报装", "用气报装"]),
    ],
)
def test_what_is_counted_stands_in_the_sentence_itself(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)][1:] == expected


def test_a_number_before_what_its_things_did_counts_the_things(report: Report) -> None:
    bodies, cases = extract_report(report("各类人民调解组织230个共受理民间纠纷9800件")).facts
    assert (bodies.metric, cases.metric) == ("mediation.organizations", "mediation.accepted")


@pytest.mark.parametrize(
    "text",
    ["PM2.5平均浓度31微克/立方米,同比改善6.1%", "PM2.5浓度较上年改善6.1%"],
)
def test_less_of_what_is_harmful_is_better(text: str, facts: Read) -> None:
    assert facts(text)[-1].change == "decrease"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新设经营主体5.6万户、总量36.1万户", ["新设经营主体", "经营主体总量"]),
        (
            "市政府制定规范性文件40件,市级部门制定300件,区县制定1200件",
            ["制定规范性文件", "市级部门制定的规范性文件", "区县制定的规范性文件"],
        ),
        (
            "组织法律知识考试5批、7600人参考、通过率80.9%",
            ["法律知识考试", "法律知识考试参考人员", "法律知识考试通过率"],
        ),
    ],
)
def test_an_item_of_a_list_says_only_what_is_its_own(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == expected


def test_what_the_government_submits_is_no_proposal_of_the_assembly(facts: Read) -> None:
    submitted, proposals = facts("提请市人大常委会审议地方性法规议案12件。办理全国人大代表建议10件")
    assert (submitted.scope, proposals.scope) == (None, "全国人大")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("收到行政复议申请70件,案前调解撤回6件,审结55件", ["调解撤回的行政复议案件", "审结的行政复议案件"]),
        (
            "行政诉讼一审案件40件,其中山林确权25件;已审结30件,败诉5件,败诉率16.7%",
            ["败诉的行政诉讼一审案件", "行政诉讼一审案件败诉率"],
        ),
        ("接待来访60批130人次,批次下降8%、人次下降12%", ["接待来访批次", "接待来访人次"]),
    ],
)
def test_what_is_said_next_is_of_the_cases_counted(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)][-2:] == expected


def test_more_than_the_whole_is_no_part_of_it(report: Report) -> None:
    found = extract_report(report("出具法律审查意见180份,其中合同协议类110份;乡镇合法性审查740件")).facts
    assert found[2].metric == found[0].metric == "legality_review.reviewed"
