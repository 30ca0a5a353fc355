"""What is known beforehand: the public columns of the metric catalogue, and the places of GB/T 2260 with their parents.

Both belong to other services, and services do not import each other. So this folder holds a copy of what the database
shows (`reference/*.tsv`), written by `python -m fazhi.reference`; a test compares it with the originals.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Table, select

from services.sink import bulk, schema
from services.sink.places import named_places
from shared.events import Document

_LOCK = "reference"
_METRIC_COLUMNS = tuple(name for name in schema.catalogue.columns.keys() if name != "position")  # noqa: SIM118 - a column collection
_PLACE_COLUMNS = ("place", "code", "name", "level", "parent")


def metric_rows() -> list[dict[str, Any]]:
    """The metrics in catalogue order, with the columns of the table."""
    return [{**row, "position": at} for at, row in enumerate(_read("metrics.tsv"))]


def place_rows() -> list[dict[str, Any]]:
    """The official places, with the columns of the table."""
    return [
        {"place": row["code"], **row, "official": True} for row in _read("places.tsv")
    ]  # fmt: skip


def load(connection: Connection) -> None:
    """Make catalogue and official places in the database those of this code; writes nothing where they are."""
    bulk.lock(connection, {_LOCK})
    write_catalogue(connection, metric_rows())
    write_places(connection, place_rows())


def write_catalogue(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make the catalogue these rows, in this order."""
    table = schema.catalogue
    wanted = [{name: row.get(name) for name in _METRIC_COLUMNS} | {"position": at} for at, row in enumerate(rows)]
    if _held(connection, table, tuple(table.columns.keys()), wanted):
        return
    connection.execute(table.delete())
    if wanted:
        connection.execute(table.insert(), wanted)


def write_places(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add these places, or correct them; those that reports named stay."""
    table = schema.places
    wanted = [{name: row.get(name) for name in _PLACE_COLUMNS} | {"official": True} for row in rows]
    held = {row["place"]: dict(row) for row in connection.execute(select(table).where(table.c.official)).mappings()}
    changed = sorted((row for row in wanted if held.get(row["place"]) != row), key=lambda row: str(row["place"]))
    insert = bulk.insert(connection, table)
    statement = insert.on_conflict_do_update(
        index_elements=["place"],
        set_={name: insert.excluded[name] for name in ("code", "name", "level", "parent", "official")},
    )
    for chunk in bulk.chunks(changed, 1_000):
        connection.execute(statement, chunk)


_NOTE_PLACE = (
    "INSERT INTO places (place, code, name, level, parent, official) VALUES (~, ~, ~, ~, ~, ~)"
    " ON CONFLICT (place) DO NOTHING"
)


def note_places(connection: Connection, documents: Iterable[Document]) -> None:
    """Add the places of these documents that GB/T 2260 does not hold, whether or not their readings are shown: so the
    table does not depend on the order of entries. The last thing a transaction does: others may wait for its rows.
    """
    places: dict[str, dict[str, Any]] = {}
    for document in documents:
        places |= named_places(document)
    if not places:
        return
    known = {
        place for (place,) in bulk.ask(connection, "SELECT place FROM places WHERE place IN ~text", sorted(places))
    }
    missing = [places[place] for place in sorted(set(places) - known)]
    bulk.run_rows(
        connection, _NOTE_PLACE, [tuple(row[name] for name in (*_PLACE_COLUMNS, "official")) for row in missing]
    )


def _held(connection: Connection, table: Table, columns: tuple[str, ...], wanted: list[dict[str, Any]]) -> bool:
    rows = connection.execute(select(table).order_by(table.c.position)).mappings()
    return [{name: row[name] for name in columns} for row in rows] == [
        {name: row[name] for name in columns} for row in wanted
    ]


def _read(name: str) -> list[dict[str, Any]]:
    text = files(__package__).joinpath("reference", name).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [{column: value or None for column, value in row.items()} for row in rows]
