"""The pipeline without broker or database, as `fazhi extract` runs it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.events import Crawl, RawReport
from shared.result import offline_result


@cache
def offline(page: Path) -> dict[str, Any]:
    """The offline result of one page. Raises shared.errors.Permanent where the page can never be processed."""
    raw = RawReport(entry=f"offline/{page.name}", accepted_at=0.0, body=page.read_bytes(), crawl=Crawl(name=page.name))
    return offline_result(extract_report(outline_report(normalize_report(raw))))
