"""Metrics, places, the comparison, coverage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.sink import figures, gazetteer, queries
from services.sink.answers import Problem, json_answer, list_answer, not_found
from services.sink.headers import HEADERS
from services.sink.routes.common import (
    DEFAULT,
    READ,
    Cursor,
    Format,
    Limit,
    Metric,
    Reading,
    Reports,
    Word,
    known_metrics,
    listed,
    problems,
    wants_csv,
)

router = APIRouter(tags=["figures"], dependencies=READ)
_LIST = listed(401, 422)


@router.get("/metrics", responses=_LIST)
def metrics(
    request: Request, connection: Reading,
    domain: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z_]+$")] = None, form: Format = None,
) -> Response:  # fmt: skip
    """The metric catalogue."""
    known_metrics(connection, (), domain)
    rows = figures.list_metrics(connection, domain)
    return list_answer(request, "metrics", rows, None, as_csv=wants_csv(request, form), header=HEADERS["metrics"])


@router.get("/metrics/{metric}", responses=problems(401, 404, 422))
def metric(
    request: Request, connection: Reading, metric: Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9_.]+$")]
) -> Response:
    """One metric: its definition, and by report year and unit how its levels are distributed."""
    found = figures.read_metric(connection, metric)
    if found is None:
        raise not_found("metric")
    return json_answer(request, found)


@router.get("/places", responses=_LIST)
def places(
    request: Request, connection: Reading, parent: Word = None, name: Word = None, text: Word = None,
    limit: Limit = DEFAULT, cursor: Cursor = None, form: Format = None,
) -> Response:  # fmt: skip
    """Places by key: the children of `parent`, those of that `name`, or all; or at most `limit` of those whose name
    holds `text`.
    """
    if text and (parent or name or cursor):
        raise Problem(422, "`text` stands by itself: ask without parent, name and cursor")
    if text:
        rows = gazetteer.search_places(connection, text, limit)
        return list_answer(request, "places", rows, None, as_csv=wants_csv(request, form), header=HEADERS["places"])
    page = gazetteer.list_places(connection, parent=parent, name=name, limit=limit, cursor=cursor)
    return list_answer(
        request, "places", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["places"]
    )


@router.get("/places/{place}", responses=problems(401, 404, 422))
def place(
    request: Request, connection: Reading, place: Annotated[str, Path(max_length=300, pattern=r"^[^\u0000]+$")]
) -> Response:
    """One place: what it lies in, and its latest 500 reports; `/reports?place=` lists all, with what lies in it."""
    found = gazetteer.read_place(connection, place)
    if found is None:
        raise not_found("place")
    return json_answer(request, found)


@router.get("/compare", responses=_LIST)
def compare(
    request: Request,
    connection: Reading,
    wanted: Reports,
    metric: Annotated[list[Metric], Query(min_length=1, max_length=20, description="May be repeated.")],
    places: Annotated[
        list[Annotated[str, Query(max_length=100, pattern=r"^[^\u0000]*$")]],
        Query(max_length=200, description="Single places by key or name; may be repeated."),
    ] = [],  # noqa: B006 - FastAPI copies it
    form: Format = None,
) -> Response:
    """Metrics × bodies × years as a matrix, with ranks and changes. A cell without a figure says why: `absent` (said in
    words to be none), `not_stated`, `no_report`; it is never 0. Years: `year_from` to `year_to`, without them the last
    ten years that have reports.
    """
    known_metrics(connection, metric)
    years = figures.years_of(connection, wanted)
    found = figures.compare_bodies(connection, metric, wanted, years, places)
    if wants_csv(request, form):
        return list_answer(request, "cells", figures.comparison_rows(found), None, as_csv=True, header=HEADERS["cells"])
    return json_answer(request, found)


@router.get("/coverage", responses=_LIST)
def coverage(request: Request, connection: Reading, wanted: Reports, metric: Metric, form: Format = None) -> Response:
    """By report year: in how many reports a metric is stated, zero, absent in words, or not mentioned."""
    known_metrics(connection, (metric,))
    rows = figures.coverage_by_year(connection, metric, wanted)
    return list_answer(
        request, "coverage", rows, None, as_csv=wants_csv(request, form), header=HEADERS["coverage_by_year"]
    )


@router.get("/coverage/reports", responses=_LIST)
def coverage_reports(
    request: Request, connection: Reading, wanted: Reports,
    metric: Annotated[str | None, Query(max_length=80, pattern=r"^[a-z0-9_.]+$")] = None,
    state: Annotated[str | None, Query(pattern=r"^(stated|zero|absent)$")] = None,
    limit: Limit = DEFAULT, cursor: Cursor = None, form: Format = None,
) -> Response:  # fmt: skip
    """What single reports say of metrics."""
    known_metrics(connection, (metric,))
    page = queries.list_coverage(connection, wanted, limit=limit, cursor=cursor, metric=metric, state=state)
    return list_answer(
        request, "coverage", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["coverage"]
    )
