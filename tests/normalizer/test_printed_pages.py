"""Texts of printed documents: page numbers and running heads in the middle of paragraphs are gone, numbers of tables stay."""

from __future__ import annotations

import pytest

TITLE = "白石县人民政府关于2023年度法治政府建设情况的报告"
_PARAGRAPHS = (
    "　　2023年，白石县持续推进法治政府建设，各项任务按期完成。现将有关情况报告如下：",
    "　　一、主要工作和成效",
    (
        "　　（一）优化服务。全年办理政务服务事项20418件，群众评价满意率99.2%，平均办理时限压缩至3.5个工作日，"
        "新设服务窗口16个，上门服务老年人1034人次，走访企业287家，解决问题512个，办事材料平均减少2.4份，"
        "公布“一件事”清单21项，在全市政务服务评估中列第3位，较上年前移2位，12个乡镇便民中心全部达到标准。"
    ),
    (
        "　　（二）化解争议。全年收到行政复议申请213件，受理196件，审结188件，其中维持97件、驳回34件、撤销或者变更21件、"
        "终止36件，调解行政争议45件；行政机关负责人出庭应诉74人次，出庭率98.6%；排查矛盾纠纷1286件，调解成功1262件，"
        "成功率98.1%，涉及金额3205万元；办理信访事项846件，按期答复率100%，群众满意率95.4%，没有发生群体性事件。"
    ),
    "　　二、下一步打算",
    "　　2024年，继续落实法治政府建设各项任务，行政复议案件按期审结率保持在98%以上，开展执法培训4次以上。",
)
#: Four pages of ten lines; the third and fourth are the first two under other numbers.
PARAGRAPHS = (
    *_PARAGRAPHS[:4],
    *(line.replace("（一）", "（三）").replace("（二）", "（四）") for line in _PARAGRAPHS[2:4]),
    *_PARAGRAPHS[4:],
)


def printed(end: str, head: str = "", lines_a_page: int = 10) -> str:
    """The report at 28 characters a line; `end` is what stands under each page, its number in braces."""
    lines = [line[at : at + 28] for line in PARAGRAPHS for at in range(0, len(line), 28)]
    pages = [lines[at : at + lines_a_page] for at in range(0, len(lines), lines_a_page)]
    written = [[*page, end.format(number)] for number, page in enumerate(pages, 1)]
    return "\n".join(
        [TITLE, *written[0], *(line for page in written[1:] for line in (*([head] if head else []), *page))]
    )


@pytest.fixture
def paragraphs(normalize) -> list[str]:
    return normalize("\n".join((TITLE, *PARAGRAPHS))).text.split("\n")


@pytest.mark.parametrize(
    "end", ["— {} —", "-{}-", "- {} -", "第{}页", "第 {} 页 共 4 页", "　　　　{}", "{} / 4", "{}", "{}\n\f"]
)
def test_a_page_number_does_not_break_its_paragraph(normalize, paragraphs, end):
    assert normalize(printed(end)).text.split("\n") == paragraphs


@pytest.mark.parametrize("head", [TITLE, "内部资料 注意保存", "\f白石县2023年度报告"])
def test_a_line_printed_on_every_page_is_gone(normalize, paragraphs, head):
    assert normalize(printed("— {} —", head)).text.split("\n") == paragraphs


def test_line_ends_of_another_system_make_no_difference(normalize, paragraphs):
    assert normalize(printed("— {} —", TITLE).replace("\n", "\r\n")).text.split("\n") == paragraphs


def test_the_title_before_the_first_page_stays(normalize):
    assert normalize(printed("— {} —", TITLE)).document.title == TITLE


def test_what_was_removed_is_logged(normalize):
    rules = [change.rule for change in normalize(printed("— {} —")).changes]
    assert rules.count("furniture.page_mark") == 4


def test_a_number_keeps_its_place_in_the_source(normalize):
    page = printed("{}")
    report = normalize(page)
    for number in ("20418件", "1286件", "3205万元"):
        at = report.text.index(number)
        start, end = report.alignment.to_source(at, at + len(number))
        assert page[start:end].replace("\n", "") == number or number[:2] in page[start:end]


def test_numbers_of_a_table_that_count_up_stay(normalize, report_lines):
    rows = [line for k in range(1, 6) for line in (str(k), f"{k}号专项", "由县司法局牵头，各乡镇配合。" * 20)]
    page = "\n".join([*report_lines[:-2], "序号", "事项", "内容", *rows])
    assert "\n3\n3号专项" in normalize(page).text


def test_numbers_of_a_flattened_table_stay(normalize, report_lines):
    rows = ["类别", "件数", "许可", "1", "处罚", "2", "检查", "3"]
    assert "\n".join(rows) in normalize("\n".join([*report_lines[:4], *rows, *report_lines[4:]])).text


def test_headings_between_page_marks_are_no_running_heads(normalize, report_lines):
    page = "\n— 1 —\n".join(report_lines)
    assert normalize(page).text == normalize("\n".join(report_lines)).text
