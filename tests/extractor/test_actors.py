"""A number before those who act counts them; the number behind their act counts what they did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.extract import extract_report
from shared.events import Fact, SectionedReport

ACTS = {
    "426个调解组织受理矛盾纠纷4.86万件": [
        ("调解组织", "mediation.organizations"),
        ("受理矛盾纠纷", "mediation.accepted"),
    ],
    "12个行业性调解组织全年化解纠纷300件": [
        ("行业性调解组织", "mediation.organizations"),
        ("行业性调解组织化解纠纷", "mediation.succeeded"),
    ],
    "15个司法所办理法律援助案件210件": [("司法所", None), ("办理法律援助案件", "legal_aid.cases")],
}


@pytest.mark.parametrize(("text", "expected"), ACTS.items())
def test_who_acts_and_what_was_done_are_counted_apart(
    text: str, expected: list[tuple[str, str | None]], report: Callable[..., SectionedReport]
) -> None:
    assert [(fact.subject, fact.metric) for fact in extract_report(report(text)).facts] == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("对1000名以上执法人员轮训一遍", ["1000名以上"]),
        ("对30家以上企业开展检查2次", ["30家以上", "2次"]),
        ("建成20个以上法治广场", ["20个以上"]),
        ("受理10人以上群体性纠纷3件", ["3件"]),
        ("投资500万元以上的项目22个", ["22个"]),
        ("由2名以上执法人员实施", []),
    ],
)
def test_a_hedged_count_before_its_noun_is_a_fact_unless_it_says_which_things_are_counted(
    text: str, numbers: list[str], facts: Callable[..., list[Fact]]
) -> None:
    assert [fact.number_text for fact in facts(text)] == numbers
