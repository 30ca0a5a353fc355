"""Plain headings are found in one pass of one pattern; the rules, asked one by one, give the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sectioner.draft import UNREAD
from services.sectioner.headings import enumerated_heading, read_heading
from services.sectioner.lexicon import KINDS, LINES, SENTENCES
from services.sectioner.numbering import marker_at
from services.sectioner.openings import openings

PHRASES = sorted({example for rule in (*SENTENCES, *KINDS, *LINES.values()) for example in (*rule.yes, *rule.no)})


def _line(marker: str, parts: list[str], joint: str, end: str) -> str:
    return f"{marker}{joint.join(parts)}{end}"


MARKERS = ["一、", "（二）", "(三)", "1.", "2、", "（4）", "①", "2)", "第一部分 ", "一.", "一是", "其二，"]
LINES_OF_TEXT = st.builds(
    _line,
    st.sampled_from(MARKERS),
    st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4),
    st.sampled_from([",", "，", "、", "一是", "二、", "。二是", "。（三）", "，四是", " 五、", "1、", "（2）", ""]),
    st.sampled_from(["。", "", "。推进各项工作。", "。 推进各项工作。"]),
)


@given(st.lists(LINES_OF_TEXT, min_size=1, max_size=6))
def test_the_one_pass_finds_what_the_rules_find(lines):
    text = "标题\n" + "\n".join(lines)
    for opening in openings(text):
        end = text.find("\n", opening.start)
        end = len(text) if end < 0 else end
        marker = marker_at(text, opening.start, end)
        assert marker == opening._replace(heading=UNREAD, run_in=False)
        assert marker is not None
        if opening.heading is not UNREAD:
            assert opening.heading == read_heading(text, end, marker)
            assert opening.run_in == (opening.heading.body_start < end)
        if opening.heading.closed:
            assert enumerated_heading(text, opening, end) == enumerated_heading(text, marker, end)


@given(st.lists(LINES_OF_TEXT, min_size=1, max_size=6))
def test_the_one_pass_finds_every_marker_at_the_start_of_a_line(lines):
    text = "标题\n" + "\n".join(lines)
    starts = [at + 1 for at, sign in enumerate(text) if sign == "\n"]
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    marked = {start for start, end in zip(starts, ends, strict=True) if marker_at(text, start, end)}
    assert marked <= {opening.start for opening in openings(text)}


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("（一）加强组织领导，压实工作责任。", "加强组织领导，压实工作责任"),
        ("二、完善制度、规范程序", "完善制度、规范程序"),
        ("3.夯实公共服务。推进各项工作。", "夯实公共服务"),
        ("四、进一步健全工作机制", "进一步健全工作机制"),
    ],
)
def test_headings_of_several_clauses_and_with_the_signs_of_other_words_are_plain(line, heading):
    text = "标题\n" + line
    found = openings(text)[0].heading
    assert text[found.start : found.end] == heading


@pytest.mark.parametrize(
    "line",
    [
        "（一）加强领导，召开推进会。",
        "二、按照上级要求，完善制度",
        "（一）主要工作一、完善制度",
        "（一）共计办理案件若干件。",
        "二、主要工作情况近年来坚持依法行政",
        "三、明年工作思路1、强化规划引领。",
        "三、2023年工作思路",
    ],
)
def test_headings_that_go_on_telling_are_left_to_the_rules(line):
    assert openings("标题\n" + line)[0].heading is UNREAD
