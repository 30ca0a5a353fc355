"""Plain headings are found in one pass of one pattern; the rules, asked one by one, give the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sectioner import headings
from services.sectioner.lexicon import KINDS, LINES, SENTENCES
from services.sectioner.numbering import marker_at

PHRASES = sorted({example for rule in (*SENTENCES, *KINDS, *LINES.values()) for example in (*rule.yes, *rule.no)})


def _line(marker: str, parts: list[str], joint: str, end: str) -> str:
    return f"{marker}{joint.join(parts)}{end}"


LINES_OF_TEXT = st.builds(
    _line,
    st.sampled_from(["一、", "（二）", "(三)", "1.", "2、", "（4）", "①", "第一部分 ", "一."]),
    st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4),
    st.sampled_from([",", "，", "、", "一是", "二、", ""]),
    st.sampled_from(["。", "", "。推进各项工作。", "。 推进各项工作。"]),
)


@given(st.lists(LINES_OF_TEXT, min_size=1, max_size=6))
def test_the_one_pass_finds_what_the_rules_find(lines):
    text = "标题\n" + "\n".join(lines)
    found = headings.plain_openings(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(headings, "_plain_heading", lambda *_: None)  # the rules alone
        for start, (marker, heading) in found.items():
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            assert marker == marker_at(text, start, end)
            assert heading == headings.read_heading(text, marker.end, end, marker)


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("（一）加强组织领导，压实工作责任。", "加强组织领导，压实工作责任"),
        ("二、完善制度、规范程序", "完善制度、规范程序"),
    ],
)
def test_headings_of_several_clauses_are_plain(line, heading):
    text = "标题\n" + line
    ((_, found),) = headings.plain_openings(text).values()
    assert text[found.start : found.end] == heading


@pytest.mark.parametrize(
    "line", ["（一）加强领导，召开推进会。", "二、按照上级要求，完善制度", "（一）主要工作一、完善制度"]
)
def test_headings_that_go_on_telling_are_left_to_the_rules(line):
    assert headings.plain_openings("标题\n" + line) == {}
