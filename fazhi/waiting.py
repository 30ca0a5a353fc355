"""Waiting until entries are stored or dead: the database says so, entry by entry."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Entries a question: SQLite takes 32,766 parameters, older ones 999.
_CHUNK = 500
_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Fate:
    """What became of an entry: `stored`, `dead` with its reason, or nothing yet."""

    outcome: str = ""
    reason: str = ""
    detail: str = ""


def wait_for(
    url: str, entries: Sequence[str], *, timeout: float | None, step: Callable[[int], None]
) -> dict[str, Fate]:
    """The fates of the entries, once all have one or `timeout` seconds have passed; then some are missing.

    `step` is called with the number of fates known so far.
    """
    from services.sink.engine import connect

    engine = connect(url)
    fates: dict[str, Fate] = {}
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        while True:
            open_ = [entry for entry in entries if entry not in fates]
            with engine.connect().execution_options(reading=True) as connection:
                for start in range(0, len(open_), _CHUNK):
                    fates |= _read_fates(connection, open_[start : start + _CHUNK])
            step(len(fates))
            if len(fates) == len(entries) or (deadline is not None and time.monotonic() >= deadline):
                return fates
            time.sleep(_POLL_SECONDS)
    finally:
        engine.dispose()


def _read_fates(connection: Connection, entries: Sequence[str]) -> dict[str, Fate]:
    from sqlalchemy import select

    from services.sink import schema

    known, letters = schema.entries.c, schema.dead_letters.c
    found = {
        row.entry: Fate(row.outcome)
        for row in connection.execute(select(known.entry, known.outcome).where(known.entry.in_(entries)))
    }
    dead = [entry for entry, fate in found.items() if fate.outcome == "dead"]
    statement = (
        select(letters.entry, letters.reason, letters.detail).where(letters.entry.in_(dead)).order_by(letters.number)
    )
    for row in connection.execute(statement):
        found[row.entry] = Fate("dead", row.reason, row.detail)
    return found
