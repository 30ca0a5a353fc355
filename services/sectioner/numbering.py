"""What a heading marker looks like.

A marker is a number in one of the forms of `lexicon.toml`. The form gives the level; what stands around it (the start of
a paragraph, the end of a sentence, the number before it) decides elsewhere whether it opens a section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from services.sectioner.lexicon import FORMS, Form

_FORM_OF: Final = {form.id: form for form in FORMS}
_MARKER: Final = re.compile("|".join(f"(?P<{form.id}>{form.pattern})" for form in FORMS))
#: A marker may follow a sentence, a clause, a closing quote or a space; what follows a Han character directly is found
#: only where a heading is being read (`glued_markers`).
_INNER: Final = re.compile(
    "[。;；:：!！?？,，)）”》 \u3000](?=[一二三四五六七八九十第首其再最(（〔【0-9①-⑳⑴-⒛㈠-㈩])"
)
_GLUED: Final = re.compile(
    "(?<=[\u4e00-\u9fff”》)）])(?:" + "|".join(form.pattern for form in FORMS if 2 <= form.rank <= 5) + ")"
)
_FIRST: Final = frozenset("一二三四五六七八九十第首其再最(（〔【0123456789①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳") | frozenset(
    chr(code) for code in (*range(0x2474, 0x249C), *range(0x3220, 0x322A))
)
_DIGITS: Final = re.compile("[0-9]{1,3}")
_CHINESE: Final = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
_WORDS: Final = {"首": 1, "其": 2, "再": 3, "最": 9}
#: First code points of the one-character forms, each a run that starts at one.
_RUNS: Final = ((0x2460, 20), (0x2474, 20), (0x2488, 20), (0x3220, 10))


class Marker(NamedTuple):
    """A marker at `start:end` of the text; `number` is what it counts."""

    form: Form
    start: int
    end: int
    number: int


def chinese_number(numeral: str) -> int:
    """The value of 一 … 九十九. Raises KeyError for anything else."""
    tens, ten, ones = numeral.rpartition("十")
    return (_CHINESE[tens] if tens else 1) * 10 * bool(ten) + (_CHINESE[ones] if ones else 0)


def _number(form: Form, written: str) -> int:
    digits = _DIGITS.search(written)
    if digits is not None:
        return int(digits[0])
    for first, length in _RUNS:
        if 0 <= ord(written[0]) - first < length:
            return ord(written[0]) - first + 1
    numeral = "".join(character for character in written if character in _CHINESE or character == "十")
    return chinese_number(numeral) if numeral else _WORDS[written[0]]


def _as_marker(found: re.Match[str]) -> Marker:
    form = _FORM_OF[found.lastgroup or ""]
    written = found[0]
    return Marker(form, found.start(), found.start() + len(written.rstrip()), _number(form, written))


def marker_at(text: str, position: int, end: int) -> Marker | None:
    """The marker that stands at `position`, or None. `end` is the end of the paragraph."""
    if position >= end or text[position] not in _FIRST:
        return None
    found = _MARKER.match(text, position, end)
    return None if found is None else _as_marker(found)


def inner_markers(text: str, start: int, end: int) -> Iterator[Marker]:
    """Markers inside a paragraph that follow a sentence, a clause, a closing quote or a space, left to right."""
    for boundary in _INNER.finditer(text, start, end):
        found = _MARKER.match(text, boundary.end(), end)
        if found is not None:
            yield _as_marker(found)


def glued_markers(text: str, start: int, end: int) -> Iterator[Marker]:
    """Numbered markers that follow a Han character directly: 主要工作(一)加强领导."""
    for found in _GLUED.finditer(text, start, end):
        marker = marker_at(text, found.start(), end)
        if marker is not None:
            yield marker
