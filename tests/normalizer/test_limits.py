"""Each limit has a crafted page that fails fast with its reason."""

from __future__ import annotations

import contextlib
import re
from functools import partial

import pytest

from services.normalizer import charset, lines
from services.normalizer.furniture import rules
from services.normalizer.html import read_page
from services.normalizer.html.rows import MAX_COLUMNS
from services.normalizer.line_forms import ORGANISATION, TITLE
from services.normalizer.script import vocabulary
from shared.errors import Permanent, Reason
from tests.support.cost import assert_costs, assert_grows_linearly

#: What a crafted page may cost, in yardsticks; each costs less than 700.
DEAREST = 6_500
MEGABYTES = 9_900_000


def page(unit: str, size: int = MEGABYTES) -> bytes:
    return ("<html><p>" + unit * (size // len(unit.encode()))).encode()


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("max_bytes", b"a" * (charset.MAX_BYTES + 1), Reason.OVERSIZED),
        ("max_depth of blocks", page("<div>"), Reason.TOO_DEEP),
        ("max_depth of inline tags", page("<span>"), Reason.TOO_DEEP),
        ("max_depth, one million deep", b"<b>" * 1_000_000 + "受理案件134件，".encode(), Reason.TOO_DEEP),
        ("max_tags", page("<br>"), Reason.TOO_COMPLEX),
        ("max_tags, never opened", page("</p>"), Reason.TOO_COMPLEX),
        ("max_tags, no tags at all", page("<"), Reason.TOO_COMPLEX),
        ("max_references", page("&amp;"), Reason.TOO_COMPLEX),
        ("max_lines", b"a\n" * (lines.MAX_LINES * 2 + 1), Reason.TOO_COMPLEX),
        ("max_edits of spaces", "法  治，".encode() * (lines.MAX_EDITS + 1), Reason.TOO_COMPLEX),
        ("max_edits of letter spaces", "法 治 政 府 建 设\n".encode() * (lines.MAX_EDITS // 4), Reason.TOO_COMPLEX),
        ("max_edits of signs", "¹，".encode() * (lines.MAX_EDITS + 1), Reason.TOO_COMPLEX),
        ("a tag that never ends", page('<p a="b" '), Reason.EMPTY),
        ("a comment that never ends", page("<!-- "), Reason.EMPTY),
        ("a script that never ends", page("<script>"), Reason.EMPTY),
        ("one tag with a million attributes", page('<p a="b" ', 4_000_000) + b">", Reason.EMPTY),
        ("white space", b"a" + b" " * MEGABYTES, Reason.EMPTY),
        ("ideographic spaces", "　".encode() * (MEGABYTES // 3), Reason.EMPTY),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_a_limit_stops_its_page_fast(normalize, name, body, reason):
    def read() -> None:
        with pytest.raises(Permanent) as refusal:
            normalize(body)
        assert refusal.value.reason is reason, name

    assert_costs(read, DEAREST)


def test_wide_spans_of_a_table_stay_bounded():
    table = "<table>" + "<tr><td rowspan=9999 colspan=9999>数" * 20_000
    assert len(read_page(table).draft.text) < 20_000 * (MAX_COLUMNS + 2)
    assert_costs(lambda: read_page(table), DEAREST)


@pytest.mark.parametrize(
    "unit", ["1", "文", "體國發，", "《", "a|b|c ", "关于法治政府建设情况的报告", "发布日期：", "①", "&", "首页>"]
)
def test_ten_megabytes_of_one_word_cost_linear_time(normalize, unit):
    def read(size: int) -> None:
        with contextlib.suppress(Permanent):
            normalize((unit * (size // len(unit.encode()))).encode())

    # A page that is refused at its beginning costs what it takes to find its charset, whatever its length.
    assert_grows_linearly(read, 1_000_000, 8_000_000, floor=1_300)


ADVERSARIES = (
    "1", "一", "法治政府", "> ", "第1页 共", "大 中 小 ", "来源：", "分享 微信 ", "网站地图 | ", "(", "《", "2024年1月", "\t", "a-", "白石县",
    "人民政府", "局", "&", "二〇", "县", "关于", "年", "《白石县", "|", "a|", "10²", "法 ", "<", "# ", "**",
)  # fmt: skip


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The patterns of all rules, and the two of the code that every line is held against."""
    named = [(f"furniture.{rule.name}", rule.pattern) for rule in rules()]
    named += [(f"vocabulary.{word.rule}", re.compile(word.pattern)) for word in vocabulary()]
    named += [("title", TITLE), ("organisation", ORGANISATION)]
    return named


@pytest.mark.parametrize(("name", "pattern"), patterns())
def test_every_rule_is_linear(name, pattern):
    # Words are looked up where their plain string stands, so three texts are enough for each of them.
    for unit in ADVERSARIES[1:4] if name.startswith("vocabulary.") else ADVERSARIES:
        text = unit * (100_000 // len(unit))
        for look in (pattern.fullmatch, pattern.match, *[pattern.findall] * name.startswith("vocabulary.")):
            # The dearest costs 80, most of it for matches found; a quadratic one costs thousands.
            assert_costs(partial(look, text), 400, unit)
