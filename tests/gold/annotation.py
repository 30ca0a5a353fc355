"""Reading annotated reports: one `document` line, then `section` lines, then `fact` lines in text order.

    NAME.jsonl      the annotation
    NAME.txt        the raw text its quotes are cut from (for an HTML page NAME.plain.txt: what a reader sees)

The page itself stands in samples/, or beside its annotation where it is no sample; the raw text of a plain page is the
page, decoded. Reports in held-out/ have no page elsewhere: nobody who writes rules reads them, and only their figures
are ever printed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

GOLD = Path(__file__).resolve().parent
HELD_OUT = GOLD / "held-out"
SAMPLES = GOLD.parent.parent / "samples"

DOCUMENT_ORDER = (
    "type", "title", "issuer", "place", "level", "report_year", "published", "signed", "document_number", "addressee",
    "script",
)  # fmt: skip
SECTION_ORDER = ("type", "level", "marker", "heading", "kind", "run_in", "order")
FACT_ORDER = (
    "type", "quote", "number_text", "value", "value_to", "unit", "quantity", "qualifier", "subject", "metric",
    "modality", "change", "period", "scope", "section",
)  # fmt: skip


@dataclass(frozen=True)
class Annotation:
    """One annotated report: `spans` are the positions of the facts' numbers in `raw`, half-open, in fact order.

    Its representation is its name, so that a failing test does not print a held-out report.
    """

    name: str
    raw: str = field(repr=False)
    page: Path = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    sections: list[dict[str, Any]] = field(repr=False)
    facts: list[dict[str, Any]] = field(repr=False)
    spans: list[tuple[int, int]] = field(repr=False)

    @property
    def is_plain(self) -> bool:
        """Whether `raw` is the decoded page itself, so that raw offsets can be compared."""
        return self.page.suffix == ".txt"


def locate(raw: str, facts: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Where each number stands in `raw`, by quote, number and text order.

    Where a quote occurs more than once it is the first place not before the number of the fact above; within a quote
    the last occurrence of the number is meant (guide, section 2). Raises ValueError naming the quote that has no place.
    """
    spans: list[tuple[int, int]] = []
    floor = 0
    for fact in facts:
        quote, number = fact["quote"], fact["number_text"]
        offset = quote.rfind(number)
        if offset < 0:
            raise ValueError(f"{number!r} is not in its quote {quote!r}")
        at = raw.find(quote, max(0, floor - offset))
        if at < 0:
            raise ValueError(f"{quote!r} is missing, or out of order")
        floor = at + offset
        spans.append((floor, floor + len(number)))
    return spans


@cache
def annotation(path: Path) -> Annotation:
    """Read one annotation. Raises ValueError where a quote has no place in the raw text."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    facts = [record for record in records if record["type"] == "fact"]
    plain = path.with_suffix(".plain.txt")
    raw = (plain if plain.exists() else path.with_suffix(".txt")).read_bytes().decode("utf-8")
    pages = [SAMPLES / f"{path.stem}.txt", SAMPLES / f"{path.stem}.html", path.with_suffix(".html")]
    return Annotation(
        name=path.stem,
        raw=raw,
        page=next((page for page in pages if page.exists()), path.with_suffix(".txt")),
        document=records[0],
        sections=[record for record in records if record["type"] == "section"],
        facts=facts,
        spans=locate(raw, facts),
    )


def open_set() -> list[Path]:
    """The annotated reports that anybody may read."""
    return sorted(GOLD.glob("*.jsonl"))


def held_out_set() -> list[Path]:
    """The annotated reports that nobody who writes rules reads."""
    return sorted(HELD_OUT.glob("*.jsonl"))
