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
