"""A text that was escaped once more, or that the page carries for a script, is read like any other."""

from __future__ import annotations

import json
from html import escape

import pytest

from services.normalizer.html.lines import MAX_REFERENCES
from shared.errors import Permanent, Reason

TITLE = "白石县人民政府关于2023年度法治政府建设情况的报告"
LONGER = (
    "二是执法力量不足，培训不够，装备不齐，经费保障有待加强。",
    "三是普法形式单一，重点人群覆盖不够，效果有待提升。",
)


@pytest.fixture
def lines(report_lines) -> list[str]:
    """A report long enough that what a page carries may be one."""
    return [*report_lines[:7], *LONGER, *report_lines[7:]]


@pytest.fixture
def expected(normalize, lines) -> str:
    return normalize("\n".join(lines)).text


def page(body: str) -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{TITLE}_白石县人民政府</title></head><body>'
        f"<div><a>首页</a> &gt; <a>政务公开</a></div><div><h1>{TITLE}</h1>{body}</div>"
        "<div>主办：白石县人民政府办公室</div></body></html>"
    )


def paragraphs(lines: list[str]) -> str:
    return "".join(f'<p style="text-indent:2em">　　{line}</p>' for line in lines[1:])


@pytest.mark.parametrize(
    "written",
    [
        lambda text: page(escape(text)),
        lambda text: page(escape(escape(text))),
        lambda text: page(text).replace("　　", "&amp;nbsp;&amp;nbsp;"),
        lambda text: page(text).replace("　　", "&amp;amp;nbsp;"),
        lambda text: escape(page(text)),
        lambda text: page(f"<div>{text[:200]}{escape(text[200:])}</div>"),
    ],
    ids=["the text", "the text, twice", "references", "references, twice", "the page", "a part of the text"],
)
def test_what_was_escaped_once_more_is_undone(normalize, lines, expected, written):
    assert normalize(written(paragraphs(lines))).text == expected


@pytest.mark.parametrize(
    "carrier",
    [
        "<textarea>{}</textarea>",
        "<noscript>{}</noscript>",
        "<template>{}</template>",
    ],
)
def test_a_text_in_an_element_that_shows_none_is_read(normalize, lines, expected, carrier):
    assert normalize(page(carrier.format(paragraphs(lines)))).text == expected


@pytest.mark.parametrize(
    "carrier", ['<input type="hidden" value="{}">', '<iframe srcdoc="{}"></iframe>', '<div data-text="{}"></div>']
)
def test_a_text_in_an_attribute_is_read(normalize, lines, expected, carrier):
    assert normalize(page(carrier.format(escape(paragraphs(lines))))).text == expected


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_text_in_a_script_is_read(normalize, lines, expected, ascii_only):
    state = json.dumps({"id": 7, "title": TITLE, "content": paragraphs(lines)}, ensure_ascii=ascii_only)
    in_script = state.replace("</", "<\\/")  # as a script must write it
    assert normalize(page(f"<script>window.state={in_script};</script>")).text == expected


def test_a_text_in_single_quotes_is_read(normalize, lines, expected):
    assert normalize(page(f"<script>show('{paragraphs(lines)}')</script>")).text == expected


@pytest.mark.parametrize("form", ["{}", "callback({});", "[{}]"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_answer_that_a_script_asks_for_is_read(normalize, lines, expected, form, ascii_only):
    answer = {"code": 200, "result": {"title": TITLE, "content": paragraphs(lines), "hits": 3}}
    report = normalize(form.format(json.dumps(answer, ensure_ascii=ascii_only)))
    assert report.text == expected
    assert report.document.issuer == "白石县人民政府"


def test_lines_of_an_answer_without_markup_stay_lines(normalize, lines, expected):
    answer = {"title": TITLE, "content": "\n".join(lines[1:])}
    assert normalize(json.dumps(answer, ensure_ascii=False)).text == expected


def test_a_number_in_an_escaped_text_leads_back_to_the_page(normalize, lines):
    for body in (page(escape(paragraphs(lines))), page(f"<textarea>{escape(paragraphs(lines))}</textarea>")):
        report = normalize(body)
        at = report.text.index("134件")
        assert body[slice(*report.alignment.to_source(at, at + 4))] == "134件"


def test_a_page_that_shows_its_text_is_not_read_from_its_script(normalize, lines, expected):
    other = json.dumps({"content": "另一篇报告，全年受理案件999件；" * 30}, ensure_ascii=False)
    assert normalize(page(paragraphs(lines) + f"<script>var next={other}</script>")).text == expected


def test_a_remark_for_browsers_without_scripts_is_no_text(normalize, lines, expected):
    assert normalize(page(paragraphs(lines) + "<noscript>请启用脚本，否则无法浏览。</noscript>")).text == expected


@pytest.mark.parametrize(
    "frame", ['<frameset><frame src="a.html"></frameset>', '<body><iframe src="a.html"></iframe></body>']
)
def test_a_page_that_only_frames_another_says_so(normalize, frame):
    with pytest.raises(Permanent, match="frame") as refusal:
        normalize(f"<html><head><title>{TITLE}</title></head>{frame}</html>")
    assert refusal.value.reason is Reason.EMPTY


def test_a_title_in_angle_brackets_stays_text(normalize, lines):
    body = page(paragraphs(lines).replace("执法力量不足", "&lt;条例&gt;落实不足，a&lt;b"))
    assert "<条例>落实不足，a<b" in normalize(body).text


def test_references_of_a_plain_text_are_read(normalize, plain_page):
    written = plain_page.replace("　　", "&nbsp;&nbsp;").replace("134件", "134&nbsp;件").replace("（", "&#65288;")
    assert normalize(written).text == normalize(plain_page.replace("134件", "134 件")).text


def test_a_plain_text_that_begins_with_a_brace_is_no_answer(normalize, plain_page):
    assert normalize("{附}\n" + plain_page).text.endswith(normalize(plain_page).text[-200:])


@pytest.mark.parametrize("unit", ["&nbsp;", "\\u0041"])
def test_more_references_than_a_page_has_are_refused(normalize, unit):
    body = unit * (MAX_REFERENCES + 1)
    if unit.startswith("\\"):
        body = '{"content": "' + "，" * 30 + body + '"}'
    with pytest.raises(Permanent) as refusal:
        normalize(body)
    assert refusal.value.reason is Reason.TOO_COMPLEX


def test_the_answer_to_a_script_says_when_and_where_it_was_published(normalize):
    answer = {
        "code": 200,
        "content": {
            "publishTime": "2024-02-05 15:40:12",
            "title": "2023年法治政府建设情况报告",
            "text": "<p>2023年，我局坚持依法行政，办理案件134件，审结110件，罚款12万元。</p>" * 6,
            "source": "白石县水利局",
        },
    }
    document = normalize(json.dumps(answer, ensure_ascii=False)).document
    assert (document.published, document.issuer) == ("2024-02-05", "白石县水利局")


def test_a_title_that_a_program_wrote_in_escapes_is_read(normalize):
    answer = {"title": TITLE, "content": "<p>2023年，我县坚持依法行政，办理案件134件，审结110件，罚款12万元。</p>" * 6}
    assert normalize(json.dumps(answer, ensure_ascii=True)).document.title == TITLE
