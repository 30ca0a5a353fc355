"""The loop: look at the streams every few seconds, at the database every minute, and export what was seen.

A look that fails is shown as such (`fazhi_server_up 0`) and tried again; it never ends the monitor.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from services.monitor.exporter import BOOK_TERMS, MonitorMetrics
from services.monitor.measure import read_server, read_streams
from services.monitor.quality import read_window
from services.monitor.settings import MonitorSettings
from services.monitor.snapshot import StreamState, WorkRate, bounded, work_left
from shared.books import Books, read_books_async
from shared.streams import Keys, keys

log = structlog.get_logger("fazhi.monitor")
#: Away is said once, not at every look.
_SAID: set[str] = set()


class Watch:
    """What the monitor remembers between two looks."""

    def __init__(self, settings: MonitorSettings, metrics: MonitorMetrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._keys: Keys = keys(settings.shard)
        self._rate = WorkRate()
        self._generation: str | None = None
        self._losses: int | None = None
        self._handed: dict[str, int] = {}
        self._looked_at: float | None = None
        self.last_look: float | None = None  # monotonic seconds, for /healthz

    async def streams(self, server: Redis) -> None:
        """One look at the streams, the books and the server. Raises RedisError where the server is away."""
        books = await read_books_async(server, self._settings.shard)
        # The server's clock: entry ids carry it, so ages are right though this machine's clock is not.
        states = await read_streams(server, self._keys, books.server_time)
        self._measure_work(states, books)
        self._metrics.streams(states, work_left(states, self._rate), self._settings.lease_seconds)
        self._metrics.server(await read_server(server))
        self._metrics.books(
            {term: getattr(books, term) for term in BOOK_TERMS}, _difference(books), lost=self._lost(books),
            losses=books.losses,
        )  # fmt: skip
        self.last_look = time.monotonic()
        self._metrics.last_look.set_to_current_time()

    def _lost(self, books: Books) -> bool:
        """Whether the books were lost: they say so themselves, or their generation changed while we looked."""
        if self._losses is not None and books.losses > self._losses:
            log.warning("books_loss_accepted", times=books.losses, generation=books.generation)
        self._losses = books.losses
        before, self._generation = self._generation, books.generation or self._generation
        return books.lost is not None or (before is not None and books.generation != before)

    def _measure_work(self, states: list[StreamState], books: Books) -> None:
        now = time.monotonic()
        elapsed = 0.0 if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        for state in states:
            terms = books.stream(state.name)
            handed = terms.handed_over + terms.dead
            handled = handed - self._handed.get(state.name, handed)
            self._handed[state.name] = handed
            busy = sum(1 for consumer in state.consumers if consumer.pending)
            if state.name != "dead":
                self._rate.observe(state.stage, handled=handled, busy_workers=busy, elapsed_seconds=elapsed)
                self._metrics.mean_work(state.stage, self._rate.mean_seconds(state.stage))

    def quality(self, engine: Engine) -> None:
        """One look at the database. Raises SQLAlchemyError where it is away."""
        window = read_window(engine, self._settings.monitor_window_seconds)
        self._metrics.quality(bounded(window.sources, self._settings.monitor_sources))
        self._metrics.kinds(window.scripts, window.charsets)
        self._metrics.dead_letters(window.dead_letters)


def _difference(books: Books) -> int:
    """The difference of the whole, or of a stream where those of two streams would cancel out."""
    return books.difference or next((one.difference for one in books.streams if one.difference), 0)


async def watch_streams(watch: Watch, server: Redis, metrics: MonitorMetrics, seconds: float) -> None:
    """Look at the streams for ever."""
    while True:
        try:
            await watch.streams(server)
        except (RedisError, OSError) as error:
            metrics.server_up.set(0)
            _say_once("server_away", error)
        else:
            metrics.server_up.set(1)
            _say_back("server_away", "server_back")
        await asyncio.sleep(seconds)


async def watch_quality(watch: Watch, engine: Engine, metrics: MonitorMetrics, seconds: float) -> None:
    """Look at the database for ever, in a thread of its own: it may be slow."""
    while True:
        try:
            await asyncio.to_thread(watch.quality, engine)
        except (SQLAlchemyError, OSError) as error:
            metrics.database_up.set(0)
            _say_once("database_away", error)
        else:
            metrics.database_up.set(1)
            _say_back("database_away", "database_back")
        await asyncio.sleep(seconds)


def _say_once(event: str, error: BaseException) -> None:
    if event not in _SAID:
        _SAID.add(event)
        log.warning(event, error=type(error).__name__)


def _say_back(event: str, back: str) -> None:
    with suppress(KeyError):
        _SAID.remove(event)
        log.warning(back)
