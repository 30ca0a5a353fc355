"""What decides the metric of a number, rule by rule of the annotation guide."""

from __future__ import annotations

import pytest

from services.extractor.candidate import Around, Candidate, Mapped, Mapping
from services.extractor.catalogue import build_catalogue
from services.extractor.examples import map_example
from services.extractor.mapping import map_metric, map_with
from services.extractor.patterns import Engine
from tests.support.cost import assert_costs


def metric(example: str) -> str | None:
    fact = map_example(example)
    assert fact is not None, "no fact is read at the marked number"
    return fact.metric


# ── the guide's rules of `metric` ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("制定并上报备案规范性文件【26件】", "normative_documents.issued"),
        ("全镇排查化解矛盾纠纷【318件】", "mediation.screened"),
        ("受理并审结行政复议案件【40件】", "reconsideration.accepted"),
    ],
)
def test_of_two_acts_the_first_decides(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    "example",
    [
        "受理行政复议案件60件,其中公安类【22件】",
        "答复政府信息公开申请58件,其中电话答复【12件】",
        "全市办理行政许可30751件;市本级办理行政许可9651件,其中道路运输行政许可【9310件】",
        "全年合法性审查文件200件(规范性文件20件、其他文件【30件】)",
        "全年查处各类违法案件160起,罚款9万元。查处餐厨垃圾违法案件【22起】",
    ],
)
def test_a_subset_is_not_its_parent(example):
    assert metric(example) is None


@pytest.mark.parametrize(
    "example",
    [
        "还有【9个】村未设立公共法律服务工作站",
        "有【6件】规范性文件未报送备案",
        "有【2个】乡镇未取得行政执法主体资格",
        "仍有【4个】乡镇没有设立综合行政执法办公室",
        "还有【15个】司法所没有加挂行政执法协调监督办公室牌子",
    ],
)
def test_what_has_not_been_done_is_not_counted_as_done(example):
    assert metric(example) is None


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("行政复议案件审结45件,【3件】尚未审结", "reconsideration.pending"),
        ("仍有【12件】信访积案尚未化解", "petitions.backlog_cases"),
        ("办理【36件】未成年人法律援助案件", "legal_aid.cases"),
    ],
)
def test_a_denial_leaves_what_is_named_before_it_and_what_is_counted_as_undone(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("收到行政复议申请60件,其中行政处罚案件【12件】", None),
        ("受理行政复议案件60件(行政处罚案件【12件】、工伤认定案件8件)", None),
        ("收到行政复议申请60件,其中政府信息公开类【3件】", "disclosure.disputes.reconsideration"),
        ("收到行政复议申请60件。其中行政处罚案件【12件】", None),
        ("办理法律援助案件60件。其中刑事案件【12件】", None),
        ("办理法律援助案件60件。办理刑事案件【12件】", "public_security.cases"),
    ],
)
def test_a_part_of_what_another_domain_counts_has_no_metric_unless_one_is_made_for_it(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("受理行政复议案件60件:行政处罚【12件】、工伤认定8件", None),
        ("受理行政复议案件60件,作出行政处罚【12件】", "enforcement.penalties"),
        ("作出行政处罚【12件】,受理行政复议案件60件", "enforcement.penalties"),
    ],
)
def test_what_cases_of_another_domain_are_about_is_no_act_of_its_own(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("规范性文件、政府合同合法性审查率均达【100%】", "legality_review.rate"),
        ("人大代表建议、政协提案办理率、满意率均达【100%】", "proposals.satisfaction_rate"),
        ("代表建议办结率、满意率分别为【100%】、98%", "proposals.completion_rate"),
    ],
)
def test_where_rates_share_a_number_a_name_ends_with_its_rate(example, expected):
    assert metric(example) == expected


def test_cases_of_every_kind_are_no_kind_of_cases():
    assert metric("办理各类行政复议案件【36件】") == "reconsideration.handled"
    assert metric("办理拆迁类行政复议案件【36件】") is None


def test_a_semicolon_closes_a_list_of_parts():
    assert metric("收到行政复议申请12件,其中维持9件,撤回2件;行政诉讼【6件】") == "litigation.cases"
    assert metric("收到行政复议申请12件，其中维持9件、撤回2件；行政诉讼【6件】") == "litigation.cases"
    assert metric("收到行政复议申请12件,其中房屋征收类5件;土地征收类【6件】") is None


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("办结行政复议案件60件,其中市本级【22件】", "reconsideration.concluded"),
        ("合法性审查中心审查事项90件,其中合同60份,出具审查意见书【90份】", "legality_review.reviewed"),
        ("查处各类违法案件160起,案件总数较2021年(【140件】)上升14.3%", "enforcement.cases"),
        ("败诉案件中因程序违法的有【3件】", None),
        ("审计发现的【21个】问题已整改20个", "audit.problems_found"),
        ("创建国家级民主法治示范村2个、省级【11个】", "publicity.model_villages"),
        ("县级保留政务服务事项900项,乡镇、村分别保留120项及【45项】", "government_services.items"),
    ],
)
def test_a_part_by_area_or_level_keeps_the_metric(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("收到行政复议申请90件,同比增长【12%】", "reconsideration.received"),
        ("新登记企业200户、个体工商户900户,分别增长5%和【9%】", "market_regulation.new_entities"),
        ("行政诉讼败诉率8%,较上年下降【2.5个百分点】", "litigation.loss_rate"),
        ("受理行政复议案件50件(行政处罚20件、行政许可8件),同比增长【10%】", "reconsideration.accepted"),
        ("接待群众来访40批120人次,同比分别减少5批、【30人次】", "petitions.visit_persons"),
    ],
)
def test_a_change_carries_the_metric_of_its_level(example, expected):
    assert metric(example) == expected


def test_a_change_of_a_level_without_metric_has_none():
    assert metric("种植茶树6000亩,同比增长【12%】") is None


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("全年办理行政复议案件【36件】", "reconsideration.handled"),
        ("全年收到行政复议案件【36件】", "reconsideration.received"),
        ("全年受理行政复议案件【36件】", "reconsideration.accepted"),
        ("全年办结行政复议案件【36件】", "reconsideration.concluded"),
        ("以县政府为被申请人的行政复议案件【36件】", "reconsideration.as_respondent"),
        ("以县政府为被申请人的行政复议案件36件,维持【30件】", None),
    ],
)
def test_the_verb_tells_cases_of_reconsideration_apart(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("开展合法性审查,出具审查意见书【40份】", "legality_review.reviewed"),
        ("开展合法性审查,提出意见建议【140条】", "legality_review.suggestions"),
        ("政府法律顾问出具法律意见书【40份】", "legal_counsel.opinions"),
    ],
)
def test_papers_suggestions_and_counsel_are_told_apart(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("接待群众来访【210批】", "petitions.visit_batches"),
        ("接待群众来访【860人次】", "petitions.visit_persons"),
        ("聘任法治副校长【86名】", "publicity.vice_principals"),
        ("全区【56所】学校配备法治副校长", "publicity.schools_with_vice_principal"),
        ("双随机抽查市场主体【820户次】", None),
    ],
)
def test_units_of_different_families_count_different_things(example, expected):
    assert metric(example) == expected


# ── context ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("〈行政复议〉受理【30件】", "reconsideration.accepted"),
        ("〈法律援助〉受理案件【30件】", "legal_aid.cases"),
        ("办理行政应诉案件20件。行政复议案件审结【30件】", "reconsideration.concluded"),
        ("审结行政复议案件20件。行政诉讼案件12件,审结【9件】", "litigation.concluded"),
        ("受理行政复议案件50件。法律援助中心受理【30件】", "legal_aid.cases"),
    ],
)
def test_the_nearest_topic_is_the_one_spoken_of(example, expected):
    assert metric(example) == expected


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("建议提案办结率、满意率分别为100%、【98%】", "proposals.satisfaction_rate"),
        ("建议提案办结率、满意率分别为【100%】、98%", "proposals.completion_rate"),
        ("审查合同64份、重大决策【5件】", "legality_review.major_decisions"),
        ("全县34个部门权责事项【4215项】", "government_services.power_list_items"),
        ("全县【34个】部门权责事项4215项", None),
        ("印发《重大行政决策程序规定》等文件【3件】", None),
    ],
)
def test_the_words_of_a_number_are_its_own(example, expected):
    assert metric(example) == expected


def _spring_engine(*keys: str) -> Engine:
    metrics = "\n".join(
        f"""
        [[metric]]
        id = "springs.kind_{place}"
        name_zh = "泉水数"
        name_en = "Springs"
        quantity = "count"
        unit = "个"
        definition = "泉水个数"
        yes = ["泉水【1个】", "泉水【2个】"]
        no = ["井【1个】", "井【2个】"]
        [[metric.pattern]]
        id = "named"
        own = ["{key}"]
        """
        for place, key in enumerate(keys)
    )
    return Engine(build_catalogue([("springs.toml", f'domain = "springs"\ntitle = "泉水"\n{metrics}')]))


def _candidate(before: str, number: str = "12个", start: int = 100, **about: object) -> Candidate:
    fields = {"clause": before + number, "before": before, "unit": "个", "start": start, "end": start + len(number)}
    return Candidate(number_text=number, value=12.0, **(fields | about))


def test_a_tie_abstains_and_names_both_rules():
    mapping = map_with(_spring_engine("温泉", "冷泉"), _candidate("冷泉温泉"))
    assert mapping.metric == "springs.kind_0"  # nearer by two characters
    tie = map_with(_spring_engine("温泉", "温泉"), _candidate("温泉"))
    assert tie.metric is None
    assert tie.rule is not None
    assert tie.rule.startswith("tie:springs.kind_0#named|springs.kind_1#named")


def test_a_longer_word_beats_a_shorter_one_inside_it():
    assert map_with(_spring_engine("泉", "高温温泉"), _candidate("高温温泉")).metric == "springs.kind_1"


def test_a_context_farther_away_makes_a_mapping_less_sure():
    near = map_example("受理行政复议案件50件,维持【20件】")
    far = map_example("〈行政复议〉审结【45件】")
    assert near is not None
    assert far is not None
    assert (near.metric_confidence or 0) > (far.metric_confidence or 0) > 0.5


def test_what_no_pattern_knows_has_no_metric():
    assert map_metric(_candidate("栽种行道树")) == Mapping(None, 0.0, None)


def test_a_mapping_depends_on_nothing_but_its_arguments():
    candidate = _candidate("培育品牌调解室")
    level = Mapped(candidate, map_metric(candidate))
    part = _candidate(candidate.clause + "、市级", "3个", start=106)
    assert map_metric(part, (level,)) == map_metric(part, (level,))
    assert map_metric(part, (level,)) == Mapping("mediation.organizations", 0.9, "level-part")


@pytest.mark.parametrize(
    "text", ["受理" * 50_000, "、" * 100_000, "分别" * 50_000, "1个" * 50_000, "(" * 100_000, "《" * 100_000]
)
def test_hostile_text_costs_linear_time(text):
    around = Around(preceding=(text,), following=text, topic=text)
    candidate = _candidate(text, after=text, headings=(text,), look_around=lambda: around)
    assert_costs(lambda: map_metric(candidate), 2_500)
