"""Two segmenters behind one interface: where they differ is listed, not guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.extractor.words import domain_words, segmenter

SENTENCES = [
    "全年受理行政复议案件并依法审结",
    "组织开展基层行政执法人员轮训",
    "各类守法普法宣传活动",
    "针对合作协议、征收补偿协议出具合法性审查意见",
    "行政机关负责人出庭应诉率和政府信息公开申请答复率",
    "推进街道(乡镇)便民服务站点规范化建设",
]


@pytest.fixture(scope="module", params=["rjieba", "jieba"])
def engine(request: pytest.FixtureRequest):
    pytest.importorskip(request.param)
    return segmenter(request.param)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_joined_give_the_text_back(engine, sentence: str) -> None:
    assert "".join(engine.cut(sentence)) == sentence


@pytest.mark.parametrize("word", ["规范性文件", "合法性审查", "行政复议", "法治副校长", "出庭应诉率"])
def test_a_word_of_the_field_stays_whole(engine, word: str) -> None:
    assert word in engine.cut(f"开展{word}工作")


def test_verbs_are_known_as_verbs(engine) -> None:
    assert [engine.is_verb(word) for word in ("受训", "移出", "维持", "培训", "企业")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="rjieba or jieba"):
        segmenter("thulac")


def test_domain_words_stand_once() -> None:
    words = [word for word, _ in domain_words()]
    assert len(words) == len(set(words))


def test_the_engines_cut_alike(reference: Path) -> None:
    """Over the annotated reports, every stretch of Chinese characters: numbers are never given to a segmenter."""
    texts = [file.read_text("utf-8") for file in sorted((reference / "gold").glob("*.txt"))]
    stretches = [stretch for text in texts for stretch in re.findall("[一-龥]+", text)]
    different = [s for s in stretches if segmenter("rjieba").cut(s) != segmenter("jieba").cut(s)]
    assert len(stretches) > 1000
    assert len(different) <= len(stretches) / 500, different
