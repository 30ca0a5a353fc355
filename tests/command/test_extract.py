import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fazhi.commands.extract import extract, read_body
from tests.command.conftest import SAMPLES, fazhi

PAGE = SAMPLES / "wanglan-2021.txt"


def lines(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_without_output_each_file_is_one_line_of_json():
    status, output, error = fazhi("extract", PAGE, SAMPLES / "heting-2018.html")
    assert (status, error) == (0, "")
    first, second = lines(output)
    assert first["source"]["name"] == "wanglan-2021.txt"
    assert first["source"]["raw_length"] == len(PAGE.read_bytes().decode())
    assert second["source"]["media_type"] == "text/html"
    assert {"text", "document", "sections", "facts", "checks"} <= first.keys()
    raw = PAGE.read_bytes().decode()
    for fact in first["facts"]:
        assert raw[fact["raw_start"] : fact["raw_end"]] == fact["number_text"]
        assert fact["quote"] in raw


def test_with_output_each_file_becomes_a_file_of_its_name(tmp_path):
    status, output, _ = fazhi("extract", PAGE, "--output", tmp_path / "a" / "b")
    assert (status, output) == (0, "")
    assert json.loads((tmp_path / "a" / "b" / "wanglan-2021.json").read_text())["facts"]
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["wanglan-2021.json"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html><body></body></html>", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "binary"),
        (b"x" * 2001, "oversized"),
    ],
)
def test_a_file_that_is_refused_gets_a_result_that_says_why(tmp_path, body, reason):
    (tmp_path / "a.html").write_bytes(body)
    arguments = ("extract", tmp_path / "a.html", "--output", tmp_path / "out")
    limit = {"FAZHI_MAX_REPORT_BYTES": "2000"}
    assert fazhi(*arguments, **limit)[0] == 0
    result = json.loads((tmp_path / "out" / "a.json").read_text())
    assert (result["source"]["name"], result["refused"]["reason"]) == ("a.html", reason)
    assert fazhi(*arguments, "--strict", **limit)[0] == 3


def test_a_refused_file_does_not_stop_its_neighbours(tmp_path):
    (tmp_path / "a.html").write_bytes(b"")
    status, output, _ = fazhi("extract", tmp_path / "a.html", PAGE, "--strict")
    refused, done = lines(output)
    assert (status, "refused" in refused, "facts" in done) == (3, True, True)


def test_a_fault_of_the_code_is_a_refusal_too_and_says_so(monkeypatch):
    def broken(_report):
        raise ZeroDivisionError("one thing")

    monkeypatch.setattr("services.sectioner.outline.outline_report", broken)
    result = read_body("a.txt", "某县2021年法治政府建设情况报告。\n全年受理案件12件。".encode())
    assert result["refused"] == {"reason": "unknown_fault", "detail": "ZeroDivisionError: one thing"}


def test_standard_input_is_a_page_too(tmp_path):
    page = next(path for path in sorted(SAMPLES.iterdir()) if path.suffix == ".html").read_bytes()
    code, _, errors = fazhi("extract", "-", "--output", tmp_path, stdin=page)
    assert code == 0, errors
    result = json.loads((tmp_path / "stdin.json").read_text(encoding="utf-8"))
    assert result["source"]["name"] == "stdin"
    assert result["facts"] == read_body("page", page)["facts"]
    assert result["facts"]


def test_explain_names_every_numeral_and_its_rule():
    status, output, _ = fazhi("extract", PAGE, "--explain")
    (result,) = lines(output)
    assert status == 0
    assert len(result["numerals_explained"]) >= len(result["facts"]) > 0


def test_explain_shows_a_person_the_numerals_in_their_words(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert extract([PAGE], explain=True) == 0
    shown = capsys.readouterr().out
    first = read_body("page", PAGE.read_bytes())["facts"][0]
    assert not shown.startswith("{")
    assert first["number_text"] in shown
    assert "no fact: date" in shown
    assert "amount: A number with a measure word" in shown


def test_a_name_that_is_no_text_becomes_one(tmp_path):
    page = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt"))
    page.write_bytes(PAGE.read_bytes())
    status, output, error = fazhi("extract", page)
    assert (status, lines(output)[0]["source"]["name"]) == (0, "\\xff.txt"), error
    assert fazhi("extract", page, "--output", tmp_path / "out")[0] == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["\\xff.json"]


def test_a_full_disk_is_named_without_a_traceback():
    command = [sys.executable, "-P", "-m", "fazhi", "extract", str(PAGE)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, b"cannot write the output: No space left" in done.stderr) == (1, True), done.stderr
    assert b"Traceback" not in done.stderr


def test_wrong_use_is_said_before_any_work(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.html").write_text("某县法治政府建设")
    (tmp_path / "a" / "page.txt").write_text("某县法治政府建设")
    (tmp_path / "page.json").write_text("某县法治政府建设")
    (tmp_path / "taken" / "page.json").mkdir(parents=True)
    out = tmp_path / "out"
    for arguments, says in (
        ([tmp_path / "a" / "page.html", tmp_path / "b" / "page.html", "--output", out], "would both become"),
        ([tmp_path / "a" / "page.html", tmp_path / "a" / "page.txt", "--output", out], "page.html and "),
        ([tmp_path / "gone.html"], "does not exist"),
        ([tmp_path / "a"], "is a folder"),
        ([tmp_path / "page.json", "--output", tmp_path], "would overwrite"),
        ([PAGE, "--output", tmp_path / "page.json"], "cannot write into"),
        ([], "FILE"),
        ([PAGE, "--nonsense"], "unknown option --nonsense"),
        ([tmp_path / "a" / "page.html", "--output", tmp_path / "taken"], "page.json is a folder"),
    ):
        status, output, error = fazhi("extract", *arguments)
        assert (status, output) == (2, ""), error
        assert says in error
    assert not out.exists()
    assert fazhi("extract", tmp_path / "a" / "page.html", tmp_path / "b" / "page.html")[0] == 0
