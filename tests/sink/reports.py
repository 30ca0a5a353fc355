"""Invented reports as the last stage hands them over."""

from __future__ import annotations

import hashlib
from typing import Any

from shared.alignment import Alignment
from shared.events import (
    Check,
    Coverage,
    Crawl,
    DeadLetter,
    Document,
    ExtractedReport,
    Fact,
    Place,
    Section,
    Source,
    Step,
)

FIRST_MILLISECONDS = 1_763_740_800_000


def entry_name(number: int) -> str:
    return f"fazhi:intake/{FIRST_MILLISECONDS + number}-0"


def invented_report(
    number: int = 1,
    *,
    city: str = "云岭市",
    year: int | None = 2023,
    url: str | None = "auto",
    words: str = "",
    values: tuple[float, ...] = (120, 80, 40),
    version: str = "0.1.0",
    made_at: float | None = None,
    fetched_at: str | None = None,
    content: str | None = None,
    signature: str | None = None,
    level: str = "prefecture",
    code: str | None = None,
    issuer: str | None = None,
    name: str | None = None,
) -> ExtractedReport:
    """One report; what is not given follows from `number`, `city` and `year`."""
    head = f"{city}人民政府关于{year}年法治政府建设情况的报告\n一、主要做法\n{words}"
    text, facts = head, []
    for at, value in enumerate(values):
        written = f"{value:g}件"
        quote = f"第{'甲乙丙丁戊己庚辛'[at % 8]}类案件{written}"
        start = len(text) + len(quote) - len(written)
        facts.append(
            Fact(
                quote=quote, number_text=written, text_start=start, text_end=start + len(written), raw_start=start + 1,
                raw_end=start + 1 + len(written), quote_start=len(text), quote_end=len(text) + len(quote), value=value,
                unit="件", subject=f"案件{at}", section="一、主要做法", section_order=2, rule="count", confidence=0.9,
                metric=("reconsideration.accepted", "reconsideration.closed", None)[at % 3], version=version,
            )
        )  # fmt: skip
        text += quote + "。"
    body = len(head.split("\n", maxsplit=1)[0]) + 1
    digest = hashlib.sha256(text.encode()).hexdigest()
    at = FIRST_MILLISECONDS / 1000 + number
    return ExtractedReport(
        entry=entry_name(number),
        accepted_at=at,
        crawl=Crawl(
            url=f"https://www.example.org/{city}/{year}.html" if url == "auto" else url,
            name=name,
            fetched_at=fetched_at,
            extra={"depth": "3"},
        ),
        trail=[Step(stage="extractor", worker="w", version=version, started_at=made_at or at, seconds=0.01, delivery=1)],
        source=Source(text="\ufeff" + text, charset="utf-8", media_type="text/plain", raw_bytes=len(text.encode()) + 3),
        text=text,
        alignment=Alignment(runs=[1, len(text), len(text)]),
        document=Document(
            title=head.split("\n", maxsplit=1)[0], issuer=issuer or f"{city}人民政府", place=Place(city=city, code=code),
            level=level, report_year=year, genre="law_based_government", genre_score=0.9,
        ),
        report_id=content or digest[:32],
        signature=signature or digest[:16],
        script_confidence=1.0,
        sections=[
            Section(order=1, level=1, marker=None, heading="", kind="preamble", run_in=False, text_start=0, text_end=body,
                    body_start=0),
            Section(order=2, level=1, marker="一、", heading="主要做法", kind="achievements", run_in=False,
                    text_start=body, text_end=len(text), body_start=body + 7),
        ],
        facts=facts,
        checks=[Check(relation="reconsideration.closed <= reconsideration.accepted", holds=values[1] <= values[0],
                      expected=None, stated=None, facts=[1, 0])] if len(values) > 1 else [],
        coverage=[Coverage(metric=fact.metric, state="stated") for fact in facts if fact.metric],
        numerals=len(values) + 1,
        undecided_numerals=1,
    )  # fmt: skip


def dead_letter(number: int = 1, **changes: Any) -> DeadLetter:
    body = b"\xff\xfe\x00broken"
    fields: dict[str, Any] = {
        "entry": entry_name(number),
        "accepted_at": FIRST_MILLISECONDS / 1000 + number,
        "crawl": Crawl(url="https://www.example.org/broken"),
        "stage": "normalizer",
        "stream": "fazhi:intake",
        "stream_entry": f"{FIRST_MILLISECONDS + number}-0",
        "reason": "undecodable",
        "detail": "no charset gives text",
        "version": "0.1.0",
        "died_at": FIRST_MILLISECONDS / 1000 + number + 1,
        "deliveries": 1,
        "body": body,
        "body_bytes": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
    }
    return DeadLetter(**(fields | changes))
