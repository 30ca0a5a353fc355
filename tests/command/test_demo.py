import re
import shutil

import psutil

from fazhi.commands.demo import telling
from tests.command.conftest import SAMPLES, command_line, fazhi, fazhi_process


def test_the_demo_shows_facts_with_their_words_and_leaves_nothing_running_twice_in_a_row(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("wanglan-2021.txt", "lixi-2023.html"):
        shutil.copy(SAMPLES / name, pages)
    (pages / "empty.txt").write_text("\n")
    for _ in range(2):
        status, output, error = fazhi_process("demo", pages, "--data", tmp_path / "demo", cwd=tmp_path)
        assert status == 0, error
        assert "望澜市" in output
        assert "dead letter: empty.txt: empty" in output
        assert re.search(r"\n[a-z_]+\.[a-z_.]+ .*(澜江省|栗溪县).* [0-9]", output), output
        assert [line for one in psutil.process_iter() if str(tmp_path) in (line := command_line(one))] == []
    assert fazhi("results", "--data", tmp_path / "demo", "--json")[1]


def test_a_folder_that_is_no_pipelines_is_not_emptied(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    status, _, error = fazhi_process("demo", SAMPLES, "--data", tmp_path / "mine")
    assert (status, "would be emptied" in error) == (2, True)
    assert (tmp_path / "mine" / "letter.txt").exists()


def test_the_metrics_of_most_reports_come_first_each_with_its_surest_fact():
    def fact(metric, report, confidence=1.0, year=2020):
        return {"metric": metric, "report_id": report, "confidence": confidence, "report_year": year}

    shown = telling([fact("b", "1"), fact("a", "1", 0.5), fact("a", "1", 0.9), fact("a", "2", 0.8, year=2023)])
    assert [metric for metric, _ in shown] == ["a", "b"]
    assert [(one["report_id"], one["confidence"]) for one in shown[0][1]] == [("2", 0.8), ("1", 0.9)]
