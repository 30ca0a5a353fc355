"""Dead letters sent to work again: the one thing that the API does to the streams. Needs the token."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from redis.exceptions import NoPermissionError, RedisError

from services.sink.access import may_change
from services.sink.answers import Problem, json_answer
from services.sink.routes.common import problems
from services.sink.shelf import DatabaseShelf
from shared.errors import Reason
from shared.events import Record
from shared.letters.dead import list_letters
from shared.letters.replay import replay_letters
from shared.server import connect as connect_server

router = APIRouter(tags=["pipeline"], dependencies=[Depends(may_change)])
#: Letters that one call sends again: some seconds of work. `left` says how many remain; call again.
MAX_LETTERS = 500
_REDIS_SECONDS = 10


class Replay(Record):
    """Which letters: those of one stage and reason. `dry_run` says what would be done and does nothing."""

    stage: Literal["normalizer", "sectioner", "extractor", "sink"]
    reason: Reason
    from_start: Annotated[bool, Field(description="From the intake, instead of the stage that failed.")] = False
    dry_run: bool = True


@router.post("/dead-letters/replay", responses=problems(401, 403, 404, 422))
def replay(request: Request, wanted: Replay) -> Response:
    """Send dead letters of one stage and reason to work again; a dry run unless `dry_run` is false.

    Each letter is taken, added and counted in the books in one script, so repeating an interrupted call sends nothing
    twice.
    """
    settings = request.app.state.settings
    try:
        url = settings.redis()
    except ValueError as error:
        raise Problem(404, "this API knows no Redis server: its operator has set no FAZHI_REDIS_URL") from error
    shelf = DatabaseShelf(settings.database_or_default())
    try:
        with connect_server(url, _REDIS_SECONDS) as server:
            found = [
                note
                for note in list_letters(server, shelf, settings.shard)
                if (note.stage, note.reason) == (wanted.stage, wanted.reason)
            ]
            handled = replay_letters(
                server, found[:MAX_LETTERS], shelf, settings.shard,
                from_start=wanted.from_start, dry_run=wanted.dry_run,
            )  # fmt: skip
    except NoPermissionError as error:
        raise Problem(403, "the API's user on the Redis server may not do this; run `fazhi dead replay`") from error
    except RedisError as error:
        raise Problem(503, "the Redis server does not answer", headers={"Retry-After": "5"}) from error
    answer = {
        "dry_run": wanted.dry_run,
        "sent": [{"entry": note.entry, "to": stream} for note, stream in handled.done],
        "refused": [{"entry": one.note.entry, "why": one.why} for one in handled.refused],
        "left": max(0, len(found) - MAX_LETTERS),
    }
    return json_answer(request, answer)
