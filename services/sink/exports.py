"""Tables out of the database as files, in one stream: memory stays at one page of rows however many there are."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, Protocol

import orjson
import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection

from services.sink import queries
from services.sink.answers import csv_cells
from services.sink.dictionary import Column, columns, markdown
from services.sink.filters import FactFilter
from services.sink.walks import Page

Form = Literal["csv", "jsonl", "parquet"]
#: Rows a page of the database, and a row group of Parquet: 20,000 facts take 20 MB as Python values.
_PAGE = 1_000
_GROUP = 20_000
#: Characters of CSV that are sent at a time: about a hundred facts.
_PART = 64_000
_ARROW = {
    "text": pa.string(), "json": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
}  # fmt: skip


@dataclass(frozen=True)
class Export:
    """What is to be exported: facts by all of the filter, the other tables by its part on reports."""

    wanted: FactFilter
    table: str = "facts"


def rows(connection: Connection, export: Export) -> Iterator[dict[str, Any]]:
    """The rows of a table, with the columns of the data dictionary. Raises KeyError for an unknown table."""
    listed = columns(export.table)
    for row in _walk(_LISTS[export.table], connection, export.wanted):
        yield {column.name: row.get(column.name) for column in listed}


def _walk(
    page_of: Callable[[Connection, FactFilter, str | None], Page], connection: Connection, wanted: FactFilter
) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        page = page_of(connection, wanted, cursor)
        yield from page.rows
        cursor = page.cursor
        if cursor is None:
            return


def _facts(connection: Connection, wanted: FactFilter, cursor: str | None) -> Page:
    return queries.list_facts(connection, wanted, limit=_PAGE, cursor=cursor)


def _reports(connection: Connection, wanted: FactFilter, cursor: str | None) -> Page:
    page = queries.list_reports(connection, wanted.reports, limit=_PAGE, cursor=cursor)
    return Page([flat_report(row) for row in page.rows], page.cursor)


def flat_report(row: Mapping[str, Any]) -> dict[str, Any]:
    """A report of a list by the columns of the data dictionary."""
    document = dict(row["document"])
    place = document.pop("place")
    names = {
        "province": place["province"],
        "city": place["city"],
        "county": place["county"],
        "place_code": place["code"],
    }
    return {name: value for name, value in row.items() if name != "document"} | document | names


def _sections(connection: Connection, wanted: FactFilter, cursor: str | None) -> Page:
    return queries.list_sections(connection, wanted.reports, limit=_PAGE, cursor=cursor)


def _checks(connection: Connection, wanted: FactFilter, cursor: str | None) -> Page:
    return queries.list_checks(connection, wanted.reports, limit=_PAGE, cursor=cursor)


def _coverage(connection: Connection, wanted: FactFilter, cursor: str | None) -> Page:
    return queries.list_coverage(connection, wanted.reports, limit=_PAGE, cursor=cursor)


_LISTS: Mapping[str, Callable[[Connection, FactFilter, str | None], Page]] = {
    "facts": _facts, "reports": _reports, "sections": _sections, "checks": _checks, "coverage": _coverage,
}  # fmt: skip


class Writer(Protocol):
    """Takes rows one by one."""

    def write(self, row: Mapping[str, Any]) -> None:
        """One row, with the columns of the table."""

    def close(self) -> None:
        """Write what is left."""


def write(connection: Connection, export: Export, form: Form, target: IO[bytes]) -> int:
    """Write a table to an open file; the file stays open. Returns the number of rows."""
    writer: Writer = _WRITERS[form](target, columns(export.table))
    count = 0
    try:
        for row in rows(connection, export):
            writer.write(row)
            count += 1
    finally:
        writer.close()
    return count


def stream_csv(connection: Connection, export: Export) -> Iterator[bytes]:
    """A table as CSV, part by part."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in columns(export.table)])
    writer.writeheader()
    for row in rows(connection, export):
        writer.writerow(csv_cells(row))
        if text.tell() > _PART:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def write_folder(
    connection: Connection, wanted: FactFilter, form: Form, folder: Path, tables: tuple[str, ...]
) -> dict[str, int]:
    """Write tables to a folder, one file each, with the data dictionary beside; a file appears when it is whole.

    Returns table → rows. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for table in tables:
        # Its own: two exports into one folder at a time would write into each other's file.
        unfinished = folder / f".{table}.{form}.{secrets.token_hex(4)}.part"
        try:
            with unfinished.open("wb") as target:
                written[table] = write(connection, Export(wanted, table), form, target)
            unfinished.replace(folder / f"{table}.{form}")
        finally:
            unfinished.unlink(missing_ok=True)
    (folder / "data-dictionary.md").write_text(markdown(), encoding="utf-8")
    return written


class _Csv:
    def __init__(self, target: IO[bytes], listed: tuple[Column, ...]) -> None:
        self._text = io.TextIOWrapper(target, encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._text, [column.name for column in listed])
        self._writer.writeheader()

    def write(self, row: Mapping[str, Any]) -> None:
        self._writer.writerow(csv_cells(row))

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class _JsonLines:
    def __init__(self, target: IO[bytes], _listed: tuple[Column, ...]) -> None:
        self._target = target

    def write(self, row: Mapping[str, Any]) -> None:
        self._target.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))

    def close(self) -> None:
        self._target.flush()


class _Parquet:
    def __init__(self, target: IO[bytes], listed: tuple[Column, ...]) -> None:
        self._columns = listed
        self._schema = pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in listed])
        self._writer = parquet.ParquetWriter(target, self._schema, compression="zstd")
        self._rows: list[Mapping[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            table = pa.table({column.name: self._column(column) for column in self._columns}, schema=self._schema)
            self._writer.write_table(table)
            self._rows = []

    def _column(self, column: Column) -> pa.Array:
        values = [row[column.name] for row in self._rows]
        if column.kind == "json":
            values = [None if value is None else orjson.dumps(value).decode() for value in values]
        return pa.array(values, _ARROW[column.kind])


_WRITERS: Mapping[str, Callable[[IO[bytes], tuple[Column, ...]], Writer]] = {
    "csv": _Csv, "jsonl": _JsonLines, "parquet": _Parquet,
}  # fmt: skip
