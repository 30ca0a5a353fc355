"""What each amount of a sentence is called beside the others."""

from __future__ import annotations

import pytest

from services.extractor.extract import extract_report


@pytest.mark.parametrize(
    ("sentence", "subjects"),
    [
        ("全年零投诉、零复议、零败诉。", ["投诉", "复议", "败诉"]),
        ("行政复议零撤销、行政诉讼零败诉，安全生产零事故。", ["行政复议撤销", "行政诉讼败诉", "安全生产事故"]),
        ("暴力命案实现零发生。", ["暴力命案"]),
    ],
)
def test_what_did_not_happen_is_named_by_the_word_behind_its_zero(facts, sentence, subjects):
    assert [fact.subject for fact in facts(sentence)] == subjects


def test_a_zero_has_the_metric_of_what_did_not_happen(report):
    metrics = [fact.metric for fact in extract_report(report("行政复议零撤销、行政诉讼零败诉。")).facts]
    assert metrics == ["reconsideration.revoked", "litigation.lost"]


def test_a_currency_sign_belongs_to_its_number(facts):
    (fact,) = facts("罚款¥3.5万元。")
    assert (fact.number_text, fact.subject, fact.unit) == ("¥3.5万元", "罚款", "CNY")
