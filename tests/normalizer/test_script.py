"""Traditional pages become simplified; only converted words are put back."""

from __future__ import annotations

import re

import opencc
import pytest

from services.normalizer.draft import Draft
from services.normalizer.script import detect_script, restore_words, vocabulary

SIGNS = "网际网路和最佳化工作。"


def restored(text: str) -> str:
    return Draft.of_source(text).edited([edit for _, edit in restore_words(text)]).text


@pytest.mark.parametrize(("word", "example"), [(word, yes) for word in vocabulary() for yes in word.yes])
def test_words_of_a_conversion_are_put_back(word, example):
    written, expected = example
    assert restored(SIGNS + written).endswith(expected)


@pytest.mark.parametrize(("word", "text"), [(word, no) for word in vocabulary() for no in word.no])
def test_words_that_only_look_converted_stay(word, text):
    assert not re.search(word.pattern, text)


def test_a_text_without_signs_of_a_conversion_is_not_touched():
    assert restore_words("建立健全制度，新增程序3项，契约和民众。") == []


def test_a_word_in_doubt_stays_where_the_report_uses_the_mainland_word():
    assert restored(SIGNS + "重点项目12个、续建项目3个，成立工作专案1个").endswith("工作专案1个")


def test_simplified_pages_are_not_touched(normalize, plain_page):
    report = normalize(plain_page)
    assert report.document.script == "Hans"
    assert not [change for change in report.changes if change.rule.startswith(("script", "vocabulary"))]


@pytest.mark.parametrize("config", ["s2t", "s2tw", "s2hk", "s2twp"])
def test_a_converted_report_comes_back(normalize, plain_page, config):
    converted = opencc.OpenCC(config).convert(plain_page)
    report = normalize(converted)
    assert report.document.script == "Hant"
    assert report.script_confidence > 0.9
    assert report.text == normalize(plain_page).text
    assert report.document.title == converted.splitlines()[0]


def test_each_word_put_back_is_logged_with_its_span(normalize, plain_page):
    converted = opencc.OpenCC("s2twp").convert(
        plain_page + "\n优化网络程序，清理规范性文件5件，保护知识产权，特此报告。"
    )
    report = normalize(converted)
    words = [change for change in report.changes if change.rule.startswith("vocabulary.")]
    assert {change.after for change in words} >= {"优化", "网络", "程序", "文件", "知识产权"}
    for change in words:
        assert report.source.text[change.raw_start : change.raw_end] == change.before


def test_quotation_marks_of_a_traditional_page(normalize):
    page = "2023年，白石縣深化「放管服」改革，持續推進「最多跑一次」，優化營商環境，受理案件134件。"
    assert "“放管服”" in normalize(page).text


def test_the_script_of_digits_alone_is_unsure():
    assert detect_script("2023 134 110").confidence == 0.5


def test_how_to_read_a_character_is_no_part_of_the_text(normalize):
    page = "桐溪縣2023年法治政府建設(shè)情況報(bào)告\n2023年，桐溪縣各級機(jī)關(guān)認(rèn)真落實(shí)各項(xiàng)部署，辦理案件12個(gè)，使用小程序(app)3次。"
    report = normalize(page)
    assert report.text == (
        "桐溪县2023年法治政府建设情况报告\n2023年，桐溪县各级机关认真落实各项部署，办理案件12个，使用小程序(app)3次。"
    )
    assert report.document.issuer == "桐溪县人民政府"


def test_question_marks_in_place_of_an_indent_are_no_part_of_the_text(normalize):
    page = (
        "??桐溪縣2023年法治政府建設情況報告\n??2023年，桐溪縣認真落實各項部署。\n??一、主要工作\n是否公開??均已公開。"
    )
    assert normalize(page).text.split("\n") == [
        "桐溪县2023年法治政府建设情况报告",
        "2023年，桐溪县认真落实各项部署。",
        "一、主要工作",
        "是否公开??均已公开。",
    ]
