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

#: How far a governing word may stand from its number, in characters of the same clause.
_NEAR = 40

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
        reason = _duration(text, before, after, amount, numeral)
        if reason is not None:
            return reason
    if _frequency(before, after, amount):
        return "frequency"
    if unit.written == "岁" and _AGE.search(before) is None:
        return "condition"
    if unit.quantity == "count" or unit.written == "大":
        reason = _counted(before, after, amount, chinese=chinese)
        if reason is not None:
            return reason
    if _condition(text, before, after, amount):
        return "condition"
    if chinese and numeral.value == 1 and unit.quantity in ("count", "duration", "other") and unit.name != "times":
        amount.one = True  # decided in pairs.py, where its neighbours are known
    return None


def _frequency(before: str, after: str, amount: Amount) -> bool:
    if amount.unit is None or amount.unit.name not in _words("frequency", "units"):
        return False
    if (
        ("每" not in before and "按" not in before)
        or before.endswith(("到", "至"))
        or not _FREQUENCY.search(before)
        or after.startswith(("增加到", "增加至", "提高到", "提高至", "增至", "减少到", "减至"))
    ):
        return False
    return amount.value < 2 or amount.qualifier not in _MINIMUM


def _duration(  # noqa: PLR0911 - what a duration is depends on both sides
    text: str, before: str, after: str, amount: Amount, numeral: Numeral
) -> str | None:
    unit = amount.unit
    if unit is None:
        return None
    shortened = re.search(r"(?:缩短|压缩|压减|减少|提速|缩减|降)[^,]{0,6}$", before) is not None
    always = (unit.name, numeral.value) in (("hour", 24), ("day", 365))
    if always and not shortened and (amount.qualifier != "at_most" or unit.name != "hour"):
        return "around_the_clock"
    if unit.name in ("year", "quarter", "week") or (unit.name == "month" and not shortened):
        return (
            None
            if _YEAR_RESULT.search(before)
            or text.startswith(("压缩至", "缩短至", "减少到", "缩短到", "压缩到"), amount.end)
            else "span"
        )
    if _WORDS_BEFORE.search(before):
        return "span"
    exact_day = unit.written == "日" and amount.qualifier == "exact" and amount.value <= 31
    if exact_day and not shortened and not re.search(r"(?:缩短|压缩|平均|减少)", before):
        return "day"
    if amount.qualifier == "at_most":
        return "condition" if after.startswith(("改正", "整改", "主动", "未", "纠正", "自行", "的")) else None
    if unit.name in ("hour", "minute") and _SERVICE.search(before):
        return None
    words = _starting_with("span", "result_words")
    return None if words.search(before) or words.search(after[:14]) else "span"


def _counts_itself(tail: str, before: str, after: str, amount: Amount) -> bool:
    """轮训1000名以上执法人员: so many of them, where 10人以上纠纷3件 only says which disputes are counted."""
    if tail.endswith("的") or before.endswith("由"):
        return False
    number = _NEXT_NUMBER.search(after)
    if number is not None and not _VERB_BETWEEN.search(after, 0, number.start()):
        return False
    persons = amount.unit is not None and amount.unit.name in ("人", "人次")
    return not persons or _PERSONS.match(after) is not None


def _bounds_things(text: str, before: str, amount: Amount) -> bool:
    """执法人员不足3人的单位2家: the bound says which things the next number counts."""
    if amount.start == amount.numeral_start or amount.qualifier not in _BOUNDS or _GOVERNED_BOUND.search(before):
        return False
    bounded = _BOUNDED_THINGS.match(text, amount.end)
    return bounded is not None and _VERB_BETWEEN.search(bounded["things"]) is None


def _condition(text: str, before: str, after: str, amount: Amount) -> bool:
    if _bounds_things(text, before, amount):
        return True
    unit = amount.unit
    if unit is None or unit.quantity in ("rate", "rank", "duration", "concentration"):
        return False
    if unit.quantity == "score":
        hedged = amount.qualifier in {"less_than", "more_than"} and text.startswith("的", amount.unit_end)
        return hedged or re.match(r"(?:及)?(?:以上|以下)的", text[amount.unit_end : amount.unit_end + 5]) is not None
    tail = _CONDITION_HEDGE.match(text, amount.unit_end)
    if tail is None:
        return unit.quantity in ("money", "area") and text.startswith(("级", "规模"), amount.unit_end)
    if unit.quantity == "count" and _counts_itself(tail.group(), before, after, amount):
        return False
    # 10亿元以上项目22个: the thing that has the size follows directly. 达3000人以上的规模 does not come here.
    return _GOVERNED_BOUND.search(before) is None


def _counted(before: str, after: str, amount: Amount, *, chinese: bool) -> str | None:
    unit = amount.unit
    assert unit is not None  # noqa: S101 - the caller's promise, for the type checker
    if unit.name in ("个", "类", "种", "项", "处", "条"):
        noun = _starting_with("grouping", "nouns").match(_MAIN.sub("", after))
        if noun is not None and not _result(before, after):
            return "grouping"
    if chinese and unit.name in ("个", "项", "种", "类", "条", "批", "次"):
        quoted = after[:1] in _QUOTES
        slogan = _starting_with("slogan", "quoted" if quoted else "words").match(after, int(quoted))
        if slogan is not None and amount.value < 13:
            return "slogan"
    if unit.name in ("项", "个", "种", "类") and (chinese or unit.name == "类") and _closes_list(before, amount.value):
        return "closed_list"
    if chinese and unit.name == "类":
        if _starting_with("label_class", "words").match(after):
            return "label_class"
        if _LIST_BEFORE.search(before) and not _QUOTED_LIST.search(before):
            return "closed_list"
    return None


def _closes_list(before: str, size: float) -> bool:
    """Whether exactly `size` short items of a list stand directly before: 复议、应诉、调解三项工作."""
    items = re.split(r"、|和|与|及(?![时格])", re.split(r"[对以在把将抓]", before)[-1])
    return (
        len(items) == size > 1
        and all(1 < len(item.strip()) <= 12 for item in items)
        and not before.endswith(("》", "等", "了"))
    )


def _result(before: str, after: str) -> bool:
    """Whether a result verb governs the number directly: 已覆盖29个行业领域, but not 食品、药品等5个领域."""
    if re.search(r"[等、”》]$", before):
        return False
    return _result_verb().search(before) is not None or after.startswith(
        ("减少", "精简", "压缩", "增加", "扩大", "拓展")
    )
