"""Rules are data with their proof beside them: every example of every rule is run."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files

import pytest

from services.extractor.exclusions import exclusions
from services.extractor.explain import ExplainedNumeral
from services.extractor.numbers import Numeral, find_numerals
from services.extractor.units import find_unit, units
from shared.events import Fact

RULES = exclusions()
YES = [(rule, text) for rule, (yes, _) in RULES.examples.items() for text in yes]
NO = [(rule, text) for rule, (_, no) in RULES.examples.items() for text in no]
HEDGES = tomllib.loads(files("services.extractor").joinpath("qualifiers.toml").read_text(encoding="utf-8"))["hedge"]

Explain = Callable[..., list[ExplainedNumeral]]
Read = Callable[..., list[Fact]]


@pytest.mark.parametrize(("rule", "text"), YES)
def test_a_rule_leaves_a_numeral_of_its_examples(rule: str, text: str, explained: Explain) -> None:
    assert rule in {numeral.rule for numeral in explained(text)}


@pytest.mark.parametrize(("rule", "text"), NO)
def test_a_rule_leaves_nothing_of_its_counter_examples(rule: str, text: str, explained: Explain) -> None:
    assert rule not in {numeral.rule for numeral in explained(text)}


@pytest.mark.parametrize("rule", RULES.rules)
def test_every_rule_says_what_it_means_and_shows_both_sides(rule: str) -> None:
    yes, no = RULES.examples[rule]
    assert RULES.rules[rule].endswith(".")
    assert no
    assert yes or rule == "undecided"


NAMES = tomllib.loads(files("services.extractor").joinpath("exclusions.toml").read_text(encoding="utf-8"))["name"]
WRITTEN = [name for entry in NAMES for name in entry["written"]]


def leaves(name: str, within: str, numeral: Numeral) -> bool:
    """Whether the name `name`, inside of another one, leaves that one's numeral."""
    spans = ((within.find(name) + own.start, within.find(name) + own.end) for own in find_numerals(name))
    return name != within and name in within and (numeral.start, numeral.end) in spans


@pytest.mark.parametrize("name", WRITTEN)
def test_a_fixed_name_holds_a_numeral_that_no_shorter_one_in_it_leaves_already(name: str) -> None:
    assert WRITTEN.count(name) == 1
    assert [
        numeral for numeral in find_numerals(name) if not any(leaves(other, name, numeral) for other in WRITTEN)
    ]  # 三农问题 beside 三农 would change nothing


@pytest.mark.parametrize(("hedge", "example"), [(h["qualifier"], e) for h in HEDGES for e in h["yes"]])
def test_a_hedge_belongs_to_the_number_text(hedge: str, example: dict[str, str], facts: Read) -> None:
    found = facts(example["text"])
    assert [(fact.number_text, fact.qualifier) for fact in found] == [(example["number"], hedge)]


@pytest.mark.parametrize("text", [text for hedge in HEDGES for text in hedge["no"]])
def test_without_a_hedge_a_number_is_exact(text: str, facts: Read) -> None:
    assert [fact.qualifier for fact in facts(text)] == ["exact"]


@pytest.mark.parametrize("written", units())
def test_every_measure_word_is_found_whole(written: str) -> None:
    unit = find_unit(written, 0)
    assert unit is not None
    assert unit.written == written


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("评查案卷12宗", "件", 12), ("慰问8位老人", "人", 8), ("培训120人(次)", "人次", 120), ("抽检30批次", "批", 30),
        ("举办讲座6场次", "场", 6), ("走访3趟", "次", 3), ("罚没款2.5亿元", "CNY", 250_000_000), ("拆除340平方公尺", "m2", 340),
        ("绿化12亩", "mu", 12), ("复绿7.2公顷", "ha", 7.2), ("修路25公里", "km", 25), ("减排105万吨", "t", 1_050_000),
        ("抽查1200户次", "户次", 1200), ("办结率99.5%", "%", 99.5), ("提高3个百分点", "pp", 3), ("平均得分98.5分", "point", 98.5),
        ("PM10浓度61微克/立方米", "ug/m3", 61), ("平均用时3.88天", "day", 3.88), ("压缩至2个工作日", "workday", 2),
    ],
)  # fmt: skip
def test_units_are_canonical_and_values_are_multiplied_out(text: str, unit: str, value: float, facts: Read) -> None:
    fact = facts(text)[-1]
    assert (fact.unit, fact.value) == (unit, value)
