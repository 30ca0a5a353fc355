"""What became of each entry, and the names under which entries are kept.

A server gives a name once, but two servers know nothing of each other's names, and a client may choose an id. An entry
whose name stands for another page already is kept under a name of its own (`NAME+HASH`), and the log says so: it is no
redelivery, and skipping it would lose its page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from services.sink import bulk, schema
from services.sink.reading import Reading, moment_of

log = structlog.get_logger()


class Known(NamedTuple):
    """An entry that the database knows. `page`: what it brought; None where it was not stored."""

    outcome: str
    page: str | None


def record_stored(connection: Connection, readings: Sequence[Reading]) -> list[Reading]:
    """Note the entries as stored; the readings whose entry was not stored (nor forgotten) before, each entry once.

    A dead letter that was sent again and succeeded is stored. A rerun brings nothing back that was forgotten meanwhile.
    No other sink writes these entries meanwhile: the batch holds their names.
    """
    if not readings:
        return []
    known = _known(connection, {reading.entry for reading in readings})
    named = _named(connection, readings, known)
    gone = forgotten_pages(connection, [reading.page for reading in readings if reading.is_rerun])
    forgotten = {entry for entry, reading in named.items() if reading.is_rerun and reading.page in gone}
    now = datetime.now(tz=UTC)
    rows = {
        entry: (entry, "forgotten" if entry in forgotten else "stored", moment_of(reading.report.accepted_at), now)
        for entry, reading in sorted(named.items())
    }
    died = [entry for entry in rows if entry in known and known[entry].outcome in {"dead", "dropped"}]
    new = [entry for entry in rows if entry not in known]
    bulk.run_rows(connection, _STORE_DEAD, [rows[entry] for entry in died])
    bulk.insert_rows(connection, schema.entries, [rows[entry] for entry in new])
    bulk.insert_rows(connection, schema.forgotten, [(entry, named[entry].page) for entry in new if entry in forgotten])
    wanted = {*died, *new} - forgotten
    return [reading for entry, reading in named.items() if entry in wanted]


#: A letter that is being sent again may be taken away just now, and its entry with it.
_STORE_DEAD = (
    "INSERT INTO entries (entry, outcome, accepted_at, recorded_at) VALUES (~, ~, ~, ~)"
    " ON CONFLICT (entry) DO UPDATE SET outcome = excluded.outcome, recorded_at = excluded.recorded_at"
    " WHERE entries.outcome IN ('dead', 'dropped')"
)


def forgotten_pages(connection: Connection, pages: Iterable[str]) -> set[str]:
    """Those of `pages` that were forgotten on request, and have not been crawled again since."""
    asked = sorted(set(pages))
    if not asked:
        return set()
    found = bulk.ask(
        connection,
        "SELECT page FROM forgotten WHERE page IN ~text"
        " AND NOT EXISTS (SELECT 1 FROM pages WHERE pages.page = forgotten.page)",
        asked,
    )
    return {page for (page,) in found}


def _known(connection: Connection, entries: Collection[str]) -> dict[str, Known]:
    found = bulk.ask(
        connection,
        "SELECT entries.entry, entries.outcome, coalesce(sources.page, forgotten.page) FROM entries"
        " LEFT JOIN sources ON sources.entry = entries.entry LEFT JOIN forgotten ON forgotten.entry = entries.entry"
        " WHERE entries.entry IN ~text",
        sorted(entries),
    )
    return {entry: Known(outcome, page) for entry, outcome, page in found}


def _named(connection: Connection, readings: Sequence[Reading], known: dict[str, Known]) -> dict[str, Reading]:
    """The readings by the names of their entries; `known` takes up what is known of names that are given here."""
    named: dict[str, Reading] = {}
    renamed: dict[str, Reading] = {}
    for reading in readings:
        before = known.get(reading.entry)
        page = before.page if before is not None and before.page is not None else reading.page
        if named.get(reading.entry, reading).page == page == reading.page:
            named[reading.entry] = reading
        else:
            renamed[own_name(reading.entry, reading.page)] = reading
    if renamed:
        known |= _known(connection, renamed.keys())
    for name, reading in renamed.items():
        say_taken(reading.entry, name)
        named[name] = reading.under(name)
    return named


def own_name(entry: str, page: str) -> str:
    """The name of an entry whose name was taken by another page."""
    return f"{entry}+{page[:16]}"


def say_taken(entry: str, kept_as: str) -> None:
    """Tell that a name came twice."""
    log.error(
        "entry_name_taken", entry=entry, kept_as=kept_as,
        why="another page came under this name: two servers fill this database, or a client chose the id",
        next="give each server a shard of its own (FAZHI_SHARD)",
    )  # fmt: skip
