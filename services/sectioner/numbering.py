"""What a heading marker looks like.

A marker is a number in one of the forms of `lexicon.toml`. The form gives the level; what stands around it (the start of
a paragraph, the end of a sentence, the number before it) decides elsewhere whether it opens a section.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from services.sectioner.draft import UNREAD, Draft, draft_of
from services.sectioner.lexicon import FORMS, members

#: What may stand before a marker on its line.
BLANK: Final = " \u3000\t\n■●◆▲★□◇○•·►▶◎"
#: What a marker begins with, as of a class.
STARTS: Final = "".join(form.first for form in FORMS)


def _markers() -> dict[str, re.Pattern[str]]:
    """First character → the forms that can begin with it, in their order, as one pattern."""
    forms: dict[str, list[str]] = {}
    for form in FORMS:
        for first in members(form.first):
            forms.setdefault(first, []).append(form.pattern)
    return {first: re.compile("|".join(patterns)) for first, patterns in forms.items()}


# At a character two or three forms are tried instead of eight: 0.3 µs less a paragraph.
_MARKERS: Final = _markers()
#: Each form without what it asks of its surroundings: no two forms are written alike.
_LOOK_AROUND: Final = re.compile(r"\(\?<?[=!](?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
SHAPES: Final = tuple((form, re.compile(_LOOK_AROUND.sub("", form.pattern))) for form in FORMS)

#: Where a marker may be glued to a heading: its first sign. 一 … 十 count only before 、 and its misprints.
_GLUE: Final = re.compile("[(（〔【0-9①-⑳⑴-⒛㈠-㈩一二三四五六七八九十]")
_NUMERALS: Final = frozenset("一二三四五六七八九十")
_STOPS: Final = frozenset("、.．")
_GLUED_RANKS: Final = range(2, 7)
_DIGITS: Final = re.compile("[0-9]{1,3}")
_CHINESE: Final = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
_WORDS: Final = {"首": 1, "其": 2, "再": 3, "最": 9}
#: First code points of the one-character forms, each a run that starts at one.
_RUNS: Final = ((0x2460, 20), (0x2474, 20), (0x2488, 20), (0x3220, 10))


def chinese_number(numeral: str) -> int:
    """The value of 一 … 九十九. Raises KeyError for anything else."""
    tens, ten, ones = numeral.rpartition("十")
    return (_CHINESE[tens] if tens else 1) * 10 * bool(ten) + (_CHINESE[ones] if ones else 0)


def _number(written: str) -> int:
    digits = _DIGITS.findall(written)
    if digits:
        return int(digits[-1])  # of 1.2 the second counts
    for first, length in _RUNS:
        if 0 <= ord(written[0]) - first < length:
            return ord(written[0]) - first + 1
    numeral = "".join(character for character in written if character in _NUMERALS)
    return chinese_number(numeral) if numeral else _WORDS[written[0]]


# Reports write the same few markers over and over; 4,096 hold every form up to its largest number.
@lru_cache(maxsize=4096)
def marker_reading(written: str) -> tuple[str, int, int, int, int]:
    """Form, rank, level, number and length of a marker that is `written` so, without the space behind it."""
    form = next(form for form, shape in SHAPES if shape.fullmatch(written))
    return form.id, form.rank, form.level, _number(written), len(written.rstrip())


def marker_at(text: str, position: int, end: int) -> Draft | None:
    """The marker that stands at `position`, or None. `end` is the end of the paragraph."""
    if position >= end or (markers := _MARKERS.get(text[position])) is None:
        return None
    found = markers.match(text, position, end)
    if found is None:
        return None
    form, rank, level, number, length = marker_reading(found[0])
    return draft_of((form, rank, level, number, position, position + length, UNREAD, False, 1.0))


def _may_be_glued(text: str, at: int, end: int) -> bool:
    """A numeral before 、, or 一是 that is no part of 统一是, 之一是 and the like."""
    following = text[at + 1 : at + 2] if at + 1 < end else ""
    return following in _STOPS or (text[at] == "一" and following == "是" and text[at - 1] not in "统唯之第专")


def glued_marker(text: str, start: int, end: int, after: Draft | None) -> int | None:
    """Where the next marker is glued to a heading, or parted from it by a space: 主要工作(一)加强领导. Only the first
    child or the next sibling of `after` is believed.
    """
    rank, number = (after.rank, after.number) if after is not None else (-1, 0)
    if _GLUE.search(text, start, end) is None:
        return None
    for sign in _GLUE.finditer(text, start, end):
        at = sign.start()
        if sign[0] in _NUMERALS and not _may_be_glued(text, at, end):
            continue
        if text[at - 1] < "\u4e00" and text[at - 1] not in "”》)） \u3000":
            continue
        marker = marker_at(text, at, end)
        if marker is None or marker.rank not in _GLUED_RANKS:
            continue
        child = marker.rank > rank and marker.number == 1
        sibling = marker.rank == rank and marker.number == number + 1
        if child or sibling:
            return at
    return None
