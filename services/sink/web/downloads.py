"""Tables as files for people: what a page shows, whole, as CSV that a spreadsheet opens with its words intact."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from threading import BoundedSemaphore
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from services.sink.answers import Problem, csv_text
from services.sink.exports import Export, stream_csv
from services.sink.figures import compare_bodies, comparison_rows, years_of
from services.sink.filters import FactFilter
from services.sink.headers import HEADERS
from services.sink.lookups import find_report
from services.sink.routes.common import Reading, known_metrics
from services.sink.web.shell import (
    GENRE,
    LEVEL,
    METRIC,
    METRICS,
    PLACES,
    STATE,
    WORDS,
    YEAR,
    closed,
    places_in,
    report_filter,
)

router = APIRouter(include_in_schema=False)
#: Downloads at a time. Each walks the database as long as it takes; the connections are for the pages.
MAX_DOWNLOADS = 2
#: Without it a spreadsheet reads UTF-8 as whatever its country used before.
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_running = BoundedSemaphore(MAX_DOWNLOADS)


@router.get("/download/comparison.csv")
def comparison(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    places: PLACES = "",
    metric: METRICS = [],  # noqa: B006 - FastAPI copies it
    place: WORDS = "",
    level: LEVEL = "",
    year_from: YEAR = "",
    year_to: YEAR = "",
) -> Response:
    """The cells of a comparison, one a line; without `places` those of all bodies that the filters let through.

    Raises TooMuchError.
    """
    if gate := closed(request):
        return gate
    known_metrics(connection, metric)
    wanted = report_filter(place=place, level=level, year_from=year_from, year_to=year_to)
    found = compare_bodies(connection, metric, wanted, years_of(connection, wanted), places_in(places))
    return Response(
        (_MARK + csv_text(comparison_rows(found), HEADERS["cells"])).encode(), headers=_as_file("comparison")
    )


@router.get("/download/{table}.csv")
def table(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    table: Literal["facts", "reports"],
    q: WORDS = "",
    place: WORDS = "",
    year_from: YEAR = "",
    year_to: YEAR = "",
    level: LEVEL = "",
    genre: GENRE = "",
    state: STATE = "",
    metric: METRIC = "",
    report: WORDS = "",
) -> Response:
    """All rows of a table that the filters of the page let through; `report`: the facts of one, rejected ones too."""
    if gate := closed(request):
        return gate
    number = None
    if report:
        row = find_report(connection, report)
        if row is None:
            raise Problem(404, "there is no such report")
        number = row["number"]
    known_metrics(connection, [metric or None])
    reports = report_filter(
        place=place, year_from=year_from, year_to=year_to, level=level, genre=genre, state=state, words=q
    )
    wanted = FactFilter(
        reports=reports, report=number, metrics=(metric,) if metric else (), review="all" if report else "in_force"
    )
    parts = _streamed(request, Export(wanted, table))
    # It begins here: what cannot begin is an error of its own, and what has begun lets go when it is thrown away.
    return StreamingResponse(chain((next(parts),), parts), headers=_as_file(table))


def _streamed(request: Request, export: Export) -> Iterator[bytes]:
    """Raises Problem(503) where as many downloads run as may."""
    if not _running.acquire(blocking=False):
        raise Problem(503, "other downloads are running; try again in a moment", headers={"Retry-After": "10"})
    try:
        with request.app.state.engine.connect().execution_options(reading=True) as connection:
            yield _MARK.encode()
            yield from stream_csv(connection, export)
    finally:
        _running.release()


def _as_file(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="fazhi-{name}.csv"',
    }
