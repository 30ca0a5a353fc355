"""Width and signs follow the documented table, and no number changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.normalizer.width import ENUMERATORS, KEPT_WIDE, ONE_TO_ONE, UNITS, fold_width

POLICY = Path(__file__).parents[2] / "docs" / "normalizer.md"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("受理１３４件，审结１１０件。", "受理134件，审结110件。"),
        ("受理134，审结110", "受理134，审结110"),
        ("增长１２．５％（同比）", "增长12.5%(同比)"),
        ("占地56837.58㎡、25㎞", "占地56837.58平方米、25公里"),
        ("占地10m²，体积3m³，流域5km²", "占地10平方米，体积3立方米，流域5平方公里"),
        ("约10⁴个", "约10^4个"),
        ("办结134¹件", "办结134件"),
        ("办结134①件", "办结134件"),
        ("包括：①制定；②公布", "包括：①制定；②公布"),
        ("⑴制定⒉公布㈢备案", "(1)制定2.公布(三)备案"),
        ("1－9月、1–9月、1—9月", "1-9月、1-9月、1—9月"),
        ("Ⅳ级、30℃、5‰", "Ⅳ级、30℃、5‰"),
        ("⼀、⼯作", "一、工作"),
        ("1,234件、1 234件", "1,234件、1 234件"),
        ("法\u200b治\u00ad政\ufeff府", "法治政府"),
    ],
)
def test_signs_have_one_form(normalize, written, expected):
    sentence = "2023年，白石县继续推进法治政府建设，各项工作取得新的成效，情况如下。"
    assert normalize(sentence + written + "，特此报告。").text == sentence + expected + "，特此报告。"


def test_chinese_commas_and_stops_stay():
    assert fold_width(KEPT_WIDE + "。、") == KEPT_WIDE + "。、"


def test_folding_keeps_the_length():
    written = "".join(map(chr, ONE_TO_ONE))
    assert len(fold_width(written)) == len(written)


def test_the_documented_table_names_every_unit_and_kept_sign():
    policy = POLICY.read_text(encoding="utf-8")
    documented = set(re.findall(r"`([^`]+)`", policy))
    assert set(KEPT_WIDE) <= documented
    assert {"㎡", "㎢", "㎥", "㎞"} <= documented & UNITS.keys()
    assert {"⑴", "⒈", "㈠"} <= documented & ENUMERATORS.keys()


def test_superscripts_never_become_digits_of_a_number(normalize):
    page = "2023年，白石县受理行政复议案件10²件，审结110³件，占地5m²，其他工作有序推进，特此报告。"
    assert not re.search("102件|1103件", normalize(page).text)
