"""From a sectioned report to its facts: the order of the pipeline.

numbers ─▶ units, hedges, exclusions (amounts.py) ─▶ pairs ─▶ subject, scope, period, modality ─▶ metric ─▶ checks
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from services.extractor.amounts import TAKEN, Amount, Left, confidence_of, read_amounts
from services.extractor.areas import area_of
from services.extractor.candidate import (
    MAX_CONTEXT,
    MAX_PRECEDING,
    MAX_PREVIOUS,
    Candidate,
    Mapped,
    map_nothing,
)  # fmt: skip
from services.extractor.change import Change, change_of
from services.extractor.checks import check_facts, cover_metrics
from services.extractor.clauses import Paragraph, paragraphs
from services.extractor.exclusions import Mask, exclusions
from services.extractor.modality import modality_of, opens_plan
from services.extractor.pairs import join_amounts
from services.extractor.period import Period, find_periods, timing_of
from services.extractor.scope import Place, scopes_of
from services.extractor.subjects import (
    Part,
    Topic,
    aligned_names,
    aligned_subject,
    complete_name,
    level_name,
    read_parts,
    shared_names,
    spoken_of,
    subject_of,
)  # fmt: skip
from services.extractor.tables import NumberCell, number_cells
from services.extractor.version import rule_version
from shared.errors import Permanent, Reason
from shared.events import ExtractedReport, Fact, SectionedReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.extractor.candidate import Mapper
    from shared.events import Kind, Modality, Section


#: Amounts that are read as one sentence; the fullest sentence of 47 work reports has 24.
MAX_SENTENCE_FACTS = 60
#: Amounts of one clause; what follows is a dump of digits, left undecided. The fullest clause of 47 work reports has 6.
MAX_CLAUSE_AMOUNTS = 100
#: Characters of a clause that are looked at before a number, for its change and its modality.
MAX_BEFORE = 120
#: Headings above a fact that the mapper may see, and the section records that are searched for them.
MAX_HEADINGS = 5
MAX_SECTIONS_ABOVE = 200
#: Facts of one report. The densest report seen has 1,100; 20,000 take 3 s and 200 MB, and the child has 20 s.
MAX_FACTS = 20_000
#: How far a period at the front of a sentence reaches, in characters.
MAX_REACH = 1000
#: The rule of the masks that keep number cells out of the reading of text.
_IN_CELL = "table_cell"
#: A clause that ends so says when, not what; and the kinds of spans that no subject keeps.
_SPAN_ENDS = ("以来", "期间")
_DROPPED = frozenset({"since", "during", "recent", "months", "quarter"})
_LIST_SIGN = re.compile(r" ?(?:、|和|及|与|以及|,|，) ?")


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
    extraction = _Extraction(report, _catalogue_mapper() if mapper is None else mapper)
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


@dataclass(slots=True)
class _Draft:
    """One fact in the making."""

    amount: Amount
    part: Part
    clause: tuple[int, int]
    sentence: tuple[int, int]
    floor: int  # where its own words begin
    ceiling: int  # where they end
    run: int = 1  # amounts of the same kind in one list with it
    place: int = 0  # its place among them
    change: Change | None = None
    heads: tuple[str, ...] = ()  # of a table cell
    name: str = ""  # what 分别 handed out to it
    area: str = ""  # the area or level whose part of an amount before it is
    part_of: int | None = None  # where that amount begins


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


def _count_runs(text: str, drafts: list[_Draft]) -> None:
    """Amounts that only a list sign parts are one run: 分别下降12.5%、8.3%和15%."""
    at = 0
    while at < len(drafts):
        size = 1
        while at + size < len(drafts) and _LIST_SIGN.fullmatch(
            text, drafts[at + size - 1].amount.end, drafts[at + size].amount.start
        ):
            size += 1
        for k in range(size):
            drafts[at + k].run, drafts[at + k].place = size, k
        at += size


def _drop_spans(drafts: list[_Draft], periods: list[Period]) -> None:
    """自平台运行以来办件1200件: a span of time in front of a number's words is said in its period, not in its subject."""
    for draft in drafts:
        first = draft.amount.start - len(draft.part.before)
        for period in reversed(periods):
            if first <= period.start < period.end < draft.amount.start and period.front and not period.compared:
                if period.kind in _DROPPED and not draft.part.before[: period.start - first].strip("自从在 "):
                    draft.part.before = draft.part.before[period.end - first :]
                break


@dataclass(slots=True)
class _Above:
    """What stands above a fact: its innermost section, and the headings from the outermost section to that one."""

    order: int | None = None
    name: str | None = None  # marker and heading, as written
    kind: Kind | None = None
    heading: str = ""
    headings: tuple[str, ...] = ()


_NOTHING_ABOVE = _Above()


class _Extraction:
    def __init__(self, report: SectionedReport, mapper: Mapper) -> None:
        self.report = report
        self.text = report.text
        self.mapper = mapper
        self.starts = [section.text_start for section in report.sections]
        self.locator = report.alignment.locator()
        self.source = report.source.text
        self.markup = report.source.media_type == "text/html"
        self.facts: list[Fact] = []
        self.left: list[Left] = []
        self.numerals = 0
        self.version = rule_version()
        self.known_above: dict[int, _Above] = {}  # by the place of the section

    def run(self) -> None:
        """Read the whole text, paragraph by paragraph, tables row by row."""
        masks = list(exclusions().masks(self.text))
        cells = self._cells()
        if cells:
            spans = (Mask(cell.amount.start, cell.amount.end, _IN_CELL) for cell in cells)
            masks = sorted([*masks, *spans], key=lambda mask: mask.start)
        rows: dict[int, list[NumberCell]] = {}
        for cell in cells:
            rows.setdefault(cell.row[0], []).append(cell)
        for paragraph in paragraphs(self.text):
            reading = read_amounts(paragraph, masks)
            self.numerals += len(reading.amounts) + len(reading.left)
            amounts = join_amounts(self.text, reading.amounts, reading.left)
            if len(amounts) > MAX_CLAUSE_AMOUNTS:
                amounts = _uncrowded(paragraph, amounts, reading.left)
            self.left += [numeral for numeral in reading.left if numeral.rule != _IN_CELL]
            own = next((rows[at] for at in rows if paragraph.start <= at < paragraph.end), []) if rows else []
            if len(self.facts) + len(amounts) > MAX_FACTS:
                raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_FACTS} facts: a table of data, no report")
            if amounts or own:
                _ParagraphFacts(self, paragraph).run(amounts, own)

    def _cells(self) -> list[NumberCell]:
        """The number cells of all tables."""
        if "\t" not in self.text:
            return []
        found: list[NumberCell] = []
        table: list[Paragraph] = []
        caption = above = ""
        for paragraph in paragraphs(self.text + "\n\0"):
            line = self.text[paragraph.start : paragraph.end]
            if "\t" in line:
                caption = above if not table else caption
                table.append(paragraph)
                continue
            if table:
                found += number_cells(self.text, table, caption)
                table = []
            above = f"{above[-40:]} {line[-40:]}"  # a line on its units may stand between a table and its name
        return found

    def written(self, start: int, end: int) -> str:
        """`text[start:end]` as the source writes it."""
        return self.locator.cut(self.source, start, end, markup=self.markup)

    def as_written(self, quote_start: int, quote_end: int, amount: Amount) -> tuple[str, str, int, int]:
        """Quote and number of a fact as the source writes them, and the number's span in the source."""
        shift = self.locator.shift(min(quote_start, amount.start), quote_end)
        if shift is None:
            written = self.written(quote_start, quote_end), self.written(amount.start, amount.end)
            return *written, *self.locator.to_source(amount.start, amount.end)
        source, start, end = self.source, amount.start + shift, amount.end + shift
        return source[quote_start + shift : quote_end + shift], source[start:end], start, end

    def above(self, at: int) -> _Above:
        """What stands above offset `at`."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return _NOTHING_ABOVE
        known = self.known_above.get(index)
        if known is None:
            known = self.known_above[index] = self._above(self.report.sections[index])
        return known

    def _above(self, section: Section) -> _Above:
        headings = [
            self.text[other.text_start : other.body_start]
            for other in self.report.sections[max(0, section.order - MAX_SECTIONS_ABOVE) : section.order]
            if section.text_start < other.text_end and other.text_start <= section.text_start and other.heading
        ]
        return _Above(
            order=section.order,
            name=f"{section.marker or ''}{section.heading}" if section.marker or section.heading else None,
            kind=section.kind,
            heading=self.text[section.text_start : section.body_start],
            headings=tuple(headings[-MAX_HEADINGS:]),
        )


class _ParagraphFacts:
    """The facts of one paragraph, sentence by sentence."""

    def __init__(self, extraction: _Extraction, paragraph: Paragraph) -> None:
        self.extraction = extraction
        self.paragraph = paragraph
        self.text = paragraph.text
        self.year = extraction.report.document.report_year
        self.planned = opens_plan(self.text, paragraph.start, self.year)
        self.mapped: list[Mapped] = []
        self.topic = Topic()
        self.kept_key = (-1, -1, -1)
        self.kept: tuple[tuple[str, ...], str] = (), ""
        self.level = extraction.report.document.level
        first = paragraph.clause(paragraph.start)
        self.topic_clause = self.text[first[0] : min(first[1], first[0] + 40)]
        self.topic_end = first[1]

    def run(self, amounts: list[Amount], cells: Sequence[NumberCell] = ()) -> None:
        """The facts of `amounts`, and of the number cells where the paragraph is a table's row."""
        for cell in cells:
            self._cell(cell)
        before = len(self.extraction.facts) - len(cells)
        self._sentences(amounts)
        if cells:
            row = self.extraction.facts[before:]
            self.extraction.facts[before:] = sorted(row, key=lambda fact: fact.text_start)

    def _cell(self, cell: NumberCell) -> None:
        """The fact of one table cell; text cells of the row behind it may compare with it."""
        amount = cell.amount
        part = Part(
            before="", after="", unit=None if amount.unit is None else amount.unit.name,
            quantity="count" if amount.unit is None else amount.unit.quantity,
        )  # fmt: skip
        draft = _Draft(amount, part, cell.row, cell.row, amount.start, amount.end)
        draft.heads, draft.change = cell.heads, amount.change
        self.topic.noun, self.topic.unit = cell.subject, part.unit
        self.topic.row = (cell.subject, part.unit)
        periods = [] if cell.year is None else find_periods(self.text, *cell.year)
        periods = [
            period._replace(start=cell.year[0], end=cell.year[1], front=True) for period in periods[:1] if cell.year
        ]
        planned, self.planned = self.planned, self.planned or cell.planned
        self._fact(draft, cell.subject, cell.subject, cell.scope, self.extraction.above(amount.start), periods)
        self.planned = planned

    def _sentences(self, amounts: list[Amount]) -> None:
        at = 0
        while at < len(amounts):
            span = self.paragraph.sentence(amounts[at].numeral_start)
            end = at + 1
            while end < len(amounts) and amounts[end].numeral_start < span[1] and end - at < MAX_SENTENCE_FACTS:
                end += 1
            drafts = [self._draft(amounts, k, span) for k in range(at, end)]
            _count_runs(self.text, drafts)
            self._sentence(span, drafts)
            at = end

    def _draft(self, amounts: list[Amount], k: int, sentence: tuple[int, int]) -> _Draft:
        amount, text = amounts[k], self.text
        clause = self.paragraph.clause(amount.numeral_start)
        floor, ceiling = clause
        for other in amounts[max(0, k - 3) : k]:
            if floor < other.end <= amount.start:  # a pair with the same start value has the words of the first one
                floor = other.end
        for other in amounts[k + 1 : k + 4]:
            if other.start >= amount.end:
                ceiling = min(ceiling, other.start)
                break
        before = text[max(floor, amount.start - MAX_BEFORE) : amount.start]
        after = text[amount.end : min(ceiling, amount.end + MAX_BEFORE)]
        if amount.rule == "zero_of_a_thing":
            after = ""  # 零发生: the event is the unit
        stripped = after.rstrip()
        unit = amount.unit
        part = Part(
            before=before,
            after=after,
            unit=None if unit is None else unit.name,
            quantity="count" if unit is None else unit.quantity,
            joined=ceiling < clause[1] and stripped.endswith(("、", "和", "及", "与", "以及")),
            listed=floor > clause[0] and before.lstrip().startswith(("、", "和", "及", "与", "以及")),
            followed=ceiling < clause[1],
            next_clause=self._next_clause(clause[1], sentence[1]),
            zero=amount.rule == "zero_of_a_thing",
        )
        return _Draft(amount, part, clause, sentence, floor, ceiling)

    def _next_clause(self, end: int, sentence_end: int) -> str:
        """The clause behind, where it goes on about all of the things counted: 均成立了执法大队."""
        following = self.text[end + 1 : min(end + 42, sentence_end)]
        if not following.startswith(("均", "全部", "都", "已", "皆")):
            return ""
        return re.split("[,，;；。]", following, maxsplit=1)[0]

    def _find_changes(self, drafts: list[_Draft]) -> None:
        """Which numbers are amounts of change; a list shares the verb of its first item."""
        shared: Change | None = None
        for draft in drafts:
            amount, part = draft.amount, draft.part
            change: Change | None = amount.change
            if change is None and amount.value_to is None:
                own = self.text[max(draft.floor, amount.start - MAX_BEFORE) : amount.start]
                start = max(draft.clause[0], amount.start - MAX_BEFORE)
                before = own if part.quantity == "rate" else self.text[start : amount.start]
                change = change_of(before, part.quantity, part.unit)
                if change is None and draft.place and not own.strip(" 、,，和及与以"):
                    change = shared
            draft.change, shared = change, change
            part.change = change is not None

    def _sentence(self, span: tuple[int, int], drafts: list[_Draft]) -> None:
        text, topic = self.text, self.topic
        above = self.extraction.above(drafts[0].amount.numeral_start)
        periods = find_periods(text, max(span[0], drafts[0].amount.start - MAX_REACH), drafts[-1].amount.start)
        topic.spoken, topic.lead, topic.said, topic.current = self._spoken(span, drafts[0]), "", [], ""
        if topic.row is not None:
            topic.said, topic.spoken = [topic.row], topic.row[0]
        topic.heading = above.heading
        self._find_changes(drafts)
        if periods:
            _drop_spans(drafts, periods)
        read_parts([draft.part for draft in drafts])
        subjects = self._subjects(drafts)
        ends = [drafts[0].amount.start, *(draft.amount.end for draft in drafts)]
        places = [
            self._place(draft, counted, end)
            for draft, (_, counted), end in zip(drafts, subjects, ends[:-1], strict=True)
        ]
        scopes = scopes_of(places, self.level)
        for draft, (names, counted), scope in zip(drafts, subjects, scopes, strict=True):
            for name in names:
                self._fact(draft, name, counted, scope, above, periods)

    def _spoken(self, span: tuple[int, int], first: _Draft) -> str:
        """What the clause before the sentence's first amount speaks of."""
        if first.clause[0] <= span[0]:
            return ""
        clauses = list(self.paragraph.clauses(max(span[0], first.clause[0] - MAX_CONTEXT), first.clause[0] - 1))
        if not clauses or self.text.endswith(_SPAN_ENDS, *clauses[-1]):
            return ""
        return spoken_of(self.text[clauses[-1][0] : clauses[-1][1]])

    def _spoken_before(self, earlier: _Draft, draft: _Draft) -> str:
        """What the clause directly before says, where it holds no amount: 提高出庭应诉率,确保达到95%."""
        start, end = self.paragraph.clause(max(draft.clause[0] - 2, draft.sentence[0]))
        if start < earlier.amount.end or end > draft.clause[0]:
            return ""
        return spoken_of(self.text[start:end])

    def _subjects(self, drafts: list[_Draft]) -> list[tuple[list[str], str]]:
        """The names of each amount (several where they share its number), and its counted noun."""
        topic = self.topic
        found: list[tuple[list[str], str]] = []
        aligned: list[tuple[str, str]] = []
        earlier = list(topic.said)
        for k, draft in enumerate(drafts):
            part = draft.part
            topic.context = self.text[max(draft.sentence[0], draft.amount.start - MAX_BEFORE) : draft.amount.start]
            following = drafts[k + 1].part if k + 1 < len(drafts) else None
            if not part.ahead and not part.noun and not part.listed and not part.compared and k:
                spoken = self._spoken_before(drafts[k - 1], draft)
                topic.spoken = spoken or topic.spoken
            if not part.listed:
                aligned = self._aligned(drafts, k)
                earlier = list(topic.said)
            whole = self._whole(drafts, k) if k else None
            if whole is not None:
                names, counted = found[whole]
                names = [f"{draft.area}{names[-1]}"]
                topic.said.append((names[0], part.unit))
                found.append((names, counted))
                continue
            names = shared_names(part)
            if aligned:
                name, first = aligned.pop(0)
                draft.name = name
                names = [aligned_subject(name, first, topic, part)]
            elif names:
                names = names if part.zero else [complete_name(name, names[0], topic) for name in names]
            elif draft.run > 1 and part.change and not part.ahead and len(earlier) >= draft.run:
                names = [level_name(*earlier[len(earlier) - draft.run + draft.place])]
            else:
                names = [subject_of(part, following, topic)]
            topic.said += [(name, part.unit) for name in names]
            found.append((names, "".join(part.noun) or topic.noun))
        return found

    def _whole(self, drafts: list[_Draft], k: int) -> int | None:
        """The place of the amount that amount `k` is a part of by area or level; its area is noted."""
        draft, part = drafts[k], drafts[k].part
        if part.noun or part.change or part.quantity != "count" or draft.amount.value_to is not None:
            return None
        start = max(draft.clause[0], drafts[k - 1].amount.end)
        divided = self.text.rfind("其中", drafts[0].amount.end, draft.amount.start) >= 0
        area = area_of(self.text[start : draft.amount.start], divided=divided)
        if not area:
            return None
        for j in range(k - 1, -1, -1):
            earlier = drafts[j]
            if earlier.area or earlier.part.change:
                divided = divided or bool(earlier.area)
                continue
            if earlier.part.unit != part.unit or earlier.amount.value < draft.amount.value:
                return None
            opened = self.text[start] in "(（" or earlier.clause[1] + 1 == draft.clause[0]
            if divided or opened:
                draft.area, draft.part_of = area, earlier.amount.start
                return j
            return None
        return None

    def _aligned(self, drafts: list[_Draft], k: int) -> list[tuple[str, str]]:
        draft = drafts[k]
        if draft.run < 2 or "分别" not in draft.part.before:
            return []
        start = max(draft.clause[0], draft.amount.start - MAX_BEFORE)
        names = aligned_names(self.text[start : draft.amount.start], draft.run)
        return [(name, names[0]) for name in names]

    def _place(self, draft: _Draft, counted: str, earlier_end: int) -> Place:
        part = draft.part
        return Place(
            before=self.text[
                max(draft.sentence[0], draft.floor - 1, draft.amount.start - MAX_BEFORE) : draft.amount.start
            ],
            words=tuple(part.ahead),
            noun="".join(part.noun),
            counted=draft.name or ("" if part.noun else counted),
            unit=part.unit,
            listed=part.listed,
            joined=part.joined,
            clause=draft.clause[0],
            between=self.text[earlier_end : draft.amount.start],
            named=bool(draft.name),
            area=draft.area,
        )

    def _fact(  # noqa: PLR0913, PLR0917 - what a fact is made of
        self, draft: _Draft, subject: str, counted: str, scope: str | None, above: _Above, periods: list[Period]
    ) -> None:
        amount, part, text, extraction = draft.amount, draft.part, self.text, self.extraction
        timing = timing_of(
            text,
            periods,
            amount.start,
            draft.clause[0],
            self.year,
            pair=amount.pair_start is not None or part.unit == "times",
        )
        before = text[max(draft.clause[0], amount.numeral_start - MAX_BEFORE) : amount.numeral_start]
        modality = modality_of(
            before, part.after, above.kind,
            planned=self.planned or timing.planned, baseline=timing.baseline, reported=timing.reported,
        )  # fmt: skip
        period = None if timing.period is None else extraction.written(timing.period.start, timing.period.end)
        candidate = self._candidate(draft, subject, counted, scope, above, modality)
        mapping = extraction.mapper(candidate, self.mapped[-MAX_PREVIOUS:])
        self.mapped.append(Mapped(candidate, mapping))
        quote_start, quote_end = self._quote(draft)
        quote, number_text, raw_start, raw_end = extraction.as_written(quote_start, quote_end, amount)
        extraction.facts.append(
            Fact.trusted(
                quote=quote,
                number_text=number_text,
                text_start=amount.start,
                text_end=amount.end,
                raw_start=raw_start,
                raw_end=raw_end,
                quote_start=quote_start,
                quote_end=quote_end,
                value=round(amount.value, 4),
                value_to=None if amount.value_to is None else round(amount.value_to, 4),
                unit=part.unit,
                quantity=part.quantity,
                qualifier=amount.qualifier,
                subject=subject,
                metric=mapping.metric,
                modality=modality,
                change=draft.change,
                period=period,
                scope=scope,
                section=above.name,
                section_order=above.order,
                confidence=confidence_of(amount),
                metric_confidence=mapping.confidence if mapping.metric is not None else None,
                rule=amount.rule,
                metric_rule=mapping.rule,
                version=extraction.version,
            )
        )

    def _quote(self, draft: _Draft) -> tuple[int, int]:
        """The span of the fact's quote: its own words, without the signs and conjunctions in front."""
        amount, text = draft.amount, self.text
        start = draft.floor if draft.part.before.strip() else draft.clause[0]
        start = max(start, amount.start - MAX_BEFORE)
        while start < amount.start and text[start] in " 、,，和及与":
            start += 1
        return start, max(amount.end, draft.ceiling) if draft.part.noun else amount.end

    def _candidate(  # noqa: PLR0913, PLR0917 - what a mapper may look at
        self,
        draft: _Draft,
        subject: str,
        counted: str,
        scope: str | None,
        above: _Above,
        modality: Modality,
    ) -> Candidate:
        amount, part, text = draft.amount, draft.part, self.text
        amount_start, amount_end = amount.start, amount.end
        first, last = amount_start - MAX_CONTEXT, amount_end + MAX_CONTEXT
        start, end = max(draft.clause[0], first), min(draft.clause[1], last)
        sentence_start = max(draft.sentence[0], first)
        preceding, following = self._neighbours(draft, sentence_start, start)
        return Candidate(
            number_text=text[amount_start:amount_end],
            value=amount.value,
            unit=part.unit,
            subject=subject,
            counted=counted or subject,
            change=draft.change,
            modality=modality,
            scope=scope,
            subset=text.rfind("其中", max(draft.sentence[0], amount_start - 60), amount_start) >= 0,
            clause=text[start:end],
            before=text[start:amount_start],
            after=text[amount_end:end],
            preceding=preceding,
            heads=draft.heads,
            following=following,
            topic=self.topic_clause if amount_start > self.topic_end else "",
            headings=above.headings,
            start=amount_start,
            end=amount_end,
            sentence_start=draft.sentence[0],
            paragraph_start=self.paragraph.start,
            part_of=draft.part_of,
        )

    def _neighbours(self, draft: _Draft, sentence_start: int, start: int) -> tuple[tuple[str, ...], str]:
        """The clauses of the sentence before the one at `start`, and the one behind; facts of one clause share them."""
        key = (sentence_start, start, draft.clause[1])
        if self.kept_key != key:
            text = self.text
            clauses = self.paragraph.clauses(sentence_start, max(sentence_start, start - 1))
            preceding = tuple([text[a:b] for a, b in clauses][-MAX_PRECEDING:])
            following = ""
            if draft.clause[1] < draft.sentence[1]:
                first, last = self.paragraph.clause(draft.clause[1] + 1)
                following = text[first : min(last, first + MAX_CONTEXT)]
            self.kept_key, self.kept = key, (preceding, following)
        return self.kept


def explain_report(report: SectionedReport) -> list[ExplainedNumeral]:
    """Every numeral of the report, in text order, with the rule that took or left it."""
    extraction = _Extraction(report, map_nothing)
    extraction.run()
    meanings = exclusions().rules
    text = report.text
    listed = [
        ExplainedNumeral(
            text[fact.text_start : fact.text_end],
            fact.text_start,
            fact.text_end,
            fact=True,
            rule=fact.rule,
            meaning=TAKEN[fact.rule],
        )
        for fact in extraction.facts
    ]
    listed += [
        ExplainedNumeral(text[n.start : n.end], n.start, n.end, fact=False, rule=n.rule, meaning=meanings[n.rule])
        for n in extraction.left
    ]
    return sorted(listed, key=lambda numeral: numeral.start)
