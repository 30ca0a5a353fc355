"""Every two seconds a worker looks: is the server there, is there room ahead, are the books those that it knows."""

from __future__ import annotations

import asyncio
import time

import structlog
from redis.exceptions import RedisError

from shared.runtime.condition import Condition
from shared.runtime.hands import Hands
from shared.runtime.room import Room
from shared.runtime.station import PULSE_SECONDS, Station
from shared.server import is_away

log = structlog.get_logger()


class Pulse:
    """The regular look of one worker."""

    def __init__(self, station: Station, hands: Hands, room: Room, condition: Condition) -> None:
        self._station = station
        self._hands = hands
        self._room = room
        self._condition = condition

    async def beat(self) -> None:
        """Look, again and again."""
        station = self._station
        while not station.over:
            try:
                await self.look()
                station.server_seen = time.monotonic()
                station.framework.back()
                station.metrics.server_up.set(1)
            except (RedisError, OSError) as error:
                station.metrics.server_up.set(0)
                if not is_away(error):
                    raise
            station.metrics.ready.set(1 if self._condition.ready().good else 0)
            await asyncio.sleep(PULSE_SECONDS)

    async def look(self) -> None:
        """Weigh the streams ahead and see whose books these are, in one call. Raises RedisError, OSError."""
        generation, sizes = await self._station.post.look(*self._room.streams)
        self._room.weighed(sizes)
        if generation != self._station.post.generation:
            await self._miss_books()

    async def _miss_books(self) -> None:
        for source in self._station.stage.sources:
            await self._station.post.open(source)
        log.error(
            "books_lost", generation=self._station.post.generation,
            why="the server was flushed, or the key of the books removed",
        )  # fmt: skip
        await self.compare_books()

    async def compare_books(self) -> None:
        """The store remembers the books under which it was filled: a flush that no worker survived shows here."""
        known, generation = await self._hands.known_books(), self._station.post.generation
        if known and await self._station.post.miss(known):
            log.error("books_lost", generation=generation, known=known, why="the database was filled under other books")
        if known != generation:
            await self._hands.note_books(generation)
