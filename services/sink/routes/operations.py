"""Dead letters and the books."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from redis.exceptions import RedisError

from services.sink import letters
from services.sink.answers import Problem, json_answer, list_answer, not_found
from services.sink.headers import HEADERS
from services.sink.routes.common import DEFAULT, READ, Cursor, Format, Limit, Reading, listed, problems, wants_csv
from shared.books import read_books
from shared.errors import Reason
from shared.server import connect as connect_server

router = APIRouter(tags=["pipeline"], dependencies=READ)
#: The server answers the books in a millisecond; a page that waits longer shows that it is away.
_REDIS_SECONDS = 3


@router.get("/dead-letters", responses=listed(401, 422))
def dead_letters(
    request: Request, connection: Reading,
    stage: Literal["normalizer", "sectioner", "extractor", "sink"] | None = None, reason: Reason | None = None,
    limit: Limit = DEFAULT, cursor: Cursor = None, form: Format = None,
) -> Response:  # fmt: skip
    """What could not be done, the latest first. `fazhi dead` sends letters again, or drops them."""
    page = letters.list_dead_letters(connection, stage=stage, reason=reason, limit=limit, cursor=cursor)
    return list_answer(
        request, "dead_letters", page.rows, page.cursor, as_csv=wants_csv(request, form), header=HEADERS["dead_letters"]
    )


@router.get("/dead-letters/{number}", responses=problems(401, 404, 422))
def dead_letter(request: Request, connection: Reading, number: Annotated[int, Path(ge=1, le=2**62)]) -> Response:
    """One dead letter with traceback and delivery history."""
    found = letters.read_dead_letter(connection, number)
    if found is None:
        raise not_found("dead letter")
    return json_answer(request, found)


@router.get("/pipeline", responses=problems(401, 404, 422))
def pipeline(request: Request) -> Response:
    """The books: what became of every entry, stream by stream, in one atomic look."""
    settings = request.app.state.settings
    try:
        url = settings.redis()
    except ValueError as error:
        raise Problem(404, "this API knows no Redis server: its operator has set no FAZHI_REDIS_URL") from error
    try:
        with connect_server(url, _REDIS_SECONDS) as server:
            books = read_books(server, settings.shard)
    except RedisError as error:
        raise Problem(503, "the Redis server does not answer", headers={"Retry-After": "5"}) from error
    return json_answer(request, books.as_json())
