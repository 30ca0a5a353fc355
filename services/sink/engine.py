"""The connection to the database: engine, migrations, and which of its errors are the surroundings' fault."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from services.sink import bulk
from shared.errors import Outdated, Transient

DEFAULT_URL = "sqlite:///.fazhi/fazhi.db"
#: A writer of SQLite waits this long for another one; a batch takes some tens of milliseconds.
_SQLITE_WAIT_SECONDS = 30
#: A database that does not answer a connect within this is away.
_CONNECT_SECONDS = 10
#: A statement of a worker that takes longer hangs on a lock or a dead disk; the batch is tried again.
_STATEMENT_SECONDS = 120
#: A network that swallows everything is noticed within half a minute; without these the system waits two hours.
_SIGNS_OF_LIFE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
#: What our sessions are called on PostgreSQL.
_APPLICATION = "fazhi"
#: Any number will do, as long as nobody else in the database uses it: the letters "fazhi".
_MIGRATION_LOCK = 0x66617A6869

#: SQLSTATE classes and codes that are the statement's own fault and would fail again: bad values (22), values that
#: a column refuses (23502, 23514), a row too large for an index (54). All others (away 08 and 57, deadlock and
#: serialization 40, disk and memory 53, unique violation 23505, failover 25006, permissions 28 and 42501, a schema
#: that is not there yet 42P01 …) are the surroundings'.
_OWN_FAULT = ("22", "23502", "23514", "54")


def connect(
    url: str = DEFAULT_URL,
    *,
    pool_size: int = 5,
    statement_seconds: float = _STATEMENT_SECONDS,
    idle_seconds: float = 0,
) -> Engine:
    """An engine for a `sqlite:///…` or `postgresql://…` URL; nothing is opened yet. PostgreSQL ends a connection that says
    nothing for `idle_seconds` in the middle of a transaction; 0: never.

    Raises ValueError for any other database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:  # its words may hold the URL, and that a password
        raise ValueError("the database must be sqlite:///… or postgresql://…; what is given is no URL") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return _postgresql(parsed, pool_size, statement_seconds, idle_seconds)
    raise ValueError(f"the database must be sqlite:///… or postgresql://…, not {parsed.get_backend_name()}://…")


def _postgresql(parsed: sqlalchemy.URL, pool_size: int, statement_seconds: float, idle_seconds: float) -> Engine:
    limits = {
        "statement_timeout": statement_seconds,
        "lock_timeout": statement_seconds / 2,
        "idle_in_transaction_session_timeout": idle_seconds,
    }
    options = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in limits.items())
    engine = sqlalchemy.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "options": options,
            "application_name": _APPLICATION,
            **_SIGNS_OF_LIFE,
        },
    )

    @event.listens_for(engine, "handle_error")
    def _let_go(context: sqlalchemy.ExceptionContext) -> None:
        # A session keeps for its whole life what it was told when it began: one that began while the server only let
        # read was seen to refuse for ever after the server had long allowed writing again. So it is not used twice.
        if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
            context.is_disconnect = True

    return engine


def _sqlite(parsed: sqlalchemy.URL) -> Engine:
    engine = sqlalchemy.create_engine(parsed, connect_args={"timeout": _SQLITE_WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver's own comes too late to lock
        _write_ahead(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        # A writer takes the lock at once: two that read first and write later would deadlock.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, once a file. SQLite does not wait for another connection that is just doing so, but
    refuses at once, so the waiting is ours.
    """
    deadline = time.monotonic() + _SQLITE_WAIT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def prepare_folder(engine: Engine) -> None:
    """Make the folder of an SQLite file."""
    name = engine.url.database
    if engine.dialect.name == "sqlite" and name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to the `head` of the migrations, or back to an earlier `revision`; `base` takes everything
    away. Several workers may call this at once; no batch is written while something changes.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # An index over millions of rows takes minutes, and so does waiting for whoever makes it: a time limit would
            # begin it again and again.
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        # Where nothing changes, nothing waits: a sink that is frozen in a batch would hold up this start, and behind it
        # the batches of all other sinks.
        if revision != "head" or MigrationContext.configure(connection).get_current_heads() != (newest_revision(),):
            end_frozen(connection)
            bulk.lock_everything(connection)
        settings = _migrations()
        settings.attributes["connection"] = connection
        if revision == "head":
            _upgrade(settings, revision)
        else:
            command.downgrade(settings, revision)


def _migrations() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return settings


@cache
def newest_revision() -> str:
    """The schema that this code is written for."""
    return str(ScriptDirectory.from_config(_migrations()).get_current_head())


def check_revision(connection: Connection) -> None:
    """Raises Outdated where the schema has become another than this code writes, by a newer version beside it.

    The caller holds locks of `bulk.lock`, so that it stays what it is until the transaction ends.
    """
    revisions = [revision for (revision,) in bulk.ask(connection, "SELECT version_num FROM alembic_version")]
    if revisions != [newest_revision()]:
        raise Outdated(
            f"the database's schema is now {', '.join(revisions) or 'gone'}, and this sink writes {newest_revision()}: another version has"
            " taken over; start that one"
        )


def _upgrade(settings: Config, revision: str) -> None:
    try:
        command.upgrade(settings, revision)
    except CommandError as error:
        # Alembic finds a revision in the database that this code does not have.
        raise RuntimeError(
            f"the database's schema was made by a newer version ({error}); run that version, or give this one a"
            " database of its own"
        ) from error


#: A batch is copied in some milliseconds.
_FROZEN_SECONDS = 30.0
#: The server itself ends a session that says nothing between two statements of a transaction. Within a COPY none of its
#: time limits counts: it waits for the rest of the rows, and whoever wants the same locks waits with it (tried on
#: PostgreSQL 18, docs/decisions/0086).
_END_FROZEN = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = ~ AND usename = current_user AND datname = current_database()"
    " AND state = 'active' AND wait_event = 'ClientRead' AND state_change < clock_timestamp() - make_interval(secs => ~)"
)


def end_frozen(connection: Connection) -> int:
    """End the sessions of ours that were frozen in the middle of a COPY; how many. What they had written in their
    transaction is undone, and their sinks, should they wake up, write the batch again.
    """
    if connection.dialect.name != "postgresql":
        return 0
    return len(bulk.ask(connection, _END_FROZEN, _APPLICATION, _FROZEN_SECONDS))


def is_lock_timeout(error: BaseException | None) -> bool:
    """Whether a lock was waited for in vain."""
    error = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(error, psycopg.errors.LockNotAvailable)


@contextmanager
def surroundings() -> Iterator[None]:
    """Turn errors of the database that are not the rows' fault into `Transient`."""
    try:
        yield
    except DBAPIError as error:
        if is_transient(error.orig):
            raise Transient(_one_line(error.orig)) from error
        raise
    except (psycopg.Error, sqlite3.Error) as error:
        if is_transient(error):
            raise Transient(_one_line(error)) from error
        raise
    except (sqlalchemy.exc.TimeoutError, OSError) as error:
        raise Transient(_one_line(error)) from error


def is_transient(error: BaseException | None) -> bool:
    """Whether the same rows may succeed later."""
    if isinstance(error, psycopg.Error):
        code = error.sqlstate or ""
        return isinstance(error, psycopg.OperationalError | psycopg.IntegrityError | psycopg.ProgrammingError
                          | psycopg.InternalError) and not code.startswith(_OWN_FAULT)  # fmt: skip
    if isinstance(error, sqlite3.IntegrityError):
        return getattr(error, "sqlite_errorcode", 0) in {
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        }
    return isinstance(error, sqlite3.OperationalError)


def lacks_schema(error: BaseException | None) -> bool:
    """Whether a table or column is not there: nobody has made the schema yet, or its version is another."""
    if isinstance(error, psycopg.Error):
        return error.sqlstate in {"42P01", "42703"}
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith(("no such table", "no such column"))


def _one_line(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
