"""From the source to the text without writing the text: most of it is the source in another spelling.

Where a run of the alignment goes character by character, the text is the source with single characters replaced
(`（` by `(`, `１` by `1`, `實` by `实`), nearly always the same one by the same. What is left is written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, pairwise
from operator import sub
from typing import NamedTuple

from shared.packed.columns import ColumnReader, ColumnWriter

_ENCODING = "gb18030"
#: Characters that are compared at a time: most pieces of this length are equal, and so done with.
_PIECE = 64
#: What the normalizer folds on nearly every page, tried first: each is one quick search.
_LIKELY = {chr(ord(sign) + 0xFEE0): sign for sign in "()%0123456789.-/~"}
#: Up to so many replaced characters, replacing one after the other is faster than a table for all.
_FEW = 24


class Spelling(NamedTuple):
    """What leads from a source to its text.

    `written`: the words of the runs that do not go character by character, joined. `before` and `after`: characters and
    what replaces each. `odd_at` and `odd`: offsets in the text where that is wrong, and the characters there.
    """

    written: str
    before: str
    after: str
    odd_at: list[int]
    odd: str

    def to_bytes(self) -> bytes:
        """As bytes."""
        writer = ColumnWriter()
        for words in (self.written, self.before, self.after, self.odd):
            writer.block(words.encode(_ENCODING))
        steps = [at - before for before, at in zip([0, *self.odd_at], self.odd_at, strict=False)]
        writer.count(len(steps))
        writer.numbers(steps)
        return writer.done()

    @classmethod
    def from_bytes(cls, content: bytes) -> Spelling:
        """What `to_bytes` made. Raises ValueError."""
        reader = ColumnReader(content)
        written, before, after, odd = (reader.block().decode(_ENCODING) for _ in range(4))
        odd_at, at = [], 0
        for step in reader.numbers(reader.count()):
            at += step
            odd_at.append(at)
        if len(before) != len(after) or len(odd) != len(odd_at):
            raise ValueError("a spelling without its characters")
        return cls(written, before, after, odd_at, odd)

    def text(self, source: str, runs: list[int]) -> str:
        """The text of `source`. Raises ValueError where they do not belong together."""
        spelt = _replaced(_carried(source, runs, self.written), self.before, self.after)
        if not self.odd:
            return spelt
        ends = (*self.odd_at, len(spelt))
        if min(map(sub, ends[1:], ends)) < 1 or ends[0] < 0:
            raise ValueError("replaced characters out of order")
        between = [spelt[at + 1 : end] for at, end in pairwise(ends)]
        return spelt[: ends[0]] + "".join(chain.from_iterable(zip(self.odd, between, strict=True)))


def respell(source: str, runs: list[int], text: str) -> Spelling | None:
    """What leads from `source` to `text`; None where the text is no other spelling of the source."""
    length = sum(runs[1::3])
    if length != len(text) or length > 2 * len(source):
        return None
    written = "".join(text[start:end] for start, end in _uneven(runs))
    carried = _carried(source, runs, written)
    if len(carried) != len(text):
        return None
    if carried == text:
        return Spelling(written, "", "", [], "")
    likely = {before: after for before, after in _LIKELY.items() if before in carried}
    before, after = "".join(likely), "".join(likely.values())
    if _replaced(carried, before, after) == text:
        return Spelling(written, before, after, [], "")
    best: dict[str, str] = {}
    for (one, other), _ in Counter(_differences(carried, text)).most_common():
        best.setdefault(one, other)
    before, after = "".join(best), "".join(best.values())
    odd = list(_odd(_replaced(carried, before, after), text))
    if len(odd) * 4 > len(text):
        return None
    return Spelling(written, before, after, [at for at, _ in odd], "".join(character for _, character in odd))


def _uneven(runs: list[int]) -> Iterator[tuple[int, int]]:
    """The stretches of text whose runs do not go character by character."""
    at = 0
    for text_length, source_length in zip(runs[1::3], runs[2::3], strict=True):
        if text_length != source_length:
            yield at, at + text_length
        at += text_length


def _carried(source: str, runs: list[int], written: str) -> str:
    """The text before any character is replaced. Raises ValueError where the runs make much more of it than there is."""
    if sum(runs[1::3]) > 2 * len(source) + len(written):
        raise ValueError("an alignment that repeats its source")
    pieces: list[str] = []
    at = taken = 0
    numbers = iter(runs)
    for skip, text_length, source_length in zip(numbers, numbers, numbers, strict=True):
        at += skip
        if text_length == source_length:
            pieces.append(source[at : at + text_length])
        else:
            pieces.append(written[taken : taken + text_length])
            taken += text_length
        at += source_length
    return "".join(pieces)


def _unequal(one: str, other: str) -> Iterator[int]:
    for start in range(0, len(one), _PIECE):
        if one[start : start + _PIECE] != other[start : start + _PIECE]:
            yield start


def _differences(one: str, other: str) -> Iterator[tuple[str, str]]:
    for start in _unequal(one, other):
        for before, after in zip(one[start : start + _PIECE], other[start : start + _PIECE], strict=True):
            if before != after:
                yield before, after


def _odd(spelt: str, text: str) -> Iterator[tuple[int, str]]:
    for start in _unequal(spelt, text):
        for at in range(start, min(start + _PIECE, len(text))):
            if spelt[at] != text[at]:
                yield at, text[at]


def _replaced(text: str, before: str, after: str) -> str:
    if len(before) > _FEW or set(before) & set(after):
        return text.translate(str.maketrans(before, after))
    for one, other in zip(before, after, strict=True):
        text = text.replace(one, other)
    return text
