"""After new readings: which pages are one report now, which reading is shown, and the rows that show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, select

from services.sink import bulk, schema
from services.sink.identity import (
    MAX_NAME,
    PageKeys,
    Revision,
    Sighting,
    block_of,
    components,
    entry_order,
    parent_of,
    place_of,
    revisions,
)
from services.sink.projection import Projection, fields_of, project, storable
from services.sink.reading import Reading, unpack_reading
from services.sink.review import Review
from shared.events import Document

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
    if updates:
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in updates[0][1]}
        connection.execute(
            schema.pages.update().where(schema.pages.c.page == bindparam("of")).values(columns),
            [{"of": page, **{f"new_{name}": value for name, value in values.items()}} for page, values in updates],
        )
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


@dataclass(eq=False)
class _Plan:
    """One report as it is to be: `number` is None as long as it is new."""

    number: int | None
    group: frozenset[str]
    history: list[Revision]
    page: str  # the current one
    reading: int
    values: dict[str, Any]  # columns of `reports`
    projection: Projection | None = None  # None where the rows shown are right already


def _show(  # noqa: PLR0913, PLR0917 - what was loaded, each once
    connection: Connection,
    groups: Sequence[tuple[list[Sighting], frozenset[str]]],
    rows: Mapping[str, dict[str, Any]],
    sources: Mapping[str, Row[Any]],
    written: Mapping[int, Reading],
    touched: set[int],
) -> None:
    """Write reports, revisions and what they show; every table once for the whole batch."""
    table = schema.reports
    shown = {
        row.number: row.reading
        for chunk in bulk.chunks(sorted(touched))
        for row in connection.execute(select(table.c.number, table.c.reading).where(table.c.number.in_(chunk)))
    }
    reviews = _load_reviews(connection, rows)
    free: set[int] = set(shown)
    plans = []
    for sightings, group in groups:
        plan = _plan(sightings, group, rows, sources, free)
        if plan.number is not None:
            free.remove(plan.number)
        if plan.number is None or plan.reading in written or shown[plan.number] != plan.reading:
            spoken = [review for page in group for review in reviews.get(page, ())]
            plan.projection, version = _projection(connection, plan.page, plan.reading, written, spoken)
            plan.values |= plan.projection.document | {"version": version}
        plans.append(plan)
    _remove(connection, free, rows)
    _clear(connection, [plan.number for plan in plans if plan.number is not None and plan.projection is not None])
    numbers = _write_plans(connection, plans)
    _write_revisions(connection, dict(zip(numbers, plans, strict=True)))
    _move_pages(connection, dict(zip(numbers, plans, strict=True)), rows)
    projections = {
        number: plan.projection for number, plan in zip(numbers, plans, strict=True) if plan.projection is not None
    }
    _write_shown(connection, projections)


def _plan(
    sightings: Sequence[Sighting],
    group: frozenset[str],
    rows: Mapping[str, dict[str, Any]],
    sources: Mapping[str, Row[Any]],
    free: Collection[int],
) -> _Plan:
    history = revisions(sightings, {page: rows[page]["content"] for page in group})
    current = next(revision for revision in history if revision.current)
    reading = rows[current.page]["reading"]
    return _Plan(
        number=_number_of(history, group, rows, free),
        group=group,
        history=history,
        page=current.page,
        reading=reading,
        values=_report_row(history, current, sightings, sources) | {"reading": reading},
    )


def _number_of(
    history: Sequence[Revision], group: Collection[str], rows: Mapping[str, dict[str, Any]], free: Collection[int]
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


def _clear(connection: Connection, numbers: Sequence[int]) -> None:
    """Take away what these reports show."""
    for table in _SHOWN:
        for chunk in bulk.chunks(numbers):
            connection.execute(table.delete().where(table.c.report.in_(chunk)))


def _write_plans(connection: Connection, plans: Sequence[_Plan]) -> list[int]:
    """Write the rows of `reports`; their numbers, in the order of the plans."""
    table = schema.reports
    new = [plan for plan in plans if plan.number is None]
    if new:
        statement = table.insert().returning(table.c.number, sort_by_parameter_order=True)
        given = connection.execute(statement, [plan.values for plan in new]).scalars()
        for plan, number in zip(new, given, strict=True):
            plan.number = number
    # Rows with and without a new projection have different columns, and so are two statements.
    for stale in (True, False):
        known = [plan for plan in plans if plan not in new and (plan.projection is not None) == stale]
        if known:
            columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in known[0].values}
            connection.execute(
                table.update().where(table.c.number == bindparam("of")).values(columns),
                [{"of": plan.number, **{f"new_{name}": plan.values[name] for name in columns}} for plan in known],
            )
    return [plan.number for plan in plans if plan.number is not None]


def _write_revisions(connection: Connection, plans: Mapping[int, _Plan]) -> None:
    table = schema.revisions
    rows = [
        {
            "report": number, "content": revision.content, "position": position, "current": revision.current,
            "since": revision.since.fetched_at,
        }
        for number, plan in plans.items()
        for position, revision in enumerate(plan.history, start=1)
    ]  # fmt: skip
    for chunk in bulk.chunks(plans):
        connection.execute(table.delete().where(table.c.report.in_(chunk)))
    if rows:
        connection.execute(table.insert(), rows)


def _move_pages(connection: Connection, plans: Mapping[int, _Plan], rows: Mapping[str, dict[str, Any]]) -> None:
    table = schema.pages
    moved = [
        {"of": page, "new": number}
        for number, plan in plans.items()
        for page in sorted(plan.group)
        if rows[page]["report"] != number
    ]
    if moved:
        connection.execute(table.update().where(table.c.page == bindparam("of")).values(report=bindparam("new")), moved)


def _write_shown(connection: Connection, projections: Mapping[int, Projection]) -> None:
    for table in reversed(_SHOWN):
        rows = [(number, *row) for number, projection in projections.items() for row in getattr(projection, table.name)]
        bulk.insert_rows(connection, table, rows)


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


def _places_of(document: Document) -> dict[str, dict[str, Any]]:
    """The place of a report as a row, and what it lies in as far as its own names tell."""
    place = storable(place_of(document))
    if not place:
        return {}
    names = [document.place.province, document.place.city, document.place.county]
    found: dict[str, dict[str, Any]] = {}
    name = storable(next((name for name in reversed(names) if name), place))[:MAX_NAME]
    while True:
        parent = parent_of(place)
        code = None if place.startswith("~") or "~" in place else place
        found[place] = {
            "place": place, "code": code, "name": name, "level": _level_of(place), "parent": parent, "official": False,
        }  # fmt: skip
        # Above a place with a code only GB/T 2260 knows the names; above names they are in the key.
        if parent is None or not parent.startswith("~"):
            return found
        place, name = parent, parent.rpartition("~")[2]


def _level_of(place: str) -> str | None:
    """What the key alone says: whoever names a place first must not decide its level."""
    if place.startswith("~"):
        return None
    if "~" in place:
        return "functional_zone"
    return "province" if place.endswith("0000") else "prefecture" if place.endswith("00") else "county"


def note_places(connection: Connection, documents: Iterable[Document]) -> None:
    """Add the places of these documents that GB/T 2260 does not hold, whether or not their readings are shown: so the
    table does not depend on the order of entries. The last thing a transaction does: others may wait for its rows.
    """
    table = schema.places
    places: dict[str, dict[str, Any]] = {}
    for document in documents:
        places |= _places_of(document)
    known: set[str] = set()
    for chunk in bulk.chunks(sorted(places)):
        known |= set(connection.execute(select(table.c.place).where(table.c.place.in_(chunk))).scalars())
    missing = [places[place] for place in sorted(set(places) - known)]
    if missing:
        connection.execute(bulk.insert(connection, table).on_conflict_do_nothing(index_elements=["place"]), missing)
