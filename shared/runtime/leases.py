"""Leases: held entries are renewed, those of dead workers are taken over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from shared.runtime.back_pressure import BackPressure
from shared.runtime.consumer import ClaimBounds, Held
from shared.runtime.context import WorkerContext
from shared.runtime.fuse import Fuse
from shared.runtime.reading import as_read
from shared.runtime.retry import SILENT_FACTOR
from shared.runtime.retry_queue import MAX_ASIDE
from shared.server import is_away, is_group_gone
from shared.streams import Stream

log = structlog.get_logger()

#: Consumers idle for this many leases are gone.
_GONE_LEASES = 10
#: Ids renewed in one call to the server.
_RENEWED = 500


class Leases:
    """The leases of one worker's entries; `subscribers` are FastStream's, by stream."""

    def __init__(
        self, context: WorkerContext, fuse: Fuse, back_pressure: BackPressure, subscribers: dict[Stream, Any]
    ) -> None:
        self._context = context
        self._fuse = fuse
        self._back_pressure = back_pressure
        self._subscribers = subscribers
        settings = context.settings
        self._bounds = ClaimBounds(
            context.batch_size, settings.batch_bytes, SILENT_FACTOR * settings.max_deliveries
        )  # fmt: skip
        self._wanted = asyncio.Event()

    def look(self) -> None:
        """Have the next look for entries to take over at once."""
        self._wanted.set()

    async def renew(self) -> None:
        """Start the leases of all held entries anew, three times a lease."""
        while not self._context.over:
            await asyncio.sleep(self._context.settings.lease_seconds / 3)
            if self._fuse.reason:
                continue
            for source in self._context.stage.sources:
                ids = [id_ for stream, id_ in self._context.held if stream == source]
                with suppress(RedisError, OSError):
                    for start in range(0, len(ids), _RENEWED):
                        await self._renew(source, ids[start : start + _RENEWED])

    async def _renew(self, source: Stream, ids: Sequence[str]) -> None:
        ours = await self._context.consumer.renew(source, ids)
        lost = [id_ for id_, one in zip(ids, ours, strict=True) if not one and (source, id_) in self._context.held]
        self._context.metrics.lost_leases.inc(len(lost))

    async def reclaim(self) -> None:
        """Take over what dead workers left, all of it, at once and then several times a lease."""
        while not self._context.over:
            for source, subscriber in self._subscribers.items():
                try:
                    while self._may_take(subscriber) and (held := await self._take_over(source)):
                        await subscriber.consume(as_read(held))
                    await self._look_around(source)
                except (RedisError, OSError) as error:
                    if not is_away(error) and not is_group_gone(error):
                        raise
            with suppress(TimeoutError):
                async with asyncio.timeout(min(5.0, self._context.settings.lease_seconds / 4)):
                    await self._wanted.wait()
            self._wanted.clear()

    def _may_take(self, subscriber: Any) -> bool:
        """Whether this worker takes anything over. How much it has read does not matter: under a backlog that is
        always as much as it may, and what a dead worker left is the oldest work there is.
        """
        if self._fuse.reason or self._back_pressure.full or not subscriber.running or self._context.stopping.is_set():
            return False
        return len(self._context.held) < self._context.batch_size + MAX_ASIDE

    async def _take_over(self, source: Stream) -> list[Held]:
        """Some of what others left on the stream; what has vanished from it is said."""
        context = self._context
        held, vanished = await context.consumer.reclaim(source, context.settings.lease_seconds, self._bounds)
        context.metrics.reclaimed.inc(len(held))
        if vanished:
            context.metrics.vanished.inc(len(vanished))
            log.error("entries_vanished", stream=context.names.stream(source.name), ids=vanished[:50])
        return held

    async def _look_around(self, source: Stream) -> None:
        """Who is gone is swept away; what was skipped is said."""
        context = self._context
        await context.consumer.sweep(source, _GONE_LEASES * context.settings.lease_seconds)
        skipped = await context.consumer.unskip(source)
        if skipped:
            log.error("entries_skipped", stream=context.names.stream(source.name), first=skipped,
                      why="somebody moved the group's place; the group begins anew")  # fmt: skip
