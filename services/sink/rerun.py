"""Stored reports on their way through the pipeline again, from any stage: what is stored → pages and events.

A page that is run again becomes a new entry with the metadata of its crawl. The sink knows it by its bytes: the new
reading takes the place of the one it was made from, all at once and whatever the clocks say, and the old one is kept
under its version.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, Connection, func, select

from services.sink import schema
from services.sink.filters import ReportFilter
from services.sink.pages import source_of
from services.sink.reading import RERUN_FIELD, raw_bytes, unpack_reading
from shared.events import Crawl, NormalizedReport, SectionedReport, Source, Step

Start = Literal["normalizer", "sectioner", "extractor"]
#: Stage → short name of the stream that it reads.
STREAM_OF: dict[Start, str] = {"normalizer": "intake", "sectioner": "normalized", "extractor": "sectioned"}
_STAGES_BEFORE: dict[Start, Sequence[str]] = {
    "normalizer": (), "sectioner": ("normalizer",), "extractor": ("normalizer", "sectioner"),
}  # fmt: skip
#: Pages a look at the database: 16 pages of the largest size fit into 0.4 GB.
_WINDOW = 16


@dataclass(frozen=True)
class StoredPage:
    """A page as it is stored, with the crawl that first showed it and what the latest code made of it."""

    report_id: str
    page: str
    crawl: Crawl
    body: bytes
    source: Source
    reading: dict[str, Any]
    made_at: float  # of the reading

    @property
    def crawl_again(self) -> Crawl:
        """The metadata of its entry when it is run again: the crawl's, and that it is a rerun of this reading."""
        return self.crawl.model_copy(update={"extra": {**self.crawl.extra, RERUN_FIELD: repr(self.made_at)}})


def count_pages(connection: Connection, wanted: ReportFilter, report: int | None = None) -> int:
    """How many pages the reports have that are asked for."""
    pages, reports = schema.pages, schema.reports
    statement = select(func.count()).select_from(pages.join(reports, reports.c.number == pages.c.report))
    return int(connection.execute(statement.where(*_conditions(wanted, report))).scalar_one())


def stored_pages(connection: Connection, wanted: ReportFilter, report: int | None = None) -> Iterator[StoredPage]:
    """The pages of the reports that are asked for, in the order of their hashes; a few at a time in memory."""
    pages, reports, readings = schema.pages, schema.reports, schema.readings
    after = ""
    while True:
        rows = connection.execute(
            select(pages, reports.c.report_id, readings.c.packed, readings.c.made_at)
            .join(reports, reports.c.number == pages.c.report)
            .join(readings, readings.c.number == pages.c.reading)
            .where(pages.c.page > after, *_conditions(wanted, report))
            .order_by(pages.c.page)
            .limit(_WINDOW)
        ).mappings().all()  # fmt: skip
        for row in rows:
            yield _stored_page(connection, dict(row))
        if len(rows) < _WINDOW:
            return
        after = rows[-1]["page"]


def _conditions(wanted: ReportFilter, report: int | None) -> list[ColumnElement[bool]]:
    return [*wanted.conditions(), *([] if report is None else [schema.reports.c.number == report])]


def _stored_page(connection: Connection, row: dict[str, Any]) -> StoredPage:
    table = schema.sources
    first = connection.execute(
        select(table).where(table.c.page == row["page"]).order_by(table.c.fetched_at, table.c.entry).limit(1)
    ).mappings().one()  # fmt: skip
    source = source_of(connection, row, row["packed"])
    return StoredPage(
        report_id=row["report_id"],
        page=row["page"],
        crawl=Crawl(
            url=first["url"],
            name=first["name"],
            source=first["source"],
            # The time of the fetch is what orders revisions: a page that had none keeps the time of its acceptance.
            fetched_at=first["fetched"] or first["fetched_at"].isoformat(),
            content_type=first["content_type"],
            charset=first["charset"],
            extra=orjson.loads(first["extra"]),
        ),
        body=raw_bytes(source),
        source=source,
        reading=unpack_reading(row["packed"]),
        made_at=row["made_at"],
    )


def event_for(stored: StoredPage, start: Start, entry: str, accepted_at: float) -> NormalizedReport:
    """The event that `start` (sectioner or extractor) reads, as if it came from the stage before."""
    model = SectionedReport if start == "extractor" else NormalizedReport
    reading = stored.reading
    trail = [Step.model_validate(step) for step in reading["trail"] if step["stage"] in _STAGES_BEFORE[start]]
    kept = {name: reading[name] for name in model.model_fields if name in reading and name != "trail"}
    return model.model_validate({
        **kept,
        "entry": entry,
        "accepted_at": accepted_at,
        "crawl": stored.crawl_again,
        "trail": trail,
        "source": stored.source,
    })  # fmt: skip


def new_entry(prefix: str, now: float) -> tuple[str, float]:
    """A name for an entry that did not come in over the intake, and the moment it stands for.

    `prefix` is that of the keys, `now` the server's time in unix seconds. Time and a random number of 52 bits: no
    server has given it, and none will.
    """
    return f"{prefix}rerun/{int(now * 1000)}-{secrets.randbits(52)}", now
