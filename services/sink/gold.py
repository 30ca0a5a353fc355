"""A reviewed report as an annotated document: what the scorer takes for the truth. Pure.

Corrected values stand in place of the machine's, rejected facts are left out. What nobody reviewed is the machine's:
whoever makes gold of it has to read the whole report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from services.sink.review import Review, fact_reviews

_DOCUMENT = (
    "title", "issuer", "place", "level", "report_year", "published", "signed", "document_number", "addressee", "script",
)  # fmt: skip
_SECTION = ("level", "marker", "heading", "kind", "run_in", "order")
_FACT = (
    "quote", "number_text", "value", "value_to", "unit", "quantity", "qualifier", "subject", "metric", "modality",
    "change", "period", "scope", "section",
)  # fmt: skip


def gold_lines(fields: Mapping[str, Any], page: str, reviews: Sequence[Review]) -> Iterator[bytes]:
    """The lines of the annotation: the document, its sections in order, its facts in text order."""
    document = {**fields["document"], "place": dict(fields["document"]["place"])}
    for review in reviews:
        if review.target == "document" and review.field is not None and review.verdict != "confirmed":
            head, _, part = review.field.partition(".")
            value = review.corrected.get(review.field)
            (document["place"] if part else document)[part or head] = value
    place = {name: document["place"][name] for name in ("province", "city", "county")}
    yield orjson.dumps({"type": "document", **{name: document[name] for name in _DOCUMENT}, "place": place})
    for section in fields["sections"]:
        yield orjson.dumps({"type": "section", **{name: section[name] for name in _SECTION}})
    said = fact_reviews(fields["facts"], page, reviews)
    for position, fact in enumerate(fields["facts"]):
        spoken = said.get(position)
        if spoken is None or spoken.verdict != "rejected":
            values = fact if spoken is None else {**fact, **spoken.corrected}
            yield orjson.dumps({"type": "fact", **{name: values[name] for name in _FACT}})
