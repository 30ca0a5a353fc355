"""A reading and what people said of it → the rows that are shown. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from services.sink import schema
from services.sink.identity import MAX_NAME, body_of, place_of
from services.sink.reading import canonical_json
from services.sink.review import Review, fact_reviews
from shared.events import Document, ExtractedReport

FACT_COLUMNS = tuple(schema.facts.columns.keys())
SECTION_COLUMNS = tuple(schema.sections.columns.keys())
CHECK_COLUMNS = tuple(schema.checks.columns.keys())
COVERAGE_COLUMNS = tuple(schema.coverage.columns.keys())

#: Fields of a fact that go into the row as they are.
_FACT_FIELDS = FACT_COLUMNS[FACT_COLUMNS.index("metric") : FACT_COLUMNS.index("check_state")]
_take_fact = itemgetter(*_FACT_FIELDS)
_SURROGATES = dict.fromkeys(range(55296, 57344), "�")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Projection:
    """The rows of one report, each table's in its column order, without the report's number in front."""

    document: dict[str, Any]  # columns of `reports` that the reading decides
    sections: list[Row]
    facts: list[Row]
    checks: list[Row]
    coverage: list[Row]


def storable(text: str) -> str:
    """`text` without what PostgreSQL's text cannot hold: NUL and lone surrogates become U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() or _encodes(text) else text.translate(_SURROGATES)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fields_of(report: ExtractedReport) -> dict[str, Any]:
    """What `unpack_reading` would give for this report, as far as a projection needs it, without the way over JSON."""
    return {
        "text": report.text,
        "document": report.document.model_dump(mode="json"),
        "sections": [vars(section) for section in report.sections],
        "facts": [vars(fact) for fact in report.facts],
        "checks": [vars(check) for check in report.checks],
        "coverage": [vars(entry) for entry in report.coverage],
        "repairs": [vars(repair) for repair in report.repairs],
        "numerals": report.numerals,
        "undecided_numerals": report.undecided_numerals,
    }


def project(fields: Mapping[str, Any], page: str, reviews: Sequence[Review] = ()) -> Projection:
    """The rows of one report. `reviews`: all that were made of pages of this report, oldest first."""
    checks = fields["checks"]
    document, said = _reviewed_document(fields["document"], reviews)
    facts = _fact_rows(fields["facts"], checks, fact_reviews(fields["facts"], page, reviews))
    return Projection(
        document=_document_row(document, said)
        | {
            "characters": len(fields["text"]),
            "facts": len(facts),
            "sections": len(fields["sections"]),
            "mapped_facts": sum(fact["metric"] is not None for fact in fields["facts"]),
            "checks": len(checks),
            "repairs": len(fields["repairs"]),
            "failed_checks": sum(not check["holds"] for check in checks),
            "numerals": fields["numerals"],
            "undecided_numerals": fields["undecided_numerals"],
        },
        sections=[_section_row(section) for section in fields["sections"]],
        facts=facts,
        checks=[
            (at, storable(check["relation"]), check["kind"], check["holds"], check["expected"], check["stated"],
             canonical_json(check["facts"]))
            for at, check in enumerate(checks)
        ],
        coverage=sorted({entry["metric"]: entry["state"] for entry in fields["coverage"]}.items()),
    )  # fmt: skip


def _section_row(section: Mapping[str, Any]) -> Row:
    values = {**section, "section_order": section["order"]}
    return tuple(_plain(values[column]) for column in SECTION_COLUMNS[1:])


def _fact_rows(
    facts: Sequence[Mapping[str, Any]], checks: Iterable[Mapping[str, Any]], reviews: Mapping[int, Review]
) -> list[Row]:
    state: dict[int, str] = {}
    for check in checks:
        for position in check["facts"]:
            if not check["holds"] or position not in state:
                state[position] = "holds" if check["holds"] else "broken"
    seen: Counter[tuple[int, int]] = Counter()
    rows: list[Row] = []
    for position, fact in enumerate(facts):
        span = fact["raw_start"], fact["raw_end"]
        values = {**fact, "twin": seen[span]}
        seen[span] += 1
        review = reviews.get(position)
        machine = None
        if review is not None and review.corrected:
            machine = canonical_json({field: fact[field] for field in review.corrected})
            values |= review.corrected
        row = (
            position,
            *_take_fact(values),
            state.get(position),
            None if review is None else review.verdict,
            machine,
        )
        rows.append(row if _is_storable(row) else tuple(map(_plain, row)))
    return rows


def _is_storable(row: Row) -> bool:
    """Whether no text of the row must be cleaned: one look at all of them together."""
    texts = "".join([value for value in row if isinstance(value, str)])
    return "\0" not in texts and (texts.isascii() or _encodes(texts))


def _plain(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def _reviewed_document(document: Mapping[str, Any], reviews: Sequence[Review]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document with people's corrections, and field → what the machine said where they corrected or rejected."""
    latest = {review.field: review for review in reviews if review.target == "document" and review.field is not None}
    corrected: dict[str, Any] = {**document, "place": dict(document["place"])}
    said: dict[str, Any] = {}
    for field, review in sorted(latest.items()):
        if review.verdict == "confirmed":
            continue
        value = None if review.verdict == "rejected" else review.corrected.get(field)
        head, _, part = field.partition(".")
        holder = corrected["place"] if head == "place" else corrected
        said[field] = holder[part or head]
        holder[part or head] = value
    return corrected, said


def _cut(name: str | None) -> str | None:
    """No place has a longer name, and no index of PostgreSQL takes more than 2,700 bytes."""
    return None if name is None else name[:MAX_NAME]


def _document_row(document: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    model = Document.model_validate({**document, "script": document["script"] or "Hans"})
    place, code = model.place, model.place.code
    names = {
        "title": model.title, "issuer": model.issuer, "province": _cut(place.province), "city": _cut(place.city),
        "county": _cut(place.county), "published": model.published, "signed": model.signed,
        "document_number": model.document_number, "addressee": model.addressee,
    }  # fmt: skip
    return {field: None if value is None else storable(value) for field, value in names.items()} | {
        "place_code": code,
        "place": storable(place_of(model)),
        "province_code": code[:2] if code else None,
        "city_code": code[:4] if code and code[2:4] != "00" else None,
        "body": storable(body_of(model)),
        "level": model.level,
        "report_year": model.report_year,
        "script": model.script,
        "genre": model.genre,
        "genre_score": model.genre_score,
        "reviewed": canonical_json(said) if said else None,
    }
