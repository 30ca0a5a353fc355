"""What was received: pages, sources and readings. These tables only grow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from sqlalchemy import Connection

from services.sink import bulk, schema
from services.sink.decision import Page, Scene, Source
from services.sink.identity import entry_order
from services.sink.reading import RERUN_FIELD, Reading, canonical_json
from services.sink.schema import Row
from services.sink.texts import storable, storable_or_none


@dataclass
class Arrivals:
    """What of a batch is new, as it is to be written."""

    fresh: list[Reading]  # one a new source
    pages: dict[str, Reading]  # page that does not stand yet → a reading that holds it
    readings: list[Row]
    renewed: list[Row]  # readings of a version that the page has already, made later


def receive(connection: Connection, scene: Scene, fresh: list[Reading]) -> Arrivals:
    """Put these readings, their pages and their sources into the scene. Nothing is written yet: a page points at its
    report, and which that is has to be decided first.
    """
    pages = _newest_pages(scene, fresh)
    readings, renewed = _new_readings(connection, scene, fresh)
    return Arrivals(fresh, pages, readings, renewed)


def write(connection: Connection, scene: Scene, arrivals: Arrivals) -> None:
    """What has arrived, and what was decided about pages that stood before."""
    new = [_page_row(scene.pages[page], reading) for page, reading in sorted(arrivals.pages.items())]
    bulk.insert_rows(connection, schema.pages, new)
    write_pages(connection, scene)
    bulk.insert_rows(connection, schema.sources, [_source_row(reading) for reading in arrivals.fresh])
    bulk.run_rows(connection, _RENEW_READING, arrivals.renewed)
    bulk.insert_rows(connection, schema.readings, arrivals.readings)


def write_pages(connection: Connection, scene: Scene) -> None:
    """What was decided about pages that stand already."""
    changed = [page for page in scene.pages.values() if not page.is_new and page.values() != page.stood]
    bulk.run_rows(
        connection,
        "UPDATE pages SET report = ~, reading = ~, content = ~, signature = ~, report_year = ~, block = ~ WHERE page = ~",
        [(*page.values(), page.page) for page in sorted(changed, key=lambda page: page.page)],
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
        scene.sources[reading.entry] = Source(
            reading.entry,
            reading.page,
            reading.address,
            reading.fetched_at,
            storable_or_none(crawl.url),
            storable_or_none(crawl.name),
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
        scene.adopt(number, reading)
    return rows, updates


#: In the order of the table, without its number.
_READING_COLUMNS = tuple(schema.readings.columns.keys())[1:]
_RENEW_READING = f"UPDATE readings SET {', '.join(f'{name} = ~' for name in _READING_COLUMNS[2:])} WHERE number = ~"  # noqa: S608 - names from the schema


def _reading_values(reading: Reading) -> Row:
    report = reading.report
    return (
        reading.page, reading.version, reading.entry, reading.made_at, report.report_id, report.signature,
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
    extra = {name: value for name, value in crawl.extra.items() if name != RERUN_FIELD}
    return (
        reading.entry, reading.page, storable_or_none(crawl.url), reading.address, storable_or_none(crawl.name),
        storable_or_none(crawl.source), storable_or_none(crawl.fetched_at), reading.fetched_at, storable_or_none(crawl.content_type),
        storable_or_none(crawl.charset), storable(canonical_json(extra)),
    )  # fmt: skip
