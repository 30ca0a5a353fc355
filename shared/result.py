"""The offline result: the shape that `fazhi extract` writes and the API serves."""

from __future__ import annotations

from typing import Any

from shared.events import ExtractedReport


def offline_result(report: ExtractedReport) -> dict[str, Any]:
    """One report as plain JSON values, sections, facts and checks in text order."""
    crawl, source = report.crawl, report.source
    return {
        "source": {
            "name": crawl.name,
            "url": crawl.url,
            "raw_length": len(source.text),
            "charset": source.charset,
            "media_type": source.media_type,
        },
        "report_id": report.report_id,
        "text": report.text,
        "document": report.document.model_dump(),
        "sections": [section.model_dump() for section in report.sections],
        "repairs": [repair.model_dump() for repair in report.repairs],
        "facts": [fact.model_dump() for fact in report.facts],
        "checks": [check.model_dump() for check in report.checks],
        "coverage": [entry.model_dump() for entry in report.coverage],
        "numerals": report.numerals,
        "undecided_numerals": report.undecided_numerals,
    }
