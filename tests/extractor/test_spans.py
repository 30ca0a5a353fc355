"""The span of time that a fact speaks of, in the ways this genre says it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.events import Fact

Read = Callable[..., list[Fact]]

# text of a report of 2022 → (period, modality) of its last fact
SPANS = {
    # since an event
    "自5月1日新规施行以来,受理申请320件": ("5月1日新规施行以来", "actual"),
    "平台上线以来,办件1200件": ("平台上线以来", "actual"),
    "我县自机构改革以来划转编制40名": ("机构改革以来", "actual"),
    "党的十九大以来,取消事项230项": ("党的十九大以来", "actual"),
    "2021年10月大厅启用以来,办件1200件": ("2021年10月大厅启用以来", "actual"),
    "2022年6月以来,受理投诉81件": ("2022年6月以来", "actual"),
    "特别是2020年以来,培训干部300人": ("2020年以来", "actual"),
    "是“十三五”期间培训干部最多的300人": ("“十三五”期间", "actual"),
    "比“十三五”期间增加300人": (None, "actual"),
    # the report year in other words
    "2022年以来,受理投诉81件": (None, "actual"),
    "今年以来,受理投诉81件": (None, "actual"),
    "近年来,受理投诉81件": (None, "actual"),
    "一直以来,受理投诉81件": (None, "actual"),
    "2022年1-12月,受理投诉81件": (None, "actual"),
    "截至2022年底,累计建成站点33个": (None, "actual"),
    "截至2023年1月,累计建成站点33个": (None, "actual"),
    "截至目前,累计建成站点33个": (None, "actual"),
    # during
    "台风“云雀”期间,转移群众300人": ("台风“云雀”期间", "actual"),
    "民法典宣传月期间举办讲座6场": ("民法典宣传月期间", "actual"),
    "“12·4”国家宪法日期间,发放资料3000份": ("“12·4”国家宪法日期间", "actual"),
    "活动期间,发放资料3000份": (None, "actual"),
    # stretches and parts of years
    "三年来,培训干部300人": ("三年来", "actual"),
    "连续5年开展培训300人": ("连续5年", "actual"),
    "连续5年开展春风行动,受理投诉81件": (None, "actual"),
    "5年来共培训干部300人": ("5年来", "actual"),
    "五年间,培训干部300人": ("五年间", "actual"),
    "近三年,培训干部300人": ("近三年", "actual"),
    "“十三五”期间,培训干部300人": ("“十三五”期间", "actual"),
    "3月—12月,收到申请20件": ("3月—12月", "actual"),
    "2022年上半年,收到申请20件": ("2022年上半年", "actual"),
    "过去一年,收到申请20件": (None, "actual"),
    "2019年至2022年,收到申请20件": ("2019年至2022年", "actual"),
    "上半年收到申请20件": ("上半年", "actual"),
    "第三季度收到申请20件": ("第三季度", "actual"),
    # the year before
    "去年同期受理案件80件": ("去年同期", "baseline"),
    "2021年同期受理案件80件": ("2021年同期", "baseline"),
    "上年结转案件5件": (None, "actual"),
}


@pytest.mark.parametrize(("text", "timing"), SPANS.items())
def test_a_span_is_the_facts_period_unless_it_is_the_report_year(
    text: str, timing: tuple[str | None, str], facts: Read
) -> None:
    last = facts(text)[-1]
    assert (last.period, last.modality) == timing


def test_a_span_at_the_front_holds_to_the_end_of_its_sentence(facts: Read) -> None:
    found = facts("自新规施行以来,受理申请320件,办结310件。全年受理诉求90件")
    assert [fact.period for fact in found] == ["新规施行以来", "新规施行以来", None]


def test_last_year_in_contrast_with_this_year_is_a_baseline(facts: Read) -> None:
    found = facts("去年受理案件80件,今年受理100件")
    assert [(fact.period, fact.modality) for fact in found] == [("去年", "baseline"), (None, "actual")]


def test_what_has_happened_since_an_event_is_done_even_in_a_plan(facts: Read) -> None:
    assert [fact.modality for fact in facts("自新规施行以来,受理申请320件", kind="plan")] == ["actual"]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("自平台上线以来办件1200件", "办件"),
        ("自平台上线以来,受理诉求3.2万件", "受理诉求"),
        ("五年间办理信访案件400件", "办理信访案件"),
        ("台风“云雀”期间转移群众300人", "转移群众"),
    ],
)
def test_no_subject_holds_the_span(text: str, subject: str, facts: Read) -> None:
    assert facts(text)[-1].subject == subject
