"""What the pipeline costs around the three functions: processor time by process, throughput, latency, memory.

A real server with the shipped options, real workers with the shipped settings; pages of 7,000 characters and about 75
facts. Processor time is read from the kernel, before and after, for each process by itself: it does not depend on what else
the machine does. Rates do.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import redis
import zstandard

from benchmarks import texts
from benchmarks.machine import cpu_seconds, own_cpu_seconds, processor_seconds, resident_bytes, used_memory
from benchmarks.offline import WARM, WARM_SEED, Offline
from shared.books import read_books
from shared.streams import keys
from tests.support.pipeline import STAGES, Pipeline, WorkerProcess
from tests.support.servers import Server, wait_until

#: The shipped settings, where the tests' support sets quicker ones.
SHIPPED = {
    "FAZHI_LEASE_SECONDS": "30",
    "FAZHI_RETRY_SECONDS": "0.5",
    "FAZHI_REPORT_SECONDS": "20",
    "FAZHI_PATIENCE_SECONDS": "30",
    "FAZHI_MAX_DELIVERIES": "5",
    "FAZHI_RECONNECT_SECONDS": "1",
    "FAZHI_DRAIN_SECONDS": "20",
    "FAZHI_CHILD_MEMORY_BYTES": "1000000000",
}
#: Rounds of `cost`, and reports of one: a shorter one has more of its beginning and end, where batches are small.
_ROUNDS = 3
_LEAST_OF_A_ROUND = 100


@contextmanager
def running(
    make: str = "valkey-9", cores: int = 0, app: str = "services.{stage}.worker:app", **environment: str
) -> Iterator[Pipeline]:
    """A server and a pipeline without workers yet, in a private folder. `cores`: how many of them all may use; 0 is all."""
    before = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory(prefix="fazhi-bench-") as folder:
        if cores:
            os.sched_setaffinity(0, set(sorted(before)[:cores]))
        server = Server(make, Path(folder) / "server", options={"auto-aof-rewrite-percentage": "100"})
        pipeline = Pipeline(server, Path(folder) / "run", app=app, environment={**SHIPPED, **environment})
        try:
            server.start()
            yield pipeline
        finally:
            pipeline.stop()
            server.stop()
            os.sched_setaffinity(0, before)


def cost(reports: int = 240, database: str | None = None, cores: int = 0) -> dict[str, object]:
    """Processor milliseconds of one report, by process, beside the same functions without a pipeline; and the rate.

    In rounds, since the machine is faster in one minute than in the next: each round's pages go through the functions
    alone, through the pipeline, and through the functions alone again (`benchmarks.offline`), in processes that have
    not seen them before. The difference of a round is the cost of the pipeline; of all rounds it is the median.
    """
    rounds = max(1, min(_ROUNDS, reports // _LEAST_OF_A_ROUND))
    count = reports // rounds
    environment = {"FAZHI_DATABASE_URL": database} if database else {}
    with running(cores=cores, **environment) as pipeline, Offline() as before, Offline() as after:
        workers = {worker.stage: worker for worker in pipeline.start()}
        pipeline.submit(*texts.pages(WARM, first=WARM_SEED))
        pipeline.drained(120)
        found = [_round(pipeline, workers, before, after, 1000 + k * count, count) for k in range(rounds)]
        assert pipeline.books().stored == rounds * count + WARM, pipeline.books()
        functions = {stage: worker.metric("fazhi_work_seconds_sum") for stage, worker in workers.items()}
    milliseconds = _medians([one.spent for one in found])
    offline = _medians([one.offline for one in found])
    return {
        "reports": rounds * count,
        "rounds": rounds,
        "database": (database or "sqlite").split(":", 1)[0],
        "cores": cores or len(os.sched_getaffinity(0)),
        "milliseconds_per_report": milliseconds,
        "offline_milliseconds_per_report": offline,
        "pipeline_milliseconds_per_report": round(median(one.beside for one in found), 2),
        "pipeline_milliseconds_by_round": [round(one.beside, 2) for one in found],
        "of_which": _shares(milliseconds, offline),
        "reports_per_second": round(median(one.rate for one in found), 1),
        "work_seconds_sum": {name: round(value, 2) for name, value in functions.items()},
    }


class _Round(NamedTuple):
    """Processor milliseconds a report of each process and of each function alone; reports a second of the pipeline."""

    spent: dict[str, float]
    offline: dict[str, float]
    rate: float

    @property
    def beside(self) -> float:
        return sum(self.spent.values()) - sum(self.offline.values())


def _round(
    pipeline: Pipeline, workers: dict[str, WorkerProcess], before: Offline, after: Offline, first: int, count: int
) -> _Round:
    pages = texts.pages(count, first=first)
    earlier = before.milliseconds(first, count)
    begun, spent = time.monotonic(), _spent(pipeline, workers)
    pipeline.submit(*pages)
    with pipeline.client() as client:
        # One connection, one number, five looks a second: the server's time for them is not the pipeline's. A look at all
        # terms of the books takes it 0.23 ms, which ten times a second was 0.04 ms a report; at one number, 0.1 ms.
        wait_until(lambda: _stored(client) >= len(pipeline.sent), 300, "all is stored", every=0.2)
        assert read_books(client).at_rest, read_books(client)
    rate = count / (time.monotonic() - begun)
    spent = {name: 1000 * (value - spent[name]) / count for name, value in _spent(pipeline, workers).items()}
    later = after.milliseconds(first, count)
    return _Round(spent, {name: (earlier[name] + later[name]) / 2 for name in earlier}, rate)


def _stored(client: redis.Redis) -> int:
    return int(client.hget(keys().books, "extracted.out") or 0)


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(one[name] for one in rounds), 2) for name in rounds[0]}


def _spent(pipeline: Pipeline, workers: dict[str, WorkerProcess]) -> dict[str, float]:
    found = {"server": own_cpu_seconds(pipeline.server.process.pid)}
    for stage, worker in workers.items():
        found[f"{stage} parent"] = own_cpu_seconds(worker.pid)
        for child in worker.children():
            found[f"{stage} child"] = found.get(f"{stage} child", 0.0) + own_cpu_seconds(child)
    return found


def _shares(milliseconds: dict[str, float], offline: dict[str, float]) -> dict[str, float]:
    children = {stage: milliseconds.get(f"{stage} child", 0.0) for stage in offline}
    sink = sum(value for name, value in milliseconds.items() if name.startswith("sink"))
    parents = (
        sum(value for name, value in milliseconds.items() if name.endswith("parent")) - milliseconds["sink parent"]
    )
    return {
        "server": milliseconds["server"],
        "handoff and reading (three parents)": round(parents, 2),
        "events and compression (three children, less the functions)": round(
            sum(children.values()) - sum(offline.values()), 2
        ),
        "database (sink)": round(sink, 2),
    }


def scaling(reports: int = 240) -> dict[str, object]:
    """Reports a second of the slowest stage with one worker and with two, a backlog waiting before it."""
    found: dict[str, object] = {}
    for workers in (1, 2):
        with running() as pipeline:
            pipeline.start("normalizer", "sectioner")
            pipeline.submit(*texts.pages(reports, first=2000))
            _wait_length(pipeline, "sectioned", reports)
            for stage in ("normalizer", "sectioner"):
                for worker in pipeline.of(stage):
                    worker.kill()
            extractors = pipeline.start(*["extractor"] * workers)
            first = _length(pipeline, "extracted")
            begun = time.monotonic()
            _wait_length(pipeline, "extracted", reports)
            rate = (reports - first) / (time.monotonic() - begun)
            found[f"{workers} workers"] = {
                "reports_per_second": round(rate, 1),
                "share_of_each": [int(one.metric("fazhi_reports_total", outcome="done")) for one in extractors],
            }
    rates = [entry["reports_per_second"] for entry in found.values()]
    found["gain"] = round(rates[1] / rates[0], 2)
    return found


def _length(pipeline: Pipeline, stream: str) -> int:
    with pipeline.client() as client:
        return int(client.xlen(keys().stream(stream)))


def _wait_length(pipeline: Pipeline, stream: str, length: int, seconds: float = 300) -> None:
    wait_until(lambda: _length(pipeline, stream) >= length, seconds, f"{length} on {stream}", every=0.02)


def backlog(sizes: tuple[int, ...] = (1_000, 10_000, 100_000), work: int = 1_000) -> dict[str, object]:
    """Seconds for the next `work` entries with so many waiting, the worker's memory, the server's memory a waiting byte.

    Pages of 1,000 characters; the sectioner's and the extractor's streams stay in place, so only the normalizer works.
    """
    found: dict[str, object] = {}
    for size in sizes:
        made = texts.pages(min(size, 500), 1_000, first=5000)
        with running() as pipeline:
            with pipeline.client() as client:
                empty = used_memory(client)
            for start in range(0, size, len(made)):
                pipeline.submit(*made[: size - start])
            with pipeline.client() as client:
                per_byte = (used_memory(client) - empty) / sum(len(made[k % len(made)]) for k in range(size))
            (worker,) = pipeline.start("normalizer", ready=False)
            wait_until(lambda p=pipeline: _length(p, "normalized") >= 100, 60, "the first hundred", every=0.01)
            first, begun = _length(pipeline, "normalized"), time.monotonic()
            server, before = (
                pipeline.server.process.pid,
                (cpu_seconds(worker.pid), own_cpu_seconds(pipeline.server.process.pid)),
            )
            _wait_length(pipeline, "normalized", min(first + work, size))
            done = _length(pipeline, "normalized") - first
            found[str(size)] = {
                "reports_per_second": round(done / (time.monotonic() - begun)),
                "worker_processor_ms_per_report": round(1000 * (cpu_seconds(worker.pid) - before[0]) / done, 3),
                "server_processor_ms_per_report": round(1000 * (own_cpu_seconds(server) - before[1]) / done, 3),
                "parent_resident_bytes": resident_bytes(worker.pid),
                "child_resident_bytes": sum(resident_bytes(child) for child in worker.children()),
                "server_bytes_per_waiting_byte_plain": round(per_byte, 3),
            }
    return found


def waiting_memory(count: int = 2_000) -> dict[str, object]:
    """Server memory a byte of waiting page, from a foreign client (plain body) and from one that compresses it."""
    made = texts.pages(count, first=7000)
    found: dict[str, object] = {"page_bytes": round(sum(map(len, made)) / count)}
    packer = zstandard.ZstdCompressor(level=3)
    for name, bodies, fields in (
        ("plain", made, {}),
        ("zstd", [packer.compress(page) for page in made], {"encoding": "zstd"}),
    ):
        with running() as pipeline:
            with pipeline.client() as client:
                empty = used_memory(client)
            pipeline.submit(*bodies, **fields)
            with pipeline.client() as client:
                found[f"server_bytes_per_page_byte_{name}"] = round(
                    (used_memory(client) - empty) / sum(map(len, made)), 3
                )
    return found


def latency(rate: float, seconds: float = 20.0) -> dict[str, object]:
    """Seconds from acceptance to stored at `rate` reports a second, read from the sink's histogram."""
    count = int(rate * seconds)
    pages = texts.pages(count, first=12_000)
    with running() as pipeline:
        workers = {worker.stage: worker for worker in pipeline.start()}
        pipeline.submit(*texts.pages(WARM, first=95_000))
        pipeline.drained(120)
        before = _histogram(workers["sink"])
        begun = time.monotonic()
        with pipeline.client() as client:
            for number, page in enumerate(pages):
                pause = begun + number / rate - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
                client.xadd(keys().intake, {"body": page})
        pipeline.drained(120)
        after = _histogram(workers["sink"])
    steps = [(bound, after[bound] - before.get(bound, 0.0)) for bound in sorted(after)]
    return {
        "rate": round(rate, 1),
        "reports": count,
        "p50_seconds": _quantile(steps, 0.5),
        "p99_seconds": _quantile(steps, 0.99),
    }


def _histogram(worker: WorkerProcess) -> dict[float, float]:
    lines = worker.get("/metrics")[1].splitlines()
    found = (re.match(r'fazhi_age_seconds_bucket\{.*le="([^"]+)".*\} (\S+)', line) for line in lines)
    return {float(match[1].replace("+Inf", "inf")): float(match[2]) for match in found if match is not None}


def _quantile(steps: list[tuple[float, float]], share: float) -> float | None:
    """By linear interpolation inside the bucket, as Prometheus does."""
    total = steps[-1][1] if steps else 0.0
    below, under = 0.0, 0.0
    for bound, count in steps:
        if count >= share * total > 0:
            if bound == float("inf"):
                return None
            return round(below + (bound - below) * (share * total - under) / max(count - under, 1e-9), 3)
        below, under = bound, count
    return None


def start_up() -> dict[str, object]:
    """Seconds until each worker is ready, and its resident memory before the first report and after 100."""
    found: dict[str, object] = {}
    with running() as pipeline:
        for stage in STAGES:
            begun = time.monotonic()
            (worker,) = pipeline.start(stage)
            found[stage] = {"ready_seconds": round(time.monotonic() - begun, 2), "resident_bytes": _resident(worker)}
        pipeline.submit(*texts.pages(100, first=30_000))
        pipeline.drained(120)
        for stage in STAGES:
            found[stage]["resident_bytes_after_100_reports"] = _resident(pipeline.of(stage)[0])
    return found


def _resident(worker: WorkerProcess) -> dict[str, int]:
    return {"parent": resident_bytes(worker.pid), "child": sum(resident_bytes(child) for child in worker.children())}


def per_report_bytes(reports: int = 50) -> dict[str, object]:
    """Bytes on each stream of one waiting report, as the server counts them."""
    found: dict[str, object] = {}
    with running() as pipeline:
        pages = texts.pages(reports, first=40_000)
        found["page"] = round(sum(map(len, pages)) / reports)
        for stage, stream in (("normalizer", "normalized"), ("sectioner", "sectioned"), ("extractor", "extracted")):
            pipeline.start(stage)
            if stage == "normalizer":
                pipeline.submit(*pages)
            _wait_length(pipeline, stream, reports)
            with pipeline.client() as client:
                found[stream] = round(client.memory_usage(keys().stream(stream), samples=0) / reports)
    return found


def timed(work: Callable[[], object]) -> float:
    """Processor seconds of one call, the best of several."""
    return processor_seconds(work)
