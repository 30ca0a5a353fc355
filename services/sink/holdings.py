"""What the database holds of the books of one server, for `fazhi audit`: entries by outcome, and rows that lack another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect

from services.sink import bulk, engine, schema
from services.sink.schema import Row

#: What an entry with this outcome must have, and what must have an entry; in words that end in the names.
_LACKS = {
    "dead without a letter": (
        "SELECT entry FROM entries WHERE outcome = 'dead' AND {own}"
        " AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE dead_letters.entry = entries.entry)"
    ),
    "stored without a page": (
        "SELECT entry FROM entries WHERE outcome = 'stored' AND {own}"
        " AND NOT EXISTS (SELECT 1 FROM sources WHERE sources.entry = entries.entry)"
    ),
    "with a letter, but in no list of entries": (
        "SELECT entry FROM dead_letters WHERE {own}"
        " AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.entry = dead_letters.entry)"
    ),
    "with a page, but in no list of entries": (
        "SELECT entry FROM sources WHERE {own}"
        " AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.entry = sources.entry)"
    ),
}
#: Names of entries that are read at most for each lack.
MAX_NAMED = 1_000


@dataclass(frozen=True)
class Holdings:
    """What the database knows of one server's entries."""

    outcomes: dict[str, int]  # stored, dead, dropped, forgotten → entries
    renamed: int  # of them: entries whose own name another page has
    lacks: dict[str, list[str]]  # what is wrong → the entries, at most MAX_NAMED
    generation: str | None  # of the books under which it was filled last; None where none is noted
    held_before: int  # entries of books whose loss was accepted

    @property
    def entries(self) -> int:
        """All entries that came to an end here."""
        return sum(self.outcomes.values())

    @property
    def stored(self) -> int:
        """Those that were stored, also if they were forgotten afterwards on request."""
        return self.outcomes.get("stored", 0) + self.outcomes.get("forgotten", 0)


def read_holdings(connection: Connection, prefix: str, shard: str | None = None) -> Holdings:
    """`prefix`: that of the server's keys, with which the names of its entries begin."""

    def ask(statement: str, *values: str) -> list[Row]:
        # Without a shard those of shards (`fazhi:{k}:…`) are another server's.
        own = "substr(entry, 1, ~) = ~" + ("" if shard else " AND substr(entry, ~, 1) <> '{'")
        length = len(prefix)
        return bulk.ask(
            connection, statement.format(own=own), length, prefix, *(() if shard else (length + 1,)), *values
        )

    known = bulk.ask(connection, "SELECT generation, held_before FROM books WHERE shard = ~", shard or "")
    generation, before = known[0] if known else (None, 0)
    return Holdings(
        outcomes=dict(ask("SELECT outcome, count(*) FROM entries WHERE {own} GROUP BY outcome")),
        renamed=ask("SELECT count(*) FROM entries WHERE {own} AND entry LIKE ~", "%+%")[0][0],
        lacks={
            what: [entry for (entry,) in ask(f"{statement} ORDER BY 1 LIMIT {MAX_NAMED}")]
            for what, statement in _LACKS.items()
        },
        generation=generation,
        held_before=before,
    )


def note_before(database: Engine, shard: str | None, entries: int) -> None:
    """Keep how many entries are those of earlier books, whose loss somebody accepts."""
    with engine.surroundings(), database.begin() as connection:
        bulk.run_rows(connection, "UPDATE books SET held_before = ~ WHERE shard = ~", [(entries, shard or "")])


def is_known(database: Engine) -> bool:
    """Whether a sink of this version has opened the database."""
    with database.connect().execution_options(reading=True) as connection:
        tables = inspect(connection)
        return tables.has_table(schema.books.name) and tables.has_table(schema.forgotten.name)
