"""Each sample page gives the result that was expected by hand, but for the known faults that are kept in the snapshot."""

from __future__ import annotations

import pytest

from tests.gold import gate
from tests.gold.annotation import SAMPLES
from tests.gold.offline import offline
from tests.gold.samples import EXPECTED, disagreements, expectation, pages
from tests.gold.scoring import folded, readable


@pytest.fixture(params=pages(), ids=lambda page: page.stem)
def page(request):
    return request.param


def test_every_sample_has_an_expected_result_and_the_other_way_round():
    assert {page.stem for page in pages()} == {path.stem for path in EXPECTED.glob("*.json")}
    assert len(pages()) >= 12


def test_the_samples_cover_charsets_scripts_and_layouts():
    results = [offline(page) for page in pages()]
    charsets = {result["source"]["charset"].removesuffix("hkscs") for result in results}
    assert charsets >= {"utf-8", "gb18030", "big5"}
    assert {result["source"]["media_type"] for result in results} == {"text/html", "text/plain"}
    assert {result["document"]["script"] for result in results} == {"Hans", "Hant"}
    levels = {expectation(page.stem)["document"].get("level") for page in pages()}
    assert levels >= {"province", "prefecture", "county", "township", "functional_zone", "department"}
    assert sum(len(page.read_bytes().strip().splitlines()) == 1 for page in pages()) >= 2


def test_a_sample_gives_what_was_expected_but_for_known_faults(page):
    before = gate.pinned()
    if before is None:
        pytest.skip(f"nothing is pinned yet; {len(disagreements(expectation(page.stem), offline(page)))} disagreements")
    known = before.faults["samples"].get(page.stem, [])
    new = [line for line in disagreements(expectation(page.stem), offline(page)) if line not in known]
    assert not new, "\n".join(["new faults (python -m tests.gold.gate --pin accepts them):", *new])


def test_raw_spans_cut_the_numbers_out_of_the_page_as_crawled(page):
    result = offline(page)
    source = page.read_bytes().decode(result["source"]["charset"])
    assert len(source) == result["source"]["raw_length"]
    for fact in result["facts"]:
        cut = folded(readable(source[fact["raw_start"] : fact["raw_end"]]))
        assert cut == folded(readable(fact["number_text"])), fact["quote"]


def test_text_spans_cut_the_numbers_out_of_the_text(page):
    result = offline(page)
    for fact in result["facts"]:
        words = folded(result["text"][fact["text_start"] : fact["text_end"]])
        assert words.replace("平方米", "m2") == folded(readable(fact["number_text"])).replace("平方米", "m2")


def test_a_page_that_is_no_report_is_marked_and_no_report_is_marked_so():
    genres = {page.stem: offline(page)["document"]["genre"] for page in pages()}
    assert genres.pop("notice-2023") == "other"
    assert set(genres.values()) == {"law_based_government"}


def test_furniture_of_the_page_gives_no_facts():
    """Visitor counters, related links, licence numbers and navigation stand in the samples as on real sites."""
    for name in ("lixi-2023.html", "heting-2018.html", "lanjiang-2024.html"):
        numbers = {folded(fact["number_text"]) for fact in offline(SAMPLES / name)["facts"]}
        assert not numbers & {"1283", "126套", "3,862,177", "10562", "24个", "20条", "3个栏目"}


def test_the_words_of_a_fact_hold_no_markup(page):
    for fact in offline(page)["facts"]:
        for words in (fact["quote"], fact["number_text"], fact["period"] or "", fact["section"] or ""):
            assert readable(words) == words
