"""Parts by area or level take the noun and the metric of their whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.areas import area_of
from services.extractor.extract import extract_report
from shared.events import Fact, SectionedReport

Read = Callable[..., list[Fact]]


@pytest.mark.parametrize(
    ("before", "divided", "area"),
    [
        (",其中市本级", True, "市本级"),
        ("、县(市、区)", True, "县(市、区)"),
        ("、乡镇(街道)", False, "乡镇(街道)"),
        (",其中:云岭县", True, "云岭县"),
        (",云岭县", False, ""),  # without 其中 a place may act
        ("、下放乡镇", True, ""),
        (",其中抽查街道", True, ""),
        (",其中示范社区", True, ""),
        (",其中农民工讨薪案件", True, ""),
        ("", True, ""),
    ],
)
def test_an_area_is_all_that_the_words_name(before: str, divided: bool, area: str) -> None:
    assert area_of(before, divided=divided) == area


def test_a_part_is_named_after_its_whole_and_what_follows_goes_on_about_the_whole(facts: Read) -> None:
    found = facts("全年收到行政复议申请486件,同比增长12%,其中市本级194件、县(市、区)292件;受理458件")
    assert [fact.subject for fact in found[2:]] == [
        "市本级收到行政复议申请", "县(市、区)收到行政复议申请", "受理的行政复议案件"]  # fmt: skip


def test_a_part_by_area_has_the_metric_of_its_whole(report: Callable[..., SectionedReport]) -> None:
    text = "全年收到行政复议申请486件,同比增长12%,其中市本级194件、各县(市、区)292件;受理458件"
    metrics = [fact.metric for fact in extract_report(report(text)).facts]
    assert metrics == [*["reconsideration.received"] * 4, "reconsideration.accepted"]


def test_a_part_that_is_larger_than_the_number_before_it_is_none(facts: Read) -> None:
    assert facts("培训干部30人,县级80人")[1].scope is None
