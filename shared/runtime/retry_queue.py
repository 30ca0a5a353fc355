"""Entries set aside for another attempt, each until it is due."""

from __future__ import annotations

import asyncio
import heapq
import time
from contextlib import suppress
from itertools import count
from typing import NamedTuple

from shared.runtime.consumer import Held

#: Entries set aside at most; more make the stream of work wait.
MAX_ASIDE = 64
#: How long a look waits where nothing is set aside at all.
_IDLE_SECONDS = 3600.0


class Again(NamedTuple):
    """An entry to try again; `counted`: as one more delivery."""

    due: float  # by the monotonic clock
    order: int  # what became due first goes first, whatever the entries are
    held: Held
    counted: bool


class RetryQueue:
    """The entries, the next due first."""

    def __init__(self) -> None:
        self._heap: list[Again] = []
        self._order = count()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, held: Held, after_seconds: float, *, counted: bool) -> None:
        """Set one aside for so long."""
        heapq.heappush(self._heap, Again(time.monotonic() + after_seconds, next(self._order), held, counted))
        self.look()

    def look(self) -> None:
        """Wake whoever waits in `next_due`."""
        self._changed.set()

    async def next_due(self) -> Again | None:
        """The next entry, taken out, where it is due. Else waits until one is, or something changed, and gives None."""
        self._changed.clear()
        wait = self._heap[0].due - time.monotonic() if self._heap else _IDLE_SECONDS
        if wait <= 0:
            return heapq.heappop(self._heap)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._changed.wait()
        return None
