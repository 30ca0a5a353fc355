"""Which kind of document a page is, and how sure that is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.events import Genre

_TITLES: tuple[tuple[Genre, re.Pattern[str]], ...] = (
    ("information_disclosure", re.compile("(?:政府)?信息公开(?:工作)?(?:年度)?(?:工作)?(?:报告|总结|情况|年报)")),
    ("law_based_government", re.compile("法治政府|依法行政|法治(?:建设|工作|[一-龥]{1,6})|依法治[一-龥]")),
    ("government_work", re.compile("政府工作(?:的)?报告|工作报告")),
)
_WORDS: tuple[tuple[Genre, tuple[str, ...]], ...] = (
    ("law_based_government", ("法治政府", "依法行政", "行政执法", "行政复议", "行政应诉", "规范性文件", "合法性审查", "普法",
                              "重大行政决策", "法律顾问")),
    ("government_work", ("各位代表", "生产总值", "固定资产投资", "社会消费品零售", "一般公共预算", "城镇居民", "向大会报告")),
    ("information_disclosure", ("主动公开", "依申请公开", "政府信息公开", "信息公开申请", "予以公开", "不予公开")),
)  # fmt: skip


def genre_of(title: str | None, text: str) -> tuple[Genre, float]:
    """The genre and a score, 0 … 1, from the title and the words of the text per thousand characters."""
    sample = text[:20_000]
    density = {genre: sum(map(sample.count, words)) * 1000 / max(len(sample), 1000) for genre, words in _WORDS}
    scores = {genre: min(rate / 4, 1.0) * 0.5 for genre, rate in density.items()}
    for genre, pattern in _TITLES:
        if title and pattern.search(title):
            scores[genre] += 0.5
            break
    length = min(len(text) / 600, 1.0)  # shorter than any report of the genre seen
    genre, score = max(scores.items(), key=lambda entry: entry[1])
    score *= length
    return (genre, round(score, 3)) if score >= 0.3 else ("other", round(1 - score, 3))
