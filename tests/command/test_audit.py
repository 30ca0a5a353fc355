"""`fazhi audit` against a real server and the real sink."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.streams import keys
from tests.command.conftest import fazhi
from tests.support.pipeline import SERVICE, Pipeline
from tests.support.servers import Server


@pytest.fixture
def sinks(server: Server, tmp_path: Path):
    database = {"FAZHI_DATABASE_URL": f"sqlite:///{tmp_path}/audit.db"}
    pipeline = Pipeline(server, tmp_path / "workers", app=SERVICE, environment=database)
    yield pipeline
    pipeline.stop()


def _audit(pipeline: Pipeline, tmp_path: Path) -> tuple[int, list[str]]:
    urls = {"FAZHI_REDIS_URL": pipeline.server.url, **pipeline.environment}
    status, output, _ = fazhi("audit", "--json", "--data", tmp_path / "nothing", **urls)
    return status, json.loads(output)["findings"]


def test_a_flush_that_no_worker_survived_is_told_by_the_database(sinks: Pipeline, tmp_path: Path) -> None:
    sinks.start("sink")
    known = sinks.books().generation
    assert _audit(sinks, tmp_path) == (0, [])
    assert sinks.terminate() == [0]
    with sinks.client() as client:
        client.flushall()
    status, findings = _audit(sinks, tmp_path)  # before anything has started again
    assert status == 1
    assert f"books lost: the database was filled under generation {known}" in findings[0]
    for _ in range(2):  # the books keep it, however often the sink starts
        sinks.start("sink")
        assert sinks.books().lost == known
        status, findings = _audit(sinks, tmp_path)
        assert status == 1
        assert len(findings) == 1
        assert f"books lost: the server was flushed or replaced (generation {known} is gone)" in findings[0]
        assert f"fazhi audit --accept-loss {known}" in findings[0]
        assert sinks.terminate() == [0]


def test_lost_books_are_no_finding_once_a_person_has_accepted_it(sinks: Pipeline, tmp_path: Path) -> None:
    def lose() -> str:
        sinks.start("sink")
        known = sinks.books().generation
        sinks.terminate()
        with sinks.client() as client:
            client.flushall()
        sinks.start("sink")
        sinks.terminate()
        assert known is not None
        return known

    known = lose()
    status, output, failure = _accept(sinks, tmp_path, "another")
    assert status != 0
    assert "no books of generation another are noted as lost" in output + failure
    assert _audit(sinks, tmp_path)[0] == 1
    status, output, _ = _accept(sinks, tmp_path, known)
    assert (status, json.loads(output)["findings"], json.loads(output)["losses"]) == (0, [], 1)
    sinks.start("sink")
    sinks.terminate()
    assert _audit(sinks, tmp_path) == (0, [])  # a worker that starts does not bring it up again
    again = lose()
    assert _audit(sinks, tmp_path)[0] == 1  # the next loss is another
    assert _accept(sinks, tmp_path, again)[0] == 0


def _accept(pipeline: Pipeline, tmp_path: Path, generation: str) -> tuple[int, str, str]:
    urls = {"FAZHI_REDIS_URL": pipeline.server.url, **pipeline.environment}
    return fazhi("audit", "--json", "--accept-loss", generation, "--data", tmp_path / "nothing", **urls)


def test_a_difference_says_which_way_it_goes(sinks: Pipeline, tmp_path: Path) -> None:
    sinks.start("sink")
    sinks.terminate()
    with sinks.client() as client:
        for _ in range(3):
            client.xadd(keys().normalized, {"event": "x"})
        client.xdel(keys().intake, client.xadd(keys().intake, {"body": "x"}))
    status, findings = _audit(sinks, tmp_path)
    assert status == 1
    assert [finding.split(" (")[0] for finding in findings] == [
        "intake: 1 entry missing: came in, and neither handed over nor there",
        "normalized: 3 entries more than came in",
    ]
