"""The executor of a stage that ends in a database: a thread writes batches to its store, each in one transaction."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import structlog

from shared.codec import decode_event
from shared.errors import Outdated, Permanent, Reason, Transient
from shared.events import DeadLetter, Delivery, Step
from shared.letters.burial import EVENT_FIELD, Failure, bury
from shared.runtime.consumer import Held
from shared.runtime.executor import Outcome, bury_here, taken
from shared.runtime.frames import Answer
from shared.streams import DEAD
from shared.tables import TabledReport

if TYPE_CHECKING:
    from shared.settings import WorkerSettings
    from shared.stage import Store

T = TypeVar("T")
log = structlog.get_logger()


class StoreExecutor:
    """A thread that writes batches to a store, each in one transaction."""

    def __init__(
        self, make: Callable[[], Store], settings: WorkerSettings, *, stage: str, worker: str, version: str
    ) -> None:
        self._make = make
        self._settings = settings
        self._stage, self._worker, self._version = stage, worker, version
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._turn = asyncio.Lock()
        self._store: Store | None = None
        self._away = "the database is not open yet"
        self.stuck = False

    async def open(self) -> None:
        """Open the store; waits while its database is away."""
        self._store = self._make()
        await self._patiently(self._store.open)
        self._away = ""

    async def known_books(self) -> str:
        """See Executor; waits while the database is away."""
        store, shard = self._store, self._settings.shard or ""
        if store is None:
            return ""
        async with self._turn:
            return await self._patiently(lambda: store.known_books(shard))

    async def note_books(self, generation: str) -> None:
        """See Executor; waits while the database is away."""
        store, shard = self._store, self._settings.shard or ""
        if store is not None:
            async with self._turn:
                await self._patiently(lambda: store.note_books(shard, generation))

    async def _patiently(self, call: Callable[[], T]) -> T:
        loop, said = asyncio.get_running_loop(), False
        while True:
            try:
                done = await loop.run_in_executor(self._thread, call)
            except Transient as error:
                self._away = f"the database is away: {error}"[:300]
                if not said:
                    log.warning(
                        "database_away", error=str(error)[:300], next="waiting; it is tried again until it is back"
                    )
                said = True
                await asyncio.sleep(self._settings.reconnect_seconds)
            else:
                if said:
                    log.info("database_back")
                self._away = ""
                return done

    async def work(self, entries: Sequence[Held], *, alone: bool) -> AsyncGenerator[list[Outcome], None]:  # noqa: ARG002
        """See Executor."""
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(self._thread, lambda: [self._open(held) for held in entries])
        good = [(held, event) for held, event in opened if not isinstance(event, Outcome)]
        yield [event for _, event in opened if isinstance(event, Outcome)]
        began = time.perf_counter()
        try:
            await self._write(good)
        except Outdated:
            raise
        except Exception as error:  # noqa: BLE001 - one of them is at fault; which one is found one by one
            if len(good) == 1:
                yield [Outcome(good[0][0], _fault(error, time.perf_counter() - began), b"")]
                return
            for held, event in good:
                yield [await self._write_one(held, event)]
            return
        seconds = (time.perf_counter() - began) / max(1, len(good))
        yield [_stored(held, event, seconds) for held, event in good]

    async def _write_one(self, held: Held, event: TabledReport | DeadLetter) -> Outcome:
        began = time.perf_counter()
        try:
            await self._write([(held, event)])
        except Outdated:
            raise
        except Exception as error:  # noqa: BLE001 - an unknown fault of this one
            return Outcome(held, _fault(error, time.perf_counter() - began), b"")
        return _stored(held, event, time.perf_counter() - began)

    async def _write(self, opened: Sequence[tuple[Held, TabledReport | DeadLetter]]) -> None:
        reports = [event for _, event in opened if isinstance(event, TabledReport)]
        packed = [held.fields[EVENT_FIELD] for held, event in opened if isinstance(event, TabledReport)]
        dead = [event for _, event in opened if isinstance(event, DeadLetter)]
        store = self._store
        if not opened or store is None:
            return
        async with self._turn:
            await self._patiently(lambda: store.write(reports, dead, packed))

    def _open(self, held: Held) -> tuple[Held, TabledReport | DeadLetter | Outcome]:
        step = Step(
            stage=self._stage, worker=self._worker, version=self._version, started_at=time.time(), seconds=0.0,
            delivery=held.delivery, note="kept as a dead letter" if held.stream == DEAD else "stored",
        )  # fmt: skip
        try:
            packed = held.fields.get(EVENT_FIELD)
            if packed is None:
                raise Permanent(Reason.BAD_FIELDS, "the entry has no field `event`")  # noqa: TRY301
            event: TabledReport | DeadLetter = (
                decode_event(DeadLetter, packed) if held.stream == DEAD else decode_event(TabledReport, packed)
            )
        except Permanent as error:
            failure = self._failure(held, error.reason, error.detail)
            if held.stream == DEAD:  # a letter that cannot be read goes to the database as a letter about itself
                return held, bury(taken(held), failure, read=False)
            return held, bury_here(held, failure, read=False)
        event.trail = [*event.trail, step]
        return held, event

    def _failure(self, held: Held, reason: Reason, detail: str) -> Failure:
        history = tuple(Delivery(at=at, worker=worker, outcome=outcome) for at, worker, outcome in held.history)
        return Failure(reason, detail, "", self._stage, self._version, time.time(), held.delivery, history)

    async def bury(self, held: Held, failure: Failure) -> Outcome:
        """In this process: the event was read before and only its writing failed."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: bury_here(held, failure, read=True)
        )

    async def close(self) -> None:
        """Close the store, unless its thread hangs in a call to it."""
        if self._store is not None:
            closing = asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
            done, _ = await asyncio.wait([closing], timeout=2.0)
            self.stuck = not done
        self._thread.shutdown(wait=False, cancel_futures=True)

    def away(self) -> str:
        """Why nothing can be written just now, or ""."""
        return self._away

    @property
    def restarts(self) -> int:
        """A store has no child."""
        return 0


def _stored(held: Held, event: TabledReport | DeadLetter, seconds: float) -> Outcome:
    characters, report_id = 0, ""
    if isinstance(event, TabledReport):
        characters, report_id = len(event.text), event.report_id
    answer = Answer(
        outcome="stored",
        entry=event.entry,
        report_id=report_id,
        accepted_at=event.accepted_at,
        seconds=seconds,
        characters=characters,
    )
    return Outcome(held, answer, b"")


def _fault(error: BaseException, seconds: float) -> Answer:
    text = "".join(traceback.format_exception(error))
    return Answer(
        outcome="fault", reason=Reason.UNKNOWN_FAULT.value, detail=f"{type(error).__name__}: {error}"[:2000],
        traceback=text, seconds=seconds,
    )  # fmt: skip
