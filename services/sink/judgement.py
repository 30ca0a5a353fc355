"""Taking down what a person says of a fact or a document field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, JsonValue, ValidationError, field_validator, model_validator
from sqlalchemy import Connection, Engine, select

from services.sink import bulk, engine, lookups, schema
from services.sink.reading import canonical_json, unpack_reading
from services.sink.reference import note_places
from services.sink.review import DOCUMENT_FIELDS, FACT_FIELDS, Verdict, anchor_of
from services.sink.shown import reproject
from services.sink.texts import storable
from shared.errors import Transient
from shared.events import Document, Fact, Record

#: A name and a reason, not a treatise.
_MAX_NAME = 80
_MAX_REASON = 1_000
_MAX_VALUE_TEXT = 500


class NotFoundError(LookupError):
    """There is no such fact, report or field."""


class Judgement(Record):
    """What a person says: of the fact `fact`, or of the field `field` of the report `report`.

    `corrected` (field → value) belongs to the verdict `corrected` and to no other.
    """

    fact: str | None = Field(default=None, max_length=160, pattern=r"^[0-9A-Za-z_.-]+$")
    report: str | None = Field(default=None, max_length=128, pattern=r"^[0-9A-Za-z_-]+$")
    field: str | None = Field(default=None, json_schema_extra={"enum": [*DOCUMENT_FIELDS, None]})
    verdict: Verdict
    corrected: dict[str, JsonValue] = Field(default_factory=dict, max_length=len(FACT_FIELDS))
    reviewer: str = Field(min_length=1, max_length=_MAX_NAME, pattern=r"\S")
    reason: str = Field(default="", max_length=_MAX_REASON)

    @field_validator("corrected")
    @classmethod
    def _plain(cls, corrected: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for value in corrected.values():
            if isinstance(value, list | dict) or (isinstance(value, str) and len(value) > _MAX_VALUE_TEXT):
                raise ValueError(
                    f"a corrected value is a number, null or a text of at most {_MAX_VALUE_TEXT} characters"
                )
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError("a corrected value is finite")
        return corrected

    @model_validator(mode="after")
    def _whole(self) -> Judgement:
        if (self.fact is None) == (self.report is None):
            raise ValueError("name either `fact`, or `report` and `field`")
        if (self.report is None) != (self.field is None):
            raise ValueError("`report` and `field` go together")
        if self.field is not None and self.field not in DOCUMENT_FIELDS:
            raise ValueError(f"`field` is one of {', '.join(DOCUMENT_FIELDS)}")
        if (self.verdict == "corrected") != bool(self.corrected):
            raise ValueError("`corrected` holds the right values where the verdict is corrected, and nothing elsewhere")
        allowed = FACT_FIELDS if self.field is None else (self.field,)
        if not set(self.corrected) <= set(allowed):
            raise ValueError(f"`corrected` may hold {', '.join(allowed)}")
        return self


def judge(database: Engine, judgement: Judgement) -> dict[str, Any]:
    """Keep the judgement and show it: the review as it was kept.

    Raises NotFoundError, ValueError for a value that the field does not take, Transient.
    """
    with engine.surroundings(), database.begin() as connection:
        number = _report_number(connection, judgement)
        bulk.lock(connection, {f"report:{number}"})
        if _report_number(connection, judgement) != number:
            raise Transient("the report was joined with another one meanwhile; say it again")
        (kept,) = bulk.new_numbers(connection, schema.reviews, 1)
        row = {"number": kept, **_review_row(connection, judgement)}
        connection.execute(schema.reviews.insert(), row)
        reproject(connection, number)
        if judgement.field is not None and judgement.corrected:
            note_places(connection, [_corrected_document(connection, judgement)])
        return lookups.review_row(row)


def _report_number(connection: Connection, judgement: Judgement) -> int:
    report_id = judgement.report or str(judgement.fact).partition(".")[0]
    found = lookups.find_report(connection, report_id)
    if found is None:
        raise NotFoundError("there is no such report")
    return int(found["number"])


def _review_row(connection: Connection, judgement: Judgement) -> dict[str, Any]:
    report_id = judgement.report or str(judgement.fact).partition(".")[0]
    report = lookups.find_report(connection, report_id)
    if report is None:  # forgotten while this waited for the lock
        raise NotFoundError("there is no such report")
    fields = _reading_of(connection, report)
    if judgement.fact is not None:
        anchor, machine = _fact_side(connection, judgement, fields)
    else:
        anchor, machine = {}, _document_side(judgement, fields["document"])
    return {
        "page": report["page"],
        "target": "document" if judgement.fact is None else "fact",
        "field": judgement.field,
        "verdict": judgement.verdict,
        "anchor": canonical_json(anchor),
        "machine": canonical_json(machine),
        "corrected": canonical_json(judgement.corrected),
        "reviewer": storable(judgement.reviewer.strip()),
        "reason": storable(judgement.reason.strip()),
        "reviewed_at": datetime.now(tz=UTC),
    }


def _reading_of(connection: Connection, report: Mapping[str, Any]) -> dict[str, Any]:
    table = schema.readings
    return unpack_reading(
        connection.execute(select(table.c.packed).where(table.c.number == report["reading"])).scalar_one()
    )


def _fact_side(
    connection: Connection, judgement: Judgement, fields: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    found = lookups.find_fact(connection, str(judgement.fact))
    if found is None:
        raise NotFoundError("there is no such fact")
    fact = fields["facts"][found["_position"]]
    _checked(Fact, {**fact, **judgement.corrected})
    return anchor_of(fact, found["twin"]), {name: fact[name] for name in FACT_FIELDS}


def _document_side(judgement: Judgement, document: Mapping[str, Any]) -> dict[str, Any]:
    field = str(judgement.field)
    head, _, part = field.partition(".")
    said = document["place"][part] if part else document[head]
    if judgement.verdict == "rejected" and head in {"script", "genre"}:
        raise ValueError(f"{field} has always a value: correct it")
    if judgement.corrected:
        value = judgement.corrected[field]
        changed = {**document, "place": {**document["place"], part: value}} if part else {**document, head: value}
        _checked(Document, changed)
        if head in {"published", "signed"} and value is not None:
            datetime.strptime(str(value), "%Y-%m-%d")  # noqa: DTZ007 - a day has no zone
    return {field: said}


def _corrected_document(connection: Connection, judgement: Judgement) -> Document:
    """The names and the level under which the report is shown now."""
    report = lookups.find_report(connection, str(judgement.report))
    if report is None:
        raise NotFoundError("there is no such report")
    place = {name: report[name] for name in ("province", "city", "county")} | {"code": report["place_code"]}
    return Document.model_validate({"place": place, "level": report["level"], "issuer": report["issuer"]})


def _checked(model: type[Record], values: Mapping[str, Any]) -> None:
    try:
        model.model_validate(values, strict=False)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}") from error
