"""A reading and what people said of it → the rows that are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from services.sink import schema
from services.sink.identity import MAX_NAME, body_of, place_of
from services.sink.reading import canonical_json
from services.sink.review import Review, fact_reviews
from services.sink.series import level_of
from shared.events import Document, ExtractedReport

FACT_COLUMNS = tuple(schema.facts.columns.keys())
SECTION_COLUMNS = tuple(schema.sections.columns.keys())
CHECK_COLUMNS = tuple(schema.checks.columns.keys())

#: Fields of a fact that go into the row as they are end it.
_take_fact = itemgetter(*FACT_COLUMNS[FACT_COLUMNS.index("metric") :])
_take_span = itemgetter("raw_start", "raw_end")
_take_words = itemgetter(
    "metric", "unit", "quantity", "subject", "period", "scope", "section", "number_text", "quote", "rule", "metric_rule"
)
_take_section = itemgetter(*("order" if name == "section_order" else name for name in SECTION_COLUMNS[1:]))
_take_heading = itemgetter("marker", "heading", "kind")
_SURROGATES = dict.fromkeys(range(55296, 57344), "�")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Projection:
    """The rows of one report, each table's in its column order."""

    document: dict[str, Any]  # columns of `reports` that the reading decides
    sections: list[Row]
    facts: list[Row]
    checks: list[Row]
    coverage: Row


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


def project(fields: Mapping[str, Any], page: str, reviews: Sequence[Review] = (), number: int = 0) -> Projection:
    """The rows of one report, under its number. `reviews`: all that were made of its pages, oldest first."""
    checks = fields["checks"]
    document, said = _reviewed_document(fields["document"], reviews)
    attached = fact_reviews(fields["facts"], page, reviews) if reviews else {}
    facts = _fact_rows(number, fields["facts"], checks, attached, document["report_year"])
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
        sections=_cleaned(
            [(number, *_take_section(section)) for section in fields["sections"]],
            map(_take_heading, fields["sections"]),
        ),
        facts=facts,
        checks=_check_rows(number, checks),
        coverage=(number, *_coverage_lists(fields["coverage"])),
    )  # fmt: skip


def _check_rows(number: int, checks: Iterable[Mapping[str, Any]]) -> list[Row]:
    return [
        (number, at, storable(check["relation"]), check["kind"], check["holds"], check["expected"], check["stated"],
         orjson.dumps(check["facts"]).decode())
        for at, check in enumerate(checks)
    ]  # fmt: skip


def _coverage_lists(entries: Iterable[Mapping[str, Any]]) -> Row:
    """Metric ids by state, each with a blank before and after."""
    states: dict[str, list[str]] = {"stated": [], "zero": [], "absent": []}
    for metric, state in sorted({entry["metric"]: entry["state"] for entry in entries}.items()):
        states[state].append(metric)
    return tuple(storable(f" {' '.join(metrics)} ") if metrics else "" for metrics in states.values())


def _fact_rows(
    number: int,
    facts: Sequence[Mapping[str, Any]],
    checks: Iterable[Mapping[str, Any]],
    reviews: Mapping[int, Review],
    year: int | None,
) -> list[Row]:
    state: dict[int, str] = {}
    for check in checks:
        for position in check["facts"]:
            if not check["holds"] or position not in state:
                state[position] = "holds" if check["holds"] else "broken"
    seen: dict[Row, int] = {}
    rows: list[Row] = []
    shown = facts if not reviews else [_reviewed_fact(fact, reviews.get(at)) for at, fact in enumerate(facts)]
    for position, fact in enumerate(shown):
        span = _take_span(fact)
        seen[span] = twin = seen.get(span, -1) + 1
        review = reviews.get(position) if reviews else None
        verdict = None if review is None else review.verdict
        rows.append((
            number, position, twin, state.get(position), verdict,
            None if review is None else _machine(facts[position], review), year, _figure(fact, verdict), *_take_fact(fact),
        ))  # fmt: skip
    return _cleaned(rows, map(_take_words, shown))


def _reviewed_fact(fact: Mapping[str, Any], review: Review | None) -> Mapping[str, Any]:
    return fact if review is None or not review.corrected else {**fact, **review.corrected}


def _machine(fact: Mapping[str, Any], review: Review) -> str | None:
    """What the machine said where the review says otherwise."""
    return canonical_json({field: fact[field] for field in review.corrected}) if review.corrected else None


def _figure(fact: Mapping[str, Any], verdict: str | None) -> float | None:
    """The level, where the fact is one that counts for its metric: of the whole territory, actual, no mere change."""
    if fact["metric"] is None or fact["change"] is not None or fact["scope"] is not None:
        return None
    return level_of(fact) if fact["modality"] == "actual" and verdict != "rejected" else None


def _cleaned(rows: list[Row], words: Iterable[Iterable[str | None]]) -> list[Row]:
    """The rows, without what a database cannot hold. `words`: all texts in them that come from a page."""
    if _is_clean("".join([word for several in words for word in several if word])):
        return rows
    return [tuple(map(_plain, row)) for row in rows]


def _is_clean(texts: str) -> bool:
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
