"""Ten minutes in which something happens to a worker every second: kill, stop, pause, terminate.

    python -m tests.faults.soak [--minutes 10] [--reports 20000] [--seed N] [--workers 4]

At every poll the books must balance; at the end every accepted report must be once in the database. Prints its seed and
its history; exit status 1 with what was lost, doubled or unbalanced.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import redis

from tests.support.pipeline import STAGES, Pipeline
from tests.support.servers import running, wait_until

#: What may happen to a worker, and how often.
ACTS = {"kill": 4, "pause": 3, "terminate": 3, "kill the child": 2, "nothing": 1}


class Soak:
    """One run, repeatable as far as the timing of processes is."""

    def __init__(self, pipeline: Pipeline, seed: int, workers: int) -> None:
        self.pipeline = pipeline
        self.random = random.Random(seed)
        self.workers = workers
        self.acts: collections.Counter[str] = collections.Counter()
        self.polls = 0
        self.paused: list[tuple[float, int]] = []
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:7.1f} s  {text}", flush=True)  # noqa: T201

    def poll(self) -> None:
        """One look at the books."""
        try:
            books = self.pipeline.books()
        except redis.RedisError:
            return
        self.polls += 1
        if not books.balanced:
            raise AssertionError(f"the books do not balance: {books}")

    def act(self) -> None:
        """Do something to a random worker, and start again who is gone."""
        alive = [one for one in self.pipeline.workers if one.process.poll() is None]
        act = self.random.choices(list(ACTS), list(ACTS.values()))[0]
        victim = self.random.choice(alive)
        self.acts[act] += 1
        if act == "kill":
            victim.signal(signal.SIGKILL)
        elif act == "terminate":
            victim.signal(signal.SIGTERM)
        elif act == "pause":  # for longer than the lease, half of the time
            victim.signal(signal.SIGSTOP)
            self.paused.append((time.monotonic() + self.random.uniform(0.5, 4.0), victim.pid))
        elif act == "kill the child":
            for child in victim.children():
                os.kill(child, signal.SIGKILL)
        self.say(f"{act} {victim.stage} {victim.pid}")
        for due, pid in list(self.paused):
            if time.monotonic() >= due:
                self.paused.remove((due, pid))
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    continue
        for stage in STAGES:
            for _ in range(self.workers // len(STAGES) - len(self.pipeline.of(stage))):
                self.pipeline.start(stage, ready=False)
        for worker in self.pipeline.workers:
            code = worker.process.poll()
            if code not in (None, 0, -signal.SIGKILL, -signal.SIGTERM):  # SIGTERM: before it was ready
                raise AssertionError(f"{worker.stage} ended with {code}:\n{worker.log.read_text()[-3000:]}")


def run(minutes: float, reports: int, seed: int, workers: int, folder: Path) -> None:
    """One soak. Raises AssertionError for a broken promise."""
    with running("valkey-9", folder / "server") as server:
        environment = {"FAZHI_MAX_DELIVERIES": "50"}  # a worker's death is not its reports' fault, here above all
        pipeline = Pipeline(server, folder / "pipeline", environment=environment)
        soak = Soak(pipeline, seed, workers)
        try:
            for stage in STAGES:
                for _ in range(workers // len(STAGES)):
                    pipeline.start(stage, ready=False)
            seconds = minutes * 60
            while (passed := time.monotonic() - soak.began) < seconds:
                # The load lasts as long as the run, and a little is always there.
                wanted = min(reports, int(reports * passed / seconds * 1.05) + 50)
                if wanted > len(pipeline.sent):
                    pipeline.submit_good(wanted - len(pipeline.sent))
                soak.act()
                next_act = time.monotonic() + 1.0
                while time.monotonic() < next_act:
                    soak.poll()
                    time.sleep(0.1)
            if len(pipeline.sent) < reports:
                pipeline.submit_good(reports - len(pipeline.sent))
            for worker in pipeline.workers:
                if worker.process.poll() is None:
                    worker.signal(signal.SIGCONT)
            for stage in STAGES:
                if not pipeline.of(stage):
                    pipeline.start(stage)
            soak.say(f"quiet; waiting for the rest: {pipeline.books()}")
            wait_until(lambda: len(pipeline.sent) >= reports, 1, "all are sent")
            books = pipeline.check(300)
            soak.say(
                f"accepted {books.accepted}, stored {books.stored}, dead {books.dead}, difference {books.difference}"
            )
            soak.say(f"lost 0, doubled 0; books balanced at {soak.polls} polls; acts {dict(soak.acts)}; seed {seed}")
            if books.dead:
                soak.say(f"reasons: {collections.Counter(pipeline.dead().values())}")
        finally:
            pipeline.stop()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="fazhi-soak-") as folder:
        try:
            run(options.minutes, options.reports, options.seed, options.workers, Path(folder))
        except AssertionError as error:
            print(f"BROKEN, seed {options.seed}: {error}", flush=True)  # noqa: T201
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
