"""Reports made by hand: text as the normalizer would give it, with an alignment that maps every character to itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.sectioner.outline import outline_report
from shared.alignment import Alignment
from shared.events import Document, NormalizedReport, SectionedReport, Source


def hand_made(
    text: str, *, report_year: int | None = 2023, title: str | None = None, raw: str | None = None
) -> NormalizedReport:
    """A normalized report; `raw` is a source of the same length in other characters."""
    raw = text if raw is None else raw
    return NormalizedReport(
        entry="fazhi:intake/1-0",
        accepted_at=0.0,
        source=Source(text=raw, charset="utf-8", media_type="text/plain", raw_bytes=len(raw.encode())),
        text=text,
        alignment=Alignment.from_runs([(0, len(text), 0, len(raw))]),
        document=Document(report_year=report_year, title=title),
        report_id="00",
        signature="00",
        script_confidence=1.0,
    )


@pytest.fixture(scope="session")
def sectioned() -> Callable[..., SectionedReport]:
    """From a text to its outline."""

    def section(text: str, **fields: object) -> SectionedReport:
        return outline_report(hand_made(text, **fields))

    return section
