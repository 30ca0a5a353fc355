"""Every numeral of a report with the rule that took or left it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from services.extractor.amount import TAKEN
from services.extractor.candidate import map_nothing
from services.extractor.exclusions import exclusions
from services.extractor.extract import read_facts
from services.extractor.extraction import Extraction

if TYPE_CHECKING:
    from shared.events import SectionedReport


class ExplainedNumeral(NamedTuple):
    """One numeral of the report and the rule that took or left it."""

    text: str
    start: int
    end: int
    fact: bool
    rule: str
    meaning: str


def explain_report(report: SectionedReport) -> list[ExplainedNumeral]:
    """Every numeral of the report, in text order, with the rule that took or left it."""
    extraction = Extraction(report, map_nothing)
    read_facts(extraction)
    meanings = exclusions().rules
    taken = [(fact.text_start, fact.text_end, fact.rule) for fact in extraction.facts]
    left = [(numeral.start, numeral.end, numeral.rule) for numeral in extraction.left]
    listed = [
        ExplainedNumeral(report.text[start:end], start, end, fact, rule, (TAKEN if fact else meanings)[rule])
        for fact, numerals in ((True, taken), (False, left))
        for start, end, rule in numerals
    ]
    return sorted(listed, key=lambda numeral: numeral.start)
