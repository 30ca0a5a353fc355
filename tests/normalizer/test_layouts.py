"""Layouts of sites and files: what a page has beside its report, in it and behind it."""

from __future__ import annotations

import textwrap

import pytest

NEXT_REPORT = (
    "青岚县水利局2022年法治政府建设年度报告",
    "现将我局2022年法治政府建设情况报告如下：",
    "一、主要工作",
    "全年开展河湖巡查620人次，立案查处水事违法案件9件。",
    "二、下一步打算",
    "持续规范水行政执法行为，加强队伍建设。",
    "青岚县水利局",
    "2023年1月10日",
)


def lines_of(report):
    return report.text.replace("(", "（").replace(")", "）").split("\n")


@pytest.mark.parametrize("cut", [4, 5, 6])
def test_leaves_that_repeat_the_title_are_one_report(normalize, report_lines, cut):
    title = report_lines[0]
    leaves = ["\n".join(leaf) for leaf in (report_lines[1:cut], report_lines[cut:])]
    page = "\n上一页 1 2 下一页\n".join(f"{title}\n发布时间：2024-01-20\n{leaf}" for leaf in leaves)
    report = normalize(page)
    assert lines_of(report) == list(report_lines)
    assert report.document.published == "2024-01-20"


def test_a_summary_between_two_titles_is_left_out(normalize, report_lines):
    title, *text = report_lines
    summary = "白石县公布年度报告，全年办理行政许可1204件，综合纠错率为8.18%。"
    report = normalize("\n".join((title, summary, title, *text)))
    assert lines_of(report) == list(report_lines)


def test_the_second_report_of_a_page_is_left_out(normalize, report_lines):
    report = normalize("\n".join((*report_lines, *NEXT_REPORT)))
    assert lines_of(report) == list(report_lines)
    assert report.document.signed == "2024-01-15"
    assert [change.rule for change in report.changes] == ["furniture.outside"]


def test_the_first_report_of_a_page_needs_no_signature(normalize, report_lines):
    report = normalize("\n".join((*report_lines[:-2], *NEXT_REPORT)))
    assert lines_of(report) == list(report_lines[:-2])
    assert report.document.signed is None


def test_an_annex_that_is_a_report_is_kept(normalize, report_lines):
    report = normalize("\n".join((*report_lines[:-2], "附件", *NEXT_REPORT)))
    assert lines_of(report) == [*report_lines[:-2], "附件", *NEXT_REPORT]


def test_a_letter_keeps_the_report_that_it_comes_with(normalize):
    letter = (
        "关于印发青岚县水利局2022年法治政府建设年度报告的通知",
        "各股室、各直属单位：",
        "一、各单位要认真学习报告，" + "对照报告查找不足，扎实做好今后的各项工作，" * 20 + "不断提高依法行政水平。",
        "二、学习情况",
        "请于月底前报送学习情况，由办公室汇总后向局党组会议报告，并作为年度考核的依据。",
    )
    assert lines_of(normalize("\n".join((*letter, *NEXT_REPORT)))) == [*letter, *NEXT_REPORT]


def long_text(text):
    """The text with sentences enough in each paragraph to be wrapped."""
    return [
        "".join((line, "各单位按照要求认真抓好落实，" * 4, "成效明显。")) if "，" in line else line for line in text
    ]


def wrapped(paragraph, width):
    return "\n".join(textwrap.wrap(paragraph, width, drop_whitespace=False))


def test_a_signature_is_none_of_the_wrapped_lines_above_it(normalize, report_lines):
    title, *text = report_lines
    last = "2024年，白石县将继续推进法治政府建设，力争再上台阶。"
    paragraphs = [*long_text(text[:-3]), last]
    page = "\n".join((title, *(wrapped(paragraph, len(last)) for paragraph in paragraphs), *text[-2:]))
    assert lines_of(normalize(page)) == [title, *paragraphs, *text[-2:]]


def test_lines_set_at_the_right_are_not_the_longest(normalize, report_lines):
    title, *text = report_lines
    paragraphs = long_text(text[:-2])
    signature = [" " * 30 + line for line in text[-2:]]
    page = "\n".join((title, *(wrapped("　　" + paragraph, 20) for paragraph in paragraphs), *signature))
    assert lines_of(normalize(page)) == [title, *paragraphs, *text[-2:]]


@pytest.mark.parametrize("margin", [3, 8, 11])
def test_the_margin_of_a_printed_page_is_no_indent(normalize, report_lines, margin):
    title, *text = report_lines
    paragraphs = long_text(text[:-2])
    lines = "\n".join(wrapped("　　" + paragraph, 24) for paragraph in paragraphs).split("\n")
    signature = [" " * 30 + line for line in text[-2:]]
    page = "\n".join((" " * 20 + title, *(" " * margin + line for line in lines), *signature))
    assert lines_of(normalize(page)) == [title, *paragraphs, *text[-2:]]


def test_a_blank_line_ends_a_paragraph_whose_last_line_is_full(normalize, report_lines):
    title, *text = report_lines
    full = "全县共有行政执法人员1204名，均已参加培训。"
    paragraphs = [*long_text(text[:-2]), full, full]
    page = "\n\n".join((title, *(wrapped(paragraph, len(full)) for paragraph in paragraphs)))
    assert lines_of(normalize(page)) == [title, *paragraphs]


@pytest.mark.parametrize("stamp", ["发布时间：2024-01-20", "发布日期: 2024年1月20日", "发布于 2024-01-20"])
def test_a_publication_line_under_the_signature_leaves_its_date(normalize, plain_page, stamp):
    document = normalize(f"{plain_page}\n{stamp}").document
    assert (document.signed, document.published) == ("2024-01-15", "2024-01-20")


@pytest.mark.parametrize(
    "stamp",
    [
        "2024-01-20阅读 1.2万A-A+",
        "2024-01-20　白石县司法局",
        "最后编辑于 2024-01-20",
        "[ 白石县司法局 ]——(2024-01-20) / 已阅205次",
        "Posted on 2024年1月20日 by admin",
        "原创 白石县司法局 法治白石 2024-01-20 18:06 发表于江南",
        "索 引 号\n000/2024-1\n生成日期\n2024-01-15\n公开日期\n2024-01-20\n文　　号\n体裁\n报告",
        "date: 2024-01-20\nurl: https://www.example.gov/a_1.html\ncontent:",
    ],
)
def test_the_date_of_publication_is_read_from_its_line(normalize, report_lines, stamp):
    title, *text = report_lines
    report = normalize("\n".join((title, stamp, *text)))
    assert lines_of(report) == list(report_lines)
    assert report.document.published == "2024-01-20"


@pytest.mark.parametrize("label", ["title: ", "【标题】", "Title: "])
def test_the_label_of_a_title_is_none_of_it(normalize, report_lines, label):
    report = normalize(label + "\n".join(report_lines))
    assert report.document.title == report_lines[0]
    assert lines_of(report) == list(report_lines)


def test_a_title_broken_over_indented_lines_has_no_space(normalize, report_lines):
    title, *text = report_lines
    report = normalize("\n".join(("　　" + title[:18], "　　　　" + title[18:], *text)))
    assert report.document.title == title


def test_signs_behind_a_backslash_are_read_without_links(normalize, report_lines):
    page = "\n".join(report_lines).replace("一、主要工作和成效", "1\\. 主要工作和成效")
    assert "1. 主要工作和成效" in lines_of(normalize(page))


@pytest.mark.parametrize("label", ["附件：", "附件"])
def test_the_label_of_files_goes_with_them(normalize, report_lines, label):
    report = normalize("\n".join((*report_lines, label, "1.白石县行政执法统计表.xls", "2.规范性文件目录.docx")))
    assert lines_of(report) == list(report_lines)


def test_the_label_of_an_annex_stays(normalize, report_lines):
    annex = ("附件：", "1.白石县行政执法统计表")
    assert lines_of(normalize("\n".join((*report_lines, *annex)))) == [*report_lines, *annex]


def test_the_date_stands_beside_the_text_that_a_script_carries(normalize, report_lines):
    title, *text = report_lines
    content = "".join(f"<p>{line}<\\/p>" for line in text * 3)
    state = f'{{"title": "{title}", "pubTime": "2024-01-20 09:30", "content": "{content}"}}'
    page = f'<html><body><div id="app"></div><script>window.state = {state}</script></body></html>'
    assert normalize(page).document.published == "2024-01-20"
