"""Markup becomes lines and loses nothing."""

from __future__ import annotations

import pytest

from services.normalizer.html import looks_like_html, read_page


def lines(markup: str) -> list[str]:
    page = read_page(markup)
    return [page.draft.text[line.start : line.end] for line in page.lines]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>受理<b>13</b><i>4</i>件</p>", ["受理134件"]),
        ("<p>受理<span>134</span><!-- 注 -->件<o:p></o:p></p>", ["受理134件"]),
        ("<p>一</p><p>二</p>", ["一", "二"]),
        ("<div>一<div>二</div>三</div>", ["一", "二", "三"]),
        ("<p>一<br>二<br/>三</p>", ["一", "二", "三"]),
        ("<p>一<p>二", ["一", "二"]),
        ("<ul><li>一<li>二</ul>", ["一", "二"]),
        ("<p>法治\n  政府</p>", ["法治政府"]),
        ("<p>134 \n 110</p>", ["134 110"]),
        ("<p>&lt;条例&gt;&nbsp;&#x6cd5;&#27835;&amp;</p>", ["<条例>\xa0法治&"]),
        ("<p>3 < 5 且 a<5</p>", ["3 < 5 且 a<5"]),
        ('<p title="a>b">一</p>', ["一"]),
        ("<p>一<script>var a='<p>x</p>';</script>二<style>p{}</style></p>", ["一二"]),
        ("<p>一<select><option>二</select>三</p>", ["一三"]),
        ("<pre>一\n二</pre>", ["一", "二"]),
        ("<p>面积10m<sup>2</sup>，134<sup>[1]</sup>件</p>", ["面积10m²，134¹件"]),
        ("<p>一</div></p></span>二", ["一", "二"]),
        ("<p>一<p", ["一"]),
        ("一<!-- 二", ["一"]),
        ("<item><![CDATA[<p>一</p>二]]></item>三", ["一", "二三"]),
        ("<![CDATA[<p>一</p>]]> <![CDATA[<p>二", ["一", "二"]),
        ("<script>//<![CDATA[\nvar a;\n//]]></script>一", ["一"]),
        ("<p>受理<span style='display: none'>7</span>134件</p>", ["受理134件"]),
        ("<p>受理<b hidden>7</b>134<i style=visibility:hidden><i>8</i>9</i>件</p>", ["受理134件"]),
        ("<p>受理<del>135</del><ins>134</ins>件，审结<s>9</s>8件</p>", ["受理134件，审结8件"]),
        ("<p>受理<span style='display:block' aria-hidden='true'>134</span>件</p>", ["受理134件"]),
        ("<p>受理<s>134件", ["受理134件"]),
        ("<p>受理<span style='display:none'>134件", ["受理134件"]),
        ("<xml><w:WordDocument><w:View>Normal</w:View><w:Zoom>0</w:Zoom></w:WordDocument></xml><p>一</p>", ["一"]),
        ("<xml><text>一</text></xml>", ["一"]),
    ],
)
def test_lines_of_markup(markup, expected):
    assert lines(markup) == expected


def test_rows_become_lines_with_the_cells_in_their_columns():
    table = """<table><tr><th>类别<th>受理<th>审结</tr>
    <tr><td rowspan="2">复议</td><td>134</td><td>110</td></tr>
    <tr><td>20</td><td>18</td></tr>
    <tr><td>诉讼</td><td></td><td>7</td></tr>
    <tr><td colspan="2">合计</td><td>135</td></tr></table>"""
    rows = [line.split("\t") for line in lines(table)]
    assert rows == [
        ["类别", "受理", "审结"],
        ["复议", "134", "110"],
        ["", "20", "18"],
        ["诉讼", "", "7"],
        ["合计", "", "135"],
    ]


def test_a_layout_table_keeps_its_paragraphs():
    paragraph = "这是一段足够长的正文，" * 30
    assert lines(f"<table><tr><td>栏目</td><td><p>{paragraph}</p><p>第二段</p></td></tr></table>") == [
        "栏目",
        paragraph,
        "第二段",
    ]


def test_every_character_leads_back_to_its_source():
    markup = "<div>甲<b>乙</b>&amp;丙<br>\n丁  戊</div>"
    page = read_page(markup)
    for run in page.draft.runs:
        written, source = page.draft.text[run.text_start : run.text_end], markup[run.source_start : run.source_end]
        if len(written) == len(source) and written.strip():
            assert written == source


def test_a_plain_text_that_mentions_a_sign_is_no_markup():
    assert not looks_like_html("首页 > 公开；3 < 5；<关于印发办法的通知>")
    assert looks_like_html("<p>一</p>")


def test_hidden_blocks_are_left_out(normalize, html_page):
    hidden = '<div style="display: none">欢迎访问，今天天气晴，适宜出行，祝您生活愉快。</div>'
    assert "天气" not in normalize(html_page.replace("<body>", "<body>" + hidden)).text


def test_a_page_that_shows_its_text_by_script_keeps_it(normalize, html_page):
    page = html_page.replace("<div><h1>", '<div style="display:none"><h1>')
    assert normalize(page).text == normalize(html_page).text


@pytest.mark.parametrize("hiding", ['style="display:none"', "hidden", "style='visibility: hidden'"])
def test_a_second_version_that_the_page_hides_is_left_out(normalize, html_page, report_lines, hiding):
    copy = f"<div {hiding}>" + "".join(f"<p>{line}</p>" for line in report_lines[1:]) + "</div>"
    assert normalize(html_page.replace("</body>", copy + "</body>")).text == normalize(html_page).text
