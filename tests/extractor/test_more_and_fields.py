"""A + behind a round figure says "and more"; fields only group the things counted in them; invented figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.events import Fact

Read = Callable[..., list["Fact"]]


@pytest.mark.parametrize(
    ("text", "number", "value"),
    [
        ("覆盖群众12万+", "12万+", 120_000),
        ("惠及企业300+家", "300+家", 300),
        ("培训5000+人次", "5000+人次", 5000),
    ],
)
def test_a_plus_behind_a_figure_is_a_hedge(text: str, number: str, value: float, facts: Read) -> None:
    assert [(fact.number_text, fact.value, fact.qualifier) for fact in facts(text)] == [(number, value, "more_than")]


@pytest.mark.parametrize("text", ["构建1+4+N体系", "推行10+N模式", "开展1+家庭行动", "建立12+3机制"])
def test_a_plus_of_a_formula_is_none(text: str, facts: Read) -> None:
    assert facts(text) == []


def test_a_pair_is_joined_over_the_fields_between_its_values(facts: Read) -> None:
    [pair] = facts("赋权事项由12个领域320项增至21个领域532项")
    assert (pair.value, pair.value_to, pair.unit, pair.subject) == (320, 532, "项", "赋权事项")


def test_what_is_counted_in_fields_is_named_before_them(facts: Read) -> None:
    assert [fact.subject for fact in facts("赋权事项增至21个领域532项")] == ["赋权事项领域", "赋权事项"]


def test_a_pair_of_one_thing_in_two_measure_words_stays_a_pair(facts: Read) -> None:
    [pair] = facts("审批时限由22个工作日压缩至8个")
    assert (pair.value, pair.value_to, pair.unit) == (22, 8, "workday")
