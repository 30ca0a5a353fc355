"""After new readings: which pages are one report now, which reading is shown, and the rows that show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from services.sink import bulk, schema
from services.sink.identity import PageKeys, Revision, Sighting, block_of, components, entry_order, parent_of, revisions
from services.sink.projection import Projection, fields_of, project
from services.sink.reading import Reading, unpack_reading
from services.sink.review import Review

_SHOWN = (schema.coverage, schema.checks, schema.facts, schema.sections)


@dataclass(frozen=True)
class PageChange:
    """A reading that was just written under `number`."""

    number: int
    reading: Reading


def touched_reports(connection: Connection, readings: Iterable[Reading]) -> set[int]:
    """Numbers of the reports that may gain, lose or share a page by these readings; rather more than fewer."""
    pages, contents, blocks, addresses = set(), set(), set(), set()
    for reading in readings:
        pages.add(reading.page)
        contents.add(reading.report.report_id)
        blocks.add(block_of(reading.report.document))
        addresses.add(reading.address)
    table, sources = schema.pages, schema.sources
    found: set[int | None] = set()
    for column, values in ((table.c.page, pages), (table.c.content, contents), (table.c.block, blocks - {None})):
        for chunk in bulk.chunks(values):
            found |= set(connection.execute(select(table.c.report).where(column.in_(chunk))).scalars())
    for chunk in bulk.chunks(addresses - {None}):
        joined = table.join(sources, sources.c.page == table.c.page)
        found |= set(
            connection.execute(select(table.c.report).select_from(joined).where(sources.c.address.in_(chunk))).scalars()
        )
    return {number for number in found if number is not None}


def settle(
    connection: Connection, pages: set[str], changes: Mapping[str, PageChange], touched: Collection[int]
) -> None:
    """Make the shown rows what the sets say, for the given pages and the reports that may share them.

    The caller holds the locks of all of them. `changes`: page → a reading that may now be its current one.
    """
    rows = _load_pages(connection, pages, touched)
    written = _adopt(connection, rows, changes)
    sightings, sources = _load_sightings(connection, rows)
    keys = [
        PageKeys(page, row["content"], row["signature"], row["report_year"], row["block"]) for page, row in rows.items()
    ]
    by_page: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_page.setdefault(sighting.page, []).append(sighting)
    groups = [
        (sorted(sighting for page in group for sighting in by_page[page]), group)
        for group in components(keys, sightings)
    ]
    _show(connection, sorted(groups), rows, sources, written, set(touched))


def reproject(connection: Connection, number: int) -> None:
    """Write the shown rows of one report anew, after a review. The caller holds its lock."""
    connection.execute(schema.reports.update().where(schema.reports.c.number == number), {"reading": None})
    settle(connection, set(), {}, [number])


def _load_pages(connection: Connection, pages: set[str], touched: Collection[int]) -> dict[str, dict[str, Any]]:
    table = schema.pages
    columns = [table.c[name] for name in ("page", "report", "reading", "content", "signature", "report_year", "block")]
    rows: dict[str, dict[str, Any]] = {}
    for column, values in ((table.c.page, pages), (table.c.report, set(touched))):
        for chunk in bulk.chunks(sorted(values)):
            for row in connection.execute(select(*columns).where(column.in_(chunk))).mappings():
                rows[row["page"]] = dict(row)
    return rows


def _adopt(
    connection: Connection, rows: Mapping[str, dict[str, Any]], changes: Mapping[str, PageChange]
) -> dict[int, Reading]:
    """Give each page its latest made reading; number → reading for those that were written just now."""
    table = schema.readings
    numbers = [rows[page]["reading"] for page in changes if rows[page]["reading"] is not None]
    making = {
        row.number: (row.made_at, entry_order(row.entry))
        for chunk in bulk.chunks(numbers)
        for row in connection.execute(
            select(table.c.number, table.c.made_at, table.c.entry).where(table.c.number.in_(chunk))
        )
    }
    written: dict[int, Reading] = {}
    updates = []
    for page, change in sorted(changes.items()):
        reading, row = change.reading, rows[page]
        made = reading.made_at, entry_order(reading.report.entry)
        if row["reading"] not in {None, change.number} and making[row["reading"]] > made:
            continue
        values = {
            "reading": change.number,
            "content": reading.report.report_id,
            "signature": reading.report.signature,
            "report_year": reading.report.document.report_year,
            "block": block_of(reading.report.document),
        }
        row |= values
        written[change.number] = reading
        updates.append((page, values))
    for page, values in updates:
        connection.execute(schema.pages.update().where(schema.pages.c.page == page), values)
    return written


def _load_sightings(connection: Connection, pages: Collection[str]) -> tuple[list[Sighting], dict[str, Row[Any]]]:
    """All sources of these pages, and entry → its row."""
    table = schema.sources
    columns = [table.c[name] for name in ("entry", "page", "address", "fetched_at", "url", "name")]
    sources: dict[str, Row[Any]] = {}
    for chunk in bulk.chunks(sorted(pages)):
        for row in connection.execute(select(*columns).where(table.c.page.in_(chunk))):
            sources[row.entry] = row
    sightings = [
        Sighting(row.fetched_at, entry_order(entry), entry, row.page, row.address) for entry, row in sources.items()
    ]
    return sightings, sources


def _show(  # noqa: PLR0913, PLR0917 - what was loaded, each once
    connection: Connection,
    groups: Sequence[tuple[list[Sighting], frozenset[str]]],
    rows: Mapping[str, dict[str, Any]],
    sources: Mapping[str, Row[Any]],
    written: Mapping[int, Reading],
    touched: set[int],
) -> None:
    shown = {
        row.number: row
        for chunk in bulk.chunks(sorted(touched))
        for row in connection.execute(
            select(schema.reports.c.number, schema.reports.c.reading).where(schema.reports.c.number.in_(chunk))
        )
    }
    reviews = _load_reviews(connection, rows)
    free: set[int | None] = set(shown)
    plan = []
    for sightings, group in groups:
        history = revisions(sightings, {page: rows[page]["content"] for page in group})
        current = next(revision for revision in history if revision.current)
        number = _number_of(history, group, rows, free)
        free -= {number}
        plan.append((number, sightings, group, history, current))
    _remove(connection, {number for number in free if number is not None}, rows)
    bulk_rows = _Rows()
    for number, sightings, group, history, current in plan:
        reading = rows[current.page]["reading"]
        values = _report_row(history, current, sightings, sources) | {"reading": reading}
        stale = number is None or reading in written or shown[number].reading != reading
        if stale:
            spoken = [review for page in group for review in reviews.get(page, ())]
            projection, version = _projection(connection, current.page, reading, written, spoken)
            values |= projection.document | {"version": version}
        kept = _write_report(connection, number, values, stale=stale)
        if stale:
            bulk_rows.add(kept, projection)
            bulk_rows.places |= _places_of(projection.document)
        _write_revisions(connection, kept, history)
        moved = [page for page in group if rows[page]["report"] != kept]
        if moved:
            connection.execute(schema.pages.update().where(schema.pages.c.page.in_(moved)), {"report": kept})
    bulk_rows.write(connection)
    _note_places(connection, bulk_rows.places)


def _number_of(
    history: Sequence[Revision], group: Collection[str], rows: Mapping[str, dict[str, Any]], free: set[int | None]
) -> int | None:
    """The number this report keeps: that of its first page, else any of its pages' that no other report has kept."""
    first = rows[history[0].page]["report"]
    if first in free:
        return int(first)
    return min((rows[page]["report"] for page in group if rows[page]["report"] in free), default=None)


def _remove(connection: Connection, numbers: set[int], rows: Mapping[str, dict[str, Any]]) -> None:
    """Take away reports whose pages all went to other reports."""
    if not numbers:
        return
    left = [page for page, row in rows.items() if row["report"] in numbers]
    connection.execute(schema.pages.update().where(schema.pages.c.page.in_(left)), {"report": None})
    for page in left:
        rows[page]["report"] = None
    for table in (*_SHOWN, schema.revisions):
        connection.execute(table.delete().where(table.c.report.in_(numbers)))
    connection.execute(schema.reports.delete().where(schema.reports.c.number.in_(numbers)))


def _report_row(
    history: Sequence[Revision],
    current: Revision,
    sightings: Sequence[Sighting],
    sources: Mapping[str, Row[Any]],
) -> dict[str, Any]:
    """Columns that the set of sources decides."""
    first = next(sighting for sighting in sightings if sighting.page == current.page)
    places = {(sighting.page, sighting.address or sources[sighting.entry].name) for sighting in sightings}
    return {
        "report_id": history[0].content,
        "content": current.content,
        "page": current.page,
        "url": sources[first.entry].url,
        "name": sources[first.entry].name,
        "sources": len(places),
        "revisions": len(history),
        "first_fetched_at": sightings[0].fetched_at,
        "last_fetched_at": sightings[-1].fetched_at,
    }


def _write_report(connection: Connection, number: int | None, values: dict[str, Any], *, stale: bool) -> int:
    table = schema.reports
    if number is None:
        return int(connection.execute(table.insert().returning(table.c.number), values).scalar_one())
    connection.execute(table.update().where(table.c.number == number), values)
    if stale:
        for shown in _SHOWN:
            connection.execute(shown.delete().where(shown.c.report == number))
    return number


def _write_revisions(connection: Connection, number: int, history: Sequence[Revision]) -> None:
    table = schema.revisions
    rows = [
        {
            "report": number, "content": revision.content, "position": position, "current": revision.current,
            "since": revision.since.fetched_at,
        }
        for position, revision in enumerate(history, start=1)
    ]  # fmt: skip
    connection.execute(table.delete().where(table.c.report == number))
    connection.execute(table.insert(), rows)


def _projection(
    connection: Connection, page: str, number: int, written: Mapping[int, Reading], reviews: Sequence[Review]
) -> tuple[Projection, str]:
    spoken = sorted(reviews, key=lambda review: review.number)
    reading = written.get(number)
    if reading is not None:
        return project(fields_of(reading.report), page, spoken), reading.version
    table = schema.readings
    row = connection.execute(select(table.c.packed, table.c.version).where(table.c.number == number)).one()
    return project(unpack_reading(row.packed), page, spoken), row.version


def _load_reviews(connection: Connection, pages: Collection[str]) -> dict[str, list[Review]]:
    table = schema.reviews
    found: dict[str, list[Review]] = {}
    for chunk in bulk.chunks(sorted(pages)):
        for row in connection.execute(select(table).where(table.c.page.in_(chunk)).order_by(table.c.number)):
            found.setdefault(row.page, []).append(
                Review(
                    number=row.number, page=row.page, target=row.target, field=row.field, verdict=row.verdict,
                    anchor=orjson.loads(row.anchor), corrected=orjson.loads(row.corrected),
                )
            )  # fmt: skip
    return found


def _places_of(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The place of a report as a row, and what it lies in as far as its own names tell."""
    place = document["place"]
    if not place:
        return {}
    names = [document["province"], document["city"], document["county"]]
    found: dict[str, dict[str, Any]] = {}
    level = document["level"] if document["level"] not in {"department", "township"} else None
    name = next((name for name in reversed(names) if name), place)
    while True:
        parent = parent_of(place)
        code = None if place.startswith("~") or "~" in place else place
        found[place] = {
            "place": place, "code": code, "name": name, "level": level, "parent": parent, "official": False,
        }  # fmt: skip
        # Above a place with a code only GB/T 2260 knows the names; above names they are in the key.
        if parent is None or not parent.startswith("~"):
            return found
        place, name, level = parent, parent.rpartition("~")[2], None


def _note_places(connection: Connection, places: Mapping[str, dict[str, Any]]) -> None:
    """Add places that only reports name. The last thing a transaction does: others may wait for its rows."""
    table = schema.places
    known: set[str] = set()
    for chunk in bulk.chunks(sorted(places)):
        known |= set(connection.execute(select(table.c.place).where(table.c.place.in_(chunk))).scalars())
    missing = [places[place] for place in sorted(set(places) - known)]
    if missing:
        connection.execute(bulk.insert(connection, table).on_conflict_do_nothing(index_elements=["place"]), missing)


class _Rows:
    """Shown rows of a whole batch, so that each table is written once."""

    def __init__(self) -> None:
        self._sections: list[tuple[Any, ...]] = []
        self._facts: list[tuple[Any, ...]] = []
        self._checks: list[tuple[Any, ...]] = []
        self._coverage: list[tuple[Any, ...]] = []
        self.places: dict[str, dict[str, Any]] = {}

    def add(self, number: int, projection: Projection) -> None:
        self._sections += [(number, *row) for row in projection.sections]
        self._facts += [(number, *row) for row in projection.facts]
        self._checks += [(number, *row) for row in projection.checks]
        self._coverage += [(number, *row) for row in projection.coverage]

    def write(self, connection: Connection) -> None:
        bulk.insert_rows(connection, schema.sections, self._sections)
        bulk.insert_rows(connection, schema.facts, self._facts)
        bulk.insert_rows(connection, schema.checks, self._checks)
        bulk.insert_rows(connection, schema.coverage, self._coverage)
