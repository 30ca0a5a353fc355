"""Which pages are reports, and which only speak of them. All places and texts are invented."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from services.normalizer.genre import genre_of

TABLE = tomllib.loads(files("services.normalizer").joinpath("genre.toml").read_text(encoding="utf-8"))
TITLES = [(entry["pattern"], entry["yes"], entry["no"]) for entry in (*TABLE["title"], TABLE["news"])]
OPENINGS = [(entry["words"], entry["yes"], entry["no"]) for entry in TABLE["opening"]]

WORK = (
    "2023年，桐溪县扎实推进法治政府建设，依法行政水平不断提高。全年受理行政复议案件134件，审结110件，审查规范性文件12件。\n"
    "一、主要工作\n(一)规范行政执法。开展行政执法培训6场，行政应诉案件出庭率为100%。\n(二)加强普法。落实普法责任，法律顾问提出意见86条。\n"
    "二、下一步打算\n继续落实重大行政决策程序，加强合法性审查，规范行政执法。\n"
) * 3


@pytest.mark.parametrize(("pattern", "yes", "no"), TITLES)
def test_a_title_rule_holds_its_examples(pattern, yes, no):
    assert all(re.search(pattern, title) for title in yes)
    assert not any(re.search(pattern, title) for title in no)


@pytest.mark.parametrize(("words", "yes", "no"), OPENINGS)
def test_words_of_an_opening_hold_their_examples(words, yes, no):
    assert all(any(word in text for word in words) for text in yes)
    assert not any(word in text for text in no for word in words)


@pytest.mark.parametrize(
    ("title", "lead", "genre"),
    [
        ("桐溪县2023年法治政府建设情况报告", "", "law_based_government"),
        (None, "", "law_based_government"),
        ("关于印发桐溪县2023年法治政府建设情况报告的通知", "现将报告印发给你们。\n", "law_based_government"),
        ("桐溪县法治政府建设实施方案(2021-2025年)", "", "other"),
        (None, "为推进依法行政，结合我县实际，制定本方案。\n", "other"),
        ("桐溪县2023年法治政府建设情况报告解读", "", "other"),
        ("县政府常务会议听取2023年法治政府建设情况汇报", "", "other"),
        ("桐溪县发布2023年法治政府建设年度报告", "本网讯(记者 甲)近日，报告发布。《报告》指出，", "other"),
        (None, "摘要:本文以三个县为例，分析年度报告制度。\n", "other"),
    ],
)
def test_a_plan_news_or_a_paper_is_no_report(title, lead, genre):
    found, score = genre_of(title, lead + WORK)
    assert (found, score >= 0.4) == (genre, True)


def test_a_report_without_title_is_what_most_of_its_words_say():
    disclosure = (
        "一、总体情况\n全年主动公开政府信息326条，办理依申请公开12件，其中予以公开8件，不予公开1件。政府信息公开申请均按期答复。\n"
        * 8
    )
    assert (
        genre_of(None, disclosure + "坚持依法行政，推进法治政府建设，加强普法和行政复议。")[0]
        == "information_disclosure"
    )


def test_a_short_report_is_one_by_its_title():
    text = ("白石县坚持依法行政，全年受理行政复议案件13件，开展普法宣传20场，审查规范性文件8件。" * 6)[:220]
    assert genre_of("白石县2023年法治政府建设年度报告", text)[0] == "law_based_government"
    assert genre_of(None, text)[0] == "other"
