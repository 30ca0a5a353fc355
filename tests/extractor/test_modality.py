"""Result or target: by the section, and by words that overrule it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.events import Fact

Read = Callable[..., list[Fact]]


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("将26个部门纳入考核", "actual"),
        ("将180项事项划转至审批局", "actual"),
        ("将时限进一步压缩到2天,将进一步压缩到1天", "target"),
        ("努力将败诉率控制在8%以内", "target"),
        ("要把败诉率降到5%以下", "target"),
        ("主要把关12件文件", "actual"),
        ("拟出台规章2件", "target"),
        ("力求按期办结率达到99%", "target"),
        ("应配备执法人员50名", "target"),
        ("距离98%的目标还有差距", "target"),
        ("完成了20项改革任务", "actual"),
        ("已建成站点8个", "actual"),
    ],
)
def test_words_of_intention_make_a_target_in_any_section(text: str, modality: str, facts: Read) -> None:
    assert facts(text)[-1].modality == modality


@pytest.mark.parametrize(
    ("text", "modalities"),
    [
        ("已建成司法所12个,再建5个", ["actual", "target"]),
        ("目前全县共有法律顾问120名,力争达到200名", ["actual", "target"]),
        ("针对今年败诉的12件案件逐案分析", ["actual"]),
        ("巩固建成的15个示范点,再创建6个", ["actual", "target"]),
        ("在完成30个试点的基础上,新增试点20个", ["actual", "target"]),
        ("推动现有120名调解员持证上岗", ["actual"]),
        ("新建成的8个站点投入使用", ["target"]),
        ("培训执法人员300名", ["target"]),
    ],
)
def test_what_is_there_already_is_no_target_of_a_plan(text: str, modalities: list[str], facts: Read) -> None:
    assert [fact.modality for fact in facts(text, kind="plan")] == modalities
