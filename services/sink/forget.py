"""Taking a report out of the database on request, with all that came from its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from services.sink import bulk, census, engine, lookups, schema

#: What is shown of a report, then what was received of it; in an order that no foreign key forbids.
_SHOWN = (schema.coverage, schema.checks, schema.facts, schema.sections, schema.revisions)
_RECEIVED = (schema.reviews, schema.readings, schema.sources)


def forget_report(database: Engine, report_id: str) -> dict[str, Any] | None:
    """Remove a report: its pages as crawled, readings of all versions, rows, reviews, and where they came from.

    Its entries stay as names with the outcome `forgotten`: the books have counted them, and the same entry, should it
    come again, is not stored anew. A new crawl of the page is a new entry, and is stored.

    Returns what was removed, None where there is no such report. Raises Transient.
    """
    with engine.surroundings(), database.begin() as connection:
        found = lookups.find_report(connection, report_id)
        if found is None:
            return None
        number = found["number"]
        bulk.lock(connection, {f"report:{number}"})
        pages = connection.execute(select(schema.pages.c.page).where(schema.pages.c.report == number)).scalars().all()
        if not pages:  # another process was faster
            return None
        sources = lookups.sources_of(connection, number)
        entries = connection.execute(
            select(schema.sources.c.entry).where(schema.sources.c.page.in_(pages))
        ).scalars().all()  # fmt: skip
        removed: dict[str, Any] = {
            "report_id": found["report_id"],
            "title": found["title"],
            "issuer": found["issuer"],
            "report_year": found["report_year"],
            "urls": sorted({source["url"] for source in sources if source["url"]}),
            "entries": sorted(entries),
        }
        for chunk in bulk.chunks(sorted(entries)):
            connection.execute(
                schema.entries.update()
                .where(schema.entries.c.entry.in_(chunk))
                .values(outcome="forgotten", recorded_at=datetime.now(tz=UTC))
            )
        taken = census.held(connection, [number])
        for table in _SHOWN:
            removed[table.name] = connection.execute(table.delete().where(table.c.report == number)).rowcount
        removed["coverage"] = sum(len(f"{one.stated}{one.zero}{one.absent}".split()) for one in taken)
        for table in _RECEIVED:
            removed[table.name] = connection.execute(table.delete().where(table.c.page.in_(pages))).rowcount
        letters = schema.dead_letters
        removed["dead_letters"] = connection.execute(letters.delete().where(letters.c.entry.in_(entries))).rowcount
        removed["pages"] = connection.execute(schema.pages.delete().where(schema.pages.c.page.in_(pages))).rowcount
        connection.execute(schema.reports.delete().where(schema.reports.c.number == number))
        census.note(connection, [], taken)
        return removed
