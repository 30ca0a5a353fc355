"""The sectioner's function, disturbed."""

from __future__ import annotations

from services.sectioner.outline import outline_report
from shared.events import NormalizedReport, SectionedReport
from tests.support.functions import behave


def outline(report: NormalizedReport) -> SectionedReport:
    behave(report.crawl.extra.get("orders", ""), "sectioner")
    return outline_report(report)
