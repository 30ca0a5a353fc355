"""Arithmetic over one report's own facts, and what the report says of each metric."""

from __future__ import annotations

import pytest

from services.extractor.checks import MAX_CHECKS, bounds, check_facts, cover_metrics, printed_step, rate_holds
from services.extractor.extract import extract_report
from shared.events import Check, Fact
from tests.extractor.conftest import sectioned
from tests.support.cost import assert_costs, assert_grows_linearly


def checks(text: str) -> list[Check]:
    return extract_report(sectioned(text)).checks


def coverage(text: str) -> dict[str, str]:
    return {entry.metric: entry.state for entry in extract_report(sectioned(text)).coverage}


def fact(number: str, value: float, unit: str = "件", **about: object) -> Fact:
    fields = {
        "quote": number, "number_text": number, "text_start": 0, "text_end": len(number), "raw_start": 0,
        "raw_end": len(number), "quote_start": 0, "quote_end": len(number), "value": value, "unit": unit,
    }  # fmt: skip
    return Fact(**(fields | about))


def only(found: list[Check], kind: str) -> Check:
    (check,) = [check for check in found if check.kind == kind]
    return check


# ── relations ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sum_that_adds_up_holds_and_lists_its_facts():
    found = checks("全年收到行政复议申请80件,受理70件,不予受理10件。")
    check = only(found, "relation")
    assert check.relation == "reconsideration.received = reconsideration.accepted + reconsideration.not_accepted"
    assert (check.holds, check.expected, check.stated, check.facts) == (True, 80.0, 80.0, [0, 1, 2])


def test_a_sum_that_does_not_add_up_is_kept_and_flagged():
    check = only(checks("全年收到行政复议申请80件,受理70件,不予受理12件。"), "relation")
    assert (check.holds, check.expected, check.stated) == (False, 82.0, 80.0)


@pytest.mark.parametrize(
    ("stated", "holds"), [("87.5%", True), ("88%", True), ("87%", True), ("87.4%", False), ("90%", False)]
)
def test_a_rate_is_checked_to_its_printed_digits(stated, holds):
    found = checks(f"受理矛盾纠纷80件,调解成功70件,调解成功率{stated}。")
    ratio = [check for check in found if "/" in check.relation]
    assert [(check.holds, check.expected) for check in ratio] == [(holds, 87.5)]


def test_a_lower_bound_is_checked_with_the_parts_that_are_stated():
    found = checks("审结行政复议案件20件,其中维持15件,驳回9件。")
    bound = [check for check in found if check.relation.startswith("reconsideration.concluded >=")]
    assert [(check.holds, check.expected, check.stated) for check in bound] == [(False, 24.0, 20.0)]


@pytest.mark.parametrize(
    "text",
    [
        "全年收到行政复议申请80件,受理70件。",  # a part of the sum is missing
        "2021年收到行政复议申请80件。2022年受理行政复议申请70件,不予受理12件。",  # another period
        "收到行政复议申请80件。力争受理行政复议申请70件以上,力争不予受理5件以内。",  # plans
    ],
)
def test_facts_of_other_scope_period_or_modality_are_not_added_up(text):
    assert [check for check in checks(text) if check.relation.startswith("reconsideration.received =")] == []


def test_a_rate_of_nothing_is_not_checked():
    assert [check for check in checks("受理纠纷0件,调解成功0件,调解成功率100%。") if "/" in check.relation] == []


# ── part and whole, from and to ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "relation", "holds"),
    [
        ("检查茶厂90家,其中大型20家、小型70家。", "whole = sum of parts", True),
        ("检查茶厂90家,其中大型20家、小型30家。", "whole >= sum of parts", True),
        ("检查茶厂90家,其中大型95家。", "whole >= sum of parts", False),
    ],
)
def test_parts_are_compared_with_their_whole(text, relation, holds):
    check = only(checks(text), "part_whole")
    assert (check.relation, check.holds) == (relation, holds)


def test_parts_of_another_unit_are_no_parts():
    assert [check for check in checks("检查茶厂90家,其中涉及工人120人。") if check.kind == "part_whole"] == []


@pytest.mark.parametrize(
    ("text", "holds", "expected"),
    [
        ("公共服务事项由581项精简至558项,减少23项。", True, 23.0),
        ("公共服务事项由581项精简至558项,减少30项。", False, 23.0),
        ("公共服务事项由200项精简至150项,减少25%。", True, 25.0),
        ("办结3000件,较2021年(2400件)增长25%。", True, 25.0),
        ("办结3000件,较2021年(2400件)增长30%。", False, 25.0),
    ],
)
def test_a_change_is_compared_with_its_start_and_end(text, holds, expected):
    check = only(checks(text), "from_to")
    assert (check.holds, check.expected) == (holds, expected)


# ── printed precision ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("number", "value", "unit", "step"),
    [
        ("62件", 62, "件", 1),
        ("1,250件", 1250, "件", 1),
        ("19.5万人次", 195_000, "人次", 1000),
        ("93.55%", 93.55, "%", 0.01),
        ("3.2亿元", 320_000_000, "CNY", 10_000_000),
        ("十二件", 12, "件", 1),
    ],
)
def test_the_step_of_a_figure_is_its_last_digit(number, value, unit, step):
    assert printed_step(fact(number, value, unit)) == pytest.approx(step)


def test_a_hedge_widens_a_figure_to_its_side():
    assert bounds(fact("62件", 62)) == (62, 62)
    assert bounds(fact("60余件", 60, qualifier="more_than")).low == 60
    assert bounds(fact("60余件", 60, qualifier="more_than")).high > 60
    assert bounds(fact("60件以上", 60, qualifier="at_least")).high == float("inf")
    assert bounds(fact("60件以内", 60, qualifier="at_most")).low == float("-inf")
    assert bounds(fact("近60件", 60, qualifier="approx")).low < 60


def test_a_rate_may_be_rounded_or_cut_off():
    assert rate_holds(7.2727, fact("7.27%", 7.27, "%", quantity="rate"))
    assert rate_holds(7.2777, fact("7.27%", 7.27, "%", quantity="rate"))
    assert not rate_holds(7.2827, fact("7.27%", 7.27, "%", quantity="rate"))


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_metric_is_stated_zero_absent_or_not_mentioned():
    said = coverage("全年受理行政复议申请12件,不予受理0件。未发生政府信息公开类行政复议。")
    assert said["reconsideration.accepted"] == "stated"
    assert said["reconsideration.not_accepted"] == "zero"
    assert said["disclosure.disputes.reconsideration"] == "absent"
    assert "audit.projects" not in said


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("全年未收到行政复议申请。", "reconsideration.received"),
        ("全年无行政诉讼案件败诉。", "litigation.lost"),
        ("辖区未发生生产安全事故。", "public_security.safety_accidents"),
        ("无因政府信息公开引发的行政诉讼。", "disclosure.disputes.litigation"),
    ],
)
def test_none_said_in_words_is_absence(text, metric):
    assert coverage(text) == {metric: "absent"}


@pytest.mark.parametrize(
    "text", ["推进无障碍环境建设。", "创建无讼村。", "确保不发生安全问题。", "未发生变化的规定继续执行。"]
)
def test_a_name_with_none_in_it_is_no_absence(text):
    assert coverage(text) == {}


def test_a_figure_outweighs_the_word_for_none():
    assert coverage("受理行政复议申请12件。第一季度未受理行政复议申请。")["reconsideration.accepted"] == "stated"


def test_a_target_is_not_a_statement():
    assert coverage("明年力争调解成功率达到98%以上。") == {}


# ── hostile input ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_checks_are_bounded_and_linear():
    facts = [fact("1件", 1, metric="reconsideration.received", text_start=k, text_end=k + 1) for k in range(3000)]
    facts += [fact("1件", 1, metric=name) for name in ("reconsideration.accepted", "reconsideration.not_accepted")]
    assert len(check_facts("x" * 3100, facts)) == MAX_CHECKS
    assert_costs(lambda: check_facts("x" * 3100, facts), 2_500)


def test_coverage_of_hostile_text_is_linear():
    assert cover_metrics("未发生" * 30_000, []) == []
    assert_grows_linearly(lambda size: cover_metrics("未发生" * size, []), 4_000, 30_000)
