"""One worker process of a stage: it reads, has the work done, hands over, and keeps the promises in between.

    FastStream's subscriber ─ read ─▶ Work ─▶ Executor (child or store) ─▶ outcomes ─▶ Handover ─▶ script
         (reading, pace)               ▲                                      │      (outbox, fuse)
                  Leases ─ left by others                                     ▼
                                       └───── again, when it is due ─── RetryQueue

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
from shared.runtime.back_pressure import BackPressure
from shared.runtime.child_executor import ChildExecutor
from shared.runtime.child_process import ChildBroken
from shared.runtime.consumer import Held
from shared.runtime.context import WorkerContext
from shared.runtime.executor import Executor
from shared.runtime.frames import Job
from shared.runtime.fuse import Fuse
from shared.runtime.handover import Handover
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.leases import Leases
from shared.runtime.linger import Linger
from shared.runtime.pace import Pace
from shared.runtime.probes import Probes
from shared.runtime.reading import Wiring, leave_groups_as_they_are, make_broker
from shared.runtime.retry_queue import MAX_ASIDE
from shared.runtime.store_executor import StoreExecutor
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
        self._context = context = WorkerContext(stage, settings, leave)
        self._pace = Pace(context.batch_size, settings.batch_bytes)
        self.broker, self._subscribers = make_broker(
            stage,
            Wiring(settings.redis(), settings.shard, context.name, self._pace, self._taken, context.registry,
                   context.framework, context.limits),
        )  # fmt: skip
        self._executor = _make_executor(context)
        self._fuse = Fuse(settings, context.metrics)
        self._back_pressure = BackPressure(context)
        self._work = Work(context, self._executor, self._fuse, Handover(context, self._fuse, self._back_pressure))
        self._leases = Leases(context, self._fuse, self._back_pressure, self._subscribers)
        self._probes = Probes(context, self._pace, self._executor, self._fuse, self._back_pressure)
        self._heartbeat = Heartbeat(context, self._executor, self._back_pressure, self._probes)
        self._health = HealthServer(context.registry, self._probes.healthy, self._probes.ready)
        bound = settings.linger_seconds if stage.store is not None else 0.0
        self._lingers = {source: Linger(bound) for source in stage.sources}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def terminal(self) -> str | None:
        """Why it cannot go on; None where it can."""
        return self._context.terminal

    # ── start ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self) -> None:
        """Serve metrics and health. Raises SystemExit where the port is taken."""
        settings, stage = self.settings, self._context.stage.name
        try:
            address = await self._health.start(settings.metrics_host, settings.metrics_port)
        except OSError as error:
            raise SystemExit(
                f"{stage}: cannot listen on {settings.metrics_host}:{settings.metrics_port}"
                f" ({error.strerror}); set FAZHI_METRICS_PORT, 0 takes a free port"
            ) from None
        if settings.metrics_dir is not None:
            self._health.note(settings.metrics_dir, stage, address)
        structlog.contextvars.bind_contextvars(stage=stage, worker=self._context.name)
        log.info("worker_starts", metrics=f"http://{address}/metrics", server=masked(settings.redis()))

    async def start(self) -> None:
        """Wait for the server and the database, make groups, start the child and the background tasks."""
        context = self._context
        for source in context.stage.sources:
            await context.until_there(lambda source=source: context.consumer.open(source))  # type: ignore[misc]
        await self._open_executor()
        if context.stopping.is_set() or context.terminal is not None:
            await asyncio.Event().wait()  # FastStream ends a start that is still running; returning would start more
        await context.until_there(self._heartbeat.compare_books)
        await context.until_there(self._heartbeat.look)
        await leave_groups_as_they_are(self.broker)
        for loop in (self._leases.renew, self._leases.reclaim, self._heartbeat.beat, self._work.mend):
            self._supervise(loop)
        _settle()

    async def _open_executor(self) -> None:
        try:
            if not self._context.stopping.is_set():
                await self._executor.open()
        except ChildBroken as error:
            self._context.fail(str(error))
        except Exception as error:
            has_store = self._context.stage.store is not None
            log.exception("store_does_not_open" if has_store else "child_does_not_open")
            what = "the database cannot be opened" if has_store else "the child process cannot be started"
            self._context.fail(f"{what}: {type(error).__name__}: {error}")

    def started(self) -> None:
        """The subscribers run."""
        self._probes.started = True
        self._context.server_seen = time.monotonic()
        log.info("worker_ready")

    def _supervise(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and not self._context.stopping.is_set():
                error = task.exception()
                log.error("background_task_died", task=work.__qualname__, exc_info=error)
                if isinstance(error, RedisError):
                    self._context.fail(f"the server refuses: {error}")
                else:
                    self._context.fail(f"the background task {work.__qualname__} died: {error!r}")

        task = asyncio.create_task(work(), name=f"{self._context.stage.name} {work.__qualname__}")
        task.add_done_callback(ended)
        self._tasks.append(task)

    # ── work ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _taken(self, source: Stream, batch: list[Held]) -> None:
        """What FastStream calls with each batch. An error here is a fault of ours, never of a report."""
        came_at, room = time.monotonic(), self._pace.room
        try:
            self._context.framework.back()
            self._pace.saw([held.size for held in batch])
            await self._work.take(await self._without_unread(batch))
            await self._wait_for_room()
            if all(held.delivery == 1 for held in batch):  # others were taken over, maybe one by one, and have waited
                await self._linger(source, len(batch), room, came_at)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("batch_failed")
            self._context.fail(f"a batch could not be handled: {error!r}")

    async def _linger(self, source: Stream, entries: int, room: int, came_at: float) -> None:
        linger = self._lingers[source].after(entries, room, came_at) + came_at - time.monotonic()
        if linger > 0:
            await self._context.pause(linger)

    async def _without_unread(self, batch: list[Held]) -> list[Held]:
        """The batch without those that had no room in its reply: they are given back, and claimed a few at a time."""
        unread = [held for held in batch if held.is_unread]
        if not unread:
            return batch
        await self._context.until_there(lambda: self._context.consumer.hand_back(unread))
        self._leases.look()
        return [held for held in batch if not held.is_unread]

    async def _wait_for_room(self) -> None:
        """Wait while the stage must not take more: the fuse, a full stream ahead, too much set aside."""
        context = self._context
        if self._back_pressure.is_unsure:
            await context.until_there(self._heartbeat.look)
        while not context.stopping.is_set():
            if self._fuse.reason:
                if context.held and self._work.mending is None:
                    with suppress(RedisError, OSError):
                        await context.give_back()
            elif not self._back_pressure.full and len(self._work.retries) < MAX_ASIDE and context.terminal is None:
                return
            await context.pause(_LOOK_SECONDS)

    # ── end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def drain(self) -> None:
        """Finish what is held; what is not finished in time is given back. Called before FastStream stops."""
        context, deadline = self._context, time.monotonic() + self.settings.drain_seconds
        reading = all(one.running for one in self._subscribers.values())
        if self._probes.started and context.terminal is None and not reading:
            context.fail(
                "the consumer group or its stream is gone (flushed or destroyed); the next start makes it again"
            )
        context.stopping.set()
        self._work.retries.look()
        await self._end_reading(deadline)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(_LOOK_SECONDS, deadline - time.monotonic())):
                while self._work.is_busy:  # noqa: ASYNC110 - two states, no event
                    await asyncio.sleep(_END_LOOK_SECONDS)
                if context.terminal is None and not self._fuse.reason:
                    await self._finish_own()
        context.over = True
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
        context = self._context
        for source in context.stage.sources:
            with suppress(RedisError, OSError):
                while batch := await context.consumer.own(
                    source, context.held, context.batch_size + len(context.held), self.settings.batch_bytes
                ):
                    await self._work.take(batch)

    async def _say_farewell(self) -> None:
        given = await self._context.give_back()
        if given:
            self._context.metrics.report("handed_back", given)
            log.info("handed_back", entries=given)
        for source in self._context.stage.sources:
            await self._context.consumer.leave(source)

    async def close(self) -> None:
        """Let go of everything; runs whatever happened before."""
        for task in self._tasks:
            task.cancel()
        await self._executor.close()
        await self._health.stop()
        await self._context.close()
        log.info("worker_stopped", reason=self.terminal or "asked to")
        if self._executor.stuck:
            # A database call that never returns: the interpreter would wait for its thread for ever.
            log.error("store_hangs", next="ending without it; what was held is given back")
            sys.stderr.flush()
            os._exit(1 if self.terminal is not None else 0)


def _settle() -> None:
    """Tell Python's collector that what is loaded by now stays: else it looks at all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)


def _make_executor(context: WorkerContext) -> Executor:
    stage, settings = context.stage, context.settings
    if stage.store is not None:
        return StoreExecutor(stage.store, settings, stage=stage.name, worker=context.name, version=shared.__version__)
    source = stage.sources[0]
    if stage.process is None:
        raise ValueError("a stage has a function or a store")
    job = Job(
        stage=stage.name, stream=source.name, stream_key=context.names.stream(source.name), worker=context.name,
        version=shared.__version__, process=_reference(stage.process), prepare=_reference(stage.prepare),
        limits=BodyLimits(settings.max_report_bytes, settings.max_expansion),
    )  # fmt: skip
    return ChildExecutor(job, settings)


def _reference(function: Callable[..., Event] | Callable[[], None] | None) -> str:
    return f"{function.__module__}:{function.__qualname__}" if function is not None else ""
