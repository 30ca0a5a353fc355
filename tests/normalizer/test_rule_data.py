"""Patterns are data with their proof beside them: every example of every file is run."""

from __future__ import annotations

import time
from importlib.resources import files

import pytest

from shared.rules import Rules, rules
from tests.support.patterns import begins, tokens_of

RULE_FILES = ("dates", "document", "layout", "lines", "places")


def rules_of(name: str) -> Rules:
    return rules("services.normalizer", name)


PATTERNS = [(name, entry) for name in RULE_FILES for entry in rules_of(name).patterns.values()]
FOUND = [(name, entry, text) for name, entry in PATTERNS for text in entry.yes]
NOT_FOUND = [(name, entry, text) for name, entry in PATTERNS for text in entry.no]
LISTS = [(name, entry) for name in RULE_FILES for entry in rules_of(name).lists.values()]
HOSTILE = [
    "白石",
    "云河市",
    "云河市人民政府、",
    "2023年",
    "二〇二三年",
    "发布日期 ",
    "在会议上",
    "《",
    "(",
    " ",
    "。现将",
]
#: What a pattern may take on a hostile line of 100 KB; the slowest takes 0.24 s on one busy core.
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
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_pattern_is_quick_on_a_hostile_line(name, entry, piece):
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    rules_of(name).finds(entry, text)
    for _ in rules_of(name).pattern(entry.id).finditer(text) if entry.how == "search" else ():
        pass
    assert time.process_time() - started < HOSTILE_SECONDS


@pytest.mark.parametrize(("name", "entry"), LISTS, ids=said)
def test_a_list_says_what_it_holds_and_holds_each_word_once(name, entry):
    assert entry.meaning.endswith(".")
    assert len(set(entry.words)) == len(entry.words)


def test_what_is_looked_for_first_is_what_each_match_begins_with():
    label = rules_of("layout").pattern("title_label")
    assert begins(tokens_of(label.pattern), set(rules_of("layout").words("title_label_starts")))
    dates = rules_of("dates")
    first = {sign for sign in map(chr, range(0x10000)) if dates.pattern("date_begins").match(sign)}
    assert begins(tokens_of(dates.pattern("date").pattern), first)


def test_every_file_of_patterns_is_tested_here():
    folder = files("services.normalizer")
    written = {
        file.name
        for file in folder.iterdir()
        if file.name.endswith(".toml") and "[[pattern]]" in file.read_text("utf-8")
    }
    assert written == {f"{name}.toml" for name in RULE_FILES}
