"""A report whose leaves or parts have blocks of their own on the page is read whole, and the blocks beside it are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.normalizer.series import place_in_series, series_over
from shared.events import NormalizedReport

Normalize = Callable[..., NormalizedReport]
TITLE = "白石县人民政府2023年度法治政府建设情况报告"
LEAD = "2023年，白石县扎实推进法治政府建设，现将有关情况报告如下。"
WORK = tuple(
    f"{'一二三四五六'[k]}、{field}\n全年{field}工作有序推进，召开会议{k + 3}次，印发文件{k + 12}份，办理事项{k + 134}件，群众满意率98%。"
    * 1
    for k, field in enumerate(("组织领导", "行政审批", "行政执法", "行政复议", "普法宣传", "法律服务"))
)
LINES = tuple(line for part in (LEAD, *WORK) for line in part.split("\n"))
MARK = "扫一扫在手机打开当前页"
GUIDE = "<div><h4>相关阅读</h4><ul><li>1.<a href='/1'>怎样申请行政复议</a></li><li>2.<a href='/2'>怎样办理居住证</a></li></ul></div>"


def page(*blocks: tuple[str, ...], between: str = f"<p>{MARK}</p>", after: str = GUIDE) -> str:
    leaves = between.join(f"<div class='leaf'>{''.join(f'<p>{line}</p>' for line in block)}</div>" for block in blocks)
    return f"<html><body><h1>{TITLE}</h1>{leaves}{after}<div><p>网站标识码：1234560001</p></div></body></html>"


def read(report: NormalizedReport) -> list[str]:
    """The lines of the text; a mark between two halves of a report stays, since neither of them is the main one."""
    return [line for line in report.text.split("\n") if line != MARK]


@pytest.mark.parametrize("between", ["", f"<p>{MARK}</p>", "<div><a>1</a><a>2</a><a>下一页</a></div>"])
@pytest.mark.parametrize("at", [1, 3, 4, 10, 11, 12])
def test_a_report_in_two_blocks_is_read_whole(normalize: Normalize, at: int, between: str) -> None:
    report = normalize(page(LINES[:at], LINES[at:], between=between))
    assert read(report) == [TITLE, *LINES]


def test_a_report_in_three_blocks_is_read_whole(normalize: Normalize) -> None:
    report = normalize(page(LINES[:1], LINES[1:11], LINES[11:]))
    assert read(report) == [TITLE, *LINES]


def test_text_that_stands_bare_behind_the_block_is_read(normalize: Normalize) -> None:
    report = normalize(page(LINES[:11], after="<br>".join(LINES[11:]) + GUIDE))
    assert read(report) == [TITLE, *LINES]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("三、2024年计划", ("一、", 3)),
        ("(十二)其他", ("(一)", 12)),
        ("第二部分 计划", ("第一部分", 2)),
        ("3.加强学习", ("1.", 3)),
        ("2.5万人", ("", 0)),
        ("二是加强学习", ("", 0)),
    ],
)
def test_a_heading_has_a_place_in_its_series(line: str, place: tuple[str, int]) -> None:
    assert place_in_series(line) == place


def test_a_series_goes_on_as_far_as_its_numbers_follow() -> None:
    assert series_over(["一、甲", "(一)乙", "丙", "(二)丁", "二、戊", "(一)己"]) == [0, 4, 4, 4, 4, 4]
    assert series_over([]) == []
