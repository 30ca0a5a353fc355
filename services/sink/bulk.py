"""Many rows at once, in the words of the driver: COPY and arrays on PostgreSQL, prepared statements on SQLite.

A worker sends the same few statements for every batch. Composing them anew took more of its time than running them
(docs/decisions/0061-cost-of-a-stored-report.md), so here they are texts with one array for each set of values.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from itertools import chain
from typing import Any

import orjson
import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from services.sink.schema import Moment, Row, TableColumns

#: One column in a form that SQLite's driver takes at once.
Form = Callable[[Sequence[Any]], Iterable[Any]]
_ARRAY = re.compile(r"IN ~(text|bigint)")


def ask(connection: Connection, statement: str, *values: Any) -> list[Row]:
    """The rows of a statement. `IN ~text` and `IN ~bigint` stand for a list of such values each, `~` for one value.

    The text is the same for lists of every length, so a driver prepares it once.
    """
    with _session(connection) as session, closing(session.cursor()) as cursor:
        if connection.dialect.name == "postgresql":
            cursor.execute(_for_postgresql(statement), values)
        else:
            cursor.execute(_for_sqlite(statement), [_for_json(value) for value in values])
        return cursor.fetchall() if cursor.description else []


@cache
def _for_postgresql(statement: str) -> str:
    return _ARRAY.sub(r"= ANY(%s::\1[])", statement).replace("~", "%s")


@cache
def _for_sqlite(statement: str) -> str:
    return _ARRAY.sub("IN (SELECT value FROM json_each(?))", statement).replace("~", "?")


def _for_json(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list) else value


@contextmanager
def _session(connection: Connection) -> Iterator[Any]:
    """The driver's connection. One that began while the server only let read keeps refusing to write for its whole
    life: it is not used twice (engine.py sees to the same for statements that SQLAlchemy sends).
    """
    try:
        yield connection.connection.driver_connection
    except psycopg.errors.ReadOnlySqlTransaction as error:
        connection.invalidate(error)
        raise


# ── rows in ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows given in the order of the table's columns. No row may be there yet."""
    if rows:
        insert_columns(connection, table, [list(zip(*rows, strict=True))])


def insert_columns(connection: Connection, table: Table, parts: Sequence[TableColumns]) -> None:
    """Insert rows given as columns, in the order of the table's: each part holds those of some rows. No row may be
    there yet.
    """
    if not parts:
        return
    if connection.dialect.name == "postgresql":
        statement, types = _copy_of(table)
        with _session(connection) as session, session.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            for part in parts:
                deque(map(copy.write_row, zip(*part, strict=True)), maxlen=0)  # runs the map, keeps nothing
    else:
        statement, forms = _insert_of(table)
        with _session(connection) as session:
            session.executemany(statement, chain.from_iterable(_plain_rows(part, forms) for part in parts))


def _plain_rows(columns: TableColumns, forms: Sequence[Form | None]) -> Iterator[Row]:
    """Rows of nothing but whole numbers, floats, texts and bytes."""
    plain = (form(column) if form else column for column, form in zip(columns, forms, strict=True))
    return zip(*plain, strict=True)


@cache
def _copy_of(table: Table) -> tuple[str, list[str]]:
    columns = list(table.columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    return f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)', [_type_of(column.type) for column in columns]


def _type_of(kind: TypeEngine[Any]) -> str:
    """The name of a column's type in PostgreSQL: binary COPY must be told."""
    names: Mapping[type, str] = {
        BigInteger: "int8", Integer: "int4", Double: "float8", Boolean: "bool", LargeBinary: "bytea", Moment: "timestamptz",
        DateTime: "timestamptz",
    }  # fmt: skip
    return next((name for known, name in names.items() if isinstance(kind, known)), "text")


@cache
def _insert_of(table: Table) -> tuple[str, list[Form | None]]:
    """The statement, and how each column's values are brought into a form that the driver takes at once.

    For a null, a truth or a moment it looks for an adapter, again for each value: 0.28 µs, where a number takes 0.03
    and a text 0.09. A fact has eight nulls, which were a third of what its row cost. So a null is sent as a value that
    the column never holds (0 among texts, "" among all others), and made null again by the statement.
    """
    columns = list(table.columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    marks = ", ".join(_mark_of(column) for column in columns)
    forms = [_form_of(column) for column in columns]
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', forms  # noqa: S608 - names from the schema


def _mark_of(column: Column[Any]) -> str:
    if not column.nullable:
        return "?"
    return "nullif(?, 0)" if isinstance(column.type, Text) else "nullif(?, '')"


def _form_of(column: Column[Any]) -> Form | None:
    if isinstance(column.type, Moment):
        return partial(map, _written)
    if isinstance(column.type, Boolean):
        return partial(map, int)
    if not column.nullable:
        return None
    return partial(_without_null, 0 if isinstance(column.type, Text) else "")


def _without_null(instead: Any, column: Sequence[Any]) -> Sequence[Any]:
    return [instead if value is None else value for value in column] if None in column else column


def _written(moment: datetime | str | None) -> str | None:
    """A moment as SQLAlchemy writes it for SQLite: UTC without a zone, always with microseconds."""
    if moment is None or isinstance(moment, str):
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def read_moment(value: datetime | str) -> datetime:
    """A moment as `ask` gives it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def run_rows(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """One statement for each row; `~` stands for a value."""
    if not rows:
        return
    with _session(connection) as session:
        if connection.dialect.name == "postgresql":
            with session.cursor() as cursor:
                cursor.executemany(_for_postgresql(statement), rows)
        else:
            plain = [tuple(_written(value) if isinstance(value, datetime) else value for value in row) for row in rows]
            session.executemany(_for_sqlite(statement), plain)


def new_numbers(connection: Connection, table: Table, count: int) -> list[int]:
    """Numbers for `count` new rows, rising; none of them was given before, also where its row is gone.

    A cursor of the API, a dead letter's name and the order of reviews rest on that.
    """
    if not count:
        return []
    if connection.dialect.name == "postgresql":
        sequence = f"{table.name}_number_seq"
        found = ask(connection, "SELECT nextval(~::regclass) FROM generate_series(1, ~)", sequence, count)
        return sorted(number for (number,) in found)
    ((last,),) = ask(connection, _TAKE_NUMBERS.format(table=table.name), table.name, count, count)
    return list(range(last - count + 1, last + 1))


#: SQLite by itself gives the number of a last row that was removed again. The caller is the only writer.
_TAKE_NUMBERS = (
    'INSERT INTO numbers (of_table, last) SELECT ~, coalesce(max(number), 0) + ~ FROM "{table}" WHERE true'
    " ON CONFLICT (of_table) DO UPDATE SET last = max(excluded.last, numbers.last + ~) RETURNING last"
)


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


# ── locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


#: Names that one transaction holds singly. PostgreSQL has room for 64 locks a connection it allows, for all transactions
#: together (6,400 as installed), and ends one for which there is none: that would look like a database that is away,
#: and the same batch would never succeed. A batch of 64 reports holds about 320.
MAX_LOCKS = 1_000
#: Held by everyone, shared by those that hold names singly.
_EVERYTHING = "everything"


def lock(connection: Connection, names: Collection[str]) -> None:
    """Hold `names` until the transaction ends; two transactions that hold a common name run one after the other.

    All are taken in one order, so that no two transactions wait for each other; more than MAX_LOCKS names are held as
    everything there is. SQLite has one writer anyway.
    """
    if connection.dialect.name != "postgresql" or not names:
        return
    if len(names) > MAX_LOCKS:
        lock_everything(connection)
    else:
        ask(connection, _LOCK_EACH, lock_number(_EVERYTHING), sorted({lock_number(name) for name in names}))


def lock_everything(connection: Connection) -> None:
    """Hold every name until the transaction ends: no batch is written meanwhile."""
    if connection.dialect.name == "postgresql":
        ask(connection, "SELECT pg_advisory_xact_lock(~)", lock_number(_EVERYTHING))


_LOCK_EACH = (
    "SELECT pg_advisory_xact_lock_shared(~),"
    " (SELECT count(pg_advisory_xact_lock(number)) FROM unnest(~::bigint[]) AS number)"
)


def lock_number(name: str) -> int:
    """The number that stands for a name among advisory locks."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)


def chunks(values: Iterable[Any], size: int = 5_000) -> Iterable[list[Any]]:
    """`values` in lists of at most `size`: SQLite takes 32,766 parameters a statement, PostgreSQL 65,535."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
