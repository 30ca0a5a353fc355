"""The web page: server-rendered, over the same questions as the API, in Chinese and English.

Whatever came from a crawled page is text for the templates, which escape it; nothing of it is ever markup.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Connection

from services.sink import lookups, queries
from services.sink.figures import TooMuchError, compare_bodies, coverage_by_year, list_metrics, read_metric, years_of
from services.sink.filters import BadCursorError, ReportFilter
from services.sink.routes.common import Reading
from services.sink.web import downloads, figures
from services.sink.web.highlight import Heading, Paragraph, Span, paragraphs
from services.sink.web.plots import MAX_LINES
from services.sink.web.shell import (
    GENRE,
    GENRES,
    LEVEL,
    LEVELS,
    METRICS,
    PLACES,
    STATE,
    WORDS,
    YEAR,
    closed,
    here,
    language,
    places_in,
    report_filter,
    show,
    words,
)  # fmt: skip
from shared.alignment import Alignment

router = APIRouter(include_in_schema=False)
#: Rows of a list on one page: more than a screen, less than a wait.
ROWS = 50
#: Characters of a page as crawled that are shown; the longest real one has 300,000.
MAX_SHOWN = 1_000_000
#: Places that the comparison offers to add.
MAX_OFFERED = 24
#: A report id, two offsets and a number.
MAX_FACT_ID = 160


def add_pages(app: FastAPI) -> None:
    """Serve the web page beside the API."""
    app.mount("/static", StaticFiles(packages=[("services.sink.web", "static")]), name="static")
    app.include_router(router)
    app.include_router(downloads.router)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Remember the token in a cookie that no script can read."""
    body = (await request.body()).decode("utf-8", "replace")
    token = parse_qs(body).get("token", [""])[0]
    known = request.app.state.token
    if known is None or not hmac.compare_digest(token.encode("utf-8", "replace"), known.encode()):
        return show(request, "sign_in.html", 401, failed=True)
    response = RedirectResponse("/reports", 303)
    secure = request.url.scheme == "https"
    response.set_cookie("fazhi_token", token, httponly=True, samesite="strict", secure=secure)
    return response


@router.get("/")
def home() -> Response:
    return RedirectResponse("/reports", 307)


# ── reports ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/reports")
def reports(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    q: WORDS = "",
    place: WORDS = "",
    year_from: YEAR = "",
    year_to: YEAR = "",
    level: LEVEL = "",
    genre: GENRE = "",
    state: STATE = "",
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """The list of reports."""
    if gate := closed(request):
        return gate
    wanted = report_filter(place=place, year_from=year_from, year_to=year_to, level=level, genre=genre, state=state,
                           words=q)  # fmt: skip
    try:
        page = queries.list_reports(connection, wanted, limit=ROWS, cursor=cursor or None)
    except BadCursorError:
        return RedirectResponse(f"{request.url.remove_query_params('cursor').path}", 303)
    asked = {
        "q": q,
        "place": place,
        "year_from": year_from,
        "year_to": year_to,
        "level": level,
        "genre": genre,
        "state": state,
        "cursor": cursor,
    }
    first = request.url.remove_query_params("cursor")
    return show(
        request, "reports.html", here="reports", page=page, asked=asked, levels=LEVELS, genres=GENRES,
        known_places=figures.places_with_reports(connection), csv_url=download_url("reports", **asked),
        next_url=here(request, cursor=page.cursor or ""), first_url=f"{first.path}?{first.query}",
    )  # fmt: skip


@router.get("/reports/{report_id}")
def report(
    request: Request, connection: Reading, report_id: str, view: Annotated[str, Query(max_length=10)] = "text"
) -> Response:
    """One report with every fact in its place."""
    if gate := closed(request):
        return gate
    found = lookups.read_report(connection, report_id)
    if found is None:
        return show(request, "not_found.html", 404)
    for position, fact in enumerate(found["facts"]):
        fact["position"] = position
        corrected = fact["review"]["corrected"] if fact["review"] else {}
        fact["machine"] = {field: fact[field] for field in corrected}
        fact.update(corrected)
    view = "source" if view == "source" else "text"
    if view == "text":
        text = _text(found)
    else:
        source = lookups.read_source(connection, report_id)
        text = [] if source is None else _source(found, source["text"])
    names = _metric_names(connection, language(request))
    return show(
        request, "report.html", here="reports", report=found, view=view, text=text, metrics=names,
        groups=_by_domain(found["facts"]), mapped=sum(fact["metric"] is not None for fact in found["facts"]),
        broken=sum(not check["holds"] for check in found["checks"]),
        counts=Counter(fact["section_order"] for fact in found["facts"]),
        can_review=request.app.state.token is not None, place=_place_name(found["document"]),
        csv_url=download_url("facts", report=report_id), title_shown=_first_line(found["text"]),
    )  # fmt: skip


def _place_name(document: Mapping[str, Any]) -> str:
    """The name under which the comparison finds what this report belongs to; "" where it names no place."""
    place = document["place"]
    return place["county"] or place["city"] or place["province"] or ""


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _text(found: Mapping[str, Any]) -> list[Paragraph]:
    spans = [Span(fact["text_start"], fact["text_end"], fact["position"]) for fact in found["facts"]]
    headings = [
        Heading(section["text_start"], section["body_start"], section["order"], section["level"])
        for section in found["sections"]
        if section["body_start"] > section["text_start"]
    ]
    return paragraphs(found["text"], spans, headings)


def _source(found: Mapping[str, Any], source: str) -> list[Paragraph]:
    spans = [Span(fact["raw_start"], fact["raw_end"], fact["position"]) for fact in found["facts"]]
    alignment = Alignment(runs=found["alignment"])
    headings = []
    for section in found["sections"]:
        if section["body_start"] > section["text_start"]:
            start, end = alignment.to_source(section["text_start"], section["body_start"])
            headings.append(Heading(start, end, section["order"], 0))
    return paragraphs(source[:MAX_SHOWN].replace("\r\n", " \n").replace("\r", "\n"), spans, headings)


def _by_domain(facts: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for fact in facts:
        groups.setdefault((fact["metric"] or "none.").partition(".")[0], []).append(fact)
    order = [name.removeprefix("domain_") for name in words["en"] if name.startswith("domain_")]
    known = {name: at for at, name in enumerate(order)}
    known["none"] = len(order)
    return sorted(groups.items(), key=lambda group: known.get(group[0], len(order)))


def _metric_names(connection: Any, language: str) -> dict[str, str]:
    return {row["metric"]: row[f"name_{language}"] for row in list_metrics(connection)}


@router.get("/go/{fact_id}")
def go(request: Request, connection: Reading, fact_id: str) -> Response:
    """The sentence behind one fact: its place in its report. The name of a fact outlives `rerun`."""
    if gate := closed(request):
        return gate
    found = lookups.find_fact(connection, fact_id) if len(fact_id) <= MAX_FACT_ID else None
    if found is None:
        return show(request, "not_found.html", 404)
    return RedirectResponse(f"/reports/{found['report_id']}#fact-{found['_position']}", 307)


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/catalogue")
def catalogue(request: Request, connection: Reading) -> Response:
    """The catalogue of metrics by domain."""
    if gate := closed(request):
        return gate
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in list_metrics(connection):
        groups.setdefault(row["domain"], []).append(row)
    return show(request, "metrics.html", here="metrics", groups=groups, stated=figures.reports_by_metric(connection))


@router.get("/catalogue/{metric}")
def metric(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    metric: str,
    year: YEAR = "",
    level: LEVEL = "",
    place: WORDS = "",
) -> Response:
    """One metric: definition, distribution, time line, ranking with evidence."""
    if gate := closed(request):
        return gate
    found = read_metric(connection, metric)
    if found is None:
        return show(request, "not_found.html", 404)
    lang = language(request)
    spoken = words[lang]
    years = sorted({row["report_year"] for row in found["years"] if row["report_year"]})
    shown = int(year) if year else (years[-1] if years else None)
    wanted = report_filter(place=place, level=level)
    ranking: list[dict[str, Any]] = []
    drawn: dict[str, str] = {}
    narrow = None
    try:
        if shown is not None:
            ranking = figures.ranking(connection, metric, shown, wanted)
            drawn = figures.metric_plots(connection, metric, ranking, years, wanted, spoken)
    except TooMuchError as error:
        narrow = str(error)
    return show(
        request, "metric.html", here="metrics", metric=metric, found=found, name=found.get(f"name_{lang}", metric),
        years=years, shown=shown, level=level, levels=LEVELS, place=place, ranking=ranking[: figures.MAX_RANKED],
        left_out=max(0, len(ranking) - figures.MAX_RANKED), plots=drawn, narrow=narrow,
        coverage=coverage_by_year(connection, metric, wanted),
        csv_url=download_url("facts", metric=metric, level=level, place=place),
        series_url=download_url("comparison", metric=metric, level=level, place=place),
    )  # fmt: skip


@router.get("/compare")
def compare(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    places: PLACES = "",
    metric: METRICS = [],  # noqa: B006 - FastAPI copies it
    year_from: YEAR = "",
    year_to: YEAR = "",
) -> Response:
    """Places × metrics over years."""
    if gate := closed(request):
        return gate
    lang = language(request)
    chosen = places_in(places)
    metrics = [name for name in metric if name]
    wanted = report_filter(year_from=year_from, year_to=year_to)
    found: dict[str, Any] | None = None
    narrow = None
    drawn: dict[str, str] = {}
    catalogue_rows = list_metrics(connection)
    names = {row["metric"]: row[f"name_{lang}"] for row in catalogue_rows}
    if chosen and metrics:
        try:
            found = compare_bodies(connection, metrics, wanted, years_of(connection, wanted), chosen)
        except TooMuchError as error:
            narrow = str(error)
    if found is not None:
        drawn = _comparison_plots(found, names)
        figures.leave_out_empty_years(found)
    asked = {"metric": metrics, "year_from": year_from, "year_to": year_to}
    return show(
        request, "compare.html", here="compare", places="\n".join(chosen), chosen=metrics, catalogue=catalogue_rows,
        names=names, found=found, plots=drawn, narrow=narrow, year_from=year_from, year_to=year_to,
        unknown=_without_report(connection, chosen) if found is not None else [],
        more_places=[(one, compare_url([*chosen, one], **asked)) for one in _not_yet(connection, chosen)],
        csv_url=download_url("comparison", places="\n".join(chosen), **asked), most_lines=MAX_LINES,
    )  # fmt: skip


def _without_report(connection: Connection, chosen: Sequence[str]) -> list[str]:
    """Those of the places that have no report of their own."""
    return [
        one
        for one in chosen
        if not queries.list_reports(connection, ReportFilter(place=one, descendants=False), limit=1).rows
    ]


def _not_yet(connection: Connection, chosen: Sequence[str]) -> list[str]:
    """Places that are offered beside those that were chosen."""
    return [one for one in figures.places_with_reports(connection) if one not in chosen][:MAX_OFFERED]


def _comparison_plots(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {
        one["metric"]: figures.comparison_plot(names.get(one["metric"], one["metric"]), found["years"], one["rows"])
        for one in found["metrics"]
    }


def compare_url(places: Sequence[str], **asked: str | Sequence[str]) -> str:
    """The address of a comparison."""
    return "/compare?" + urlencode({"places": "\n".join(places), **_given(asked)}, doseq=True)


def download_url(table: str, **asked: str | Sequence[str]) -> str:
    """The address of a table as a file, with the filters of the page."""
    return f"/download/{table}.csv?" + urlencode(_given(asked), doseq=True)


def _given(asked: Mapping[str, str | Sequence[str]]) -> dict[str, str | Sequence[str]]:
    return {name: value for name, value in asked.items() if value and name != "cursor"}


# ── pipeline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/pipeline")
def pipeline(request: Request, connection: Reading) -> Response:
    """Throughput, backlog, dead letters, the books."""
    if gate := closed(request):
        return gate
    books = figures.broker_books(request.app.state.settings)
    return show(
        request, "pipeline.html", here="pipeline", books=books,
        recent=figures.recent_outcomes(connection), letters=figures.dead_by_cause(connection),
        grafana=getattr(request.app.state.settings, "grafana_url", None),
        can_replay=request.app.state.token is not None and books is not None,
    )  # fmt: skip


@router.get("/api")
def api_page(request: Request) -> Response:
    """What the API offers, from its OpenAPI document."""
    document = request.app.openapi()
    rows = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("description") or operation.get("summary", ""),
        }
        for path, operations in sorted(document["paths"].items())
        for method, operation in operations.items()
    ]
    return show(request, "api.html", here="api", rows=rows)
