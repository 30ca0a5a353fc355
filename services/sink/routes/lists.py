"""Reports, sections, facts, checks, coverage: lists and single things."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from services.sink import lookups, queries
from services.sink.answers import json_answer, list_answer, not_found
from services.sink.diff import diff_readings
from services.sink.exports import flat_report
from services.sink.filters import MAX_TEXT, FactFilter, ReportFilter
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

router = APIRouter(tags=["reports and facts"], dependencies=READ)
#: Ids are made by this project: words of letters, digits and a few marks.
ReportId = Annotated[str, Path(max_length=128, pattern=r"^[0-9A-Za-z_-]+$")]
FactId = Annotated[str, Path(max_length=160, pattern=r"^[0-9A-Za-z_.-]+$")]
_LIST = listed(401, 422)


@router.get("/reports", responses=_LIST)
def reports(
    request: Request, connection: Reading, wanted: Reports, text: Word = None, version: Word = None,
    failed_checks: bool | None = None, limit: Limit = DEFAULT, cursor: Cursor = None, form: Format = None,
) -> Response:  # fmt: skip
    """Reports, the latest stored first. `text`: words of title or issuer."""
    asked = replace(wanted, title=text, version=version, failed_checks=failed_checks)
    page = queries.list_reports(connection, asked, limit=limit, cursor=cursor)
    as_csv = wants_csv(request, form)
    rows = [flat_report(row) for row in page.rows] if as_csv else page.rows
    return list_answer(request, "reports", rows, page.cursor, as_csv=as_csv, header=HEADERS["reports"])


@router.get("/reports/{report_id}", responses=problems(401, 404, 422))
def report(request: Request, connection: Reading, report_id: ReportId, version: Word = None) -> Response:
    """One report in the shape of `fazhi extract`, with sources, revisions, versions and reviews beside.

    The id of any of its revisions leads to it. `version`: as an earlier version of the code read it.
    """
    found = lookups.read_report(connection, report_id, version)
    if found is None:
        raise not_found("report, or it was never read by that version")
    return json_answer(request, found)


@router.get("/reports/{report_id}/source", responses=problems(401, 404, 422))
def source(request: Request, connection: Reading, report_id: ReportId) -> Response:
    """The page as crawled, decoded, and the runs of the alignment that lead from the text to it. It is data: whoever
    shows it must escape it.
    """
    found = lookups.read_source(connection, report_id)
    if found is None:
        raise not_found("report")
    return json_answer(request, found)


@router.get("/reports/{report_id}/sections", responses=listed(401, 404, 422))
def report_sections(
    request: Request, connection: Reading, report_id: ReportId, limit: Limit = DEFAULT, cursor: Cursor = None,
    form: Format = None,
) -> Response:  # fmt: skip
    """The section tree of one report, in order."""
    page = queries.list_sections(
        connection, ReportFilter(), limit=limit, cursor=cursor, report=_number(connection, report_id)
    )
    return list_answer(
        request, "sections", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["sections"]
    )


@router.get("/reports/{report_id}/facts", responses=listed(401, 404, 422))
def report_facts(
    request: Request, connection: Reading, report_id: ReportId, limit: Limit = DEFAULT, cursor: Cursor = None,
    form: Format = None,
) -> Response:  # fmt: skip
    """All facts of one report, rejected ones included, in text order."""
    wanted = FactFilter(report=_number(connection, report_id), review="all")
    page = queries.list_facts(connection, wanted, limit=limit, cursor=cursor)
    return list_answer(
        request, "facts", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["facts"]
    )


@router.get("/reports/{report_id}/diff", responses=problems(401, 404, 422))
def report_diff(
    request: Request, connection: Reading, report_id: ReportId,
    before: Annotated[str, Query(alias="from", max_length=MAX_TEXT)],
    after: Annotated[str | None, Query(alias="to", max_length=MAX_TEXT)] = None,
) -> Response:  # fmt: skip
    """Facts gained, lost and changed between two versions of the code; `to`: the current one."""
    old, new = (lookups.read_report(connection, report_id, version) for version in (before, after))
    if old is None or new is None:
        raise not_found("report, or it was not read by both versions")
    return json_answer(request, {"from": old["version"], "to": new["version"], **diff_readings(old, new).as_json()})


@router.get("/facts", responses=_LIST)
def facts(
    request: Request,
    connection: Reading,
    wanted: Reports,
    metric: Annotated[list[Metric], Query(max_length=20, description="May be repeated.")] = [],  # noqa: B006 - FastAPI copies it
    domain: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z_]+$")] = None,
    modality: Literal["actual", "target", "baseline"] | None = None,
    quantity: Literal["count", "rate", "money", "area", "length", "duration", "concentration", "rank", "score", "other"]
    | None = None,
    check: Annotated[Literal["holds", "broken", "none"] | None, Query(description="What checks say of it.")] = None,
    review: Literal["in_force", "all", "none", "confirmed", "corrected", "rejected"] = "in_force",
    text: Word = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
    form: Format = None,
) -> Response:
    """Facts with their reports. `text`: words of subject or quote. Values are those in force after review; `machine`
    holds what the machine said where they differ.
    """
    known_metrics(connection, metric, domain)
    asked = FactFilter(
        reports=wanted, metrics=metric, domain=domain, modality=modality, quantity=quantity, check=check, text=text,
        review=review,
    )  # fmt: skip
    page = queries.list_facts(connection, asked, limit=limit, cursor=cursor)
    return list_answer(
        request, "facts", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["facts"]
    )


@router.get("/facts/{fact_id}", responses=problems(401, 404, 422))
def fact(request: Request, connection: Reading, fact_id: FactId) -> Response:
    """One fact with its report."""
    found = lookups.find_fact(connection, fact_id)
    if found is None:
        raise not_found("fact")
    return json_answer(request, {name: value for name, value in found.items() if not name.startswith("_")})


@router.get("/sections", responses=_LIST)
def sections(
    request: Request, connection: Reading, wanted: Reports, text: Word = None,
    kind: Literal["preamble", "achievements", "problems", "plan", "other"] | None = None,
    limit: Limit = DEFAULT, cursor: Cursor = None, form: Format = None,
) -> Response:  # fmt: skip
    """Sections with their reports. `text`: words of the heading."""
    page = queries.list_sections(connection, wanted, limit=limit, cursor=cursor, kind=kind, text=text)
    return list_answer(
        request, "sections", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["sections"]
    )


@router.get("/checks", responses=_LIST)
def checks(
    request: Request, connection: Reading, wanted: Reports, holds: bool | None = None,
    metric: Annotated[str | None, Query(max_length=80, pattern=r"^[a-z0-9_.]+$")] = None,
    limit: Limit = DEFAULT, cursor: Cursor = None, form: Format = None,
) -> Response:  # fmt: skip
    """Arithmetic checks with their reports. A check that does not hold is a flag to look at, not an error."""
    known_metrics(connection, (metric,))
    page = queries.list_checks(connection, wanted, limit=limit, cursor=cursor, holds=holds, metric=metric)
    return list_answer(
        request, "checks", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["checks"]
    )


def _number(connection: Any, report_id: str) -> int:
    row = lookups.find_report(connection, report_id)
    if row is None:
        raise not_found("report")
    return int(row["number"])
