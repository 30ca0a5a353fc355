"""What is said not to have been done is never counted as done: neither by its metric nor by its name; invented places."""

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
    ("text", "subject"),
    [
        ("未成立综合执法队的乡镇3个", "未成立综合执法队的乡镇"),
        ("尚未成立人民调解委员会的村12个", "尚未成立人民调解委员会的村"),
        ("没有配备法律顾问的部门有3家", "没有配备法律顾问的部门"),
        ("未按期公示行政处罚信息的单位4家", "未按期公示行政处罚信息的单位"),
        ("未开展合法性审核的规范性文件2件", "未开展合法性审核的规范性文件"),
        ("审查合同32份,未通过审查的合同2份", "未通过审查的合同"),
    ],
)
def test_what_was_not_done_has_no_metric_of_what_was_done(text: str, subject: str, report: Report) -> None:
    fact = extract_report(report(text)).facts[-1]
    assert (fact.subject, fact.metric) == (subject, None)


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("尚未审结的行政复议案件8件", "reconsideration.pending"),
        ("未受理行政复议案件5件", "reconsideration.not_accepted"),
        ("作出不予行政处罚决定5件", "enforcement.leniency_cases"),
    ],
)
def test_a_metric_of_what_was_not_done_is_named(text: str, metric: str, report: Report) -> None:
    assert [fact.metric for fact in extract_report(report(text)).facts] == [metric]


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("查处未按规定佩戴头盔的交通违法行为320起", "enforcement.cases"),
        ("查处未成年人违法案件5起", "enforcement.cases"),
        ("对未按规定备案的规范性文件2件予以纠正", "normative_documents.filing_corrected"),
    ],
)
def test_an_act_outside_of_the_denial_keeps_its_metric(text: str, metric: str, report: Report) -> None:
    assert [fact.metric for fact in extract_report(report(text)).facts] == [metric]


def test_a_denial_reaches_no_further_than_its_noun(facts: Read) -> None:
    assert [fact.subject for fact in facts("未完善手续、新建绿地清理1平方公里")] == ["新建绿地清理"]
