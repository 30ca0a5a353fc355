"""From the amounts of a sentence, or the number cells of a table's row, to the fields of their facts.

drafts, periods, changes ─▶ words ─▶ names ─▶ scopes ─▶ modality, context ─▶ metric ─▶ fields

Each of `STEPS` is made for many stretches before the next one begins (extract.py). A stretch goes through them in order,
and behind the stretches before it: names and metrics look back in their paragraph.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from operator import methodcaller
from typing import TYPE_CHECKING

from services.extractor.amount import confidence_of
from services.extractor.candidate import MAX_PREVIOUS, Candidate, Mapped, Mapping
from services.extractor.clauses import MAX_SENTENCE_FACTS, Paragraph
from services.extractor.context import Context
from services.extractor.drafts import MAX_BEFORE, Draft, drafts_of, drop_spans, find_changes
from services.extractor.modality import modality_of, opens_plan
from services.extractor.naming import Named, names_of, spoken_ahead
from services.extractor.period import Period, find_periods, period_of_head, timing_of
from services.extractor.scope import Place, scopes_of
from services.extractor.subjects import Part, Topic, read_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.extractor.above import Above
    from services.extractor.amount import Amount
    from services.extractor.extraction import Extraction
    from services.extractor.tables import NumberCell

#: How far a period at the front of a sentence reaches, in characters.
MAX_REACH = 1000


class Passage:
    """One paragraph with the numbers that it states, and what its stretches share."""

    def __init__(
        self, extraction: Extraction, paragraph: Paragraph, amounts: list[Amount], cells: list[NumberCell]
    ) -> None:
        self.extraction = extraction
        self.paragraph = paragraph
        self.amounts = amounts
        self.cells = cells
        self.planned = opens_plan(paragraph.text, paragraph.start, extraction.year)  # from here on
        self.context = Context(paragraph)
        self.topic = Topic()
        self.mapped: deque[Mapped] = deque(maxlen=MAX_PREVIOUS)

    def stretches(self) -> Iterator[Stretch]:
        """The number cells, then the sentences; text cells of a row may compare with its number cells."""
        if self.cells:
            yield Row(self)
        amounts, at = self.amounts, 0
        while at < len(amounts):
            span = self.paragraph.sentence(amounts[at].numeral_start)
            end = at + 1
            while end < len(amounts) and amounts[end].numeral_start < span[1] and end - at < MAX_SENTENCE_FACTS:
                end += 1
            yield Sentence(self, span, range(at, end))
            at = end


@dataclass(slots=True)
class _Statement:
    """What was read of one fact before it has a metric."""

    draft: Draft
    candidate: Candidate
    above: Above
    period: Period | None


class Stretch:
    """What is read together: a sentence, or a table's row. Both state their facts in their own way; a step that one does
    not need does nothing.
    """

    def __init__(self, passage: Passage, size: int) -> None:
        self.passage = passage
        self.extraction = passage.extraction
        self.text = passage.paragraph.text
        self.size = size  # amounts and number cells
        self.planned = False
        self.statements: list[_Statement] = []
        self.mappings: list[Mapping] = []

    def draft(self) -> None:
        """A draft for each amount; periods, changes, and whether a plan is spoken of."""

    def cut(self) -> None:
        """The words around each amount."""

    def name(self) -> None:
        """What each amount counts."""

    def place(self) -> None:
        """Whose number each is."""

    def state(self) -> None:
        """When, and whether done or planned: the facts as a mapper sees them."""

    def map(self) -> None:
        """The metric of each fact, by what its paragraph has stated before it."""
        mapper, mapped = self.extraction.mapper, self.passage.mapped
        for statement in self.statements:
            mapping = mapper(statement.candidate, list(mapped))
            mapped.append(Mapped(statement.candidate, mapping))
            self.mappings.append(mapping)

    def write(self) -> None:
        """The fields of each fact."""
        for statement, mapping in zip(self.statements, self.mappings, strict=True):
            self._write(statement, mapping)

    def _state(  # noqa: PLR0913, PLR0917 - what a fact is made of
        self, draft: Draft, subject: str, counted: str, scope: str | None, above: Above, periods: list[Period],
        *, planned: bool,
    ) -> None:  # fmt: skip
        amount, part, text = draft.amount, draft.part, self.text
        paired = amount.pair_start is not None or part.unit == "times"
        timing = timing_of(text, periods, amount.start, draft.clause[0], self.extraction.year, pair=paired)
        before = text[max(draft.clause[0], amount.numeral_start - MAX_BEFORE) : amount.numeral_start]
        modality = modality_of(
            before, part.after, above.kind,
            planned=planned or timing.planned, baseline=timing.baseline, reported=timing.reported,
        )  # fmt: skip
        candidate = self.passage.context.candidate(draft, subject, counted, scope, above, modality)
        self.statements.append(_Statement(draft, candidate, above, timing.period))

    def _write(self, statement: _Statement, mapping: Mapping) -> None:
        draft, candidate, above = statement.draft, statement.candidate, statement.above
        amount, part, extraction = draft.amount, draft.part, self.extraction
        span = draft.quote(self.text)
        quote, period = extraction.quotes.of(span, amount), statement.period
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
                "subject": candidate.subject,
                "metric": mapping.metric,
                "modality": candidate.modality,
                "change": draft.change,
                "period": None if period is None else extraction.quotes.written(period.start, period.end),
                "scope": candidate.scope,
                "section": above.name,
                "section_order": above.order,
                "confidence": confidence_of(amount),
                "metric_confidence": mapping.confidence if mapping.metric is not None else None,
                "rule": amount.rule,
                "metric_rule": mapping.rule,
                "version": extraction.version,
            }
        )


class Sentence(Stretch):
    """The amounts of one sentence; of a very long one, MAX_SENTENCE_FACTS of them."""

    above: Above
    periods: list[Period]
    drafts: list[Draft]
    named: list[Named]
    scopes: list[str | None]

    def __init__(self, passage: Passage, span: tuple[int, int], own: range) -> None:
        super().__init__(passage, len(own))
        self.span = span
        self.own = own

    def draft(self) -> None:
        """A draft for each amount; periods, changes, and whether a plan is spoken of."""
        passage, text, start = self.passage, self.text, self.span[0]
        self.drafts = drafts_of(passage.paragraph, self.span, passage.amounts, self.own)
        first, last = self.drafts[0].amount, self.drafts[-1].amount
        self.planned = passage.planned = passage.planned or opens_plan(text, start, self.extraction.year)
        self.above = self.extraction.outline.above(first.numeral_start)
        self.periods = find_periods(text, max(start, first.start - MAX_REACH), last.start)
        find_changes(text, self.drafts)
        if self.periods:
            drop_spans(self.drafts, self.periods)

    def cut(self) -> None:
        """The words around each amount."""
        read_parts([draft.part for draft in self.drafts])

    def name(self) -> None:
        """What each amount counts."""
        paragraph, topic = self.passage.paragraph, self.passage.topic
        topic.open_sentence(lambda: spoken_ahead(paragraph, self.span, self.drafts[0]), self.above.heading)
        self.named = names_of(paragraph, self.drafts, topic)

    def place(self) -> None:
        """Whose number each is."""
        self.scopes = scopes_of(self._places(), self.extraction.level)

    def state(self) -> None:
        """When, and whether done or planned: the facts as a mapper sees them."""
        for draft, own, scope in zip(self.drafts, self.named, self.scopes, strict=True):
            for name in own.names:
                self._state(draft, name, own.counted, scope, self.above, self.periods, planned=self.planned)

    def _places(self) -> list[Place]:
        """What the scope of each draft is read from."""
        text, drafts = self.text, self.drafts
        ends = [drafts[0].amount.start, *(draft.amount.end for draft in drafts)]
        places: list[Place] = []
        for draft, own, earlier_end in zip(drafts, self.named, ends[:-1], strict=True):
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


class Row(Stretch):
    """The number cells of a table's row: their heads are all their words."""

    def __init__(self, passage: Passage) -> None:
        super().__init__(passage, len(passage.cells))

    def draft(self) -> None:
        """Whether the row stands in a plan."""
        self.planned = self.passage.planned

    def name(self) -> None:
        """What the last cell counts, for the text behind it."""
        cell, topic = self.passage.cells[-1], self.passage.topic
        topic.noun, topic.unit = topic.row = cell.subject, _unit_of(cell)

    def state(self) -> None:
        """The facts of the cells."""
        for cell in self.passage.cells:
            self._cell(cell)

    def _cell(self, cell: NumberCell) -> None:
        amount, year = cell.amount, self.extraction.year
        part = Part(
            before="", after="", unit=_unit_of(cell), quantity="count" if amount.unit is None else amount.unit.quantity
        )
        draft = Draft(
            amount, part, cell.row, cell.row, amount.start, amount.end,
            change=amount.change, heads=cell.heads, subset=cell.subset,
        )  # fmt: skip
        period = None if cell.year is None else period_of_head(self.text, *cell.year, year)
        own = period is None or (cell.planned and period.last_year == year)  # 2023年目标
        above = self.extraction.outline.above(amount.start)
        self._state(
            draft, cell.subject, cell.subject, cell.scope, above, [] if period is None or own else [period],
            planned=self.planned or cell.planned,
        )  # fmt: skip


def _unit_of(cell: NumberCell) -> str | None:
    return None if cell.amount.unit is None else cell.amount.unit.name


#: The steps in their order, each with the method of its name.
STEPS: tuple[Callable[[Stretch], None], ...] = tuple(
    methodcaller(step) for step in ("draft", "cut", "name", "place", "state", "map", "write")
)
