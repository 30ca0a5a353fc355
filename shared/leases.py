"""Leases: held entries are renewed, those of dead workers are taken over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from shared.fuse import Fuse
from shared.post import Held
from shared.reading import as_read
from shared.room import Room
from shared.server import is_away, is_group_gone
from shared.station import Station
from shared.streams import Stream

log = structlog.get_logger()

#: Consumers idle for this many leases are gone.
_GONE_LEASES = 10
#: Ids renewed in one call to the server.
_RENEWED = 500


class Leases:
    """The leases of one worker's entries; `subscribers` are FastStream's, by stream."""

    def __init__(self, station: Station, fuse: Fuse, room: Room, subscribers: dict[Stream, Any]) -> None:
        self._station = station
        self._fuse = fuse
        self._room = room
        self._subscribers = subscribers

    async def renew(self) -> None:
        """Start the leases of all held entries anew, three times a lease."""
        while not self._station.over:
            await asyncio.sleep(self._station.settings.lease_seconds / 3)
            if self._fuse.reason:
                continue
            for source in self._station.stage.sources:
                ids = [id_ for stream, id_ in self._station.held if stream == source]
                with suppress(RedisError, OSError):
                    for start in range(0, len(ids), _RENEWED):
                        await self._renew(source, ids[start : start + _RENEWED])

    async def _renew(self, source: Stream, ids: Sequence[str]) -> None:
        ours = await self._station.post.renew(source, ids)
        lost = [id_ for id_, one in zip(ids, ours, strict=True) if not one and (source, id_) in self._station.held]
        self._station.metrics.lost_leases.inc(len(lost))

    async def reclaim(self) -> None:
        """Take over what dead workers left, at once and then several times a lease."""
        while not self._station.over:
            for source, subscriber in self._subscribers.items():
                if self._is_busy or not subscriber.running:
                    continue
                try:
                    held = await self._look_around(source)
                except (RedisError, OSError) as error:
                    if not is_away(error) and not is_group_gone(error):
                        raise
                    continue
                if held:
                    self._station.metrics.reclaimed.inc(len(held))
                    await subscriber.consume(as_read(held))
            await asyncio.sleep(min(5.0, self._station.settings.lease_seconds / 4))

    @property
    def _is_busy(self) -> bool:
        if self._fuse.reason or self._room.full:
            return True
        return len(self._station.held) >= self._station.settings.batch_size

    async def _look_around(self, source: Stream) -> list[Held]:
        """What others left on the stream; who is gone is swept away, what was skipped or has vanished is said."""
        settings, post = self._station.settings, self._station.post
        held, vanished = await post.reclaim(
            source, settings.lease_seconds, settings.batch_size, settings.batch_bytes
        )  # fmt: skip
        await post.sweep(source, _GONE_LEASES * settings.lease_seconds)
        skipped = await post.unskip(source)
        stream = self._station.names.stream(source.name)
        if skipped:
            log.error("entries_skipped", stream=stream, first=skipped,
                      why="somebody moved the group's place; the group begins anew")  # fmt: skip
        if vanished:
            self._station.metrics.vanished.inc(len(vanished))
            log.error("entries_vanished", stream=stream, ids=vanished[:50])
        return held
