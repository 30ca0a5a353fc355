"""Databases that earlier versions filled, brought up to this one."""

from __future__ import annotations

import hashlib

from sqlalchemy import select, text

from services.sink import engine, schema
from shared.events import Place
from tests.sink.reports import FIRST_MILLISECONDS, invented_report
from tests.sink.test_carried import as_carried
from tests.sink.test_identity import shown


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
