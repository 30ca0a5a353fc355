"""A number that was given to a row is given to no other one, also where the row is gone: on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text

from services.sink import bulk, engine, schema
from services.sink.forget import forget_report
from services.sink.judgement import Judgement, judge
from services.sink.shelf import DatabaseShelf
from services.sink.store import DatabaseStore
from tests.sink.reports import dead_letter, invented_report


def last(store: DatabaseStore, table: Any) -> int:
    with store.engine.connect() as connection:
        return connection.execute(select(func.max(table.c.number))).scalar_one() or 0


def report_id(store: DatabaseStore, number: int) -> str:
    with store.engine.connect() as connection:
        return connection.execute(
            select(schema.reports.c.report_id).where(schema.reports.c.number == number)
        ).scalar_one()


def test_a_forgotten_last_report_leaves_its_numbers_to_nobody(store):
    store.write([invented_report(1), invented_report(2, city="清河市")])
    report, reading = last(store, schema.reports), last(store, schema.readings)

    forget_report(store.engine, report_id(store, report))
    store.write([invented_report(3, city="长岭市")])

    assert last(store, schema.reports) > report
    assert last(store, schema.readings) > reading


def test_a_letter_that_was_dropped_leaves_its_name_to_nobody(store):
    store.write([], [dead_letter(1)])
    shelf = DatabaseShelf(store.engine.url.render_as_string(hide_password=False))
    (note,) = shelf.notes()

    shelf.remove(note.key, "dropped")
    store.write([], [dead_letter(2)])

    (other,) = shelf.notes()
    assert other.key != note.key
    with pytest.raises(KeyError):
        shelf.read(note.key)


def test_a_review_comes_after_all_that_were_ever_made(store):
    store.write([invented_report(1), invented_report(2, city="清河市")])
    first, second = (report_id(store, number) for number in (1, 2))
    for each in (first, second):
        judge(store.engine, Judgement(report=each, field="issuer", verdict="confirmed", reviewer="测试"))
    taken = last(store, schema.reviews)

    forget_report(store.engine, second)
    said = judge(store.engine, Judgement(report=first, field="title", verdict="confirmed", reviewer="测试"))

    assert said["review"] > taken


def test_a_database_of_the_schema_before_goes_on_where_it_was(store):
    store.write([invented_report(1), invented_report(2, city="清河市")])
    report = last(store, schema.reports)
    engine.migrate(store.engine, "0003")
    engine.migrate(store.engine)

    forget_report(store.engine, report_id(store, report))
    store.write([invented_report(3, city="长岭市")])

    assert last(store, schema.reports) > report


def test_numbers_are_above_all_rows_however_they_came_there(store):
    store.write([invented_report(1)])
    with store.engine.begin() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL gives numbers by a sequence, which nobody of ours goes past")
        connection.execute(text("UPDATE numbers SET last = 0"))
        assert bulk.new_numbers(connection, schema.reports, 3) == [2, 3, 4]
        assert bulk.new_numbers(connection, schema.reports, 1) == [5]
