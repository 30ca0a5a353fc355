"""What the pages ask beside the API's questions: rankings, plots, and the state of the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection, func, select

from services.sink import schema
from services.sink.figures import compare_bodies
from services.sink.filters import ReportFilter
from services.sink.settings import ApiSettings
from services.sink.web.plots import MAX_LINES, Point, histogram, lines
from shared.books import Books, read_books
from shared.server import connect as connect_server

#: Rows of a ranking on one page.
MAX_RANKED = 200
#: A line needs two points.
_LEAST_DRAWN = 2
#: Fewer values than these are read faster in the ranking than in a plot.
_LEAST_DISTRIBUTED = 4
#: Reports that the catalogue page counts in: enough for a share, few enough to count at each look.
_LATEST = 1_000
#: Places offered while typing.
_MAX_OFFERED = 300
#: Reports whose places are offered: the whole table would cost more with each report.
_LATEST_PLACES = 3_000
#: The page waits this long for the broker, then shows that it is away.
_REDIS_SECONDS = 2


def places_with_reports(connection: Connection) -> list[str]:
    """Names of places that reports speak of, those with most of them first, for the list that a field offers."""
    columns = schema.reports.c
    name = func.coalesce(columns.county, columns.city, columns.province)
    latest = select(name.label("name")).order_by(columns.number.desc()).limit(_LATEST_PLACES).subquery()
    found = connection.execute(
        select(latest.c.name)
        .where(latest.c.name.is_not(None))
        .group_by(latest.c.name)
        .order_by(func.count().desc(), latest.c.name)
        .limit(_MAX_OFFERED)
    )
    return list(found.scalars())


def reports_by_metric(connection: Connection) -> dict[str, int]:
    """Metric → how many of the latest _LATEST reports state it; the cost does not grow with the database."""
    table, numbers = schema.coverage, schema.reports.c.number
    latest = connection.execute(select(numbers).order_by(numbers.desc()).limit(_LATEST)).scalars().all()
    if not latest:
        return {}
    rows = connection.execute(select(table.c.stated, table.c.zero).where(table.c.report >= latest[-1]))
    return Counter(metric for row in rows for metrics in row for metric in metrics.split())


def ranking(connection: Connection, metric: str, year: int, wanted: ReportFilter) -> list[dict[str, Any]]:
    """Bodies that state the metric in `year`, the highest first, each with its words. Raises TooMuchError."""
    compared = compare_bodies(connection, [metric], wanted, range(year, year + 1))
    rows = [
        {**{name: row[name] for name in ("name", "place", "level", "body")}, **row["cells"][0]}
        for row in compared["metrics"][0]["rows"]
        if row["cells"][0]["state"] == "stated"
    ]
    return sorted(rows, key=lambda row: (str(row["unit"]), row["rank"], str(row["name"])))


def metric_plots(  # noqa: PLR0913, PLR0917 - what the page was asked, one by one
    connection: Connection,
    metric: str,
    ranked: Sequence[Mapping[str, Any]],
    years: Sequence[int],
    wanted: ReportFilter,
    words: Mapping[str, str],
) -> dict[str, str]:
    """SVG by name: the distribution of the ranked values, and the time line of the first places."""
    if not ranked:
        return {}
    drawn: dict[str, str] = {}
    if len(ranked) >= _LEAST_DISTRIBUTED:
        drawn["distribution"] = histogram(words["distribution"], [row["value"] for row in ranked])
    places = [str(row["place"]) for row in ranked[:MAX_LINES] if row["place"]]
    if places and len(years) > 1:
        span = range(max(years[0], years[-1] - 14), years[-1] + 1)
        compared = compare_bodies(connection, [metric], wanted, span, places)
        drawn["time_line"] = comparison_plot(words["time_line"], list(span), compared["metrics"][0]["rows"])
    return drawn


def leave_out_empty_years(compared: dict[str, Any]) -> None:
    """Take out the years in which none of the compared bodies has a report."""
    reported = [
        any(row["cells"][at]["state"] != "no_report" for one in compared["metrics"] for row in one["rows"])
        for at in range(len(compared["years"]))
    ]
    compared["years"] = [year for year, kept in zip(compared["years"], reported, strict=True) if kept]
    for one in compared["metrics"]:
        for row in one["rows"]:
            row["cells"] = [cell for cell, kept in zip(row["cells"], reported, strict=True) if kept]


def comparison_plot(title: str, years: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> str:
    """One line a body, over all years from the first to the last that is stated; one that is not leaves a gap. "" where
    no body states two: there is no line.
    """
    series = {}
    for row in rows:
        points = [Point(cell["value"], fact_link(cell)) if cell["state"] == "stated" else None for cell in row["cells"]]
        if any(points):
            series[str(row["name"] or row["body"])] = points
    stated = [at for at in range(len(years)) if any(points[at] for points in series.values())]
    if not any(sum(map(bool, points)) >= _LEAST_DRAWN for points in series.values()):
        return ""
    first, last = stated[0], stated[-1] + 1
    return lines(title, years[first:last], {name: points[first:last] for name, points in series.items()})


def fact_link(cell: Mapping[str, Any]) -> str:
    """The address of the words behind a figure."""
    return f"/go/{cell['fact_id']}"


# ── pipeline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def broker_books(settings: ApiSettings) -> Books | None:
    """The books, or None without a broker that answers."""
    try:
        with connect_server(settings.redis(), _REDIS_SECONDS) as server:
            return read_books(server, settings.shard)
    except (ValueError, OSError, RedisError):
        return None


def recent_outcomes(connection: Connection) -> dict[str, dict[str, int]]:
    """Outcome → entries recorded within the last minute, hour and day."""
    table = schema.entries
    now = datetime.now(UTC)
    found: dict[str, dict[str, int]] = {"stored": {}, "dead": {}}
    for name, span in (("minute", 60), ("hour", 3600), ("day", 86400)):
        since = now - timedelta(seconds=span)
        rows = connection.execute(
            select(table.c.outcome, func.count()).where(table.c.recorded_at >= since).group_by(table.c.outcome)
        )
        counts = {outcome: int(count) for outcome, count in rows}
        for outcome, spans in found.items():
            spans[name] = counts.get(outcome, 0)
    return found


def dead_by_cause(connection: Connection) -> list[dict[str, Any]]:
    """Dead letters in the database by stage and reason, the most frequent first, each with its latest."""
    table = schema.dead_letters
    rows = connection.execute(
        select(table.c.stage, table.c.reason, func.count().label("count"), func.max(table.c.number).label("latest"))
        .group_by(table.c.stage, table.c.reason)
        .order_by(func.count().desc())
    ).mappings()
    groups = [dict(row) for row in rows]
    for group in groups:
        latest = connection.execute(
            select(table.c.entry, table.c.detail, table.c.died_at, table.c.url, table.c.name).where(
                table.c.number == group["latest"]
            )
        ).mappings().one()  # fmt: skip
        group.update(entry=latest["entry"], detail=latest["detail"], died_at=latest["died_at"].isoformat(),
                     from_where=latest["url"] or latest["name"])  # fmt: skip
    return groups
