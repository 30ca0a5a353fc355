"""Reading lists of reports and facts, at a bounded cost whatever is asked.

A list is walked along an index in windows; what no index answers (words, modality …) is sifted inside a window. A call
that has walked its fill gives back what it found, perhaps nothing, and a cursor to go on: so no question can make the
database read all its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Select, Table, or_, select, tuple_

from services.sink import schema
from services.sink.filters import FactFilter, ReportFilter, contains, read_cursor, write_cursor
from services.sink.schema import facts, reports
from services.sink.walks import MAX_WALKED_FACTS, Children, Page, children, dicts, list_by_report

#: Facts of one metric a window, and reports a window where they are sifted: a window takes a few milliseconds.
_FACTS_WINDOW = 2_500
_REPORTS_SIFTED = 2_000
#: What one call walks at most: about 0.3 s on the smallest machine.
_MAX_WALKED_REPORTS = 20_000
#: Of the report beside each fact.
_REPORT_COLUMNS = (
    "report_id", "title", "issuer", "province", "city", "county", "place_code", "place", "level", "report_year", "url",
)  # fmt: skip


def list_reports(connection: Connection, wanted: ReportFilter, *, limit: int, cursor: str | None = None) -> Page:
    """Reports, the latest stored first.

    Raises BadCursorError.
    """
    (before,) = read_cursor(cursor, int) if cursor else (2**62,)
    rows: list[dict[str, Any]] = []
    walked = 0
    while walked < _MAX_WALKED_REPORTS:
        window = _REPORTS_SIFTED if wanted.sieve() else limit + 1
        # The window is a query of its own inside: the index is walked over its rows, and these are sifted.
        inside = select(reports).where(reports.c.number < before, *wanted.indexed())
        inside = inside.order_by(reports.c.number.desc()).limit(window)
        shown = inside.subquery()
        statement = select(shown).where(*wanted.sieve(shown.c)).order_by(shown.c.number.desc())
        rows += [report_summary(row) for row in dicts(connection, statement)]
        if len(rows) > limit:
            rows = rows[:limit]
            return Page(_public(rows), write_cursor(rows[-1]["number"]))
        end = connection.execute(
            select(reports.c.number)
            .where(reports.c.number < before, *wanted.indexed())
            .order_by(reports.c.number.desc())
            .limit(1)
            .offset(window - 1)
        ).scalar_one_or_none()
        if end is None:
            return Page(_public(rows), None)
        walked += window
        before = end
    return Page(_public(rows), write_cursor(before))


def _public(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "number"} for row in rows]


def report_summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table of reports as the API shows it."""
    return {
        "number": row["number"],
        "report_id": row["report_id"],
        "document": {
            "title": row["title"],
            "issuer": row["issuer"],
            "place": {
                "province": row["province"], "city": row["city"], "county": row["county"], "code": row["place_code"],
            },
            "level": row["level"],
            "report_year": row["report_year"],
            "published": row["published"],
            "signed": row["signed"],
            "document_number": row["document_number"],
            "addressee": row["addressee"],
            "script": row["script"],
            "genre": row["genre"],
            "genre_score": row["genre_score"],
        },
        "place": row["place"],
        "page": row["page"],
        "content": row["content"],
        "url": row["url"],
        "name": row["name"],
        "characters": row["characters"],
        "facts": row["facts"],
        "mapped_facts": row["mapped_facts"],
        "sections": row["sections"],
        "checks": row["checks"],
        "failed_checks": row["failed_checks"],
        "repairs": row["repairs"],
        "numerals": row["numerals"],
        "undecided_numerals": row["undecided_numerals"],
        "sources": row["sources"],
        "revisions": row["revisions"],
        "first_fetched_at": row["first_fetched_at"].isoformat(),
        "last_fetched_at": row["last_fetched_at"].isoformat(),
        "version": row["version"],
        "machine": orjson.loads(row["reviewed"]) if row["reviewed"] else {},
    }  # fmt: skip


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_facts(connection: Connection, wanted: FactFilter, *, limit: int, cursor: str | None = None) -> Page:
    """Facts, in the order in which their reports were stored, or by metric where only the metric is asked for.

    Raises BadCursorError.
    """
    if wanted.report is None and wanted.reports.is_empty and (wanted.metrics or wanted.domain):
        return _facts_by_metric(connection, wanted, limit, cursor)
    return _facts_by_report(connection, wanted, limit, cursor)


#: Of a fact, in the order in which it is shown.
_LAST = ("check_state", "review", "machine")
_FACT_COLUMNS = (
    *(name for name in facts.columns.keys() if name not in {*_LAST, "twin", "year", "figure"}),  # noqa: SIM118 - a column collection
    "twin",
    *_LAST,
)


def _fact_select() -> Select[Any]:
    return select(
        *[facts.c[name] for name in _FACT_COLUMNS], *[reports.c[name] for name in _REPORT_COLUMNS], reports.c.version
    ).join(reports, reports.c.number == facts.c.report)


def _facts_by_report(connection: Connection, wanted: FactFilter, limit: int, cursor: str | None) -> Page:
    conditions = [*wanted.conditions(), *wanted.metric_conditions()]
    listed = children(connection, _fact_select().where(*conditions), facts.c.position, fact_row)
    return list_by_report(connection, listed, wanted.reports, wanted.report, limit, cursor)


def list_sections(  # noqa: PLR0913 - one argument a filter
    connection: Connection, wanted: ReportFilter, *, limit: int, cursor: str | None = None, report: int | None = None,
    kind: str | None = None, text: str | None = None,
) -> Page:  # fmt: skip
    """Sections, in the order in which their reports were stored. `text`: words of the heading. Raises BadCursorError."""
    table = schema.sections
    conditions = [] if kind is None else [table.c.kind == kind]
    conditions += [] if text is None else [contains(table.c.heading, text)]
    listed = children(connection, _with_report(table).where(*conditions), table.c.section_order, _child_row)
    return list_by_report(connection, listed, wanted, report, limit, cursor)


def list_checks(  # noqa: PLR0913 - one argument a filter
    connection: Connection, wanted: ReportFilter, *, limit: int, cursor: str | None = None, report: int | None = None,
    holds: bool | None = None, metric: str | None = None,
) -> Page:  # fmt: skip
    """Arithmetic checks, in the order in which their reports were stored. Raises BadCursorError."""
    table = schema.checks
    conditions = [] if holds is None else [table.c.holds == holds]
    conditions += [] if metric is None else [contains(table.c.relation, metric)]
    listed = children(connection, _with_report(table).where(*conditions), table.c.position, _check_row)
    return list_by_report(connection, listed, wanted, report, limit, cursor)


def list_coverage(  # noqa: PLR0913 - one argument a filter
    connection: Connection, wanted: ReportFilter, *, limit: int, cursor: str | None = None, report: int | None = None,
    metric: str | None = None, state: str | None = None,
) -> Page:  # fmt: skip
    """What reports say of metrics: stated, zero, or absent (said in words to be none). Raises BadCursorError."""
    table = schema.coverage
    conditions = [] if metric is None else [or_(*[contains(table.c[name], f" {metric} ") for name in STATES])]
    statement = _with_report(table).where(*conditions)

    def find(window: Sequence[int], after: int, key: Any, fill: int) -> Iterator[dict[str, Any]]:
        rows = statement.where(table.c.report.in_(window), table.c.report >= after).order_by(table.c.report)
        spread = (one for row in dicts(connection, rows) for one in _spread(row, metric, state))
        return islice((one for one in spread if _follows(one, after, key)), fill)

    def _follows(one: Mapping[str, Any], after: int, key: Any) -> bool:
        return bool(one["report"] > after or (key is not None and one["metric"] > key))

    return list_by_report(connection, Children(find, "metric", str, _child_row), wanted, report, limit, cursor)


#: What a report may say of a metric: the columns of the table of coverage.
STATES = ("stated", "zero", "absent")


def _spread(row: Mapping[str, Any], metric: str | None, state: str | None) -> Iterator[dict[str, Any]]:
    """A row of the table of coverage as one row a metric, in the order of the metrics."""
    beside = {name: value for name, value in row.items() if name not in STATES}
    found = {one: of for of in STATES if state in {None, of} for one in row[of].split()}
    for one in sorted(found):
        if metric in {None, one}:
            yield {"report": row["report"], "metric": one, "state": found[one], **beside}


def _with_report(table: Table) -> Select[Any]:
    # A section's level is the form of its marker; the report's is that of its issuer.
    own = [column.label("level_of_marker") if column.key == "level" else column for column in table.columns]
    return select(*own, *[reports.c[name] for name in _REPORT_COLUMNS]).join(
        reports, reports.c.number == table.c.report
    )


def _facts_by_metric(connection: Connection, wanted: FactFilter, limit: int, cursor: str | None) -> Page:
    metric, report, position = last = read_cursor(cursor, str, int, int) if cursor else ("", -1, -1)
    rows: list[dict[str, Any]] = []
    walked = 0
    while walked < MAX_WALKED_FACTS:
        key = facts.c.metric, facts.c.report, facts.c.position
        window = (
            select(*key)
            .where(*wanted.metric_conditions(), tuple_(*key) > tuple_(metric, report, position))
            .order_by(*key)
            .limit(_FACTS_WINDOW)
        )
        ends = connection.execute(window).all()
        if ends:
            low, high = ends[0], ends[-1]
            statement = (
                _fact_select()
                .where(*wanted.metric_conditions(), *wanted.conditions())
                .where(tuple_(*key) >= tuple_(*low), tuple_(*key) <= tuple_(*high))
                .order_by(*key)
                .limit(limit + 1 - len(rows))
            )
            for row in dicts(connection, statement):
                if len(rows) == limit:
                    return Page(rows, write_cursor(*last))
                rows.append(fact_row(row))
                last = row["metric"], row["report"], row["position"]
        if len(ends) < _FACTS_WINDOW:
            return Page(rows, None)
        walked += len(ends)
        metric, report, position = last = tuple(ends[-1])
    return Page(rows, write_cursor(metric, report, position))


def all_facts(connection: Connection, wanted: FactFilter, *, page: int = 1_000) -> Iterator[dict[str, Any]]:
    """Every fact that is asked for; memory stays at one page."""
    cursor: str | None = None
    while True:
        found = list_facts(connection, wanted, limit=page, cursor=cursor)
        yield from found.rows
        cursor = found.cursor
        if cursor is None:
            return


def fact_id(report_id: str, raw_start: int, raw_end: int, twin: int) -> str:
    """The name of a fact: its report and the place of its number in the page; it outlives `rerun`."""
    return f"{report_id}.{raw_start}-{raw_end}" + (f".{twin}" if twin else "")


def fact_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A fact with its report, flat, by the names of the data dictionary."""
    fields = {name: value for name, value in row.items() if name not in {"report", "position"}}
    fields["machine"] = orjson.loads(fields["machine"]) if fields["machine"] else {}
    return {"fact_id": fact_id(row["report_id"], row["raw_start"], row["raw_end"], row["twin"])} | fields


def _child_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "report"}


def _check_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return _child_row(row) | {"facts": orjson.loads(row["facts"])}
