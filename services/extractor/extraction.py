"""One report as it is read: what all its sentences share, and what was read of them so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.extractor.above import Outline
from services.extractor.quotes import Quotes
from services.extractor.version import rule_version

if TYPE_CHECKING:
    from services.extractor.amount import Left
    from services.extractor.candidate import Mapper
    from shared.events import Document, Fact, SectionedReport


class Extraction:
    """The reading of one report: its facts, and the numerals that are none, each with its rule."""

    def __init__(self, report: SectionedReport, mapper: Mapper) -> None:
        self.report = report
        self.text = report.text
        self.mapper = mapper
        self.outline = Outline(report.text, report.sections)
        self.quotes = Quotes(report)
        self.facts: list[Fact] = []
        self.fields: list[dict[str, Any]] = []  # of the facts read so far, which are made together
        self.left: list[Left] = []
        self.totals: dict[int, tuple[int, ...]] = {}  # of a table, by the place of its amount, the places of its parts
        self.numerals = 0
        self.version = rule_version()
        self.year = report.document.report_year
        self.level = _territory_of(report.document)


def _territory_of(document: Document) -> str | None:
    """The level whose territory the report calls its own: 全市 is a county-level city itself, as it is a prefecture."""
    city = document.level == "county" and (document.place.county or "").endswith("市")
    return "prefecture" if city else document.level
