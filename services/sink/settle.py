"""After new readings: which pages are one report now, which reading is shown, and the rows that show it.

What the batch brings is known without asking, so the database is only asked for what was there before: nothing, where
no report is touched. Everything is decided in memory, then every table is written once for the whole batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from services.sink import bulk, census, schema
from services.sink.identity import (
    MAX_NAME,
    PageKeys,
    Revision,
    Sighting,
    components,
    entry_order,
    parent_of,
    place_of,
    revisions,
)
from services.sink.projection import Findings, Projection, project, storable
from services.sink.reading import Reading, unpack_reading
from services.sink.review import Review
from shared.events import Document

_SHOWN = (schema.coverage, schema.checks, schema.facts, schema.sections)
_Making = tuple[float, tuple[str, int, int]]


class Source(NamedTuple):
    """An entry that showed a page, as far as identity and the table of reports need it."""

    entry: str
    page: str
    address: str | None
    fetched_at: datetime
    url: str | None
    name: str | None


@dataclass
class Page:
    """A page as it stands in the database, or is to stand there."""

    page: str
    report: int | None = None
    reading: int | None = None
    content: str = ""
    signature: str = ""
    report_year: int | None = None
    block: str | None = None
    made: _Making | None = None  # when its reading was made; None where it has none, or it was not asked for
    is_new: bool = False
    stood: tuple[Any, ...] = ()  # its values in the database

    def values(self) -> tuple[Any, ...]:
        """What the sink decides about it."""
        return self.report, self.reading, self.content, self.signature, self.report_year, self.block


@dataclass
class Scene:
    """All that a decision looks at: pages, their sources and reviews, the reports that stand, the readings made now."""

    pages: dict[str, Page] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    reviews: dict[str, list[Review]] = field(default_factory=dict)
    shown: dict[int, int | None] = field(default_factory=dict)  # report → the reading it shows
    written: dict[int, Reading] = field(default_factory=dict)  # number → reading


def touched_reports(connection: Connection, readings: Iterable[Reading]) -> set[int]:
    """Numbers of the reports that may gain, lose or share a page by these readings; rather more than fewer."""
    listed = list(readings)
    asked = (
        {reading.page for reading in listed},
        {reading.report.report_id for reading in listed},
        {reading.block for reading in listed if reading.block is not None},
        {reading.address for reading in listed if reading.address is not None},
    )
    found = bulk.ask(
        connection,
        "SELECT report FROM pages WHERE page IN ~text"
        " UNION SELECT report FROM pages WHERE content IN ~text"
        " UNION SELECT report FROM pages WHERE block IN ~text"
        " UNION SELECT pages.report FROM sources JOIN pages ON pages.page = sources.page WHERE sources.address IN ~text",
        *map(sorted, asked),
    )
    return {number for (number,) in found if number is not None}


def load_scene(connection: Connection, touched: Collection[int]) -> Scene:
    """What stands in the database of these reports. The caller holds the locks of all of them."""
    scene = Scene()
    if not touched:
        return scene
    numbers = sorted(touched)
    for report, *values, made_at, entry in bulk.ask(connection, _STANDING_PAGES, numbers):
        page, reading, content, signature, year, block = values
        made = None if made_at is None else (made_at, entry_order(entry))
        stood = Page(page, report, reading, content, signature, year, block, made)
        stood.stood = stood.values()
        scene.pages[page] = stood
    pages = sorted(scene.pages)
    for entry, page, address, fetched, url, name in bulk.ask(connection, _STANDING_SOURCES, pages):
        scene.sources[entry] = Source(entry, page, address, bulk.read_moment(fetched), url, name)
    for row in bulk.ask(connection, _STANDING_REVIEWS, pages):
        number, page, target, of_field, verdict, anchor, corrected = row
        scene.reviews.setdefault(page, []).append(
            Review(number, page, target, of_field, verdict, orjson.loads(anchor), orjson.loads(corrected))
        )
    scene.shown = dict(bulk.ask(connection, "SELECT number, reading FROM reports WHERE number IN ~bigint", numbers))
    return scene


_STANDING_PAGES = (
    "SELECT pages.report, pages.page, pages.reading, pages.content, pages.signature, pages.report_year, pages.block,"
    " readings.made_at, readings.entry FROM pages LEFT JOIN readings ON readings.number = pages.reading"
    " WHERE pages.report IN ~bigint"
)
_STANDING_SOURCES = "SELECT entry, page, address, fetched_at, url, name FROM sources WHERE page IN ~text"
_STANDING_REVIEWS = (
    "SELECT number, page, target, field, verdict, anchor, corrected FROM reviews WHERE page IN ~text ORDER BY number"
)


def adopt(scene: Scene, number: int, reading: Reading) -> None:
    """Give a page its latest made reading; `number` is the one that was just written."""
    page = scene.pages[reading.page]
    if page.reading not in {None, number} and page.made is not None and page.made > reading.making:
        return
    report = reading.report
    page.reading, page.made = number, reading.making
    page.content, page.signature = report.report_id, report.signature
    page.report_year, page.block = report.document.report_year, reading.block
    scene.written[number] = reading


def reproject(connection: Connection, number: int) -> None:
    """Write the shown rows of one report anew, after a review. The caller holds its lock."""
    scene = load_scene(connection, [number])
    scene.shown = dict.fromkeys(scene.shown)
    settlement = decide(connection, scene)
    settlement.write_reports(connection)
    write_pages(connection, scene)
    settlement.write(connection)


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


@dataclass
class Settlement:
    """What is to be written so that the shown rows are what the sets say. `gone`: reports whose pages all went to
    others.
    """

    scene: Scene
    plans: list[_Plan]
    new: list[_Plan]
    gone: set[int]

    def write_reports(self, connection: Connection) -> None:
        """The new reports: pages point at them."""
        in_order = itemgetter(*schema.reports.columns.keys())
        rows = [in_order({"number": plan.number, **plan.values}) for plan in self.new]
        bulk.insert_rows(connection, schema.reports, rows)

    def write(self, connection: Connection) -> None:
        """Everything else, when the pages point where they should."""
        known = [plan for plan in self.plans if plan.number in self.scene.shown]
        stale = [plan.number for plan in known if plan.projection is not None and plan.number is not None]
        shown = [plan for plan in self.plans if plan.projection is not None]
        taken = census.held(connection, {*stale, *self.gone}) if stale or self.gone else []
        _clear(connection, {*stale, *self.gone})
        _update_reports(connection, known)
        _write_revisions(connection, self.plans, {plan.number for plan in known if plan.number} | self.gone)
        _remove_reports(connection, self.gone)
        _write_shown(connection, shown)
        census.note(connection, [_counted(plan) for plan in shown], taken)


def decide(connection: Connection, scene: Scene) -> Settlement:
    """Which pages are one report, what each shows, and under which number."""
    keys = [PageKeys(one.page, one.content, one.signature, one.report_year, one.block) for one in scene.pages.values()]
    sightings = [
        Sighting(one.fetched_at, entry_order(one.entry), one.entry, one.page, one.address)
        for one in scene.sources.values()
    ]
    by_page: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_page.setdefault(sighting.page, []).append(sighting)
    groups = sorted(
        (sorted(sighting for page in group for sighting in by_page[page]), group)
        for group in components(keys, sightings)
    )
    free = set(scene.shown)
    plans = []
    for seen, group in groups:
        plan = _plan(seen, group, scene, free)
        free.discard(plan.number or 0)
        plans.append(plan)
    new = [plan for plan in plans if plan.number is None]
    for plan, number in zip(new, bulk.new_numbers(connection, schema.reports, len(new)), strict=True):
        plan.number = number
    for plan in plans:
        for page in plan.group:
            scene.pages[page].report = plan.number
        if plan.reading in scene.written or scene.shown.get(plan.number or 0) != plan.reading:
            plan.projection, version = _projection(connection, plan, scene)
            plan.values |= plan.projection.document | {"version": version}
    return Settlement(scene, plans, new, free)


def _plan(sightings: Sequence[Sighting], group: frozenset[str], scene: Scene, free: Collection[int]) -> _Plan:
    history = revisions(sightings, {page: scene.pages[page].content for page in group})
    current = next(revision for revision in history if revision.current)
    reading = scene.pages[current.page].reading
    if reading is None:
        raise LookupError(f"page {current.page} has no reading")
    return _Plan(
        number=_number_of(history, group, scene, free),
        group=group,
        history=history,
        page=current.page,
        reading=reading,
        values=_report_row(history, current, sightings, scene.sources) | {"reading": reading},
    )


def _number_of(history: Sequence[Revision], group: Collection[str], scene: Scene, free: Collection[int]) -> int | None:
    """The number this report keeps: that of its first page, else any of its pages' that no other report has kept."""
    first = scene.pages[history[0].page].report
    if first in free:
        return first
    numbers = (scene.pages[page].report for page in group)
    return min((number for number in numbers if number is not None and number in free), default=None)


def _report_row(
    history: Sequence[Revision],
    current: Revision,
    sightings: Sequence[Sighting],
    sources: Mapping[str, Source],
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


def _projection(connection: Connection, plan: _Plan, scene: Scene) -> tuple[Projection, str]:
    spoken = sorted(
        (review for page in plan.group for review in scene.reviews.get(page, ())), key=lambda review: review.number
    )
    number = plan.number or 0
    reading = scene.written.get(plan.reading)
    if reading is not None:
        return project(Findings.of(reading.report), plan.page, spoken, number), reading.version
    ((packed, version),) = bulk.ask(connection, "SELECT packed, version FROM readings WHERE number = ~", plan.reading)
    return project(Findings.among(unpack_reading(packed)), plan.page, spoken, number), version


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_pages(connection: Connection, scene: Scene) -> None:
    """What was decided about pages that stand already."""
    changed = [page for page in scene.pages.values() if not page.is_new and page.values() != page.stood]
    bulk.run_rows(
        connection,
        "UPDATE pages SET report = ~, reading = ~, content = ~, signature = ~, report_year = ~, block = ~ WHERE page = ~",
        [(*page.values(), page.page) for page in sorted(changed, key=lambda page: page.page)],
    )


def _clear(connection: Connection, numbers: Collection[int]) -> None:
    """Take away what these reports show."""
    if numbers:
        for table in _SHOWN:
            bulk.ask(connection, f'DELETE FROM "{table.name}" WHERE report IN ~bigint', sorted(numbers))  # noqa: S608 - names from the schema


def _remove_reports(connection: Connection, numbers: Collection[int]) -> None:
    if numbers:
        bulk.ask(connection, "DELETE FROM reports WHERE number IN ~bigint", sorted(numbers))


def _update_reports(connection: Connection, known: Sequence[_Plan]) -> None:
    """Rows with and without a new projection have different columns, and so are two statements."""
    for stale in (True, False):
        plans = [plan for plan in known if (plan.projection is not None) == stale]
        if plans:
            names = sorted(plans[0].values)
            columns = ", ".join(f'"{name}" = ~' for name in names)
            bulk.run_rows(
                connection,
                f"UPDATE reports SET {columns} WHERE number = ~",  # noqa: S608 - names from the schema
                [(*(plan.values[name] for name in names), plan.number) for plan in plans],
            )


def _write_revisions(connection: Connection, plans: Sequence[_Plan], known: Collection[int]) -> None:
    """Those that changed: of a page that changes at each crawl the others are left alone."""
    stood = set()
    if known:
        found = bulk.ask(
            connection,
            "SELECT report, content, position, current, since FROM revisions WHERE report IN ~bigint",
            sorted(known),
        )
        stood = {(*row[:3], bool(row[3]), bulk.read_moment(row[4])) for row in found}
    wanted = [
        (plan.number, revision.content, position, revision.current, revision.since.fetched_at)
        for plan in plans
        for position, revision in enumerate(plan.history, start=1)
    ]
    gone = stood.difference(wanted)
    bulk.run_rows(connection, "DELETE FROM revisions WHERE report = ~ AND content = ~", sorted(row[:2] for row in gone))
    bulk.insert_rows(connection, schema.revisions, [row for row in wanted if row not in stood])


def _write_shown(connection: Connection, plans: Sequence[_Plan]) -> None:
    shown = [plan.projection for plan in plans if plan.projection is not None]
    for table in (schema.sections, schema.facts, schema.checks):
        bulk.insert_columns(connection, table, [getattr(projection, table.name) for projection in shown])
    bulk.insert_rows(connection, schema.coverage, [projection.coverage for projection in shown])


def _counted(plan: _Plan) -> census.Counted:
    values = plan.values
    stated, zero, absent = plan.projection.coverage[1:] if plan.projection is not None else ("", "", "")
    return census.Counted(
        values["report_year"], values["level"], values["genre"], values["province_code"], values["province"],
        stated, zero, absent,
    )  # fmt: skip


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    places: dict[str, dict[str, Any]] = {}
    for document in documents:
        places |= _places_of(document)
    if not places:
        return
    known = {
        place for (place,) in bulk.ask(connection, "SELECT place FROM places WHERE place IN ~text", sorted(places))
    }
    missing = [places[place] for place in sorted(set(places) - known)]
    if missing:
        connection.execute(
            bulk.insert(connection, schema.places).on_conflict_do_nothing(index_elements=["place"]), missing
        )
