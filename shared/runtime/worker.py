"""One worker process of a stage: it reads, has the work done, hands over, and keeps the promises in between.

    FastStream's subscriber ─ read ─▶ Work ─▶ Hands (child or store) ─▶ outcomes ─▶ Handover ─▶ script
         (reading, pace)               ▲                                   │      (outbox, fuse)
                  Leases ─ left by others                      Aside ◀─────┘
                                       └───────────────── again, when it is due

This file is the life of a worker: what it is made of, how it starts, stops and ends. Connection, leases and metrics are
in this process; rules never run here.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from redis.exceptions import RedisError

import shared
from shared.events import Event
from shared.health import HealthServer
from shared.intake import BodyLimits
from shared.runtime.aside import MAX_ASIDE
from shared.runtime.child_hands import ChildHands
from shared.runtime.condition import Condition
from shared.runtime.frames import Job
from shared.runtime.fuse import Fuse
from shared.runtime.handover import Handover
from shared.runtime.hands import Hands
from shared.runtime.lane import ChildBroken
from shared.runtime.leases import Leases
from shared.runtime.linger import Linger
from shared.runtime.pace import Pace
from shared.runtime.post import Held
from shared.runtime.pulse import Pulse
from shared.runtime.reading import Wiring, leave_groups_as_they_are, make_broker
from shared.runtime.room import Room
from shared.runtime.station import Station
from shared.runtime.store_hands import StoreHands
from shared.runtime.work import Work
from shared.server import masked
from shared.settings import WorkerSettings
from shared.streams import Stream

if TYPE_CHECKING:
    from shared.stage import Stage

log = structlog.get_logger()

#: Between two looks whether there is room again, and whether the work has come to an end.
_LOOK_SECONDS = 0.1
_END_LOOK_SECONDS = 0.02
#: New containers between two looks of Python's collector, 700 by itself. A batch of reports is some ten thousand lists,
#: none of them in a cycle (docs/decisions/0070).
_COLLECTED_EVERY = 10_000
#: The last call of a worker that stops, to a server that may be away.
_FAREWELL_SECONDS = 3.0


class Worker:
    """A worker of `stage`; `leave` asks the application to stop."""

    def __init__(self, stage: Stage, settings: WorkerSettings, leave: Callable[[], None]) -> None:
        self.settings = settings
        self._station = station = Station(stage, settings, leave)
        self._pace = Pace(station.batch_size, settings.batch_bytes)
        self.broker, self._subscribers = make_broker(
            stage,
            Wiring(settings.redis(), settings.shard, station.name, self._pace, self._taken, station.registry,
                   station.framework, station.limits),
        )  # fmt: skip
        self._hands = _make_hands(station)
        self._fuse = Fuse(settings, station.metrics)
        self._room = Room(station)
        self._work = Work(station, self._hands, self._fuse, Handover(station, self._fuse, self._room))
        self._leases = Leases(station, self._fuse, self._room, self._subscribers)
        self._condition = Condition(station, self._pace, self._hands, self._fuse, self._room)
        self._pulse = Pulse(station, self._hands, self._room, self._condition)
        self._health = HealthServer(station.registry, self._condition.healthy, self._condition.ready)
        bound = settings.linger_seconds if stage.store is not None else 0.0
        self._lingers = {source: Linger(bound, station.batch_size) for source in stage.sources}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def terminal(self) -> str | None:
        """Why it cannot go on; None where it can."""
        return self._station.terminal

    # ── start ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self) -> None:
        """Serve metrics and health. Raises SystemExit where the port is taken."""
        settings, stage = self.settings, self._station.stage.name
        try:
            address = await self._health.start(settings.metrics_host, settings.metrics_port)
        except OSError as error:
            raise SystemExit(
                f"{stage}: cannot listen on {settings.metrics_host}:{settings.metrics_port}"
                f" ({error.strerror}); set FAZHI_METRICS_PORT, 0 takes a free port"
            ) from None
        if settings.metrics_dir is not None:
            self._health.note(settings.metrics_dir, stage, address)
        structlog.contextvars.bind_contextvars(stage=stage, worker=self._station.name)
        log.info("worker_starts", metrics=f"http://{address}/metrics", server=masked(settings.redis()))

    async def start(self) -> None:
        """Wait for the server and the database, make groups, start the child and the background tasks."""
        station = self._station
        for source in station.stage.sources:
            await station.until_there(lambda source=source: station.post.open(source))  # type: ignore[misc]
        await self._open_hands()
        if station.stopping.is_set() or station.terminal is not None:
            await asyncio.Event().wait()  # FastStream ends a start that is still running; returning would start more
        await station.until_there(self._pulse.compare_books)
        await station.until_there(self._pulse.look)
        await leave_groups_as_they_are(self.broker)
        for loop in (self._leases.renew, self._leases.reclaim, self._pulse.beat, self._work.mend):
            self._supervise(loop)
        _settle()

    async def _open_hands(self) -> None:
        try:
            if not self._station.stopping.is_set():
                await self._hands.open()
        except ChildBroken as error:
            self._station.fail(str(error))
        except Exception as error:
            has_store = self._station.stage.store is not None
            log.exception("store_does_not_open" if has_store else "child_does_not_open")
            what = "the database cannot be opened" if has_store else "the child process cannot be started"
            self._station.fail(f"{what}: {type(error).__name__}: {error}")

    def started(self) -> None:
        """The subscribers run."""
        self._condition.started = True
        self._station.server_seen = time.monotonic()
        log.info("worker_ready")

    def _supervise(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and not self._station.stopping.is_set():
                error = task.exception()
                log.error("background_task_died", task=work.__qualname__, exc_info=error)
                if isinstance(error, RedisError):
                    self._station.fail(f"the server refuses: {error}")
                else:
                    self._station.fail(f"the background task {work.__qualname__} died: {error!r}")

        task = asyncio.create_task(work(), name=f"{self._station.stage.name} {work.__qualname__}")
        task.add_done_callback(ended)
        self._tasks.append(task)

    # ── work ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _taken(self, source: Stream, batch: list[Held]) -> None:
        """What FastStream calls with each batch. An error here is a fault of ours, never of a report."""
        came_at = time.monotonic()
        try:
            self._station.framework.back()
            self._pace.saw([held.size for held in batch])
            await self._work.take(await self._without_unread(batch))
            await self._wait_for_room()
            if all(held.delivery == 1 for held in batch):  # others were taken over, maybe one by one, and have waited
                await self._linger(source, len(batch), came_at)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("batch_failed")
            self._station.fail(f"a batch could not be handled: {error!r}")

    async def _linger(self, source: Stream, entries: int, came_at: float) -> None:
        linger = self._lingers[source].after(entries, came_at) + came_at - time.monotonic()
        if linger > 0:
            await self._station.pause(linger)

    async def _without_unread(self, batch: list[Held]) -> list[Held]:
        """The batch without those that had no room in its reply: they are given back, and claimed a few at a time."""
        unread = [held for held in batch if held.is_unread]
        if not unread:
            return batch
        await self._station.until_there(lambda: self._station.post.hand_back(unread))
        self._leases.look()
        return [held for held in batch if not held.is_unread]

    async def _wait_for_room(self) -> None:
        """Wait while the stage must not take more: the fuse, a full stream ahead, too much set aside."""
        station = self._station
        if self._room.is_unsure:
            await station.until_there(self._pulse.look)
        while not station.stopping.is_set():
            if self._fuse.reason:
                if station.held and self._work.mending is None:
                    with suppress(RedisError, OSError):
                        await station.give_back()
            elif not self._room.full and len(self._work.aside) < MAX_ASIDE and station.terminal is None:
                return
            await station.pause(_LOOK_SECONDS)

    # ── end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def drain(self) -> None:
        """Finish what is held; what is not finished in time is given back. Called before FastStream stops."""
        station, deadline = self._station, time.monotonic() + self.settings.drain_seconds
        reading = all(one.running for one in self._subscribers.values())
        if self._condition.started and station.terminal is None and not reading:
            station.fail(
                "the consumer group or its stream is gone (flushed or destroyed); the next start makes it again"
            )
        station.stopping.set()
        self._work.aside.look()
        await self._end_reading(deadline)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(_LOOK_SECONDS, deadline - time.monotonic())):
                while self._work.is_busy:  # noqa: ASYNC110 - two states, no event
                    await asyncio.sleep(_END_LOOK_SECONDS)
                if station.terminal is None and not self._fuse.reason:
                    await self._finish_own()
        station.over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._say_farewell()

    async def _end_reading(self, deadline: float) -> None:
        subscribers = list(self._subscribers.values())
        for one in subscribers:
            one.running = False
        reading = [task for one in subscribers for task in getattr(one, "tasks", ()) if not task.done()]
        if reading:
            await asyncio.wait(reading, timeout=max(0.0, deadline - time.monotonic()))
        for task in reading:
            task.cancel()

    async def _finish_own(self) -> None:
        """Work on what was delivered to this worker and never reached it: a read that ended while it stopped."""
        station = self._station
        for source in station.stage.sources:
            with suppress(RedisError, OSError):
                while batch := await station.post.own(
                    source, station.held, station.batch_size + len(station.held), self.settings.batch_bytes
                ):
                    await self._work.take(batch)

    async def _say_farewell(self) -> None:
        given = await self._station.give_back()
        if given:
            self._station.metrics.report("handed_back", given)
            log.info("handed_back", entries=given)
        for source in self._station.stage.sources:
            await self._station.post.leave(source)

    async def close(self) -> None:
        """Let go of everything; runs whatever happened before."""
        for task in self._tasks:
            task.cancel()
        await self._hands.close()
        await self._health.stop()
        await self._station.close()
        log.info("worker_stopped", reason=self.terminal or "asked to")
        if self._hands.stuck:
            # A database call that never returns: the interpreter would wait for its thread for ever.
            log.error("store_hangs", next="ending without it; what was held is given back")
            sys.stderr.flush()
            os._exit(1 if self.terminal is not None else 0)


def _settle() -> None:
    """Tell Python's collector that what is loaded by now stays: else it looks at all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)


def _make_hands(station: Station) -> Hands:
    stage, settings = station.stage, station.settings
    if stage.store is not None:
        return StoreHands(stage.store, settings, stage=stage.name, worker=station.name, version=shared.__version__)
    source = stage.sources[0]
    if stage.process is None:
        raise ValueError("a stage has a function or a store")
    job = Job(
        stage=stage.name, stream=source.name, stream_key=station.names.stream(source.name), worker=station.name,
        version=shared.__version__, process=_reference(stage.process), prepare=_reference(stage.prepare),
        limits=BodyLimits(settings.max_report_bytes, settings.max_expansion),
    )  # fmt: skip
    return ChildHands(job, settings)


def _reference(function: Callable[..., Event] | Callable[[], None] | None) -> str:
    return f"{function.__module__}:{function.__qualname__}" if function is not None else ""
