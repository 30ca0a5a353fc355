"""How long a stage that writes to a database waits for a fuller batch.

A transaction, its questions and its handoff cost some milliseconds whatever they hold (docs/decisions/0061), so while
reports keep coming the next read is put off until it may be expected to be nearly full. A report that comes alone is
never put off: the wait stands after a batch, and only where more is coming; it is the longer the more is coming, because
that is when the machine has no time to lose (docs/decisions/0079).
"""

from __future__ import annotations

#: A wait that is not expected to bring so many entries saves nothing: each would have been a batch by itself anyway.
_WORTH_ENTRIES = 2.0
#: What a wait aims at, of a full batch: a full one looks like a backlog, and is followed by a read without a wait.
_NEARLY_FULL = 0.9
#: The longest wait while entries come too slowly to fill a batch, of the longest there is.
_SHORT_WAIT = 0.5


class Linger:
    """The waits of one subscription, from the rate at which its entries came."""

    def __init__(self, most_seconds: float) -> None:
        self._most_seconds = most_seconds
        self._read_at = float("-inf")

    def after(self, entries: int, room: int, now: float) -> float:
        """Seconds to wait before the next read, after one that had room for so many and brought `entries` at `now` (a
        monotonic clock).

        None of them after a full read: there is a backlog, and the next one will be full as well.
        """
        gap, self._read_at = now - self._read_at, now
        if entries >= room or gap <= 0:
            return 0.0
        rate = entries / gap
        if rate * _SHORT_WAIT * self._most_seconds < _WORTH_ENTRIES:
            return 0.0
        filled = rate * self._most_seconds / (_NEARLY_FULL * room)
        return self._most_seconds * min(max(_SHORT_WAIT, filled), 1 / filled)
