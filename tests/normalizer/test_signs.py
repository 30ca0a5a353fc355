"""A look at the signs of a page spares steps; it never changes what they do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.draft import Draft
from services.normalizer.lines import TIDIED, tidy
from services.normalizer.script import TRADITIONAL_ONLY, detect_script
from services.normalizer.signs import ANY_SIGN, MAX_CHARACTERS, Noted, members
from services.normalizer.width import FOLDED, fold_width

NOTED = Noted(TRADITIONAL_ONLY, FOLDED, TIDIED)
WORDS = st.sampled_from(["依法行政", "治理10件", "受理１２件", "（一）", "来源：", "标题", "機關", "10²公里", "①项", "㎡", "机(jī)关", "| 甲 | 乙 |",
                         "**重点**", "# 目录", "????", "2024年"])  # fmt: skip
GAPS = st.sampled_from(["", "", "\n", " ", "　　", "\t", "\r\n", "\n\n", "\u200b", "\ufeff", "\xa0"])
TEXTS = st.lists(st.one_of(WORDS, GAPS), max_size=40).map("".join)


@given(TEXTS)
def test_width_is_folded_the_same_whether_the_signs_are_known_or_not(text):
    assert fold_width(text, signs=NOTED.of(text)) == fold_width(text)


@given(TEXTS)
def test_the_script_is_the_same_whether_the_signs_are_known_or_not(text):
    assert detect_script(text, NOTED.of(text)) == detect_script(text)


@given(TEXTS)
def test_a_page_is_tidied_the_same_whether_the_signs_are_known_or_not(text):
    known, unknown = (tidy(Draft.of_source(text), signs) for signs in (NOTED.of(text), ANY_SIGN))
    assert known[0].text == unknown[0].text
    assert known[0].runs == unknown[0].runs
    assert known[1:] == unknown[1:]


def test_a_text_too_long_to_be_looked_through_may_have_any_sign():
    assert NOTED.of("甲" * MAX_CHARACTERS) == frozenset()
    assert NOTED.of("甲" * (MAX_CHARACTERS + 1)) is ANY_SIGN


def test_members_are_those_of_the_class():
    assert members("a-c一") == frozenset("abc一")
