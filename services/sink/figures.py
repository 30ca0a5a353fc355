"""Figures over many reports: what a metric looks like, where it is stated, and how places compare."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from services.sink import bulk, census, schema
from services.sink.filters import ReportFilter, contains, is_code
from services.sink.queries import STATES, fact_id
from services.sink.series import comparison, distribution

#: Cells of one comparison, and reports it may read.
MAX_CELLS = 20_000
MAX_COMPARED_REPORTS = 20_000
DEFAULT_YEARS = 10
MAX_YEARS = 50
#: The latest facts of a metric that its figures are made of: a quartile of 5,000 values is off by half a percent of the
#: ranks, and 20,000 took 0.9 s with 6,000,000 facts.
MAX_SAMPLE = 5_000


class TooMuchError(ValueError):
    """The question would cost more than an answer may; it says how to narrow it."""


def list_metrics(connection: Connection, domain: str | None = None) -> list[dict[str, Any]]:
    """The catalogue, in its order."""
    table = schema.catalogue
    statement = select(table).order_by(table.c.position)
    if domain is not None:
        statement = select(table).where(table.c.domain == domain).order_by(table.c.position)
    return [{name: value for name, value in row.items() if name != "position"}
            for row in connection.execute(statement).mappings()]  # fmt: skip


def read_metric(connection: Connection, metric: str) -> dict[str, Any] | None:
    """What a metric counts, and its figures by year: actual levels, the latest MAX_SAMPLE facts. None where neither the
    catalogue nor a fact knows it.
    """
    table = schema.facts
    known = connection.execute(select(schema.catalogue).where(schema.catalogue.c.metric == metric)).mappings().first()
    # All of this stands in the index: a look at each fact and its report would cost twenty times as much.
    rows = connection.execute(
        select(table.c.year, table.c.unit, table.c.figure)
        .where(table.c.metric == metric)
        .order_by(table.c.metric.desc(), table.c.report.desc(), table.c.position.desc())
        .limit(MAX_SAMPLE)
    ).all()
    if known is None and not rows:
        return None
    by_year: dict[tuple[int | None, str | None], list[float]] = defaultdict(list)
    for year, unit, figure in rows:
        if figure is not None:
            by_year[year, unit].append(figure)
    figures = [
        {"report_year": year, "unit": unit, **distribution(values)}
        for (year, unit), values in sorted(by_year.items(), key=lambda pair: (pair[0][0] or 0, pair[0][1] or ""))
    ]
    head = {"metric": metric} if known is None else {name: known[name] for name in known if name != "position"}
    return {**head, "facts": len(rows), "sampled": len(rows) == MAX_SAMPLE, "years": figures}


def coverage_by_year(connection: Connection, metric: str, wanted: ReportFilter) -> list[dict[str, Any]]:
    """For each report year: in how many reports the metric is stated, zero, absent in words, or not mentioned.

    Of all reports and those of a province this is counted beforehand; those of smaller places are counted here.
    """
    counts: dict[int | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    scope, rest = _counted_scope(wanted)
    if scope is not None:
        counts |= census.by_year(connection, scope, metric, wanted.takes)
    if rest is not None:
        for year, *numbers in _count_coverage(connection, metric, rest):
            counts[year] = [one + other for one, other in zip(counts[year], numbers, strict=True)]
    return [
        {
            "report_year": year, "reports": reports, "stated": stated, "zero": zero, "absent": absent,
            "not_mentioned": reports - stated - zero - absent,
        }
        for year, (reports, stated, zero, absent) in sorted(counts.items(), key=lambda pair: pair[0] or 0)
    ]  # fmt: skip


def _counted_scope(wanted: ReportFilter) -> tuple[str | None, list[ColumnElement[bool]] | None]:
    """The scope of the census that answers, and conditions on reports that must be counted one by one beside it."""
    if replace(wanted, place=None, year_from=None, year_to=None, level=None, genre=None).is_empty:
        place, reports = wanted.place, schema.reports.c
        if place is None:
            return census.ALL, None
        if wanted.descendants and is_code(place) and place.endswith("0000"):
            return census.code_scope(place[:2]), None
        if wanted.descendants and not is_code(place) and "~" not in place:
            # The name of a province, or of a smaller place.
            smaller = or_(reports.county == place, reports.city == place)
            elsewhere = or_(reports.province.is_(None), reports.province != place)
            return census.name_scope(place), [smaller, elsewhere, *replace(wanted, place=None).conditions()]
    return None, wanted.conditions()


def _count_coverage(
    connection: Connection, metric: str, conditions: Sequence[ColumnElement[bool]]
) -> Iterable[Sequence[Any]]:
    """Year, reports, and those that say each of `queries.STATES` of the metric."""
    table, reports = schema.coverage, schema.reports
    said = [func.sum(case((contains(table.c[state], f" {metric} "), 1), else_=0)) for state in STATES]
    return connection.execute(
        select(reports.c.report_year, func.count(), *said)
        .join(table, table.c.report == reports.c.number)
        .where(*conditions)
        .group_by(reports.c.report_year)
    ).all()


# ── comparison ───────────────────────────────────────────────────────────────────────────────────────────────────────


def years_of(connection: Connection, wanted: ReportFilter) -> range:
    """The years asked for; what is left open ends at the last year with a report and spans at most ten."""
    year = schema.reports.c.report_year
    last = wanted.year_to
    if last is None:
        last = connection.execute(select(func.max(year))).scalar_one()
    if last is None:  # no report, or none with a year
        return range(0)
    first = wanted.year_from if wanted.year_from is not None else last - DEFAULT_YEARS + 1
    if first > last or last - first >= MAX_YEARS:
        raise TooMuchError(f"years {first} to {last}: ask for at least one and at most {MAX_YEARS}")
    return range(first, last + 1)


def compare_bodies(
    connection: Connection, metrics: Sequence[str], wanted: ReportFilter, years: range, places: Sequence[str] = ()
) -> dict[str, Any]:
    """Metric × body × year; `places` name single places, else the filter decides which bodies there are.

    Raises TooMuchError.
    """
    reports = schema.reports
    # Reports of which nobody knows whose they are belong to no series.
    known = reports.c.body != ""
    conditions = [*wanted.conditions(), known, reports.c.report_year.between(years.start, years.stop - 1)]
    if places:
        conditions.append(or_(reports.c.place.in_(places), reports.c.county.in_(places),
                              and_(reports.c.city.in_(places), reports.c.county.is_(None)),
                              and_(reports.c.province.in_(places), reports.c.city.is_(None))))  # fmt: skip
    columns = [reports.c[name] for name in
               ("number", "report_id", "body", "place", "province", "city", "county", "issuer", "level", "report_year")]  # fmt: skip
    rows = connection.execute(
        select(*columns).where(*conditions).order_by(reports.c.number).limit(MAX_COMPARED_REPORTS + 1)
    ).mappings().all()  # fmt: skip
    bodies = {row["body"]: _body(dict(row)) for row in rows}
    _tell_apart(bodies)
    cells = len(bodies) * len(years) * len(metrics)
    if len(rows) > MAX_COMPARED_REPORTS or cells > MAX_CELLS:
        raise TooMuchError(
            f"{len(rows)} reports and {cells} cells; at most {MAX_COMPARED_REPORTS} and {MAX_CELLS}: ask for fewer "
            "places, years or metrics, or for one level"
        )
    facts, absences = _compared(connection, metrics, {row["number"]: row["report_id"] for row in rows})
    matrix = comparison(metrics, list(bodies.values()), list(years), [dict(row) for row in rows], facts, absences)
    return {"years": list(years), "metrics": matrix}


def comparison_rows(compared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A comparison as one row a cell; a cell that is not stated has fewer columns."""
    return [
        {"metric": one["metric"], **{name: row[name] for name in ("place", "name", "level")}, **cell}
        for one in compared["metrics"]
        for row in one["rows"]
        for cell in row["cells"]
    ]


def _tell_apart(bodies: Mapping[str, dict[str, Any]]) -> None:
    """Give bodies of one name the place that each lies in beside it: counties of one name are not rare."""
    named = Counter(body["name"] for body in bodies.values())
    for body in bodies.values():
        within = body.pop("within")
        if named[body["name"]] > 1 and within:
            body["name"] = f"{body['name']}（{within}）"


def _body(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["county"] or row["city"] or row["province"] or row["issuer"]
    if row["level"] in {"department", "township"}:
        name = row["issuer"] or name
    within = next((part for part in (row["city"], row["province"]) if part and part != name), None)
    return {"body": row["body"], "place": row["place"], "name": name, "level": row["level"], "within": within}


def _compared(
    connection: Connection, metrics: Sequence[str], reports: Mapping[int, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    table, covered = schema.facts, schema.coverage
    facts: list[dict[str, Any]] = []
    absences: list[dict[str, Any]] = []
    wanted = [table.c[name] for name in (
        "report", "metric", "value", "value_to", "unit", "qualifier", "modality", "change", "scope", "period",
        "confidence", "quote", "raw_start", "raw_end", "twin",
    )]  # fmt: skip
    in_force = or_(table.c.review.is_(None), table.c.review != "rejected")
    for chunk in bulk.chunks(reports, 1_000):
        statement = select(*wanted).where(
            table.c.report.in_(chunk), table.c.metric.in_(metrics), table.c.modality == "actual", in_force
        )
        for row in connection.execute(statement).mappings():
            report_id = reports[row["report"]]
            name = fact_id(report_id, row["raw_start"], row["raw_end"], row["twin"])
            facts.append({**row, "report_id": report_id, "fact_id": name})
        said = select(covered.c.report, covered.c.absent).where(covered.c.report.in_(chunk), covered.c.absent != "")
        for number, absent in connection.execute(said):
            known = set(absent.split())
            absences += [{"report_id": reports[number], "metric": metric} for metric in metrics if metric in known]
    return facts, absences
