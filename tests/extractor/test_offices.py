"""What bureaus, streets and zones write of their own year: subjects and metrics beside each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.extract import extract_report
from shared.events import Fact, SectionedReport

SUBJECTS = {
    "核实违法点位430个,查处到位396个,整改率92%": ["核实违法点位", "查处到位的核实违法点位", "核实违法点位整改率"],
    "制作普法短片18部,总播放量突破90万次": ["普法短片", "普法短片播放量"],
    "组织旁听庭审3次;干部参加网上法律知识考试,平均成绩91分": ["旁听庭审", "网上法律知识考试平均成绩"],
    "群众满意率96%,在全区7个街道中排名第2": ["群众满意率", "街道", "群众满意率全区排名"],
    "审结行政复议案件26件,终止4件,2件尚未审结": ["审结行政复议案件", "终止的行政复议案件", "尚未审结的行政复议案件"],
    "审结行政复议案件26件,终止4件,2件结转下年": ["审结行政复议案件", "终止的行政复议案件", "结转下年的行政复议案件"],
    "取得法律职业资格的仅6人;消费纠纷高发,占纠纷总量的四成": ["法律职业资格", "消费纠纷占纠纷总量比例"],
    "对18件规章草案提出修改意见52条": ["规章草案", "规章草案修改意见"],
    "配合完成专项审计,指出的15个问题已整改12个": ["专项审计指出的问题", "整改的问题"],
    "印发年度法治工作要点,细化28项具体任务": ["法治工作具体任务"],
    "由退休教师、老党员等组成的宣讲队12支": ["宣讲队"],
    "青石镇位于云岭县东部,辖区面积86平方公里": ["青石镇面积"],
    "信访总量90件,位居市直部门第二": ["信访总量", "信访总量市直部门排名"],
    "项目审批时间再压缩8个工作日": ["项目审批时间"],
    "低于75分的案卷有6份": ["案卷"],
    "查获濒危植物及其制品3吨、冻品40吨": ["查获濒危植物及其制品", "冻品"],
    "审计项目18个,发现问题90个,提出建议42条": ["审计项目", "审计发现的问题", "审计建议"],
    "清理内部制度260份,决定废止48份": ["清理内部制度", "废止的内部制度"],
    "受理信访事项430件,其中住房类120件、物业类80件,受理率、办结率分别为100%、98%": [
        "受理信访事项", "受理的住房类", "受理的物业类", "信访事项受理率", "信访事项办结率",
    ],
    "制定年度法治建设工作要点,明确任务5个方面26条": ["年度法治建设工作要点任务"],
    "8所小学、幼儿园配齐法治副校长8名": ["小学、幼儿园", "小学、幼儿园配齐法治副校长"],
    "平均减环节3个、减材料5份、压时限60%": ["平均减环节", "平均减材料", "压时限"],
    "创建国家森林城市,森林覆盖率达61%": ["森林覆盖率"],
    "社区矫正在册对象36人,全年入矫18人、解矫21人": ["社区矫正在册对象", "入矫人员", "解矫人员"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "subjects"), SUBJECTS.items())
def test_the_words_of_an_office_complete_its_subjects(
    text: str, subjects: list[str], facts: Callable[..., list[Fact]]
) -> None:
    assert [fact.subject for fact in facts(text)] == subjects


METRICS = {
    "合法性审核各类文件、合同160件,其中规范性文件7件、合同协议120份、信息公开答复18件": [
        "legality_review.reviewed", "legality_review.normative_documents", "legality_review.contracts", None,
    ],
    "全系统持证执法人员860人,其中省局机关45人": ["certification.officers", "certification.officers"],
    "抽查案卷中有6卷文书不规范": [None],
    "36名持证人员中专职从事执法的仅4人": ["certification.officers", None],
    "承接下放行政职权320项,其中行政处罚260项、行政许可40项": ["approvals.items_taken_over", None, None],
    "查处有偿补课等师德失范行为4起": [None],
}  # fmt: skip


@pytest.mark.parametrize(("text", "metrics"), METRICS.items())
def test_parts_of_an_office_keep_or_lose_the_metric_of_their_whole(
    text: str, metrics: list[str | None], report: Callable[..., SectionedReport]
) -> None:
    assert [fact.metric for fact in extract_report(report(text)).facts] == metrics


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("行政诉讼败诉率为0", (0, "%", None)),
        ("国家赔偿案件连续3年为零", (0, "件", None)),
        ("责任事故均为零", (0, "起", None)),
        ("立案数同比增加3成", (30, "%", "increase")),
        ("占比超7成", (70, "%", None)),
        ("审批时限再压缩8个工作日", (8, "workday", "decrease")),
        ("审批时限压缩至8个工作日", (8, "workday", None)),
        ("综合考核位居市直部门第二", (2, "rank", None)),
    ],
)
def test_zeros_tenths_and_cuts_are_read_however_they_are_written(
    text: str, found: tuple[float, str, str | None], facts: Callable[..., list[Fact]]
) -> None:
    assert [(fact.value, fact.unit, fact.change) for fact in facts(text)] == [found]


def test_the_score_that_tells_which_things_are_counted_is_no_fact(facts: Callable[..., list[Fact]]) -> None:
    assert [fact.number_text for fact in facts("低于75分的案卷有6份")] == ["6份"]
