"""What numbers beside each other share, and what is no number of a thing, with sentences of invented places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.events import Fact

Read = Callable[..., list["Fact"]]


def subjects(facts: list[Fact]) -> list[str]:
    return [fact.subject for fact in facts]


@pytest.mark.parametrize(
    ("text", "pair", "expected"),
    [
        ("将230项行政审批减至88项。", (230, 88), "行政审批"),
        ("将8个科室整合为5个。", (8, 5), "科室"),
        ("由230项行政审批减至88项。", (230, 88), "行政审批"),
        ("审批事项由96项大幅压减到45项。", (96, 45), "审批事项"),
    ],
)
def test_the_noun_of_a_pair_may_stand_between_its_numbers(
    text: str, pair: tuple[int, int], expected: str, facts: Read
) -> None:
    [fact] = facts(text)
    assert ((fact.value, fact.value_to), fact.subject) == (pair, expected)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("将43个居委会调整为35个社区。", [43, 35]),
        ("将15项事项下放至9个乡镇。", [15, 9]),
        ("将12项权限赋予8个镇街。", [12, 8]),
    ],
)
def test_two_things_are_no_pair(text: str, values: list[int], facts: Read) -> None:
    assert [fact.value for fact in facts(text)] == values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "市、区人大代表建议和政协提案办结率、满意率均达100%",
            ["市、区人大代表建议和政协提案办结率", "市、区人大代表建议和政协提案满意率"],
        ),
        ("改进服务作风和提案办结率、提案满意率均为95%", ["提案办结率", "提案满意率"]),
        ("高频事项100%“网上办”、90%“掌上办”", ["高频事项网上办率", "高频事项掌上办率"]),
        (
            "火灾起数、伤亡人数、财产损失分别下降11%、22%、33%",
            ["火灾起数", "火灾伤亡人数", "火灾财产损失"],
        ),
        ("企业注销、门店开业登记时间分别压缩41%、52%", ["企业注销时间", "门店开业登记时间"]),
        ("用水、用气报装时间分别压缩30%、20%", ["用水报装时间", "用气报装时间"]),
        ("人民调解“青石模式”成果发布,调解成功率达98%", ["调解成功率"]),
        (
            "政务事项网上预约办理率、网上办结率均为96%",
            ["政务事项网上预约办理率", "政务事项网上办结率"],
        ),
        ("信访诉求及时受理率、按期答复率均为97%", ["信访诉求及时受理率", "信访诉求按期答复率"]),
        ("开展“化积案”专项治理,刑事、治安案件分别下降7.6%、4.6%", ["刑事案件", "治安案件"]),
        ("全年未发生较大以上生产安全事故,事故起数、死亡人数分别下降9%和21%", ["事故起数", "事故死亡人数"]),
    ],
)
def test_names_of_a_list_share_what_they_are_of_and_nothing_else(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("协调解决9批共103家企业诉求", ["协调解决的企业诉求", "协调解决的企业诉求"]),
        ("建成停车场4座共715个泊位", ["停车场", "泊位"]),
        ("票决20项年度民生实事、19项高质量完成", ["票决的年度民生实事", "高质量完成的年度民生实事"]),
        ("围绕法治建设开展专题调研9项、专项整治7项", ["专题调研", "专项整治"]),
        ("完成风险评估97处,排查隐患1103处、现场整改953处", ["风险评估", "风险评估排查隐患", "现场整改的隐患"]),
        ("查处违法行为34起、处罚金额67万元", ["查处违法行为", "违法行为处罚金额"]),
        ("开展“亮剑护航”专题调研19项、专项整治12项", ["“亮剑护航”专题调研", "“亮剑护航”专项整治"]),
        ("完成“三旧”改造3万亩、违法建设治理5万亩", ["“三旧”改造", "违法建设治理"]),
        (
            "含4个内设机构(党政办公室、政务服务办公室)、2个事业单位(公共服务中心、网格管理中心)",
            ["内设机构", "事业单位"],
        ),
        ("提出17个领域共计122项改革任务", ["改革任务"]),
        ("完善国有资产、工程建设、采购招标等领域制度53项", ["国有资产、工程建设、采购招标等领域制度"]),
    ],
)
def test_things_counted_beside_each_other(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("办理人大代表建议65件、政协提案43件", ["人大代表建议", "政协提案"]),
        ("办理、转办人大代表建议65件", ["办理、转办的人大代表建议"]),
        ("制定及修改政府规章12项", ["制定及修改的政府规章"]),
        ("排查整治重大事故隐患75处", ["排查整治重大事故隐患"]),
        ("选派9名骨干赴云岭县调研", ["赴云岭县调研的骨干"]),
        ("23条断头路全面打通", ["打通的断头路"]),
        ("事故四项指标大幅下降", ["大幅下降的指标"]),
        ("保持空气质量优良率95%以上", ["空气质量优良率"]),
        ("全面落实安全生产十五条措施", ["安全生产措施"]),
        ("实现58项便民事项“一表申请、一次办结”", ["便民事项“一表申请、一次办结”"]),
        ("加强对30家重点监管企业的执法检查", ["执法检查的重点监管企业"]),
        ("企业开办时限压减至1个工作日", ["企业开办时限"]),
        ("压缩审批时限至37个工作日(缩减约60%)", ["压缩审批时限", "压缩审批时限"]),
        ("查封隐患企业25家,关停13家", ["查封隐患企业", "关停的隐患企业"]),
        ("排查乱收费、乱查封问题线索57条", ["排查乱收费、乱查封问题线索"]),
    ],
)
def test_the_words_that_a_count_keeps(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("圆满办结人大代表建议98件", None),
        ("办复人大建议26件", None),
        ("办结市人大代表建议9件", "市人大"),
        ("青石人大代表建议9件", "青石人大"),
    ],
)
def test_an_act_is_no_assembly(text: str, expected: str | None, facts: Read) -> None:
    [fact] = facts(text)
    assert fact.scope == expected
