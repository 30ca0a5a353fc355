"""The extractor's function, disturbed."""

from __future__ import annotations

from services.extractor.extract import extract_report
from shared.events import ExtractedReport, SectionedReport
from tests.support.functions import behave


def extract(report: SectionedReport) -> ExtractedReport:
    behave(report.crawl.extra.get("orders", ""), "extractor")
    return extract_report(report)
