"""How many entries the next read may take, so that a read is bounded in bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from faststream.redis import StreamSub

#: Reads that ask again within this time and bring nothing are slowed down, after so many of them.
_HASTE_SECONDS = 0.05
_HASTY_READS = 20


class Pace:
    """Entries of the next read, by the running mean of their size; also when the last read was asked for."""

    def __init__(self, batch_size: int, batch_bytes: int) -> None:
        self._batch_size = batch_size
        self._batch_bytes = batch_bytes
        self._mean_bytes = 0.0
        self._in_vain = 0
        self.asked_at = time.monotonic()

    def ask(self) -> int:
        """Entries for the next read."""
        now = time.monotonic()
        self._in_vain = self._in_vain + 1 if now - self.asked_at < _HASTE_SECONDS else 0
        self.asked_at = now
        if self._in_vain > _HASTY_READS:
            # A server that answers every read with an error (a full disk) has FastStream read again without a pause.
            time.sleep(_HASTE_SECONDS)
        return self.room

    @property
    def room(self) -> int:
        """Entries that a read may take, by the sizes seen so far."""
        if self._mean_bytes <= 0:
            return 1  # nobody knows yet how large they are
        return max(1, min(self._batch_size, int(self._batch_bytes / self._mean_bytes)))

    def saw(self, sizes: Sequence[int]) -> None:
        """Note the sizes of a read, in bytes: a large one counts at once, small ones slowly."""
        self._in_vain = 0
        for size in sizes:
            self._mean_bytes = size if size > self._mean_bytes else 0.9 * self._mean_bytes + 0.1 * size


class PacedStream(StreamSub[Any]):
    """A subscription whose `max_records` is asked anew at every read."""

    __slots__ = ("_pace",)

    def __init__(self, stream: str, pace: Pace, **options: Any) -> None:
        self._pace = pace
        super().__init__(stream, **options)

    def add_prefix(self, prefix: str) -> PacedStream:
        """Itself: our names are whole. FastStream asks twice a read and would make a copy each time."""
        if prefix:
            raise ValueError(prefix)
        return self

    @property
    def max_records(self) -> int:
        """Entries for the next read."""
        return self._pace.ask()

    @max_records.setter
    def max_records(self, value: int | None) -> None:
        """The base class sets its own; the pace decides."""
