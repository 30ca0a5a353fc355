"""Dead letters in the database: written by the sink, listed and read by the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from services.sink import bulk, schema
from services.sink.filters import read_cursor, write_cursor
from services.sink.reading import moment_of, pack, unpack
from services.sink.texts import storable, storable_or_none
from services.sink.walks import Page
from shared.events import DeadLetter

_LETTER_COLUMNS = [schema.dead_letters.c[name] for name in schema.dead_letters.columns.keys() if name != "packed"]  # noqa: SIM118


def letter_row(letter: DeadLetter) -> dict[str, Any]:
    """A letter by the columns of its table, without a number."""
    return {
        "entry": letter.entry,
        "stage": letter.stage,
        "stream": letter.stream,
        "stream_entry": letter.stream_entry,
        "reason": letter.reason,
        "detail": storable(letter.detail),
        "version": letter.version,
        "accepted_at": moment_of(letter.accepted_at),
        "died_at": moment_of(letter.died_at),
        "deliveries": letter.deliveries,
        "url": storable_or_none(letter.crawl.url),
        "name": storable_or_none(letter.crawl.name),
        "source": storable_or_none(letter.crawl.source),
        "body_bytes": letter.body_bytes,
        "body_sha256": letter.body_sha256,
        "packed": pack(letter.model_dump_json().encode()),
    }


def write_letters(connection: Connection, letters: Sequence[Mapping[str, Any]]) -> None:
    """Write the letters that are not there yet, and note their entries as dead. The caller holds the entries' names."""
    if not letters:
        return
    entries = {
        row["entry"]: {
            "entry": row["entry"], "outcome": "dead", "accepted_at": row["accepted_at"],
            "recorded_at": datetime.now(tz=UTC),
        }
        for row in letters
    }  # fmt: skip
    # An entry that is stored stays stored: the letter is then from before it was sent again.
    statement = bulk.insert(connection, schema.entries).on_conflict_do_nothing(index_elements=["entry"])
    connection.execute(statement, [entries[entry] for entry in sorted(entries)])
    there = bulk.ask(
        connection, "SELECT entry, stage, stream_entry FROM dead_letters WHERE entry IN ~text", sorted(entries)
    )
    wanted = {(row["entry"], row["stage"], row["stream_entry"]): row for row in letters}
    new = sorted(wanted.keys() - set(there))
    numbers = bulk.new_numbers(connection, schema.dead_letters, len(new))
    if new:
        rows = [{"number": number, **wanted[key]} for number, key in zip(numbers, new, strict=True)]
        connection.execute(schema.dead_letters.insert(), rows)


def list_dead_letters(
    connection: Connection, *, stage: str | None, reason: str | None, limit: int, cursor: str | None
) -> Page:
    """Dead letters that the sink has moved here, the latest first. Raises BadCursorError."""
    table = schema.dead_letters
    (before,) = read_cursor(cursor, int) if cursor else (2**62,)
    conditions = [table.c.number < before]
    conditions += [table.c.stage == stage] if stage is not None else []
    conditions += [table.c.reason == reason] if reason is not None else []
    statement = select(*_LETTER_COLUMNS).where(*conditions).order_by(table.c.number.desc()).limit(limit + 1)
    rows = connection.execute(statement).mappings().all()
    listed = [_letter(dict(row)) for row in rows[:limit]]
    return Page(listed, write_cursor(listed[-1]["number"]) if len(rows) > limit else None)


def read_dead_letter(connection: Connection, number: int) -> dict[str, Any] | None:
    """One dead letter with traceback and history, without the bytes of the page."""
    table = schema.dead_letters
    row = connection.execute(select(table).where(table.c.number == number)).mappings().first()
    if row is None:
        return None
    whole = orjson.loads(unpack(row["packed"]))
    kept = {name: whole[name] for name in ("traceback", "history", "crawl", "trail")}
    return _letter({name: value for name, value in row.items() if name != "packed"}) | kept


def _letter(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "accepted_at": row["accepted_at"].isoformat(), "died_at": row["died_at"].isoformat()}
