"""Batches become rows once, whatever was there before, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from services.sink import schema
from services.sink.store import DatabaseStore
from tests.sink.reports import dead_letter, entry_name, invented_report


def rows(store: DatabaseStore, table: Any) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(select(table)).mappings())


def count(store: DatabaseStore, table: Any) -> int:
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_batch_becomes_reports_sections_facts_checks_and_coverage(store):
    store.write([invented_report(1), invented_report(2, city="清河市")], [dead_letter(3)])
    assert {row["title"] for row in rows(store, schema.reports)} == {
        "云岭市人民政府关于2023年法治政府建设情况的报告",
        "清河市人民政府关于2023年法治政府建设情况的报告",
    }
    assert count(store, schema.sections) == 4
    assert count(store, schema.facts) == 6
    assert count(store, schema.checks) == 2
    assert count(store, schema.coverage) == 4
    assert {row["entry"]: row["outcome"] for row in rows(store, schema.entries)} == {
        entry_name(1): "stored", entry_name(2): "stored", entry_name(3): "dead",
    }  # fmt: skip


def test_the_same_batch_again_changes_nothing(store):
    batch = [invented_report(number, city=f"第{number}市") for number in range(5)], [dead_letter(9)]
    store.write(*batch)
    before = {table.name: rows(store, table) for table in schema.metadata.sorted_tables}
    store.write(*batch)
    store.write(batch[0][2:3], batch[1])
    assert {table.name: rows(store, table) for table in schema.metadata.sorted_tables} == before
