"""Width and signs: one form for each sign, and no number changed.

The policy is the table of docs/normalizer.md; a test compares the two. NFKC is not used: it turns ² into 2
(10² → 102), ① into 1 and one character into up to eighteen.
"""

from __future__ import annotations

import re
import unicodedata

from services.normalizer.signs import ANY_SIGN

# Folded one to one ---------------------------------------------------------------------------------------------------

#: Full-width signs that stay: Chinese commas and stops separate clauses, and `受理134，审结110` must not become a
#: thousands mark.
KEPT_WIDE = "，：；！？"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"  # ‐ ‑ ‒ – − ﹣ －; the em dash — stays
_SMALL = {"﹐": "，", "﹑": "、", "﹒": ".", "﹔": "；", "﹕": "：", "﹖": "？", "﹗": "！", "﹙": "(", "﹚": ")",
          "﹛": "{", "﹜": "}", "﹝": "〔", "﹞": "〕", "﹟": "#", "﹠": "&", "﹡": "*", "﹢": "+", "﹤": "<",
          "﹥": ">", "﹦": "=", "﹨": "\\", "﹩": "$", "﹪": "%", "﹫": "@", "｡": "。", "､": "、", "｢": "「",
          "｣": "」"}  # fmt: skip


def _one_to_one() -> dict[int, str]:
    table = {0xFF01 + k: chr(0x21 + k) for k in range(94) if chr(0xFF01 + k) not in KEPT_WIDE}
    table |= {ord(c): "-" for c in _HYPHENS}
    table |= {ord(c): folded for c, folded in _SMALL.items()}
    table |= {0xFFE5: "¥", 0xFFE0: "¢", 0xFFE1: "£", 0x2236: "：", 0x02D0: "：", 0x30FB: "·", 0x2022: "·", 0xFF65: "·"}
    # Characters that look like an ideograph and are another code point: Kangxi radicals and CJK radicals (text out of
    # PDF files), compatibility ideographs.
    for first, last in ((0x2E80, 0x2FD5), (0xF900, 0xFAD9)):
        for code in range(first, last + 1):
            folded = unicodedata.normalize("NFKC", chr(code))
            if folded != chr(code) and len(folded) == 1:
                table[code] = folded
    # Mathematical letters and digits.
    for code in range(0x1D400, 0x1D800):
        folded = unicodedata.normalize("NFKC", chr(code))
        if len(folded) == 1 and folded.isascii():
            table[code] = folded
    return table


ONE_TO_ONE = _one_to_one()
# A class of characters below U+10000 is one look-up in a bitmap; one beyond makes the class a list (measured: 5 against
# 190 ns a character), so the few letters beyond stand in a class of their own, used where a text has any.
FOLDED = "".join(re.escape(chr(c)) for c in sorted(ONE_TO_ONE) if c < 0x10000)
FOLDED_SIGNS = frozenset(chr(c) for c in ONE_TO_ONE)
_FOLDABLE = re.compile(f"[{FOLDED}]")
_FOLDABLE_BEYOND = re.compile("[" + "".join(chr(c) for c in sorted(ONE_TO_ONE) if c >= 0x10000) + "]")


def fold_width(text: str, *, quotes: bool = False, signs: frozenset[str] = ANY_SIGN) -> str:
    """`text` with every sign in its one form; the length stays the same.

    `signs` are those of FOLDED that the text has, where that is known: then each is replaced by itself.
    With `quotes` the corner brackets of a Traditional page become mainland quotation marks.
    """
    if text.isascii():
        return text
    if quotes and ("「" in text or "『" in text):
        text = text.translate(_CORNER_BRACKETS)
    folded = text
    if signs is ANY_SIGN:
        folded = _FOLDABLE.sub(_fold, text)
    else:
        for sign in signs & FOLDED_SIGNS:
            folded = folded.replace(sign, ONE_TO_ONE[ord(sign)])
    if len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text):
        folded = _FOLDABLE_BEYOND.sub(_fold, folded)
    return folded


_CORNER_BRACKETS = str.maketrans("「」『』", "“”‘’")


def _fold(found: re.Match[str]) -> str:
    return ONE_TO_ONE[ord(found[0])]


# Rewritten, longer or shorter ----------------------------------------------------------------------------------------

#: Squared and letter-like units → the unit in words, as the unit table of the extractor knows it.
UNITS = {"㎡": "平方米", "㎢": "平方公里", "㎥": "立方米", "㎞": "公里", "㎝": "厘米", "㎜": "毫米", "㎏": "公斤", "㎎": "毫克",
         "㎍": "微克", "㏄": "毫升", "㎖": "毫升", "㎗": "分升", "㎘": "千升", "㏊": "公顷", "㎠": "平方厘米", "㎟": "平方毫米", "㎤": "立方厘米",
         "㎾": "千瓦", "㎿": "兆瓦", "㏎": "公里", "㎧": "米/秒", "℃": "℃", "㍿": "株式会社"}  # fmt: skip
UNITS = {sign: words for sign, words in UNITS.items() if sign not in "℃㍿"}
#: Numbers in brackets or with a stop, as single characters → their letters. Circled numbers stay as they are.
ENUMERATORS = (
    {chr(0x2474 + k): f"({k + 1})" for k in range(20)}
    | {chr(0x2488 + k): f"{k + 1}." for k in range(20)}
    | {chr(0x3220 + k): f"({c})" for k, c in enumerate("一二三四五六七八九十")}
)
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", "0123456789+-()", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚"
