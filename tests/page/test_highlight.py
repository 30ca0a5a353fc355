"""Text cut for the page: nothing is lost, nothing is doubled, every fact can be reached."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.sink.web.highlight import Heading, Span, paragraphs
from services.sink.web.words import load_words, preferred


def test_a_number_inside_a_sentence_is_a_piece_of_its_own():
    (one,) = paragraphs("受理134件。", [Span(2, 6, 0)])
    assert [(piece.text, piece.facts) for piece in one.pieces] == [("受理", ()), ("134件", (0,)), ("。", ())]


def test_two_facts_that_share_a_start_are_both_reachable():
    (one,) = paragraphs("由220个分别压缩至88个和55个", [Span(1, 13, 0), Span(1, 17, 1)])
    opened = [fact for piece in one.pieces for fact in piece.opens]
    assert sorted(opened) == [0, 1]


def test_a_heading_that_runs_in_ends_where_its_body_begins():
    found = paragraphs("(一)抓执法。检查3次。", [Span(9, 11, 0)], [Heading(0, 6, 2, 2)])
    assert "".join(piece.text for piece in found[0].pieces if piece.heading) == "(一)抓执法"
    assert (found[0].section, found[0].level) == (2, 2)


_TEXT = st.text(st.sampled_from("受理件1234。\n\t一"), max_size=60)


@given(_TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12))
@example("受理11件\n1", [(0, 6), (1, 2)])  # one fact goes over a line's end, another ends inside of that line
def test_no_character_is_lost_and_every_fact_inside_one_line_opens_once(text, ends):
    spans = [Span(min(a, b), max(a, b), at) for at, (a, b) in enumerate(ends)]
    found = paragraphs(text, spans)
    shown = "\n".join("".join(piece.text for piece in one.pieces) for one in found)
    assert shown == "\n".join(line for line in text.split("\n") if line.strip())
    opened = [fact for one in found for piece in one.pieces for fact in piece.opens]
    assert len(opened) == len(set(opened))
    for span in spans:
        inside = span.start < span.end <= len(text) and "\n" not in text[span.start : span.end]
        if inside and text[span.start : span.end].strip():
            assert span.fact in opened


def test_both_languages_have_every_word_and_the_templates_use_no_other():
    from pathlib import Path

    import services.sink.web as web

    words = load_words()
    assert set(words["zh"]) == set(words["en"])
    used = set()
    for template in Path(web.__file__).parent.joinpath("templates").glob("*.html"):
        import re

        used |= set(re.findall(r"\bw\.([a-z_]+)", template.read_text(encoding="utf-8")))
    assert used <= set(words["zh"])


def test_every_unit_that_is_a_sign_has_a_word_of_its_own():
    import tomllib
    from pathlib import Path

    units = tomllib.loads((Path(__file__).parents[2] / "services/extractor/units.toml").read_text(encoding="utf-8"))
    signs = {unit["canonical"] for unit in units["unit"] if unit["canonical"].isascii()} - {"classifier", "%"}
    words = load_words()["zh"]
    assert sorted(sign for sign in {*signs, "rank"} if words.get(f"unit_{sign}", sign).isascii()) == []


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        ("en", "zh", "zh-CN", "en"),
        (None, "en", "zh-CN", "en"),
        (None, None, "en-GB,en;q=0.9,zh;q=0.5", "en"),
        (None, None, "fr-FR", "zh"),
        ("xx", "yy", "", "zh"),
    ],
)
def test_the_language_is_what_was_asked_remembered_or_accepted(asked, remembered, accepted, expected):
    assert preferred(asked, remembered, accepted) == expected


def test_a_plot_is_whole_and_brings_no_style_or_script_of_its_own():
    from xml.etree import ElementTree  # noqa: ICN001 - the name says what it is

    from services.sink.web.plots import Point, histogram, lines

    drawn = lines(
        "历年", [2021, 2022, 2023], {"甲<县>": [Point(3, "/go/a"), None, Point(5)], "乙县": [None, Point(1), Point(2)]}
    )
    tree = ElementTree.fromstring(drawn)
    assert tree.get("aria-label") == "历年"
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert not names & {"script", "style", "defs"}
    assert not [element for element in tree.iter() if element.get("style")]
    words = "".join(tree.itertext())
    assert "甲<县>" in words, "a legend where there are several lines"
    assert drawn.count("<circle") == 4, "a year that is not stated leaves a gap"
    bars = ElementTree.fromstring(histogram("分布", [1, 2, 2, 3, 40]))
    assert (
        sum(1 for element in bars.iter() if element.tag.endswith("rect") and "reactive" in element.get("class", "")) > 3
    )
