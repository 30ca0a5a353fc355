"""Reading single things, and figures over many reports: a report, a fact, a metric, a place, the comparison."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from services.sink import bulk, census, schema
from services.sink.filters import FactFilter, ReportFilter, contains, is_code, read_cursor, write_cursor
from services.sink.gold import gold_lines
from services.sink.pages import source_of
from services.sink.projection import FACT_COLUMNS, Findings, project
from services.sink.queries import STATES, Page, fact_id, list_facts, report_summary
from services.sink.reading import unpack, unpack_reading
from services.sink.review import Review, fact_reviews
from services.sink.series import comparison, distribution

#: Cells of one comparison, and reports it may read.
MAX_CELLS = 20_000
MAX_COMPARED_REPORTS = 20_000
DEFAULT_YEARS = 10
MAX_YEARS = 50
#: The latest facts of a metric that its figures are made of: a quartile of 5,000 values is off by half a percent of the
#: ranks, and 20,000 took 0.9 s with 6,000,000 facts.
MAX_SAMPLE = 5_000


class TooMuchError(ValueError):
    """The question would cost more than an answer may; it says how to narrow it."""


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


def sources_of(connection: Connection, number: int, limit: int = 200) -> list[dict[str, Any]]:
    """Where the report was seen: each address and page once, with its first and last time."""
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
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in (start, end, twin or "0")):
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


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_metrics(connection: Connection, domain: str | None = None) -> list[dict[str, Any]]:
    """The catalogue, in its order."""
    table = schema.catalogue
    statement = select(table).order_by(table.c.position)
    if domain is not None:
        statement = select(table).where(table.c.domain == domain).order_by(table.c.position)
    return [{name: value for name, value in row.items() if name != "position"}
            for row in connection.execute(statement).mappings()]  # fmt: skip


def read_metric(connection: Connection, metric: str) -> dict[str, Any] | None:
    """What a metric counts, and its figures by year: actual levels, the latest MAX_SAMPLE facts. None where neither the
    catalogue nor a fact knows it.
    """
    table = schema.facts
    known = connection.execute(select(schema.catalogue).where(schema.catalogue.c.metric == metric)).mappings().first()
    # All of this stands in the index: a look at each fact and its report would cost twenty times as much.
    rows = connection.execute(
        select(table.c.year, table.c.unit, table.c.figure)
        .where(table.c.metric == metric)
        .order_by(table.c.metric.desc(), table.c.report.desc(), table.c.position.desc())
        .limit(MAX_SAMPLE)
    ).all()
    if known is None and not rows:
        return None
    by_year: dict[tuple[int | None, str | None], list[float]] = defaultdict(list)
    for year, unit, figure in rows:
        if figure is not None:
            by_year[year, unit].append(figure)
    figures = [
        {"report_year": year, "unit": unit, **distribution(values)}
        for (year, unit), values in sorted(by_year.items(), key=lambda pair: (pair[0][0] or 0, pair[0][1] or ""))
    ]
    head = {"metric": metric} if known is None else {name: known[name] for name in known if name != "position"}
    return {**head, "facts": len(rows), "sampled": len(rows) == MAX_SAMPLE, "years": figures}


def coverage_by_year(connection: Connection, metric: str, wanted: ReportFilter) -> list[dict[str, Any]]:
    """For each report year: in how many reports the metric is stated, zero, absent in words, or not mentioned.

    Of all reports and those of a province this is counted beforehand; those of smaller places are counted here.
    """
    counts: dict[int | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    scope, rest = _counted_scope(wanted)
    if scope is not None:
        counts |= census.by_year(connection, scope, metric, wanted.takes)
    if rest is not None:
        for year, *numbers in _count_coverage(connection, metric, rest):
            counts[year] = [one + other for one, other in zip(counts[year], numbers, strict=True)]
    return [
        {
            "report_year": year, "reports": reports, "stated": stated, "zero": zero, "absent": absent,
            "not_mentioned": reports - stated - zero - absent,
        }
        for year, (reports, stated, zero, absent) in sorted(counts.items(), key=lambda pair: pair[0] or 0)
    ]  # fmt: skip


def _counted_scope(wanted: ReportFilter) -> tuple[str | None, list[ColumnElement[bool]] | None]:
    """The scope of the census that answers, and conditions on reports that must be counted one by one beside it."""
    if replace(wanted, place=None, year_from=None, year_to=None, level=None, genre=None).is_empty:
        place, reports = wanted.place, schema.reports.c
        if place is None:
            return census.ALL, None
        if wanted.descendants and is_code(place) and place.endswith("0000"):
            return census.code_scope(place[:2]), None
        if wanted.descendants and not is_code(place) and "~" not in place:
            # The name of a province, or of a smaller place.
            smaller = or_(reports.county == place, reports.city == place)
            elsewhere = or_(reports.province.is_(None), reports.province != place)
            return census.name_scope(place), [smaller, elsewhere, *replace(wanted, place=None).conditions()]
    return None, wanted.conditions()


def _count_coverage(
    connection: Connection, metric: str, conditions: Sequence[ColumnElement[bool]]
) -> Iterable[Sequence[Any]]:
    """Year, reports, and those that say each of `queries.STATES` of the metric."""
    table, reports = schema.coverage, schema.reports
    said = [func.sum(case((contains(table.c[state], f" {metric} "), 1), else_=0)) for state in STATES]
    return connection.execute(
        select(reports.c.report_year, func.count(), *said)
        .join(table, table.c.report == reports.c.number)
        .where(*conditions)
        .group_by(reports.c.report_year)
    ).all()


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_places(
    connection: Connection, *, parent: str | None, name: str | None, limit: int, cursor: str | None
) -> Page:
    """Places by key: the children of `parent`, those whose name begins with `name`, or all. Raises BadCursorError."""
    table = schema.places
    (after,) = read_cursor(cursor, str) if cursor else ("",)
    conditions = [table.c.place > after]
    conditions += [table.c.parent == parent] if parent is not None else []
    conditions += [table.c.name == name] if name is not None else []
    rows = (
        connection.execute(select(table).where(*conditions).order_by(table.c.place).limit(limit + 1)).mappings().all()
    )
    listed = [dict(row) for row in rows[:limit]]
    return Page(listed, write_cursor(listed[-1]["place"]) if len(rows) > limit else None)


def read_place(connection: Connection, place: str) -> dict[str, Any] | None:
    """A place with the chain of places it lies in, and the reports of its own by year."""
    table, reports = schema.places, schema.reports
    row = connection.execute(select(table).where(table.c.place == place)).mappings().first()
    if row is None:
        return None
    chain: list[dict[str, Any]] = []
    parent = row["parent"]
    while parent is not None and len(chain) < 5:  # province, city, county, township: more is a loop
        above = connection.execute(select(table).where(table.c.place == parent)).mappings().first()
        if above is None:
            break
        chain.append({"place": above["place"], "name": above["name"], "level": above["level"]})
        parent = above["parent"]
    own = connection.execute(
        select(reports).where(reports.c.place == place).order_by(reports.c.number.desc()).limit(500)
    ).mappings()
    listed = [report_summary(dict(report)) for report in own]
    for report in listed:
        report.pop("number")
    return {**row, "within": chain, "reports": listed}


# ── comparison ───────────────────────────────────────────────────────────────────────────────────────────────────────


def years_of(connection: Connection, wanted: ReportFilter) -> range:
    """The years asked for; what is left open ends at the last year with a report and spans at most ten."""
    year = schema.reports.c.report_year
    last = wanted.year_to
    if last is None:
        last = connection.execute(select(func.max(year))).scalar_one()
    if last is None:  # no report, or none with a year
        return range(0)
    first = wanted.year_from if wanted.year_from is not None else last - DEFAULT_YEARS + 1
    if first > last or last - first >= MAX_YEARS:
        raise TooMuchError(f"years {first} to {last}: ask for at least one and at most {MAX_YEARS}")
    return range(first, last + 1)


def compare(
    connection: Connection, metrics: Sequence[str], wanted: ReportFilter, years: range, places: Sequence[str] = ()
) -> dict[str, Any]:
    """Metric × body × year; `places` name single places, else the filter decides which bodies there are.

    Raises TooMuchError.
    """
    reports = schema.reports
    # Reports of which nobody knows whose they are belong to no series.
    known = reports.c.body != ""
    conditions = [*wanted.conditions(), known, reports.c.report_year.between(years.start, years.stop - 1)]
    if places:
        conditions.append(or_(reports.c.place.in_(places), reports.c.county.in_(places),
                              and_(reports.c.city.in_(places), reports.c.county.is_(None)),
                              and_(reports.c.province.in_(places), reports.c.city.is_(None))))  # fmt: skip
    columns = [reports.c[name] for name in
               ("number", "report_id", "body", "place", "province", "city", "county", "issuer", "level", "report_year")]  # fmt: skip
    rows = connection.execute(
        select(*columns).where(*conditions).order_by(reports.c.number).limit(MAX_COMPARED_REPORTS + 1)
    ).mappings().all()  # fmt: skip
    bodies = {row["body"]: _body(dict(row)) for row in rows}
    cells = len(bodies) * len(years) * len(metrics)
    if len(rows) > MAX_COMPARED_REPORTS or cells > MAX_CELLS:
        raise TooMuchError(
            f"{len(rows)} reports and {cells} cells; at most {MAX_COMPARED_REPORTS} and {MAX_CELLS}: ask for fewer "
            "places, years or metrics, or for one level"
        )
    facts, absences = _compared(connection, metrics, {row["number"]: row["report_id"] for row in rows})
    matrix = comparison(metrics, list(bodies.values()), list(years), [dict(row) for row in rows], facts, absences)
    return {"years": list(years), "metrics": matrix}


def _body(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["county"] or row["city"] or row["province"] or row["issuer"]
    if row["level"] in {"department", "township"}:
        name = row["issuer"] or name
    return {"body": row["body"], "place": row["place"], "name": name, "level": row["level"]}


def _compared(
    connection: Connection, metrics: Sequence[str], reports: Mapping[int, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    table, covered = schema.facts, schema.coverage
    facts: list[dict[str, Any]] = []
    absences: list[dict[str, Any]] = []
    wanted = [table.c[name] for name in (
        "report", "metric", "value", "value_to", "unit", "qualifier", "modality", "change", "scope", "period",
        "confidence", "quote", "raw_start", "raw_end", "twin",
    )]  # fmt: skip
    in_force = or_(table.c.review.is_(None), table.c.review != "rejected")
    for chunk in bulk.chunks(reports, 1_000):
        statement = select(*wanted).where(
            table.c.report.in_(chunk), table.c.metric.in_(metrics), table.c.modality == "actual", in_force
        )
        for row in connection.execute(statement).mappings():
            report_id = reports[row["report"]]
            name = fact_id(report_id, row["raw_start"], row["raw_end"], row["twin"])
            facts.append({**row, "report_id": report_id, "fact_id": name})
        said = select(covered.c.report, covered.c.absent).where(covered.c.report.in_(chunk), covered.c.absent != "")
        for number, absent in connection.execute(said):
            known = set(absent.split())
            absences += [{"report_id": reports[number], "metric": metric} for metric in metrics if metric in known]
    return facts, absences


# ── dead letters ─────────────────────────────────────────────────────────────────────────────────────────────────────

_LETTER_COLUMNS = [schema.dead_letters.c[name] for name in schema.dead_letters.columns.keys() if name != "packed"]  # noqa: SIM118


def list_dead_letters(
    connection: Connection, *, stage: str | None, reason: str | None, limit: int, cursor: str | None
) -> Page:
    """Dead letters that the sink has moved here, the latest first. Raises BadCursorError."""
    table = schema.dead_letters
    (before,) = read_cursor(cursor, int) if cursor else (2**62,)
    conditions = [table.c.number < before]
    conditions += [table.c.stage == stage] if stage is not None else []
    conditions += [table.c.reason == reason] if reason is not None else []
    statement = select(*_LETTER_COLUMNS).where(*conditions).order_by(table.c.number.desc()).limit(limit + 1)
    rows = connection.execute(statement).mappings().all()
    listed = [_letter(dict(row)) for row in rows[:limit]]
    return Page(listed, write_cursor(listed[-1]["number"]) if len(rows) > limit else None)


def read_dead_letter(connection: Connection, number: int) -> dict[str, Any] | None:
    """One dead letter with traceback and history, without the bytes of the page."""
    table = schema.dead_letters
    row = connection.execute(select(table).where(table.c.number == number)).mappings().first()
    if row is None:
        return None
    whole = orjson.loads(unpack(row["packed"]))
    kept = {name: whole[name] for name in ("traceback", "history", "crawl", "trail")}
    return _letter({name: value for name, value in row.items() if name != "packed"}) | kept


def _letter(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "accepted_at": row["accepted_at"].isoformat(), "died_at": row["died_at"].isoformat()}


def search_places(connection: Connection, words: str, limit: int) -> list[dict[str, Any]]:
    """Places whose name holds `words`: the table has some thousands of rows, and each is looked at."""
    table = schema.places
    statement = select(table).where(contains(table.c.name, words)).order_by(table.c.place).limit(limit)
    return [dict(row) for row in connection.execute(statement).mappings()]
