"""The sink's store: batches of reports and dead letters → rows, in one transaction a batch, whatever was there before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Engine

from services.sink import bulk, census, engine, reference, schema
from services.sink.identity import entry_order
from services.sink.projection import storable
from services.sink.reading import Reading, canonical_json, moment_of, pack
from services.sink.schema import Row
from services.sink.settle import (
    Page,
    Scene,
    Source,
    adopt,
    decide,
    load_scene,
    note_places,
    touched_reports,
    write_pages,
)
from shared.errors import Transient
from shared.events import DeadLetter, ExtractedReport
from shared.tables import TabledReport

_NOTE_BOOKS = (
    "INSERT INTO books (shard, generation, noted_at) VALUES (~, ~, ~)"
    " ON CONFLICT (shard) DO UPDATE SET generation = excluded.generation, noted_at = excluded.noted_at"
)
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

        Raises Transient, after which nothing of the batch is written; any other exception means that the database
        refuses a value of the batch, and nothing of it is written either.
        """
        carried: Sequence[bytes | None] = packed or [None] * len(reports)
        readings = [Reading(_tabled(report), whole) for report, whole in zip(reports, carried, strict=True)]
        letters = [_letter_row(letter) for letter in dead]
        held = {name for reading in readings for name in _lock_names(reading)}
        held |= {f"entry:{letter.entry}" for letter in dead}
        for _ in range(_MAX_ATTEMPTS):
            with engine.surroundings(), self._engine.begin() as connection:
                bulk.lock(connection, held)
                touched = touched_reports(connection, readings) if readings else set()
                wanted = {f"report:{number}" for number in touched}
                if connection.dialect.name == "sqlite" or wanted <= held:
                    _write_reports(connection, readings, touched)
                    _write_dead(connection, letters)
                    return
                # All names are taken in one order, so a name cannot be added: let go and begin again with more.
                held |= wanted
        raise Transient("reports kept merging while the batch was written")


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
    fresh = _record_entries(connection, readings)
    if not fresh:
        return
    scene = load_scene(connection, touched)
    newest = _newest_pages(scene, fresh)
    rows, updates = _new_readings(connection, scene, fresh)
    settlement = decide(connection, scene)
    settlement.write_reports(connection)
    bulk.insert_rows(connection, schema.pages, [_page_row(scene.pages[page], newest[page]) for page in sorted(newest)])
    write_pages(connection, scene)
    bulk.insert_rows(connection, schema.sources, [_source_row(reading) for reading in fresh])
    bulk.run_rows(connection, _RENEW_READING, updates)
    bulk.insert_rows(connection, schema.readings, rows)
    settlement.write(connection)
    note_places(connection, [reading.report.document for reading in fresh])


def _record_entries(connection: Connection, readings: Sequence[Reading]) -> list[Reading]:
    """Note the entries as stored; the readings whose entry was not stored (nor forgotten) before, each entry once.

    A dead letter that was sent again and succeeded is stored.
    """
    by_entry = {reading.report.entry: reading for reading in readings}
    if not by_entry:
        return []
    entries = sorted(by_entry)
    outcomes: dict[str, str] = dict(
        bulk.ask(connection, "SELECT entry, outcome FROM entries WHERE entry IN ~text", entries)
    )
    now = datetime.now(tz=UTC)
    # No other sink writes these entries meanwhile: the batch holds their names.
    rows = {entry: (entry, "stored", moment_of(by_entry[entry].report.accepted_at), now) for entry in entries}
    died = [entry for entry in entries if outcomes.get(entry) == "dead"]
    new = [entry for entry in entries if entry not in outcomes]
    bulk.run_rows(connection, _STORE_DEAD, [rows[entry] for entry in died])
    bulk.insert_rows(connection, schema.entries, [rows[entry] for entry in new])
    wanted = {*died, *new}
    return [reading for entry, reading in by_entry.items() if entry in wanted]


#: A letter that is being sent again may be taken away just now, and its entry with it.
_STORE_DEAD = (
    "INSERT INTO entries (entry, outcome, accepted_at, recorded_at) VALUES (~, ~, ~, ~)"
    " ON CONFLICT (entry) DO UPDATE SET outcome = excluded.outcome, recorded_at = excluded.recorded_at"
    " WHERE entries.outcome = 'dead'"
)


def _newest_pages(scene: Scene, fresh: Iterable[Reading]) -> dict[str, Reading]:
    """Put the pages and sources of these readings into the scene; page → reading for those that do not stand yet."""
    newest: dict[str, Reading] = {}
    for reading in fresh:
        if reading.page not in scene.pages:
            scene.pages[reading.page] = Page(reading.page, is_new=True)
        if scene.pages[reading.page].is_new:
            newest[reading.page] = reading
        crawl = reading.report.crawl
        scene.sources[reading.report.entry] = Source(
            reading.report.entry,
            reading.page,
            reading.address,
            reading.fetched_at,
            _cleaned(crawl.url),
            _cleaned(crawl.name),
        )
    return newest


def _new_readings(connection: Connection, scene: Scene, fresh: Iterable[Reading]) -> tuple[list[Row], list[Row]]:
    """Keep each page's reading of each version, the latest made one: rows to insert, and values to update; pages take
    over the readings that are their latest.
    """
    latest: dict[tuple[str, str], Reading] = {}
    for reading in sorted(fresh, key=attrgetter("making")):
        latest[reading.page, reading.version] = reading
    standing = sorted({page for page, _ in latest if not scene.pages[page].is_new})
    known = {}
    if standing:
        found = bulk.ask(
            connection, "SELECT page, version, number, made_at, entry FROM readings WHERE page IN ~text", standing
        )
        known = {(page, version): (number, (made, entry_order(entry))) for page, version, number, made, entry in found}
    numbers = iter(bulk.new_numbers(connection, schema.readings, len(latest.keys() - known.keys())))
    rows, updates, adopted = [], [], []
    for key, reading in sorted(latest.items()):
        number, made = known.get(key, (None, None))
        if number is None:
            number = next(numbers)
            rows.append((number, *_reading_values(reading)))
        elif made is not None and made < reading.making:
            updates.append((*_reading_values(reading)[2:], number))
        else:
            continue
        adopted.append((reading.making, number, reading))
    for _, number, reading in sorted(adopted, key=itemgetter(0)):
        adopt(scene, number, reading)
    return rows, updates


#: In the order of the table, without its number.
_READING_COLUMNS = tuple(schema.readings.columns.keys())[1:]
_RENEW_READING = f"UPDATE readings SET {', '.join(f'{name} = ~' for name in _READING_COLUMNS[2:])} WHERE number = ~"  # noqa: S608 - names from the schema


def _reading_values(reading: Reading) -> Row:
    report = reading.report
    return (
        reading.page, reading.version, report.entry, reading.made_at, report.report_id, report.signature,
        len(report.facts["value"]), reading.packed, reading.steps,
    )  # fmt: skip


def _page_row(page: Page, reading: Reading) -> Row:
    source = reading.report.source
    return (
        page.page, source.charset, source.media_type, source.raw_bytes, len(source.text), reading.packed_source,
        reading.packed_original, *page.values(),
    )  # fmt: skip


def _source_row(reading: Reading) -> Row:
    crawl = reading.report.crawl
    return (
        reading.report.entry, reading.page, _cleaned(crawl.url), reading.address, _cleaned(crawl.name),
        _cleaned(crawl.source), _cleaned(crawl.fetched_at), reading.fetched_at, _cleaned(crawl.content_type),
        _cleaned(crawl.charset), storable(canonical_json(crawl.extra)),
    )  # fmt: skip


def _cleaned(text: str | None) -> str | None:
    return None if text is None else storable(text)


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
