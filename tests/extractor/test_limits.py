"""Hostile texts: every pattern stays linear, no text takes the child's time or memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.exclusions import exclusions
from services.extractor.extract import MAX_CLAUSE_AMOUNTS, MAX_FACTS, extract_report
from services.extractor.numbers import find_numerals
from shared.errors import Permanent
from shared.events import SectionedReport
from tests.support.cost import assert_costs, assert_grows_linearly

SIZE = 100_000
#: Length of the short form.
SHORT = 1_600
#: What a character of a text that is nothing but numbers may cost, in yardsticks: a fact costs 0.2, and the densest text
#: has one every two characters.
A_CHARACTER = 0.2
#: What all patterns may cost over 25 KB, in yardsticks: they cost 16.
ALL_PATTERNS = 130

HOSTILE = [
    "1", "一", "百分之", "、", "第", "每", "1、", "12", "1.", "1,", "1,234,", "“", "《", "《1》", "“1", "(", "(1", ")", "零", "万",
    "1万", "一万", "由1个", "由1项至", "从", "分别", "1个、", "1个和", "1%", "1%、", "率、", "率和", "A率、", "2021年", "2021-", "1月",
    "1-", "1至", "的", "等", "，", "受理", "受理1件", "其中1件", "同比", "较上年", "较2020年", "近", "以上", "\t", "1\t", "1\n", "一是", "(一)",
    "每年", "每季度1", "人大", "各县(区)", "区级", "年", "中", "共", "通过", "向", "对", " ", "  1", "个", "两", "一二三", "http://1", "www.1", "0571-", "成", "三成",
    "一个", "百", "上百", "数十", "名义", "以1", "以名义1件", "“零", "、1个", "级", "十五五", "率1%", "半数", "1+", "+1",
]  # fmt: skip


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_text_takes_linear_time(pattern: str, report: Callable[..., SectionedReport]) -> None:
    texts = {size: report((pattern * (size // len(pattern) + 1))[:size]) for size in (SHORT // 4, SHORT)}
    extract_report(report(pattern))  # dictionaries are loaded once, not measured here
    assert_grows_linearly(lambda size: extract_report(texts[size]), *texts, floor=A_CHARACTER * SHORT)


@pytest.mark.full
@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_text_of_100_kb_takes_linear_time(pattern: str, report: Callable[..., SectionedReport]) -> None:
    text = (pattern * (SIZE // len(pattern) + 1))[:SIZE]
    extract_report(report(pattern))
    assert_costs(lambda: extract_report(report(text)), A_CHARACTER * SIZE)


def test_a_page_of_nothing_but_facts_is_refused_and_says_why(report: Callable[..., SectionedReport]) -> None:
    with pytest.raises(Permanent, match="too_complex: more than"):
        extract_report(report("全年受理行政复议案件23件，" * (MAX_FACTS + 1)))


def test_a_clause_with_hundreds_of_numbers_is_no_list(report: Callable[..., SectionedReport]) -> None:
    extracted = extract_report(report("受理" + "1件、" * 400))
    assert len(extracted.facts) == MAX_CLAUSE_AMOUNTS
    assert extracted.undecided_numerals == 400 - MAX_CLAUSE_AMOUNTS


@pytest.mark.parametrize("pattern", HOSTILE)
def test_finding_and_masking_numerals_is_linear(pattern: str) -> None:
    text = (pattern * (SIZE // len(pattern) + 1))[: SIZE // 4]
    rules = exclusions()
    assert_costs(lambda: list(rules.masks(text)), ALL_PATTERNS)
    # Up to 25,000 numerals are made.
    assert_costs(lambda: list(find_numerals(text)), 4 * ALL_PATTERNS)
