"""From a sectioned report to its facts: the order of the pipeline.

    numbers ─▶ units, hedges, exclusions (amounts.py) ─▶ pairs ─▶ subject, scope, period, modality ─▶ metric ─▶ checks
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from services.extractor.amounts import Amount, Left, read_amounts
from services.extractor.candidate import MAX_PRECEDING, MAX_PREVIOUS, Candidate, Mapped, map_nothing
from services.extractor.clauses import Paragraph, paragraphs
from services.extractor.exclusions import exclusions
from services.extractor.pairs import join_amounts
from services.extractor.period import Period, find_periods
from services.extractor.subjects import Phrase, build
from shared.events import ExtractedReport, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.extractor.candidate import Mapper
    from services.extractor.exclusions import Mask
    from shared.events import SectionedReport


class ExplainedNumeral(NamedTuple):
    """One numeral of the report and the rule that took or left it."""

    text: str
    start: int
    end: int
    fact: bool
    rule: str
    meaning: str


def extract_report(report: SectionedReport, mapper: Mapper | None = None) -> ExtractedReport:
    """Every measured fact of the report, with its metric and the checks that its facts allow."""
    if mapper is None:
        mapper = _catalogue_mapper()
    facts, left, numerals = _Extraction(report, mapper).run()
    return ExtractedReport(
        **{name: getattr(report, name) for name in type(report).model_fields},
        facts=facts,
        numerals=numerals,
        undecided_numerals=sum(1 for numeral in left if numeral.rule == "undecided"),
    )


def _catalogue_mapper() -> Mapper:
    try:
        from services.extractor.catalogue import map_metric
    except ImportError:
        return map_nothing
    return map_metric


class _Sides(NamedTuple):
    before: str
    after: str


class _Extraction:
    def __init__(self, report: SectionedReport, mapper: Mapper) -> None:
        self.report = report
        self.text = report.text
        self.mapper = mapper
        self.starts = [section.text_start for section in report.sections]
        self.facts: list[Fact] = []
        self.left: list[Left] = []
        self.numerals = 0

    def run(self) -> tuple[list[Fact], list[Left], int]:
        masks = list(exclusions().masks(self.text))
        for paragraph in paragraphs(self.text):
            reading = read_amounts(paragraph, masks)
            self.numerals += len(reading.amounts) + len(reading.left)
            amounts = join_amounts(self.text, reading.amounts, reading.left)
            self.left += reading.left
            if amounts:
                self._paragraph(paragraph, amounts, masks)
        return self.facts, self.left, self.numerals

    def _paragraph(self, paragraph: Paragraph, amounts: list[Amount], masks: Sequence[Mask]) -> None:
        previous: list[Mapped] = []
        sentence = (-1, -1)
        carried = topic = verb = ""
        text = self.text
        for k, amount in enumerate(amounts):
            span = paragraph.sentence(amount.numeral_start)
            if span != sentence:
                sentence, carried, topic, verb = span, "", "", ""
            clause = paragraph.clause(amount.numeral_start)
            floor = max(clause[0], amounts[k - 1].end if k and amounts[k - 1].end <= amount.start else clause[0])
            ceiling = min(clause[1], amounts[k + 1].start if k + 1 < len(amounts) and amounts[k + 1].start >= amount.end else clause[1])
            before, after = text[floor : amount.start], text[amount.end : ceiling]
            unit = amount.unit.name if amount.unit else None
            quantity = amount.unit.quantity if amount.unit else "count"
            phrase = build(before, after, unit=unit, quantity=quantity, carried=carried, topic=topic, verb=verb)
            if phrase.noun:
                carried = phrase.noun
            self._fact(paragraph, amount, phrase, clause, span)

    def _fact(self, paragraph: Paragraph, amount: Amount, phrase: Phrase, clause: tuple[int, int], sentence: tuple[int, int]) -> None:
        report = self.report
        at = bisect_right(self.starts, amount.numeral_start) - 1
        section = report.sections[at] if at >= 0 else None
        raw_start, raw_end = report.alignment.to_source(amount.start, amount.end)
        source = report.source.text
        q0, q1 = clause[0], max(clause[0], amount.end)
        quote_raw = report.alignment.to_source(q0, q1)
        heading = None
        if section is not None and (section.marker or section.heading):
            heading = f"{section.marker or ''}{section.heading}"
        self.facts.append(
            Fact(
                quote=source[quote_raw[0] : quote_raw[1]],
                number_text=source[raw_start:raw_end],
                text_start=amount.start,
                text_end=amount.end,
                raw_start=raw_start,
                raw_end=raw_end,
                quote_start=q0,
                quote_end=q1,
                value=round(amount.value, 4),
                value_to=None if amount.value_to is None else round(amount.value_to, 4),
                unit=amount.unit.name if amount.unit else None,
                quantity=amount.unit.quantity if amount.unit else "count",
                qualifier=amount.qualifier,
                subject=phrase.subject,
                change=amount.change,
                modality="target" if section is not None and section.kind == "plan" else "actual",
                section=heading,
                section_order=None if section is None else section.order,
                rule=amount.rule,
            )
        )


def explain_report(report: SectionedReport) -> list[ExplainedNumeral]:
    """Every numeral of the report, in text order, with the rule that took or left it."""
    extraction = _Extraction(report, map_nothing)
    facts, left, _ = extraction.run()
    meanings = exclusions().rules
    text = report.text
    listed = [ExplainedNumeral(text[f.text_start : f.text_end], f.text_start, f.text_end, True, f.rule, "") for f in facts]
    listed += [ExplainedNumeral(text[n.start : n.end], n.start, n.end, False, n.rule, meanings.get(n.rule, "")) for n in left]
    return sorted(listed, key=lambda numeral: numeral.start)
