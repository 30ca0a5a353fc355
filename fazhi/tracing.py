"""Where one page is and what became of it: the database first, then the streams."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from redis.exceptions import ResponseError

from shared import scripts
from shared.codec import decode_event
from shared.errors import Permanent
from shared.events import Event
from shared.letters.burial import EVENT_FIELD
from shared.server import READ_AT_ONCE
from shared.streams import STAGE_OF, STREAMS, WORK_STREAMS, Keys, Stream

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Connection

#: An entry id as every Redis server writes it, alone or behind its stream's name.
_ENTRY_ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
#: Events looked at on a stream behind the intake, to find one entry among those that are on their way.
MAX_SEARCHED = 20_000


@dataclass
class Trace:
    """What is known of one entry."""

    entry: str
    state: str  # stored, dead, forgotten, waiting, in work
    where: str = ""  # for what is on its way: the stream
    report_id: str | None = None
    crawl: dict[str, Any] = field(default_factory=dict)
    trail: list[dict[str, Any]] = field(default_factory=list)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)  # for what is stored: figures of the report


def entry_name(written: str, names: Keys) -> str | None:
    """The full name of an entry, written with or without its stream; None for what is no entry."""
    stream, _, identifier = written.rpartition("/")
    if not _ENTRY_ID.fullmatch(identifier):
        return None
    return f"{stream or names.intake}/{identifier}"


def trace_in_database(connection: Connection, entry: str) -> Trace | None:
    """What the database knows of an entry, or None."""
    from sqlalchemy import select

    from services.sink import schema
    from services.sink.letters import read_dead_letter

    outcome = connection.execute(select(schema.entries.c.outcome).where(schema.entries.c.entry == entry)).scalar()
    letters = [
        {str(name): value for name, value in letter.items()}  # the database's own names are no plain strings
        for number in connection.execute(
            select(schema.dead_letters.c.number)
            .where(schema.dead_letters.c.entry == entry)
            .order_by(schema.dead_letters.c.number)
        ).scalars()
        if (letter := read_dead_letter(connection, number)) is not None
    ]
    if outcome is None and not letters:
        return None
    trace = Trace(entry, outcome or "dead", dead_letters=letters)
    if letters:
        trace.crawl, trace.trail = letters[-1]["crawl"], letters[-1]["trail"]
    if outcome == "stored":
        _add_reading(connection, trace)
    return trace


def _add_reading(connection: Connection, trace: Trace) -> None:
    from sqlalchemy import select

    from services.sink import schema
    from services.sink.reading import unpack_reading

    sources, pages, readings, reports = schema.sources, schema.pages, schema.readings, schema.reports
    row = (
        connection.execute(
            select(
                sources,
                pages.c.charset.label("read_charset"),
                pages.c.media_type,
                pages.c.raw_bytes,
                pages.c.report,
                readings.c.packed,
                readings.c.steps,
                readings.c.entry.label("read_as"),
            )
            .join(pages, pages.c.page == sources.c.page)
            .join(readings, readings.c.number == pages.c.reading)
            .where(sources.c.entry == trace.entry)
        )
        .mappings()
        .first()
    )
    if row is None:  # forgotten between the two questions
        return
    reading = unpack_reading(row["packed"], row["steps"])
    trace.crawl = {name: row[name] for name in ("url", "name", "source", "fetched") if row[name] is not None}
    trace.trail = reading["trail"]
    trace.report_id = connection.execute(select(reports.c.report_id).where(reports.c.number == row["report"])).scalar()
    trace.found = {
        "title": reading["document"]["title"],
        "charset": row["read_charset"],
        "media_type": row["media_type"],
        "raw_bytes": row["raw_bytes"],
        "characters": len(reading["text"]),
        "sections": len(reading["sections"]),
        "facts": len(reading["facts"]),
        "undecided_numerals": reading["undecided_numerals"],
    }
    if row["read_as"] != trace.entry:
        trace.found["read_as"] = row["read_as"]


def entries_of_report(connection: Connection, report_id: str) -> list[str]:
    """The entries that are one report, oldest first; `report_id` may be shortened to 6 characters or more."""
    from sqlalchemy import select

    from services.sink import schema

    reports, pages, sources = schema.reports, schema.pages, schema.sources
    revised = select(schema.revisions.c.report).where(schema.revisions.c.content.startswith(report_id, autoescape=True))
    numbers = select(reports.c.number).where(
        reports.c.report_id.startswith(report_id, autoescape=True) | reports.c.number.in_(revised)
    )
    statement = (
        select(sources.c.entry)
        .join(pages, pages.c.page == sources.c.page)
        .where(pages.c.report.in_(numbers))
        .order_by(sources.c.fetched_at, sources.c.entry)
    )
    return list(connection.execute(statement).scalars())


def trace_on_streams(server: Redis, names: Keys, entry: str) -> Trace | None:
    """An entry that is still on its way, or None where it is on none of the streams.

    The intake is asked directly; on the streams behind it at most MAX_SEARCHED events are looked at.
    """
    stream, _, identifier = entry.rpartition("/")
    if stream == names.intake and server.eval(scripts.FIRST, 1, names.intake, identifier, identifier):
        return Trace(entry, _state(server, names, "intake", identifier), names.intake)
    for name in (*WORK_STREAMS[1:], "dead"):
        found = _search(server, names, STREAMS[name], entry)
        if found is not None:
            at, event = found
            trace = Trace(entry, "dead" if name == "dead" else _state(server, names, name, at), names.stream(name))
            trace.crawl = event.crawl.model_dump(exclude_none=True, exclude_defaults=True)
            trace.trail = [step.model_dump() for step in event.trail]
            return trace
    return None


def _search(server: Redis, names: Keys, stream: Stream, entry: str) -> tuple[str, Event] | None:
    """The id on `stream` of the event that was accepted as `entry`, and the event."""
    after, looked_at = "-", 0
    while looked_at < MAX_SEARCHED:
        read = server.xrange(names.stream(stream.name), after, "+", count=READ_AT_ONCE)
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", read)
        for identifier, fields in entries:
            if fields.get(b"entry") != entry.encode():
                continue
            try:
                return identifier.decode(), decode_event(stream.event, fields[EVENT_FIELD])
            except (Permanent, KeyError):  # of another version: that it is here is all that can be said
                return identifier.decode(), Event(entry=entry, accepted_at=0.0)
        if len(entries) < READ_AT_ONCE:
            return None
        looked_at += len(entries)
        after = "(" + entries[-1][0].decode()
    return None


def _state(server: Redis, names: Keys, stream: str, identifier: str) -> str:
    """Whether a worker holds the entry."""
    key = names.stream(stream)
    try:
        held = server.xpending_range(key, STAGE_OF[stream], identifier, identifier, 1)
    except ResponseError:  # no worker has ever been here, so there is no group
        return "waiting"
    return "in work" if held else "waiting"
