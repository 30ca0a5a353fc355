"""Dead letters in the database: written by the sink, listed and read by the API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from services.sink import bulk, schema
from services.sink.entries import forgotten_pages, own_name, say_taken
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


def write_letters(
    connection: Connection, letters: Sequence[Mapping[str, Any]], reruns: Collection[str] = frozenset()
) -> None:
    """Write the letters that are not there yet, and note their entries as dead. The caller holds the names of the
    entries and pages. `reruns`: entries that bring nothing back that was forgotten meanwhile.
    """
    if not letters:
        return
    gone = forgotten_pages(connection, [row["body_sha256"] for row in letters if row["entry"] in reruns])
    wanted = _unwritten(connection, [row for row in letters if row["body_sha256"] not in gone])
    now = datetime.now(tz=UTC)
    forgotten = {row["entry"]: row for row in letters if row["body_sha256"] in gone}
    outcomes = {row["entry"]: (row["entry"], "dead", row["accepted_at"], now) for row in wanted}
    outcomes |= {entry: (entry, "forgotten", row["accepted_at"], now) for entry, row in forgotten.items()}
    # An entry that is stored stays stored: the letter is then from before it was sent again.
    bulk.run_rows(connection, _NOTE_DEAD, [outcomes[entry] for entry in sorted(outcomes)])
    bulk.run_rows(
        connection, _NOTE_FORGOTTEN, [(entry, row["body_sha256"]) for entry, row in sorted(forgotten.items())]
    )
    numbers = bulk.new_numbers(connection, schema.dead_letters, len(wanted))
    if wanted:
        rows = [{"number": number, **row} for number, row in zip(numbers, wanted, strict=True)]
        connection.execute(schema.dead_letters.insert(), rows)


_NOTE_DEAD = (
    "INSERT INTO entries (entry, outcome, accepted_at, recorded_at) VALUES (~, ~, ~, ~) ON CONFLICT (entry) DO NOTHING"
)
_NOTE_FORGOTTEN = "INSERT INTO forgotten (entry, page) VALUES (~, ~) ON CONFLICT (entry) DO NOTHING"


def _unwritten(connection: Connection, letters: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that do not stand yet, in order; under names of their own where another page's letter has the name."""
    stood: dict[tuple[str, str, str], str] = {
        (entry, stage, stream_entry): body
        for entry, stage, stream_entry, body in bulk.ask(
            connection, _STANDING, sorted({name for row in letters for name in (row["entry"], _own_name(row))})
        )
    }
    wanted: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in letters:
        kept, key = row, _key(row)
        if stood.get(key, row["body_sha256"]) != row["body_sha256"]:
            kept = {**row, "entry": _own_name(row)}
            say_taken(row["entry"], kept["entry"])
        if _key(kept) not in stood:
            wanted[_key(kept)] = kept
    return [wanted[key] for key in sorted(wanted)]


_STANDING = "SELECT entry, stage, stream_entry, body_sha256 FROM dead_letters WHERE entry IN ~text"


def _own_name(row: Mapping[str, Any]) -> str:
    return own_name(row["entry"], row["body_sha256"])


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["entry"], row["stage"], row["stream_entry"]


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
