"""Shares in words, half units, units in front of their number, labels with a number: what they are worth and say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.extract import extract_report
from shared.events import Fact, SectionedReport

Read = Callable[..., list[Fact]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("金牌数占全市一半,创历史新高", [("一半", 50, "%", "exact", None)]),
        ("会议经费压减一半以上", [("一半以上", 50, "%", "at_least", "decrease")]),
        ("超过一半,再创新高", [("超过一半", 50, "%", "more_than", None)]),
        ("拆除案件数下降一半", [("一半", 50, "%", "exact", "decrease")]),
        ("一半山水一半城", []),
        ("法律顾问费用占全县三成。", [("三成", 30, "%", "exact", None)]),
        ("调解成功的占比突破八成,居全市首位", [("突破八成", 80, "%", "more_than", None)]),
        ("检查事项精简两成五", [("两成五", 25, "%", "exact", "decrease")]),
        ("八成新的设备", []),
        ("审批时限压缩2/3以上", [("2/3以上", 66.6667, "%", "at_least", "decrease")]),
        ("金牌数占全国近1/4,创历史新高", [("近1/4", 25, "%", "approx", None)]),
        ("产值占全县1/3强", [("1/3", 33.3333, "%", "exact", None)]),
        ("窗口7/24小时服务,3/8节慰问,2023/3/8发布,5/4版", []),
        ("三成员单位联席", []),
        ("办件量增长一倍", [("一倍", 100, "%", "exact", "increase")]),
        ("高出全市平均水平一倍以上", [("一倍以上", 1, "times", "at_least", None)]),
        ("办理时间提速一倍以上", [("一倍以上", 100, "%", "at_least", "decrease")]),
    ],
)
def test_shares_in_words(facts: Read, text: str, expected: list[tuple[object, ...]]) -> None:
    assert [(f.number_text, f.value, f.unit, f.qualifier, f.change) for f in facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "value", "value_to", "unit"),
    [
        ("办理时间缩短至2天半", 2.5, None, "day"),
        ("平均用时由15天缩短到7天半", 15, 7.5, "day"),
        ("开办时间压缩至3个半小时", 3.5, None, "hour"),
        ("办理时间缩短至2天", 2, None, "day"),
    ],
)
def test_half_a_unit_more(facts: Read, text: str, value: float, value_to: float | None, unit: str) -> None:
    assert [(f.value, f.value_to, f.unit) for f in facts(text)] == [(value, value_to, unit)]


def test_half_a_year_behind_a_number_is_no_half(facts: Read) -> None:
    assert [f.value for f in facts("抽查企业3家半年内完成整改")] == [3]


def test_the_end_of_a_scale_is_no_score(facts: Read) -> None:
    assert [f.value for f in facts("法治建设考核得分92.5分(满分100分)")] == [92.5]
    assert [f.value for f in facts("考核总分95分")] == [95]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("罚没金额(万元)134。", [(1_340_000, "CNY", "罚没金额")]),
        ("群众满意率(%)98.5。", [(98.5, "%", "群众满意率")]),
        ("行政处罚(件):152,行政检查(户次):300。", [(152, "件", "行政处罚"), (300, "户次", "行政检查")]),
        ("行政处罚:152件,行政检查:300次。", [(152, "件", "行政处罚"), (300, "次", "行政检查")]),
        ("行政许可：30件；行政强制：5件", [(30, "件", "行政许可"), (5, "件", "行政强制")]),
        ("罚款人民币12.5万元", [(125_000, "CNY", "罚款")]),
    ],
)
def test_a_label_says_what_its_number_counts(facts: Read, text: str, found: list[tuple[object, ...]]) -> None:
    assert [(f.value, f.unit, f.subject) for f in facts(text)] == found


def test_a_colon_before_a_list_ends_its_clause(facts: Read) -> None:
    found = facts("完善服务体系:1个县级中心、10个乡镇服务站。三次产业比为4.9：47.3：47.8,第三产业比重提高1.3个百分点")
    assert [(f.value, f.subject) for f in found] == [(1, "县级中心"), (10, "乡镇服务站"), (1.3, "第三产业比重")]


def test_the_year_of_an_offset_report_is_its_period(facts: Read) -> None:
    assert [f.period for f in facts("2021年11月至2022年10月,受理申请120件")] == ["2021年11月至2022年10月"]


def test_what_did_not_happen_is_no_metric_of_what_stands_beside_it(report: Callable[..., SectionedReport]) -> None:
    found = extract_report(report("行政诉讼实现零败诉、零投诉。")).facts
    assert [(f.subject, f.metric) for f in found] == [("行政诉讼败诉", "litigation.lost"), ("投诉", None)]
