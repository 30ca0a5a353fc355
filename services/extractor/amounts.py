"""From a numeral to an amount: unit, hedges, ranks, zeros. Or the rule that leaves the numeral.

    numbers.py ─▶ read_amounts ─▶ Amount …      the numerals that say how much or how many
                              └─▶ Left(rule) …  the numerals that do not, each with its reason

Works on one paragraph at a time. All offsets are characters of the report's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from services.extractor import senses
from services.extractor.amount import Amount, Left
from services.extractor.exclusions import Exclusions, Mask, exclusions
from services.extractor.numbers import Kind, Numeral, chinese_number
from services.extractor.qualifiers import hedge_after, hedge_before
from services.extractor.units import Unit, find_unit, units
from shared.rules import rules

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Sequence

    from services.extractor.clauses import Paragraph
    from shared.events import Qualifier


# Names of their own, because an attribute of an enum costs five times as much, and these are asked for at each numeral.
_ARABIC, _CHINESE = Kind.ARABIC, Kind.CHINESE
_PLAIN = frozenset({Kind.ARABIC, Kind.CHINESE})
_PARTS = frozenset({Kind.PERCENT, Kind.FRACTION, Kind.HALF})

#: 翻二十番 is a million times: nobody reports it.
MAX_DOUBLINGS = 20
#: Characters of a unit in brackets before its number, with what may stand around it.
MAX_UNIT_IN_FRONT = 12

_RULES = rules("services.extractor", "rules/amounts")
_RATE_IS = _RULES.pattern("rate_is")
_THING_IS = _RULES.pattern("thing_is")
_CLAUSE_END = _RULES.pattern("clause_end")
_RANK_FIELD = _RULES.pattern("rank_field")
_RANK_AFTER = _RULES.pattern("rank_after")
_RANK_PLAIN = _RULES.pattern("rank_plain")
_TOP_AFTER = _RULES.pattern("top_after")
_MOVE = _RULES.pattern("move")
_MOVE_AFTER = _RULES.pattern("move_after")
_TENTH = _RULES.pattern("tenth")
_TENTH_HEDGED = _RULES.pattern("tenth_hedged")
_TENTH_ALONE = _RULES.pattern("tenth_alone")
_UNIT_IN_FRONT = _RULES.pattern("unit_in_front")
_AND_A_HALF = _RULES.pattern("and_a_half")
_HALF_INSIDE = _RULES.pattern("half_inside")
_TENTH_PLAIN = _RULES.pattern("tenth_plain")
_GROWTH = _RULES.pattern("growth")
_ALONE_BEFORE = _RULES.pattern("alone_before")
_ALONE_AFTER = _RULES.pattern("alone_after")
_SHARES_UNIT = _RULES.pattern("shares_unit")
#: 十成 is all of it.
MAX_TENTHS = 10
#: Characters before 零 in which what did not happen is named.
MAX_NONE_OF = 24
_MOVED = _RULES.words("move_signs")
_OVER = _RULES.words("over")
_CURRENCIES = _RULES.words("currencies")
_RANK = Unit(written="位", name="rank", quantity="rank", family="rank")


def event_of(text: str, amount: Amount) -> str:
    """What did not happen, where it stands behind its 零: 零投诉. "" for 零发生, whose event stands before."""
    word = _word_behind_zero(text, amount.numeral_end) if amount.rule == "zero_of_a_thing" else ""
    return "" if word == "发生" else word


def _word_behind_zero(text: str, at: int) -> str:
    things = exclusions().zero
    return next((word for word in (text[at : at + 3], text[at : at + 2]) if word in things), "")


@cache
def _unit(written: str) -> Unit:
    return units()[written]


class _Reader:
    """Reads one paragraph; keeps where the last taken or masked stretch ended."""

    def __init__(self, paragraph: Paragraph, masks: Sequence[Mask], numerals: deque[Numeral]) -> None:
        self.paragraph = paragraph
        self.text = paragraph.text
        self.rules: Exclusions = exclusions()
        self.masks = masks
        self.numerals = numerals
        self.mask_at = 0
        self.taken = 0
        self.date: Mask | None = None
        self.amounts: list[Amount] = []
        self.left: list[Left] = []

    def read(self) -> None:
        while self.numerals:
            numeral = self.numerals.popleft()
            if numeral.start < self.taken:
                continue
            found = self._decide(numeral)
            if isinstance(found, Amount):
                self.amounts.append(found)
                self.taken = found.end
            else:
                self.left.append(Left(numeral.start, numeral.end, found))

    def _decide(self, numeral: Numeral) -> Amount | str:
        text, start = self.text, numeral.start
        if numeral.kind is _CHINESE and text[start] == "零" and numeral.end == start + 1:
            zero = self._zero(numeral)
            if zero is not None:
                return zero
        masked = self._masked(numeral)
        if masked is not None:
            return masked
        rank = self._rank(numeral)
        if rank is not None:
            return rank
        named = self.rules.name(text, start, numeral.end)
        if named is not None:
            return named
        shape = self.rules.shape(text, numeral)
        if shape is not None:
            return shape
        return self._amount(numeral)

    def _masked(self, numeral: Numeral) -> str | None:
        while self.mask_at < len(self.masks) and self.masks[self.mask_at].end <= numeral.start:
            self.mask_at += 1
        if self.mask_at < len(self.masks) and self.masks[self.mask_at].start < numeral.end:
            return self.masks[self.mask_at].rule
        if self.date is not None and numeral.start < self.date.end:
            return self.date.rule
        if numeral.kind is _ARABIC:
            self.date = self.rules.opened_by_digit(self.text, numeral.start)
            if self.date is not None:
                return self.date.rule
        return None

    # ── special numbers ──────────────────────────────────────────────────────────────────────────────────────────────

    def _zero(self, numeral: Numeral) -> Amount | str | None:
        word = _word_behind_zero(self.text, numeral.end)
        if word:
            unit = _unit(self.rules.zero[word])
            return self._build(numeral, 0.0, None, unit, numeral.end, qualifier="exact", rule="zero_of_a_thing")
        if _CLAUSE_END.match(self.text, numeral.end):
            zero = self._none_of(numeral)
            if zero is not None:
                return zero
        return None if find_unit(self.text, numeral.end) else "zero_in_word"

    def _none_of(self, numeral: Numeral) -> Amount | None:
        """败诉率为零, 败诉率为0: a rate; 责任事故为零, 败诉案件为零: a thing that did not happen."""
        text, floor = self.text, max(self.paragraph.start, numeral.start - MAX_NONE_OF)
        unit = "%" if _RATE_IS.search(text, floor, numeral.start) else ""
        if not unit and numeral.kind is _CHINESE:
            thing = _THING_IS.search(text, floor, numeral.start)
            unit = "" if thing is None else ("起" if thing["event"] else "件")
        if not unit:
            return None
        return self._build(numeral, 0.0, None, _unit(unit), numeral.end, qualifier="exact", rule="amount")

    def _rank(self, numeral: Numeral) -> Amount | None:
        """A rank: 第N in a field of competitors, 前N名, N强, 上升N位."""
        text, start = self.text, numeral.start
        if numeral.value is None or start == 0 or numeral.kind not in _PLAIN:
            return None
        previous = text[start - 1]
        if previous == " " and start > 1:
            previous = text[start - 2]
        if previous == "第":
            return self._place(numeral, numeral.value)
        if previous == "前" and not numeral.bare:
            return self._top(numeral, numeral.value)
        if (
            text.startswith("强", numeral.end)
            and not numeral.bare
            and numeral.value > 1
            and _TOP_AFTER.match(text, numeral.end)
        ):
            return self._build(numeral, numeral.value, None, _RANK, numeral.end + 1, qualifier="at_most", rule="rank")
        return self._rank_move(numeral, numeral.value) if text.startswith(_MOVED, numeral.end) else None

    def _place(self, numeral: Numeral, value: float) -> Amount | None:
        text, floor, end = self.text, self.paragraph.start, numeral.end
        at = text.rfind("第", floor, numeral.start)
        behind = _RANK_AFTER.match(text, end)
        if behind is None or not _RANK_FIELD.search(text, max(floor, at - 24), at):
            return None
        named = behind.group().strip() in ("名", "位")
        if not named and not _RANK_PLAIN.search(text, max(floor, at - 10), at):
            return None
        amount = self._build(
            numeral, value, None, _RANK, behind.end() if named else end, qualifier="exact", rule="rank"
        )
        amount.start = at
        return amount

    def _top(self, numeral: Numeral, value: float) -> Amount | None:
        text, floor, start, end = self.text, self.paragraph.start, numeral.start, numeral.end
        if self.rules.shape(text, numeral) == "foremost":
            return None
        behind = _TOP_AFTER.match(text, end)
        plain = _RANK_AFTER.match(text, end) and _RANK_FIELD.search(text, max(floor, start - 12), start - 1)
        if behind is None and not plain:
            return None
        unit_end = end if behind is None else behind.end()
        amount = self._build(numeral, value, None, _RANK, unit_end, qualifier="at_most", rule="rank")
        amount.start = start - 1
        return amount

    def _rank_move(self, numeral: Numeral, value: float) -> Amount | None:
        text, start = self.text, numeral.start
        behind = _MOVE_AFTER.match(text, numeral.end)
        move = None if behind is None else _MOVE.search(text, max(self.paragraph.start, start - 4), start)
        if behind is None or move is None:
            return None
        amount = self._build(numeral, value, None, _RANK, behind.end(), qualifier="exact", rule="rank_move")
        amount.change = "decrease" if re.search("[下后退降]", move.group()) else "increase"
        return amount

    # ── amounts with a unit ──────────────────────────────────────────────────────────────────────────────────────────

    def _amount(self, numeral: Numeral) -> Amount | str:
        text, value = self.text, numeral.value
        if value is None:
            return "collective"
        if numeral.kind in _PARTS:
            amount = self._hedged(numeral, value, None, _unit("%"), numeral.end)
            return senses.left(self.paragraph, amount, numeral) or amount
        at = numeral.end
        while at < numeral.end + 2 and text[at : at + 1] == " ":
            at += 1
        half = _HALF_INSIDE.match(text, at, self.paragraph.end)
        unit = find_unit(text, at) if half is None else units()[f"个{half['unit']}"]
        if unit is not None and at + len(unit.written) > self.paragraph.end:
            unit = None
        decided = self._spoken(numeral, value, unit)
        if decided is not None:
            return decided
        if unit is None:
            return self._with_unit_in_front(numeral, value) or self._without_unit(numeral, value)
        grown = _GROWTH.search(text, max(0, numeral.start - 6), numeral.start) if unit.name == "times" else None
        if grown is not None:
            amount = self._hedged(numeral, value * 100, numeral.value_to, _unit("%"), at + len(unit.written))
            amount.change = None if grown.group().startswith("提速") else "increase"  # a time falls: change.py
            return amount
        end = at + len(unit.written)
        if half is not None or (unit.quantity == "duration" and _AND_A_HALF.match(text, end, self.paragraph.end)):
            value, end = value + 0.5, end + 1
        amount = self._hedged(numeral, value, numeral.value_to, unit, end)
        return senses.left(self.paragraph, amount, numeral) or amount

    def _with_unit_in_front(self, numeral: Numeral, value: float) -> Amount | None:
        """A number whose unit stands in brackets before it."""
        floor = max(self.paragraph.start, numeral.start - MAX_UNIT_IN_FRONT)
        named = _UNIT_IN_FRONT.search(self.text, floor, numeral.start) if numeral.kind is _ARABIC else None
        unit = None if named is None else units().get(named["unit"])
        if named is None or unit is None:
            return None
        amount = self._hedged(numeral, value, numeral.value_to, unit, numeral.end)
        amount.start = named.start("unit") - 1
        return amount

    def _tenths(self, numeral: Numeral, value: float) -> Amount | None:
        """近六成, 增加3成, 四成三以上."""
        text, start, end = self.text, numeral.start, numeral.end
        tenth = _TENTH.match(text, end)
        if tenth is None or not (
            _TENTH_PLAIN.search(text, max(0, start - 4), start)
            or _TENTH_HEDGED.match(text, end)
            or _TENTH_ALONE.match(text, end, self.paragraph.end)
        ):
            return None
        top = None if numeral.value_to is None else numeral.value_to * 10
        rest = tenth["hundredth"]
        more = 0.0 if rest is None else (chinese_number(rest) or (0.0, None))[0]
        return self._hedged(numeral, value * 10 + more, top, _unit("%"), tenth.end())

    def _spoken(self, numeral: Numeral, value: float, unit: Unit | None) -> Amount | str | None:
        """Tenths in either script, and what is said in Chinese numerals alone; None for any other number."""
        tenths = (
            self._tenths(numeral, value) if value <= MAX_TENTHS and self.text.startswith("成", numeral.end) else None
        )
        return tenths if tenths is not None or numeral.kind is not _CHINESE else self._chinese(numeral, value, unit)

    def _chinese(self, numeral: Numeral, value: float, unit: Unit | None) -> Amount | str | None:
        """What is said in Chinese numerals alone: 近六成, 翻一番; None where the numeral is read like digits."""
        text, start, end = self.text, numeral.start, numeral.end
        if text.startswith("番", end) and value < MAX_DOUBLINGS and text[start - 1 : start] in ("翻", "了"):
            amount = self._hedged(numeral, 100 * (2**value - 1), None, _unit("%"), end + 1)
            amount.change = "increase"
            return amount
        if unit is not None:
            return "unit_in_word" if unit.weak else None
        if not _SHARES_UNIT.match(text, end):
            return "collective"
        amount = self._hedged(numeral, value, numeral.value_to, None, end)
        amount.rule = "unit_of_parallel"
        return amount

    def _without_unit(self, numeral: Numeral, value: float) -> Amount | str:
        text, start, end = self.text, numeral.start, numeral.end
        zero = self._none_of(numeral) if value == 0 and _CLAUSE_END.match(text, end) else None
        if zero is not None:
            return zero
        behind = _ALONE_AFTER.match(text, end)
        if behind is not None:
            amount = self._hedged(numeral, value, numeral.value_to, None, end)
            amount.rule = "number_alone"
            if _ALONE_BEFORE.search(text, max(0, start - 6), start):
                return amount
            if numeral.more and start > self.paragraph.start and text[start - 1] >= "一":
                return amount
            amount.rule = "unit_of_parallel"  # a fact only where a parallel amount lends its unit (pairs.py)
            return amount
        if text[end : end + 1] >= "一" and not _SHARES_UNIT.match(text, end):
            return "name_number"
        amount = self._hedged(numeral, value, numeral.value_to, None, end)
        amount.rule = "unit_of_parallel"
        return amount

    def _hedged(
        self, numeral: Numeral, value: float, value_to: float | None, unit: Unit | None, unit_end: int
    ) -> Amount:
        scale = 1.0 if unit is None else unit.scale
        amount = self._build(
            numeral,
            value * scale,
            None if value_to is None else value_to * scale,
            unit,
            unit_end,
            qualifier="exact",
            rule="amount",
        )
        duration = unit is not None and unit.quantity == "duration"
        behind = hedge_after(self.text, unit_end, duration=duration)
        if behind is None and self.text.startswith(" ", unit_end):
            behind = hedge_after(self.text, unit_end + 1, duration=duration)
        floor = max(self.paragraph.start, self.taken)
        ahead = hedge_before(self.text, numeral.start, floor)
        if numeral.bare and ahead is None and self.text.endswith(_OVER, floor, numeral.start):
            sign = self.text[numeral.start - 1]
            if sign != "成":
                amount.start = numeral.start - 1
                amount.qualifier = "at_least" if sign == "上" else "more_than"
        if numeral.more:
            amount.qualifier = "more_than"
        if value_to is not None:
            amount.qualifier = "approx"
        if self.text.endswith(_CURRENCIES, floor, numeral.start):
            amount.start -= next(len(sign) for sign in _CURRENCIES if self.text.endswith(sign, floor, numeral.start))
        if ahead is not None:
            amount.start, amount.qualifier = ahead.edge, ahead.qualifier
        if behind is not None and behind.edge <= self.paragraph.end:
            amount.end = behind.edge
            if ahead is None:
                amount.qualifier = behind.qualifier
        return amount

    def _build(  # noqa: PLR0913 - one field each
        self, numeral: Numeral, value: float, value_to: float | None, unit: Unit | None, unit_end: int, *,
        qualifier: Qualifier, rule: str,
    ) -> Amount:  # fmt: skip
        return Amount(
            start=numeral.start,
            end=unit_end,
            numeral_start=numeral.start,
            numeral_end=numeral.end,
            unit_end=unit_end,
            kind=numeral.kind,
            value=value,
            value_to=value_to,
            unit=unit,
            qualifier=qualifier,
            rule=rule,
        )


class Reading(NamedTuple):
    """What the numerals of one paragraph are."""

    amounts: list[Amount]
    left: list[Left]


def read_amounts(paragraph: Paragraph, masks: Sequence[Mask], numerals: deque[Numeral]) -> Reading:
    """Decide every numeral of the paragraph, and take it out of `numerals`. `masks` are those of the whole text, in order."""
    first = bisect_right(masks, paragraph.start, key=lambda mask: mask.end)
    reader = _Reader(paragraph, masks[first:], numerals)
    reader.read()
    return Reading(reader.amounts, reader.left)
