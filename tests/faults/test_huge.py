"""Entries larger than what a worker may hold: they are dead-lettered by reference, and nobody else notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.events import DeadLetter
from shared.intake import KEPT_BYTES
from tests.support.pipeline import Pipeline, WorkerProcess
from tests.support.servers import Server, running

MakePipeline = Callable[..., Pipeline]
#: What a worker and its child may need at their worst beyond what they need for good pages: a read is at most 18 MB
#: (FAZHI_BATCH_BYTES and one page of FAZHI_MAX_REPORT_BYTES), held a few times over while it is strained and framed.
SPARE_BYTES = 100_000_000


def _peak(worker: WorkerProcess) -> int:
    """The most memory that a worker ever had, in bytes; its child has a limit of its own."""
    found = re.search(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{worker.pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def _submit_patiently(pipeline: Pipeline, body: bytes) -> str:
    """Put a page there that takes the server long to take; a client that gives up and tries again would put two."""
    with redis.Redis(port=pipeline.server.port, socket_timeout=300, retry=Retry(NoBackoff(), 0)) as client:
        id_ = client.xadd("fazhi:intake", {"url": "http://huge.example/", "body": body})
    pipeline.sent.append(f"fazhi:intake/{id_.decode()}")
    return pipeline.sent[-1]


def _letter(pipeline: Pipeline, entry: str) -> DeadLetter:
    (row,) = pipeline.rows(f"select letter from dead where entry = '{entry}'")
    return DeadLetter.model_validate_json(str(row[0]))


@pytest.mark.parametrize("when", ["new", "left by a dead worker"])
@pytest.mark.parametrize("megabytes", [150, pytest.param(490, marks=pytest.mark.full)])
def test_a_huge_entry_is_never_held_and_its_neighbours_go_on(pipeline: Pipeline, when: str, megabytes: int) -> None:
    """As far as its body goes, an entry may have all that the server takes; a worker holds 18 MB of it."""
    pipeline.environment["FAZHI_LEASE_SECONDS"] = str(megabytes / 30)  # it may take long to arrive
    normalizer, *_ = pipeline.start()
    pipeline.submit_good(40)
    pipeline.drained()
    before = _peak(normalizer)
    pipeline.terminate(30, normalizer)
    body = b"<p>" + bytes(1000) * (1000 * megabytes)
    pipeline.submit_good(5)
    huge = _submit_patiently(pipeline, body)
    pipeline.submit_good(5)
    if when != "new":
        with pipeline.client() as client:
            rows = client.execute_command(
                "XREADGROUP", "GROUP", "normalizer", "a-dead-one", "COUNT", 5, "STREAMS", "fazhi:intake", ">"
            )
            assert rows
            client.xclaim("fazhi:intake", "normalizer", "a-dead-one", 0, [huge.split("/")[1]], force=True, justid=True)
    (normalizer,) = pipeline.start("normalizer")
    books = pipeline.check(90, dead={huge})
    assert books.stored == 50
    assert _peak(normalizer) < before + SPARE_BYTES
    assert normalizer.process.poll() is None
    letter = _letter(pipeline, huge)
    assert letter.reason == "oversized"
    assert letter.deliveries <= 3
    assert letter.detail == f"{len(body)} bytes, at most 10000000 (max_report_bytes)"
    assert (letter.body_bytes, letter.body_sha256) == (len(body), sha256(body).hexdigest())
    assert letter.body == body[:KEPT_BYTES]
    assert letter.crawl.url == "http://huge.example/"


def test_large_pages_among_small_ones_are_held_a_few_at_a_time(server: Server, make_pipeline: MakePipeline) -> None:
    """Each is a page that may be submitted; as many as a read of small ones takes would be 270 MB, and their events as much."""
    pipeline = make_pipeline(server, environment={"FAZHI_REPORT_SECONDS": "120"})
    normalizer, *_ = pipeline.start()
    pipeline.submit_good(40)
    pipeline.drained()
    before = _peak(normalizer)
    pipeline.terminate(30, normalizer)
    pipeline.submit_good(40)
    pipeline.submit(*("报告".encode() + bytes([65 + k]) * 9_000_000 for k in range(30)))
    (normalizer,) = pipeline.start("normalizer")
    books = pipeline.check(90, dead=set())
    assert books.stored == 110
    # Events of such pages are as large, and several wait for their handoff: 150 MB, and 213 on a machine at load 25.
    assert _peak(normalizer) < before + 3 * SPARE_BYTES


def test_an_entry_of_countless_fields_is_never_held(pipeline: Pipeline) -> None:
    normalizer, *_ = pipeline.start()
    pipeline.submit_good(40)
    pipeline.drained()
    with pipeline.client() as client:
        id_ = client.execute_command("XADD", "fazhi:intake", "*", *([b"k" * 60] * 300_000))
    pipeline.sent.append(f"fazhi:intake/{id_.decode()}")
    pipeline.submit_good(5)
    pipeline.check(90, dead={pipeline.sent[40]})
    assert _letter(pipeline, pipeline.sent[40]).reason == "bad_fields"
    assert normalizer.process.poll() is None


def test_what_the_server_never_gives_is_buried_unread(tmp_path: Path, make_pipeline: MakePipeline) -> None:
    """An answer beyond the server's own limit ends the connection: its entry would come back for ever."""
    limits = {"client-output-buffer-limit": "normal 40mb 40mb 0"}
    with running("valkey-9", tmp_path / "server", **limits) as server:
        pipeline = make_pipeline(
            server,
            environment={"FAZHI_LEASE_SECONDS": "1", "FAZHI_MAX_DELIVERIES": "1", "FAZHI_RECONNECT_SECONDS": "0.1"},
        )
        pipeline.submit_good(5)
        (never,) = pipeline.submit(bytes(90_000_000))
        pipeline.submit_good(5)
        pipeline.start()
        assert pipeline.check(90, dead={never}).stored == 10
        letter = _letter(pipeline, never)
        assert letter.reason == "oversized"
        assert letter.deliveries >= 5  # an answer that a crowded machine keeps beyond its lease is asked for once more
        assert "nothing of it was kept" in letter.detail
