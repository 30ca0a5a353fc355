"""Taking a report out of the database on request, with all that came from its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from services.sink import bulk, census, engine, lookups, schema
from shared.errors import Transient

#: What is shown of a report, then what was received of it; in an order that no foreign key forbids.
_SHOWN = (schema.coverage, schema.checks, schema.facts, schema.sections, schema.revisions)
_RECEIVED = (schema.reviews, schema.readings, schema.sources, schema.pages)


def forget_report(database: Engine, report_id: str) -> dict[str, Any] | None:
    """Remove a report: its pages as crawled, readings of all versions, rows, reviews, where they came from, and every
    dead letter that holds one of its pages.

    Its entries stay as names with the outcome `forgotten`: the books have counted them, and the same entry, should it
    come again, is not stored anew, nor is a rerun of its pages that is on its way. A new crawl of the page is a new
    entry, and is stored.

    Returns what was removed, None where there is no such report. Raises Transient.
    """
    with engine.surroundings(), database.begin() as connection:
        found = lookups.find_report(connection, report_id)
        if found is None:
            return None
        number = found["number"]
        pages = _pages(connection, number)
        bulk.lock(connection, {f"report:{number}", *(f"page:{page}" for page in pages)})
        if pages != _pages(connection, number):
            raise Transient("the report gained or lost a page meanwhile; say it again")
        if not pages:  # another process was faster
            return None
        sources = lookups.sources_of(connection, number)
        removed: dict[str, Any] = {
            "report_id": found["report_id"],
            "title": found["title"],
            "issuer": found["issuer"],
            "report_year": found["report_year"],
            "urls": sorted({source["url"] for source in sources if source["url"]}),
        }
        entries: dict[str, str] = dict(
            bulk.ask(connection, "SELECT entry, page FROM sources WHERE page IN ~text", pages)
        )
        removed["entries"] = sorted(entries)
        removed["dead_letters"] = _remove_letters(connection, pages, entries)
        _note_forgotten(connection, entries)
        return removed | _remove_rows(connection, number, pages)


def _pages(connection: Connection, number: int) -> list[str]:
    return [page for (page,) in bulk.ask(connection, "SELECT page FROM pages WHERE report = ~ ORDER BY page", number)]


def _remove_letters(connection: Connection, pages: list[str], entries: dict[str, str]) -> int:
    """Remove the letters of these entries, and those that hold one of the pages though it died under another entry;
    `entries` takes up the latter.
    """
    theirs = bulk.ask(connection, "DELETE FROM dead_letters WHERE entry IN ~text RETURNING entry", sorted(entries))
    other = bulk.ask(
        connection, "DELETE FROM dead_letters WHERE body_sha256 IN ~text RETURNING entry, body_sha256", pages
    )
    entries.update(other)
    return len(theirs) + len(other)


def _note_forgotten(connection: Connection, entries: dict[str, str]) -> None:
    names = sorted(entries)
    bulk.run_rows(
        connection,
        "UPDATE entries SET outcome = 'forgotten', recorded_at = ~ WHERE entry = ~ AND outcome <> 'forgotten'",
        [(datetime.now(tz=UTC), entry) for entry in names],
    )
    bulk.insert_rows(connection, schema.forgotten, [(entry, entries[entry]) for entry in names])


def _remove_rows(connection: Connection, number: int, pages: list[str]) -> dict[str, int]:
    """Remove what is shown and what was received; how many rows of which table."""
    removed = {}
    taken = census.held(connection, [number])
    for table in _SHOWN:
        removed[table.name] = connection.execute(table.delete().where(table.c.report == number)).rowcount
    removed["coverage"] = sum(len(f"{one.stated}{one.zero}{one.absent}".split()) for one in taken)
    for table in _RECEIVED:
        gone = bulk.ask(connection, f'DELETE FROM "{table.name}" WHERE page IN ~text RETURNING 1', pages)  # noqa: S608 - names from the schema
        removed[table.name] = len(gone)
    bulk.ask(connection, "DELETE FROM reports WHERE number = ~", number)
    census.note(connection, [], taken)
    return removed
