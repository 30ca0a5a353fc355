"""Amounts that belong together: ranges, from/to pairs, parallel amounts that lend a unit, compound durations.

97项减少到32项            one amount, 97 → 32
3-5天, 五至十人           one amount, a range
38、54微克/立方米         two amounts; the first takes its unit from the second
由180个工作日分别压缩至70个和45个工作日以内    two amounts with a shared start
4天2小时                  one amount in the larger unit
市级三家、省级一家        一 counts, because it stands beside other counts
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.extractor.amount import Amount, Left
from services.extractor.numbers import Kind
from services.extractor.units import units
from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.extractor.units import Unit
    from shared.events import Qualifier

_RULES = rules("services.extractor", "rules/pairs")
_FROM_TO_DIRECT = _RULES.pattern("from_to_direct")
_FROM_TO = _RULES.pattern("from_to")
_FROM = _RULES.pattern("from")
_PUT = _RULES.pattern("put")
_PUT_TO = _RULES.pattern("put_to")
_RANGE = _RULES.pattern("range")
_PARALLEL = _RULES.pattern("parallel")
_HANDED_OUT = _RULES.pattern("handed_out")
_LIST_GAP = _RULES.pattern("list_gap")
_FIELDS = _RULES.pattern("fields")
_LIST_EDGE = _RULES.pattern("list_edge")
_DURATIONS = {"day": 24.0, "workday": 8.0, "hour": 1.0, "minute": 1 / 60, "second": 1 / 3600}
_POINT, _SECOND = "point", "second"
#: The rule that leaves a number of fields (exclusions.toml).
_GROUPING = "grouping"


def join_amounts(text: str, amounts: list[Amount], left: list[Left]) -> list[Amount]:
    """The amounts of one paragraph with pairs, ranges and compounds joined, in text order.

    Amounts that turn out to be no fact of their own go to `left`.
    """
    if not amounts:
        return amounts
    _lend_units(text, amounts)
    _lend_hedges(text, amounts)
    joined: list[Amount] = []
    at = 0
    while at < len(amounts):
        taken = _pairs(text, amounts, at, joined)
        if taken == 0:
            taken = _range_or_compound(text, amounts, at, joined)
        at += taken
    return [amount for amount in joined if _kept(text, amount, joined, left)]


def _kept(text: str, amount: Amount, joined: Sequence[Amount], left: list[Left]) -> bool:
    if amount.rule == _GROUPING:
        left.append(Left(amount.numeral_start, amount.numeral_end, _GROUPING))
        return False
    if (
        amount.rule == "unit_of_parallel"
        and amount.unit is None
        and amount.pair_start is None
        and amount.value_to is None
    ):
        reason = "collective" if amount.kind is Kind.CHINESE else "undecided"
        left.append(Left(amount.numeral_start, amount.numeral_end, reason))
        return False
    if amount.one and amount.value_to is None and not _beside_counts(text, amount, joined):
        left.append(Left(amount.numeral_start, amount.numeral_end, "indefinite_one"))
        return False
    return True


def _beside_counts(text: str, one: Amount, joined: Sequence[Amount]) -> bool:
    """Whether an Chinese 一 stands in a list of counts of the same measure word: 市级三家、省级一家."""
    if not _LIST_EDGE.match(text[one.end : one.end + 1]):
        return False
    for other in joined:
        if other is one or other.unit is None or one.unit is None or other.unit.name != one.unit.name:
            continue
        if other.kind is not Kind.CHINESE:
            continue
        first, second = (other, one) if other.start < one.start else (one, other)
        if second.start - first.end <= 12 and _LIST_GAP.fullmatch(text, first.end, second.start):
            return True
    return False


def _lend_units(text: str, amounts: list[Amount]) -> None:
    """A number without a unit takes it from the parallel number behind it; 88个 beside 55个工作日 is workdays too."""
    for k in range(len(amounts) - 2, -1, -1):
        amount, following = amounts[k], amounts[k + 1]
        if following.unit is None:
            continue
        bare = amount.unit is None
        plain = amount.unit is not None and amount.unit.written == "个" and following.unit.quantity == "duration"
        if (bare or plain) and (
            _PARALLEL.fullmatch(text, amount.unit_end, following.start)
            or (bare and _RANGE.fullmatch(text, amount.unit_end, following.start))
        ):
            amount.unit = following.unit
            amount.value *= following.unit.scale
            if amount.rule == "unit_of_parallel":
                amount.rule = "amount"


def _lend_hedges(text: str, amounts: list[Amount]) -> None:
    """分别控制在9%和5%以内: the hedge behind the last number of a list that 分别 opens holds for all of it."""
    for k in range(len(amounts) - 2, -1, -1):
        amount, following = amounts[k], amounts[k + 1]
        if following.end == following.unit_end or amount.qualifier != "exact" or amount.end != amount.unit_end:
            continue
        if amount.unit is not following.unit or not _PARALLEL.fullmatch(text, amount.end, following.start):
            continue
        if _HANDED_OUT.search(text, max(0, amount.start - 12), amount.start):
            amount.qualifier = following.qualifier


def _pairs(text: str, amounts: list[Amount], at: int, joined: list[Amount]) -> int:
    """From/to pairs that begin at `amounts[at]`; how many amounts they took."""
    starts = _parallel_run(text, amounts, at)
    first, last = amounts[at], amounts[at + starts - 1]
    if at + starts >= len(amounts):
        return 0
    following = amounts[at + starts]
    gap = following.start - last.end
    if gap > 32 or gap <= 0:
        return 0
    opening = max(0, first.start - 18)
    change = _FROM_TO if _FROM.search(text, opening, first.start) is not None else _FROM_TO_DIRECT
    change = _PUT_TO if _PUT.search(text, opening, first.start) is not None else change
    between = change.fullmatch(text, last.end, following.start)
    closed = change is not _PUT_TO or _LIST_EDGE.match(text, following.end) is not None
    if between is None or not closed or not _same_kind(last, following):
        return 0  # 将43个居委会调整为35个社区: two things
    behind = amounts[at + 2] if starts == 1 and at + 2 < len(amounts) else None
    if behind is not None and _behind_fields(text, first, following, behind):
        joined += [replace(following, rule=_GROUPING), _pair(first, behind, [behind])]
        return 3
    ends = _parallel_run(text, amounts, at + starts) if "分别" in between.group() or starts > 1 else 1
    if starts not in (1, ends):
        starts, ends = 1, 1
        if last is not first:
            return 0
    targets = amounts[at + starts : at + starts + ends]
    sources = [first] * ends if starts == 1 else amounts[at : at + starts]
    hedge: Qualifier = next((target.qualifier for target in targets if target.qualifier != "exact"), "exact")
    for source, target in zip(sources, targets, strict=True):
        pair = _pair(source, target, targets)
        joined.append(replace(pair, qualifier=target.qualifier if ends == 1 else hedge))
    return starts + ends


def _pair(source: Amount, target: Amount, targets: Sequence[Amount]) -> Amount:
    """One fact of a start and an end; `targets` are all ends that a list hands out."""
    unit = _pair_unit(source, target, targets)
    value, value_to = source.value, target.value
    larger = _larger_unit(source, target)
    if larger is not None:
        unit, value, value_to = larger, _in_unit(larger, source), _in_unit(larger, target)
    return replace(
        target, start=source.start, value=value, value_to=value_to, unit=unit, rule="from_to", pair_start=source,
        change=None, one=False,
    )  # fmt: skip


def _behind_fields(text: str, source: Amount, fields: Amount, target: Amount) -> bool:
    """由12个领域320项增至21个领域|532项: the fields only group the things whose numbers are the start and the end."""
    alike = source.unit is not None and target.unit is source.unit and fields.unit is not source.unit
    return alike and _FIELDS.fullmatch(text, fields.end, target.start) is not None


def _larger_unit(a: Amount, b: Amount) -> Unit | None:
    """The larger unit of two durations: 3天压减为40分钟; None where they have one unit, and for days and working days."""
    units_of = [amount.unit for amount in (a, b) if amount.unit is not None and amount.unit.name in _DURATIONS]
    names = {unit.name for unit in units_of}
    if len(names) == 1 or len(units_of) < 2 or names == {"day", "workday"}:
        return None
    return max(units_of, key=lambda unit: _DURATIONS[unit.name])


def _in_unit(unit: Unit, amount: Amount) -> float:
    written = unit if amount.unit is None else amount.unit
    return amount.value * _DURATIONS[written.name] / _DURATIONS[unit.name]


def _parallel_run(text: str, amounts: list[Amount], at: int) -> int:
    """How many amounts from `at` on stand in one list joined by 、 or 和."""
    size = 1
    while (
        at + size < len(amounts)
        and size < 12
        and _PARALLEL.fullmatch(text, amounts[at + size - 1].end, amounts[at + size].start)
    ):
        size += 1
    return size


def _same_kind(a: Amount, b: Amount) -> bool:
    if a.unit is None or b.unit is None:
        return True
    return a.unit.quantity == b.unit.quantity or "个" in (a.unit.written, b.unit.written)


def _pair_unit(source: Amount, target: Amount, targets: Sequence[Amount]) -> Unit | None:
    """The unit of a pair: the more telling of the two (220个工作日 … 88个)."""
    for amount in (target, source, *targets):
        if amount.unit is not None and amount.unit.written != "个":
            return amount.unit
    return target.unit or source.unit


def _range_or_compound(text: str, amounts: list[Amount], at: int, joined: list[Amount]) -> int:
    amount = amounts[at]
    if at + 1 < len(amounts):
        following = amounts[at + 1]
        if (
            _RANGE.fullmatch(text, amount.end, following.start)
            and _same_kind(amount, following)
            and amount.value < following.value
            and following.unit is not None
        ):
            top = following.value
            joined.append(
                replace(
                    following,
                    start=amount.start,
                    numeral_start=amount.numeral_start,
                    value=amount.value,
                    value_to=top,
                    qualifier="approx",
                    rule="range",
                )
            )
            return 2
        compound = _compound(text, amount, following)
        if compound is not None:
            joined.append(compound)
            return 2
    joined.append(amount)
    return 1


def _compound(text: str, amount: Amount, following: Amount) -> Amount | None:
    """4天2小时 in the larger unit, to four decimals."""
    if amount.unit is None or following.unit is None or text[amount.end : following.start].strip(" 零又"):
        return None
    unit = amount.unit
    if unit.name == _POINT and following.unit.name == _SECOND:
        unit = units()["分钟"]  # 10分36秒
    larger, smaller = _DURATIONS.get(unit.name), _DURATIONS.get(following.unit.name)
    if larger is None or smaller is None or smaller >= larger:
        return None
    hours = 24.0 if unit.name == "day" else larger
    return replace(
        amount, unit=unit, end=following.end, unit_end=following.unit_end, value=amount.value + following.value * smaller / hours,
        qualifier=following.qualifier, rule="compound",
    )  # fmt: skip
