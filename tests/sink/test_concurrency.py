"""Several sink workers side by side on PostgreSQL, and a database that goes away."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, func, inspect, select, text

from services.sink import bulk, engine, schema
from services.sink.bulk import lock_number
from services.sink.shelf import DatabaseShelf
from services.sink.store import DatabaseStore
from shared.errors import Transient
from tests.sink.reports import dead_letter, entry_name, invented_report
from tests.sink.test_identity import shown


def entangled(count: int) -> list:
    """Reports that share addresses, contents and years, so that they merge while they are written."""
    chance = random.Random(7)
    return [
        invented_report(
            number,
            city=chance.choice(["云岭市", "清河市", "白沙市"]),
            year=chance.choice([2021, 2022, 2023]),
            url=f"https://www.example.org/{chance.randrange(6)}",
            values=(chance.randrange(3), 1),
            signature=chance.choice(["00000000", "00000001", "ffffffff"]),
            fetched_at=f"2024-01-{1 + number % 28:02d}",
        )
        for number in range(count)
    ]


def test_four_workers_write_entangled_batches_without_a_deadlock(new_postgres_url, tmp_path):
    reports = entangled(120)
    stores = [DatabaseStore(new_postgres_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(DatabaseStore.open, stores))  # all see to the schema at once
        chance = random.Random(3)
        work = [reports[at : at + 10] for at in range(0, 120, 10)] * 2  # every entry twice
        for batch in work:
            chance.shuffle(batch)
        chance.shuffle(work)
        letters = [dead_letter(1000 + at) for at in range(4)]
        jobs = [pool.submit(stores[at % 4].write, batch, chance.sample(letters, 4)) for at, batch in enumerate(work)]
        for job in jobs:
            job.result()  # a deadlock would be a Transient
    alone = DatabaseStore(f"sqlite:///{tmp_path}/alone.db")
    alone.open()
    alone.write(reports)
    assert shown(stores[0]) == shown(alone)
    with stores[0].engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.entries)).scalar_one() == 124
        assert connection.execute(select(func.count()).select_from(schema.dead_letters)).scalar_one() == 4
    for store in (*stores, alone):
        store.close()


def test_a_sink_that_is_frozen_in_a_batch_does_not_keep_its_entries_from_others(new_postgres_url, monkeypatch):
    with monkeypatch.context() as short:
        short.setattr("services.sink.store._IDLE_SECONDS", 0.5)
        frozen = DatabaseStore(new_postgres_url)
    another = DatabaseStore(new_postgres_url)
    frozen.open()
    report = entangled(1)[0]
    with pytest.raises(Transient), engine.surroundings(), frozen.engine.begin() as transaction:
        bulk.lock(transaction, [f"entry:{report.entry}"])
        with ThreadPoolExecutor(1) as beside:
            beside.submit(another.write, [report]).result(timeout=200)
        bulk.ask(transaction, "SELECT 1")  # it wakes up
    frozen.write([report])
    with another.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.entries)).scalar_one() == 1
    frozen.close()
    another.close()


def test_a_sink_that_is_frozen_within_a_copy_is_ended_by_the_one_that_waits_for_it(new_postgres_url, monkeypatch):
    """No time limit of the server counts there: it waits for the rest of the rows, and everybody else with it."""
    monkeypatch.setattr("services.sink.engine._FROZEN_SECONDS", 0.3)
    frozen, another = (
        engine.connect(new_postgres_url, statement_seconds=1.0),
        DatabaseStore(new_postgres_url),
    )
    another.open()
    event.listen(another.engine, "checkout", lambda connection, *_: connection.execute("SET lock_timeout = '0.5s'"))
    report = entangled(1)[0]
    with pytest.raises(Transient), engine.surroundings(), frozen.begin() as transaction:
        bulk.lock(transaction, [f"entry:{report.entry}"])
        with transaction.connection.cursor() as cursor, cursor.copy("COPY forgotten (entry, page) FROM STDIN") as copy:
            copy.write_row(("e", "p"))
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    another.write([report])
                except Transient:
                    continue
                break
            copy.write_row(("e", "p"))  # it wakes up
    with another.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.entries)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(schema.forgotten)).scalar_one() == 0
    frozen.dispose()
    another.close()


def test_a_change_of_the_schema_does_not_wait_for_a_sink_that_is_frozen_within_a_copy(new_postgres_url, monkeypatch):
    monkeypatch.setattr("services.sink.engine._FROZEN_SECONDS", 0.0)
    frozen, newer = engine.connect(new_postgres_url), engine.connect(new_postgres_url)
    engine.migrate(newer)
    with pytest.raises(Transient), engine.surroundings(), frozen.begin() as transaction:
        bulk.lock(transaction, ["entry:1"])
        with transaction.connection.cursor() as cursor, cursor.copy("COPY forgotten (entry, page) FROM STDIN") as copy:
            copy.write_row(("e", "p"))
            engine.migrate(newer, "base")
            copy.write_row(("e", "p"))  # it wakes up
    frozen.dispose()
    newer.dispose()


def test_a_letter_that_is_written_while_the_one_before_is_taken_away_keeps_its_entry(new_postgres_url):
    """Sent again, the page dies at once, and the sink writes its next letter before the first is gone."""
    store = DatabaseStore(new_postgres_url)
    store.open()
    store.write([], [dead_letter(1)])
    shelf = DatabaseShelf(new_postgres_url)
    (note,) = shelf.notes()
    with ThreadPoolExecutor(1) as beside:

        def take_away(_connection):
            removing.append(beside.submit(shelf.remove, note.key, "replayed"))
            wait([removing[0]], timeout=2)  # it waits for the sink, as it should, or it is done

        removing: list[Future[None]] = []
        event.listen(store.engine, "commit", take_away)
        store.write([], [dead_letter(1, stream_entry="1763740900000-0")])
        event.remove(store.engine, "commit", take_away)
        removing[0].result(timeout=200)
    with store.engine.connect() as connection:
        assert connection.execute(select(schema.dead_letters.c.stream_entry)).scalars().all() == ["1763740900000-0"]
        assert connection.execute(select(schema.entries.c.outcome)).scalars().all() == ["dead"]
    store.close()


def test_two_sqlite_workers_wait_for_each_other(tmp_path):
    url = f"sqlite:///{tmp_path}/both.db"
    stores = [DatabaseStore(url), DatabaseStore(url)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(DatabaseStore.open, stores))
        reports = entangled(60)
        for job in [pool.submit(stores[at % 2].write, [report]) for at, report in enumerate(reports)]:
            job.result()
    with stores[0].engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.sources)).scalar_one() == 60
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL: what is committed is on disk
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_a_connection_lost_after_the_commit_costs_nothing(new_postgres_url):
    store = DatabaseStore(new_postgres_url)
    store.open()

    def lose(connection):
        connection.connection.driver_connection.close()

    event.listen(store.engine, "commit", lose)
    with pytest.raises(Transient):
        store.write([invented_report(1)])
    event.remove(store.engine, "commit", lose)
    store.write([invented_report(1)])
    with store.engine.connect() as connection:
        assert connection.execute(select(schema.entries.c.entry)).scalars().all() == [entry_name(1)]
        assert connection.execute(select(func.count()).select_from(schema.facts)).scalar_one() == 3


def test_a_backend_that_is_killed_in_the_middle_leaves_nothing_and_is_transient(new_postgres_url):
    store = DatabaseStore(new_postgres_url)
    store.open()

    def kill(connection, *_):
        with psycopg.connect(new_postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fazhi' AND datname = current_database()"
            )

    event.listen(store.engine, "commit", kill)
    with pytest.raises(Transient):
        store.write([invented_report(1)])
    event.remove(store.engine, "commit", kill)
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.entries)).scalar_one() == 0
    store.write([invented_report(1)])


def test_a_database_that_is_not_there_is_transient(tmp_path):
    with pytest.raises(Transient):
        DatabaseStore("postgresql://nobody@127.0.0.1:9/none").open()
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(Transient):
        DatabaseStore(f"sqlite:///{blocked}/fazhi.db").open()


def test_a_schema_that_a_newer_version_made_is_left_alone_and_named(store):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RuntimeError, match=r"made by a newer version.*9999"):
        DatabaseStore(store.engine.url.render_as_string(hide_password=False)).open()


def test_another_kind_of_database_is_refused_by_name():
    with pytest.raises(ValueError, match="sqlite:///… or postgresql://…, not mysql"):
        DatabaseStore("mysql://localhost/fazhi")


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.SerializationFailure(), True),
        (psycopg.errors.UniqueViolation(), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.errors.QueryCanceled(), True),
        (psycopg.errors.UndefinedTable(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.OperationalError(), True),
        (psycopg.errors.NotNullViolation(), False),
        (psycopg.errors.NumericValueOutOfRange(), False),
        (psycopg.errors.UntranslatableCharacter(), False),
        (psycopg.errors.ProgramLimitExceeded(), False),
        (sqlite3.OperationalError("database is locked"), True),
        (sqlite3.IntegrityError("NOT NULL"), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_errors_of_the_surroundings_are_told_from_those_of_the_rows(error, transient):
    assert engine.is_transient(error) is transient


def test_a_batch_that_waits_for_a_lock_goes_on_when_it_is_free(new_postgres_url):
    store = DatabaseStore(new_postgres_url)
    store.open()
    report = invented_report(1)
    with psycopg.connect(new_postgres_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(f"content:{report.report_id}")])
        writer = threading.Thread(target=store.write, args=([report],))
        writer.start()
        writer.join(timeout=0.5)
        assert writer.is_alive()
        other.rollback()
        writer.join(timeout=200)
        assert not writer.is_alive()
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.reports)).scalar_one() == 1


def test_migrations_go_up_and_down_and_up_again(store):
    store.write([invented_report(1)], [dead_letter(2)])
    engine.migrate(store.engine, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    engine.migrate(store.engine)
    assert set(schema.metadata.tables) <= set(inspect(store.engine).get_table_names())
    store.write([invented_report(1)])


def test_the_migrations_make_the_schema_that_the_code_describes(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
