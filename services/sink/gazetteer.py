"""Places as they are asked for: listed, found by words of their name, one with what it lies in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select

from services.sink import schema
from services.sink.filters import contains, read_cursor, write_cursor
from services.sink.queries import report_summary
from services.sink.walks import Page

#: What a place may lie in: province, city, county, township. More is a loop.
_MOST_ABOVE = 5
#: Reports shown with a place; a city has some dozens of its own a year, with its departments. The list has them all.
_OWN_SHOWN = 500


def list_places(
    connection: Connection, *, parent: str | None, name: str | None, limit: int, cursor: str | None
) -> Page:
    """Places by key: the children of `parent`, those of that `name`, or all. Raises BadCursorError."""
    table = schema.places
    (after,) = read_cursor(cursor, str) if cursor else ("",)
    conditions = [table.c.place > after]
    conditions += [table.c.parent == parent] if parent is not None else []
    conditions += [table.c.name == name] if name is not None else []
    rows = (
        connection.execute(select(table).where(*conditions).order_by(table.c.place).limit(limit + 1)).mappings().all()
    )
    listed = [dict(row) for row in rows[:limit]]
    return Page(listed, write_cursor(listed[-1]["place"]) if len(rows) > limit else None)


def knows(connection: Connection, place: str) -> bool:
    """Whether a place is of GB/T 2260 or named by a report: by its key, its code or its name."""
    table = schema.places
    known = or_(table.c.place == place, table.c.name == place)
    return connection.execute(select(table.c.place).where(known).limit(1)).first() is not None


def read_place(connection: Connection, place: str) -> dict[str, Any] | None:
    """A place with the chain of places it lies in, and its own reports, the latest stored first, at most _OWN_SHOWN."""
    table, reports = schema.places, schema.reports
    row = connection.execute(select(table).where(table.c.place == place)).mappings().first()
    if row is None:
        return None
    chain: list[dict[str, Any]] = []
    parent = row["parent"]
    while parent is not None and len(chain) < _MOST_ABOVE:
        above = connection.execute(select(table).where(table.c.place == parent)).mappings().first()
        if above is None:
            break
        chain.append({"place": above["place"], "name": above["name"], "level": above["level"]})
        parent = above["parent"]
    own = connection.execute(
        select(reports).where(reports.c.place == place).order_by(reports.c.number.desc()).limit(_OWN_SHOWN)
    ).mappings()
    listed = [report_summary(dict(report)) for report in own]
    for report in listed:
        report.pop("number")
    return {**row, "within": chain, "reports": listed}


def search_places(connection: Connection, words: str, limit: int) -> list[dict[str, Any]]:
    """Places whose name holds `words`: the table has some thousands of rows, and each is looked at."""
    table = schema.places
    statement = select(table).where(contains(table.c.name, words)).order_by(table.c.place).limit(limit)
    return [dict(row) for row in connection.execute(statement).mappings()]
