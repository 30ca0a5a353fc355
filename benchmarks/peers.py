"""The same three functions as a Celery chain, as taskiq tasks and as our stages, over the same durable server.

All may use both of two cores: the peers have two processes, each for any of the functions; we have one worker a stage,
and with the real functions two of the extractor, which is how a stage with nine tenths of the work is scaled. Two rates
are told: reports a second on the clock, and reports a second of processor time of all processes and the server, which
does not depend on what else the machine does.
"""

from __future__ import annotations

import asyncio
import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks import texts
from benchmarks.machine import cpu_seconds
from benchmarks.peer_functions import COUNTER
from benchmarks.pipeline import running
from shared.streams import keys
from tests.support.pipeline import ROOT, Pipeline
from tests.support.servers import wait_until

#: The page of the runs with nothing to do, in bytes.
_IDLE_BYTES = 20_000
_THREE = ("normalizer", "sectioner", "extractor")


def measure(reports: int = 200, idle_reports: int = 1_500) -> dict[str, object]:
    """Each runner with the real functions and with functions that do nothing."""
    found: dict[str, object] = {}
    for name, idle, count in (("real functions", False, reports), ("nothing to do", True, idle_reports)):
        pages = texts.pages(count, first=50_000)
        if idle:
            pages = [(page * 2)[:_IDLE_BYTES].decode("utf-8", "ignore").encode() for page in pages]
        rows = {"fazhi": _ours(pages, idle=idle)}
        for peer, run in (("celery", _celery), ("taskiq", _taskiq)):
            rows[peer] = (
                run(pages, idle=idle) if importlib.util.find_spec(peer) else {"skipped": "pip install fazhi[bench]"}
            )
        found[name] = {"reports": count, "page_bytes": round(sum(map(len, pages)) / count), **rows}
    return found


def _ours(pages: list[bytes], *, idle: bool) -> dict[str, float]:
    app = "benchmarks.idle_stages:{stage}" if idle else "services.{stage}.worker:app"
    with running(app=app) as pipeline:
        workers = pipeline.start(*_THREE) if idle else pipeline.start(*_THREE, "extractor")
        done = keys().extracted
        pipeline.submit(*pages[:20])
        with pipeline.client() as client:
            wait_until(lambda: client.xlen(done) >= 20, 60, "the first twenty", every=0.02)
            begun, before = time.monotonic(), _spent(pipeline, [worker.pid for worker in workers])
            pipeline.submit(*pages)
            wait_until(lambda: client.xlen(done) >= len(pages) + 20, 300, "all of them", every=0.02)
        return _rates(
            len(pages), time.monotonic() - begun, _spent(pipeline, [worker.pid for worker in workers]) - before
        )


def _celery(pages: list[bytes], *, idle: bool) -> dict[str, float]:
    command = ["-m", "celery", "-A", "benchmarks.peer_celery", "worker", "-c", "2", "-l", "WARNING", "--without-gossip",
               "--without-mingle", "--without-heartbeat"]  # fmt: skip
    return _peer(pages, command, _send_celery, idle=idle)


def _taskiq(pages: list[bytes], *, idle: bool) -> dict[str, float]:
    command = ["-m", "taskiq", "worker", "benchmarks.peer_taskiq:broker", "--workers", "2", "--log-level", "WARNING",
               "--ack-type", "when_executed"]  # fmt: skip
    return _peer(pages, command, _send_taskiq, idle=idle)


def _send_celery(url: str, pages: list[bytes]) -> None:
    os.environ["FAZHI_BENCH_URL"] = url
    from benchmarks import peer_celery

    for page in pages:
        peer_celery.send(page)


def _send_taskiq(url: str, pages: list[bytes]) -> None:
    from taskiq_redis import RedisStreamBroker

    async def submit() -> None:
        broker = RedisStreamBroker(url)
        task = broker.register_task(_normalize, task_name="benchmarks.peer_taskiq:normalize")
        await broker.startup()
        for page in pages:
            await task.kiq(page.decode())
        await broker.shutdown()

    asyncio.run(submit())


async def _normalize(page: str) -> None:
    """The task as its sender knows it; the worker has the real one."""


def _peer(
    pages: list[bytes], command: list[str], send: Callable[[str, list[bytes]], None], *, idle: bool
) -> dict[str, float]:
    with running() as pipeline:
        url = f"{pipeline.server.url}/0"
        environment = {**os.environ, "FAZHI_BENCH_URL": url, "FAZHI_BENCH_IDLE": "1" if idle else "0", "PYTHONPATH": str(ROOT),
                       "C_FORCE_ROOT": "1"}  # fmt: skip
        pipeline.folder.mkdir(parents=True, exist_ok=True)
        with (pipeline.folder / "peer.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], env=environment, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
            )
        log_path = pipeline.folder / "peer.log"
        try:
            with pipeline.client() as client:
                _apart(send, url, pages[:20])
                wait_until(lambda: int(client.get(COUNTER) or 0) >= 20, 90, "the first twenty", every=0.05)
                begun, before = time.monotonic(), _spent(pipeline, [process.pid])
                _apart(send, url, pages)
                wait_until(lambda: int(client.get(COUNTER) or 0) >= len(pages) + 20, 300, "all of them", every=0.02)
            return _rates(len(pages), time.monotonic() - begun, _spent(pipeline, [process.pid]) - before)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log_path.read_text(errors='replace')[-3000:]}") from None
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _apart(send: Callable[[str, list[bytes]], None], url: str, pages: list[bytes]) -> None:
    """Send from a process of its own: its time is not counted, and its connections end with it."""
    sender = multiprocessing.get_context("spawn").Process(target=send, args=(url, pages))
    sender.start()
    sender.join()
    assert sender.exitcode == 0


def _spent(pipeline: Pipeline, pids: list[int]) -> float:
    return cpu_seconds(pipeline.server.process.pid) + sum(map(cpu_seconds, pids))


def _rates(count: int, seconds: float, processor: float) -> dict[str, float]:
    return {
        "reports_per_second": round(count / seconds, 1),
        "reports_per_processor_second": round(count / processor, 1),
        "processor_milliseconds_per_report": round(1000 * processor / count, 2),
    }
