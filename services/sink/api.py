"""The HTTP API under /api/v1, and what is the same for all of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from services.sink import engine
from services.sink.answers import HeadAsGet, Problem
from services.sink.figures import TooMuchError
from services.sink.filters import BadCursorError
from services.sink.routes import corrections, figures, lists, operations, replay
from services.sink.routes.common import known_parameters
from services.sink.settings import ApiSettings
from services.sink.web.pages import add_pages
from services.sink.web.shell import show_problem
from shared import __version__
from shared.errors import Transient

PREFIX = "/api/v1"
#: Nothing of this origin runs or loads anything that is not its own; the web page adds nothing to it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; object-src 'none'; style-src 'self'; script-src 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: What an operator asks the process itself, and what a page of it needs.
_ALWAYS_ANSWERED = ("/healthz", "/metrics", "/static/")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_DESCRIPTION = """Facts from annual reports on law-based government (法治政府建设年度报告), each with the words it was read from.

Lists come in pages: `limit` rows and a `cursor` to the next page, null at the end. A page may hold fewer rows than
`limit`, even none, before the end: one call looks at a bounded number of rows. Errors are `application/problem+json`.
"""


class Metrics:
    """What the API exports on /metrics."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "fazhi_api_requests_total", "Requests by class of status.", ("status",), registry=self.registry
        )
        self.seconds = Histogram(
            "fazhi_api_seconds", "Seconds to the answer.", buckets=_SECONDS, registry=self.registry
        )
        for status in ("1xx", "2xx", "3xx", "4xx", "5xx"):
            self.requests.labels(status)


def create_app(settings: ApiSettings | None = None) -> FastAPI:
    """The application over a database whose schema is there already, or will be: while `state.not_yet` says why not,
    that is the answer to all but _ALWAYS_ANSWERED. Nothing is opened before the first request.

    Raises ValueError for settings that cannot be meant.
    """
    settings = settings or ApiSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.engine.dispose()

    app = FastAPI(
        title="Fazhi",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads a script from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.not_yet = None
    app.state.token = settings.token()
    app.state.metrics = Metrics()
    app.state.engine = engine.connect(
        settings.database_or_default(), pool_size=settings.api_connections, statement_seconds=settings.api_query_seconds
    )
    for router in (lists.router, figures.router, operations.router, replay.router, corrections.router):
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(known_parameters)])
    add_pages(app)
    _add_health(app)
    _add_errors(app)
    app.middleware("http")(_common)
    app.add_middleware(HeadAsGet)
    return app


async def _common(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    """Limits, headers and figures of every request."""
    state = request.app.state
    began = time.perf_counter()
    length = request.headers.get("content-length", "0")
    not_yet: str | None = state.not_yet
    if not length.isdecimal() or int(length) > state.settings.api_max_body_bytes:
        response = Problem(413, f"at most {state.settings.api_max_body_bytes} bytes").response()
    elif "transfer-encoding" in request.headers:
        response = Problem(411, "send a Content-Length").response()
    elif not_yet is not None and not request.url.path.startswith(_ALWAYS_ANSWERED):
        response = _answer(request, Problem(503, not_yet, headers={"Retry-After": "5"}))
    else:
        response = await call(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    state.metrics.requests.labels(f"{response.status_code // 100}xx").inc()
    state.metrics.seconds.observe(time.perf_counter() - began)
    return response


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def health() -> Response:
        """200 while this process answers: no restart of it brings a database back."""
        return Response("ok\n", media_type="text/plain")

    @app.get("/readyz", include_in_schema=False)
    def ready(request: Request) -> Response:
        """200 where the database answers and has its schema."""
        # `reading`: on SQLite this look must not wait for the writer.
        database = request.app.state.engine.connect().execution_options(reading=True)
        with engine.surroundings(), database as connection:
            connection.execute(text("SELECT 1 FROM alembic_version"))
        return Response("ok\n", media_type="text/plain")

    @app.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_errors(app: FastAPI) -> None:
    """Every error says what to do next: as problem+json, or as a page to a browser that asks for one."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return _answer(request, error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return _answer(request, _next_step(request, error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"where": ".".join(str(part) for part in fault["loc"]), "fault": fault["msg"]} for fault in error.errors()
        ]
        return _answer(request, Problem(422, "the request is not what this address takes", faults=faults))

    @app.exception_handler(BadCursorError)
    async def cursor(request: Request, error: BadCursorError) -> Response:
        return _answer(request, Problem(422, f"{error}; begin again without one"))

    @app.exception_handler(TooMuchError)
    async def too_much(request: Request, error: TooMuchError) -> Response:
        return _answer(request, Problem(422, str(error)))

    @app.exception_handler(Transient)
    @app.exception_handler(SQLAlchemyError)
    async def away(request: Request, error: Exception) -> Response:
        if isinstance(error, DBAPIError) and not engine.is_transient(error.orig):
            raise error
        why = "the database does not answer, or took too long; narrow the question or try again"
        return _answer(request, Problem(503, why, headers={"Retry-After": "5"}))


def _next_step(request: Request, error: HTTPException) -> Problem:
    """What the framework says in two words, with what to do next; HEAD is answered wherever GET is."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = headers["Allow"] = headers.get("Allow", "").replace("GET", "GET, HEAD")
        return Problem(error.status_code, f"this address takes {allowed}", headers=headers)
    if error.status_code == HTTPStatus.NOT_FOUND and request.url.path.startswith(PREFIX):
        return Problem(
            error.status_code, f"nothing is at this address; {PREFIX}/openapi.json lists all", headers=headers
        )
    return Problem(error.status_code, str(error.detail), headers=headers)


def _answer(request: Request, problem: Problem) -> Response:
    asked = request.headers.get("accept", "")
    is_page = request.method == "GET" and not request.url.path.startswith((PREFIX, *_ALWAYS_ANSWERED, "/readyz"))
    return show_problem(request, problem) if is_page and "text/html" in asked else problem.response()
