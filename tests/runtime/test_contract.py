"""What every stage promises in the ordinary case, on every server that is supported."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from shared.codec import decode_event
from shared.errors import Reason
from shared.events import DeadLetter, NormalizedReport
from tests.support.pipeline import SERVICE, STAGES, Pipeline
from tests.support.servers import Server, need, running, wait_until

MakePipeline = Callable[..., Pipeline]


def test_every_entry_has_exactly_one_end_on_every_server(any_server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(any_server)
    pipeline.submit_good(60)  # before any worker has ever been there
    pipeline.start()
    pipeline.submit_good(60)
    permanent = pipeline.submit("a normalizer:permanent", "b sectioner:permanent", "c extractor:permanent")
    books = pipeline.check(dead=set(permanent))
    assert (books.accepted, books.stored, books.dead) == (123, 120, 3)
    assert books.exact is (any_server.make != "redis-6.2")
    trails = pipeline.rows("select distinct trail from report")
    assert trails == [("normalizer sectioner extractor sink",)]
    assert pipeline.terminate() == [0, 0, 0, 0]
    with any_server.client() as client:  # who left owns nothing and is no consumer any more
        for stream, group in (("intake", "normalizer"), ("normalized", "sectioner"), ("extracted", "sink")):
            assert client.xinfo_consumers(f"fazhi:{stream}", group) == []


def test_no_command_is_newer_than_redis_6_2(tmp_path: Path, server: Server, make_pipeline: MakePipeline) -> None:
    need("redis-6.2")
    with running("redis-6.2", tmp_path / "old") as old, old.client() as client:
        known = {name.lower() for name in client.command()}
    with server.client() as client:
        by_itself = set(client.info("commandstats"))  # Valkey asks itself for its configuration as it starts
    pipeline = make_pipeline(server)
    pipeline.start()
    pipeline.submit_good(20)
    pipeline.submit("x extractor:raise", "y extractor:hang", b"")
    pipeline.check()
    pipeline.terminate()
    with server.client() as client:
        # The server's own count, by command and sub-command, of those inside scripts too.
        sent = {name.removeprefix("cmdstat_") for name in set(client.info("commandstats")) - by_itself}
    assert {"eval", "xreadgroup", "xack", "xadd", "xclaim"} <= sent
    assert {name.split("|", 1)[0] for name in sent} - known == set()
    # FastStream sends it on every connection; redis-py ignores its refusal by older servers.
    newer = {"client|setinfo"}
    assert {name for name in sent if "|" in name} - _SUBCOMMANDS_OF_6_2 <= newer


#: What we send of the sub-commands that Redis 6.2 has.
_SUBCOMMANDS_OF_6_2 = {
    "xgroup|create", "xgroup|delconsumer", "xinfo|stream", "xinfo|groups", "xinfo|consumers", "memory|usage",
}  # fmt: skip


def test_scripts_name_all_their_keys_in_one_slot(tmp_path: Path, make_pipeline: MakePipeline) -> None:
    with running("valkey-9", tmp_path / "cluster", **{"cluster-enabled": "yes"}) as server:
        with server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            wait_until(
                lambda: "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO")), 10, "the cluster is up"
            )
        pipeline = make_pipeline(server, environment={"FAZHI_SHARD": "7"})
        with server.client() as client:
            for k in range(5):
                client.xadd("fazhi:{7}:intake", {"body": f"报告 {k}"})
            client.xadd("fazhi:{7}:intake", {"body": b""})
        pipeline.start()
        wait_until(lambda: len(pipeline.stored()) == 5 and len(pipeline.dead()) == 1, 20, "all are in the database")


def test_a_page_may_have_any_charset_and_any_fields(pipeline: Pipeline) -> None:
    pipeline.start()
    page = "法治政府建设年度报告".encode("gb18030")
    pipeline.submit(page, data="hides nothing", url="http://example.gov.cn/a.html", **{"x-crawler": "ab"})
    packed = zstandard.ZstdCompressor().compress(page)
    pipeline.submit(packed, encoding="zstd")
    pipeline.submit(gzip.compress(page), encoding="gzip")
    with pipeline.client() as client:  # what redis-cli would send; a field name that is no UTF-8 beside it
        id_ = client.execute_command("XADD", "fazhi:intake", "*", b"\xff\xfe", b"\xb7", b"body", page)
        pipeline.sent.append(f"fazhi:intake/{id_.decode()}")
    pipeline.check(dead=set())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body": b""}, Reason.EMPTY),
        ({"data": b"a page in the wrong field"}, Reason.EMPTY),
        ({"body": b"x" * 1001}, Reason.OVERSIZED),
        ({"body": gzip.compress(b"\0" * 100_000, mtime=0), "encoding": "gzip"}, Reason.EXPANDS_TOO_FAR),
        ({"body": zstandard.compress(b"\0" * 100_000), "encoding": "zstd"}, Reason.EXPANDS_TOO_FAR),
        ({"body": b"no gzip", "encoding": "gzip"}, Reason.BAD_ENCODING),
        ({"body": zstandard.compress(b"abc" * 40)[:-2], "encoding": "zstd"}, Reason.BAD_ENCODING),
        ({"body": b"?", "encoding": "rot13"}, Reason.BAD_ENCODING),
        ({"body": b"?", "schema_version": "2"}, Reason.UNKNOWN_VERSION),
        ({"body": b"?", "note": "x" * 100_000}, Reason.BAD_FIELDS),
    ],
)
def test_what_cannot_be_a_page_is_a_dead_letter_that_says_so(
    shared_normalizer: Pipeline, fields: dict[str, bytes | str], reason: Reason
) -> None:
    with shared_normalizer.client() as client:
        id_ = client.xadd("fazhi:intake", fields)
        entry = f"fazhi:intake/{id_.decode()}"
    wait_until(lambda: entry in shared_normalizer.dead(), 15, f"{entry} is dead", every=0.02)
    (row,) = shared_normalizer.rows(f"select letter from dead where entry = '{entry}'")
    letter = DeadLetter.model_validate_json(str(row[0]))
    assert letter.reason == reason
    assert letter.detail
    body = fields.get("body", b"")
    assert letter.body == body[: 64 * 1024]
    assert letter.body_bytes == len(body)


@pytest.fixture(scope="module")
def shared_normalizer(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("shared")
    with running("valkey-9", folder / "server") as server:
        # The fuse is out of the way: here nearly all pages are bad on purpose.
        pipeline = Pipeline(server, folder / "pipeline", environment={"FAZHI_MAX_REPORT_BYTES": "1000"})
        pipeline.start("normalizer", "sink")
        yield pipeline
        pipeline.stop()


def test_an_unknown_version_between_stages_is_never_misread(pipeline: Pipeline) -> None:
    pipeline.start("normalizer", "sink")
    pipeline.submit_good(1)
    with pipeline.client() as client:
        wait_until(lambda: client.xlen("fazhi:normalized") == 1, 10, "one is normalized")
        (_, fields) = client.xrange("fazhi:normalized")[0]
        event = decode_event(NormalizedReport, fields[b"event"]).model_dump(mode="json")
        event["schema_version"] = 2
        new = zstandard.compress(json.dumps(event).encode())
        client.xadd("fazhi:normalized", {"entry": event["entry"], "event": new})
        client.xadd("fazhi:normalized", {"event": b"no event"})
        client.xadd("fazhi:normalized", {"something": b"else"})
    pipeline.start("sectioner", "extractor")
    wait_until(lambda: len(pipeline.rows("select * from dead")) == 3, 15, "three letters")
    reasons = sorted(str(row[0]) for row in pipeline.rows("select reason from dead"))
    assert reasons == ["bad_fields", "invalid_event", "unknown_version"]
    # The books name the stream on which somebody else put three entries.
    books = pipeline.books()
    assert not books.balanced
    assert {terms.name: terms.difference for terms in books.streams if terms.difference} == {"normalized": -3}


@pytest.mark.parametrize("service", STAGES)
def test_the_asyncapi_document_needs_no_environment_in_any_folder(service: str, tmp_path: Path) -> None:
    _stand_in(tmp_path)
    out = tmp_path / "asyncapi.json"
    command = [
        sys.executable, "-P", "-m", "faststream", "docs", "gen", f"services.{service}.worker:app", "--app-dir", "",
        "--out", str(out),
    ]  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(out.read_text())
    source = {"normalizer": "fazhi:intake", "sectioner": "fazhi:normalized", "extractor": "fazhi:sectioned",
              "sink": "fazhi:extracted"}[service]  # fmt: skip
    text = json.dumps(document)
    assert source in text
    event = {"normalizer": "NormalizedReport", "sectioner": "SectionedReport", "extractor": "ExtractedReport",
             "sink": "DeadLetter"}[service]  # fmt: skip
    assert event in text
    assert "localhost" in text


def _stand_in(folder: Path) -> None:
    """Put modules with our names into a folder: nothing of them may ever be imported."""
    for name in ("shared", "services"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise SystemExit('a foreign folder was imported')\n")


@pytest.mark.parametrize("service", STAGES)
def test_a_foreign_folder_named_shared_is_not_imported(
    service: str, server: Server, make_pipeline: MakePipeline
) -> None:
    pipeline = make_pipeline(server, app=SERVICE)
    _stand_in(pipeline.folder)
    (worker,) = pipeline.start(service)  # its working folder is the pipeline's
    if service != "sink":
        assert worker.children()
    assert pipeline.terminate() == [0]


def test_only_workers_carry_the_name_of_their_module(server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(server, app=SERVICE)
    (worker,) = pipeline.start("sectioner")
    (child,) = worker.children()
    line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    assert "services." not in line
    assert "shared.runtime.child" in line
    assert "services.sectioner" in Path(f"/proc/{worker.pid}/cmdline").read_bytes().decode()


def test_the_child_dies_with_its_worker(pipeline: Pipeline) -> None:
    (worker,) = pipeline.start("normalizer")
    (child,) = worker.children()
    worker.kill()
    wait_until(lambda: not _runs(child), 5, "the child is gone")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_metrics_and_health_are_served(pipeline: Pipeline) -> None:
    normalizer, _ = pipeline.start("normalizer", "sink")
    for path in ("/healthz", "/readyz"):
        assert normalizer.get(path) == (200, "ok\n")
    assert normalizer.get("/nothing")[0] == 404
    for reason in Reason:  # exported as zero from the start
        assert (
            f'fazhi_dead_letters_total{{reason="{reason.value}",stage="normalizer"}} 0.0'
            in normalizer.get("/metrics")[1]
        )
    pipeline.submit_good(30)
    pipeline.submit(b"")
    wait_until(lambda: normalizer.metric("fazhi_reports_total", outcome="done") == 30, 10, "30 are done")
    wait_until(lambda: normalizer.metric("fazhi_dead_letters_total", reason="empty") == 1, 10, "one is dead")
    assert normalizer.metric("fazhi_work_seconds_count") == 31
    assert normalizer.metric("fazhi_age_seconds_count") == 31
    assert normalizer.metric("fazhi_in_progress") == 0
    assert normalizer.metric("fazhi_characters_total") > 3000
    assert normalizer.metric("fazhi_last_success_timestamp_seconds") > 1.7e9
    assert normalizer.metric("faststream_received_messages_total") >= 1


def test_wrong_settings_end_a_worker_with_a_clear_message(pipeline: Pipeline, tmp_path: Path) -> None:
    cases = [
        ({"FAZHI_REDIS_URL": ""}, "FAZHI_REDIS_URL"),
        ({"FAZHI_REDIS_URL": "localhost"}, "redis://"),
        ({"FAZHI_BATCH_SIZE": "0"}, "FAZHI_BATCH_SIZE: Input should be greater than 0"),
        ({"FAZHI_REDIS_URL": "redis://:secret-word@127.0.0.1:1", "FAZHI_FUSE_RATIO": "7"}, "FAZHI_FUSE_RATIO"),
    ]
    for environment, message in cases:
        (worker,) = pipeline.start("normalizer", ready=False, **environment)
        assert worker.ends(20) == 1
        text = worker.log.read_text()
        assert message in text
        assert "secret-word" not in text
        assert "Traceback" not in text


def test_the_url_may_come_from_a_file_and_its_password_is_never_logged(
    tmp_path: Path, make_pipeline: MakePipeline
) -> None:
    with running("valkey-9", tmp_path / "server") as server:
        with server.client() as client:
            client.config_set("requirepass", "secret-word")
        secret = tmp_path / "url"
        secret.write_text(f"redis://:secret-word@127.0.0.1:{server.port}\n")
        pipeline = make_pipeline(server, environment={"FAZHI_REDIS_URL_FILE": str(secret)}, urls={"normalizer": ""})
        (worker,) = pipeline.start("normalizer", ready=False, FAZHI_REDIS_URL_FILE=str(secret))
        if worker.process.poll() is None:
            wait_until(lambda: worker.process.poll() is not None or worker.ready(), 20, "it is ready")
        assert "secret-word" not in worker.log.read_text()
        assert worker.ready()
