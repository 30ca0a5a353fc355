"""A bound that says which things are counted is no fact; one that says how many there are is; invented places."""

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
        ("持证人员不足3人的单位2家", [("2家", "单位")]),
        ("对执法人员少于5人的乡镇4个进行通报", [("4个", "乡镇")]),
        ("持证率低于60%的12个镇", [("12个", "镇")]),
        ("检查次数超过3次的企业有5户", [("5户", "企业")]),
        ("年产值超百亿元的企业达9家", [("9家", "企业")]),
    ],
)
def test_a_bound_on_the_things_counted_is_a_condition(text: str, expected: list[tuple[str, str]], facts: Read) -> None:
    assert [(fact.number_text, fact.subject) for fact in facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("目前执法人员不足30人", ["less_than"]),
        ("全年开展不少于4次的专题学习", ["at_least"]),
        ("累计超过300人的2支队伍", ["more_than", "exact"]),
        ("超过90%的案件当庭宣判", ["more_than"]),
    ],
)
def test_a_bound_on_the_count_itself_is_a_fact(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.qualifier for fact in facts(text)] == expected
