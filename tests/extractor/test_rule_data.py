"""The extractor's files of rules: which there are, and what is asked of them; their examples are run by
tests/shared/test_rule_files.py.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

from services.extractor import version
from services.extractor.subjects.data import WordLists, pattern, word_lists, words_of
from services.extractor.words import segmenter
from shared.rules import RuleError, rules

#: Lists that phrases of several words are looked up in; the others are asked of one word of the segmenter at a time.
OF_PHRASES = {"agents", "dependent", "shared_base"}


def test_every_file_of_rules_is_part_of_the_version():
    package = Path(version.__file__).parent
    written = {str(file.relative_to(package)) for file in package.rglob("*.toml")}
    assert {name for name in written if not name.startswith("catalogue/")} | {"words.txt"} == set(version.rule_files())


def test_every_list_of_subjects_holds_each_word_once_and_no_list_is_empty():
    source = files("services.extractor").joinpath("subjects/words.toml").read_text(encoding="utf-8")
    for name, words in tomllib.loads(source).items():
        assert words, name
        assert not [word for word, times in Counter(words).items() if times > 1], name


@pytest.mark.parametrize("name", sorted({field.name for field in fields(WordLists)} - OF_PHRASES))
def test_a_list_that_is_asked_of_single_words_holds_none_that_the_segmenter_takes_apart(name):
    # Beside a known word (调解|成功) the other part is one, too; single characters (降|至) may come together again.
    parts = {word: segmenter().cut(word) for word in getattr(word_lists(), name)}
    assert not [word for word, cut in parts.items() if len(cut) > 1 and max(map(len, cut)) > 1]


def test_a_name_that_no_file_holds_is_an_error_that_says_where_to_add_it():
    with pytest.raises(RuleError, match=r"patterns\.toml: no pattern 'unheard_of'"):
        pattern("unheard_of")
    with pytest.raises(RuleError, match=r"words\.toml: no list 'unheard_of'"):
        words_of("unheard_of")
    with pytest.raises(RuleError, match=r"scope\.toml: no list 'unheard_of'"):
        rules("services.extractor", "rules/scope").words("unheard_of")
