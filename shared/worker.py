"""One worker process of a stage: it reads, has the work done, hands over, and keeps the promises in between.

    FastStream's subscriber ─ read ─▶ take ─▶ hands (child or store) ─▶ outcomes ─▶ handoff script
                                       ▲                                   │
            reclaim (left by others) ──┘          set aside / again later ─┴─▶ mend

The worker is the parent: connection, lease and metrics are here, rules never run here.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, RedisSentinelBroker, StreamSub
from faststream.redis.prometheus import RedisPrometheusMiddleware
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from redis.asyncio.sentinel import SentinelManagedSSLConnection
from redis.exceptions import RedisError

import shared
from shared.burial import EVENT_FIELD, Failure
from shared.errors import Reason
from shared.events import Delivery, Event
from shared.frames import Answer, Job
from shared.hands import ChildHands, Hands, Outcome, StoreHands
from shared.health import HealthServer, State
from shared.intake import REPLAY_FIELD, BodyLimits
from shared.lane import ChildBroken
from shared.post import Held, Post, Verdict
from shared.retry import SILENT_FACTOR, Bury, decide
from shared.sentinel import watched
from shared.server import (
    BLOCK_SECONDS,
    connect_async,
    connection_options,
    is_away,
    is_group_gone,
    masked,
)
from shared.settings import WorkerSettings
from shared.streams import DEAD, STAGE_OF, Stream, keys
from shared.telemetry import FrameworkLog, StageMetrics

if TYPE_CHECKING:
    from shared.stage import Stage

T = TypeVar("T")
log = structlog.get_logger()

#: An outcome waits at most this long for its neighbours before it is handed over.
_FLUSH_SECONDS = 0.2
#: The loop that reads must ask for entries, or an entry must move, this often; else the worker is not healthy.
_STALL_SECONDS = 30.0
_PULSE_SECONDS = 1.0
#: Entries set aside at most; more make the stream of work wait.
_SET_ASIDE = 64
#: Reads that ask again within this time and bring nothing are slowed down, after so many of them.
_HASTE_SECONDS = 0.05
_HASTY_READS = 20
#: Consumers idle for this many leases are gone.
_GONE_LEASES = 10


class Pace:
    """How many entries the next read may take, by the running mean of their size; also when it was last asked."""

    def __init__(self, batch_size: int, batch_bytes: int) -> None:
        self._batch_size = batch_size
        self._batch_bytes = batch_bytes
        self._mean_bytes = 0.0
        self._in_vain = 0
        self.asked_at = time.monotonic()

    def __deepcopy__(self, memo: dict[int, Any]) -> Pace:
        return self  # FastStream copies its subscriptions; all copies go at one pace

    def ask(self) -> int:
        """Entries for the next read."""
        now = time.monotonic()
        self._in_vain = self._in_vain + 1 if now - self.asked_at < _HASTE_SECONDS else 0
        self.asked_at = now
        if self._in_vain > _HASTY_READS:
            # A server that answers every read with an error (a full disk) has FastStream read again without a pause.
            time.sleep(_HASTE_SECONDS)
        if self._mean_bytes <= 0:
            return self._batch_size
        return max(1, min(self._batch_size, int(self._batch_bytes / self._mean_bytes)))

    def saw(self, sizes: Sequence[int]) -> None:
        """Note the sizes of a read, in bytes: a large one counts at once, small ones slowly."""
        self._in_vain = 0
        for size in sizes:
            self._mean_bytes = size if size > self._mean_bytes else 0.9 * self._mean_bytes + 0.1 * size


class PacedStream(StreamSub[Any]):
    """A subscription whose `max_records` is asked anew at every read, so that a read is bounded in bytes."""

    __slots__ = ("_pace",)

    def __init__(self, stream: str, pace: Pace, **options: Any) -> None:
        self._pace = pace
        super().__init__(stream, **options)

    @property
    def max_records(self) -> int:
        """Entries for the next read."""
        return self._pace.ask()

    @max_records.setter
    def max_records(self, value: int | None) -> None:
        """The base class sets its own; the pace decides."""


def declare_broker(stage: Stage) -> RedisBroker:
    """A broker that declares what the stage takes and gives, for `faststream docs gen`; it is never started."""

    async def nothing(_: Stream, __: Any) -> None:
        """A declaration takes nothing."""

    wiring = Wiring("redis://localhost:6379", None, "worker", Pace(32, 1), nothing, CollectorRegistry(), FrameworkLog())
    broker, _ = _broker(stage, wiring)
    return broker


@dataclass(frozen=True)
class Wiring:
    """What a broker of ours is made with, beside the stage."""

    url: str
    shard: str | None
    consumer: str
    pace: Pace
    take: Callable[[Stream, list[Held]], Awaitable[None]]
    registry: CollectorRegistry
    framework: FrameworkLog


def _broker(stage: Stage, wiring: Wiring) -> tuple[RedisBroker, dict[Stream, Any]]:
    """The broker of one worker, and its subscriber of each stream."""
    names = keys(wiring.shard)
    broker = _broker_at(
        wiring.url,
        apply_types=False,  # the handler gets what the decoder made; nothing of it is validated in this process
        logger=wiring.framework,
        middlewares=[RedisPrometheusMiddleware(registry=wiring.registry)],
        graceful_timeout=1.0,  # the worker has drained before FastStream stops
        **connection_options(),
    )
    subscribers = {source: _subscribe(broker, source, names.stream(source.name), wiring) for source in stage.sources}
    if stage.produces is not None:
        # For the AsyncAPI document only: the handoff script publishes.
        broker.publisher(
            stream=names.stream(stage.produces.name), schema=stage.produces.event, title=stage.produces.event.__name__
        )
    return broker, subscribers


def _broker_at(url: str, **options: Any) -> RedisBroker:
    """FastStream's broker of a server, or of the master that sentinels know."""
    behind = watched(url)
    if behind is None:
        return RedisBroker(url, **options)
    if behind.url.startswith("rediss:"):
        options["connection_class"] = SentinelManagedSSLConnection  # the plain one knows no sentinels
    return RedisSentinelBroker(
        behind.url, sentinels=behind.sentinels, sentinel_master_name=behind.master,
        sentinel_kwargs={**connection_options(), **behind.to_sentinels}, **options,
    )  # fmt: skip


def _subscribe(broker: RedisBroker, source: Stream, key: str, wiring: Wiring) -> Any:
    async def parse(message: dict[str, Any]) -> StreamMessage[Any]:
        # FastStream's own parser makes JSON of the fields: one byte that is no UTF-8 would lose the whole batch. The
        # range is as long as the body is, for the framework's metric of sizes, and takes no memory.
        size = sum(len(value) for fields in message["data"] for value in fields.values())
        return StreamMessage(raw_message=message, body=range(size), message_id=message["message_ids"][0].decode())

    async def decode(message: StreamMessage[Any]) -> list[Held]:
        raw = message.raw_message
        before = raw.get("delivery_counts") or [0] * len(raw["data"])
        return [
            Held(source, key, id_.decode(), fields, count + 1)
            for id_, fields, count in zip(raw["message_ids"], raw["data"], before, strict=True)
        ]

    async def consume(batch: Any) -> None:
        await wiring.take(source, batch)

    # The AsyncAPI document takes the payload from the annotation.
    consume.__annotations__ = {"batch": list[source.event], "return": None}  # type: ignore[name-defined]
    subscription = PacedStream(
        key, wiring.pace, group=source.group, consumer=wiring.consumer, batch=True,
        polling_interval=int(BLOCK_SECONDS * 1000),
    )  # fmt: skip
    subscriber = broker.subscriber(
        stream=subscription, parser=parse, decoder=decode, ack_policy=AckPolicy.MANUAL,
        title=f"{source.name}", description=f"Entries of `{key}`, consumed by group `{source.group}`.",
    )  # fmt: skip
    subscriber(consume)
    return subscriber


class Outbox:
    """Verdicts on their way to the handoff: gathered while the next report is worked on."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._verdicts: list[Verdict] = []
        self._bytes = 0
        self._since = 0.0

    def put(self, verdict: Verdict) -> bool:
        """Add one; True where it is time to hand over."""
        if not self._verdicts:
            self._since = time.monotonic()
        self._verdicts.append(verdict)
        self._bytes += verdict.size
        return self._bytes >= self._most_bytes or time.monotonic() - self._since >= _FLUSH_SECONDS

    def take(self) -> list[list[Verdict]]:
        """All of them, in parts of one stream and of at most the bytes of one script; a larger one goes alone."""
        parts: list[list[Verdict]] = []
        size = 0
        for verdict in self._verdicts:
            full = parts and size + verdict.size > self._most_bytes
            if not parts or full or parts[-1][0].held.stream != verdict.held.stream:
                parts.append([])
                size = 0
            parts[-1].append(verdict)
            size += verdict.size
        self._verdicts, self._bytes = [], 0
        return parts


class Worker:
    """A worker of `stage`; `leave` asks the application to stop."""

    def __init__(self, stage: Stage, settings: WorkerSettings, leave: Callable[[], None]) -> None:
        self.stage = stage
        self.settings = settings
        self._leave = leave
        self.terminal: str | None = None
        # Never used twice: a name that comes back would own what its namesake left.
        self.name = f"{stage.name}-{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._metrics = StageMetrics(stage.name, shared.__version__, self._registry)
        self._framework = FrameworkLog()
        self._pace = Pace(settings.batch_size, settings.batch_bytes)
        wiring = Wiring(
            settings.redis(), settings.shard, self.name, self._pace, self._taken, self._registry, self._framework
        )
        self.broker, self._subscribers = _broker(stage, wiring)
        self._names = keys(settings.shard)
        self._server = connect_async(settings.redis())
        self._post = Post(self._server, self._names, stage.produces, self.name, uuid4().hex)
        self._hands = self._make_hands()
        self._health = HealthServer(self._registry, self._healthy, self._ready)
        self._held: dict[tuple[Stream, str], Held] = {}
        self._turn = asyncio.Lock()
        self._later: list[tuple[float, int, Held, bool]] = []  # due, order, entry, whether it counts as a delivery
        self._later_order = 0
        self._mending: Held | None = None
        self._wake = asyncio.Event()
        self._draining = asyncio.Event()
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []
        self._fates: deque[bool] = deque(maxlen=settings.fuse_window)
        self._fuse = ""
        self._paused = ""
        self._added_bytes = 0  # since the streams ahead were last weighed
        self._started = False
        self._server_seen = float("-inf")
        self._moved_at = time.monotonic()
        self._restarts_seen = 0

    def _make_hands(self) -> Hands:
        stage, settings = self.stage, self.settings
        if stage.store is not None:
            return StoreHands(stage.store, settings, stage=stage.name, worker=self.name, version=shared.__version__)
        source = stage.sources[0]
        if stage.process is None:
            raise ValueError("a stage has a function or a store")
        job = Job(
            stage=stage.name, stream=source.name, stream_key=self._names.stream(source.name), worker=self.name,
            version=shared.__version__, process=_reference(stage.process), prepare=_reference(stage.prepare),
            limits=BodyLimits(settings.max_report_bytes, settings.max_expansion),
        )  # fmt: skip
        return ChildHands(job, settings)

    # ── the life of a worker ────────────────────────────────────────────────────────────────────────────────────────

    async def open(self) -> None:
        """Serve metrics and health. Raises SystemExit where the port is taken."""
        try:
            address = await self._health.start(self.settings.metrics_host, self.settings.metrics_port)
        except OSError as error:
            raise SystemExit(
                f"{self.stage.name}: cannot listen on {self.settings.metrics_host}:{self.settings.metrics_port}"
                f" ({error.strerror}); set FAZHI_METRICS_PORT, 0 takes a free port"
            ) from None
        if self.settings.metrics_dir is not None:
            self._health.note(self.settings.metrics_dir, self.stage.name, address)
        structlog.contextvars.bind_contextvars(stage=self.stage.name, worker=self.name)
        log.info("worker_starts", metrics=f"http://{address}/metrics", server=masked(self.settings.redis()))

    async def start(self) -> None:
        """Wait for the server and the database, make groups, start the child and the background tasks."""
        for source in self.stage.sources:
            await self._until_there(lambda source=source: self._post.open(source))  # type: ignore[misc]
        try:
            if not self._draining.is_set():
                await self._hands.open()
        except ChildBroken as error:
            self.fail(str(error))
        except Exception as error:
            log.exception("store_does_not_open")
            self.fail(f"the database cannot be opened: {type(error).__name__}: {error}")
        if self._draining.is_set() or self.terminal is not None:
            await asyncio.Event().wait()  # FastStream ends a start that is still running; returning would start more
        await self._until_there(self._compare_books)
        await self._until_there(self._look_at_pressure)
        # FastStream makes each group once more as it starts. A server whose memory is full refuses that, though nothing
        # would change, and only workers that start can make room on it. The groups are there.
        client = await self.broker.connect()
        client.xgroup_create = _made_already(client)  # type: ignore[method-assign]
        for task in (self._renew, self._reclaim, self._pulse, self._mend):
            self._supervise(task)

    async def _compare_books(self) -> None:
        """The store remembers the books under which it was filled: a flush that no worker survived shows here."""
        known, generation = await self._hands.known_books(), self._post.generation
        if known and await self._post.miss(known):
            log.error("books_lost", generation=generation, known=known, why="the database was filled under other books")
        if known != generation:
            await self._hands.note_books(generation)

    def started(self) -> None:
        """The subscribers run."""
        self._started = True
        self._server_seen = time.monotonic()
        log.info("worker_ready")

    async def _until_there(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """What `call` answers, once the server serves. None where the worker is to stop before that."""
        said = False
        while not self._draining.is_set():
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
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.settings.reconnect_seconds):
                        await self._draining.wait()
            else:
                self._server_seen = time.monotonic()
                if said:
                    log.info("server_back")
                return answer
        return None

    def _supervise(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and not self._draining.is_set():
                error = task.exception()
                log.error("background_task_died", task=work.__name__, exc_info=error)
                if isinstance(error, RedisError):
                    self.fail(f"the server refuses: {error}")
                else:
                    self.fail(f"the background task {work.__name__} died: {error!r}")

        task = asyncio.create_task(work(), name=f"{self.stage.name} {work.__name__}")
        task.add_done_callback(ended)
        self._tasks.append(task)

    def fail(self, reason: str) -> None:
        """A fault that only a restart can mend: stop, with an exit status that is not 0."""
        if self.terminal is None:
            self.terminal = reason
            log.error("worker_fails", reason=reason)
        self._leave()

    async def drain(self) -> None:
        """Finish what is held; what is not finished in time is given back. Called before FastStream stops."""
        subscribers = list(self._subscribers.values())
        if self._started and self.terminal is None and not all(one.running for one in subscribers):
            self.fail("the consumer group or its stream is gone (flushed or destroyed); the next start makes it again")
        self._draining.set()
        self._wake.set()
        deadline = time.monotonic() + self.settings.drain_seconds
        for one in subscribers:
            one.running = False
        reading = [task for one in subscribers for task in getattr(one, "tasks", ()) if not task.done()]
        if reading:
            await asyncio.wait(reading, timeout=max(0.0, deadline - time.monotonic()))
        for task in reading:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.1, deadline - time.monotonic())):
                while self._mending is not None or self._turn.locked():  # noqa: ASYNC110 - two states, no event
                    await asyncio.sleep(0.02)
                if self.terminal is None and not self._fuse:
                    await self._finish_own()
        # Told twice: redis-py was seen to swallow a cancellation on a loaded machine, and the worker hung until SIGKILL.
        self._over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(3.0):
                await self._give_back()

    async def _finish_own(self) -> None:
        """Work on what was delivered to this worker and never reached it: a read that ended while it stopped."""
        for source in self.stage.sources:
            with suppress(RedisError, OSError):
                while left := [
                    (id_, count)
                    for id_, count in await self._post.own(source, self.settings.batch_size)
                    if (source, id_) not in self._held
                ]:
                    batch: list[Held] = []
                    for id_, count in left:
                        fields = await self._post.fetch(source, id_)
                        if fields is not None:
                            batch.append(Held(source, self._names.stream(source.name), id_, fields, count))
                    if not batch:
                        return
                    await self._take(source, batch)

    async def _give_back(self) -> None:
        given = await self._post.hand_back(self._held.values())
        if given:
            self._metrics.report("handed_back", given)
            log.info("handed_back", entries=given)
        self._held.clear()
        for source in self.stage.sources:
            await self._post.leave(source)

    async def close(self) -> None:
        """Let go of everything; runs whatever happened before."""
        for task in self._tasks:
            task.cancel()
        await self._hands.close()
        await self._health.stop()
        with suppress(RedisError, OSError):
            await self._server.aclose()
        log.info("worker_stopped", reason=self.terminal or "asked to")
        if self._hands.stuck:
            # A database call that never returns: the interpreter would wait for its thread for ever.
            log.error("store_hangs", next="ending without it; what was held is given back")
            sys.stderr.flush()
            os._exit(1 if self.terminal is not None else 0)

    # ── taking entries ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _taken(self, source: Stream, batch: list[Held]) -> None:
        """What FastStream calls with each batch. An error here is a fault of ours, never of a report."""
        try:
            self._framework.back()
            self._pace.saw([held.size for held in batch])
            await self._take(source, batch)
            await self._room()
            if self.stage.store is not None and len(batch) < self.settings.batch_size:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._draining.wait(), self.settings.linger_seconds)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("batch_failed")
            self.fail(f"a batch could not be handled: {error!r}")

    async def _take(self, source: Stream, batch: list[Held]) -> None:
        for held in batch:
            self._held[source, held.id] = held
        self._metrics.in_progress.set(len(self._held))
        self._metrics.redeliveries.inc(sum(1 for held in batch if held.delivery > 1))
        await self._name_again(batch)
        async with self._turn:
            if self._fuse or (self._draining.is_set() and self.terminal):
                return  # given back when the worker stops; the lease is not held meanwhile
            await self._work(batch, alone=False)

    async def _name_again(self, batch: Sequence[Held]) -> None:
        again = [held for held in batch if REPLAY_FIELD in held.fields and held.stream.name == "intake"]
        if again:
            noted = await self._until_there(lambda: self._post.sent_again([held.id for held in again]))
            for held, entry in zip(again, noted or [], strict=False):
                # The entry says so itself, and the replay script says the same: a client of the intake cannot do that.
                if held.fields[REPLAY_FIELD].decode("utf-8", "replace") == entry:
                    held.entry = entry

    async def _work(self, entries: Sequence[Held], *, alone: bool) -> None:
        outbox = Outbox(self.settings.batch_bytes)
        silent = [held for held in entries if held.delivery > SILENT_FACTOR * self.settings.max_deliveries]
        for held in silent:
            if held.stream != DEAD:
                outbox.put(
                    await self._buried(held, Reason.CHILD_DIED, "delivered too often; no worker lived to say why", "")
                )
        todo = [held for held in entries if held not in silent or held.stream == DEAD]
        doomed: list[Outcome] = []
        try:
            async with aclosing(self._hands.work(todo, alone=alone)) as outcomes:
                async for outcome in outcomes:
                    self._moved_at = time.monotonic()
                    if self._settle(outcome, alone=alone, doomed=doomed) and outbox.put(_verdict(*outcome)):
                        await self._hand_over(outbox)
            for held, answer, _ in doomed:
                outbox.put(await self._buried(held, Reason(answer.reason), answer.detail, answer.traceback))
        except ChildBroken as error:
            self.fail(str(error))
        await self._hand_over(outbox)
        if self._hands.restarts > self._restarts_seen:
            self._metrics.child_restarts.inc(self._hands.restarts - self._restarts_seen)
            self._restarts_seen = self._hands.restarts

    def _settle(self, outcome: Outcome, *, alone: bool, doomed: list[Outcome]) -> bool:
        """Whether the outcome is final. What failed is set aside for another attempt, or put on `doomed`."""
        held, answer, _ = outcome
        held.tried = True
        self._metrics.work_seconds.observe(answer.seconds)
        if answer.outcome != "fault":
            return True
        reason = Reason(answer.reason)
        decision = decide(
            reason, held.delivery, alone=alone, max_deliveries=self.settings.max_deliveries,
            retry_seconds=self.settings.retry_seconds, endless=held.stream == DEAD,
        )  # fmt: skip
        if isinstance(decision, Bury):
            doomed.append(outcome)
            return False
        if decision.counted:
            held.history.append((time.time(), self.name, f"{reason}: {answer.detail}"[:200]))
            self._metrics.report("retried")
            log.warning(
                "report_failed", entry_id=held.id, stream=held.key, reason=reason.value, detail=answer.detail[:300],
                delivery=held.delivery, next_seconds=decision.after_seconds,
            )  # fmt: skip
        self._later_order += 1
        due = time.monotonic() + decision.after_seconds
        heapq.heappush(self._later, (due, self._later_order, held, decision.counted))
        self._wake.set()
        return False

    async def _buried(self, held: Held, reason: Reason, detail: str, traceback: str) -> Verdict:
        held.history.append((time.time(), self.name, f"{reason}: {detail}"[:200]))
        history = tuple(Delivery(at=at, worker=worker, outcome=outcome) for at, worker, outcome in held.history)
        failure = Failure(
            reason, detail, traceback, self.stage.name, shared.__version__, time.time(), held.delivery, history
        )
        outcome = await self._hands.bury(held, failure)
        return _verdict(*outcome)

    # ── handing over ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _hand_over(self, outbox: Outbox) -> None:
        for part in outbox.take():
            fates = [*self._fates, *(verdict.kind == "dead" for verdict in part)][-self.settings.fuse_window :]
            full = len(fates) >= self.settings.fuse_window
            if full and sum(fates) >= self.settings.fuse_ratio * len(fates):
                self._blow_fuse(part, sum(fates))
                return
            await self._hand_part(part)

    async def _hand_part(self, part: Sequence[Verdict]) -> None:
        stream, attempts = part[0].held.stream, 0

        async def attempt() -> list[bool]:
            nonlocal attempts
            attempts += 1
            try:
                return await self._post.handoff(stream, part)
            except (RedisError, OSError):
                self._metrics.handoff_failures.inc()
                raise

        # While stopping there is no waiting for a server that is away: what is held is given back, or its lease ends.
        done = await (self._until_there(attempt) if not self._draining.is_set() else self._at_once(attempt))
        if done is None:
            return
        self._moved_at = time.monotonic()
        self._added_bytes += sum(verdict.size for verdict in part)
        for verdict, ours in zip(part, done, strict=True):
            self._held.pop((stream, verdict.held.id), None)
            self._fates.append(verdict.kind == "dead")
            # After a lost answer the first call may well have done it: its repetition is refused, and that is no error.
            self._count(verdict, ours=ours or attempts > 1)
        self._metrics.in_progress.set(len(self._held))

    async def _at_once(self, attempt: Callable[[], Awaitable[list[bool]]]) -> list[bool] | None:
        for _ in range(3):
            try:
                return await attempt()
            except (RedisError, OSError):
                await asyncio.sleep(0.2)
        return None

    def _count(self, verdict: Verdict, *, ours: bool) -> None:
        metrics, answer = self._metrics, verdict.answer
        if not ours:
            metrics.report("refused_handoff")
            log.warning(
                "handoff_refused", entry_id=verdict.held.id, stream=verdict.held.key, why="another worker has it"
            )
            return
        if answer.accepted_at and (verdict.kind == "dead" or self.stage.produces is None or verdict.kind == "out"):
            metrics.age_seconds.observe(max(0.0, time.time() - answer.accepted_at))
        if verdict.kind == "dead":
            metrics.report("dead")
            metrics.dead(Reason(answer.reason))
            log.warning(
                "dead_letter", entry=answer.entry, entry_id=verdict.held.id, reason=answer.reason,
                detail=answer.detail[:300], deliveries=verdict.held.delivery,
            )  # fmt: skip
            return
        metrics.report("done")
        if self.settings.log_reports:
            log.info(
                "report_done",
                entry=answer.entry,
                report_id=answer.report_id,
                seconds=round(answer.seconds, 4),
                delivery=verdict.held.delivery,
            )
        metrics.last_success.set_to_current_time()
        metrics.characters.inc(answer.characters)
        metrics.undecided_numerals.inc(answer.undecided)
        for domain, count in answer.facts.items():
            metrics.facts(domain, count)

    def _blow_fuse(self, part: Sequence[Verdict], dead: int) -> None:
        """Stop taking work: what kills nearly every report is this code or its settings, not the reports."""
        causes = sorted({verdict.answer.cause or verdict.answer.reason for verdict in part if verdict.kind == "dead"})
        self._fuse = (
            f"the fuse is blown: {dead} of the last {self.settings.fuse_window} reports were dead letters"
            f" (for example {causes[0] if causes else 'unknown'}). Mend the cause, then restart this worker;"
            " what it sent to the dead letters comes back with `fazhi dead replay`."
        )
        self._metrics.fuse_blown.set(1)
        log.error("fuse_blown", reason=self._fuse)
        self._wake.set()

    async def _room(self) -> None:
        """Wait while the stage must not take more: the fuse, a full stream ahead, too much set aside."""
        # The streams ahead are weighed every second; a fast worker weighs them itself after each fiftieth of the limit.
        if self._added_bytes > min(self.settings.max_stream_bytes, self.settings.max_dead_bytes) / 50:
            await self._until_there(self._look_at_pressure)
        while not self._draining.is_set():
            if self._fuse:
                if self._held and self._mending is None:
                    with suppress(RedisError, OSError):
                        await self._post.hand_back(self._held.values())
                        self._held.clear()
            elif not self._paused and len(self._later) < _SET_ASIDE and self.terminal is None:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._draining.wait()

    # ── background ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _mend(self) -> None:
        """Try again what was set aside or failed, when it is due, apart from the stream of work."""
        while not self._draining.is_set():
            self._wake.clear()
            wait = self._later[0][0] - time.monotonic() if self._later else 3600.0
            if wait > 0 or self._fuse:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.05, wait)):
                        await self._wake.wait()
                continue
            _, _, held, counted = heapq.heappop(self._later)
            if counted:
                count = await self._until_there(lambda held=held: self._post.redeliver(held))  # type: ignore[misc]
                if not count:
                    self._held.pop((held.stream, held.id), None)
                    continue
                held.delivery = count
                self._metrics.redeliveries.inc()
            self._mending = held
            try:
                await self._work([held], alone=True)
            finally:
                self._mending = None

    async def _renew(self) -> None:
        """Start the leases of all held entries anew, three times a lease."""
        while not self._over:
            await asyncio.sleep(self.settings.lease_seconds / 3)
            if self._fuse:
                continue
            for source in self.stage.sources:
                ids = [id_ for stream, id_ in self._held if stream == source]
                with suppress(RedisError, OSError):
                    for start in range(0, len(ids), 500):
                        part = ids[start : start + 500]
                        ours = await self._post.renew(source, part)
                        lost = sum(
                            1 for id_, one in zip(part, ours, strict=True) if not one and (source, id_) in self._held
                        )
                        self._metrics.lost_leases.inc(lost)

    async def _reclaim(self) -> None:
        """Take over what dead workers left, at once and then several times a lease; sweep away who is gone."""
        settings = self.settings
        while not self._over:
            for source, subscriber in self._subscribers.items():
                if self._busy() or not subscriber.running:
                    continue
                try:
                    held, vanished = await self._post.reclaim(
                        source, settings.lease_seconds, settings.batch_size, settings.batch_bytes
                    )
                    await self._post.sweep(source, _GONE_LEASES * settings.lease_seconds)
                    skipped = await self._post.unskip(source)
                except (RedisError, OSError) as error:
                    if not is_away(error) and not is_group_gone(error):
                        raise
                    continue
                if skipped:
                    log.error("entries_skipped", stream=self._names.stream(source.name), first=skipped,
                              why="somebody moved the group's place; the group begins anew")  # fmt: skip
                if vanished:
                    self._metrics.vanished.inc(len(vanished))
                    log.error("entries_vanished", stream=self._names.stream(source.name), ids=vanished[:50])
                if held:
                    self._metrics.reclaimed.inc(len(held))
                    await subscriber.consume(_as_read(held))
            await asyncio.sleep(min(5.0, settings.lease_seconds / 4))

    def _busy(self) -> bool:
        return bool(self._fuse or self._paused) or len(self._held) >= self.settings.batch_size

    async def _pulse(self) -> None:
        """Once a second: is the server there, is there room ahead, are the books those that this worker knows."""
        while not self._over:
            try:
                await self._look_at_pressure()
                if await self._post.read_generation() != self._post.generation:
                    for source in self.stage.sources:
                        await self._post.open(source)
                    log.error(
                        "books_lost", generation=self._post.generation,
                        why="the server was flushed, or the key of the books removed",
                    )  # fmt: skip
                    await self._compare_books()
                self._server_seen = time.monotonic()
                self._framework.back()
                self._metrics.server_up.set(1)
            except (RedisError, OSError) as error:
                self._metrics.server_up.set(0)
                if not is_away(error):
                    raise
            self._metrics.ready.set(1 if self._ready().good else 0)
            await asyncio.sleep(_PULSE_SECONDS)

    async def _look_at_pressure(self) -> None:
        self._added_bytes = 0
        if self.stage.produces is None:
            return
        paused = ""
        target = self._names.stream(self.stage.produces.name)
        for key, limit, name, advice in (
            (
                target,
                self.settings.max_stream_bytes,
                "max_stream_bytes",
                f"add {STAGE_OF[self.stage.produces.name]} workers",
            ),
            (
                self._names.dead,
                self.settings.max_dead_bytes,
                "max_dead_bytes",
                "start a sink, or look at `fazhi dead list`",
            ),
        ):
            size = await self._post.weigh(key)
            if size > limit:
                paused = f"{key} takes {size} bytes, over {limit} ({name}); {advice}"
        if bool(paused) != bool(self._paused):
            log.warning("paused", why=paused) if paused else log.info("resumed")
        self._paused = paused
        self._metrics.paused.set(1 if paused else 0)

    # ── health ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _healthy(self) -> State:
        """Health is progress: the loop asks for entries, or an entry moves; or there is a reason to stand still."""
        for reason in (self._fuse, self._paused, self._hands.away()):
            if reason:
                return State(good=True, reason=reason)
        if not self._started:
            return State(good=True, reason="starting")
        still = time.monotonic() - max(self._pace.asked_at, self._moved_at)
        limit = max(_STALL_SECONDS, 2 * self.settings.report_seconds)
        if still > limit:
            return State(good=False, reason=f"no read and no report for {still:.0f} s, at most {limit:.0f} s")
        return State(good=True, reason="ok")

    def _ready(self) -> State:
        """Whether the stage takes work."""
        if self._draining.is_set():
            return State(good=False, reason="stopping")
        if not self._started:
            return State(good=False, reason="starting: waiting for the server or the database")
        for reason in (self._fuse, self._paused, self._hands.away()):
            if reason:
                return State(good=False, reason=reason)
        if time.monotonic() - self._server_seen > 5 * _PULSE_SECONDS:
            return State(good=False, reason="the server is away")
        return self._healthy()


def _made_already(client: Any) -> Callable[..., Awaitable[bool]]:
    async def answer(*_: Any, **__: Any) -> bool:
        # It opens the connection, as the command would: FastStream gives the first read three seconds, and asking
        # sentinels for the master may take longer.
        return bool(await client.ping())

    return answer


def _verdict(held: Held, answer: Answer, packed: bytes) -> Verdict:
    fields: tuple[bytes | str, ...] = ()
    if answer.outcome == "out":
        fields = ("entry", answer.entry, EVENT_FIELD, packed)
    elif answer.outcome == "dead":
        fields = ("entry", answer.entry, "stage", STAGE_OF[held.stream.name], "reason", answer.reason,
                  "cause", answer.cause or answer.reason, EVENT_FIELD, packed)  # fmt: skip
    return Verdict(held, answer.outcome, tuple(_bytes(value) for value in fields), answer)


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _reference(function: Callable[..., Event] | Callable[[], None] | None) -> str:
    return f"{function.__module__}:{function.__qualname__}" if function is not None else ""


def _as_read(held: Sequence[Held]) -> Any:
    """Claimed entries in the shape in which FastStream reads a batch."""
    return {
        "type": "bstream",
        "channel": held[0].key,
        "data": [one.fields for one in held],
        "message_ids": [one.id.encode() for one in held],
        "delivery_counts": [one.delivery - 1 for one in held],
    }
