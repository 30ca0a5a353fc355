"""The sink's store: batches of reports and dead letters → rows, in one transaction a batch, whatever was there before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection, Engine

from services.sink import bulk, census, engine, entries, received, reference, shown
from services.sink.letters import letter_row, write_letters
from services.sink.reading import Reading, is_rerun
from services.sink.reference import note_places
from services.sink.standing import load_scene, touched_reports
from shared.errors import Transient
from shared.events import DeadLetter, ExtractedReport
from shared.tables import TabledReport

log = structlog.get_logger()

_NOTE_BOOKS = (
    "INSERT INTO books (shard, generation, noted_at) VALUES (~, ~, ~)"
    " ON CONFLICT (shard) DO UPDATE SET generation = excluded.generation, noted_at = excluded.noted_at"
)
#: A sink that is frozen in a transaction (SIGSTOP, a paused container) holds the locks of its batch, and whoever takes its
#: entries over waits for them. A sink that works says something every few milliseconds.
_IDLE_SECONDS = 60.0
#: Attempts to lock all that a batch touches, when reports merge under it. Two are the rule, three were never seen.
_MAX_ATTEMPTS = 8


class DatabaseStore:
    """Writes what the last stage hands over. Several may write at once, from any number of machines.

    `write` may be called again with the same batch, whole or in parts and in any order: the rows are the same as after
    one call. All methods raise `Transient` where the database is away, or asks to try again.
    """

    def __init__(self, url: str = engine.DEFAULT_URL) -> None:
        self._engine = engine.connect(url, idle_seconds=_IDLE_SECONDS)

    @property
    def engine(self) -> Engine:
        """For readers in the same process."""
        return self._engine

    def open(self) -> None:
        """Make or bring up the schema, and load the catalogue and the places; several workers may start at once."""
        with engine.surroundings():
            engine.prepare_folder(self._engine)
            engine.migrate(self._engine)
            with self._engine.begin() as connection:
                reference.load(connection)
                census.fold(connection)  # a migration leaves it to us

    def close(self) -> None:
        self._engine.dispose()

    def known_books(self, shard: str) -> str:
        with engine.surroundings(), self._engine.connect() as connection:
            rows = bulk.ask(connection, "SELECT generation FROM books WHERE shard = ~", shard)
        return rows[0][0] if rows else ""

    def note_books(self, shard: str, generation: str) -> None:
        with engine.surroundings(), self._engine.begin() as connection:
            bulk.run_rows(connection, _NOTE_BOOKS, [(shard, generation, datetime.now(tz=UTC))])

    def write(
        self,
        reports: Sequence[TabledReport | ExtractedReport],
        dead: Sequence[DeadLetter] = (),
        packed: Sequence[bytes] = (),
    ) -> None:
        """Write one batch in one transaction. `packed`: the reports as the stream carried them, see `shared.stage`.

        Raises Transient, or Outdated where a newer version has changed the schema; any other exception means that the
        database refuses a value of the batch. Nothing of the batch is written then.
        """
        carried: Sequence[bytes | None] = packed or [None] * len(reports)
        readings = [Reading(_tabled(report), whole) for report, whole in zip(reports, carried, strict=True)]
        letters = [letter_row(letter) for letter in dead]
        reruns = {letter.entry for letter in dead if is_rerun(letter)}
        held = {name for reading in readings for name in _lock_names(reading)}
        held |= {name for letter in dead for name in (f"entry:{letter.entry}", f"page:{letter.body_sha256}")}
        for _ in range(_MAX_ATTEMPTS):
            with self._not_behind_the_frozen(), engine.surroundings(), self._engine.begin() as connection:
                bulk.lock(connection, held)
                engine.check_revision(connection)
                touched = touched_reports(connection, readings) if readings else set()
                wanted = {f"report:{number}" for number in touched}
                if connection.dialect.name == "sqlite" or wanted <= held:
                    _write_reports(connection, readings, touched)
                    write_letters(connection, letters, reruns)
                    return
                # All names are taken in one order, so a name cannot be added: let go and begin again with more.
                held |= wanted
        raise Transient("reports kept merging while the batch was written")

    @contextmanager
    def _not_behind_the_frozen(self) -> Iterator[None]:
        """Where a lock was waited for in vain, end the sinks that hold it and are frozen: the next attempt gets it."""
        try:
            yield
        except Transient as error:
            if engine.is_lock_timeout(error.__cause__):
                with engine.surroundings(), self._engine.begin() as connection:
                    if ended := engine.end_frozen(connection):
                        log.warning("frozen_sinks_ended", sessions=ended)
            raise


def _tabled(report: TabledReport | ExtractedReport) -> TabledReport:
    return report if isinstance(report, TabledReport) else TabledReport.of(report)


def _lock_names(reading: Reading) -> Iterable[str]:
    report = reading.report
    yield f"entry:{report.entry}"
    yield f"page:{reading.page}"
    yield f"content:{report.report_id}"
    if reading.block is not None:
        yield f"block:{reading.block}"
    if reading.address is not None:
        yield f"address:{reading.address}:{report.document.report_year}"


def _write_reports(connection: Connection, readings: Sequence[Reading], touched: set[int]) -> None:
    fresh = entries.record_stored(connection, readings)
    if not fresh:
        return
    scene = load_scene(connection, touched)
    arrivals = received.receive(connection, scene, fresh)
    decision = shown.settle(connection, scene)
    shown.write_reports(connection, decision)
    received.write(connection, scene, arrivals)
    shown.write(connection, decision)
    note_places(connection, [reading.report.document for reading in fresh])
