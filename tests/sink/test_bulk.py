"""What is written in columns comes back as it was, on both databases: nulls, empty texts, zeros, truths, moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Double, Integer, LargeBinary, Text, delete, select

from services.sink import bulk, schema
from services.sink.schema import Moment
from tests.sink.reports import invented_report

#: Words that both databases hold, the marks among them that stand for a null on the way.
_WORDS = st.one_of(st.sampled_from(["", "0", "\N{IDEOGRAPHIC SPACE}"]), st.text("法治政府 0a'\"%?~", max_size=12))
_WHOLE = st.integers(-(2**31), 2**31 - 1)
_FLOATS = st.one_of(st.sampled_from([0.0, -0.0, 1e300]), st.floats(allow_nan=False, allow_infinity=False))
_MOMENTS = st.integers(0, 10**15).map(lambda micro: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro))


def values_of(column: Column[Any]) -> st.SearchStrategy[Any]:
    """What a column may hold."""
    kinds = {Moment: _MOMENTS, Boolean: st.booleans(), Integer: _WHOLE, Double: _FLOATS, LargeBinary: st.binary(max_size=9), Text: _WORDS}  # fmt: skip
    plain = next(kind for known, kind in kinds.items() if isinstance(column.type, known))
    return st.none() | plain if column.nullable else plain


@pytest.fixture
def filled(store):
    store.write([invented_report(1)])
    return store


@pytest.mark.parametrize("table", [schema.facts, schema.sections, schema.checks, schema.revisions], ids=str)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_rows_in_columns_come_back_as_they_were(filled, table, data):
    (number,) = (column for column in table.columns if column.foreign_keys)
    keys = [column for column in table.columns if column.primary_key and column is not number]
    with filled.engine.begin() as connection:
        (report,) = connection.execute(select(schema.reports.c.number)).scalars()
        connection.execute(delete(table))
        parts = []
        for part in range(data.draw(st.integers(0, 2))):
            rows = data.draw(st.integers(0, 4))
            drawn = {
                column.key: data.draw(st.lists(values_of(column), min_size=rows, max_size=rows))
                for column in table.columns
            }
            drawn[number.key] = [report] * rows
            for key in keys:
                drawn[key.key] = [
                    10 * part + at if isinstance(key.type, Integer) else f"{part}/{at}" for at in range(rows)
                ]
            parts.append(list(drawn.values()))

        bulk.insert_columns(connection, table, parts)

        found = connection.execute(select(table).order_by(*keys)).all()
    wanted = [row for part in parts for row in zip(*part, strict=True)]
    assert [tuple(row) for row in found] == wanted


def test_an_entry_of_each_kind_of_value_comes_back(store):
    moment = datetime(2024, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
    with store.engine.begin() as connection:
        bulk.insert_rows(connection, schema.entries, [("a", "stored", moment, moment), ("b", "dead", moment, moment)])
        found = connection.execute(select(schema.entries).order_by("entry")).all()
    assert [tuple(row) for row in found] == [("a", "stored", moment, moment), ("b", "dead", moment, moment)]
