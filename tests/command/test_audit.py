"""`fazhi audit` against a real server and the real sink."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shared.streams import keys
from tests.command.conftest import fazhi
from tests.support.pipeline import SERVICE, Pipeline
from tests.support.servers import Server, running, wait_until


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


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory):
    """Three stored pages and four dead ones, of which one was dropped and one sent again (it died once more), with the
    real sink; and a function that answers what `fazhi audit` finds after somebody changed the database by hand.
    """
    folder = tmp_path_factory.mktemp("filled")
    url = f"sqlite:///{folder}/audit.db"
    with running("valkey-9", folder / "server") as server:
        pipeline = Pipeline(server, folder / "workers", store_url=url)
        urls = {"FAZHI_REDIS_URL": server.url, "FAZHI_DATABASE_URL": url}
        try:
            pipeline.start()
            pipeline.submit_good(3)
            pipeline.submit(*[b""] * 4)
            pipeline.drained()
            for what, entry in zip(("drop", "replay"), sorted(pipeline.dead()), strict=False):
                status, output, failure = fazhi("dead", what, entry, "--data", folder / "nothing", **urls)
                assert status == 0, output + failure
            pipeline.drained()
            pipeline.terminate()

            def after(*statements: str) -> list[str]:
                changed = folder / f"changed-{len(list(folder.iterdir()))}.db"
                with closing(sqlite3.connect(folder / "audit.db")) as whole, closing(sqlite3.connect(changed)) as copy:
                    whole.backup(copy)
                    for statement in statements:
                        copy.execute(statement)
                    copy.commit()
                found = {**urls, "FAZHI_DATABASE_URL": f"sqlite:///{changed}"}
                status, output, _ = fazhi("audit", "--json", "--data", folder / "nothing", **found)
                findings = json.loads(output)["findings"]
                assert status == (1 if findings else 0)
                return findings

            yield pipeline, after
        finally:
            pipeline.stop()


def test_stored_dead_dropped_and_replayed_entries_agree_with_the_database(filled) -> None:
    _, after = filled
    assert after() == []


def test_dead_letters_that_are_gone_from_the_database_are_missed(filled) -> None:
    _, after = filled
    assert after("DELETE FROM dead_letters", "DELETE FROM entries WHERE outcome = 'dead'") == [
        "the database holds 4 of 7 entries that are stored or dead"
    ]


def test_entries_without_their_letter_or_page_are_named_and_the_other_way_round(filled) -> None:
    pipeline, after = filled
    dead, stored = min(pipeline.dead()), min(pipeline.stored())
    assert after(f"DELETE FROM dead_letters WHERE entry = '{dead}'") == [f"dead without a letter: {dead}"]
    assert after(f"DELETE FROM sources WHERE entry = '{stored}'") == [f"stored without a page: {stored}"]
    assert after(f"DELETE FROM entries WHERE entry IN ('{dead}', '{stored}')") == [
        "the database holds 2 of 3 stored entries",
        f"with a letter, but in no list of entries: {dead}",
        f"with a page, but in no list of entries: {stored}",
    ]


def test_entries_of_nobodys_books_hide_no_missing_ones(filled) -> None:
    pipeline, after = filled
    one = "INSERT INTO entries SELECT '{}', 'dropped', accepted_at, recorded_at FROM entries LIMIT 1"
    strange = after(one.format("fazhi:intake/1-1"))
    assert [finding.split(" (")[0] for finding in strange] == [
        "the database holds 1 entries that the books do not count"
    ]
    assert after(one.format("fazhi:{a}:intake/1-1")) == []  # another shard's
    dead = min(pipeline.dead())
    gone = f"DELETE FROM dead_letters WHERE entry = '{dead}'", f"DELETE FROM entries WHERE entry = '{dead}'"
    assert after(*gone, one.format("fazhi:{a}:intake/1-1")) == [
        "the database holds 6 of 7 entries that are stored or dead"
    ]


def test_after_an_accepted_loss_the_entries_of_the_lost_books_hide_no_missing_ones(
    server: Server, tmp_path: Path
) -> None:
    pipeline = Pipeline(server, tmp_path / "workers", store_url=f"sqlite:///{tmp_path}/audit.db")
    pipeline.environment["FAZHI_DATABASE_URL"] = pipeline.store_url
    try:
        pipeline.start()
        pipeline.submit_good(3)
        pipeline.submit(b"")
        known = pipeline.drained().generation
        pipeline.terminate()
        with pipeline.client() as client:
            client.flushall()
        pipeline.start()
        pipeline.submit_good(2)
        wait_until(lambda: pipeline.books().stored == 2, 40, "the new pages are stored")
        assert known is not None
        status, output, failure = _accept(pipeline, tmp_path, known)
        assert (status, json.loads(output)["findings"]) == (0, []), failure
        pipeline.submit_good(1)
        pipeline.drained()
        pipeline.terminate()
        assert _audit(pipeline, tmp_path) == (0, [])
        with closing(sqlite3.connect(tmp_path / "audit.db")) as base:
            base.execute("DELETE FROM dead_letters")
            base.execute("DELETE FROM entries WHERE outcome = 'dead'")
            base.commit()
        assert _audit(pipeline, tmp_path) == (1, ["the database holds 6 of 7 entries that are stored or dead"])
    finally:
        pipeline.stop()


def test_two_servers_on_one_database_lose_no_page_and_the_audit_says_what_is_wrong(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/both.db"
    with running("valkey-9", tmp_path / "one") as one, running("valkey-9", tmp_path / "other") as other:
        pipelines = [
            Pipeline(server, tmp_path / server.folder.name / "workers", store_url=url) for server in (one, other)
        ]
        try:
            for at, pipeline in enumerate(pipelines):
                with pipeline.client() as client:  # both servers give the same three ids
                    for k in range(3):
                        client.xadd(
                            keys().intake, {"body": f"报告 {at} {k} " + "法治政府建设。" * 20}, id=f"1763740800000-{k}"
                        )
                pipeline.start()
                wait_until(lambda books=pipeline.books: books().stored == 3, 40, "three pages are stored")
            assert len(set(pipelines[0].stored())) == 6
            assert pipelines[0].rows("SELECT count(*) FROM pages") == [(6,)]
            (sink,) = pipelines[1].of("sink")
            assert len(sink.logged("entry_name_taken")) == 3
            for pipeline, said in zip(pipelines, ("another server fills this database", "books lost"), strict=True):
                pipeline.environment["FAZHI_DATABASE_URL"] = url
                status, findings = _audit(pipeline, tmp_path)
                assert status == 1
                assert said in findings[0]
        finally:
            for pipeline in pipelines:
                pipeline.stop()
