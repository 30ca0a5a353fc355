"""The commands over the database, as a person types them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from pyarrow import parquet
from rich.console import Console

from fazhi.commands.rerun import ask_for_all
from fazhi.main import run
from services.sink.store import DatabaseStore
from tests.sink.reports import invented_report


@pytest.fixture
def fazhi(tmp_path, monkeypatch, capfdbinary):
    """Runs a command in a folder with a small database; gives exit status, standard output and standard error."""
    url = f"sqlite:///{tmp_path}/fazhi.db"
    store = DatabaseStore(url)
    store.open()
    store.write([
        invented_report(at, city=city, year=year, values=(100 + at, 200 * (at == 2), 7))
        for at, (city, year) in enumerate([("云岭市", 2021), ("云岭市", 2022), ("清河市", 2022)])
    ])  # fmt: skip
    store.close()
    monkeypatch.setenv("FAZHI_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        status = run(list(words))
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


def rows(fazhi, *words):
    status, out, _ = fazhi("results", "--json", *words)
    assert status == 0
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--metric", "reconsideration.recieved"), "reconsideration.received"),
        (("--domain", "litigatio"), "litigation"),
        (("--genre", "news"), "law_based_government"),
        (("--level", "village"), "township"),
        (("--year", "2023-2021"), "2021-2023"),
        (("--place", "云岭"), "云岭市 (~~云岭市)"),
        (("--place", "云岭县"), "云岭市 (~~云岭市)"),
        (("--place", "无此地"), "six-digit code"),
        (("--place", "999999"), "six-digit code"),
    ],
)
def test_a_question_that_nothing_can_answer_is_a_mistake_and_says_so(fazhi, words, hint):
    status, out, err = fazhi("results", *words)
    assert status == 2
    assert hint in err
    assert not out


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ((), 9),
        (("--place", "云岭市"), 6),
        (("--year", "2022"), 6),
        (("--year", "2021-2022", "--metric", "reconsideration.accepted"), 3),
        (("--domain", "reconsideration", "--place", "清河市"), 2),
        (("--text", "丙类"), 3),
        (("--limit", "4"), 4),
        (("--genre", "law_based_government"), 9),
        (("--genre", "government_work"), 0),
        (("--metric", "audit.projects"), 0),
    ],
)
def test_results_are_filtered(fazhi, words, count):
    assert len(rows(fazhi, *words)) == count
    status, out, _ = fazhi("results", "--csv", *words)
    assert status == 0
    assert len(list(csv.DictReader(io.StringIO(out)))) == count
    status, out, _ = fazhi("results", *words)
    assert status == 0
    assert ("no facts" in out) == (count == 0)


def test_a_metric_may_be_given_by_its_name_and_an_export_refuses_what_results_refuse(fazhi):
    by_name = rows(fazhi, "--metric", "受理行政复议案件数")
    assert by_name == rows(fazhi, "--metric", "reconsideration.accepted") != []
    for words in (("--metric", "出庭率"), ("--place", "无此地"), ("--level", "planet")):
        status, _, err = fazhi("export", "--output", "-", "--format", "csv", "--table", "facts", *words)
        assert (status, err != "") == (2, True)


def test_a_table_of_one_metric_does_not_repeat_its_name(fazhi):
    assert "reconsideration.accepted" not in fazhi("results", "--metric", "reconsideration.accepted")[1]
    assert "metric" in fazhi("results", "--domain", "reconsideration")[1].splitlines()[0]


def test_programs_get_all_rows_and_a_table_says_that_it_is_cut(fazhi, tmp_path):
    store = DatabaseStore(f"sqlite:///{tmp_path}/fazhi.db")
    store.open()
    store.write([invented_report(at, city="白石市", year=2000 + at, values=(1, 2, 3)) for at in range(10, 30)])
    store.close()
    assert len(rows(fazhi)) == 69
    assert len(list(csv.DictReader(io.StringIO(fazhi("results", "--csv")[1])))) == 69
    assert "the first 50" in fazhi("results")[1]


@pytest.mark.usefixtures("fazhi")
def test_the_csv_is_utf_8_whatever_the_terminal_shows():
    command = [sys.executable, "-P", "-m", "fazhi", "results", "--csv"]
    done = subprocess.run(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "gbk"}, check=True)
    assert "云岭市" in {row["city"] for row in csv.DictReader(io.StringIO(done.stdout.decode()))}


def test_text_that_a_spreadsheet_would_run_is_marked_in_the_csv(fazhi, tmp_path):
    store = DatabaseStore(f"sqlite:///{tmp_path}/fazhi.db")
    store.open()
    store.write([invented_report(40, city="=云岭市", year=2020, values=(1, 2, 3))])
    store.close()
    assert {row["city"] for row in csv.DictReader(io.StringIO(fazhi("results", "--year", "2020", "--csv")[1]))} == {
        "'=云岭市"
    }


@pytest.mark.parametrize("place", ["110000", "北京市"])
def test_a_place_without_a_report_is_told_from_one_without_such_facts(fazhi, place):
    status, out, err = fazhi("results", "--place", place, "--json")
    assert (status, out) == (1, "")
    assert f"no report of {place} is stored" in err
    assert "fazhi submit" in err
    assert fazhi("results", "--place", "云岭市", "--metric", "audit.projects")[0] == 0


@pytest.mark.parametrize("words", [("--year", "22"), ("--year", "2022-"), ("--year", "２０２２"), ("--nonsense",)])
def test_wrong_use_is_told_with_status_2(fazhi, words):
    assert fazhi("results", *words)[0] == 2


def test_results_without_a_database_say_what_to_do(tmp_path, monkeypatch, capfd):
    monkeypatch.delenv("FAZHI_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    assert run(["results"]) == 1
    assert "fazhi up" in capfd.readouterr().err


def test_export_writes_tables_with_their_dictionary(fazhi, tmp_path):
    status, _, err = fazhi("export", "--format", "parquet", "--output", "tables", "--year", "2022")
    assert status == 0
    assert "facts.parquet: 6 rows" in err.replace("\n", "")
    assert parquet.read_table(tmp_path / "tables" / "facts.parquet").num_rows == 6
    assert (tmp_path / "tables" / "data-dictionary.md").exists()
    status, out, _ = fazhi("export", "--format", "csv", "--table", "checks", "--output", "-")
    assert status == 0
    assert [row["holds"] for row in csv.DictReader(io.StringIO(out))] == ["True", "True", "False"]
    assert fazhi("export", "--output", "-")[0] == 2
    (tmp_path / "file").write_text("")
    assert fazhi("export", "--output", "file")[0] == 1


def test_review_lists_what_is_doubtful_and_keeps_what_is_said(fazhi):
    status, out, _ = fazhi("review", "--json")
    doubtful = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert {fact["check_state"] for fact in doubtful} == {"broken"}
    first = doubtful[0]
    words = (
        "review",
        first["fact_id"],
        "--correct",
        "value=20",
        "--correct",
        "unit=起",
        "--reviewer",
        "李明",
        "--reason",
        "table",
    )
    assert fazhi(*words)[0] == 0
    assert fazhi("review", f"{first['report_id']}:issuer", "--correct", "某委员会")[0] == 0
    (changed,) = [row for row in rows(fazhi) if row["fact_id"] == first["fact_id"]]
    assert (changed["value"], changed["unit"], changed["review"], changed["issuer"]) == (
        20,
        "起",
        "corrected",
        "某委员会",
    )
    assert len(fazhi("review", "--json")[1].splitlines()) == len(doubtful) - 1
    status, _, err = fazhi("export", "--format", "gold", "--output", "gold")
    assert (status, "1 reviewed reports" in err) == (0, True)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("no.such-fact",), 2),
        (("no.1-2", "--confirm"), 1),
        (("no.1-2", "--confirm", "--reject"), 2),
        (("no:nothing", "--confirm"), 2),
        (("no.1-2", "--correct", "value"), 2),
        (("no.1-2", "--correct", "quote=x"), 2),
    ],
)
def test_a_review_that_cannot_be_meant_is_told(fazhi, words, status):
    assert fazhi("review", *words)[0] == status


def test_diff_shows_what_a_new_version_changed(fazhi, tmp_path):
    assert fazhi("diff")[0] == 1  # one version only
    store = DatabaseStore(f"sqlite:///{tmp_path}/fazhi.db")
    newer = invented_report(9, city="云岭市", year=2021, values=(100, 0, 7), version="0.2.0")
    newer.facts[0].metric = "litigation.cases"
    del newer.facts[2]
    store.write([newer])
    store.close()
    status, out, _ = fazhi("diff")
    assert status == 0
    assert all(line in out for line in ("lost  1", "changed  1", "same  1", "gained  0"))
    (page,) = [json.loads(line) for line in fazhi("diff", "0.1", "0.2", "--json")[1].splitlines()]
    assert page["changed"][0]["fields"] == {"metric": ["reconsideration.accepted", "litigation.cases"]}
    assert len(fazhi("diff", "--versions")[1].splitlines()) == 2
    assert fazhi("diff", "0", "0.2")[0] == 2  # two versions are called so
    assert fazhi("diff", "--where", "colour=red")[0] == 2


def test_forget_asks_and_says_what_it_removed(fazhi):
    name = rows(fazhi)[0]["report_id"]
    assert fazhi("forget", name)[0] == 2  # nobody to ask
    status, _, err = fazhi("forget", name, "--yes")
    assert status == 0
    assert "3 facts" in err.replace("\n", " ")
    assert len(rows(fazhi)) == 6
    assert fazhi("forget", name, "--yes")[0] == 1


def test_rerun_without_a_server_or_with_a_wrong_condition_is_told(fazhi, monkeypatch):
    monkeypatch.setenv("FAZHI_REDIS_URL", "redis://127.0.0.1:9")
    assert fazhi("rerun", "--all")[0] == 1
    assert fazhi("rerun", "--where", "year=2022")[0] == 1
    assert fazhi("rerun", "--where", "year")[0] == 2
    assert fazhi("rerun", "--from", "kitchen")[0] == 2


def test_rerun_does_not_send_every_report_unless_that_is_said(fazhi, monkeypatch):
    monkeypatch.setenv("FAZHI_REDIS_URL", "redis://127.0.0.1:9")
    status, _, err = fazhi("rerun", "--from", "extractor")
    assert status == 2
    assert "--all" in err
    assert fazhi("rerun", "--all", "--where", "year=2022")[0] == 2


@pytest.mark.parametrize(("answer", "goes_on"), [("yes", True), ("y", False), ("", False), ("no", False)])
def test_on_a_terminal_rerun_asks_before_it_sends_every_report(monkeypatch, capsys, answer, goes_on):
    monkeypatch.setattr("builtins.input", lambda: answer)
    assert ask_for_all(Console(highlight=False), 1_200, "extractor") is goes_on
    said = capsys.readouterr().out
    assert "all 1200 stored pages go to the extractor again" in said
    assert ("nothing was sent" in said) is not goes_on


@pytest.mark.parametrize(
    "words",
    [
        "results", "results --csv", "export --output tables", "export --format csv --output -", "review", "diff",
        "trace 3f9a1c", "forget 3f9a1c --yes", "rerun --all", "dead list",
    ],
)  # fmt: skip
def test_a_database_without_its_schema_is_named_without_a_traceback(
    words, database_url, server, tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("FAZHI_DATABASE_URL", database_url)
    monkeypatch.setenv("FAZHI_REDIS_URL", server.url)
    monkeypatch.chdir(tmp_path)
    assert run(words.split()) == 1
    said = capfd.readouterr().err
    assert "the database has no schema" in said
    assert "when they start" in said
    assert "Traceback" not in said
