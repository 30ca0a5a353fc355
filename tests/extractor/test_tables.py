"""Number cells take subject, unit and period from their heads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.explain import ExplainedNumeral
from services.extractor.extract import extract_report
from shared.events import Fact, SectionedReport

Read = Callable[..., list[Fact]]

BY_ROWS = "行政复议情况统计表\n项目\t数量\t备注\n收到复议申请(件)\t41\t含网上申请19件\n审结(件)\t33\t-\n出庭应诉率(%)\t96.2\t同比提高3个百分点"
BY_COLUMNS = "执法情况(单位:件)\n单位\t处罚\t许可\n城管局\t120\t3\n合计\t345\t12"
BY_YEARS = "项目\t2021年\t2022年\n办理案件(件)\t30\t41"
WITH_UNITS = "序号\t事项\t结果\n1\t罚没款\t35.2万元\n2\t开展检查\t120次"


def test_a_number_takes_its_unit_and_subject_from_the_heads(facts: Read) -> None:
    found = [(fact.number_text, fact.value, fact.unit, fact.subject) for fact in facts(BY_ROWS)]
    assert found[0] == ("41", 41, "件", "收到复议申请")
    assert found[2] == ("33", 33, "件", "行政复议审结")
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


AREAS = "附件:复议应诉情况表\n地区\t收案(件)\t应诉(件)\n县本级\t59\t17\n各乡(镇)\t79\t-\n云岭镇\t20\t/\n合计\t138\t0"
DEPARTMENTS = "附表 执法情况表\n执法单位\t处罚(件)\n城管大队\t12\n总计\t12"
AREAS_ACROSS = "项目\t县本级\t云岭镇\t合计\n法律援助案件(件)\t100\t80\t180"


def test_a_row_of_an_area_or_a_body_has_it_as_its_scope_and_a_total_has_none(facts: Read) -> None:
    found = [(fact.value, fact.scope, fact.subject) for fact in facts(AREAS)]
    assert found == [
        (59, "县本级", "县本级收案"),
        (17, "县本级", "县本级应诉"),
        (79, "各乡(镇)", "各乡(镇)收案"),
        (20, "云岭镇", "云岭镇收案"),
        (138, None, "收案"),
        (0, None, "应诉"),
    ]
    assert [fact.scope for fact in facts(DEPARTMENTS)] == ["城管大队", None]


def test_a_column_may_be_of_an_area_too(facts: Read) -> None:
    found = [(fact.scope, fact.subject) for fact in facts(AREAS_ACROSS)]
    assert found == [("县本级", "县本级法律援助案件"), ("云岭镇", "云岭镇法律援助案件"), (None, "法律援助案件")]


def test_a_column_of_units_gives_each_row_its_own(facts: Read) -> None:
    found = facts("指标\t单位\t2021年\t2022年\n复议收案\t件\t26\t30\n败诉率\t%\t8.1\t6.5\n罚没金额\t万元\t210\t255.9")
    assert [(fact.value, fact.unit, fact.period) for fact in found] == [
        (26, "件", "2021年"), (30, "件", None), (8.1, "%", "2021年"), (6.5, "%", None),
        (2_100_000, "CNY", "2021年"), (2_559_000, "CNY", None)]  # fmt: skip


def test_a_caption_with_several_units_gives_money_to_what_is_money(facts: Read) -> None:
    text = "执法情况表\n(单位:件、万元)\n部门\t处罚\t罚没金额\n城管局\t120\t45.6"
    assert [(fact.value, fact.unit) for fact in facts(text)] == [(120, "件"), (456_000, "CNY")]


def test_a_head_that_ends_in_a_measure_word_names_the_unit(facts: Read) -> None:
    text = "单位名称\t活动场次\t参加人数\t资料份数\n县司法局\t12\t3000\t20000"
    assert [fact.unit for fact in facts(text)] == ["场", "人", "份"]


def test_a_column_of_changes_has_a_direction_and_the_level_of_its_row(facts: Read) -> None:
    text = "附表 2022年行政应诉情况表\n地区\t2022年(件)\t同比(%)\n县本级\t25\t-16.7\n云岭镇\t12\t+20\n合计\t37\t-7.5%"
    found = [(fact.value, fact.unit, fact.change, fact.subject) for fact in facts(text)]
    assert found == [
        (25, "件", None, "县本级行政应诉"), (16.7, "%", "decrease", "县本级行政应诉"),
        (12, "件", None, "云岭镇行政应诉"), (20, "%", "increase", "云岭镇行政应诉"),
        (37, "件", None, "行政应诉"), (7.5, "%", "decrease", "行政应诉")]  # fmt: skip


def test_a_kind_in_front_holds_for_the_rows_below_it(facts: Read) -> None:
    text = "类别\t指标\t数量\n行政处罚\t立案(件)\t120\n\t罚没金额(万元)\t45.6\n行政复议\t审结(件)\t30"
    assert [fact.subject for fact in facts(text)] == ["行政处罚立案", "行政处罚罚没金额", "行政复议审结"]


def test_a_column_of_targets_is_planned_and_hedges_are_read(facts: Read) -> None:
    text = "指标\t目标值\t完成值\n按期办结率\t≥98%\t100%\n败诉率\t10%以下\t6.5%"
    found = [(fact.number_text, fact.qualifier, fact.modality) for fact in facts(text)]
    assert found == [
        ("≥98%", "at_least", "target"), ("100%", "exact", "actual"),
        ("10%以下", "at_most", "target"), ("6.5%", "exact", "actual")]  # fmt: skip


def test_rows_of_years_have_the_year_as_their_period(facts: Read) -> None:
    text = "近三年复议情况表(单位:件)\n年度\t收到申请\t审结\n2021年\t12\t11\n2022年\t20\t18"
    found = [(fact.value, fact.unit, fact.period, fact.modality) for fact in facts(text)]
    assert found == [
        (12, "件", "2021年", "baseline"), (11, "件", "2021年", "baseline"),
        (20, "件", None, "actual"), (18, "件", None, "actual")]  # fmt: skip


def test_the_name_of_a_table_in_its_first_row_is_no_head(facts: Read) -> None:
    text = "2022年执法统计表\t\t\n填报单位:县司法局\t\t单位:件\n部门\t处罚\t许可\n城管局\t120\t3\n合计\t120\t3"
    assert [(fact.subject, fact.unit) for fact in facts(text)][:2] == [("城管局处罚", "件"), ("城管局许可", "件")]


def test_the_only_row_is_of_the_body_that_reports(facts: Read) -> None:
    found = facts("行政许可实施情况统计表\n单位名称\t受理数量(宗)\t不予许可数量(宗)\n云岭县应急局\t21\t2")
    assert [(fact.value, fact.scope, fact.subject) for fact in found] == [
        (21, None, "行政许可受理数量"), (2, None, "行政许可不予许可数量")]  # fmt: skip


def test_heads_in_three_rows_hold_for_the_columns_below_them(facts: Read) -> None:
    text = (
        "行政强制实施情况统计表\n单位名称\t强制措施数量(宗)\t\t强制执行数量(宗)\n\t查封场所\t扣押财物\t行政机关强制执行\t\t申请法院执行\n"
        "\t\t\t加处罚款\t划拨存款\n云岭县税务局\t2\t5\t12\t3\t1\n岳河县税务局\t1\t0\t4\t0\t2"
    )
    assert [(fact.unit, fact.subject.removeprefix("云岭县税务局")) for fact in facts(text)][:5] == [
        ("件", "强制措施查封场所"), ("件", "强制措施扣押财物"), ("件", "强制执行行政机关强制执行加处罚款"),
        ("件", "强制执行行政机关强制执行划拨存款"), ("件", "强制执行申请法院执行")]  # fmt: skip


def test_columns_that_another_one_sums_up_have_no_metric_of_their_own(report: Callable[..., SectionedReport]) -> None:
    text = "统计表\n单位\t行政处罚实施数量(宗)\t\t\n\t警告\t罚款\t合计\n城管局\t3\t56\t59"
    assert [fact.metric for fact in extract_report(report(text)).facts] == [None, None, "enforcement.penalties"]


def test_a_row_that_says_of_which_is_a_part_of_the_row_above_it(facts: Read) -> None:
    found = facts("行政复议情况统计表\n项目\t数量\n受理(件)\t110\n其中:行政处罚\t60\n审结(件)\t100")
    assert [(fact.subject, fact.unit, fact.metric) for fact in found][1] == ("行政复议受理行政处罚", "件", None)


def test_a_bare_zero_takes_the_unit_that_its_column_carries(facts: Read) -> None:
    found = facts("行政复议统计表\n地区\t受理(件)\t纠错率\n县本级\t18\t5.6%\n云岭镇\t3\t0")
    assert [(fact.value, fact.unit) for fact in found] == [(18, "件"), (5.6, "%"), (3, "件"), (0, "%")]


def test_a_second_label_in_a_row_names_the_number_behind_it(facts: Read) -> None:
    found = facts("执法人员情况\n执法人员总数(人)\t326\t持证人数(人)\t310\n在编人数(人)\t280\t年内轮训(人次)\t560")
    assert [(fact.subject, fact.unit) for fact in found] == [
        ("执法人员总数", "人"), ("持证人数", "人"), ("在编人数", "人"), ("年内轮训", "人次")]  # fmt: skip


ONE_CELL_A_LINE = "行政执法统计表(单位:件)\n执法机关\n行政处罚\n行政检查\n城管局\n320\n12\n水利局\n45\n—\n合计\n365\n12"
WITH_ORDER = "行政执法统计表\n序号\n单位\n行政处罚(件)\n罚没金额(万元)\n1\n城管局\n320\n45.6\n2\n水利局\n45\n—"
TWO_COLUMNS = "行政复议统计\n项目\n数量\n收到申请(件)\n120\n综合纠错率\n12.5%"
IN_TURNS = "行政复议受理\n156件\n行政复议审结\n130件"


def test_a_table_of_one_cell_a_line_is_read_where_its_shape_is_certain(facts: Read) -> None:
    assert [(fact.value, fact.unit, fact.scope, fact.subject) for fact in facts(ONE_CELL_A_LINE)] == [
        (320, "件", "城管局", "城管局行政处罚"), (12, "件", "城管局", "城管局行政检查"),
        (45, "件", "水利局", "水利局行政处罚"), (365, "件", None, "行政处罚"), (12, "件", None, "行政检查")]  # fmt: skip
    assert [(fact.value, fact.unit, fact.subject) for fact in facts(WITH_ORDER)] == [
        (320, "件", "城管局行政处罚"), (456_000, "CNY", "城管局罚没金额"), (45, "件", "水利局行政处罚")]  # fmt: skip
    assert [(fact.value, fact.unit, fact.subject) for fact in facts(TWO_COLUMNS)] == [
        (120, "件", "行政复议收到申请"), (12.5, "%", "综合纠错率")]  # fmt: skip
    assert [fact.subject for fact in facts(IN_TURNS)] == ["行政复议受理", "行政复议审结"]


def test_no_quote_of_a_cell_crosses_a_line(facts: Read) -> None:
    assert all("\n" not in fact.quote for fact in facts(ONE_CELL_A_LINE))


@pytest.mark.parametrize(
    "text",
    [
        "统计表\n单位\n处罚\n城管局\n320\n12\n水利局\n45\n3",  # a head is missing
        "统计表\n单位\n处罚\n检查\n城管局\n320\n12\n水利局\n45",  # a number is missing
        "统计表\n单位\n处罚\n检查\n城管局\n320\n12",  # one row, which could be heads as well
    ],
)
def test_a_torn_table_of_one_cell_a_line_is_left_undecided(
    text: str, facts: Read, explained: Callable[..., list[ExplainedNumeral]]
) -> None:
    assert facts(text) == []
    assert {numeral.rule for numeral in explained(text)} == {"undecided"}


def read(facts: Read, *rows: str) -> list[tuple[object, ...]]:
    return [(fact.value, fact.unit, fact.subject, fact.period, fact.change) for fact in facts("\n".join(rows))]


def test_a_table_below_another_has_heads_of_its_own(facts: Read) -> None:
    first = ("类别\t受理(件)\t审结(件)", "行政复议\t34\t30")
    second = ("部门\t处罚案件(件)\t罚款(万元)", "城管局\t12\t3.5")
    assert read(facts, *first, *second) == [*read(facts, *first), *read(facts, *second)]
    assert read(facts, *first, "行政处罚情况\t\t", *second)[2:] == read(facts, "行政处罚情况", *second)


def test_a_row_of_words_between_numbers_is_no_head(facts: Read) -> None:
    rows = ("事项\t数量(件)\t进展", "行政检查\t34\t办结", "专项整治\t—\t正在推进", "行政处罚\t12\t办结")
    assert [found[:3] for found in read(facts, *rows)] == [(34, "件", "行政检查"), (12, "件", "行政处罚")]


def test_the_bracket_of_a_column_is_nearer_than_the_unit_of_the_row(facts: Read) -> None:
    found = read(facts, "指标\t单位\t2022年\t增减(%)", "行政检查\t次\t1200\t9.1")
    assert [(value, unit, change) for value, unit, _, _, change in found] == [
        (1200, "次", None),
        (9.1, "%", "increase"),
    ]


@pytest.mark.parametrize(
    ("head", "cell", "read_as"),
    [
        ("增长率", "8.6", (8.6, "%", "increase")),
        ("增长率", "8.6%", (8.6, "%", "increase")),
        ("降幅", "3", (3, "%", "decrease")),
        ("同比", "-8.6", (8.6, "%", "decrease")),
        ("同比增减", "12", (12, "件", "increase")),
        ("办结率(%)", "98", (98, "%", None)),
    ],
)
def test_a_column_of_changes_says_what_it_is(facts: Read, head: str, cell: str, read_as: tuple[object, ...]) -> None:
    value, unit, _, _, change = read(facts, f"类别\t2022年\t{head}", f"行政处罚(件)\t152\t{cell}")[1]
    assert (value, unit, change) == read_as


@pytest.mark.parametrize(
    ("heads", "periods"),
    [
        ("本年\t上年", [None, "上年"]),
        ("本期数\t上年同期数", [None, "上年同期数"]),
        ("一季度\t全年", ["一季度", None]),
        ("1-6月\t全年", ["1-6月", None]),
        ("2022\t2021", [None, "2021"]),
    ],
)
def test_the_head_of_a_column_is_its_period(facts: Read, heads: str, periods: list[str | None]) -> None:
    found = facts(f"指标\t{heads}\n行政处罚(件)\t152\t140")
    assert [fact.period for fact in found] == periods
    assert [fact.subject for fact in found] == ["行政处罚", "行政处罚"]


def test_a_year_at_the_head_of_a_row_is_its_period(facts: Read) -> None:
    found = facts("近三年行政复议案件情况(单位:件)\n年份\t受理\t审结\n2021\t20\t18\n2022\t25\t22")
    assert [(fact.value, fact.period, fact.modality, fact.subject) for fact in found] == [
        (20, "2021", "baseline", "行政复议受理"),
        (18, "2021", "baseline", "行政复议审结"),
        (25, None, "actual", "行政复议受理"),
        (22, None, "actual", "行政复议审结"),
    ]


def test_a_share_is_a_percentage_whatever_its_table_counts(facts: Read) -> None:
    found = read(facts, "单位:件", "领域\t案件数\t占比", "城市管理\t120\t60.0")
    assert [(value, unit) for value, unit, _, _, _ in found] == [(120, "件"), (60, "%")]


def test_a_change_since_a_year_is_none_of_that_year(facts: Read) -> None:
    found = read(facts, "年度\t2021\t2022\t2022比2021增减%", "受理(件)\t40\t48\t20")
    assert found[2] == (20, "%", "受理", None, "increase")


def test_a_unit_in_brackets_behind_its_number_is_read(facts: Read) -> None:
    found = read(
        facts, "类别\t数量\t备注", "行政处罚\t152(件)\t无", "行政强制\t12（件）\t含3件结转", "行政奖励\t5(另附)\t-"
    )
    assert [(value, unit, subject) for value, unit, subject, _, _ in found][:2] == [
        (152, "件", "行政处罚"),
        (12, "件", "行政强制"),
    ]
    assert 5 not in [value for value, *_ in found]


def test_the_target_of_the_year_is_a_target(facts: Read) -> None:
    found = facts("指标\t单位\t2022年实际\t2022年目标\n培训学时\t学时\t65\t60")
    assert [(f.value, f.modality, f.period, f.subject) for f in found] == [
        (65, "actual", None, "培训学时"),
        (60, "target", None, "培训学时"),
    ]


def test_the_metric_is_that_of_row_and_column(report: Callable[..., SectionedReport]) -> None:
    table = "类别\t受理(件)\t撤销(件)\n行政复议\t50\t3\n行政许可\t20\t0\n食品\t7\t1\n合计\t77\t4"
    metrics = [fact.metric for fact in extract_report(report(table)).facts]
    assert metrics[:4] == ["reconsideration.accepted", "reconsideration.revoked", "approvals.handled", None]
    assert metrics[4:6] == [None, None]


def test_an_amount_of_money_is_said_of_its_row(facts: Read) -> None:
    found = read(facts, "类别\t件数\t金额(万元)", "行政处罚\t12\t3.5", "罚款\t12\t3.5")
    assert [(value, unit, subject) for value, unit, subject, _, _ in found] == [
        (12, "件", "行政处罚"),
        (35_000, "CNY", "行政处罚金额"),
        (12, "件", "罚款"),
        (35_000, "CNY", "罚款"),
    ]


KINDS = "行政复议案件类型\t受理(件)\t办结(件)\n行政处罚类\t12\t10\n信息公开类\t6\t6\n合计\t18\t16"


def test_the_kinds_of_one_thing_are_parts_of_it_and_their_total_is_it(report: Callable[..., SectionedReport]) -> None:
    facts = extract_report(report(KINDS)).facts
    assert [fact.metric for fact in facts[:4]] == [None] * 4
    assert [fact.metric for fact in facts[4:]] == ["reconsideration.accepted", "reconsideration.concluded"]
    assert [fact.subject for fact in facts[::2]] == ["行政处罚类行政复议受理", "信息公开类行政复议受理", "行政复议受理"]


def test_a_subtotal_is_a_part_where_a_total_follows(report: Callable[..., SectionedReport]) -> None:
    table = "乡镇\t人民调解受理纠纷(件)\n东河镇\t12\n西山镇\t8\n小计\t20\n云岭街道\t5\n总计\t25"
    assert [fact.metric for fact in extract_report(report(table)).facts[2:]] == [
        None,
        "mediation.accepted",
        "mediation.accepted",
    ]


def test_a_table_named_after_two_things_says_of_no_number_which(report: Callable[..., SectionedReport]) -> None:
    table = "行政复议和行政执法情况统计表(单位:件)\n主体\t行政许可\t行政处罚\t合计\n住建局\t50\t20\t70\n水务局\t10\t5\t15\n总计\t60\t25\t85"
    facts = extract_report(report(table)).facts
    assert [fact.metric for fact in facts[-3:]] == ["approvals.handled", "enforcement.penalties", None]


def test_a_total_is_checked_against_the_rows_above_it(report: Callable[..., SectionedReport]) -> None:
    checks = extract_report(report(KINDS.replace("18", "19"))).checks
    sums = [(check.holds, check.expected, check.stated, check.facts) for check in checks if check.kind == "part_whole"]
    assert sums == [(False, 18, 19, [4, 0, 2]), (True, 16, 16, [5, 1, 3])]


@pytest.mark.parametrize("row", ["其中:刑事\t6", "小计\t12", "平均\t9"])
def test_rows_that_are_no_parts_leave_a_total_unchecked(row: str, report: Callable[..., SectionedReport]) -> None:
    table = f"类别\t受理(件)\n甲\t12\n{row}\n乙\t6\n合计\t18"
    assert [check for check in extract_report(report(table)).checks if check.kind == "part_whole"] == []


def test_a_row_without_a_number_in_a_column_is_named_by_its_label_alone(facts: Read) -> None:
    found = read(facts, "类别\t受理(件)\t办结率", "行政许可\t-\t80%", "行政确认\t12\t90%")
    assert next(subject for _, _, subject, _, _ in found) == "行政许可办结率"


def test_what_was_done_to_the_thing_of_a_row_may_stand_in_its_column_alone(
    report: Callable[..., SectionedReport],
) -> None:
    table = "信息内容\t本年制发件数\t本年废止件数\t现行有效件数\n规章\t2\t1\t4\n行政规范性文件\t12\t3\t45\n工作台账\t9\t0\t9"
    found = {fact.number_text: fact.metric for fact in extract_report(report(table)).facts[:6]}
    assert found == {
        "2": "legislation.rules_issued", "1": None, "4": None, "12": "normative_documents.issued",
        "3": "normative_documents.repealed", "45": "normative_documents.in_force",
    }  # fmt: skip
    assert {fact.metric for fact in extract_report(report(table)).facts[6:]} == {None}
