"""What all pages share: language, templates, the gate for readers, and the parameters of a filter."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Annotated, Any, get_args

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.datastructures import URL

from services.sink.answers import Problem
from services.sink.filters import ReportFilter
from services.sink.routes.common import filter_by_years
from services.sink.web.words import LANGUAGES, load_words, preferred
from shared.events import Genre, Level

LEVELS = get_args(Level)
GENRES = get_args(Genre)
#: What a reader may ask of the arithmetic of a report.
STATES = {"failed": True, "fine": False}
YEAR = Annotated[str, Query(pattern=r"^([0-9]{4})?$")]
WORDS = Annotated[str, Query(max_length=100, pattern=r"^[^\u0000]*$")]
LEVEL = Annotated[str, Query(pattern=rf"^({'|'.join(LEVELS)})?$")]
GENRE = Annotated[str, Query(pattern=rf"^({'|'.join(GENRES)})?$")]
STATE = Annotated[str, Query(pattern=rf"^({'|'.join(STATES)})?$")]
METRIC = Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9_.]*$")]
#: The places of a comparison, a line each or between commas, and its metrics.
PLACES = Annotated[str, Query(max_length=4000, pattern=r"^[^\u0000]*$")]
METRICS = Annotated[list[METRIC], Query(max_length=12)]
#: Places of one comparison: each is a query, and a row for every metric.
MAX_PLACES = 200

_templates = Environment(
    loader=PackageLoader("services.sink.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=False,
)
words = load_words()


def language(request: Request) -> str:
    """The language of the answer: asked for, remembered, or what the browser prefers."""
    accepted = request.headers.get("accept-language", "")
    return preferred(request.query_params.get("lang"), request.cookies.get("lang"), accepted)


def show(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page from its template."""
    lang = language(request)
    other = "en" if lang == "zh" else "zh"
    text = _templates.get_template(template).render(
        w=words[lang],
        lang=lang,
        other_language_url=here(request, lang=other),
        **{"here": "", **values},
    )
    response = HTMLResponse(text, status)
    response.headers["Cache-Control"] = "no-cache"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie("lang", lang, max_age=365 * 86400, httponly=True, samesite="lax")
    return response


def show_problem(request: Request, problem: Problem) -> Response:
    """What went wrong, as a page for a person."""
    name = {404: "not_found", 422: "problem_422", 503: "problem_503"}.get(problem.status, "problem")
    page = show(
        request, "problem.html", problem.status, problem=problem, title=f"{name}_title", lead=f"{name}_lead",
    )  # fmt: skip
    page.headers.update(problem.headers or {})
    return page


def here(request: Request, **changed: str) -> str:
    """The address of this page with other parameters; relative, so that it holds behind any proxy."""
    url: URL = request.url.include_query_params(**changed)
    return f"{url.path}?{url.query}"


def closed(request: Request) -> Response | None:
    """The sign-in page where reading needs the token and the browser has not given it."""
    state = request.app.state
    if state.settings.api_read != "token":
        return None
    given = request.cookies.get("fazhi_token", "")
    if state.token is not None and hmac.compare_digest(given.encode("utf-8", "replace"), state.token.encode()):
        return None
    return show(request, "sign_in.html", 401, failed=False)


def report_filter(  # noqa: PLR0913 - one argument a filter
    *,
    place: str = "",
    year_from: str = "",
    year_to: str = "",
    level: str = "",
    genre: str = "",
    state: str = "",
    words: str = "",
) -> ReportFilter:
    """The filter that a form of a page describes; what is empty filters nothing. Raises RequestValidationError."""
    return replace(
        filter_by_years(int(year_from) if year_from else None, int(year_to) if year_to else None),
        place=place.strip() or None,
        level=level or None,
        genre=genre or None,
        title=words.strip() or None,
        failed_checks=STATES.get(state),
    )


def places_in(written: str) -> list[str]:
    """The places of a comparison as a person writes them, at most MAX_PLACES."""
    names = (name.strip() for name in written.replace(",", "\n").replace("，", "\n").splitlines())
    return [name for name in names if name][:MAX_PLACES]
