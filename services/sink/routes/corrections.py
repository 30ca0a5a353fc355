"""Reviews: what people say of facts and document fields."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select

from services.sink import schema
from services.sink.access import may_change
from services.sink.answers import Problem, json_answer, list_answer
from services.sink.filters import read_cursor, write_cursor
from services.sink.headers import HEADERS
from services.sink.judgement import Judgement, NotFoundError, judge
from services.sink.lookups import review_row
from services.sink.routes.common import DEFAULT, READ, Cursor, Format, Limit, Reading, Word, listed, problems, wants_csv

router = APIRouter(tags=["review"])


@router.get("/reviews", responses=listed(401, 422), dependencies=READ)
def reviews(
    request: Request, connection: Reading, reviewer: Word = None, limit: Limit = DEFAULT, cursor: Cursor = None,
    form: Format = None,
) -> Response:  # fmt: skip
    """All reviews, the latest first: none is ever overwritten, the last one of a fact is in force."""
    table, pages, reports = schema.reviews, schema.pages, schema.reports
    (before,) = read_cursor(cursor, int) if cursor else (2**62,)
    conditions = [table.c.number < before] + ([] if reviewer is None else [table.c.reviewer == reviewer])
    statement = (
        select(table, reports.c.report_id)
        .join(pages, pages.c.page == table.c.page)
        .join(reports, reports.c.number == pages.c.report)
        .where(*conditions)
        .order_by(table.c.number.desc())
        .limit(limit + 1)
    )
    rows: list[dict[str, Any]] = [
        {"report_id": row["report_id"], **review_row(dict(row))} for row in connection.execute(statement).mappings()
    ]
    following = write_cursor(rows[limit - 1]["review"]) if len(rows) > limit else None
    return list_answer(
        request, "reviews", rows[:limit], following, as_csv=wants_csv(request, form), header=HEADERS["reviews"]
    )


@router.post("/reviews", status_code=201, responses=problems(401, 403, 404, 422), dependencies=[Depends(may_change)])
def review(request: Request, judgement: Judgement) -> Response:
    """Confirm, correct or reject a fact or a document field. It is in force at once, and stays so when the machine
    reads the page again. Needs the token.
    """
    try:
        kept = judge(request.app.state.engine, judgement)
    except NotFoundError as error:
        raise Problem(404, str(error)) from error
    except ValueError as error:
        raise Problem(422, str(error)) from error
    answer = json_answer(request, kept)
    answer.status_code = 201
    return answer
