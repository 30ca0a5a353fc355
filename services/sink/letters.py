"""Dead letters on their way into the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from services.sink import bulk, schema
from services.sink.reading import moment_of, pack
from services.sink.texts import storable, storable_or_none
from shared.events import DeadLetter


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
