"""The sink's copy of catalogue and places is that of their owners, and is loaded once."""

from __future__ import annotations

from importlib.resources import files

import pytest
from sqlalchemy import event, func, select

from fazhi import reference as originals
from services.sink import reference, schema
from services.sink.store import DatabaseStore


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("metrics.tsv", originals.METRIC_COLUMNS, originals.metric_rows),
        ("places.tsv", originals.PLACE_COLUMNS, originals.place_rows),
    ],
)
def test_the_copy_is_the_original(name, columns, rows):
    copy = files("services.sink").joinpath("reference", name).read_text(encoding="utf-8")
    assert copy == originals.table_text(columns, rows()), "run: python -m fazhi.reference"


def test_places_have_parents_that_exist():
    places = {row["place"]: row for row in reference.place_rows()}
    assert len(places) > 3_000
    assert {row["parent"] for row in places.values() if row["parent"]} <= set(places)
    assert {row["level"] for row in places.values() if not row["parent"]} == {"province"}


def test_a_database_holds_them_once_it_is_open_and_the_next_worker_writes_nothing(store, database_url):
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.places)).scalar_one() == len(
            reference.place_rows()
        )
        assert connection.execute(select(func.count()).select_from(schema.catalogue)).scalar_one() == len(
            reference.metric_rows()
        )
    again = DatabaseStore(database_url)
    written = []
    event.listen(again.engine, "before_cursor_execute", lambda *call: written.append(call[2]))
    again.open()
    assert not [statement for statement in written if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
    again.close()
