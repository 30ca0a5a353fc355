"""What a sentence names in full once stands in short behind it: the subject has the full name, where there is one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.extractor.extract import extract_report
from shared.events import SectionedReport

IN_FULL = {
    "区政府召开常务会议18次，研究议题146个": ["区政府常务会议", "区政府常务会议研究议题"],
    "召开专题调度会4次，办理议题12个": ["专题调度会", "办理议题"],
    "组织行政执法资格考试2批次，共有736人参加考试": ["行政执法资格考试", "参加行政执法资格考试人员"],
    "举办依法行政研讨班1期，52名科级干部参加学习": ["依法行政研讨班", "参加依法行政研讨班的科级干部"],
    "扎实推进生态环境督察反馈问题整改，16个问题完成整改14个": [
        "生态环境督察反馈问题",
        "完成整改的生态环境督察反馈问题",
    ],
    "举办行政复议讲座2次，140余名干部参加": ["行政复议讲座", "参加行政复议讲座的干部"],
    "公布《云岭县2022年度重大行政决策事项目录》，纳入事项6项": ["重大行政决策事项"],
    "公布决策目录，纳入事项6项": ["纳入事项"],
    "印发《云岭县2022年法治工作要点》，将六个方面35项任务分解到责任单位": ["法治工作要点任务"],
    "政务服务事项网上可办率达98%，全程网办率达81%": ["政务服务事项网上可办率", "政务服务事项全程网办率"],
    "政务服务事项网上可办率达98%，群众满意率97%": ["政务服务事项网上可办率", "群众满意率"],
    "审查区政府常务会议议题94件、政府合同126件": ["审查区政府常务会议议题", "审查政府合同"],
    "区公共法律服务中心提供法律咨询4200人次": ["区公共法律服务中心法律咨询"],
    "承接省、州下放审批事项17项": ["承接省、州下放审批事项"],
    "开展非法采砂、违法占地、燃气安全等专项整治8次": ["非法采砂、违法占地、燃气安全等专项整治"],
    "加强队伍建设，16个问题完成整改14个": ["问题", "完成整改的问题"],
    "将206户企业列入经营异常名录，58户企业移出名录": ["列入经营异常名录的企业", "移出经营异常名录的企业"],
    "开展案卷评查，抽查了14个部门的案卷70本": ["案卷评查抽查的部门", "案卷"],
    "县政府法律顾问列席会议论证9次，出具法律意见书31份": [
        "县政府法律顾问列席会议论证",
        "县政府法律顾问出具法律意见书",
    ],
    "县司法局审核合同31份，出具法律意见书12份": ["县司法局审核合同", "法律意见书"],
    "全县64个人民调解委员会共调处纠纷1206件": ["人民调解委员会", "调解委员会调处纠纷"],
    "全县64个人民调解委员会共排查调处矛盾纠纷1206件": ["人民调解委员会", "排查调处矛盾纠纷"],
    "提出审查意见7件。开展规范性文件全面清理，继续有效93件，宣布失效21件": [
        "审查意见",
        "继续有效的规范性文件",
        "宣布失效的规范性文件",
    ],
}

NOTHING_OF_THE_THING = {
    "将21个部门的187项许可事项划转至县行政审批局": ["许可事项划转涉及的部门", "划转的许可事项"],
    "向公安机关移交线索9条": ["向公安机关移交线索"],
    "在4个镇试点的基础上全面推开": ["镇试点"],
    "将依法行政纳入年度绩效考核，分值占6分": ["依法行政纳入年度绩效考核分值"],
    "对存在的问题制发监督通知书7份": ["监督通知书"],
    "县政府法制办仅有工作人员4名": ["县政府法制办工作人员"],
    "收到依申请公开信息14条": ["收到政府信息公开申请"],
    "38个执法单位全面推行行政执法公示制度": ["全面推行行政执法公示制度的执法单位"],
}


@pytest.mark.parametrize(("text", "subjects"), IN_FULL.items())
def test_a_short_name_takes_the_full_one_of_its_sentence(
    text: str, subjects: list[str], report: Callable[..., SectionedReport]
) -> None:
    assert [fact.subject for fact in extract_report(report(text)).facts] == subjects


@pytest.mark.parametrize(("text", "subjects"), NOTHING_OF_THE_THING.items())
def test_frames_and_destinations_are_no_part_of_a_name(
    text: str, subjects: list[str], report: Callable[..., SectionedReport]
) -> None:
    assert [fact.subject for fact in extract_report(report(text)).facts] == subjects
