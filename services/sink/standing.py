"""What stands in the database of the reports that a batch touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import orjson
from sqlalchemy import Connection

from services.sink import bulk
from services.sink.decision import SOURCE_COLUMNS, Page, Scene, Source
from services.sink.identity import Nearness
from services.sink.reading import Reading
from services.sink.review import Review


def touched_reports(connection: Connection, readings: Iterable[Reading]) -> set[int]:
    """Numbers of the reports that may gain, lose or share a page by these readings; rather more than fewer, but of a
    block only those that have a page near to one of these.
    """
    listed = list(readings)
    arrived: dict[str, Nearness] = defaultdict(Nearness)
    for reading in listed:
        if reading.block is not None:
            arrived[reading.block].add(reading.report.signature)
    asked = (
        {reading.page for reading in listed},
        {reading.report.report_id for reading in listed},
        {reading.address for reading in listed if reading.address is not None},
        arrived.keys(),
    )
    found = bulk.ask(connection, _TOUCHED, *map(sorted, asked))
    return {
        number
        for number, block, signature in found
        if number is not None and (block is None or arrived[block].holds_near(signature))
    }


#: A report, and where it is one of the same block only: the block and the signature of its page.
_TOUCHED = (
    "SELECT report, NULL, NULL FROM pages WHERE page IN ~text"
    " UNION ALL SELECT report, NULL, NULL FROM pages WHERE content IN ~text"
    " UNION ALL SELECT pages.report, NULL, NULL FROM sources JOIN pages ON pages.page = sources.page"
    " WHERE sources.address IN ~text"
    " UNION ALL SELECT report, block, signature FROM pages WHERE block IN ~text"
)


def load_scene(connection: Connection, touched: Collection[int]) -> Scene:
    """What stands in the database of these reports. The caller holds the locks of all of them."""
    scene = Scene()
    if not touched:
        return scene
    numbers = sorted(touched)
    for report, *values, made_at, entry in bulk.ask(connection, _STANDING_PAGES, numbers):
        page, reading, content, signature, year, block = values
        made = None if made_at is None else (made_at, entry)
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
    for number, *values, first_fetched, last_fetched in bulk.ask(connection, _STANDING_REPORTS, numbers):
        moments = bulk.read_moment(first_fetched), bulk.read_moment(last_fetched)
        scene.stood[number] = dict(zip(SOURCE_COLUMNS, (*values, *moments), strict=True))
    scene.shown = {number: values["reading"] for number, values in scene.stood.items()}
    return scene


_STANDING_REPORTS = f"SELECT number, {', '.join(SOURCE_COLUMNS)} FROM reports WHERE number IN ~bigint"  # noqa: S608 - names from here


_STANDING_PAGES = (
    "SELECT pages.report, pages.page, pages.reading, pages.content, pages.signature, pages.report_year, pages.block,"
    " readings.made_at, readings.entry FROM pages LEFT JOIN readings ON readings.number = pages.reading"
    " WHERE pages.report IN ~bigint"
)
_STANDING_SOURCES = "SELECT entry, page, address, fetched_at, url, name FROM sources WHERE page IN ~text"
_STANDING_REVIEWS = (
    "SELECT number, page, target, field, verdict, anchor, corrected FROM reviews WHERE page IN ~text ORDER BY number"
)
