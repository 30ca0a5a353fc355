"""Workers that are killed, stopped, told to end, and come back from the dead."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.scripts import SWEEP_CONSUMERS
from tests.support.pipeline import STAGES, Pipeline
from tests.support.proxy import HANDOFF_MARK, READ_MARK, Proxy, Trigger
from tests.support.servers import Server, wait_until

MakePipeline = Callable[..., Pipeline]
#: Moments of a worker's day at which it is killed. Publishing, acknowledging and counting are one script, so before
#: and after the acknowledgement is before and after the handoff.
MOMENTS = {
    "after_read": lambda act: Trigger(READ_MARK, act, on_answer=True, least_answer=200),
    "before_handoff": lambda act: Trigger(HANDOFF_MARK, act),
    "after_handoff": lambda act: Trigger(HANDOFF_MARK, act, on_answer=True),
}


@pytest.fixture
def proxies(server: Server) -> Iterator[dict[str, Proxy]]:
    made = {stage: Proxy(server.port) for stage in STAGES}
    yield made
    for one in made.values():
        one.close()


def _kill_at(pipeline: Pipeline, proxy: Proxy, stage: str, moment: str) -> Trigger:
    (worker,) = pipeline.of(stage)
    trigger = MOMENTS[moment](lambda: os.kill(worker.pid, signal.SIGKILL))
    proxy.triggers[:] = [trigger]
    return trigger


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.full)])
def test_a_killed_worker_neither_loses_nor_doubles(
    server: Server, make_pipeline: MakePipeline, proxies: dict[str, Proxy], moment: str, times: int
) -> None:
    pipeline = make_pipeline(server, urls={stage: proxy.url for stage, proxy in proxies.items()})
    pipeline.start()
    for _ in range(times):
        triggers = [_kill_at(pipeline, proxy, stage, moment) for stage, proxy in proxies.items()]
        pipeline.submit_good(200)
        for trigger, stage in zip(triggers, STAGES, strict=True):
            wait_until(trigger.fired.is_set, 20, f"{stage} was killed {moment}")
            wait_until(lambda stage=stage: not pipeline.of(stage), 5, f"{stage} is dead")
            pipeline.start(stage, ready=False)
        for stage in STAGES:
            wait_until(lambda stage=stage: pipeline.of(stage) and pipeline.of(stage)[0].ready(), 20, f"{stage} is back")
    books = pipeline.check(120, dead=set())
    assert books.stored == 200 * times


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.full)])
def test_a_worker_killed_in_the_middle_of_its_work(server: Server, make_pipeline: MakePipeline, times: int) -> None:
    pipeline = make_pipeline(server)
    pipeline.start()
    for _ in range(times):
        pipeline.submit_good(200, text=" ".join(f"{stage}:slow=0.01" for stage in STAGES))
        for stage in STAGES:
            (worker,) = pipeline.of(stage)
            wait_until(lambda worker=worker: worker.metric("fazhi_in_progress") > 0, 20, f"{stage} works", every=0.01)
            worker.kill()
            pipeline.start(stage, ready=False)
        for stage in STAGES:
            wait_until(pipeline.of(stage)[0].ready, 20, f"{stage} is back")
    assert pipeline.check(120, dead=set()).stored == 200 * times


@pytest.mark.parametrize(
    ("stage", "times"),
    [("normalizer", 1), ("sink", 1), *(pytest.param(stage, 10, marks=pytest.mark.full) for stage in STAGES)],
)
def test_a_zombie_neither_renews_nor_hands_over(
    server: Server, make_pipeline: MakePipeline, tmp_path: Path, stage: str, times: int
) -> None:
    """Read, pause past the lease, let another claim, wake, renew, hand over: the other's handoff wins."""
    pipeline = make_pipeline(
        server, environment={"FAZHI_REPORT_SECONDS": "300", "FAZHI_PATIENCE_SECONDS": "300", "FAZHI_LEASE_SECONDS": "6"}
    )
    pipeline.start(*(other for other in STAGES if other != stage))
    stream = {"normalizer": "intake", "sectioner": "normalized", "extractor": "sectioned", "sink": "extracted"}[stage]
    ahead = {"normalizer": "normalized", "sectioner": "sectioned", "extractor": "extracted"}.get(stage)

    def owners() -> list[bytes]:
        with pipeline.client() as client:
            rows = client.xpending_range(f"fazhi:{stream}", stage, "-", "+", 10)
        return [row["consumer"] for row in rows]

    for k in range(times):
        gate = tmp_path / f"gate-{k}"
        (zombie,) = pipeline.start(stage, FAZHI_TEST_GATE="-zombie")
        pipeline.submit(f"报告 {stage}:until={gate}")
        # Not only the server's word: paused before it has read the answer, it would wake to a connection that timed out.
        wait_until(lambda zombie=zombie: zombie.metric("fazhi_in_progress") == 1, 10, "the zombie works on the entry")
        (first,) = owners()
        zombie.signal(signal.SIGSTOP)
        (heir,) = pipeline.start(stage, FAZHI_TEST_GATE="-heir")
        wait_until(lambda first=first: owners() and owners()[0] != first, 15, "another worker claimed the entry")
        zombie.signal(signal.SIGCONT)
        woken = time.monotonic()
        while time.monotonic() - woken < 2.5:  # a renewal of the zombie, which does nothing
            assert owners()[0] != first
        (tmp_path / f"gate-{k}-zombie").touch()  # it is done first
        wait_until(
            lambda zombie=zombie: zombie.metric("fazhi_reports_total", outcome="refused_handoff") == 1, 10, "refused"
        )
        assert owners()[0] != first
        if ahead is not None:
            assert pipeline.books().stream(ahead).came_in == k
        (tmp_path / f"gate-{k}-heir").touch()
        wait_until(
            lambda heir=heir: heir.metric("fazhi_reports_total", outcome="done") >= 1, 10, "the heir handed over"
        )
        zombie.kill()
        heir.kill()
    pipeline.start(stage)
    assert pipeline.check(dead=set()).stored == times


def test_a_slow_living_worker_is_not_robbed(server: Server, make_pipeline: MakePipeline) -> None:
    lease = 4.0
    pipeline = make_pipeline(server, environment={"FAZHI_REPORT_SECONDS": "300", "FAZHI_LEASE_SECONDS": str(lease)})
    (slow,) = pipeline.start("normalizer")
    enough = pipeline.folder / "enough"
    (entry,) = pipeline.submit(f"normalizer:until={enough}")
    wait_until(lambda: slow.metric("fazhi_in_progress") == 1, 10, "it works")
    (other,) = pipeline.start("normalizer")
    pipeline.start("sectioner", "extractor", "sink")
    over = time.monotonic() + 2 * lease
    wait_until(lambda: time.monotonic() > over, 3 * lease, "the lease would have ended, and ended again")
    enough.touch()
    pipeline.check(dead=set())
    assert pipeline.stored() == [entry]
    assert slow.metric("fazhi_reports_total", outcome="done") == 1
    assert other.metric("fazhi_reclaimed_total") == 0


def test_what_dead_workers_held_is_back_in_work_within_ten_seconds_of_the_lease(pipeline: Pipeline) -> None:
    lease = 4.0
    (doomed,) = pipeline.start("normalizer", FAZHI_LEASE_SECONDS=str(lease), FAZHI_REPORT_SECONDS="300")
    pipeline.submit("normalizer:slow=3000")
    wait_until(lambda: doomed.metric("fazhi_in_progress") == 1, 10, "it works")
    (heir,) = pipeline.start("normalizer", FAZHI_LEASE_SECONDS=str(lease), FAZHI_REPORT_SECONDS="300")
    doomed.kill()
    wait_until(lambda: heir.metric("fazhi_reclaimed_total") >= 1, lease + 10, "the heir has it", promised=True)


def test_what_is_taken_over_alone_is_not_put_off_for_a_fuller_batch(
    server: Server, make_pipeline: MakePipeline
) -> None:
    """A sink waits between reads while more is coming; entries that ended two sinks come one by one all the same."""
    pipeline = make_pipeline(server)
    pipeline.start("normalizer", "sectioner", "extractor")
    pipeline.submit_good(64)
    wait_until(lambda: pipeline.books().stream("extracted").waiting == 64, 30, "all wait for a sink")
    with pipeline.client() as client:
        client.xgroup_create("fazhi:extracted", "sink", "0")
        ((_, read),) = client.xreadgroup("sink", "dead", {"fazhi:extracted": ">"}, count=64)
        ids = [id_ for id_, _ in read]
        client.xclaim("fazhi:extracted", "sink", "dead", 0, ids, idle=600_000, retrycount=2, justid=True)
    pipeline.start("sink")
    wait_until(lambda: pipeline.books().stored == 64, 8, "all are stored", promised=True)


def test_what_a_dead_worker_held_comes_back_under_a_backlog_too(server: Server, make_pipeline: MakePipeline) -> None:
    """A worker that always holds as much as it may read takes over what others left all the same."""
    lease = 2.0
    pipeline = make_pipeline(
        server, environment={"FAZHI_LEASE_SECONDS": str(lease), "FAZHI_BATCH_SIZE": "4", "FAZHI_REPORT_SECONDS": "300"}
    )
    with pipeline.client() as client:
        client.xgroup_create("fazhi:intake", "normalizer", "0", mkstream=True)
        left = pipeline.submit("报告 1", "报告 2", "报告 3")
        client.xreadgroup("normalizer", "a-dead-one", {"fazhi:intake": ">"}, count=3)
        pipeline.submit(*("normalizer:slow=250" for _ in range(5)))  # set aside, and held
        pipeline.submit_good(4_000, text="normalizer:slow=0.03")
        pipeline.start()
        wait_until(lambda: set(left) <= set(pipeline.stored()), lease + 20, "they are stored")
        assert client.xlen("fazhi:intake") > 500  # the backlog was there all the time


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.full)])
def test_sigterm_under_load_leaves_nothing_pending(server: Server, make_pipeline: MakePipeline, times: int) -> None:
    pipeline = make_pipeline(server)
    for _ in range(times):
        pipeline.start()
        pipeline.submit_good(300, text=" ".join(f"{stage}:slow=0.003" for stage in STAGES[:3]))
        for worker in pipeline.of("normalizer") + pipeline.of("extractor"):
            wait_until(
                lambda worker=worker: worker.metric("fazhi_in_progress") > 0, 20, f"{worker.stage} works", every=0.01
            )
        assert pipeline.terminate(30) == [0, 0, 0, 0], pipeline.logs()
        with pipeline.client() as client:
            for stream, stage in zip(("intake", "normalized", "sectioned", "extracted"), STAGES, strict=True):
                assert client.xpending(f"fazhi:{stream}", stage)["pending"] == 0
    pipeline.start()
    assert pipeline.check(60, dead=set()).stored == 300 * times


@pytest.mark.parametrize("when", ["before the workers", "under the workers"])
def test_a_group_whose_place_was_moved_skips_nothing(pipeline: Pipeline, when: str) -> None:
    """Somebody made the group at the end of the stream, as FastStream itself would, or moved it there by hand."""
    with pipeline.client() as client:
        if when == "before the workers":
            pipeline.submit_good(30)
            client.xgroup_create("fazhi:intake", "normalizer", "$")
            pipeline.start()
        else:
            pipeline.start()
            pipeline.submit_good(200, text="normalizer:slow=0.02")
            wait_until(pipeline.stored, 15, "it is in the middle of it")
            client.xgroup_setid("fazhi:intake", "normalizer", "$")
    pipeline.check(60, dead=set())
    (normalizer,) = pipeline.of("normalizer")
    assert normalizer.logged("entries_skipped")


def test_sigterm_while_a_report_hangs_gives_it_back_uncounted(server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(server, environment={"FAZHI_DRAIN_SECONDS": "1", "FAZHI_REPORT_SECONDS": "300"})
    (worker,) = pipeline.start("normalizer")
    pipeline.submit("normalizer:slow=200", *("报告" for _ in range(5)))
    wait_until(lambda: worker.metric("fazhi_in_progress") > 0, 10, "it works")
    assert pipeline.terminate(15) == [0]
    with pipeline.client() as client:
        rows = client.xpending_range("fazhi:intake", "normalizer", "-", "+", 10)
    hanging, *behind = [row["times_delivered"] for row in rows]
    assert hanging in (0, 1)  # 1: its attempt was set aside, which is no delivery
    assert set(behind) <= {0}  # where the time to drain was too short for them
    assert all(row["time_since_delivered"] > 3_600_000 for row in rows)  # no lease to wait for


def test_sigterm_while_the_database_hangs_ends_in_time(
    server: Server, make_pipeline: MakePipeline, tmp_path: Path
) -> None:
    pipeline = make_pipeline(server, environment={"FAZHI_DRAIN_SECONDS": "2"})
    *_, sink = pipeline.start()
    pipeline.submit(f"sink:until={tmp_path}/never")
    wait_until(lambda: sink.metric("fazhi_in_progress") == 1, 15, "the sink hangs")
    assert pipeline.terminate(20) == [0, 0, 0, 0]
    (tmp_path / "never").touch()
    pipeline.start("sink")
    pipeline.check(20, dead=set())


def test_a_worker_that_waits_for_its_server_ends_when_told(server: Server, make_pipeline: MakePipeline) -> None:
    server.kill()
    pipeline = make_pipeline(server)
    (worker,) = pipeline.start("normalizer", ready=False)
    wait_until(lambda: worker.get("/readyz")[0] == 503, 20, "it answers that it is not ready")
    wait_until(lambda: worker.logged("server_away"), 10, "it says so")
    assert worker.get("/healthz")[0] == 200
    assert pipeline.terminate(30) == [0]
    assert len(worker.logged("server_away")) == 1


def test_consumers_that_are_gone_are_removed_unless_they_own_something(
    server: Server, make_pipeline: MakePipeline
) -> None:
    pipeline = make_pipeline(server, environment={"FAZHI_LEASE_SECONDS": "1"})
    with server.client() as client:
        client.xgroup_create("fazhi:intake", "normalizer", "0", mkstream=True)
        client.xgroup_createconsumer("fazhi:intake", "normalizer", "long-gone")
    (worker,) = pipeline.start("normalizer", FAZHI_LEASE_SECONDS="1")

    def names() -> set[bytes]:
        with pipeline.client() as client:
            return {row["name"] for row in client.xinfo_consumers("fazhi:intake", "normalizer")}

    assert b"long-gone" in names()
    wait_until(lambda: b"long-gone" not in names(), 20, "it is removed")
    assert len(names()) == 1  # the worker itself stays
    worker.kill()
    with pipeline.client() as client:
        client.xadd("fazhi:intake", {"body": "报告"})
        client.xreadgroup("normalizer", "owner", {"fazhi:intake": ">"})
        client.eval(SWEEP_CONSUMERS, 1, "fazhi:intake", "normalizer", "somebody", "-1")  # however long they are gone
        assert names() == {b"owner"}
        assert client.xpending("fazhi:intake", "normalizer")["pending"] == 1


def test_entries_that_vanished_are_reported(any_server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(any_server)
    with pipeline.client() as client:
        client.xgroup_create("fazhi:intake", "normalizer", "0", mkstream=True)
        ids = [client.xadd("fazhi:intake", {"body": "报告"}) for _ in range(3)]
        client.xreadgroup("normalizer", "a-dead-one", {"fazhi:intake": ">"}, count=3)
        client.xdel("fazhi:intake", ids[1])
    pipeline.start(FAZHI_LEASE_SECONDS="1")
    (worker,) = pipeline.of("normalizer")
    wait_until(lambda: worker.metric("fazhi_vanished_total") == 1, 15, "it is counted")
    assert worker.logged("entries_vanished")[0]["ids"] == [ids[1].decode()]
    wait_until(lambda: len(pipeline.stored()) == 2, 15, "the others are stored")
    books = pipeline.books()
    assert books.stream("intake").vanished == 1
    missing = 1 if books.exact else 0  # 6.2 does not count what came in: nobody can see there that one is missing
    assert (books.difference, books.stream("intake").difference) == (missing, missing)
