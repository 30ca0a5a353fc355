"""Numerals: where they stand and what they are worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.numbers import CHINESE, MAX_CHINESE, MAX_DIGITS, Kind, chinese_number, find_numerals


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("三百二十", 320), ("一万二千", 12_000), ("两千零五", 2005), ("九十八点六", 98.6), ("十", 10), ("百", 100),
        ("十二", 12), ("二十", 20), ("一百零五", 105), ("三百二", 320), ("两万五", 25_000), ("一亿二千万", 120_000_000),
        ("二〇二三", 2023), ("三千万", 30_000_000), ("五", 5), ("零", 0), ("一千零一", 1001), ("四十七万八千", 478_000),
    ],
)  # fmt: skip
def test_chinese_numerals_have_their_value(words: str, value: float) -> None:
    assert chinese_number(words) == (value, None)


@pytest.mark.parametrize(
    ("words", "low", "high"), [("三四十", 30, 40), ("七八", 7, 8), ("十三四", 13, 14), ("两三", 2, 3)]
)
def test_two_digits_in_a_row_are_a_range(words: str, low: float, high: float) -> None:
    assert chinese_number(words) == (low, high)


@pytest.mark.parametrize("words", ["十三五", "七五", "一二三四五", "百千万", "三四五", "千百"])
def test_what_is_no_number_has_no_value(words: str) -> None:
    assert chinese_number(words) is None


@given(st.integers(min_value=1, max_value=99_999_999))
def test_every_whole_number_reads_back(number: int) -> None:
    assert chinese_number(_write(number)) == (number, None)


def _write(number: int) -> str:
    """The plain Chinese form of a number below 10^8, by place value with 零 for gaps."""
    digits = "零一二三四五六七八九"
    if number >= 10_000:
        upper, lower = divmod(number, 10_000)
        gap = "零" if 0 < lower < 1000 else ""
        return _write(upper) + "万" + gap + (_write_below(lower) if lower else "")
    return _write_below(number) if number >= 10 else digits[number]


def _write_below(number: int) -> str:
    digits, names = "零一二三四五六七八九", ("千", "百", "十", "")
    written, gap = "", False
    for scale, name in zip((1000, 100, 10, 1), names, strict=True):
        digit = number // scale % 10
        if digit:
            written += ("零" if gap and written else "") + digits[digit] + name
            gap = False
        else:
            gap = True
    return written


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("培训3.2万余人次", [32_000.0]),
        ("追回5051万元", [50_510_000.0]),
        ("共1,250件", [1250.0]),
        ("接听12 345人次", [12345.0]),
        ("金额1 234 567.5元", [1234567.5]),
        ("立案41 345", [41.0, 345.0]),
        ("30多万群众", [300_000.0]),
        ("百分之九十八点六", [98.6]),
        ("百分之99.5", [99.5]),
        ("三分之二", [200 / 3]),
        ("十余万人", [100_000.0]),
        ("修路5千米", [5.0, 1000.0]),
        ("占比超过半数", [50.0]),
        ("甲12件、乙3,5件", [12.0, 3.0, 5.0]),
    ],
)
def test_numerals_are_found_with_their_magnitude(text: str, values: list[float]) -> None:
    assert [numeral.value for numeral in find_numerals(text)] == pytest.approx(values)


def test_a_magnitude_after_a_unit_prefix_stays_with_the_unit() -> None:
    assert next(find_numerals("8千瓦时")).value == 8


@pytest.mark.parametrize(("digits", "kind"), [(MAX_DIGITS, Kind.ARABIC), (MAX_DIGITS + 1, Kind.CODE), (40, Kind.CODE)])
def test_a_run_of_more_digits_than_an_amount_has_is_a_code(digits: int, kind: Kind) -> None:
    assert [numeral.kind for numeral in find_numerals("编号" + "1" * digits)] == [kind]


def test_a_chinese_numeral_ends_at_its_greatest_length() -> None:
    sizes = [numeral.end - numeral.start for numeral in find_numerals("一" * (MAX_CHINESE + 1))]
    assert sizes == [MAX_CHINESE, 1]


def test_more_is_said_by_yu_and_duo() -> None:
    assert [numeral.more for numeral in find_numerals("1400余场、30多万、来信10件")] == [True, True, False]


@given(st.text(alphabet=CHINESE + "0123456789.,百分之点余多成个件", max_size=80))
def test_numerals_never_overlap_and_stand_in_order(text: str) -> None:
    at = 0
    for numeral in find_numerals(text):
        assert at <= numeral.start < numeral.end <= len(text)
        at = numeral.end
