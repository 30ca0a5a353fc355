"""Which report a child has in hand, and since when: it says so before each step, and its worker looks where an answer is
missing. By then the child may be dead, or hang.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from io import FileIO
from typing import NamedTuple

_NUMBER, _MOMENT = struct.Struct("<q"), struct.Struct("<d")
_SIZE = _NUMBER.size + _MOMENT.size


class InHand(NamedTuple):
    """The report by its number among all that the child was sent, from 0, and the monotonic time when its work began."""

    number: int
    since: float


class Mark:
    """The child's side: some bytes of memory that its worker can read, at no cost to either while all goes well."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, _SIZE)

    def put(self, number: int, since: float) -> None:
        """Say what is in hand. The time first: who reads between the two takes a report for younger than it is."""
        _MOMENT.pack_into(self._memory, _NUMBER.size, since)
        _NUMBER.pack_into(self._memory, 0, number)


def make_mark() -> FileIO:
    """The worker's side, also of a new child: nothing is in hand."""
    if hasattr(os, "memfd_create"):
        mark = FileIO(os.memfd_create("mark"), "r+")
    else:
        with tempfile.TemporaryFile() as file:
            mark = FileIO(os.dup(file.fileno()), "r+")
    mark.write(_NUMBER.pack(-1) + _MOMENT.pack(0.0))
    return mark


def read_mark(mark: FileIO) -> InHand:
    """What the child says. It is read, not mapped: a child that has lost its mind may cut the memory away."""
    try:
        (number,) = _NUMBER.unpack(os.pread(mark.fileno(), _NUMBER.size, 0))
        (since,) = _MOMENT.unpack(os.pread(mark.fileno(), _MOMENT.size, _NUMBER.size))
    except struct.error:
        return InHand(-1, 0.0)
    return InHand(number, since)
