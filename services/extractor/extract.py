"""From a sectioned report to its facts: the order of the pipeline.

numbers ─▶ units, hedges, exclusions (amounts.py) ─▶ pairs ─▶ drafts ─▶ names, scope, period, modality ─▶ metric ─▶ checks
"""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from services.extractor.above import Outline
from services.extractor.amounts import Amount, Left, confidence_of, read_amounts
from services.extractor.candidate import MAX_PREVIOUS, Mapped
from services.extractor.checks import check_facts, cover_metrics
from services.extractor.clauses import MAX_SENTENCE_FACTS, Paragraph, paragraphs
from services.extractor.context import Context
from services.extractor.drafts import MAX_BEFORE, Draft, drafts_of, drop_spans, find_changes
from services.extractor.exclusions import Mask, exclusions
from services.extractor.modality import modality_of, opens_plan
from services.extractor.naming import Named, names_of, spoken_ahead
from services.extractor.pairs import join_amounts
from services.extractor.period import Period, find_periods, period_of_head, timing_of
from services.extractor.quotes import Quotes
from services.extractor.scope import Place, scopes_of
from services.extractor.subjects import Part, Topic, read_parts
from services.extractor.tables import NumberCell, tables_of
from services.extractor.version import rule_version
from shared.errors import Permanent, Reason
from shared.events import ExtractedReport, Fact, SectionedReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.extractor.above import Above
    from services.extractor.candidate import Mapper
    from shared.events import Document


#: Amounts of one clause; what follows is a dump of digits, left undecided. The fullest clause of 47 work reports has 6.
MAX_CLAUSE_AMOUNTS = 100
#: Facts of one report. The densest report seen has 1,100; 20,000 take 3 s and 200 MB, and the child has 20 s.
MAX_FACTS = 20_000
#: How far a period at the front of a sentence reaches, in characters.
MAX_REACH = 1000
#: A space that parts two stretches of text, and not a number from its unit.
_SPACED_EDGE = re.compile(r"[^0-9] ")
#: The rule of the masks that keep number cells out of the reading of text.
_IN_CELL = "table_cell"


def extract_report(report: SectionedReport, mapper: Mapper | None = None) -> ExtractedReport:
    """Every measured fact of the report, with its metric and the checks that its facts allow.

    `mapper` names the metrics, the catalogue's one by default. Raises Permanent(TOO_COMPLEX) above MAX_FACTS.
    """
    extraction = Extraction(report, _catalogue_mapper() if mapper is None else mapper)
    extraction.run()
    return ExtractedReport(
        **{name: getattr(report, name) for name in SectionedReport.model_fields},
        facts=extraction.facts,
        checks=check_facts(report.text, extraction.facts),
        coverage=cover_metrics(report.text, extraction.facts),
        numerals=extraction.numerals,
        undecided_numerals=sum(1 for numeral in extraction.left if numeral.rule == "undecided"),
        rules=extraction.version,
    )


def _catalogue_mapper() -> Mapper:
    from services.extractor.mapping import map_metric  # noqa: PLC0415 - the catalogue is loaded where it is used

    return map_metric


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
        self.numerals = 0
        self.version = rule_version()
        self.year = report.document.report_year
        self.level = _territory_of(report.document)

    def run(self) -> None:
        """Read the whole text, paragraph by paragraph, tables row by row."""
        masks = list(exclusions().masks(self.text))
        rows: dict[int, list[NumberCell]] = {}
        for cell in tables_of(self.text):
            masks.append(Mask(cell.amount.start, cell.amount.end, _IN_CELL))
            rows.setdefault(cell.row[0], []).append(cell)
        if rows:
            masks.sort(key=lambda mask: mask.start)
        starts = sorted(rows)
        for paragraph in paragraphs(self.text, _heading_ends(self.report)):
            reading = read_amounts(paragraph, masks)
            self.numerals += len(reading.amounts) + len(reading.left)
            amounts = join_amounts(self.text, reading.amounts, reading.left)
            if len(amounts) > MAX_CLAUSE_AMOUNTS:
                amounts = _uncrowded(paragraph, amounts, reading.left)
            self.left += [numeral for numeral in reading.left if numeral.rule != _IN_CELL]
            cells = _row_in(paragraph, starts, rows)
            if len(self.fields) + len(amounts) > MAX_FACTS:
                raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_FACTS} facts: a table of data, no report")
            if amounts or cells:
                _ParagraphFacts(self, paragraph).run(amounts, cells)
        self.facts = Fact.trusted_each(self.fields)


def _territory_of(document: Document) -> str | None:
    """The level whose territory the report calls its own: 全市 is a county-level city itself, as it is a prefecture."""
    city = document.level == "county" and (document.place.county or "").endswith("市")
    return "prefecture" if city else document.level


def _row_in(paragraph: Paragraph, starts: list[int], rows: dict[int, list[NumberCell]]) -> list[NumberCell]:
    """The number cells of the table row that begins in `paragraph`; `starts` are the places of `rows` in text order."""
    at = bisect_left(starts, paragraph.start)
    return rows[starts[at]] if at < len(starts) and starts[at] < paragraph.end else []


def _heading_ends(report: SectionedReport) -> list[int]:
    """Where only a space parts a heading from the text around it, as on pages that are one line."""
    text = report.text
    edges = {edge for section in report.sections for edge in (section.text_start, section.body_start) if edge}
    return sorted(edge for edge in edges if _SPACED_EDGE.search(text, max(0, edge - 2), edge + 1))


def _uncrowded(paragraph: Paragraph, amounts: list[Amount], left: list[Left]) -> list[Amount]:
    """The amounts without those that stand in one clause with more than MAX_CLAUSE_AMOUNTS others before them."""
    kept: list[Amount] = []
    clause, size = (-1, -1), 0
    for amount in amounts:
        if amount.start >= clause[1]:
            clause, size = paragraph.clause(amount.numeral_start), 0
        size += 1
        if size > MAX_CLAUSE_AMOUNTS:
            left.append(Left(amount.numeral_start, amount.numeral_end, "undecided"))
        else:
            kept.append(amount)
    return kept


class _ParagraphFacts:
    """The facts of one paragraph, sentence by sentence."""

    def __init__(self, extraction: Extraction, paragraph: Paragraph) -> None:
        self.extraction = extraction
        self.paragraph = paragraph
        self.text = paragraph.text
        self.year, self.level = extraction.year, extraction.level
        self.planned = opens_plan(self.text, paragraph.start, self.year)
        self.context = Context(paragraph)
        self.mapped: list[Mapped] = []
        self.topic = Topic()

    def run(self, amounts: list[Amount], cells: Sequence[NumberCell]) -> None:
        """The facts of `amounts`, and of the number cells where the paragraph is a table's row."""
        fields = self.extraction.fields
        before = len(fields)
        for cell in cells:
            self._cell(cell)
        at = 0
        while at < len(amounts):
            sentence = self.paragraph.sentence(amounts[at].numeral_start)
            end = at + 1
            while end < len(amounts) and amounts[end].numeral_start < sentence[1] and end - at < MAX_SENTENCE_FACTS:
                end += 1
            self._sentence(sentence, drafts_of(self.paragraph, sentence, amounts, range(at, end)))
            at = end
        if cells:
            fields[before:] = sorted(fields[before:], key=itemgetter("text_start"))

    def _cell(self, cell: NumberCell) -> None:
        """The fact of one table cell; text cells of the row behind it may compare with it."""
        amount = cell.amount
        part = Part(
            before="", after="", unit=None if amount.unit is None else amount.unit.name,
            quantity="count" if amount.unit is None else amount.unit.quantity,
        )  # fmt: skip
        draft = Draft(
            amount, part, cell.row, cell.row, amount.start, amount.end,
            change=amount.change, heads=cell.heads, subset=cell.subset,
        )  # fmt: skip
        self.topic.noun, self.topic.unit = cell.subject, part.unit
        self.topic.row = (cell.subject, part.unit)
        period = None if cell.year is None else period_of_head(self.text, *cell.year, self.year)
        planned, self.planned = self.planned, self.planned or cell.planned
        above = self.extraction.outline.above(amount.start)
        own = period is None or (cell.planned and period.last_year == self.year)  # 2023年目标
        self._fact(draft, cell.subject, cell.subject, cell.scope, above, [] if period is None or own else [period])
        self.planned = planned

    def _sentence(self, sentence: tuple[int, int], drafts: list[Draft]) -> None:
        topic, first, last = self.topic, drafts[0], drafts[-1]
        self.planned = self.planned or opens_plan(self.text, sentence[0], self.year)
        above = self.extraction.outline.above(first.amount.numeral_start)
        periods = find_periods(self.text, max(sentence[0], first.amount.start - MAX_REACH), last.amount.start)
        topic.spoken, topic.lead, topic.said, topic.current = spoken_ahead(self.paragraph, sentence, first), "", [], ""
        if topic.row is not None:
            topic.said, topic.spoken = [topic.row], topic.row[0]
        topic.heading = above.heading
        find_changes(self.text, drafts)
        if periods:
            drop_spans(drafts, periods)
        read_parts([draft.part for draft in drafts])
        named = names_of(self.paragraph, drafts, topic)
        scopes = scopes_of(self._places(drafts, named), self.level)
        for draft, own, scope in zip(drafts, named, scopes, strict=True):
            for name in own.names:
                self._fact(draft, name, own.counted, scope, above, periods)

    def _places(self, drafts: list[Draft], named: list[Named]) -> list[Place]:
        """What the scope of each draft is read from."""
        text = self.text
        ends = [drafts[0].amount.start, *(draft.amount.end for draft in drafts)]
        places: list[Place] = []
        for draft, own, earlier_end in zip(drafts, named, ends[:-1], strict=True):
            part, start = draft.part, draft.amount.start
            place = Place(
                before=text[max(draft.sentence[0], draft.floor - 1, start - MAX_BEFORE) : start],
                words=part.ahead,
                own="".join(part.ahead),
                noun="".join(part.noun),
                counted=draft.name or ("" if part.noun else own.counted),
                unit=part.unit,
                listed=part.listed,
                joined=part.joined,
                clause=draft.clause[0],
                between=text[earlier_end:start],
                named=bool(draft.name),
                area=draft.area,
            )
            places.append(place)
        return places

    def _fact(  # noqa: PLR0913, PLR0917 - what a fact is made of
        self, draft: Draft, subject: str, counted: str, scope: str | None, above: Above, periods: list[Period]
    ) -> None:
        amount, part, text, extraction = draft.amount, draft.part, self.text, self.extraction
        paired = amount.pair_start is not None or part.unit == "times"
        timing = timing_of(text, periods, amount.start, draft.clause[0], self.year, pair=paired)
        before = text[max(draft.clause[0], amount.numeral_start - MAX_BEFORE) : amount.numeral_start]
        modality = modality_of(
            before, part.after, above.kind,
            planned=self.planned or timing.planned, baseline=timing.baseline, reported=timing.reported,
        )  # fmt: skip
        candidate = self.context.candidate(draft, subject, counted, scope, above, modality)
        mapping = extraction.mapper(candidate, self.mapped[-MAX_PREVIOUS:])
        self.mapped.append(Mapped(candidate, mapping))
        span = draft.quote(text)
        quote = extraction.quotes.of(span, amount)
        period = None if timing.period is None else extraction.quotes.written(timing.period.start, timing.period.end)
        extraction.fields.append(
            {
                "quote": quote.words,
                "number_text": quote.number,
                "text_start": amount.start,
                "text_end": amount.end,
                "raw_start": quote.start,
                "raw_end": quote.end,
                "quote_start": span[0],
                "quote_end": span[1],
                "value": round(amount.value, 4),
                "value_to": None if amount.value_to is None else round(amount.value_to, 4),
                "unit": part.unit,
                "quantity": part.quantity,
                "qualifier": amount.qualifier,
                "subject": subject,
                "metric": mapping.metric,
                "modality": modality,
                "change": draft.change,
                "period": period,
                "scope": scope,
                "section": above.name,
                "section_order": above.order,
                "confidence": confidence_of(amount),
                "metric_confidence": mapping.confidence if mapping.metric is not None else None,
                "rule": amount.rule,
                "metric_rule": mapping.rule,
                "version": extraction.version,
            }
        )
