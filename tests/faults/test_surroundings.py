"""The server, the network and the database go away, come back, forget, fill up."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.support.pipeline import STAGES, Pipeline, WorkerProcess
from tests.support.proxy import Proxy
from tests.support.servers import MAKES, Server, need, running, wait_until

MakePipeline = Callable[..., Pipeline]


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.full)])
def test_a_killed_server_comes_back_with_everything_and_workers_resume(pipeline: Pipeline, times: int) -> None:
    workers = pipeline.start()
    pids = [worker.pid for worker in workers]
    for _ in range(times):
        pipeline.submit_good(150, text="extractor:slow=0.005")
        wait_until(lambda: pipeline.books().stored > len(pipeline.sent) - 140, 20, "it is in the middle of it")
        pipeline.server.kill()
        pipeline.server.start()
        stored = pipeline.books().stored
        wait_until(
            lambda stored=stored: pipeline.books().stored > stored or pipeline.books().at_rest, 10, "work goes on",
            promised=True,
        )  # fmt: skip
        pipeline.check(60, dead=set())
    assert [worker.pid for worker in pipeline.workers if worker.process.poll() is None] == pids  # nobody was restarted


@pytest.mark.parametrize(("times", "seconds"), [(1, 8), pytest.param(3, 60, marks=pytest.mark.full)])
def test_a_server_that_is_away_is_waited_out(pipeline: Pipeline, times: int, seconds: float) -> None:
    workers = pipeline.start()
    for _ in range(times):
        said = [len(worker.logged("server_away")) for worker in workers]
        _wait_out(pipeline, workers, seconds)
        for worker, before in zip(workers, said, strict=True):
            # Said once by each part of it that noticed, not at every attempt.
            assert 1 <= len(worker.logged("server_away")) - before <= 3


def _wait_out(pipeline: Pipeline, workers: list[WorkerProcess], seconds: float) -> None:
    pipeline.submit_good(100, text="extractor:slow=0.005")
    pipeline.server.kill()
    before = [worker.memory() for worker in workers]
    gone = time.monotonic()
    for worker in workers:
        wait_until(lambda worker=worker: worker.get("/readyz")[0] == 503, 15, f"{worker.stage} is not ready")
        assert worker.get("/healthz")[0] == 200  # a restart would not help
    wait_until(lambda: time.monotonic() - gone > seconds, seconds + 1, "the time is over")
    for worker, memory in zip(workers, before, strict=True):
        assert worker.process.poll() is None
        assert worker.get("/healthz")[0] == 200
        assert worker.memory() - memory < 20_000_000
    pipeline.server.start()
    for worker in workers:
        wait_until(worker.ready, 15, f"{worker.stage} is ready again")
    pipeline.check(60, dead=set())


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [
        ("black_hole", 7.0), ("cut", 2.0),
        *(pytest.param(mode, 30.0, marks=pytest.mark.full) for mode in ("latency", "black_hole", "reset", "slow", "cut")),
    ],
)  # fmt: skip
def test_a_bad_network_loses_and_doubles_nothing(
    server: Server, make_pipeline: MakePipeline, mode: str, seconds: float
) -> None:
    proxy = Proxy(server.port)
    pipeline = make_pipeline(server, urls=dict.fromkeys(STAGES, proxy.url))
    try:
        pipeline.start()
        for _ in range(3):
            pipeline.submit_good(50)
            wait_until(lambda: pipeline.books().in_work > 0 or pipeline.books().at_rest, 10, "work began", every=0.005)
            proxy.disturb(mode, seconds / 3)
        # The socket's time limit, ten seconds, and the work itself.
        wait_until(lambda: pipeline.books().at_rest, 5 + 10 + 10, "all is done", promised=True)
        pipeline.check(dead=set())
    finally:
        proxy.close()


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.full)])
def test_a_group_that_is_destroyed_ends_the_worker_and_is_made_again_at_the_beginning(
    pipeline: Pipeline, times: int
) -> None:
    pipeline.start()
    for _ in range(times):
        (worker,) = pipeline.of("normalizer")
        with pipeline.client() as client:
            client.xgroup_destroy("fazhi:intake", "normalizer")
            pipeline.submit_good(20)
        assert worker.ends(30) != 0
        assert "group" in worker.log.read_text()
        assert worker.logged("worker_fails")
        pipeline.start("normalizer")
        pipeline.check(dead=set())


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.full)])
def test_after_a_flush_the_books_say_that_they_were_lost(pipeline: Pipeline, times: int) -> None:
    generations = set()
    for k in range(times):
        workers = pipeline.start()
        pipeline.submit_good(20)
        wait_until(
            lambda k=k: pipeline.books().at_rest and len(pipeline.stored()) == 20 * (k + 1), 30, "all are stored"
        )
        generations.add(pipeline.books().generation)
        assert len(generations) == k + 1  # the database knows the old ones
        with pipeline.client() as client:
            client.flushall()
        for worker in workers:
            assert worker.ends(30) != 0


def test_books_that_are_removed_under_running_workers_are_missed(pipeline: Pipeline) -> None:
    workers = pipeline.start("normalizer")
    generation = pipeline.books().generation
    with pipeline.client() as client:
        client.delete("fazhi:books")
    wait_until(lambda: pipeline.books().lost == generation, 15, "the books say what was lost")
    assert not pipeline.books().balanced
    wait_until(lambda: workers[0].logged("books_lost"), 10, "the worker says so")


def test_a_database_that_is_away_is_waited_out(pipeline: Pipeline) -> None:
    away = pipeline.database.with_suffix(".away")
    pipeline.folder.mkdir(parents=True)
    away.touch()
    (sink,) = pipeline.start("sink", ready=False)
    pipeline.start("normalizer", "sectioner", "extractor")
    pipeline.submit_good(50)
    wait_until(lambda: pipeline.books().stream("extracted").length == 50, 20, "all wait before the sink")
    wait_until(lambda: sink.logged("database_away"), 20, "it says so, once")
    assert sink.get("/readyz")[0] == 503
    assert len(sink.logged("database_away")) == 1
    away.unlink()
    pipeline.check(dead=set())
    away.touch()  # and again, while it works
    pipeline.submit_good(50)
    wait_until(lambda: "database is away" in sink.get("/readyz")[1], 15, "it is not ready and says why")
    assert pipeline.books().dead == 0
    away.unlink()
    assert pipeline.check(dead=set()).stored == 100


def test_a_connection_lost_after_the_commit_writes_nothing_twice(pipeline: Pipeline) -> None:
    pipeline.folder.mkdir(parents=True)
    lost = pipeline.database.with_suffix(".lost")
    lost.touch()  # the first commit is done and then reported as a lost connection
    pipeline.start()
    pipeline.submit_good(30)
    pipeline.check(dead=set())
    assert not lost.exists()
    assert sum(int(str(row[0])) for row in pipeline.rows("select writes from report")) > 30  # it was written again …
    assert len(pipeline.stored()) == 30  # … over itself


def test_a_full_disk_pauses_the_pipeline_and_no_more(pipeline: Pipeline) -> None:
    pipeline.start()
    pipeline.submit_good(20)
    pipeline.check()
    assert pipeline.server.process is not None
    pid = pipeline.server.process.pid
    log = next(path for path in pipeline.server.folder.rglob("*.aof") if "incr" in path.name)
    pipeline.submit_good(100, text="normalizer:slow=0.01")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size + 50_000, resource.RLIM_INFINITY))

    process = pipeline.server.process

    def refused() -> bool:
        # With `appendfsync always`, as shipped, the server ends on a write that fails; with `everysec` it refuses.
        if process.poll() is not None:
            return True
        try:
            with pipeline.client() as client:
                client.set("probe", b"x" * 60_000)
                client.delete("probe")
        except Exception as error:
            return "MISCONF" in str(error)
        return False

    wait_until(refused, 60, "the server refuses to write, or ends")
    time_over = time.monotonic() + 3
    wait_until(lambda: time.monotonic() > time_over, 5, "some seconds pass")
    if process.poll() is None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    else:
        pipeline.server.start()  # as whoever runs the server does, once there is room
    assert pipeline.books().dead == 0
    ended: set[int] = set()

    def done() -> bool:
        # A worker may have ended over it, with its reason; whoever runs workers starts it again.
        for worker in list(pipeline.workers):
            if worker.process.poll() is not None and worker.pid not in ended:
                assert worker.process.returncode != 0
                ended.add(worker.pid)
                pipeline.start(worker.stage)
        return pipeline.books().at_rest

    wait_until(done, 60, "all is done")
    assert pipeline.check(60, dead=set()).stored == 120


@pytest.mark.parametrize("make", ["valkey-9", *(pytest.param(make, marks=pytest.mark.full) for make in MAKES[1:])])
def test_a_server_whose_memory_is_full_is_emptied_also_by_workers_that_start(
    make: str, tmp_path: Path, make_pipeline: MakePipeline
) -> None:
    need(make)
    with running(make, tmp_path / "server") as server:
        _empty_a_full_server(make_pipeline(server))


def _empty_a_full_server(pipeline: Pipeline) -> None:
    pipeline.environment |= {"FAZHI_REPORT_SECONDS": "300", "FAZHI_DRAIN_SECONDS": "1"}
    pipeline.start()
    free = pipeline.folder / "free"
    pipeline.submit_good(1, text=f"extractor:until={free}")  # so that something is left, however quick the others are
    pipeline.submit_good(299, text="extractor:slow=0.01")
    wait_until(pipeline.stored, 20, "it is in the middle of it")
    with pipeline.client() as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
        with pytest.raises(redis.OutOfMemoryError):
            client.xadd("fazhi:intake", {"body": "one more"})
        assert pipeline.terminate() == [0, 0, 0, 0]
        assert not pipeline.books().at_rest
        free.touch()
        pipeline.start()
        assert pipeline.check(60, dead=set()).stored == 300
        with pytest.raises(redis.OutOfMemoryError):
            client.xadd("fazhi:intake", {"body": "one more"})
        client.config_set("maxmemory", 0)
    pipeline.submit_good(10)
    pipeline.check(30, dead=set())


@pytest.mark.parametrize("make", MAKES)
def test_the_first_worker_of_a_stage_starts_on_a_server_whose_memory_is_full(
    make: str, tmp_path: Path, make_pipeline: MakePipeline
) -> None:
    need(make)
    with running(make, tmp_path / "server") as server, server.client() as client:
        pipeline = make_pipeline(server)
        pipeline.start("normalizer", "sectioner")
        pipeline.submit_good(30)
        wait_until(lambda: pipeline.books().stream("sectioned").waiting == 30, 20, "they wait for the first extractor")
        client.config_set("maxmemory", "1")
        pipeline.start("extractor", "sink")  # their groups are not there yet
        assert pipeline.check(60, dead=set()).stored == 30


@pytest.mark.parametrize("key", ["fazhi:normalized", "fazhi:books"])
def test_another_key_in_the_place_of_ours_ends_the_workers_with_the_reason(pipeline: Pipeline, key: str) -> None:
    workers = pipeline.start("normalizer", "sectioner")
    with pipeline.client() as client:
        client.delete(key)
        client.set(key, "something else")
        pipeline.submit_good(20)
        for worker in workers:
            assert worker.ends(30) != 0
            assert any(
                words in worker.log.read_text() for words in ("WRONGTYPE", "the consumer group or its stream is gone")
            )
        (late,) = pipeline.start("normalizer", ready=False)  # one that starts now says it too
        assert late.ends(30) != 0
        assert "WRONGTYPE" in late.log.read_text()
        assert client.xlen("fazhi:intake") == 20  # nothing was handed over to nowhere


def test_a_full_stream_ahead_pauses_the_stage(server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(server)
    (worker,) = pipeline.start("normalizer", FAZHI_MAX_STREAM_BYTES="300000")
    pipeline.submit(*(f"{k} " + "法治".join(str(k * j) for j in range(3000)) for k in range(300)))
    wait_until(lambda: worker.metric("fazhi_paused") == 1, 20, "it pauses")
    status, why = worker.get("/readyz")
    assert status == 503
    assert "fazhi:normalized takes" in why
    assert "sectioner" in why
    assert worker.get("/healthz")[0] == 200
    waiting = pipeline.books().waiting
    assert pipeline.books().stream("intake").length > 100
    pipeline.start("sectioner", "extractor", "sink")
    books = pipeline.check(60, dead=set())
    assert books.stored == 300
    assert waiting == 300


def test_a_full_dead_stream_pauses_the_stage(pipeline: Pipeline) -> None:
    (worker,) = pipeline.start("normalizer", FAZHI_MAX_DEAD_BYTES="100000")
    pipeline.submit(*(f"normalizer:permanent {os.urandom(1500).hex()}" for _ in range(150)))
    wait_until(lambda: "fazhi:dead takes" in worker.get("/readyz")[1], 20, "it pauses")
    pipeline.start("sink")
    wait_until(lambda: len(pipeline.dead()) == 150, 20, "the sink made room")
