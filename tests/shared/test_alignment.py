"""The way back from `text` to the source, against a plain model of it."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alignment import Alignment
from shared.events import Section

#: A run: what the source skips before it, its words in the text, its words in the source.
RUNS = st.lists(
    st.tuples(
        st.text("〈〉 ", max_size=3),
        st.text("甲乙丙", min_size=1, max_size=4).flatmap(
            lambda words: st.tuples(
                st.just(words), st.sampled_from([words, words.replace("甲", "A"), "&amp;", "x" + words])
            )
        ),
    ),
    max_size=8,
)


def _built(runs):
    text = source = ""
    spans, edges = [], []
    for skipped, (words, written) in runs:
        source += skipped
        spans.append((len(text), len(text) + len(words), len(source), len(source) + len(written)))
        equal = len(words) == len(written)
        for k in range(len(words)):
            at = len(source)
            edges.append((at + k, at + k + 1) if equal else (at, at + len(written)))
        text, source = text + words, source + written
    return text, source, Alignment.from_runs(spans), edges


@settings(max_examples=200, deadline=None)
@given(RUNS, st.data())
def test_a_span_goes_back_from_its_first_to_its_last_character(runs, data):
    text, source, alignment, edges = _built(runs)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = alignment.to_source(start, end)
    assert alignment.locator().to_source(start, end) == (first, last)
    if start == end:
        assert first == last
    else:
        assert (first, last) == (edges[start][0], edges[end - 1][1])
        assert alignment.locator().cut(source, start, end) == source[first:last]
    assert [tuple(run) for run in alignment] == [tuple(run) for run in Alignment(runs=alignment.runs)]


@settings(max_examples=200, deadline=None)
@given(RUNS, st.data())
def test_what_is_cut_from_markup_has_no_gaps_between_the_runs(runs, data):
    text, source, alignment, edges = _built(runs)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    whole, seen = "", set()
    for first, last in edges[start:end]:
        if (first, last) not in seen:
            seen.add((first, last))
            piece = source[first:last]
            whole += piece if last - first == 1 else html.unescape(piece)
    assert alignment.locator().cut(source, start, end, markup=True) == whole


@pytest.mark.parametrize("span", [(-1, 1), (0, 4), (2, 1), (3, 5)])
def test_a_span_outside_the_text_is_an_error(span):
    alignment = Alignment.from_runs([(0, 3, 0, 3)])
    with pytest.raises(IndexError):
        alignment.to_source(*span)


def test_tags_and_references_are_read_out_of_markup():
    source = "一、<b>主要</b>&amp;<i>工作</i>"
    alignment = Alignment.from_runs([(0, 2, 0, 2), (2, 4, 5, 7), (4, 5, 11, 16), (5, 7, 19, 21)])
    assert alignment.locator().cut(source, 2, 7, markup=True) == "主要&工作"
    assert alignment.locator().cut(source, 2, 7) == "主要</b>&amp;<i>工作"


def test_a_trusted_record_is_the_record_that_validation_makes():
    fields = {
        "order": 1, "level": 2, "marker": "(一)", "heading": "加强领导", "kind": "plan", "run_in": True, "text_start": 0, "text_end": 9, "body_start": 7,
        "confidence": 0.9,
    }  # fmt: skip
    trusted = Section.trusted(**fields)
    assert trusted == Section(**fields)
    assert trusted.model_dump_json() == Section(**fields).model_dump_json()
    assert trusted.model_copy(update={"order": 2}).order == 2
    assert Section.trusted_each([dict(fields), {**fields, "order": 2}]) == [trusted, Section(**{**fields, "order": 2})]


def test_alignments_are_equal_by_their_runs_whether_their_index_is_built_or_not():
    one, other = Alignment(runs=[1, 5, 5]), Alignment(runs=[1, 5, 5])
    one.locator()
    assert one == other
    assert one != Alignment(runs=[0, 5, 5])
    assert one != [1, 5, 5]
    assert Alignment.trusted([1, 5, 5]) == one
    assert Alignment.trusted([1, 5, 5]).model_dump() == one.model_dump()
    assert Alignment.trusted([1, 5, 5]).to_source(0, 5) == (1, 6)


@given(RUNS, st.data())
def test_many_starts_are_carried_over_as_one_is(runs, data):
    text, _, alignment, _ = _built(runs)
    locator = alignment.locator()
    starts = data.draw(st.lists(st.integers(0, len(text) - 1), max_size=9)) if text else []
    for start, shift in zip(starts, locator.shifts(starts), strict=True):
        even = locator.even_run(start, start + 1)
        assert even is None or even[2] == shift


@given(RUNS, st.data())
def test_many_spans_are_shifted_as_one_is(runs, data):
    text, _, alignment, _ = _built(runs)
    locator = alignment.locator()
    places = st.integers(0, len(text))
    spans = [sorted(span) for span in data.draw(st.lists(st.tuples(places, places), max_size=9))]
    spans = [(start, end) for start, end in spans if start < end]
    shifts = locator.even_shifts([start for start, _ in spans], [end for _, end in spans])
    assert shifts == [locator.shift(start, end) for start, end in spans]
