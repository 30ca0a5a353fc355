"""`fazhi catalogue`: print it, run its examples, see what it does on pages."""

from __future__ import annotations

import json

import pytest

from fazhi.main import run
from services.extractor import catalogue as loader
from services.extractor.catalogue import CatalogueError, load_catalogue

PAGE = """栖霞岭县2022年法治政府建设工作报告

一、主要工作

(一)行政复议。全年收到行政复议申请80件,受理70件。全县采摘新茶3200斤。
"""


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "qixialing.txt"
    path.write_text(PAGE, encoding="utf-8")
    return str(path)


def test_the_catalogue_is_printed_by_domain(capsys):
    assert run(["catalogue"]) == 0
    printed = capsys.readouterr().out
    assert "reconsideration.accepted" in printed
    assert f"{len(load_catalogue().metrics)} metrics" in printed


def test_one_metric_is_printed_with_definition_relations_and_patterns(capsys):
    assert run(["catalogue", "litigation.loss_rate"]) == 0
    printed = capsys.readouterr().out
    assert "litigation.loss_rate = litigation.lost / litigation.concluded" in printed
    assert "#rate" in printed


def test_a_domain_names_all_its_metrics(capsys):
    assert run(["catalogue", "audit", "--json"]) == 0
    assert {metric["id"].partition(".")[0] for metric in json.loads(capsys.readouterr().out)} == {"audit"}


def test_words_of_a_name_stand_for_the_metrics_that_have_them(capsys):
    assert run(["catalogue", "出庭", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {metric["id"] for metric in found} == {"litigation.appearances", "litigation.appearance_rate"}


def test_a_name_that_nobody_knows_is_wrong_use(capsys):
    assert run(["catalogue", "reconsideration.lost_and_found"]) == 2
    assert "neither a metric nor a domain" in capsys.readouterr().err


def test_check_shows_unmapped_facts_and_silent_patterns(page, capsys):
    assert run(["catalogue", "check", page, "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["facts"], seen["mapped"]) == (3, 2)
    assert [fact["number_text"] for fact in seen["unmapped"]] == ["3200斤"]
    assert seen["fired"] == {"reconsideration.received#received": 1, "reconsideration.accepted#accepted": 1}
    assert "audit.projects#projects" in seen["silent"]
    assert run(["catalogue", "check", page]) == 0
    assert "2 patterns fired" in capsys.readouterr().out


def test_a_fault_of_the_catalogue_is_said_without_a_traceback(monkeypatch, capsys):
    def damaged() -> None:
        raise CatalogueError("audit.toml: metric.audit.projects.no: too few")

    monkeypatch.setattr(loader, "load_catalogue", damaged)
    assert run(["catalogue", "test", "audit"]) == 2
    said = capsys.readouterr().err
    assert "fazhi: audit.toml: metric.audit.projects.no: too few" in said
    assert "docs/metrics.md" in said


def test_check_says_which_pages_were_refused(tmp_path, capsys):
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    assert run(["catalogue", "check", str(empty)]) == 1
    assert "empty.txt: refused, empty" in capsys.readouterr().out


def test_check_reads_no_folder(tmp_path, capsys):
    assert run(["catalogue", "check", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_the_examples_are_run_from_the_command_too(capsys):
    assert run(["catalogue", "test", "supervision"]) == 0
    assert "0 wrong" in capsys.readouterr().out
