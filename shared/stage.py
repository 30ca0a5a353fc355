"""A stage is one declaration.

    stage = Stage(name="sectioner", consumes=NORMALIZED, produces=SECTIONED, process=outline_report)
    app = stage.app()          # reads no settings: they are read when the app starts

`process` is a pure function from the event of one stream to the event of the next. It runs in a child process, under
limits of time and memory. A stage that ends in a database has a `store` instead, which writes in a thread.
What the runtime promises for every stage stands in docs/guarantees.md.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from faststream import FastStream
from faststream.specification import AsyncAPI

import shared
from shared.events import DeadLetter, Event
from shared.runtime.reading import declare_broker
from shared.runtime.worker import Worker
from shared.server import connect
from shared.settings import WorkerSettings, fault_of
from shared.streams import DEAD, EXTRACTED, INTAKE, NORMALIZED, SECTIONED, Stream
from shared.tables import TabledReport
from shared.telemetry import FrameworkLog, configure_logs

__all__ = ["DEAD", "EXTRACTED", "INTAKE", "NORMALIZED", "SECTIONED", "Stage", "Store", "Stream"]


#: Between two looks of the application whether it is to stop.
_STOP_LOOK_SECONDS = 1.0


class Application(FastStream):
    """FastStream's application; it looks once a second whether it is to stop. By itself it looks ten times, for more
    than half of the processor time of a worker that waits (2 of 3.2 ms a second).
    """

    async def run(
        self,
        log_level: int = logging.INFO,
        run_extra_options: dict[str, Any] | None = None,
        sleep_time: float = _STOP_LOOK_SECONDS,
    ) -> None:
        """Run until told to stop."""
        await super().run(log_level, run_extra_options, sleep_time)


class Store(Protocol):
    """Where a last stage puts reports. All methods are called in one thread of the worker's, one at a time.

    Each raises `shared.errors.Transient` while the database is away, locked or deadlocked: the same call is then
    repeated until it succeeds, and nothing is dead-lettered. Any other exception of `write` is an unknown fault: the
    batch is written one by one, and what still fails is dead-lettered after its bounded deliveries.
    """

    def open(self) -> None:
        """Connect and see to the schema."""

    def write(self, reports: Sequence[TabledReport], dead: Sequence[DeadLetter], packed: Sequence[bytes] = ()) -> None:
        """Write all of them in one transaction; when this returns they are committed. `packed`: the reports as the
        stream carried them, in the same order, for a store that keeps them whole; they lack the step of this stage.

        Must be idempotent by `entry` (a report) and by `entry`, `stage`, `stream_entry` (a letter): the handoff comes
        after the commit, so after a crash between the two the same entries come again.
        """

    def known_books(self, shard: str) -> str:
        """The generation of the books under which the store was filled last, "" where none is noted."""

    def note_books(self, shard: str, generation: str) -> None:
        """Keep the generation of the books under which it is filled from now on."""

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True)
class Stage:
    """What a service consumes, what it makes of it, and where that goes.

    `prepare` is run once in each new child before its limits are set (a dictionary to load).
    """

    name: str
    consumes: Stream | Sequence[Stream]
    produces: Stream | None = None
    process: Callable[[Any], Event] | None = None
    prepare: Callable[[], None] | None = None
    store: Callable[[], Store] | None = None

    def __post_init__(self) -> None:
        if (self.process is None) == (self.store is None) or (self.process is None) != (self.produces is None):
            raise ValueError(f"stage {self.name}: give `process` and `produces`, or `store`")
        if self.process is not None and len(self.sources) != 1:
            raise ValueError(f"stage {self.name}: a function has one source; it is given {len(self.sources)}")
        for source in self.sources:
            if source.group != self.name:
                raise ValueError(f"stream {source.name} belongs to stage {source.group}, not to {self.name}")

    @property
    def sources(self) -> tuple[Stream, ...]:
        """The streams it consumes."""
        return (self.consumes,) if isinstance(self.consumes, Stream) else tuple(self.consumes)

    def app(self) -> Application:
        """The FastStream application of a worker, for `faststream run` and `faststream docs gen`.

        Making it reads no settings and opens nothing; both happen when it runs. A terminal error ends the run with an
        exception, so that the exit status is not 0.
        """
        running: list[Worker] = []

        @asynccontextmanager
        async def lifespan() -> AsyncIterator[None]:
            worker = Worker(self, _read_settings(self.name), app.exit)
            configure_logs(as_json=worker.settings.log_json)
            running.append(worker)
            # The declared broker served the document; this one has the address, the shard and the consumer's name.
            app.brokers.clear()
            app.add_broker(worker.broker)
            try:
                await worker.open()
                yield
            finally:
                running.clear()
                await worker.close()
            if worker.terminal is not None:
                raise SystemExit(f"{self.name}: {worker.terminal}")

        async def start() -> None:
            await running[0].start()

        async def started() -> None:
            running[0].started()

        async def drain() -> None:
            for worker in running:
                await worker.drain()

        app = Application(
            declare_broker(self),
            logger=FrameworkLog(),
            lifespan=lifespan,
            on_startup=[start],
            after_startup=[started],
            on_shutdown=[drain],
            specification=AsyncAPI(title=f"Fazhi {self.name}", version=shared.__version__, schema_version="3.0.0"),
        )
        return app


def _read_settings(name: str) -> WorkerSettings:
    try:
        settings = WorkerSettings()
        connect(settings.redis()).close()  # it is made, not opened: a URL that means nothing shows here
    except ValueError as error:  # pydantic's ValidationError is one; its text names each setting and masks no secret
        raise SystemExit(f"{name}: the settings are wrong: {fault_of(error)}") from None
    except OSError as error:
        raise SystemExit(f"{name}: a settings file cannot be read: {error}") from None
    return settings
