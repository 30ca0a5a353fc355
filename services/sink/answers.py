"""How the API answers: JSON with an ETag, CSV, problem+json."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: A cell that a spreadsheet would run as a formula; the words come from crawled pages.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
PROBLEM = "application/problem+json"


class Problem(Exception):  # noqa: N818 - it is the name of the format
    """An answer that is none, by RFC 9457: `detail` says what to do next."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers, more

    def response(self) -> Response:
        """As an HTTP response."""
        body = {
            "type": "about:blank", "title": HTTPStatus(self.status).phrase, "status": self.status,
            "detail": self.detail, **self.more,
        }  # fmt: skip
        return Response(orjson.dumps(body), self.status, dict(self.headers or {}), media_type=PROBLEM)


class HeadAsGet:
    """HEAD is answered as GET is, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, send_head)


def not_found(what: str) -> Problem:
    """404 for one thing."""
    return Problem(404, f"there is no such {what}")


def json_answer(request: Request, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """`content` as JSON; 304 where the caller has it already."""
    # The database layer's column names are a subclass of str, which orjson takes for keys only when asked.
    return tagged(request, orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS), "application/json", headers)


def tagged(request: Request, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """`body` with an ETag of its content."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    common = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept, Authorization", **(headers or {})}
    wanted = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in wanted or "*" in wanted:
        return Response(status_code=304, headers=common)
    return Response(body, headers=common, media_type=media_type)


def list_answer(  # noqa: PLR0913 - a page, and how it is wanted
    request: Request, name: str, rows: Sequence[Mapping[str, Any]], cursor: str | None, *, as_csv: bool,
    header: Sequence[str],
) -> Response:  # fmt: skip
    """A page of a list: `{name: rows, "cursor": …}`, or the rows as CSV with the way on in the header Link."""
    headers = {}
    if cursor is not None:
        following = request.url.include_query_params(cursor=cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    if as_csv:
        return tagged(request, csv_text(rows, header).encode(), "text/csv; charset=utf-8", headers)
    return json_answer(request, {name: rows, "cursor": cursor}, headers)


def csv_text(rows: Iterable[Mapping[str, Any]], header: Sequence[str]) -> str:
    """Rows as CSV with the columns of `header`, which stands there without a row, too."""
    target = io.StringIO()
    writer = csv.DictWriter(target, header)
    writer.writeheader()
    writer.writerows(map(csv_cells, rows))
    return target.getvalue()


def csv_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as cells: nested values as JSON. Text that a spreadsheet would run as a formula gets an apostrophe in
    front.
    """
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping | list):
        return orjson.dumps(value).decode()
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
