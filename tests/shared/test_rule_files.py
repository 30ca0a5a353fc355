"""Patterns are data with their proof beside them: every example of every file of every service is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.rules import rules
from tests.support.cost import assert_costs

ROOT = Path(__file__).parents[2]
#: Package and name of each file that `shared.rules` reads.
FILES = [
    (
        f"services.{file.relative_to(ROOT / 'services').parts[0]}",
        "/".join(file.with_suffix("").parts[len(ROOT.parts) + 2 :]),
    )
    for file in sorted((ROOT / "services").rglob("*.toml"))
    if "\n[[pattern]]\n" in file.read_text(encoding="utf-8")
]
PATTERNS = [(of, entry) for of in FILES for entry in rules(*of).patterns.values()]
LISTS = [entry for of in FILES for entry in rules(*of).lists.values()]
HOSTILE = ["白石", "云河市人民政府、", "2023年", "二〇二三年", "发布日期 ", "在会议上", "《", "(", " ", "。现将",
           "较上年(", "占全市的", "复议案件", "2021年1月", "“一”等、", "以名义制定"]  # fmt: skip
#: What a pattern may cost on a hostile text of 100 KB, in yardsticks; the dearest costs 300.
DEAREST = 2_500


def said(part):
    return getattr(part, "id", part)


def test_files_of_several_services_are_found():
    assert {package for package, _ in FILES} >= {"services.normalizer", "services.extractor"}
    assert ("services.extractor", "subjects/patterns") in FILES


@pytest.mark.parametrize(("of", "entry", "text"), [(*one, text) for one in PATTERNS for text in one[1].yes], ids=said)
def test_a_pattern_is_found_in_its_examples(of, entry, text):
    assert rules(*of).finds(entry, text)


@pytest.mark.parametrize(("of", "entry", "text"), [(*one, text) for one in PATTERNS for text in one[1].no], ids=said)
def test_a_pattern_is_not_found_in_its_counter_examples(of, entry, text):
    assert not rules(*of).finds(entry, text)


@pytest.mark.parametrize(("of", "entry"), PATTERNS, ids=said)
def test_a_pattern_says_what_it_means_and_counts_no_other_digits(of, entry):
    assert entry.meaning.endswith(".")
    assert r"\d" not in rules(*of).pattern(entry.id).pattern


@pytest.mark.parametrize(("of", "entry"), PATTERNS, ids=said)
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_pattern_is_quick_on_a_hostile_text(of, entry, piece):
    text = piece * (100_000 // len(piece))

    def look() -> None:
        rules(*of).finds(entry, text)
        for _ in rules(*of).pattern(entry.id).finditer(text) if entry.how == "search" else ():
            pass

    assert_costs(look, DEAREST)


@pytest.mark.parametrize("entry", LISTS, ids=said)
def test_a_list_says_what_it_holds_and_holds_each_word_once(entry):
    assert entry.meaning.endswith(".")
    assert len(set(entry.words)) == len(entry.words)
