"""A reading and what people said of it → the rows that are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from services.sink import schema
from services.sink.places import MAX_NAME, body_of, place_of
from services.sink.reading import canonical_json
from services.sink.review import Review, fact_reviews
from services.sink.schema import Row, TableColumns
from services.sink.series import level_of
from services.sink.texts import is_storable, storable, storable_each, storable_or_none
from shared.columns import Columns
from shared.events import Document, Record
from shared.tables import RECORDS, TabledReport

FACT_COLUMNS = tuple(schema.facts.columns.keys())
#: Columns of the table that are fields of the record under the same name, at the end of the row.
_FACT_FIELDS = FACT_COLUMNS[FACT_COLUMNS.index("metric") :]
_SECTION_FIELDS = tuple("order" if name == "section_order" else name for name in schema.sections.columns.keys()[1:])
_CHECK_FIELDS = ("relation", "kind", "holds", "expected", "stated")
#: Fields whose words come from a page.
_WORDS = frozenset(
    {"metric", "unit", "quantity", "subject", "period", "scope", "section", "number_text", "quote", "rule",
     "metric_rule", "marker", "heading", "kind", "relation"}
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What a reading found, as far as it is shown; columns by the field names of the records."""

    document: Document
    characters: int
    sections: Columns
    facts: Columns
    checks: Columns
    coverage: Columns
    repairs: int
    numerals: int
    undecided_numerals: int

    @classmethod
    def of(cls, report: TabledReport) -> Findings:
        """Those of a report."""
        return cls(
            document=report.document, characters=len(report.text), sections=report.sections,
            facts=report.facts, checks=report.checks, coverage=report.coverage, repairs=len(report.repairs),
            numerals=report.numerals, undecided_numerals=report.undecided_numerals,
        )  # fmt: skip

    @classmethod
    def among(cls, fields: Mapping[str, Any]) -> Findings:
        """Those of a reading as plain JSON values, see `reading.unpack_reading`."""
        tables = {name: _transposed(record, fields[name]) for name, record in RECORDS.items()}
        return cls(
            document=Document.model_validate({**fields["document"], "script": fields["document"]["script"] or "Hans"}),
            characters=len(fields["text"]), repairs=len(fields["repairs"]),
            numerals=fields["numerals"], undecided_numerals=fields["undecided_numerals"], **tables,
        )  # fmt: skip


def _transposed(record: type[Record], rows: Sequence[Mapping[str, Any]]) -> Columns:
    return {name: [row[name] for row in rows] for name in record.model_fields}


@dataclass(frozen=True)
class Projection:
    """The rows of one report, those of a table as its columns."""

    document: dict[str, Any]  # columns of `reports` that the reading decides
    sections: TableColumns
    facts: TableColumns
    checks: TableColumns
    coverage: Row


def project(found: Findings, page: str, reviews: Sequence[Review] = (), number: int = 0) -> Projection:
    """The rows of one report, under its number. `reviews`: all that were made of its pages, oldest first."""
    document, said = _reviewed_document(found.document, reviews)
    holds = found.checks["holds"]
    facts = _fact_columns(number, found, document.report_year, _attached(found.facts, page, reviews))
    return Projection(
        document=_document_row(document, said)
        | {
            "characters": found.characters,
            "facts": _rows(found.facts),
            "sections": _rows(found.sections),
            "mapped_facts": sum(metric is not None for metric in found.facts["metric"]),
            "checks": len(holds),
            "repairs": found.repairs,
            "failed_checks": len(holds) - sum(holds),
            "numerals": found.numerals,
            "undecided_numerals": found.undecided_numerals,
        },
        sections=[[number] * _rows(found.sections), *_fields(found.sections, _SECTION_FIELDS)],
        facts=facts,
        checks=_check_columns(number, found.checks),
        coverage=(number, *_coverage_lists(found.coverage)),
    )


def _rows(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def _fields(columns: Columns, names: Iterable[str]) -> list[Sequence[Any]]:
    """These columns, the words of a page without what a database cannot hold."""
    told = [columns[name] for name in names if name in _WORDS]
    if is_storable("".join(filter(None, chain.from_iterable(told)))):
        return [columns[name] for name in names]
    return [storable_each(columns[name]) if name in _WORDS else columns[name] for name in names]


def _check_columns(number: int, checks: Columns) -> TableColumns:
    rows = _rows(checks)
    told = [orjson.dumps(positions).decode() for positions in checks["facts"]]
    return [[number] * rows, range(rows), *_fields(checks, _CHECK_FIELDS), told]


def _coverage_lists(entries: Columns) -> Row:
    """Metric ids by state, each with a blank before and after."""
    states: dict[str, list[str]] = {"stated": [], "zero": [], "absent": []}
    for metric, state in sorted(dict(zip(entries["metric"], entries["state"], strict=True)).items()):
        states[state].append(metric)
    return tuple(storable(f" {' '.join(metrics)} ") if metrics else "" for metrics in states.values())


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fact_columns(number: int, found: Findings, year: int | None, attached: Mapping[int, Review]) -> TableColumns:
    rows = _rows(found.facts)
    shown, verdicts, machine = _reviewed_facts(found.facts, attached)
    return [
        [number] * rows, range(rows), _twins(found.facts), _check_states(rows, found.checks), verdicts, machine,
        [year] * rows, _figures(shown, verdicts), *_fields(shown, _FACT_FIELDS),
    ]  # fmt: skip


def _twins(facts: Columns) -> Sequence[int]:
    """0, 1, … among facts at the same number."""
    starts = facts["raw_start"]
    if len(set(starts)) == len(starts):
        return [0] * len(starts)
    seen: dict[tuple[int, int], int] = {}
    twins = []
    for span in zip(starts, facts["raw_end"], strict=True):
        seen[span] = twin = seen.get(span, -1) + 1
        twins.append(twin)
    return twins


def _check_states(rows: int, checks: Columns) -> Sequence[str | None]:
    """`broken` where a check that fails speaks of the fact, `holds` where only checks that hold do."""
    told = sorted(zip(checks["holds"], checks["facts"], strict=True), reverse=True)  # those that fail are last
    states = {position: "holds" if holds else "broken" for holds, positions in told for position in positions}
    return list(map(states.get, range(rows)))


def _figures(facts: Columns, verdicts: Iterable[str | None]) -> Sequence[float | None]:
    """The level, where the fact is one that counts for its metric: of the whole territory, actual, no mere change."""
    return [
        level_of(value, value_to, qualifier)
        if metric is not None and change is None and scope is None and modality == "actual" and verdict != "rejected"
        else None
        for metric, change, scope, modality, verdict, value, value_to, qualifier in zip(
            facts["metric"], facts["change"], facts["scope"], facts["modality"], verdicts, facts["value"],
            facts["value_to"], facts["qualifier"], strict=True,
        )
    ]  # fmt: skip


def _attached(facts: Columns, page: str, reviews: Sequence[Review]) -> Mapping[int, Review]:
    if not reviews:
        return {}
    rows = [dict(zip(facts, row, strict=True)) for row in zip(*facts.values(), strict=True)]
    return fact_reviews(rows, page, reviews)


def _reviewed_facts(
    facts: Columns, attached: Mapping[int, Review]
) -> tuple[Columns, list[str | None], list[str | None]]:
    """The facts as corrected; the verdict of each; and what the machine said where the review says otherwise."""
    verdicts: list[str | None] = [None] * _rows(facts)
    machine: list[str | None] = [None] * _rows(facts)
    if not attached:
        return facts, verdicts, machine
    shown: Columns = dict(facts)
    for position, review in attached.items():
        verdicts[position] = review.verdict
        if review.corrected:
            machine[position] = canonical_json({field: facts[field][position] for field in review.corrected})
        for field, value in review.corrected.items():
            shown[field] = [*shown[field][:position], value, *shown[field][position + 1 :]]
    return shown, verdicts, machine


# ── the document ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _reviewed_document(document: Document, reviews: Sequence[Review]) -> tuple[Document, dict[str, Any]]:
    """The document with people's corrections, and field → what the machine said where they corrected or rejected."""
    latest = {review.field: review for review in reviews if review.target == "document" and review.field is not None}
    differing = {field: review for field, review in latest.items() if review.verdict != "confirmed"}
    if not differing:
        return document, {}
    corrected = document.model_dump(mode="json")
    said: dict[str, Any] = {}
    for field, review in sorted(differing.items()):
        value = None if review.verdict == "rejected" else review.corrected.get(field)
        head, _, part = field.partition(".")
        holder = corrected["place"] if head == "place" else corrected
        said[field] = holder[part or head]
        holder[part or head] = value
    return Document.model_validate(corrected), said


def _cut(name: str | None) -> str | None:
    """No place has a longer name, and no index of PostgreSQL takes more than 2,700 bytes."""
    return None if name is None else name[:MAX_NAME]


def _document_row(document: Document, said: Mapping[str, Any]) -> dict[str, Any]:
    place, code = document.place, document.place.code
    names = {
        "title": document.title, "issuer": document.issuer, "province": _cut(place.province), "city": _cut(place.city),
        "county": _cut(place.county), "published": document.published, "signed": document.signed,
        "document_number": document.document_number, "addressee": document.addressee,
    }  # fmt: skip
    return {field: storable_or_none(value) for field, value in names.items()} | {
        "place_code": code,
        "place": storable(place_of(document)),
        "province_code": code[:2] if code else None,
        "city_code": code[:4] if code and code[2:4] != "00" else None,
        "body": storable(body_of(document)),
        "level": document.level,
        "report_year": document.report_year,
        "script": document.script,
        "genre": document.genre,
        "genre_score": document.genre_score,
        "reviewed": canonical_json(said) if said else None,
    }
