"""Each rule of the lexicon proves itself by its own examples."""

from __future__ import annotations

import re
from functools import partial
from itertools import product

import pytest

from services.sectioner.kinds import heading_kinds
from services.sectioner.lexicon import FORM_EXAMPLES, FORMS, KINDS, LINES, SENTENCES, TRANSITIONS, WORDS, members
from services.sectioner.numbering import SHAPES, chinese_number, marker_at
from tests.support.cost import assert_costs
from tests.support.patterns import begins, holds, tokens_of

RULES = [*SENTENCES, *LINES.values(), *TRANSITIONS, *KINDS, *WORDS.values()]


def _matches(rule, phrase: str) -> bool:
    if rule.where == "start":
        return rule.regex.match(phrase) is not None
    if rule.where in ("clause", "later"):
        return rule.regex.match(phrase) is not None
    return rule.regex.search(phrase) is not None


@pytest.mark.parametrize(("rule", "phrase"), [(r, y) for r in RULES for y in r.yes], ids=lambda v: getattr(v, "id", v))
def test_a_rule_matches_its_positive_examples(rule, phrase):
    assert _matches(rule, phrase)


@pytest.mark.parametrize(("rule", "phrase"), [(r, n) for r in RULES for n in r.no], ids=lambda v: getattr(v, "id", v))
def test_a_rule_leaves_its_negative_examples_alone(rule, phrase):
    if rule.needs_noun:
        assert rule.kind not in heading_kinds(phrase)
    else:
        assert not _matches(rule, phrase)


@pytest.mark.parametrize("rule", [r for r in KINDS if not r.weak], ids=lambda r: r.id)
def test_a_heading_gets_the_kind_of_its_rule(rule):
    for phrase in rule.yes:
        assert heading_kinds(phrase)[0] == rule.kind, phrase


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
def test_a_form_recognises_its_markers(form):
    yes, no = FORM_EXAMPLES[form.id]
    for example in yes:
        marker = marker_at(example, example.count("\n"), len(example))  # some forms stand at the start of a line alone
        assert marker is not None, example
        assert marker.form == form.id, example
    for example in no:
        assert re.compile(form.pattern).match(example, example.count("\n")) is None, example


@pytest.mark.parametrize(
    ("numeral", "value"), [("一", 1), ("九", 9), ("十", 10), ("十二", 12), ("二十", 20), ("三十四", 34), ("九十九", 99)]
)
def test_chinese_numbers_are_read(numeral, value):
    assert chinese_number(numeral) == value


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("①", 1),
        ("⑳", 20),
        ("⑴", 1),
        ("⒛", 20),
        ("㈠", 1),
        ("㈩", 10),
        ("(12)", 12),
        ("第三部分 ", 3),
        ("首先,", 1),
        ("其二,", 2),
    ],
)
def test_every_written_form_counts(written, number):
    marker = marker_at(written + "加强领导", 0, len(written) + 4)
    assert marker is not None
    assert marker.number == number


FIRST = [(rule.id, rule.regex.pattern, rule.first) for rule in SENTENCES if rule.first]
FIRST += [("run_on", LINES["run_on"].regex.pattern, LINES["run_on"].first)]
FIRST += [(form.id, form.pattern, form.first) for form in FORMS]


@pytest.mark.parametrize(("name", "pattern", "first"), FIRST, ids=[entry[0] for entry in FIRST])
def test_no_match_begins_with_another_sign_than_the_rule_says(name, pattern, first):
    """The quick look for these signs must never hide a match of the rule."""
    assert begins(tokens_of(pattern), members(first))


@pytest.mark.parametrize("rule", [r for r in RULES if r.holds], ids=lambda r: r.id)
def test_no_match_is_without_the_signs_that_the_rule_says_it_holds(rule):
    assert holds(tokens_of(rule.regex.pattern), rule.holds)


def test_the_rules_that_are_looked_for_by_their_signs_say_them():
    looked_for = [rule for rule in SENTENCES if rule.where in ("anywhere", "start") or rule.id == "adverbial_opening"]
    assert [rule.id for rule in looked_for if not rule.first] == []
    searched = [*(rule for rule in KINDS if not rule.weak), *TRANSITIONS]
    assert LINES["run_on"].first
    assert [rule.id for rule in searched if not rule.holds] == []


def test_one_sign_is_asked_for_one_group_of_rules_in_a_plain_phrase():
    telling = members("".join(rule.first for rule in SENTENCES if rule.where == "anywhere"))
    assert telling.isdisjoint(members(LINES["run_on"].first))
    assert members("一、,，").isdisjoint(telling | members(LINES["run_on"].first))


@pytest.mark.parametrize(
    ("pattern", "signs"), [("甲?乙", "甲"), ("甲|乙", "甲"), ("(?!甲)[乙丙]", "甲乙"), (".甲", "甲")]
)
def test_the_proof_of_first_signs_can_fail(pattern, signs):
    assert not begins(tokens_of(pattern), set(signs))


@pytest.mark.parametrize(
    ("pattern", "signs"), [("甲?乙", "甲"), ("甲|乙", "甲"), ("(?!甲)[乙丙]", "甲乙"), ("甲{0,3}", "甲")]
)
def test_the_proof_of_held_signs_can_fail(pattern, signs):
    assert not holds(tokens_of(pattern), set(signs))


def test_every_rule_says_what_it_is_for():
    import tomllib
    from pathlib import Path

    import services.sectioner.lexicon as module

    tables = tomllib.loads(Path(module.__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))
    ids = [
        entry["id"] for table in ("form", "sentence", "line", "kind", "transition", "word") for entry in tables[table]
    ]
    assert len(ids) == len(set(ids))
    for table in ("form", "sentence", "line", "transition", "word"):
        for entry in tables[table]:
            assert entry["meaning"], entry["id"]
            assert entry["yes"], entry["id"]
            assert entry["no"], entry["id"]


def test_every_fault_and_form_stands_in_the_documentation():
    from pathlib import Path

    from services.sectioner.numbering_faults import REASONS

    page = (Path(__file__).parents[2] / "docs" / "sectioner.md").read_text(encoding="utf-8")
    assert [reason for reason in REASONS if f"`{reason}`" not in page] == []
    assert [form.id for form in FORMS if f"| {form.rank} |" not in page] == []


HOSTILE = [
    "一" * 100_000,
    "存在" * 50_000,
    "1" * 100_000,
    "的" * 100_000,
    "下一步" + "，" * 100_000,
    "《" * 100_000,
    " " * 100_000,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_is_bounded_and_linear(rule):
    outside_classes = re.sub(r"\\.|\[[^\]]*\]", "", rule.regex.pattern)
    assert not re.search(r"[*+]", outside_classes), "a quantifier without a bound"
    for hostile in HOSTILE:
        assert_costs(partial(rule.regex.search, hostile), 700, hostile[:3])  # the dearest costs 70


def test_no_marker_is_written_as_one_of_another_form():
    signs = ("第", "一", "十一", "1", "12", "(", "（", ")", "）", "、", ".", ":", ",", " ", "是", "部分", "节", "①", "㈠", "⒈", "首先")  # fmt: skip
    for length in (1, 2, 3, 4):
        for written in map("".join, product(signs, repeat=length)):
            assert sum(shape.fullmatch(written) is not None for _, shape in SHAPES) <= 1, written
