"""Parameters that many addresses share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, get_origin

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy import Connection

from services.sink.access import may_read
from services.sink.answers import PROBLEM
from services.sink.filters import DEFAULT_PAGE, MAX_CURSOR, MAX_PAGE, MAX_TEXT, FactFilter, ReportFilter
from services.sink.wanted_metrics import why_unknown
from shared.events import Genre, Level


class ProblemBody(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an address, for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {status: {"model": ProblemBody, "content": {PROBLEM: {"schema": schema}}} for status in (*statuses, 503)}


def listed(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a list: JSON or CSV, and the errors."""
    return {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(*statuses)}


def connection(request: Request) -> Iterator[Connection]:
    """A connection for one request; nothing is written over it."""
    with request.app.state.engine.connect().execution_options(reading=True) as opened:
        yield opened


def known_parameters(request: Request) -> None:
    """Refuse a parameter that the address does not take, and one that is given twice where one value counts: a filter
    with a slip in its name would be no filter at all, and the first of two would be none.

    Raises RequestValidationError.
    """
    taken = _parameters(request.scope["route"].dependant)
    given = Counter(name for name, _ in request.query_params.multi_items())
    known = f"it takes {', '.join(sorted(taken))}" if taken else "it takes none"
    faults = [
        {"loc": ("query", name), "msg": f"no such parameter; {known}" if name not in taken else "give it once"}
        for name, times in given.items()
        if name not in taken or (times > 1 and not taken[name])
    ]
    if faults:
        raise RequestValidationError(faults)


def _parameters(of: Dependant) -> dict[str, bool]:
    """Name → whether it may be repeated."""
    own = {field.alias: get_origin(field.field_info.annotation) is list for field in of.query_params}
    for one in of.dependencies:
        own |= _parameters(one)
    return own


def known_metrics(connection: Connection, metrics: Sequence[str | None], domain: str | None = None) -> None:
    """Refuse a metric or a domain that there is not: "not stated" would be no answer.

    Raises RequestValidationError.
    """
    why = why_unknown(connection, FactFilter(metrics=[one for one in metrics if one is not None], domain=domain))
    if why is not None:
        raise RequestValidationError([{"loc": ("query", "metric" if "metric" in why else "domain"), "msg": why}])


Reading = Annotated[Connection, Depends(connection)]
READ = [Depends(may_read)]

# Text goes to the database as it is: PostgreSQL refuses NUL, and no name holds one.
_NO_NUL = r"^[^\u0000]*$"
Word = Annotated[str | None, Query(max_length=MAX_TEXT, pattern=_NO_NUL)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Rows at most.")]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR, description="From the page before.")]
Format = Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Goes before the header Accept.")]
Year = Annotated[int | None, Query(ge=1978, le=2100, description="Report year.")]
DEFAULT = DEFAULT_PAGE


def wants_csv(request: Request, form: str | None) -> bool:
    """Whether the answer is to be CSV."""
    if form is not None:
        return form == "csv"
    return "text/csv" in request.headers.get("accept", "")


def report_filter(
    place: Annotated[Word, Query(description="Code, key or name of a place.")] = None,
    descendants: Annotated[bool, Query(description="What lies in the place, too.")] = True,
    year_from: Year = None,
    year_to: Year = None,
    level: Level | None = None,
    genre: Genre | None = None,
) -> ReportFilter:
    """Which reports, as every list takes it. Raises RequestValidationError."""
    return replace(filter_by_years(year_from, year_to), place=place, descendants=descendants, level=level, genre=genre)


def filter_by_years(first: int | None, last: int | None) -> ReportFilter:
    """Reports of these years. Raises RequestValidationError where they end before they begin."""
    if first is not None and last is not None and last < first:
        raise RequestValidationError([{"loc": ("query", "year_to"), "msg": f"it is before year_from, {first}"}])
    return ReportFilter(year_from=first, year_to=last)


Metric = Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9_.]+$")]
Reports = Annotated[ReportFilter, Depends(report_filter)]
