"""Every two seconds a worker looks: is the server there, is there room ahead, are the books those that it knows."""

from __future__ import annotations

import asyncio
import time

import structlog
from redis.exceptions import RedisError

from shared.runtime.back_pressure import BackPressure
from shared.runtime.context import HEARTBEAT_SECONDS, WorkerContext
from shared.runtime.executor import Executor
from shared.runtime.probes import Probes
from shared.server import is_away

log = structlog.get_logger()


class Heartbeat:
    """The regular look of one worker."""

    def __init__(self, context: WorkerContext, executor: Executor, back_pressure: BackPressure, probes: Probes) -> None:
        self._context = context
        self._executor = executor
        self._back_pressure = back_pressure
        self._probes = probes

    async def beat(self) -> None:
        """Look, again and again."""
        context = self._context
        while not context.over:
            try:
                await self.look()
                context.server_seen = time.monotonic()
                context.framework.back()
                context.metrics.server_up.set(1)
            except (RedisError, OSError) as error:
                context.metrics.server_up.set(0)
                if not is_away(error):
                    raise
            context.metrics.ready.set(1 if self._probes.ready().good else 0)
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def look(self) -> None:
        """Weigh the streams ahead and see whose books these are, in one call. Raises RedisError, OSError."""
        generation, sizes = await self._context.consumer.look(*self._back_pressure.streams)
        self._back_pressure.weighed(sizes)
        if generation != self._context.consumer.generation:
            await self._miss_books()

    async def _miss_books(self) -> None:
        for source in self._context.stage.sources:
            await self._context.consumer.open(source)
        log.error(
            "books_lost", generation=self._context.consumer.generation,
            why="the server was flushed, or the key of the books removed",
        )  # fmt: skip
        await self.compare_books()

    async def compare_books(self) -> None:
        """The store remembers the books under which it was filled: a flush that no worker survived shows here."""
        known, generation = await self._executor.known_books(), self._context.consumer.generation
        if known and await self._context.consumer.miss(known):
            log.error("books_lost", generation=generation, known=known, why="the database was filled under other books")
        if known != generation:
            await self._executor.note_books(generation)
