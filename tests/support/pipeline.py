"""A pipeline of real worker processes against a real server, and the checker of what it promises."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import redis
from sqlalchemy import text

from services.sink.engine import connect
from shared.books import Books, read_books
from shared.streams import WORK_STREAMS, keys
from tests.support.servers import Server, wait_until

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("normalizer", "sectioner", "extractor", "sink")
SERVICE = "services.{stage}.worker:app"
#: Quick where the shipped values are patient: a lease of 2 s shows in seconds what 30 s would show in minutes.
QUICK = {
    "FAZHI_LEASE_SECONDS": "2",
    "FAZHI_RETRY_SECONDS": "0.05",
    "FAZHI_REPORT_SECONDS": "2",
    "FAZHI_PATIENCE_SECONDS": "0.5",
    "FAZHI_MAX_DELIVERIES": "3",
    "FAZHI_RECONNECT_SECONDS": "0.2",
    "FAZHI_DRAIN_SECONDS": "10",
    "FAZHI_CHILD_MEMORY_BYTES": "300000000",
}
#: For stages that do work: on a crowded machine it is no fault of a report that it takes seconds.
PATIENT = {"FAZHI_REPORT_SECONDS": "120", "FAZHI_PATIENCE_SECONDS": "120"}


@dataclass
class WorkerProcess:
    stage: str
    process: subprocess.Popen[bytes]
    log: Path
    metrics_dir: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def note(self) -> dict[str, object] | None:
        path = self.metrics_dir / f"{self.stage}-{self.pid}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of `/metrics`, `/healthz` or `/readyz`; status 0 where nobody answers."""
        note = self.note()
        if note is None:
            return 0, "not started"
        try:
            try:
                answer = urllib.request.urlopen(f"http://{note['address']}{path}", timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:  # it may end in the middle of its answer
            return 0, str(error)

    def ready(self) -> bool:
        assert self.process.poll() is None, (
            f"{self.stage} ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}"
        )
        return self.get("/readyz")[0] == 200

    def metric(self, name: str, **labels: str) -> float:
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            head = line.split(" ", 1)[0]
            if head.split("{", 1)[0] == name and all(one in head for one in wanted):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def memory(self) -> int:
        """Bytes that the worker and its children keep in memory."""
        sizes = []
        for pid in (self.pid, *self.children()):
            with suppress(ProcessLookupError, FileNotFoundError):  # a child may just have been replaced
                sizes.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]))
        return sum(sizes) * resource.getpagesize()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ends(self, seconds: float) -> int:
        """Its exit status, within the seconds that are promised."""
        wait_until(lambda: self.process.poll() is not None, seconds, f"{self.stage} ends", promised=True)
        return self.process.returncode

    def logged(self, event: str) -> list[dict[str, object]]:
        written, _, _ = self.log.read_text(errors="replace").rpartition("\n")  # the last line may not be whole yet
        lines = written.split("\n")
        return [json.loads(line) for line in lines if line.startswith("{") and f'"{event}"' in line]


@dataclass
class Pipeline:
    """Worker processes over one server; `app` names where the stages are.

    The tiny sink keeps its rows in an SQLite file of its own. With `store_url`, the last stage is the real sink on that
    database, whatever the others are.
    """

    server: Server
    folder: Path
    app: str = "tests.support.stages:{stage}"
    environment: dict[str, str] = field(default_factory=dict)
    workers: list[WorkerProcess] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)  # stage → URL, where it is not the server's
    apps: dict[str, str] = field(default_factory=dict)  # stage → application, where it is not `app`
    store_url: str = ""
    started: int = 0

    @property
    def database(self) -> Path:
        return self.folder / "test.db"

    def client(self) -> redis.Redis:
        return self.server.client()

    def start(self, *stages: str, ready: bool = True, **environment: str) -> list[WorkerProcess]:
        """Start one worker of each stage (all four by default) and wait until each is ready."""
        begun = [self._start(stage, environment) for stage in stages or STAGES]
        if ready:
            for worker in begun:
                try:
                    wait_until(worker.ready, 40, f"{worker.stage} is ready")
                except AssertionError as error:
                    raise AssertionError(f"{error}\n{worker.log.read_text(errors='replace')[-3000:]}") from None
        return begun

    def _start(self, stage: str, environment: dict[str, str]) -> WorkerProcess:
        self.started += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        app = self.apps.get(stage) or (SERVICE if stage == "sink" and self.store_url else self.app).format(stage=stage)
        log = self.folder / f"{stage}-{self.started}.log"
        metrics = self.folder / "metrics"
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")},
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",
            "FAZHI_REDIS_URL": self.urls.get(stage, self.server.url),
            "FAZHI_METRICS_DIR": str(metrics),
            "FAZHI_TEST_DB": str(self.database),
            "FAZHI_DATABASE_URL": self.store_url or f"sqlite:///{self.folder / 'fazhi.db'}",
            **QUICK, **(PATIENT if app == SERVICE.format(stage=stage) else {}), **self.environment, **environment,
        }  # fmt: skip
        command = [sys.executable, "-P", "-m", "faststream", "run", app, "--app-dir", ""]
        with log.open("ab") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, env=settings, cwd=self.folder)
        worker = WorkerProcess(stage, process, log, metrics)
        self.workers.append(worker)
        return worker

    def of(self, stage: str) -> list[WorkerProcess]:
        return [worker for worker in self.workers if worker.stage == stage and worker.process.poll() is None]

    def submit(self, *bodies: bytes | str, **fields: str) -> list[str]:
        """Put pages on the intake as any client does; the entries' names."""
        key = keys().intake
        entries = []
        with self.client() as client:
            for start in range(0, len(bodies), 500):
                with client.pipeline(transaction=False) as pipe:
                    for body in bodies[start : start + 500]:
                        pipe.xadd(key, {**fields, "body": body})
                    entries += [f"{key}/{id_.decode()}" for id_ in pipe.execute()]
        self.sent += entries
        return entries

    def submit_good(self, count: int, text: str = "") -> list[str]:
        return self.submit(
            *(f"报告 {len(self.sent) + k} {text} " + "法治政府建设年度报告。" * 20 for k in range(count))
        )

    def books(self) -> Books:
        with self.client() as client:
            return read_books(client)

    def drained(self, seconds: float = 60) -> Books:
        """Wait until nothing is left to do. The books balance at every look on the way."""
        last: list[Books] = []

        def at_rest() -> bool:
            try:
                books = self.books()
            except redis.RedisError:
                return False
            assert books.balanced, f"the books do not balance: {books}"
            last[:] = [books]
            return books.at_rest

        try:
            wait_until(at_rest, seconds, "nothing is left to do", every=0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{last}\n{self.logs()}") from None
        return last[0]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the sink's database answers."""
        if self.store_url:
            engine = connect(self.store_url, pool_size=1)
            try:
                with engine.connect().execution_options(reading=True) as connection:
                    return [tuple(row) for row in connection.execute(text(sql))]
            finally:
                engine.dispose()
        base = sqlite3.connect(self.database, timeout=10)
        try:
            return base.execute(sql).fetchall()
        finally:
            base.close()

    def stored(self) -> list[str]:
        table = "sources" if self.store_url else "report"
        return [str(row[0]) for row in self.rows(f"select entry from {table}")]

    def wait_for(self, entries: list[str], seconds: float) -> None:
        """Wait until these are stored. Who waits in vain is told why: those that died, the books, the workers' logs."""
        try:
            wait_until(lambda: set(entries) <= set(self.stored()), seconds, "they are stored", every=0.2)
        except AssertionError as error:
            died = {entry: reason for entry, reason in self.dead().items() if entry in set(entries)}
            ended = [(one.log.name, one.process.returncode) for one in self.workers if one.process.poll() is not None]
            raise AssertionError(f"{error}\ndead {died}\nended {ended}\n{self.books()}\n{self.logs()}") from None

    def dead(self) -> dict[str, str]:
        return {str(entry): str(reason) for entry, reason in self._letters()}

    def _letters(self) -> list[tuple[object, ...]]:
        return self.rows(f"select entry, reason from {'dead_letters' if self.store_url else 'dead'}")

    def check(self, seconds: float = 60, *, dead: set[str] | None = None) -> Books:
        """At rest: every sent entry once in the database, as a report or as a dead letter; nothing unknown; the books
        say the same. With `dead`: exactly those are dead."""
        books = self.drained(seconds)
        stored, letters = self.stored(), self._letters()
        found = Counter([*stored, *(str(row[0]) for row in letters)])
        missing = set(self.sent) - set(found)
        unknown = set(found) - set(self.sent)
        twice = [entry for entry, count in found.items() if count > 1]
        assert (missing, unknown, twice) == (set(), set(), []), (
            f"missing {sorted(missing)[:5]} of {len(missing)}, unknown {sorted(unknown)[:5]}, twice {twice[:5]}\n{self.logs()}"
        )
        assert (books.accepted, books.stored, books.dead) == (len(self.sent), len(stored), len(letters)), books
        assert books.difference == 0
        with self.client() as client:
            pending = {name: client.xpending(keys().stream(name), group)["pending"] for name, group in _groups()}
        assert set(pending.values()) == {0}, pending
        if dead is not None:
            assert set(self.dead()) == dead
        return books

    def logs(self) -> str:
        return "\n".join(f"── {one.log.name}\n{one.log.read_text(errors='replace')[-1500:]}" for one in self.workers)

    def stop(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                os.kill(worker.pid, signal.SIGCONT)
                worker.process.kill()
                worker.process.wait()

    def terminate(self, seconds: float = 30, *workers: WorkerProcess) -> list[int]:
        """SIGTERM to these, by default to all; their exit statuses, each within the seconds that are promised."""
        alive = [worker for worker in workers or self.workers if worker.process.poll() is None]
        for worker in alive:
            worker.signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        return [worker.ends(max(0.1, deadline - time.monotonic())) for worker in alive]


def _groups() -> list[tuple[str, str]]:
    return list(zip((*WORK_STREAMS, "dead"), (*STAGES, "sink"), strict=True))
