"""The normalizer's function, disturbed."""

from __future__ import annotations

from services.normalizer.normalize import normalize_report
from shared.events import NormalizedReport, RawReport
from tests.support.functions import behave


def normalize(raw: RawReport) -> NormalizedReport:
    behave(raw.crawl.extra.get("orders", ""), "normalizer")
    return normalize_report(raw)
