"""Number cells take subject, unit and period from their heads."""

from __future__ import annotations

from collections.abc import Callable

from services.extractor.extract import ExplainedNumeral
from shared.events import Fact

Read = Callable[..., list[Fact]]

BY_ROWS = "行政复议情况统计表\n项目\t数量\t备注\n收到复议申请(件)\t41\t含网上申请19件\n审结(件)\t33\t-\n出庭应诉率(%)\t96.2\t同比提高3个百分点"
BY_COLUMNS = "执法情况(单位:件)\n单位\t处罚\t许可\n城管局\t120\t3\n合计\t345\t12"
BY_YEARS = "项目\t2021年\t2022年\n办理案件(件)\t30\t41"
WITH_UNITS = "序号\t事项\t结果\n1\t罚没款\t35.2万元\n2\t开展检查\t120次"


def test_a_number_takes_its_unit_and_subject_from_the_heads(facts: Read) -> None:
    found = [(fact.number_text, fact.value, fact.unit, fact.subject) for fact in facts(BY_ROWS)]
    assert found[0] == ("41", 41, "件", "收到复议申请")
    assert found[2] == ("33", 33, "件", "审结")
    assert found[3] == ("96.2", 96.2, "%", "出庭应诉率")


def test_words_beside_a_number_cell_are_read_as_text(facts: Read) -> None:
    found = facts(BY_ROWS)
    assert (found[1].number_text, found[1].unit) == ("19件", "件")
    assert (found[4].change, found[4].unit, found[4].subject) == ("increase", "pp", "出庭应诉率")


def test_the_caption_gives_the_unit_of_a_whole_table(facts: Read) -> None:
    found = [(fact.value, fact.unit, fact.subject) for fact in facts(BY_COLUMNS)]
    assert found == [(120, "件", "城管局处罚"), (3, "件", "城管局许可"), (345, "件", "处罚"), (12, "件", "许可")]


def test_a_column_of_an_earlier_year_is_a_baseline(facts: Read) -> None:
    found = [(fact.value, fact.period, fact.modality) for fact in facts(BY_YEARS)]
    assert found == [(30, "2021年", "baseline"), (41, None, "actual")]


def test_order_numbers_of_rows_are_no_facts(facts: Read) -> None:
    found = [(fact.value, fact.unit, fact.subject) for fact in facts(WITH_UNITS)]
    assert found == [(352_000, "CNY", "罚没款"), (120, "次", "开展检查")]


def test_every_number_cell_is_explained(explained: Callable[..., list[ExplainedNumeral]]) -> None:
    assert [numeral.text for numeral in explained(BY_COLUMNS)] == ["120", "3", "345", "12"]
    assert {numeral.rule for numeral in explained(BY_COLUMNS)} == {"table_cell"}


MERGED = "执法统计表\n类别\t立案查处(起)\t\t罚款(万元)\n\t2021年\t2022年\n非法取水\t31\t28\t74.6\n合计\t68\t63\t206.5"
SHORT_SECOND_ROW = "类别\t立案查处(起)\t罚款(万元)\n2021年\t2022年\n非法取水\t31\t28\t74.6"


def test_a_merged_head_holds_for_all_its_columns(facts: Read) -> None:
    for table in (MERGED, SHORT_SECOND_ROW):
        found = [(fact.value, fact.unit, fact.period, fact.subject) for fact in facts(table)][:3]
        assert found == [
            (31, "起", "2021年", "非法取水立案查处"),
            (28, "起", None, "非法取水立案查处"),
            (746_000, "CNY", None, "非法取水罚款"),
        ]
