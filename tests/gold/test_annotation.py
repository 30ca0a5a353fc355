"""The annotated set keeps the rules of the annotation guide, as far as a program can check them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from services.extractor.catalogue import load_catalogue
from shared.events import Kind, Level, Modality, Qualifier, Quantity
from tests.gold.annotation import (
    DOCUMENT_ORDER,
    FACT_ORDER,
    SECTION_ORDER,
    Annotation,
    annotation,
    held_out_set,
    open_set,
)
from tests.gold.scoring import folded, score

QUANTITY_OF_UNIT = {
    **dict.fromkeys(("%", "pp"), "rate"),
    "CNY": "money",
    **dict.fromkeys(("m2", "ha", "mu", "km2"), "area"),
    **dict.fromkeys(("m", "km"), "length"),
    **dict.fromkeys(("day", "workday", "hour", "minute", "month", "year"), "duration"),
    **dict.fromkeys(("ug/m3", "mg/m3"), "concentration"),
    "rank": "rank",
    "point": "score",
    **dict.fromkeys(("t", "times"), "other"),
}
DIGIT = "[0-9\uff10-\uff19]"
MARKER_OF_LEVEL = {
    1: r"[一二三四五六七八九十]{1,3}、",
    2: "[(\uff08][一二三四五六七八九十]{1,3}[)\uff09]",
    3: DIGIT + "{1,2}[.、\uff0e]",
    4: "[(\uff08]?" + DIGIT + "{1,2}[)\uff09]|[①-⑳]",
    5: r"[一二三四五六七八九十]{1,2}是",
}
NUMERAL = re.compile(f"{DIGIT}|[零〇一二两兩三四五六七八九十百千万亿萬億半]")


def folded_width(words: str) -> str:
    """The words with half-width brackets and commas: all that folding may change about simplified text."""
    return words.translate(str.maketrans("\uff08\uff09\uff0c", "(),"))


@pytest.fixture(params=[*open_set(), *held_out_set()], ids=lambda path: path.stem)
def report(request) -> Annotation:
    return annotation(request.param)


def test_the_set_is_large_enough_and_two_pairs_are_held_out():
    assert len(open_set()) >= 6
    assert len(held_out_set()) == 4
    assert not {path.stem for path in held_out_set()} & {path.stem for path in open_set()}


def test_all_fields_are_there_in_the_given_order(report):
    assert tuple(report.document) == DOCUMENT_ORDER
    assert all(tuple(section) == SECTION_ORDER for section in report.sections)
    assert all(tuple(fact) == FACT_ORDER for fact in report.facts)


def test_labels_are_those_of_the_guide(report):
    assert report.document["level"] in get_args(Level)
    assert {section["kind"] for section in report.sections} <= set(get_args(Kind))
    for name, labels in (("quantity", Quantity), ("qualifier", Qualifier), ("modality", Modality)):
        assert {fact[name] for fact in report.facts} <= set(get_args(labels))
    assert {fact["change"] for fact in report.facts} <= {None, "increase", "decrease"}


def test_words_copied_from_the_page_are_on_the_page(report):
    for name in ("title", "document_number"):
        assert (report.document[name] or "") in report.raw
    for fact in report.facts:
        assert fact["number_text"] in fact["quote"]
        assert (fact["period"] or "") in report.raw


def test_a_quote_stays_inside_its_sentence_and_line(report):
    for fact in report.facts:
        assert not set("。\n\r") & set(fact["quote"])
        assert len(fact["quote"]) <= 80


def test_facts_stand_in_text_order_and_share_a_number_only_whole(report):
    for (start, end), (next_start, next_end) in pairwise(report.spans):
        assert next_start >= start
        assert next_start >= end or (next_start == start and next_end >= end)


def test_every_number_holds_a_numeral(report):
    assert all(NUMERAL.search(fact["number_text"]) for fact in report.facts)


def test_the_quantity_follows_from_the_unit(report):
    for fact in report.facts:
        assert fact["quantity"] == QUANTITY_OF_UNIT.get(fact["unit"], "count"), fact["quote"]


def test_a_metric_is_in_the_catalogue_and_has_its_quantity(report):
    metrics = {name: metric.quantity for name, metric in load_catalogue().metrics.items()}
    for fact in report.facts:
        if fact["metric"]:
            allowed = {metrics[fact["metric"]]} | ({"rate"} if fact["change"] else set())
            assert fact["quantity"] in allowed, fact["quote"]


def test_a_range_is_approximate_and_a_pair_has_no_direction(report):
    for fact in report.facts:
        if fact["value_to"] is not None:
            assert fact["change"] is None


def test_subjects_and_scopes_are_simplified_and_hold_no_year(report):
    for fact in report.facts:
        assert fact["subject"] == fact["subject"].strip() != ""
        assert not re.search(r"[0-9]{4}年", fact["subject"])
        for words in (fact["subject"], fact["scope"] or ""):
            assert folded(words) == folded_width(words), words


def test_markers_and_headings_occur_in_order_and_fit_their_level(report):
    at = 0
    for order, section in enumerate(report.sections, 1):
        assert section["order"] == order
        marker, heading = section["marker"] or "", section["heading"]
        if section["kind"] == "preamble":
            assert (order, marker, heading, section["level"]) == (1, "", "", 1)
            continue
        match = re.compile(re.escape(marker) + r"\s{0,3}" + re.escape(heading)).search(report.raw, at)
        assert match, f"{marker}{heading} is missing or out of order"
        assert not marker or re.fullmatch(MARKER_OF_LEVEL[section["level"]], marker)
        at = match.end()


def test_a_fact_names_the_nearest_section_above(report):
    places, at = [], 0
    for section in report.sections:
        words = (section["marker"] or "") + section["heading"]
        if words:
            at = report.raw.index(words, at)
            places.append((at, words))
            at += len(words)
    for fact, (start, _) in zip(report.facts, report.spans, strict=True):
        above = [words for place, words in places if place <= start]
        assert fact["section"] == (above[-1] if above else None), fact["quote"]


def test_the_annotation_scored_against_itself_is_perfect(report):
    result = {
        "source": {"raw_length": len(report.raw)},
        "text": report.raw,
        "document": report.document,
        "sections": report.sections,
        "facts": [
            {**fact, "raw_start": start, "raw_end": end, "text_start": start, "text_end": end}
            for fact, (start, end) in zip(report.facts, report.spans, strict=True)
        ],
    }
    figures = score([report], lambda _: result).figures()
    imperfect = {name: figure for name, figure in figures.items() if figure != 1.0}
    assert imperfect in ({}, {"raw_span": 0.0}), imperfect  # raw spans are compared on plain pages only


def test_no_raw_text_is_kept_without_its_annotation():
    folder = Path(__file__).parent
    for raw in [*folder.glob("*.txt"), *folder.glob("held-out/*.txt")]:
        assert raw.with_name(raw.name.split(".")[0] + ".jsonl").exists(), raw
