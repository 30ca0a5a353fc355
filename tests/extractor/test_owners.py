"""Whose a letter, a rate, a meeting or a list of files is: what is said once holds up to where another thing begins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.extract import extract_report
from shared.events import SectionedReport

Report = Callable[..., SectionedReport]

OWNED = {
    "检查工程34个，下发整改通知书18份、停工通知书3份": ["检查工程", "整改通知书", "停工通知书"],
    "发出督办函12份，送达通知书9份": ["督办函", "送达通知书"],
    "发现问题34个，下发整改提示函14份，整改完成率96%": ["发现问题", "整改提示函", "问题整改完成率"],
    "发现问题34个，下发整改提示函14份，签收率96%": ["发现问题", "整改提示函", "整改提示函签收率"],
    "以局名义制发规范性文件5件，报备率、及时率均为100%": [
        "以局名义制发规范性文件",
        "规范性文件报备率",
        "规范性文件报备及时率",
    ],
    "规范性文件报备率、合格率均为100%": ["规范性文件报备率", "规范性文件合格率"],
    "召开县委依法治县委员会会议2次、办公室会议4次": [
        "县委依法治县委员会会议",
        "县委依法治县委员会办公室会议",
    ],
    "召开县政府常务会议12次、办公室会议4次": ["县政府常务会议", "办公室会议"],
    "对历年制发的43件规范性文件进行了全面清理": ["清理的规范性文件"],
    "区人大代表提出的43件建议全部办结": ["区人大代表提出的建议"],
    "指导12个乡镇承接行政执法事项36项": ["承接行政执法事项的乡镇", "承接行政执法事项"],
    "31个部门行政职权事项437项": ["部门", "行政职权事项"],
    "组织案卷评查，抽取16个执法单位许可、处罚案卷80本": ["案卷评查抽取的执法单位", "许可、处罚案卷"],
    "收到行政复议申请83件，审结71件，案件量同比增长12%": [
        "收到行政复议申请",
        "审结的行政复议案件",
        "行政复议案件量",
    ],
    "开展规范性文件清理2次，废止7件，现行有效39件": [
        "规范性文件清理",
        "废止的规范性文件",
        "现行有效的规范性文件",
    ],
    "将辖区划分为68个网格": ["网格"],
    "将48项任务分解到12个单位": ["分解到单位的任务", "任务分解的单位"],
    "街道执法队现有执法人员22名": ["街道执法队执法人员"],
    "立案检查骗税企业83户，移送公安机关11户": ["立案检查骗税企业", "移送公安机关的骗税企业"],
    "86项税费事项可网上办理，网上办税率达98%": ["网上办理的税费事项", "网上办税率"],
    "承办便民热线转办工单320件，办结率99%": ["承办便民热线转办工单", "便民热线转办工单办结率"],
    "办理、转办代表建议12件，办结率99%": ["办理、转办的代表建议", "代表建议办结率"],
    "制定法治机关建设要点，明确32项重点任务": ["法治机关建设重点任务"],
    "听取综合行政执法、矛盾纠纷化解等专题汇报5次": ["听取综合行政执法、矛盾纠纷化解等专题汇报"],
    "对9个部门的法治工作进行了点评": ["点评法治工作的部门"],
    "9个部门的改革方案正在实施": ["部门的改革方案"],
    "38所学校配备法治副校长和法治辅导员": ["配备法治副校长和法治辅导员的学校"],
    "9家企业登陆甲板块、乙板块": ["登陆甲板块、乙板块的企业"],
    "17名干部通过执法资格考试并取得执法证": ["通过执法资格考试的干部"],
    "开展应急演练38场次，参加师生2100人次": ["应急演练", "参加应急演练的师生"],
    "全县有在校师生2100人": ["在校师生"],
    "开设“执法讲堂”，由业务骨干授课，全年举办11期，参训人员640人次": ["“执法讲堂”活动", "“执法讲堂”参训人员"],
    "制定年度法治建设工作计划，将24项任务逐项分解到科室": ["年度法治建设工作计划任务"],
    "优秀案卷占70%，2卷被县司法局评为全县优秀案卷": ["优秀案卷占比", "全县优秀案卷"],
}


@pytest.mark.parametrize(("text", "subjects"), OWNED.items())
def test_what_is_said_once_holds_up_to_another_thing(text: str, subjects: list[str], report: Report) -> None:
    assert [fact.subject for fact in extract_report(report(text)).facts] == subjects


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        (
            "完善人民调解、行政调解和行业调解对接机制，全年调解矛盾纠纷680件，调解成功661件",
            ["mediation.accepted", "mediation.succeeded"],
        ),
        ("规范行政调解，全年调解纠纷680件，调解成功661件", ["mediation.administrative", None]),
    ],
)
def test_kinds_of_mediation_that_work_together_are_not_one_kind(
    text: str, metrics: list[str | None], report: Report
) -> None:
    assert [fact.metric for fact in extract_report(report(text)).facts] == metrics


def test_a_hotline_sends_its_matters_and_is_no_scope(report: Report) -> None:
    hotline, superior = (
        extract_report(report(text)).facts[0] for text in ("办理市长热线转办件126件", "办理市信访局转办件126件")
    )
    assert hotline.scope is None
    assert superior.scope == "市信访局转办"


def test_the_sentence_above_a_table_says_what_its_acts_are_of(report: Report) -> None:
    table = "全年行政复议案件分类办理情况如下表：\n案件类别\t收到（件）\t审结（件）\n公安类\t31\t27\n自然资源类\t18\t15"
    assert [fact.subject for fact in extract_report(report(table)).facts] == [
        "公安类行政复议收到",
        "公安类行政复议审结",
        "自然资源类行政复议收到",
        "自然资源类行政复议审结",
    ]
