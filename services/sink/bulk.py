"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given in the order of the table's columns. No row may be there yet."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in table.columns.keys())  # noqa: SIM118 - a column collection, not a dict
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(table.columns))
        driver.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', rows)  # noqa: S608 - names from the schema


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def lock(connection: Connection, names: Collection[str]) -> None:
    """Hold `names` until the transaction ends; two transactions that hold a common name run one after the other.

    All are taken in one order, so that no two transactions wait for each other. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql" and names:
        connection.execute(
            text("SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) AS number"),
            {"numbers": sorted({_number(name) for name in names})},
        )


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)


def chunks(values: Iterable[Any], size: int = 5_000) -> Iterable[list[Any]]:
    """`values` in lists of at most `size`: SQLite takes 32,766 parameters a statement, PostgreSQL 65,535."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
