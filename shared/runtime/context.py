"""What all parts of one worker share: its name, its way to the server, what it holds, and whether it is to stop."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from redis.exceptions import RedisError

import shared
from shared.runtime.consumer import Consumer, Held
from shared.server import connect_async, is_away, is_group_gone
from shared.settings import WorkerSettings
from shared.strainer import ReplyLimits
from shared.streams import INTAKE, Stream, keys
from shared.telemetry import FrameworkLog, StageMetrics

if TYPE_CHECKING:
    from shared.stage import Stage

T = TypeVar("T")
log = structlog.get_logger()

#: A worker looks at the server this often. A look costs it 0.3 ms.
HEARTBEAT_SECONDS = 2.0
#: Attempts of a call while the worker stops, when it no longer waits for a server that is away, and the pause between.
_LAST_ATTEMPTS = 3
_LAST_PAUSE_SECONDS = 0.2


#: An event holds its page, its text and what was found in it; a dead letter holds an event and its page.
_EVENT_FACTOR = 4


def _reply_limits(stage: Stage, settings: WorkerSettings) -> ReplyLimits:
    """A field may have what the largest page or its event has; a read, by the running mean, one such field more than it
    should have.
    """
    pages = INTAKE in stage.sources
    most = settings.max_report_bytes if pages else _EVENT_FACTOR * settings.max_report_bytes
    return ReplyLimits(most, settings.batch_bytes + most)


class WorkerContext:
    """The context of one worker of `stage`; `leave` asks the application to stop."""

    def __init__(self, stage: Stage, settings: WorkerSettings, leave: Callable[[], None]) -> None:
        self.stage = stage
        self.settings = settings
        self._leave = leave
        # Never used twice: a name that comes back would own what its namesake left.
        self.name = f"{stage.name}-{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self.names = keys(settings.shard)
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.metrics = StageMetrics(stage.name, shared.__version__, self.registry)
        self.framework = FrameworkLog()
        self.batch_size = settings.batch_size if stage.store is None else settings.store_batch_size
        self.limits = _reply_limits(stage, settings)
        self._server = connect_async(settings.redis(), self.limits)
        self.consumer = Consumer(self._server, self.names, stage.produces, self.name, uuid4().hex)
        self.held: dict[tuple[Stream, str], Held] = {}
        self.stopping = asyncio.Event()
        #: Tells the loops in the background once more that they are to end: redis-py was seen to swallow a cancellation on
        #: a loaded machine, and the worker hung until SIGKILL.
        self.over = False
        self.terminal: str | None = None  # why it cannot go on
        self.server_seen = float("-inf")  # by the monotonic clock, as the next one
        self.moved_at = time.monotonic()  # when an entry last came a step further

    def hold(self, batch: Iterable[Held]) -> None:
        """Entries that were read or claimed: their leases are renewed from now on."""
        self.held.update(((one.stream, one.id), one) for one in batch)
        self.metrics.in_progress.set(len(self.held))

    def let_go(self, batch: Iterable[Held]) -> None:
        """Entries that were handed over, given back or lost."""
        for one in batch:
            self.held.pop((one.stream, one.id), None)
        self.metrics.in_progress.set(len(self.held))

    async def give_back(self) -> int:
        """Give back all that is held, to whoever comes; how many entries. Raises RedisError, OSError."""
        held = list(self.held.values())  # what is read meanwhile is still to be worked on
        given = await self.consumer.hand_back(held)
        self.let_go(held)
        return given

    def fail(self, reason: str) -> None:
        """A fault that only a restart can mend: stop, with an exit status that is not 0."""
        if self.terminal is None:
            self.terminal = reason
            log.error("worker_fails", reason=reason)
        self._leave()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the worker is to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()

    async def until_there(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """What `call` answers, once the server serves. None where the worker is to stop before that."""
        said = False
        while not self.stopping.is_set():
            try:
                answer = await call()
            except (RedisError, OSError) as error:
                if is_group_gone(error):
                    self.fail(f"the consumer group is gone: {error}")
                    return None
                if not is_away(error):
                    self.fail(f"the server refuses: {error}")
                    return None
                if not said:
                    log.warning(
                        "server_away", error=str(error)[:300], next="waiting; it is tried again until it is back"
                    )
                said = True
                await self.pause(self.settings.reconnect_seconds)
            else:
                self.server_seen = time.monotonic()
                if said:
                    log.info("server_back")
                return answer
        return None

    async def soon(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """As `until_there`; while stopping, None after a few attempts: what is held is given back, or its lease ends."""
        if not self.stopping.is_set():
            return await self.until_there(call)
        for _ in range(_LAST_ATTEMPTS):
            try:
                return await call()
            except (RedisError, OSError):
                await asyncio.sleep(_LAST_PAUSE_SECONDS)
        return None

    async def close(self) -> None:
        """Leave the server."""
        with suppress(RedisError, OSError):
            await self._server.aclose()
