"""An act and what it is done to: which of its words name the thing counted, and which go; invented places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.events import Fact

Read = Callable[..., list["Fact"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("平均压减申请材料58%、办理时限66%", [("申请材料", "decrease"), ("办理时限", "decrease")]),
        ("梳理高频事项46项,平均精简材料35%", [("高频事项", None), ("高频事项材料", "decrease")]),
        ("跑动次数减少六成", [("跑动次数", "decrease")]),
        ("申请材料58%、办理时限66%", [("申请材料", None), ("办理时限", None)]),
    ],
)
def test_a_change_is_of_its_object_and_a_list_shares_the_verb(
    text: str, expected: list[tuple[str, str | None]], facts: Read
) -> None:
    assert [(fact.subject, fact.change) for fact in facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("梳理许可事项88项,占93%;办理材料精简41份", ["许可事项", "许可事项占比", "办理材料"]),
        ("办理时限平均压缩61%", ["办理时限"]),
        ("办理案件61件", ["办理案件"]),
    ],
)
def test_handling_is_one_word_with_what_it_takes(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年以区政府为被申请人的行政复议案件9件", "以区政府为被申请人的行政复议案件"),
        ("法制审核重大执法决定88件", "法制审核重大执法决定"),
        ("参加执法培训96人次", "参加执法培训人员"),
    ],
)
def test_how_an_act_was_done_and_by_whom_stays(text: str, expected: str, facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("开展安全生产检查26次,发现并整改隐患115处", "安全生产检查发现并整改的隐患"),
        ("开展安全生产检查26次,发现并督促整改隐患115处", "安全生产检查发现的隐患"),
        ("开展安全生产检查26次,整改隐患115处", "整改隐患"),
    ],
)
def test_what_was_found_and_mended_was_found(text: str, expected: str, facts: Read) -> None:
    assert facts(text)[-1].subject == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "组织执法人员资格考试,64人参加考试,通过率93.75%",
            ["参加执法人员资格考试人员", "执法人员资格考试通过率"],
        ),
        ("64人参加考试", ["参加考试人员"]),
    ],
)
def test_an_examination_is_the_one_that_the_sentence_named(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("审核2件涉及公平竞争的政策文件", "审核的涉及公平竞争的政策文件"),
        ("配备3名具有法律职业资格的人员", "具有法律职业资格的人员"),
        ("33人获得积分落户的奖励", "获得积分落户奖励人员"),
        ("64人参加的会议", "参加会议人员"),
    ],
)
def test_what_tells_the_things_apart_stands_between_their_number_and_their_noun(
    text: str, expected: str, facts: Read
) -> None:
    assert facts(text)[0].subject == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("320项服务事项全部进驻政务大厅,网上可办率达99.4%", "服务事项网上可办率"),
        ("承办人大代表建议11件、政协提案16件,满意率98%", "人大代表建议和政协提案满意率"),
        ("从21个执法单位随机抽取案卷105本进行集中评查", "评查的执法案卷"),
        ("组织开展涉及招标投标的规范性文件专项清理,共清理文件94件", "清理规范性文件"),
        ("清理文件94件", "清理文件"),
    ],
)
def test_the_thing_itself_is_named_not_where_it_went_or_how_it_was_got(text: str, expected: str, facts: Read) -> None:
    assert facts(text)[-1].subject == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("投资86万元对镇便民服务中心进行了改造", ["投资"]),
        ("进驻服务事项54项,全年共办理各类事项1.26万件", ["进驻服务事项", "办理事项"]),
        ("城乡低保对象846户1371人做到应保尽保", ["城乡低保对象", "城乡低保对象人员"]),
        ("在县政府门户网站和镇村公开栏公开信息286条", ["公开信息"]),
        ("县微信公众号推送普法信息286条", ["县微信公众号推送普法信息"]),
        ("全年共立刑事案件1346起,破案793起", ["立刑事案件", "破案的刑事案件"]),
        ("收集意见建议210余条,采纳57条", ["收集意见建议", "采纳的意见建议"]),
        ("通过非现场方式办理的案件占4.3%", ["非现场方式办理的案件占比"]),
        ("6个街道中队执法人员42人", ["街道中队", "执法人员"]),
        ("组织执法人员培训,19人取得执法证,持证上岗率100%", ["取得执法证人员", "执法人员持证上岗率"]),
    ],
)
def test_where_by_what_and_for_whom_is_no_part_of_the_name(text: str, expected: list[str], facts: Read) -> None:
    assert [fact.subject for fact in facts(text)] == expected
