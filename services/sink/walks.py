"""How a list of what belongs to reports is walked: a page at a time, in windows, at a bounded cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from services.sink.filters import BadCursorError, ReportFilter, read_cursor, write_cursor
from services.sink.schema import reports

#: Reports a window: it takes a few milliseconds.
_REPORTS_WINDOW = 250
#: What one call walks at most: about 0.3 s on the smallest machine.
MAX_WALKED_FACTS = 50_000


@dataclass(frozen=True)
class Page:
    """One page of a list; `cursor` leads to the next one, None at the end. It may be empty before the end."""

    rows: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True)
class Children:
    """Rows that belong to reports: how to find those of some reports that follow (report, key), the name and kind of
    their key within a report, and how one is shown.
    """

    find: Callable[[Sequence[int], int, Any, int], Iterator[dict[str, Any]]]
    key: str
    kind: type
    show: Callable[[Mapping[str, Any]], dict[str, Any]]


def children(
    connection: Connection,
    statement: Select[Any],
    key: ColumnElement[int],
    show: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> Children:
    """Rows of a table that has one row a child, with (report, key) as its key."""
    report = key.table.c.report

    def find(window: Sequence[int], after: int, last: Any, fill: int) -> Iterator[dict[str, Any]]:
        beyond = report > after
        if last is not None:
            beyond |= (report == after) & (key > last)
        return dicts(connection, statement.where(report.in_(window), beyond).order_by(report, key).limit(fill))

    return Children(find, str(key.key), int, show)


def list_by_report(  # noqa: PLR0913, PLR0917 - what the three lists share
    connection: Connection, listed: Children, wanted: ReportFilter, one: int | None, limit: int, cursor: str | None
) -> Page:
    """A page of `listed` of the reports that are `wanted`, or of report number `one`. Raises BadCursorError."""
    report, key = _read_place(cursor, listed.kind) if cursor else (-1, None)
    conditions = [*wanted.conditions(), *([reports.c.number == one] if one is not None else [])]
    rows: list[dict[str, Any]] = []
    last: tuple[int, Any] = (report, key)
    walked = 0
    while walked < MAX_WALKED_FACTS:
        window = connection.execute(
            select(reports.c.number, reports.c.facts)
            .where(reports.c.number > report if key is None else reports.c.number >= report, *conditions)
            .order_by(reports.c.number)
            .limit(_REPORTS_WINDOW)
        ).all()
        if window:
            for row in listed.find([row.number for row in window], report, key, limit + 1 - len(rows)):
                if len(rows) == limit:
                    return Page(rows, write_cursor(*last))
                rows.append(listed.show(row))
                last = row["report"], row[listed.key]
        if len(window) < _REPORTS_WINDOW:
            return Page(rows, None)
        walked += sum(row.facts for row in window) + len(window)
        # The next window begins with the report after the last one of this.
        report, key = window[-1].number, None
        last = report, None
    return Page(rows, write_cursor(report, None))


def dicts(connection: Connection, statement: Select[Any]) -> Iterator[dict[str, Any]]:
    """The rows of a statement by the names of its columns."""
    found = connection.execute(statement)
    names = [str(name) for name in found.keys()]  # noqa: SIM118 - the result's column names
    for row in found:
        yield dict(zip(names, row, strict=True))


def _read_place(cursor: str, kind: type) -> tuple[int, Any]:
    """(report, key) of a cursor; the key is None where the whole report is done."""
    try:
        report, key = read_cursor(cursor, int, kind)
    except BadCursorError:
        report, key = read_cursor(cursor, int, type(None))
    return report, key
