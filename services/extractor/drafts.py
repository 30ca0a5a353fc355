"""A sentence's amounts with their words: one draft of a fact each.

    amounts of a sentence ─▶ drafts_of ─▶ find_changes, drop_spans ─▶ naming.py, scope.py, …

A draft's own words run from the amount before it to the one behind it, within its clause.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.extractor.amounts import event_of
from services.extractor.change import change_of, verb_over_object
from services.extractor.subjects import Part
from shared.rules import rules

if TYPE_CHECKING:
    from services.extractor.amount import Amount
    from services.extractor.change import Change
    from services.extractor.clauses import Paragraph
    from services.extractor.period import Period


#: Characters of a clause that are looked at on each side of a number.
MAX_BEFORE = 120
#: Amounts on each side that may bound a draft's words; a pair's values stand beside each other.
MAX_BESIDE = 3
#: Characters of the clause behind that are asked whether it goes on about the things counted.
MAX_NEXT = 41
#: The kinds of spans of time that no subject keeps.
_DROPPED = frozenset({"since", "during", "recent", "months", "quarter"})
_RULES = rules("services.extractor", "rules/clauses")
_CLAUSE_END = _RULES.pattern("next_clause_end")
_PAIRS = rules("services.extractor", "rules/pairs")
_NOUN_IN_PAIR = _PAIRS.pattern("noun_in_pair")
_OPENED_PAIR = _PAIRS.pattern("opened_pair")
_LIST_SIGN = _RULES.pattern("joining")
_LIST_WORDS = _RULES.words("list_words")
_LIST_EDGE = " 、,，和及与"
_OPENING, _CLOSING = ("(", "（"), (")", "）")
_ALL_OF_THEM = _RULES.words("all_of_them")
_BETTER = _RULES.pattern("better")


@dataclass(slots=True)
class Draft:
    """One fact in the making."""

    amount: Amount
    part: Part
    clause: tuple[int, int]
    sentence: tuple[int, int]
    floor: int  # where its own words begin
    ceiling: int  # where they end
    run: int = 1  # amounts of the same kind in one list with it
    place: int = 0  # its place among them
    aside: bool = False  # in a bracket behind an amount: 行政诉讼31件(一审19件、二审12件)
    change: Change | None = None
    heads: tuple[str, ...] = ()  # of a table cell
    subset: bool = False  # a table's column that another one sums up with others
    name: str = ""  # what 分别 handed out to it
    area: str = ""  # the area or level whose part of an amount before it is
    part_of: int | None = None  # where that amount begins

    def quote(self, text: str) -> tuple[int, int]:
        """The span of the fact's quote: its own words, without the signs and conjunctions in front."""
        amount = self.amount
        start = self.floor if self.part.before.strip() else self.clause[0]
        start = max(start, amount.start - MAX_BEFORE)
        while start < amount.start and text[start] in _LIST_EDGE:
            start += 1
        return start, max(amount.end, self.ceiling) if self.part.noun else amount.end


def drafts_of(paragraph: Paragraph, sentence: tuple[int, int], amounts: list[Amount], own: range) -> list[Draft]:
    """A draft for each of the amounts at `own`, which stand in `sentence`; the others bound their words."""
    drafts = [_draft(paragraph, amounts, k, sentence) for k in own]
    _count_runs(paragraph.text, drafts)
    _note_brackets(paragraph.text, drafts)
    return drafts


def _draft(paragraph: Paragraph, amounts: list[Amount], k: int, sentence: tuple[int, int]) -> Draft:
    amount, text = amounts[k], paragraph.text
    clause = paragraph.clause(amount.numeral_start)
    floor, ceiling = clause
    for other in amounts[max(0, k - MAX_BESIDE) : k]:
        last = other.end if other.rule != "zero_of_a_thing" else other.end + len(event_of(text, other))
        if floor < last <= amount.start:  # a pair with the same start value has the words of the first one
            floor = last
    for other in amounts[k + 1 : k + 1 + MAX_BESIDE]:
        if other.start >= amount.end:
            ceiling = min(ceiling, other.start)
            break
    zero = amount.rule == "zero_of_a_thing"
    before = text[max(floor, amount.start - MAX_BEFORE) : amount.start]
    after = "" if zero else text[amount.end : min(ceiling, amount.end + MAX_BEFORE)]  # 零发生: the event is the unit
    if amount.pair_start is not None and _OPENED_PAIR.fullmatch(before.strip()) is not None:
        before += _noun_in_pair(text, amount.pair_start)
    unit = amount.unit
    part = Part(
        before=before,
        after=after,
        unit=None if unit is None else unit.name,
        quantity="count" if unit is None else unit.quantity,
        joined=ceiling < clause[1] and after.rstrip().endswith(_LIST_WORDS),
        listed=floor > clause[0] and before.lstrip().startswith(_LIST_WORDS),
        followed=ceiling < clause[1],
        next_clause=_next_clause(text, clause[1], sentence[1]),
        zero=zero,
        event=event_of(text, amount),
    )
    return Draft(amount, part, clause, sentence, floor, ceiling)


def _noun_in_pair(text: str, source: Amount) -> str:
    """将230项|行政审批|减至88项: what is counted stands between the start and the end."""
    counted = _NOUN_IN_PAIR.match(text, source.end)
    return "" if counted is None else counted["noun"]


def _next_clause(text: str, end: int, sentence_end: int) -> str:
    """The clause behind, where it goes on about all of the things counted: 均成立了执法大队."""
    if not text.startswith(_ALL_OF_THEM, end + 1, max(end + 1, sentence_end)):
        return ""
    return _CLAUSE_END.split(text[end + 1 : min(end + 1 + MAX_NEXT, sentence_end)], maxsplit=1)[0]


def _count_runs(text: str, drafts: list[Draft]) -> None:
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


def _note_brackets(text: str, drafts: list[Draft]) -> None:
    """Which amounts stand in a bracket that opened directly behind another one, and which of them is its first part."""
    first, last = drafts[0].amount.end, drafts[-1].amount.start
    if text.find("(", first, last) < 0 and text.find("（", first, last) < 0:
        return
    depth = 0
    for earlier, draft in itertools.pairwise(drafts):
        between = text[earlier.amount.end : draft.amount.start]
        opened = not depth and between.startswith(_OPENING)
        if depth or opened:
            depth += sum(between.count(sign) for sign in _OPENING) - sum(between.count(sign) for sign in _CLOSING)
        draft.aside = depth > 0
        draft.part.bracketed = opened and draft.aside and draft.part.unit == earlier.part.unit


def find_changes(text: str, drafts: list[Draft]) -> None:
    """Which numbers are amounts of change; a list shares the verb of its first item."""
    shared: Change | None = None
    verb = ""
    for k, draft in enumerate(drafts):
        amount, part = draft.amount, draft.part
        change: Change | None = amount.change
        if change is None and amount.value_to is None:
            own = text[max(draft.floor, amount.start - MAX_BEFORE) : amount.start]
            start = max(draft.clause[0], amount.start - MAX_BEFORE)
            verb = verb if part.listed else ""
            before = verb + own.lstrip(_LIST_EDGE) if part.quantity == "rate" else text[start : amount.start]
            verb = verb_over_object(before) if part.unit == "%" else ""  # 压减材料62%、时限71%
            change = change_of(before, part.quantity, part.unit)
            if change is None and draft.place and not own.strip(" 、,，和及与以"):
                change = shared
        if change == "increase" and _BETTER.search(part.before) and _is_of_pollution(text, drafts, k):
            change = "decrease"
        draft.change, shared = change, change
        part.change = change is not None


def _is_of_pollution(text: str, drafts: list[Draft], k: int) -> bool:
    """PM2.5浓度31微克/立方米,同比改善6%: less of it is better."""
    level = next((draft.part for draft in reversed(drafts[:k]) if not draft.part.change), None)
    measured = level is not None and level.quantity == "concentration"
    return measured or "浓度" in text[drafts[k].clause[0] : drafts[k].amount.start]


def drop_spans(drafts: list[Draft], periods: list[Period]) -> None:
    """自平台运行以来办件1200件: a span of time in front of a number's words is said in its period, not in its subject."""
    for draft in drafts:
        first = draft.amount.start - len(draft.part.before)
        for period in reversed(periods):
            if first <= period.start < period.end < draft.amount.start and period.front and not period.compared:
                if period.kind in _DROPPED and not draft.part.before[: period.start - first].strip("自从在 "):
                    draft.part.before = draft.part.before[period.end - first :]
                break
