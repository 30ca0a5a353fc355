"""Numerals: where they stand and what they are worth.

Read before any word is cut, because a segmenter splits "23.4%" and "23,876" into pieces. Nothing here decides whether
a numeral is a fact; every run of digits and of Chinese numeral characters is yielded, once, left to right.

    text ──▶ find_numerals ──▶ Numeral(start, end, kind, value, value_to, more)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.rules import rules

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

#: Digits of one number; a longer run is a code, never an amount.
MAX_DIGITS = 18
#: Characters of one Chinese numeral. 九千九百九十九万九千九百九十九 has 15.
MAX_CHINESE = 24

CHINESE = "零〇一二两三四五六七八九十百千万亿"
_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL = {"十": 10.0, "百": 100.0, "千": 1000.0}
_LARGE = {"万": 10_000.0, "亿": 100_000_000.0}
_NO_SEPARATORS = str.maketrans("", "", ",， ")
_MAGNITUDE = {
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7,
    "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
}  # fmt: skip


class Kind(StrEnum):
    """How a numeral is written."""

    ARABIC = "arabic"
    CHINESE = "chinese"
    PERCENT = "percent"  # 百分之…
    FRACTION = "fraction"  # …分之…, 2/3
    HALF = "half"  # 半数, 过半数
    CODE = "code"  # more digits than an amount has


@dataclass(slots=True)
class Numeral:
    """One numeral of a text.

    `value` is None where the characters are no number (十三五, 一二三四五). `value_to` is the upper end of a range in
    one word (三四十). `more` says that 余, 多 or 来 stands with the digits. `bare` is a magnitude without a digit (百).
    """

    start: int
    end: int
    kind: Kind
    value: float | None
    value_to: float | None = None
    more: bool = False
    bare: bool = False


# Names of their own, because an attribute of an enum costs five times as much.
_ARABIC, _CHINESE = Kind.ARABIC, Kind.CHINESE
_RULES = rules("services.extractor", "rules/numbers")
_NUMERAL = _RULES.pattern("numeral")
_OPENING = _RULES.pattern("opening")
_PLAIN = _RULES.pattern("plain")


def find_numerals(text: str, start: int = 0, end: int | None = None) -> Iterator[Numeral]:
    """Yield every numeral of `text[start:end]`, left to right, never overlapping. Offsets are characters of `text`."""
    end = len(text) if end is None else end
    opening = _OPENING.search(text, start, end)
    while opening is not None:
        at = opening.end()
        match = _PLAIN.match(text, at - 1, end)
        if match is not None:
            yield _from_plain(match)
            at = match.end()
        else:
            match = _NUMERAL.match(text, at - 1, end)
            if match is not None:
                yield _READERS[match.lastgroup](match)
                at = match.end()
        opening = _OPENING.search(text, at, end)


def _from_plain(match: re.Match[str]) -> Numeral:
    run = match.group()
    if match.lastindex is not None:
        return Numeral(match.start(), match.end(), _ARABIC, float(run))
    return Numeral(match.start(), match.end(), _CHINESE, float(_DIGIT[run]))


def _from_digits(match: re.Match[str]) -> Numeral:
    digits, more, larger, more_after = match.group("digits", "more", "larger", "more_after")
    value = float(digits.translate(_NO_SEPARATORS))
    if larger is not None:
        value *= _MAGNITUDE[larger.lstrip()]
    return Numeral(match.start(), match.end(), _ARABIC, value, None, more is not None or more_after is not None)


def _from_words(match: re.Match[str]) -> Numeral:
    words, more_before, larger, more_after = match.group("words", "words_more", "words_larger", "words_more_after")
    read = chinese_number(words)
    if read is None:
        return Numeral(match.start(), match.end(), Kind.CHINESE, None)
    low, high = read
    if larger is not None:
        low, high = low * _MAGNITUDE[larger], None if high is None else high * _MAGNITUDE[larger]
    more = more_before is not None or more_after is not None
    return Numeral(match.start(), match.end(), _CHINESE, low, high, more, words[0] in "百千万亿")


def _from_fraction(match: re.Match[str]) -> Numeral:
    lower, upper = chinese_number(match["lower"]), chinese_number(match["upper"])
    if lower is None or upper is None or lower[0] == 0:
        return Numeral(match.start(), match.end(), Kind.FRACTION, None)
    return Numeral(match.start(), match.end(), Kind.FRACTION, 100.0 * upper[0] / lower[0])


def _from_slash(match: re.Match[str]) -> Numeral:
    over, under = int(match["over"]), int(match["under"])
    return Numeral(match.start(), match.end(), Kind.FRACTION, 100.0 * over / under if over < under else None)


def _from_percent(match: re.Match[str]) -> Numeral:
    if match["percent"] is not None:
        return Numeral(match.start(), match.end(), Kind.PERCENT, float(match["percent"].translate(_NO_SEPARATORS)))
    read = chinese_number(match["percent_words"])
    return Numeral(match.start(), match.end(), Kind.PERCENT, None if read is None else read[0])


def _from_half(match: re.Match[str]) -> Numeral:
    return Numeral(match.start(), match.end(), Kind.HALF, 50.0, more=match["half"].startswith("过"))


def _from_code(match: re.Match[str]) -> Numeral:
    return Numeral(match.start(), match.end(), Kind.CODE, None)


#: How a match of `_NUMERAL` is read, by the last group that took part in it.
_READERS: dict[str | None, Callable[[re.Match[str]], Numeral]] = {
    None: _from_code,
    **dict.fromkeys(("digits", "more", "larger", "more_after"), _from_digits),
    **dict.fromkeys(("words", "words_more", "words_larger", "words_more_after"), _from_words),
    **dict.fromkeys(("percent", "percent_words"), _from_percent),
    "upper": _from_fraction,
    "under": _from_slash,
    "half": _from_half,
}


@lru_cache(maxsize=4096)
def chinese_number(words: str) -> tuple[float, float | None] | None:
    """The number that `words` says, with the upper end where it is a range in one word (三四百 → 300, 400).

    None where the characters are no number: 十三五, 一二三四五, 百千万.
    """
    whole, _, decimals = words.partition("点")
    if len(words) == 1 and whole in _DIGIT:
        return float(_DIGIT[whole]), None
    if decimals:
        read = _whole(whole)
        if read is None or any(c not in _DIGIT for c in decimals):
            return None
        return read + int("".join(str(_DIGIT[c]) for c in decimals)) / 10 ** len(decimals), None
    value = _whole(whole)
    if value is not None:
        return value, None
    return _range_in_one_word(whole)


def _whole(words: str) -> float | None:  # noqa: C901, PLR0911 - place value in one pass, a refusal for each bad order
    """A whole number by the rules of place value; digits in a row only as a year (二〇二三)."""
    if all(c in _DIGIT for c in words):
        if len(words) == 1:
            return float(_DIGIT[words])
        if len(words) == 4 or (len(words) > 1 and words[0] not in "零〇" and "〇" in words):
            return float("".join(str(_DIGIT[c]) for c in words))
        return None
    total = section = 0.0
    digit: int | None = None
    last_small = last_large = float("inf")
    for at, c in enumerate(words):
        if c in _DIGIT:
            if digit is not None and digit != 0:
                return None
            digit = _DIGIT[c]
        elif c in _SMALL:
            scale = _SMALL[c]
            if scale >= last_small or (digit is None and section):
                return None
            section += scale * (1 if digit is None else digit)
            digit, last_small = None, scale
        else:
            scale = _LARGE[c]
            amount = section + (digit or 0)
            if not amount:
                amount = 1.0 if not total else 0.0
            total = (total + amount) * scale if scale > last_large else total + amount * scale
            section, digit, last_small, last_large = 0.0, None, float("inf"), scale
            if at + 1 < len(words) and words[at + 1] in _LARGE and scale > _LARGE[words[at + 1]]:
                return None
    if digit is not None:
        # 三百二 is 320, 一万二 is 12,000; 三百零二 is 302, 三百一十二 is 312.
        previous = words[-2] if len(words) > 1 else ""
        scale = {"百": 10.0, "千": 100.0, "万": 1000.0, "亿": 10_000_000.0}.get(previous, 1.0)
        section += digit * scale
    return total + section


def _range_in_one_word(words: str) -> tuple[float, float] | None:
    """三四 → 3, 4; 七八十 → 70, 80; 十三四 → 13, 14."""
    for at in range(len(words) - 1):
        first, second = words[at], words[at + 1]
        if first in _DIGIT and second in _DIGIT and _DIGIT[second] == _DIGIT[first] + 1 and _DIGIT[first] > 0:
            rest = words[at + 2 :]
            if any(c in _DIGIT for c in rest) or (at == 0 and not rest and len(words) != 2):
                return None
            low, high = _whole(words[: at + 1] + rest), _whole(words[:at] + second + rest)
            # 十三五 never comes here; 十二三 does, 三四五 does not (three digits in a row are a slogan).
            return None if low is None or high is None or low >= high else (low, high)
    return None
