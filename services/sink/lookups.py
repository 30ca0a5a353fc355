"""One report or one fact, found by its name and read whole: what is known of it, and what people said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, and_, func, select

from services.sink import schema
from services.sink.filters import FactFilter, ReportFilter, write_cursor
from services.sink.gold import gold_lines
from services.sink.pages import source_of
from services.sink.projection import FACT_COLUMNS, Findings, project
from services.sink.queries import fact_id, list_facts
from services.sink.reading import unpack_reading
from services.sink.review import Review, fact_reviews

#: An offset, or how many facts before have the same span: larger ones no page has and no column takes.
_OFFSET = re.compile(r"[0-9]{1,9}")

#: Addresses shown of one report. A real one is copied to a few sites; what is more is a crawler that makes up addresses.
_SOURCES_SHOWN = 200


def find_report(connection: Connection, report_id: str) -> dict[str, Any] | None:
    """A row of the table of reports, by its id or by that of any of its revisions."""
    row = connection.execute(select(schema.reports).where(schema.reports.c.report_id == report_id)).mappings().first()
    if row is None:
        number = select(schema.revisions.c.report).where(schema.revisions.c.content == report_id).scalar_subquery()
        row = connection.execute(select(schema.reports).where(schema.reports.c.number == number)).mappings().first()
    return None if row is None else dict(row)


def read_report(connection: Connection, report_id: str, version: str | None = None) -> dict[str, Any] | None:
    """A report in the offline result's shape, with its sources, revisions, versions and reviews beside.

    `version`: as an earlier version of the code read the page; None where there is none such.
    """
    row = find_report(connection, report_id)
    if row is None:
        return None
    table = schema.readings
    wanted = table.c.number == row["reading"]
    if version is not None:
        wanted = and_(table.c.page == row["page"], table.c.version == version)
    reading = connection.execute(select(table).where(wanted)).mappings().first()
    if reading is None:
        return None
    page = connection.execute(select(schema.pages).where(schema.pages.c.page == row["page"])).mappings().one()
    fields = unpack_reading(reading["packed"], reading["steps"])
    reviews, said = _reviews_of(connection, row["number"])
    return {
        "source": {
            "name": row["name"], "url": row["url"], "raw_length": page["raw_length"], "charset": page["charset"],
            "media_type": page["media_type"],
        },
        "report_id": row["report_id"],
        **{name: fields[name] for name in ("text", "document", "sections", "repairs")},
        "facts": _facts_shown(fields, row, reviews, said),
        **{name: fields[name] for name in ("checks", "coverage", "numerals", "undecided_numerals", "changes")},
        "alignment": fields["alignment"]["runs"],
        "place": row["place"],
        "reviewed": _document_reviews(fields, row, reviews, said),
        "version": reading["version"],
        "versions": versions_of(connection, row["page"]),
        "revisions": revisions_of(connection, row["number"]),
        "sources": sources_of(connection, row["number"]),
        "trail": fields["trail"],
    }  # fmt: skip


def _reviews_of(connection: Connection, number: int) -> tuple[list[Review], dict[int, dict[str, Any]]]:
    table, pages = schema.reviews, schema.pages
    rows = connection.execute(
        select(table).join(pages, pages.c.page == table.c.page).where(pages.c.report == number).order_by(table.c.number)
    ).mappings()
    reviews, said = [], {}
    for row in rows:
        reviews.append(review_of(row))
        said[row["number"]] = review_row(dict(row))
    return reviews, said


def review_of(row: Mapping[Any, Any]) -> Review:
    """A row of the table of reviews as the pure functions take it."""
    return Review(
        number=row["number"], page=row["page"], target=row["target"], field=row["field"], verdict=row["verdict"],
        anchor=orjson.loads(row["anchor"]), corrected=orjson.loads(row["corrected"]),
    )  # fmt: skip


def review_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A review as the API shows it."""
    return {
        "review": row["number"],
        "target": row["target"],
        "field": row["field"],
        "verdict": row["verdict"],
        "corrected": orjson.loads(row["corrected"]),
        "machine": orjson.loads(row["machine"]),
        "anchor": orjson.loads(row["anchor"]),
        "reviewer": row["reviewer"],
        "reason": row["reason"],
        "reviewed_at": row["reviewed_at"].isoformat(),
    }


def _facts_shown(
    fields: Mapping[str, Any], row: Mapping[str, Any], reviews: Sequence[Review], said: Mapping[int, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The machine's facts, each with its name, its check state and the review in force."""
    attached = fact_reviews(fields["facts"], row["page"], reviews)
    columns = dict(zip(FACT_COLUMNS, project(Findings.among(fields), row["page"], reviews).facts, strict=True))
    shown = []
    for position, fact in enumerate(fields["facts"]):
        review = attached.get(position)
        shown.append({
            **fact,
            "fact_id": fact_id(row["report_id"], fact["raw_start"], fact["raw_end"], columns["twin"][position]),
            "check_state": columns["check_state"][position],
            "review": None if review is None else said[review.number],
        })  # fmt: skip
    return shown


def _document_reviews(
    fields: Mapping[str, Any], row: Mapping[str, Any], reviews: Sequence[Review], said: Mapping[int, dict[str, Any]]
) -> dict[str, Any]:
    """What people said of the document's fields, and reviews of facts that this version does not find."""
    latest = {review.field: said[review.number] for review in reviews if review.field is not None}
    attached = {review.number for review in fact_reviews(fields["facts"], row["page"], reviews).values()}
    spoken: dict[tuple[Any, ...], int] = {
        (review.page, review.anchor["raw_start"], review.anchor["raw_end"], review.anchor["twin"]): review.number
        for review in reviews
        if review.target == "fact"
    }
    return {
        "document": latest,
        "not_attached": [said[number] for number in sorted(spoken.values()) if number not in attached],
    }


def versions_of(connection: Connection, page: str) -> list[dict[str, Any]]:
    """The versions of the code that read this page, the latest first."""
    table = schema.readings
    columns = table.c.version, table.c.made_at, table.c.facts
    rows = connection.execute(select(*columns).where(table.c.page == page).order_by(table.c.made_at.desc()))
    return [dict(row) for row in rows.mappings()]


def revisions_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    """The contents that the report has had, oldest first."""
    table = schema.revisions
    rows = connection.execute(select(table).where(table.c.report == number).order_by(table.c.position)).mappings()
    return [{"content": row["content"], "current": row["current"], "since": row["since"].isoformat()} for row in rows]


def sources_of(connection: Connection, number: int, limit: int = _SOURCES_SHOWN) -> list[dict[str, Any]]:
    """Where the report was seen: each address and page once, with its first and last time, at most `limit`."""
    table, pages = schema.sources, schema.pages
    first, last = func.min(table.c.fetched_at), func.max(table.c.fetched_at)
    statement = (
        select(
            table.c.url, table.c.name, table.c.source, table.c.page, pages.c.content, pages.c.media_type,
            first.label("first"), last.label("last"), func.count().label("entries"), func.min(table.c.entry).label("entry"),
        )
        .join(pages, pages.c.page == table.c.page)
        .where(pages.c.report == number)
        .group_by(table.c.url, table.c.name, table.c.source, table.c.page, pages.c.content, pages.c.media_type)
        .order_by(first, table.c.page, table.c.url)
        .limit(limit)
    )  # fmt: skip
    return [
        {str(name): _iso(value) if name in {"first", "last"} else value for name, value in row.items()}
        for row in connection.execute(statement).mappings()
    ]


def _iso(moment: Any) -> str:
    return moment if isinstance(moment, str) else str(moment.isoformat())


def read_source(connection: Connection, report_id: str) -> dict[str, Any] | None:
    """The page as crawled, decoded, with the alignment of the text to it."""
    row = find_report(connection, report_id)
    if row is None:
        return None
    page = connection.execute(select(schema.pages).where(schema.pages.c.page == row["page"])).mappings().one()
    reading = connection.execute(
        select(schema.readings.c.packed).where(schema.readings.c.number == row["reading"])
    ).scalar_one()
    return {
        "page": row["page"],
        "charset": page["charset"],
        "media_type": page["media_type"],
        "raw_bytes": page["raw_bytes"],
        "text": source_of(connection, page, reading).text,
        "alignment": unpack_reading(reading)["alignment"]["runs"],
    }


def find_fact(connection: Connection, name: str) -> dict[str, Any] | None:
    """A fact by its name, with its report's number and position as `_report` and `_position`."""
    report_id, _, where = name.partition(".")
    span, _, twin = where.partition(".")
    start, _, end = span.partition("-")
    if not all(map(_OFFSET.fullmatch, (start, end, twin or "0"))):
        return None
    report = find_report(connection, report_id)
    if report is None:
        return None
    table = schema.facts
    row = connection.execute(
        select(table.c.position).where(
            table.c.report == report["number"], table.c.raw_start == int(start), table.c.raw_end == int(end),
            table.c.twin == int(twin or 0),
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    cursor = write_cursor(report["number"], row.position - 1) if row.position else None
    page = list_facts(connection, FactFilter(report=report["number"], review="all"), limit=1, cursor=cursor)
    return page.rows[0] | {"_report": report["number"], "_position": row.position}


def reviewed_reports(connection: Connection, wanted: ReportFilter) -> Iterator[tuple[str, str, list[bytes]]]:
    """Reports that have a review: id, the page as crawled, and the lines of its annotation."""
    reports, pages, table = schema.reports, schema.pages, schema.reviews
    spoken = select(pages.c.report).join(table, table.c.page == pages.c.page)
    numbers = connection.execute(
        select(reports.c.number).where(reports.c.number.in_(spoken), *wanted.conditions()).order_by(reports.c.number)
    ).scalars().all()  # fmt: skip
    for number in numbers:
        row = connection.execute(
            select(pages, reports.c.report_id, schema.readings.c.packed)
            .select_from(reports)
            .join(pages, pages.c.page == reports.c.page)
            .join(schema.readings, schema.readings.c.number == reports.c.reading)
            .where(reports.c.number == number)
        ).mappings().one()  # fmt: skip
        reviews, _ = _reviews_of(connection, number)
        lines = list(gold_lines(unpack_reading(row["packed"]), row["page"], reviews))
        yield row["report_id"], source_of(connection, row, row["packed"]).text, lines
