"""Databases that earlier versions filled, brought up to this one."""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import select, text

from services.sink import bulk, engine, schema
from services.sink.store import DatabaseStore
from shared.errors import Outdated
from shared.events import Place
from tests.sink.reports import FIRST_MILLISECONDS, invented_report
from tests.sink.test_carried import as_carried
from tests.sink.test_identity import shown
from tests.support.pipeline import SERVICE
from tests.support.servers import wait_until


def key(body: str) -> str:
    return f"2023|{hashlib.sha256(body.encode()).hexdigest()[:24]}"


def office(number: int, place: Place):
    report = invented_report(
        number, issuer="教育局", level="department", words=f"第{number}处。", url=f"https://{number}.example.org/"
    )
    report.document.place = place
    return report


def blocks(store) -> dict[str, str | None]:
    joined = schema.pages.join(schema.sources, schema.sources.c.page == schema.pages.c.page)
    with store.engine.connect() as connection:
        rows = connection.execute(select(schema.sources.c.entry, schema.pages.c.block).select_from(joined))
        return {entry.rpartition("/")[2]: block for entry, block in rows}


def test_blocks_of_pages_that_stand_take_up_their_place_and_lose_it_on_the_way_back(store):
    placed, packed = as_carried(office(1, Place(city="云岭市")))  # kept as the stream carried it, the others as JSON
    store.write([placed], [], [packed])
    store.write([office(2, Place()), invented_report(3), invented_report(4, year=None)])
    before, after = shown(store), blocks(store)
    ids = [f"{FIRST_MILLISECONDS + number}-0" for number in (1, 2, 3, 4)]
    assert [after[one] for one in ids] == [key("云岭市教育局"), None, key("云岭市人民政府"), None]
    engine.migrate(store.engine, "0004")
    assert [blocks(store)[one] for one in ids] == [key("教育局"), key("教育局"), key("云岭市人民政府"), None]
    engine.migrate(store.engine)
    assert blocks(store) == after
    assert shown(store) == before
    store.write([office(5, Place(city="云岭市"))])


def test_readings_that_a_fast_clock_dated_are_dated_by_the_server(store):
    store.write([invented_report(1, version="0.1.0")])
    engine.migrate(store.engine, "0004")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE readings SET made_at = made_at + 1000000"))
    engine.migrate(store.engine)
    with store.engine.connect() as connection:
        assert connection.execute(select(schema.readings.c.made_at)).scalars().all() == [
            FIRST_MILLISECONDS / 1000 + 0.001
        ]
    store.write([invented_report(2, version="0.2.0")])
    with store.engine.connect() as connection:
        assert connection.execute(select(schema.reports.c.version)).scalar_one() == "0.2.0"


def test_a_sink_whose_schema_was_taken_over_writes_nothing_and_says_so(store):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Outdated, match="the database's schema is now 9999"):
        store.write([invented_report(1)])
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :own"), {"own": engine.newest_revision()})
    store.write([invented_report(1)])


def test_no_batch_is_written_while_the_schema_changes(new_postgres_url):
    store = DatabaseStore(new_postgres_url)
    store.open()
    with store.engine.begin() as migration, ThreadPoolExecutor(1) as beside:
        bulk.lock_everything(migration)
        writing = beside.submit(store.write, [invented_report(1)])
        with pytest.raises(TimeoutError):
            writing.result(timeout=0.5)
        migration.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        migration.commit()
        with pytest.raises(Outdated):
            writing.result(timeout=200)
    store.close()


def test_a_start_waits_for_no_batch_where_the_schema_is_there(new_postgres_url):
    """Nor does a batch beside it wait: one sink that is frozen in a transaction would hold up all others."""
    frozen, another, starting = (DatabaseStore(new_postgres_url) for _ in range(3))
    frozen.open()
    with frozen.engine.begin() as transaction, ThreadPoolExecutor(2) as beside:
        bulk.lock(transaction, ["entry:of the frozen one"])
        beside.submit(starting.open).result(timeout=200)
        beside.submit(another.write, [invented_report(1)]).result(timeout=200)
    for store in (frozen, another, starting):
        store.close()


def test_no_time_limit_of_a_query_ends_a_migration(new_postgres_url):
    """It waits for the one that is under way far longer than a query may take, or a lock be waited for."""
    first, second = engine.connect(new_postgres_url), engine.connect(new_postgres_url, statement_seconds=0.5)
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event = 'advisory' AND state_change < clock_timestamp() - interval '1 second'"
    )

    def has_waited() -> bool:
        with first.begin() as looking:
            return bool(looking.scalar(waits))

    with ThreadPoolExecutor(1) as beside:
        with first.begin() as under_way:
            under_way.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": engine._MIGRATION_LOCK})
            starting = beside.submit(engine.migrate, second)
            wait_until(lambda: starting.done() or has_waited(), 30, "a migration that has waited for a second")
        starting.result()
    first.dispose()
    second.dispose()


def test_a_sink_beside_a_newer_one_ends_and_leaves_its_entries_to_it(server, make_pipeline, tmp_path):
    """A newer version changes the schema under a running sink: it gives back what it holds and nothing is buried."""
    pipeline = make_pipeline(server, app=SERVICE, environment={"FAZHI_DATABASE_URL": f"sqlite:///{tmp_path}/fazhi.db"})
    sink = next(one for one in pipeline.start() if one.stage == "sink")

    def migrate(revision: str) -> None:
        with closing(sqlite3.connect(tmp_path / "fazhi.db", timeout=120)) as database:
            database.execute("UPDATE alembic_version SET version_num = ?", [revision])
            database.commit()

    migrate("9999")
    pipeline.submit(*((f"云岭市2023年法治政府建设年度报告\n全年受理行政复议案件{at}件。").encode() for at in range(3)))
    assert sink.ends(60) == 1
    assert "the database's schema is now 9999" in sink.log.read_text()
    assert sink.logged("handed_back")
    migrate(engine.newest_revision())
    pipeline.start("sink")
    wait_until(lambda: pipeline.books().stored == 3, 30, "all are stored")
    assert pipeline.books().dead == 0
