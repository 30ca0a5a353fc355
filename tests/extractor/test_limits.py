"""Hostile texts: every pattern stays linear, no text takes the child's time or memory."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from services.extractor.extract import extract_report
from shared.events import SectionedReport

SIZE = 100_000
#: One character of any hostile text may take this long; the slowest seen took 3 µs on the machine of 2026-11.
SECONDS_A_CHARACTER = 20e-6

HOSTILE = [
    "1", "一", "百分之", "、", "第", "每", "1、", "12", "1.", "1,", "1,234,", "“", "《", "《1》", "“1", "(", "(1", ")", "零", "万",
    "1万", "一万", "由1个", "由1项至", "从", "分别", "1个、", "1个和", "1%", "1%、", "率、", "率和", "A率、", "2021年", "2021-", "1月",
    "1-", "1至", "的", "等", "，", "受理", "受理1件", "其中1件", "同比", "较上年", "较2020年", "近", "以上", "\t", "1\t", "1\n", "一是", "(一)",
    "每年", "每季度1", "人大", "各县(区)", "区级", "年", "中", "共", "通过", "向", "对", " ", "  1", "个", "两", "一二三", "http://1", "www.1", "0571-", "成", "三成",
    "一个", "百", "上百", "数十", "名义", "以1", "以名义1件", "“零", "、1个", "级", "十五五", "率1%", "半数", "1+", "+1",
]  # fmt: skip


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_text_takes_linear_time(pattern: str, report: Callable[..., SectionedReport]) -> None:
    text = (pattern * (SIZE // len(pattern) + 1))[: SIZE // 4]
    extract_report(report(text[:200]))  # dictionaries are loaded once, not measured here
    started = time.perf_counter()
    short = extract_report(report(text[: len(text) // 4]))
    middle = time.perf_counter()
    long = extract_report(report(text))
    ended = time.perf_counter()
    assert len(long.facts) <= 4 * len(short.facts) + 8
    assert ended - middle < max(8 * (middle - started), SECONDS_A_CHARACTER * len(text))


@pytest.mark.full
@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_text_of_100_kb_takes_linear_time(pattern: str, report: Callable[..., SectionedReport]) -> None:
    text = (pattern * (SIZE // len(pattern) + 1))[:SIZE]
    started = time.perf_counter()
    extract_report(report(text))
    assert time.perf_counter() - started < SECONDS_A_CHARACTER * len(text) + 1
