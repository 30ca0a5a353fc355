"""Every list query walks an index: what the database says it would do, on tables that are large enough to matter."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from services.sink.api import create_app
from services.sink.settings import ApiSettings
from tests.sink.reports import invented_report

LISTS = (
    "/reports", "/reports?place=990000", "/reports?place=990100", "/reports?place=990102", "/reports?place=云岭市",
    "/reports?year_from=2022&year_to=2022", "/reports?level=prefecture", "/reports?text=清河", "/reports?version=0.1.0",
    "/facts", "/facts?metric=reconsideration.accepted", "/facts?domain=reconsideration", "/facts?place=990100",
    "/facts?place=990000&metric=reconsideration.accepted", "/facts?year_from=2022&year_to=2022&text=案件",
    "/facts?text=案件", "/facts?check=broken", "/sections", "/sections?kind=plan", "/sections?place=990100", "/checks",
    "/checks?holds=false", "/coverage/reports", "/coverage/reports?metric=reconsideration.accepted&place=990100",
    "/coverage?metric=reconsideration.accepted&place=990100", "/compare?metric=reconsideration.accepted&place=990100",
    "/metrics/reconsideration.accepted", "/places?parent=110000", "/places", "/dead-letters",
    "/dead-letters?stage=sink", "/dead-letters?reason=empty", "/reviews", "/reports/{report}", "/reports/{report}/facts",
    "/facts/{fact}", "/reports/{report}/source",
)  # fmt: skip
#: The tables that grow with the corpus. A scan of the catalogue is a scan of 189 rows.
LARGE = ("facts", "reports", "sections", "checks", "coverage", "pages", "readings", "sources", "dead_letters", "reviews",
         "revisions", "places")  # fmt: skip


@pytest.fixture(scope="module")
def client(shared_store):
    store = shared_store
    store.write([
        invented_report(at, city=f"第{at}市", code=f"99{at % 40:02d}{at % 7:02d}", year=2020 + at % 4, values=(at + 1, 1, 2))
        for at in range(300)
    ])  # fmt: skip
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    url = store.engine.url.render_as_string(hide_password=False)
    with TestClient(create_app(ApiSettings(database_url=url))) as opened:
        fact = opened.get("/api/v1/facts?limit=1").json()["facts"][0]
        opened.names = {"fact": fact["fact_id"], "report": fact["report_id"]}
        yield opened


@contextmanager
def statements(engine):
    """The SELECTs that are sent meanwhile, with their parameters."""
    seen = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def plan_of(engine, statement, parameters) -> str:
    """What the database would do with tables too large to read whole."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # A few hundred rows are read whole whatever indexes there are; this asks whether it could do otherwise.
            connection.exec_driver_sql("SET enable_seqscan = off")
            rows = connection.exec_driver_sql("EXPLAIN " + statement, parameters)
        else:
            rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_along_an_index(client, path):
    engine = client.app.state.engine
    with statements(engine) as seen:
        answer = client.get("/api/v1" + path.format(**client.names))
        assert answer.status_code == 200, answer.text
    assert seen
    for statement, parameters in seen:
        plan = plan_of(engine, statement, parameters)
        for table in LARGE:
            if engine.dialect.name == "postgresql":
                assert not re.search(rf"Seq Scan on {table}\b", plan), f"{statement}\n{plan}"
            else:
                # SQLite walks the table itself in the order of its key, which is an index: only with a LIMIT.
                whole = re.search(rf"SCAN {table}(?! USING)", plan)
                assert not whole or "LIMIT" in statement, f"{statement}\n{plan}"
                assert not whole or "TEMP B-TREE FOR ORDER BY" not in plan, f"{statement}\n{plan}"
