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
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.datastructures import URL

from services.sink import lookups, queries
from services.sink.figures import TooMuchError, compare_bodies, list_metrics, read_metric, years_of
from services.sink.filters import BadCursorError, ReportFilter
from services.sink.routes.common import Reading
from services.sink.web import figures
from services.sink.web.highlight import Heading, Paragraph, Span, paragraphs
from services.sink.web.words import LANGUAGES, load_words, preferred
from shared.alignment import Alignment

router = APIRouter(include_in_schema=False)
LEVELS = ("province", "prefecture", "county", "township", "functional_zone", "department")
#: Rows of a list on one page: more than a screen, less than a wait.
ROWS = 50
#: Characters of a page as crawled that are shown; the longest real one has 300,000.
MAX_SHOWN = 1_000_000
#: A report id, two offsets and a number.
MAX_FACT_ID = 160
_YEAR = Annotated[str, Query(pattern=r"^([0-9]{4})?$")]
_WORDS = Annotated[str, Query(max_length=100, pattern=r"^[^\u0000]*$")]
_METRIC = Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9_.]*$")]

_templates = Environment(
    loader=PackageLoader("services.sink.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=False,
)
_words = load_words()


def add_pages(app: FastAPI) -> None:
    """Serve the web page beside the API."""
    app.mount("/static", StaticFiles(packages=[("services.sink.web", "static")]), name="static")
    app.include_router(router)


def _language(request: Request) -> str:
    accepted = request.headers.get("accept-language", "")
    return preferred(request.query_params.get("lang"), request.cookies.get("lang"), accepted)


def _show(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    lang = _language(request)
    other = "en" if lang == "zh" else "zh"
    text = _templates.get_template(template).render(
        w=_words[lang],
        lang=lang,
        other_language_url=_here(request, lang=other),
        **{"here": "", **values},
    )
    response = HTMLResponse(text, status)
    response.headers["Cache-Control"] = "no-cache"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie("lang", lang, max_age=365 * 86400, httponly=True, samesite="lax")
    return response


def _here(request: Request, **changed: str) -> str:
    """The address of this page with other parameters; relative, so that it holds behind any proxy."""
    url: URL = request.url.include_query_params(**changed)
    return f"{url.path}?{url.query}"


def _closed(request: Request) -> Response | None:
    """The sign-in page where reading needs the token and the browser has not given it."""
    state = request.app.state
    if state.settings.api_read != "token":
        return None
    given = request.cookies.get("fazhi_token", "")
    if state.token is not None and hmac.compare_digest(given.encode("utf-8", "replace"), state.token.encode()):
        return None
    return _show(request, "sign_in.html", 401, failed=False)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Remember the token in a cookie that no script can read."""
    body = (await request.body()).decode("utf-8", "replace")
    token = parse_qs(body).get("token", [""])[0]
    known = request.app.state.token
    if known is None or not hmac.compare_digest(token.encode("utf-8", "replace"), known.encode()):
        return _show(request, "sign_in.html", 401, failed=True)
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
    q: _WORDS = "",
    place: _WORDS = "",
    year_from: _YEAR = "",
    year_to: _YEAR = "",
    level: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """The list of reports."""
    if closed := _closed(request):
        return closed
    wanted = ReportFilter(
        place=place.strip() or None,
        year_from=int(year_from) if year_from else None,
        year_to=int(year_to) if year_to else None,
        level=level if level in LEVELS else None,
        title=q.strip() or None,
        failed_checks={"failed": True, "fine": False}.get(state),
    )
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
        "state": state,
        "cursor": cursor,
    }
    first = request.url.remove_query_params("cursor")
    return _show(
        request, "reports.html", here="reports", page=page, asked=asked, levels=LEVELS,
        known_places=figures.places_with_reports(connection),
        next_url=_here(request, cursor=page.cursor or ""), first_url=f"{first.path}?{first.query}",
    )  # fmt: skip


@router.get("/reports/{report_id}")
def report(
    request: Request, connection: Reading, report_id: str, view: Annotated[str, Query(max_length=10)] = "text"
) -> Response:
    """One report with every fact in its place."""
    if closed := _closed(request):
        return closed
    found = lookups.read_report(connection, report_id)
    if found is None:
        return _show(request, "not_found.html", 404)
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
    names = _metric_names(connection, _language(request))
    return _show(
        request, "report.html", here="reports", report=found, view=view, text=text, metrics=names,
        groups=_by_domain(found["facts"]), mapped=sum(fact["metric"] is not None for fact in found["facts"]),
        broken=sum(not check["holds"] for check in found["checks"]),
        counts=Counter(fact["section_order"] for fact in found["facts"]),
        can_review=request.app.state.token is not None, title_shown=_first_line(found["text"]),
    )  # fmt: skip


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
    order = [name.removeprefix("domain_") for name in _words["en"] if name.startswith("domain_")]
    known = {name: at for at, name in enumerate(order)}
    known["none"] = len(order)
    return sorted(groups.items(), key=lambda group: known.get(group[0], len(order)))


def _metric_names(connection: Any, language: str) -> dict[str, str]:
    return {row["metric"]: row[f"name_{language}"] for row in list_metrics(connection)}


@router.get("/go/{fact_id}")
def go(request: Request, connection: Reading, fact_id: str) -> Response:
    """The sentence behind one fact: its place in its report. The name of a fact outlives `rerun`."""
    if closed := _closed(request):
        return closed
    found = lookups.find_fact(connection, fact_id) if len(fact_id) <= MAX_FACT_ID else None
    if found is None:
        return _show(request, "not_found.html", 404)
    return RedirectResponse(f"/reports/{found['report_id']}#fact-{found['_position']}", 307)


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/catalogue")
def catalogue(request: Request, connection: Reading) -> Response:
    """The catalogue of metrics by domain."""
    if closed := _closed(request):
        return closed
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in list_metrics(connection):
        groups.setdefault(row["domain"], []).append(row)
    return _show(request, "metrics.html", here="metrics", groups=groups, stated=figures.reports_by_metric(connection))


@router.get("/catalogue/{metric}")
def metric(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    metric: str,
    year: _YEAR = "",
    level: Annotated[str, Query(max_length=20)] = "",
    place: _WORDS = "",
) -> Response:
    """One metric: definition, distribution, time line, ranking with evidence."""
    if closed := _closed(request):
        return closed
    found = read_metric(connection, metric)
    if found is None:
        return _show(request, "not_found.html", 404)
    language = _language(request)
    words = _words[language]
    years = sorted({row["report_year"] for row in found["years"] if row["report_year"]})
    shown = int(year) if year else (years[-1] if years else None)
    wanted = ReportFilter(place=place.strip() or None, level=level if level in LEVELS else None)
    ranking: list[dict[str, Any]] = []
    drawn: dict[str, str] = {}
    narrow = None
    try:
        if shown is not None:
            ranking = figures.ranking(connection, metric, shown, wanted)
            drawn = figures.metric_plots(connection, metric, ranking, years, wanted, words)
    except TooMuchError as error:
        narrow = str(error)
    return _show(
        request, "metric.html", here="metrics", metric=metric, found=found, name=found.get(f"name_{language}", metric),
        years=years, shown=shown, level=level, levels=LEVELS, place=place, ranking=ranking[: figures.MAX_RANKED],
        left_out=max(0, len(ranking) - figures.MAX_RANKED), plots=drawn, narrow=narrow,
    )  # fmt: skip


@router.get("/compare")
def compare(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    connection: Reading,
    places: Annotated[str, Query(max_length=4000, pattern=r"^[^\u0000]*$")] = "",
    metric: Annotated[list[_METRIC], Query(max_length=12)] = [],  # noqa: B006 - FastAPI copies it
    year_from: _YEAR = "",
    year_to: _YEAR = "",
) -> Response:
    """Places × metrics over years."""
    if closed := _closed(request):
        return closed
    language = _language(request)
    chosen = [name.strip() for name in places.replace(",", "\n").replace("，", "\n").splitlines() if name.strip()]
    metrics = [name for name in metric if name]
    wanted = ReportFilter(year_from=int(year_from) if year_from else None, year_to=int(year_to) if year_to else None)
    found: dict[str, Any] | None = None
    narrow = None
    if chosen and metrics:
        try:
            found = compare_bodies(connection, metrics, wanted, years_of(connection, wanted), chosen[:200])
        except TooMuchError as error:
            narrow = str(error)
    if found is not None:
        figures.leave_out_empty_years(found)
    catalogue_rows = list_metrics(connection)
    names = {row["metric"]: row[f"name_{language}"] for row in catalogue_rows}
    drawn = _comparison_plots(found, names)
    return _show(
        request, "compare.html", here="compare", places="\n".join(chosen), chosen=metrics, catalogue=catalogue_rows,
        names=names, found=found, plots=drawn, narrow=narrow, year_from=year_from, year_to=year_to,
        known_places=figures.places_with_reports(connection), csv_url=_csv_url(chosen, metrics, year_from, year_to),
    )  # fmt: skip


def _comparison_plots(found: Mapping[str, Any] | None, names: Mapping[str, str]) -> dict[str, str]:
    if found is None:
        return {}
    return {
        one["metric"]: figures.comparison_plot(names.get(one["metric"], one["metric"]), found["years"], one["rows"])
        for one in found["metrics"]
    }


def _csv_url(places: Sequence[str], metrics: Sequence[str], year_from: str, year_to: str) -> str:
    years = [(name, value) for name, value in (("year_from", year_from), ("year_to", year_to)) if value]
    return "/api/v1/compare?" + urlencode(
        [("metric", one) for one in metrics] + [("places", one) for one in places] + years + [("format", "csv")]
    )


# ── pipeline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/pipeline")
def pipeline(request: Request, connection: Reading) -> Response:
    """Throughput, backlog, dead letters, the books."""
    if closed := _closed(request):
        return closed
    books, ages = figures.broker_state(request.app.state.settings)
    return _show(
        request, "pipeline.html", here="pipeline", books=books, ages=ages,
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
    return _show(request, "api.html", here="api", rows=rows)
