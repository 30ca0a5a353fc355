"""A sectioned report from plain text: the extractor is read by itself, without the stages before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.candidate import map_nothing
from services.extractor.explain import ExplainedNumeral, explain_report
from services.extractor.extract import extract_report
from shared.alignment import Alignment
from shared.events import Document, Fact, Section, SectionedReport, Source


def sectioned(
    text: str, *, year: int | None = 2022, level: str | None = "county", kind: str = "achievements"
) -> SectionedReport:
    """`text` as one section of a report of `year`, aligned with itself."""
    section = Section(
        order=1, level=1, marker="一、", heading="主要工作", kind=kind, run_in=False,
        text_start=0, text_end=len(text), body_start=0,
    )  # fmt: skip
    return SectionedReport(
        entry="intake/1-0",
        accepted_at=0.0,
        source=Source(text=text, charset="utf-8", media_type="text/plain", raw_bytes=len(text.encode())),
        text=text,
        alignment=Alignment(runs=[0, len(text), len(text)] if text else []),
        document=Document(report_year=year, level=level),
        report_id="0",
        signature="0",
        script_confidence=1.0,
        sections=[section] if text else [],
    )


@pytest.fixture
def report() -> Callable[..., SectionedReport]:
    return sectioned


@pytest.fixture
def facts() -> Callable[..., list[Fact]]:
    def read(text: str, **about: object) -> list[Fact]:
        return extract_report(sectioned(text, **about), mapper=map_nothing).facts

    return read


@pytest.fixture
def explained() -> Callable[..., list[ExplainedNumeral]]:
    def explain(text: str, **about: object) -> list[ExplainedNumeral]:
        return explain_report(sectioned(text, **about))

    return explain
