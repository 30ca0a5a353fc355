"""A long backlog while workers are added and taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.pipeline import Pipeline, WorkerProcess
from tests.support.servers import Server, wait_until

MakePipeline = Callable[..., Pipeline]
#: Of one worker or child. It reads some entries at a time, whatever the length of the backlog.
GROWTH_BYTES = 20_000_000


def _done(worker: WorkerProcess) -> float:
    return worker.metric("fazhi_reports_total", outcome="done")


@pytest.mark.parametrize(
    ("count", "text"),
    # The few take their time, so that each worker has its share of them.
    [(3_000, "normalizer:slow=0.004"), pytest.param(100_000, "", marks=pytest.mark.full)],
)
def test_a_backlog_is_shared_evenly_by_workers_that_come_and_go(
    server: Server, make_pipeline: MakePipeline, tmp_path: Path, count: int, text: str
) -> None:
    """1 → 4 → 1 normalizers over one backlog, most of which waits until all four are there."""
    patient = {"FAZHI_REPORT_SECONDS": "300", "FAZHI_PATIENCE_SECONDS": "300", "FAZHI_LEASE_SECONDS": "30"}
    pipeline = make_pipeline(server, environment={"FAZHI_LOG_REPORTS": "false", **patient})
    all_there = tmp_path / "all-there"
    pipeline.submit_good(count // 20, text)
    pipeline.submit_good(count - count // 20, f"normalizer:until={all_there} {text}")
    workers = pipeline.start()
    first = workers[0]

    def handed_over() -> int:
        return pipeline.books().stream("intake").handed_over

    wait_until(lambda: handed_over() > count / 50, 60, "the first works")
    before = {worker.pid: worker.memory() for worker in workers}

    joined = [pipeline.start("normalizer", ready=False)[0] for _ in range(3)]
    for worker in joined:
        wait_until(worker.ready, 40, "the new one is ready")
    team = [first, *joined]
    start = [_done(worker) for worker in team]
    began = handed_over()
    all_there.touch()
    wait_until(lambda: handed_over() > began + (count - began) / 2, 600, "half of the rest is done by four", every=0.02)
    shares = [_done(worker) - done for worker, done in zip(team, start, strict=True)]
    assert min(shares) > sum(shares) / 4 / 2, shares
    growth = [worker.memory() - before.get(worker.pid, worker.memory()) for worker in workers]

    assert pipeline.terminate(30, *joined) == [0, 0, 0]
    with pipeline.client() as client:
        consumers = client.xinfo_consumers("fazhi:intake", "normalizer")
    assert len(consumers) == 1  # who left holds nothing
    assert pipeline.check(1200, dead=set()).stored == count
    growth += [worker.memory() - before[worker.pid] for worker in workers]
    assert max(growth) < GROWTH_BYTES, growth
    assert first.metric("fazhi_reclaimed_total") == 0  # nothing had to wait for a lease
