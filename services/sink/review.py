"""What people said of facts and document fields, and how it is found again after the machine read the page anew. Pure.

A review is tied to the place of the number in the page as crawled, not to a row: rows are written anew with every
version. On the same page the fact whose number overlaps is the one that was meant; on another page of the same report
(a copy, a later revision) it is the one with the same number in the same words. A review that finds no fact is kept and
listed as not attached; it comes back when a later version finds the fact again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["confirmed", "corrected", "rejected"]
#: Fields of a fact that a review may correct. Its position and words are the page's, not ours.
FACT_FIELDS = (
    "value", "value_to", "unit", "quantity", "qualifier", "subject", "metric", "modality", "change", "period", "scope",
)  # fmt: skip
#: Fields of a document that a review may correct.
DOCUMENT_FIELDS = (
    "title", "issuer", "place.province", "place.city", "place.county", "place.code", "level", "report_year",
    "published", "signed", "document_number", "addressee", "script", "genre",
)  # fmt: skip
#: What of a fact is kept as its anchor.
ANCHOR_FIELDS = ("raw_start", "raw_end", "number_text", "quote", "subject", "metric")


@dataclass(frozen=True)
class Review:
    """One judgement. `anchor` is empty and `field` set for a document, the other way round for a fact."""

    number: int
    page: str
    target: Literal["fact", "document"]
    field: str | None
    verdict: Verdict
    anchor: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    corrected: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def anchor_of(fact: Mapping[str, Any], twin: int) -> dict[str, Any]:
    """What finds this fact again."""
    return {name: fact[name] for name in ANCHOR_FIELDS} | {"twin": twin}


def fact_reviews(facts: Sequence[Mapping[str, Any]], page: str, reviews: Sequence[Review]) -> dict[int, Review]:
    """Position of a fact → the last review that speaks of it."""
    found: dict[int, Review] = {}
    for review in reviews:
        if review.target == "fact":
            position = locate(review.anchor, facts, same_page=review.page == page)
            if position is not None:
                found[position] = review
    return found


def locate(anchor: Mapping[str, Any], facts: Sequence[Mapping[str, Any]], *, same_page: bool) -> int | None:
    """Position of the fact that `anchor` means, or None.

    Several facts may stand at one number (合格率、参考率达100%): among them the subject decides, then the metric, then
    their order.
    """
    if same_page:
        candidates = [
            at
            for at, fact in enumerate(facts)
            if fact["raw_start"] < anchor["raw_end"] and anchor["raw_start"] < fact["raw_end"]
        ]
    else:
        candidates = [
            at
            for at, fact in enumerate(facts)
            if fact["number_text"] == anchor["number_text"] and fact["quote"] == anchor["quote"]
        ]
    if not candidates:
        return None
    first = candidates[0]

    def likeness(at: int) -> tuple[bool, bool, bool, bool, int]:
        fact = facts[at]
        return (
            (fact["raw_start"], fact["raw_end"]) == (anchor["raw_start"], anchor["raw_end"]),
            fact["subject"] == anchor["subject"],
            fact["metric"] == anchor["metric"],
            at - first == anchor["twin"],
            -at,
        )

    return max(candidates, key=likeness)
