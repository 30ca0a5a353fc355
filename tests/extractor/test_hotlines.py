"""A hotline's number is a name, and what it took in counts; invented offices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.events import Fact

Read = Callable[..., list["Fact"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12360海关热线接听来电1.2万个", [("1.2万个", "海关热线接听来电")]),
        ("12369环保热线接到举报45件", [("45件", "环保热线接到举报")]),
        ("12315平台收到举报9件", [("9件", "平台收到举报")]),
        ("12328交通运输监督电话受理诉求420件", [("420件", "交通运输监督电话受理诉求")]),
        ("96119火灾隐患举报热线受理举报16件", [("16件", "火灾隐患举报热线受理举报")]),
        ("96333电梯应急处置平台处置困人故障85起", [("85起", "处置困人故障")]),
        ("12345、12315等热线共受理诉求5600件", [("5600件", "热线受理诉求")]),
        ("12315受理消费投诉812件,12345受理诉求3000件", [("812件", "受理消费投诉"), ("3000件", "热线受理诉求")]),
    ],
)
def test_a_hotline_is_named_and_what_it_took_in_is_counted(
    text: str, expected: list[tuple[str, str]], facts: Read
) -> None:
    assert [(fact.number_text, fact.subject) for fact in facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "value"), [("受理12345件热线工单", 12345), ("惠及12333人", 12333), ("办件96365件", 96365)]
)
def test_a_number_with_a_measure_word_is_no_hotline(text: str, value: float, facts: Read) -> None:
    assert [fact.value for fact in facts(text)] == [value]
