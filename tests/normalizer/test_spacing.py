"""Spaces that say nothing go; a space that may part two things stays."""

from __future__ import annotations

import pytest

from services.normalizer.draft import Draft
from services.normalizer.lines import tidy
from services.normalizer.spacing import MIN_SPACED, idle_spaces


def tidied(text: str) -> str:
    draft = tidy(Draft.of_source(text))[0]
    return draft.edited(idle_spaces(draft.text)).text


def test_a_page_that_sets_its_numbers_apart_reads_like_any_other():
    assert tidied("受理 154 件，审结 110 件，占 71.4 %；" * 4) == "受理154件，审结110件，占71.4 %；" * 4


def test_spaces_beside_a_few_numbers_stay():
    page = "主要工作 2023年，受理154件，审结110件，调解58件，撤销3件，罚款12件，许可9件。"
    assert tidied(page) == page


def test_enough_numbers_set_apart_among_more_that_are_not_stay():
    page = "受理 154件。" * MIN_SPACED + "审结110件。" * 2 * MIN_SPACED
    assert tidied(page) == page


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("省级61份， 各县27份", "省级61份，各县27份"),
        ("省级61份 ，各县27份", "省级61份，各县27份"),
        ("立案、\xa0\xa0结案", "立案、结案"),
        ("PM 2.5浓度与PM 10浓度", "PM2.5浓度与PM10浓度"),
    ],
)
def test_a_space_beside_a_comma_says_nothing(written, expected):
    assert tidied(written) == expected


@pytest.mark.parametrize("kept", ["成效明显。 二、问题", "受理134, 审结110", "GDP 10强", "154 326"])
def test_a_space_that_may_part_two_things_stays(kept):
    assert tidied(kept) == kept


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\x0b", "\x1e", "\u2028"])
def test_a_tab_before_a_line_is_an_indent_unless_that_line_is_a_row(line_end):
    lines = ("项目", "\t说明", "\t12\t34", "\t合计")
    assert tidied(line_end.join(lines)) == "项目\n说明\n\t12\t34\n合计"
