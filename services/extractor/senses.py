"""What is no fact although it has a unit: spans, frequencies, conditions, groupings, slogans.

The words are data (`exclusions.toml`, table `sense`); here is where they are looked for. Every function asks one
question about an amount and looks at its own clause only, at most 40 characters away.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from services.extractor.exclusions import exclusions
from services.extractor.numbers import Kind, Numeral
from shared.rules import rules

if TYPE_CHECKING:
    from services.extractor.amount import Amount
    from services.extractor.clauses import Paragraph
    from services.extractor.units import Unit

#: How far a governing word may stand from its number, in characters of the same clause.
_NEAR = 40
#: Characters of an item of a list that a number closes: 复议、应诉、调解三项.
_LONGEST_ITEM = 12
#: The measure word of kinds, which closes a list in digits, too: 书店、影院2类场所.
_KINDS = "类"
_PERSON_UNITS = frozenset(("人", "人次"))

_RULES = rules("services.extractor", "rules/senses")
_FREQUENCY = _RULES.pattern("frequency")
_CONDITION_HEDGE = _RULES.pattern("condition_hedge")
_BOUNDED_THINGS = _RULES.pattern("bounded_things")
_GOVERNED_BOUND = _RULES.pattern("governed_bound")
_NEXT_NUMBER = _RULES.pattern("next_number")
_VERB_BETWEEN = _RULES.pattern("verb_between")
_PERSONS = _RULES.pattern("person")
_WORDS_BEFORE = _RULES.pattern("span_before")
_YEAR_RESULT = _RULES.pattern("year_result")
_SERVICE = _RULES.pattern("service")
_LIST_BEFORE = _RULES.pattern("list_before")
_QUOTED_LIST = _RULES.pattern("quoted_list")
_AGE = _RULES.pattern("age")
_MAIN = _RULES.pattern("main")
_SHORTENED = _RULES.pattern("shortened")
_MEASURED_DAYS = _RULES.pattern("measured_days")
_SCORE_BOUND = _RULES.pattern("score_bound")
_ITEM_SIGN = _RULES.pattern("item_sign")
_GOVERNING = _RULES.pattern("governing")
_CLOSED_BEFORE = _RULES.pattern("closed_before")
_REACHED = _RULES.words("reached")
_RAISED = _RULES.words("raised")
_SHORTENED_TO = _RULES.words("shortened_to")
_ORDERED = _RULES.words("ordered")
_SIZES = _RULES.words("sizes")
_CHANGED_BEHIND = _RULES.words("changed_behind")
_LIST_OPEN = _RULES.words("list_open")
_PERFORMERS = _RULES.words("performers")
_CHINESE = Kind.CHINESE  # an attribute of an enum costs five times as much
_MINIMUM = ("at_least", "more_than")
_QUOTES = ("“", "‘", "「")
_BOUNDS = frozenset(("at_least", "more_than", "at_most", "less_than"))


@cache
def _words(rule: str, words: str) -> tuple[str, ...]:
    """The list `words` of the rule."""
    return tuple(exclusions().senses[rule][words])


@cache
def _starting_with(rule: str, words: str) -> re.Pattern[str]:
    """The words that the list `words` of the rule holds, as a pattern."""
    return re.compile("|".join(re.escape(word) for word in sorted(_words(rule, words), key=len, reverse=True)))


@cache
def _result_verb() -> re.Pattern[str]:
    verbs = "|".join(_words("grouping", "result_verbs"))
    return re.compile(rf"(?:{verbs})(?:了|到|至|全[省市县区])?$")


def left(paragraph: Paragraph, amount: Amount, numeral: Numeral) -> str | None:  # noqa: C901, PLR0911 - one question a line
    """The rule that leaves this amount, or None where it is a fact."""
    text = paragraph.text
    if numeral.bare and amount.qualifier == "exact":
        return "bare_magnitude"
    floor, ceiling = paragraph.clause(amount.numeral_start)
    before = text[max(floor, amount.start - _NEAR) : amount.start]
    after = text[amount.end : min(ceiling, amount.end + _NEAR)]
    unit = amount.unit
    if unit is None:
        return None
    chinese = numeral.kind is _CHINESE
    if before.endswith(_words("per", "before")):
        return "per"
    if unit.quantity == "duration":
        reason = _duration(text, before, after, amount, unit)
        if reason is not None:
            return reason
    if _frequency(before, after, amount, unit):
        return "frequency"
    if unit.written == "岁" and _AGE.search(before) is None:
        return "condition"
    if unit.quantity == "count" or unit.written == "大":
        reason = _counted(before, after, amount, unit, chinese=chinese)
        if reason is not None:
            return reason
    if _condition(text, before, after, amount, unit):
        return "condition"
    if chinese and numeral.value == 1 and unit.quantity in ("count", "duration", "other") and unit.name != "times":
        amount.one = True  # decided in pairs.py, where its neighbours are known
    return None


def _frequency(before: str, after: str, amount: Amount, unit: Unit) -> bool:
    if unit.name not in _words("frequency", "units"):
        return False
    if (
        ("每" not in before and "按" not in before)
        or before.endswith(_REACHED)
        or not _FREQUENCY.search(before)
        or after.startswith(_RAISED)
    ):
        return False
    return amount.value < 2 or amount.qualifier not in _MINIMUM


def _duration(  # noqa: PLR0911 - what a duration is depends on both sides
    text: str, before: str, after: str, amount: Amount, unit: Unit
) -> str | None:
    shortened = _SHORTENED.search(before) is not None
    always = (unit.name, amount.value) in (("hour", 24), ("day", 365))
    if always and not shortened and (amount.qualifier != "at_most" or unit.name != "hour"):
        return "around_the_clock"
    if unit.name in ("year", "quarter", "week") or (unit.name == "month" and not shortened):
        is_result = _YEAR_RESULT.search(before) is not None or text.startswith(_SHORTENED_TO, amount.end)
        return None if is_result else "span"
    if _WORDS_BEFORE.search(before):
        return "span"
    exact_day = unit.written == "日" and amount.qualifier == "exact" and amount.value <= 31
    if exact_day and not shortened and not _MEASURED_DAYS.search(before):
        return "day"
    if amount.qualifier == "at_most":
        return "condition" if after.startswith(_ORDERED) else None
    if unit.name in ("hour", "minute") and _SERVICE.search(before):
        return None
    words = _starting_with("span", "result_words")
    return None if words.search(before) or words.search(after[:14]) else "span"


def _counts_itself(tail: str, before: str, after: str, unit: Unit) -> bool:
    """轮训1000名以上执法人员: so many of them, where 10人以上纠纷3件 only says which disputes are counted."""
    if tail.endswith("的") or before.endswith(_PERFORMERS):
        return False
    number = _NEXT_NUMBER.search(after)
    if number is not None and not _VERB_BETWEEN.search(after, 0, number.start()):
        return False
    return unit.name not in _PERSON_UNITS or _PERSONS.match(after) is not None


def _bounds_things(text: str, before: str, amount: Amount) -> bool:
    """执法人员不足3人的单位2家: the bound says which things the next number counts."""
    if amount.start == amount.numeral_start or amount.qualifier not in _BOUNDS or _GOVERNED_BOUND.search(before):
        return False
    bounded = _BOUNDED_THINGS.match(text, amount.end)
    return bounded is not None and _VERB_BETWEEN.search(bounded["things"]) is None


def _condition(text: str, before: str, after: str, amount: Amount, unit: Unit) -> bool:
    if _bounds_things(text, before, amount):
        return True
    if unit.quantity in ("rate", "rank", "duration", "concentration"):
        return False
    if unit.quantity == "score":
        hedged = amount.qualifier in {"less_than", "more_than"} and text.startswith("的", amount.unit_end)
        return hedged or _SCORE_BOUND.match(text, amount.unit_end) is not None
    tail = _CONDITION_HEDGE.match(text, amount.unit_end)
    if tail is None:
        return unit.quantity in ("money", "area") and text.startswith(_SIZES, amount.unit_end)
    if unit.quantity == "count" and _counts_itself(tail.group(), before, after, unit):
        return False
    # 10亿元以上项目22个: the thing that has the size follows directly. 达3000人以上的规模 does not come here.
    return _GOVERNED_BOUND.search(before) is None


def _counted(before: str, after: str, amount: Amount, unit: Unit, *, chinese: bool) -> str | None:
    if unit.name in _words("grouping", "units"):
        noun = _starting_with("grouping", "nouns").match(_MAIN.sub("", after))
        if noun is not None and not _result(before, after):
            return "grouping"
    if chinese and unit.name in _words("slogan", "units"):
        quoted = after[:1] in _QUOTES
        slogan = _starting_with("slogan", "quoted" if quoted else "words").match(after, int(quoted))
        if slogan is not None and amount.value < 13:
            return "slogan"
    kinds = unit.name == _KINDS
    if unit.name in _words("closed_list", "units") and (chinese or kinds) and _closes_list(before, amount.value):
        return "closed_list"
    if chinese and kinds:
        if _starting_with("label_class", "words").match(after):
            return "label_class"
        if _LIST_BEFORE.search(before) and not _QUOTED_LIST.search(before):
            return "closed_list"
    return None


def _closes_list(before: str, size: float) -> bool:
    """Whether exactly `size` short items of a list stand directly before: 复议、应诉、调解三项工作."""
    items = _ITEM_SIGN.split(_GOVERNING.split(before)[-1])
    short = len(items) == size > 1 and all(1 < len(item.strip()) <= _LONGEST_ITEM for item in items)
    return short and not before.endswith(_LIST_OPEN)


def _result(before: str, after: str) -> bool:
    """Whether a result verb governs the number directly: 已覆盖29个行业领域, but not 食品、药品等5个领域."""
    if _CLOSED_BEFORE.search(before):
        return False
    return _result_verb().search(before) is not None or after.startswith(_CHANGED_BEHIND)
