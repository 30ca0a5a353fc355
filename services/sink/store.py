"""The sink's store: batches of reports and dead letters → rows, in one transaction a batch, whatever was there before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from services.sink import bulk, engine, reference, schema
from services.sink.identity import block_of, entry_order
from services.sink.projection import storable
from services.sink.reading import Reading, canonical_json, moment_of, pack
from services.sink.settle import PageChange, note_places, settle, touched_reports
from shared.errors import Transient
from shared.events import DeadLetter, ExtractedReport

#: Attempts to lock all that a batch touches, when reports merge under it. Two are the rule, three were never seen.
_MAX_ATTEMPTS = 8


class DatabaseStore:
    """Writes what the last stage hands over. Several may write at once, from any number of machines.

    `write` may be called again with the same batch, whole or in parts and in any order: the rows are the same as after
    one call. All methods raise `Transient` where the database is away, or asks to try again.
    """

    def __init__(self, url: str = engine.DEFAULT_URL) -> None:
        self._engine = engine.connect(url)

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

    def close(self) -> None:
        self._engine.dispose()

    def write(
        self, reports: Sequence[ExtractedReport], dead: Sequence[DeadLetter] = (), packed: Sequence[bytes] = ()
    ) -> None:
        """Write one batch in one transaction.

        Raises Transient, after which nothing of the batch is written; any other exception means that the database
        refuses a value of the batch, and nothing of it is written either.
        """
        readings = [Reading(report) for report in reports]
        letters = [_letter_row(letter) for letter in dead]
        held = {name for reading in readings for name in _lock_names(reading)}
        held |= {f"entry:{letter.entry}" for letter in dead}
        for _ in range(_MAX_ATTEMPTS):
            with engine.surroundings(), self._engine.begin() as connection:
                bulk.lock(connection, held)
                touched = touched_reports(connection, readings)
                wanted = {f"report:{number}" for number in touched}
                if connection.dialect.name == "sqlite" or wanted <= held:
                    _write_reports(connection, readings, touched)
                    _write_dead(connection, letters)
                    return
                # All names are taken in one order, so a name cannot be added: let go and begin again with more.
                held |= wanted
        raise Transient("reports kept merging while the batch was written")


def _lock_names(reading: Reading) -> Iterable[str]:
    report = reading.report
    yield f"entry:{report.entry}"
    yield f"page:{reading.page}"
    yield f"content:{report.report_id}"
    block = block_of(report.document)
    if block is not None:
        yield f"block:{block}"
    if reading.address is not None:
        yield f"address:{reading.address}:{report.document.report_year}"


def _write_reports(connection: Connection, readings: Sequence[Reading], touched: set[int]) -> None:
    fresh = _record_entries(connection, readings)
    if not fresh:
        return
    _insert_pages(connection, fresh)
    _insert_sources(connection, fresh)
    changes = _write_readings(connection, fresh)
    settle(connection, {reading.page for reading in fresh}, changes, touched)
    note_places(connection, [reading.report.document for reading in fresh])


def _record_entries(connection: Connection, readings: Sequence[Reading]) -> list[Reading]:
    """Note the entries as stored; the readings whose entry was not stored (nor forgotten) before, each entry once."""
    by_entry = {reading.report.entry: reading for reading in readings}
    now = datetime.now(tz=UTC)
    rows = [
        {"entry": entry, "outcome": "stored", "accepted_at": moment_of(reading.report.accepted_at), "recorded_at": now}
        for entry, reading in sorted(by_entry.items())
    ]
    if not rows:
        return []
    insert = bulk.insert(connection, schema.entries)
    statement = insert.on_conflict_do_update(
        index_elements=["entry"],
        set_={"outcome": "stored", "recorded_at": insert.excluded.recorded_at},
        where=schema.entries.c.outcome == "dead",  # a dead letter that was sent again and succeeded
    ).returning(schema.entries.c.entry)
    new = set(connection.execute(statement, rows).scalars())
    return [reading for entry, reading in by_entry.items() if entry in new]


def _insert_pages(connection: Connection, readings: Iterable[Reading]) -> None:
    rows = {
        reading.page: {
            "page": reading.page,
            "charset": reading.report.source.charset,
            "media_type": reading.report.source.media_type,
            "raw_bytes": reading.report.source.raw_bytes,
            "raw_length": len(reading.report.source.text),
            "source": reading.packed_source,
            "original": reading.packed_original,
        }
        for reading in readings
    }
    statement = bulk.insert(connection, schema.pages).on_conflict_do_nothing(index_elements=["page"])
    connection.execute(statement, [rows[page] for page in sorted(rows)])


def _insert_sources(connection: Connection, readings: Iterable[Reading]) -> None:
    def cleaned(text: str | None) -> str | None:
        return None if text is None else storable(text)

    rows = []
    for reading in readings:
        crawl = reading.report.crawl
        rows.append({
            "entry": reading.report.entry,
            "page": reading.page,
            "url": cleaned(crawl.url),
            "address": reading.address,
            "name": cleaned(crawl.name),
            "source": cleaned(crawl.source),
            "fetched": cleaned(crawl.fetched_at),
            "fetched_at": reading.fetched_at,
            "content_type": cleaned(crawl.content_type),
            "charset": cleaned(crawl.charset),
            "extra": storable(canonical_json(crawl.extra)),
        })  # fmt: skip
    statement = bulk.insert(connection, schema.sources).on_conflict_do_nothing(index_elements=["entry"])
    connection.execute(statement, rows)


def _write_readings(connection: Connection, fresh: Iterable[Reading]) -> dict[str, PageChange]:
    """Keep each page's reading of each version, the latest made one; page → the reading that may now be current."""
    table = schema.readings
    latest: dict[tuple[str, str], Reading] = {}
    for reading in sorted(fresh, key=_making):
        latest[reading.page, reading.version] = reading
    pages = {page for page, _ in latest}
    known = {
        (row.page, row.version): row
        for row in connection.execute(
            select(table.c.number, table.c.page, table.c.version, table.c.made_at, table.c.entry).where(
                table.c.page.in_(pages)
            )
        )
    }
    inserts, changes = [], []
    for key, reading in sorted(latest.items()):
        row = known.get(key)
        if row is None:
            inserts.append(reading)
        elif (row.made_at, entry_order(row.entry)) < _making(reading):
            values = _reading_row(reading)
            connection.execute(table.update().where(table.c.number == row.number), values)
            changes.append(PageChange(row.number, reading))
    if inserts:
        statement = table.insert().returning(table.c.number, table.c.page, table.c.version)
        rows = connection.execute(statement, [_reading_row(reading) for reading in inserts])
        changes += [PageChange(row.number, latest[row.page, row.version]) for row in rows]
    current: dict[str, PageChange] = {}
    for change in sorted(changes, key=lambda change: _making(change.reading)):
        current[change.reading.page] = change
    return current


def _making(reading: Reading) -> tuple[float, tuple[str, int, int]]:
    return reading.made_at, entry_order(reading.report.entry)


def _reading_row(reading: Reading) -> dict[str, Any]:
    report = reading.report
    return {
        "page": reading.page,
        "version": reading.version,
        "entry": report.entry,
        "made_at": reading.made_at,
        "content": report.report_id,
        "signature": report.signature,
        "facts": len(report.facts),
        "packed": reading.packed,
    }


def _letter_row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "entry": letter.entry,
        "stage": letter.stage,
        "stream": letter.stream,
        "stream_entry": letter.stream_entry,
        "reason": letter.reason,
        "detail": storable(letter.detail),
        "version": letter.version,
        "accepted_at": moment_of(letter.accepted_at),
        "died_at": moment_of(letter.died_at),
        "deliveries": letter.deliveries,
        "url": None if letter.crawl.url is None else storable(letter.crawl.url),
        "name": None if letter.crawl.name is None else storable(letter.crawl.name),
        "source": None if letter.crawl.source is None else storable(letter.crawl.source),
        "body_bytes": letter.body_bytes,
        "body_sha256": letter.body_sha256,
        "packed": pack(letter.model_dump_json().encode()),
    }


def _write_dead(connection: Connection, letters: Sequence[Mapping[str, Any]]) -> None:
    if not letters:
        return
    entries = {
        row["entry"]: {
            "entry": row["entry"], "outcome": "dead", "accepted_at": row["accepted_at"],
            "recorded_at": datetime.now(tz=UTC),
        }
        for row in letters
    }  # fmt: skip
    # An entry that is stored stays stored: the letter is then from before it was sent again.
    statement = bulk.insert(connection, schema.entries).on_conflict_do_nothing(index_elements=["entry"])
    connection.execute(statement, [entries[entry] for entry in sorted(entries)])
    insert = bulk.insert(connection, schema.dead_letters)
    unique = ["entry", "stage", "stream_entry"]
    ordered = sorted(letters, key=lambda row: (row["entry"], row["stage"], row["stream_entry"]))
    connection.execute(insert.on_conflict_do_nothing(index_elements=unique), ordered)
