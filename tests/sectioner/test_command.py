"""`fazhi outline FILE` prints the tree so that a person can judge it in seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PAGE = """云溪县2023年法治政府建设年度报告
2023年,云溪县扎实推进依法行政,各项工作有序开展。现将有关情况报告如下:
一、主要工作情况
加强组织领导
1.压实责任。全县各部门按照要求抓好落实,办理案件12件。
(二)规范行政执法
全县各部门按照要求抓好落实,群众满意度持续提升。
二、存在的问题
执法力量仍较薄弱,普法形式不够新颖。
"""


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fazhi", "outline", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=240,
    )


def test_the_tree_shows_kinds_faults_and_counts(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    run = _run(tmp_path, "page.txt")
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert any("achievements" in line and "一、主要工作情况" in line for line in lines)
    assert any("加强组织领导" in line and "lost_number" in line for line in lines)
    assert any("problems" in line and "二、存在的问题" in line for line in lines)
    assert any(line.startswith("6 sections") for line in lines)


def test_the_records_come_as_json(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    run = _run(tmp_path, "page.txt", "--json")
    tree = json.loads(run.stdout)
    assert [section["marker"] for section in tree["sections"]] == [None, "一、", None, "1.", "(二)", "二、"]
    assert tree["repairs"][0]["reason"] == "lost_number"


def test_a_file_that_is_not_there_says_what_to_do(tmp_path):
    run = _run(tmp_path, "absent.txt")
    assert run.returncode == 2
    assert "absent.txt" in run.stderr
