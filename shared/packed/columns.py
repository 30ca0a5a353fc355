"""Whole numbers as columns of bytes: numbers of one kind stand together, so that they pack well."""

from __future__ import annotations

import struct
import sys
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain, count
from operator import sub
from typing import Any

#: Bytes a number → the type code of `array`.
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_WIDE_BASE = 16
_NARROW_BASE = range(-128, 128)  # fits into one byte
_BASE = struct.Struct("<q")
#: Heads of a column of one byte a number without a base, and of one whose numbers are all zero.
_SMALL, _ZEROS = b"\x01\0", b"\0\0"
_LENGTH = struct.Struct("<I")
#: Rows of one table. A column whose numbers are all equal takes no bytes: the count must have a limit of its own.
#: The extractor makes at most 20,000 facts.
MAX_ROWS = 200_000


class ColumnWriter:
    """Columns and blocks of bytes, one after the other."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def count(self, rows: int) -> None:
        """How many rows the columns that follow have. Raises ValueError above MAX_ROWS."""
        if rows > MAX_ROWS:
            raise ValueError(f"{rows} rows, at most {MAX_ROWS}")
        self._parts.append(_LENGTH.pack(rows))

    def numbers(self, values: Sequence[int]) -> None:
        """One column. Raises OverflowError or struct.error for numbers of more than 64 bits."""
        if not values:
            return
        low, high = min(values), max(values)
        if low == high:
            self._parts.append(_head(0, low))
            return
        base = 0 if low >= 0 and high < 1 << 8 else low
        width = _width(high - base)
        shifted = values if base == 0 else [value - base for value in values]
        self._parts += (_head(width, base), bytes(shifted) if width == 1 else _planes(array(_CODES[width], shifted)))

    def table(self, *columns: Sequence[int]) -> None:
        """Columns of one length, with it. Raises as `count` and `numbers` do, and ValueError for unequal lengths."""
        rows = len(columns[0])
        if any(len(column) != rows for column in columns):
            raise ValueError("columns of unequal length")
        self.count(rows)
        for column in columns if rows else ():
            try:
                plain = bytes(column)  # nearly every column is one of small numbers
            except ValueError:
                self.numbers(column)
            else:
                self._parts.append(_SMALL + plain if plain.count(0) != rows else _ZEROS)

    def block(self, content: bytes) -> None:
        """Bytes with their length."""
        self._parts += (_LENGTH.pack(len(content)), content)

    def done(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


class ColumnReader:
    """What a ColumnWriter wrote. Every method raises ValueError where the bytes are none of its."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._content):
            raise ValueError("a column ends early")
        taken = self._content[self._at : end]
        self._at = end
        return taken

    def count(self) -> int:
        """How many rows the next columns have."""
        rows: int = _LENGTH.unpack(self._take(_LENGTH.size))[0]
        if rows > MAX_ROWS:
            raise ValueError(f"{rows} rows, at most {MAX_ROWS}")
        return rows

    def numbers(self, rows: int) -> Sequence[int]:
        """The next column."""
        if not rows:
            return b""
        head = self._take(1)[0]
        width = head & ~_WIDE_BASE
        base: int = (
            _BASE.unpack(self._take(8))[0]
            if head & _WIDE_BASE
            else int.from_bytes(self._take(1), "little", signed=True)
        )
        if width == 0:
            return [base] * rows
        if width not in _CODES:
            raise ValueError(f"a column of {width} bytes a number")
        taken = self._take(rows * width)
        values = taken if width == 1 else _from_planes(taken, rows, width)
        return values if base == 0 else [value + base for value in values]

    def table(self, width: int) -> list[Sequence[int]]:
        """The columns of the next table."""
        rows = self.count()
        if not rows:
            return [b""] * width
        columns: list[Sequence[int]] = []
        for _ in range(width):
            start = self._at + len(_SMALL)
            end = start + rows
            if self._content[self._at : start] == _SMALL and end <= len(self._content):
                columns.append(self._content[start:end])
                self._at = end
            else:
                columns.append(self.numbers(rows))
        return columns

    def block(self) -> bytes:
        """The next block of bytes."""
        return self._take(_LENGTH.unpack(self._take(_LENGTH.size))[0])

    def rest(self) -> bytes:
        """What follows all columns."""
        return self._content[self._at :]


def shared(rows: Iterable[Hashable]) -> tuple[list[Any], list[int]]:
    """The table of these rows, each once, and the place of each row in it."""
    places: defaultdict[Hashable, int] = defaultdict(count().__next__)
    of = list(map(places.__getitem__, rows))
    return list(places), of


def at_places(table: Sequence[tuple[Any, ...]], places: Sequence[int], width: int) -> Sequence[Sequence[Any]]:
    """The columns of the table's rows at these places. Raises ValueError where the table has no such row."""
    try:
        rows = list(map(table.__getitem__, sizes(places)))
    except IndexError:
        raise ValueError(f"a row beyond the {len(table)} of its table") from None
    return list(zip(*rows, strict=True)) or [()] * width


def sizes(column: Sequence[int]) -> Sequence[int]:
    """The column. Raises ValueError where one of its numbers is negative."""
    if column and not isinstance(column, bytes) and min(column) < 0:
        raise ValueError("a length below zero")
    return column


def steps(values: Sequence[int]) -> list[int]:
    """From each number to the next, the first from zero: `accumulate` leads back."""
    return list(map(sub, values, chain((0,), values)))


def _width(span: int) -> int:
    return 1 if span < 1 << 8 else 2 if span < 1 << 16 else 4 if span < 1 << 32 else 8


def _head(width: int, base: int) -> bytes:
    if base in _NARROW_BASE:
        return bytes((width, base & 0xFF))
    return bytes((width | _WIDE_BASE,)) + _BASE.pack(base)


def _planes(values: array[int]) -> bytes:
    """All lowest bytes, then all second bytes, and so on: the upper ones are nearly always zero."""
    if sys.byteorder == "big":
        values.byteswap()
    content, width = values.tobytes(), values.itemsize
    return b"".join(content[plane::width] for plane in range(width))


def _from_planes(content: bytes, rows: int, width: int) -> array[int]:
    joined = bytearray(len(content))
    for plane in range(width):
        joined[plane::width] = content[plane * rows : (plane + 1) * rows]
    values = array(_CODES[width], bytes(joined))
    if values.itemsize != width:
        raise ValueError(f"no numbers of {width} bytes on this platform")
    if sys.byteorder == "big":
        values.byteswap()
    return values
