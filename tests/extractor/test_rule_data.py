"""Words and patterns are data with their proof beside them: every example of every file is run."""

from __future__ import annotations

import time
from importlib.resources import files

import pytest

from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.version import RULE_FILES
from shared.rules import RuleError, Rules, rules


def rules_of(name: str) -> Rules:
    return rules("services.extractor", name)


PATTERNS = [(name, entry) for name in RULE_FILES for entry in rules_of(name).patterns.values()]
FOUND = [(name, entry, text) for name, entry in PATTERNS for text in entry.yes]
NOT_FOUND = [(name, entry, text) for name, entry in PATTERNS for text in entry.no]
LISTS = [(name, entry) for name in RULE_FILES for entry in rules_of(name).lists.values()]
#: What a pattern may take on a hostile clause of 100 KB; the slowest takes 0.09 s on one busy core.
HOSTILE_SECONDS = 2.0


def said(part):
    return getattr(part, "id", part)


@pytest.mark.parametrize(("name", "entry", "text"), FOUND, ids=said)
def test_a_pattern_is_found_in_its_examples(name, entry, text):
    assert rules_of(name).finds(entry, text)


@pytest.mark.parametrize(("name", "entry", "text"), NOT_FOUND, ids=said)
def test_a_pattern_is_not_found_in_its_counter_examples(name, entry, text):
    assert not rules_of(name).finds(entry, text)


@pytest.mark.parametrize(("name", "entry"), PATTERNS, ids=said)
def test_a_pattern_says_what_it_means_and_counts_no_other_digits(name, entry):
    assert entry.meaning.endswith(".")
    assert r"\d" not in rules_of(name).pattern(entry.id).pattern


@pytest.mark.parametrize(("name", "entry"), PATTERNS, ids=said)
@pytest.mark.parametrize("piece", ["较上年(", "占全市的", "复议案件", "2021年1月", "“一”等、", "以名义制定"])
def test_a_pattern_is_quick_on_a_hostile_clause(name, entry, piece):
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    rules_of(name).finds(entry, text)
    assert time.process_time() - started < HOSTILE_SECONDS


@pytest.mark.parametrize(("name", "entry"), LISTS, ids=said)
def test_a_list_says_what_it_holds_and_holds_each_word_once(name, entry):
    assert entry.meaning.endswith(".")
    assert len(set(entry.words)) == len(entry.words)


def test_every_file_of_rules_is_listed_and_so_part_of_the_version():
    folder = files("services.extractor").joinpath("rules")
    assert {f"rules/{file.name}" for file in folder.iterdir()} == {
        f"{name}.toml" for name in RULE_FILES if name.startswith("rules/")
    }


def test_every_list_of_subjects_holds_each_word_once_and_no_list_is_empty():
    lists = word_lists()
    for name in type(lists).__dataclass_fields__:
        assert getattr(lists, name)


def test_a_name_that_no_file_holds_is_an_error_that_says_where_to_add_it():
    with pytest.raises(RuleError, match=r"patterns\.toml: no pattern 'unheard_of'"):
        pattern("unheard_of")
    with pytest.raises(RuleError, match=r"words\.toml: no list 'unheard_of'"):
        words_of("unheard_of")
    with pytest.raises(RuleError, match=r"scope\.toml: no list 'unheard_of'"):
        rules("services.extractor", "rules/scope").words("unheard_of")
