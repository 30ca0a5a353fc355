"""Our own stages with functions that do nothing: the page goes through as it came."""

from __future__ import annotations

from shared.alignment import Alignment
from shared.events import Document, ExtractedReport, NormalizedReport, RawReport, SectionedReport, Source
from shared.stage import EXTRACTED, INTAKE, NORMALIZED, SECTIONED, Stage


def normalize(raw: RawReport) -> NormalizedReport:
    """The least event that still carries its source."""
    return NormalizedReport(
        entry=raw.entry,
        accepted_at=raw.accepted_at,
        source=Source(text=raw.body.decode(), charset="utf-8", media_type="text/plain", raw_bytes=len(raw.body)),
        text="",
        alignment=Alignment(runs=[]),
        document=Document(),
        report_id="0",
        signature="0",
        script_confidence=1.0,
    )


def section(report: NormalizedReport) -> SectionedReport:
    return SectionedReport.model_construct(**vars(report), sections=[], repairs=[])


def extract(report: SectionedReport) -> ExtractedReport:
    return ExtractedReport.model_construct(
        **vars(report), facts=[], checks=[], coverage=[], numerals=0, undecided_numerals=0
    )


normalizer = Stage(name="normalizer", consumes=INTAKE, produces=NORMALIZED, process=normalize).app()
sectioner = Stage(name="sectioner", consumes=NORMALIZED, produces=SECTIONED, process=section).app()
extractor = Stage(name="extractor", consumes=SECTIONED, produces=EXTRACTED, process=extract).app()
