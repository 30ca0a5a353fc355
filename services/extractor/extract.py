"""From a sectioned report to its facts: the order of the pipeline.

numbers ─▶ units, hedges, exclusions (amounts.py) ─▶ pairs ─▶ sentences (sentences.py) ─▶ checks

Each step goes through the whole report, or through a batch of it, before the next one begins. What a step works with
(its code, rules and words) then stays in the processor's cache: a fact takes a sixth less than one at a time (decision 44).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from operator import itemgetter
from typing import TYPE_CHECKING

from services.extractor.amount import Amount, Left
from services.extractor.amounts import Reading, read_amounts
from services.extractor.checks import check_facts, cover_metrics
from services.extractor.clauses import Paragraph, paragraphs
from services.extractor.exclusions import Mask, exclusions
from services.extractor.extraction import Extraction
from services.extractor.mapping import map_metric
from services.extractor.numbers import find_numerals
from services.extractor.pairs import join_amounts
from services.extractor.sentences import STEPS, Passage, Stretch
from services.extractor.tables import NumberCell, tables_of
from shared.columns import columns_of
from shared.errors import Permanent, Reason
from shared.events import ExtractedReport, Fact, Section, SectionedReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.extractor.candidate import Mapper


#: Amounts of one clause; what follows is a dump of digits, left undecided. The fullest clause of 47 work reports has 6.
MAX_CLAUSE_AMOUNTS = 100
#: Facts of one report. The densest report seen has 1,100; 20,000 take 3 s and 180 MB, and the child has 20 s.
MAX_FACTS = 20_000
#: Facts that go through the steps together. A report has some 200; all 20,000 at once would take 80 MB more.
BATCH = 500
_TOO_MANY = f"more than {MAX_FACTS} facts: a table of data, no report"
#: A space that parts two stretches of text, and not a number from its unit.
_SPACED_EDGE = re.compile(r"[^0-9] ")
#: The rule of the masks that keep number cells out of the reading of text.
_IN_CELL = "table_cell"


def extract_report(report: SectionedReport, mapper: Mapper = map_metric) -> ExtractedReport:
    """Every measured fact of the report, with its metric and the checks that its facts allow.

    `mapper` names the metrics, the catalogue's one by default. Raises Permanent(TOO_COMPLEX) above MAX_FACTS.
    """
    extraction = Extraction(report, mapper)
    read_facts(extraction)
    return ExtractedReport(
        **{name: getattr(report, name) for name in SectionedReport.model_fields},
        facts=extraction.facts,
        checks=check_facts(report.text, extraction.facts, extraction.totals),
        coverage=cover_metrics(report.text, extraction.facts),
        numerals=extraction.numerals,
        undecided_numerals=sum(1 for numeral in extraction.left if numeral.rule == "undecided"),
        rules=extraction.version,
    )


def read_facts(extraction: Extraction) -> None:
    """Read the whole text: its numbers first, then batches of its sentences, step by step.

    Raises Permanent(TOO_COMPLEX) above MAX_FACTS.
    """
    readings = _read_numbers(extraction)
    for batch in _batches(stretch for reading in readings for stretch in Passage(extraction, *reading).stretches()):
        for step in STEPS:
            for stretch in batch:
                step(stretch)
        if len(extraction.fields) > MAX_FACTS:
            raise Permanent(Reason.TOO_COMPLEX, _TOO_MANY)
    extraction.fields.sort(key=itemgetter("text_start"))  # a table's row gives its number cells first
    extraction.facts = Fact.trusted_each(extraction.fields)


def _read_numbers(extraction: Extraction) -> list[tuple[Paragraph, list[Amount], list[NumberCell]]]:
    """The paragraphs that state numbers, each with its amounts and, where it is the row of a table, its number cells."""
    text = extraction.text
    masks = list(exclusions().masks(text))
    rows: dict[int, list[NumberCell]] = {}
    for cell in tables_of(text):
        masks.append(Mask(cell.amount.start, cell.amount.end, _IN_CELL))
        rows.setdefault(cell.row[0], []).append(cell)
        if cell.parts:
            extraction.totals[cell.amount.start] = cell.parts
    if rows:
        masks.sort(key=lambda mask: mask.start)
    starts = sorted(rows)
    readings: list[tuple[Paragraph, list[Amount], list[NumberCell]]] = []
    stated = 0
    texts = list(paragraphs(text, _heading_ends(extraction.report)))
    numerals = [deque(find_numerals(text, paragraph.start, paragraph.end)) for paragraph in texts]
    for paragraph, found in zip(texts, numerals, strict=True):
        amounts = _amounts(extraction, paragraph, read_amounts(paragraph, masks, found))
        cells = _row_in(paragraph, starts, rows)
        stated += len(amounts) + len(cells)
        if stated > MAX_FACTS:
            raise Permanent(Reason.TOO_COMPLEX, _TOO_MANY)
        if amounts or cells:
            readings.append((paragraph, amounts, cells))
    return readings


def _amounts(extraction: Extraction, paragraph: Paragraph, reading: Reading) -> list[Amount]:
    """The amounts of the paragraph; its other numerals are left, each with its rule."""
    extraction.numerals += len(reading.amounts) + len(reading.left)
    amounts = join_amounts(extraction.text, reading.amounts, reading.left)
    if len(amounts) > MAX_CLAUSE_AMOUNTS:
        amounts = _uncrowded(paragraph, amounts, reading.left)
    extraction.left += [numeral for numeral in reading.left if numeral.rule != _IN_CELL]
    return amounts


def _batches(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """The stretches in their order, so many together that they state about BATCH facts."""
    batch: list[Stretch] = []
    facts = 0
    for stretch in stretches:
        batch.append(stretch)
        facts += stretch.size
        if facts >= BATCH:
            yield batch
            batch, facts = [], 0
    if batch:
        yield batch


def _row_in(paragraph: Paragraph, starts: list[int], rows: dict[int, list[NumberCell]]) -> list[NumberCell]:
    """The number cells of the table row that begins in `paragraph`; `starts` are the places of `rows` in text order."""
    at = bisect_left(starts, paragraph.start)
    return rows[starts[at]] if at < len(starts) and starts[at] < paragraph.end else []


def _heading_ends(report: SectionedReport) -> list[int]:
    """Where only a space parts a heading from the text around it, as on pages that are one line."""
    text = report.text
    sections = columns_of(Section, report.sections)
    edges = {*sections["text_start"], *sections["body_start"]} - {0}
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
