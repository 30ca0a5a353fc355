"""The words and patterns of subjects are data with their proof beside them: every example is run."""

from __future__ import annotations

import time

import pytest

from services.extractor.subjects.data import SubjectDataError, pattern, subject_patterns, word_lists, words_of

PATTERNS = subject_patterns().values()
FOUND = [(entry, text) for entry in PATTERNS for text in entry.yes]
NOT_FOUND = [(entry, text) for entry in PATTERNS for text in entry.no]
#: What a pattern may take on a hostile clause of 100 KB; the slowest takes 0.09 s on one busy core.
HOSTILE_SECONDS = 2.0


@pytest.mark.parametrize(("entry", "text"), FOUND, ids=lambda part: getattr(part, "id", part))
def test_a_pattern_is_found_in_its_examples(entry, text):
    assert entry.finds(text)


@pytest.mark.parametrize(("entry", "text"), NOT_FOUND, ids=lambda part: getattr(part, "id", part))
def test_a_pattern_is_not_found_in_its_counter_examples(entry, text):
    assert not entry.finds(text)


@pytest.mark.parametrize("entry", PATTERNS, ids=lambda entry: entry.id)
def test_a_pattern_says_what_it_means_and_counts_no_other_digits(entry):
    assert entry.meaning.endswith(".")
    assert r"\d" not in entry.pattern


@pytest.mark.parametrize("entry", PATTERNS, ids=lambda entry: entry.id)
@pytest.mark.parametrize("piece", ["较上年(", "占全市的", "复议案件", "2021年1月", "“一”等、", "以名义制定"])
def test_a_pattern_is_quick_on_a_hostile_clause(entry, piece):
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    entry.finds(text)
    assert time.process_time() - started < HOSTILE_SECONDS


def test_every_list_holds_each_word_once_and_no_list_is_empty():
    lists = word_lists()
    for name in type(lists).__dataclass_fields__:
        assert getattr(lists, name)


def test_a_name_that_no_file_holds_is_an_error_that_says_where_to_add_it():
    with pytest.raises(SubjectDataError, match=r"patterns\.toml: no pattern 'unheard_of'"):
        pattern("unheard_of")
    with pytest.raises(SubjectDataError, match=r"words\.toml: no list 'unheard_of'"):
        words_of("unheard_of")
