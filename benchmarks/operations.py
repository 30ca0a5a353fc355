"""Ten minutes of operation, and what the monitor and the alerts said at each moment.

    python benchmarks/operations.py [--minutes 10] [--reports FOLDER]

A pipeline under load; the extractor is scaled 1 → 3 → 1, one worker is killed, one paused past its lease, and a broken
crawler sends a thousand empty pages in the middle. Needs Debian's `prometheus`. Prints a line for each moment: what was
done, and beside it the monitor's figures and the alerts that fire.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIGURES = {
    "waiting": 'sum(fazhi_stream_waiting_entries{stream!="dead"})',
    "in work": 'sum(fazhi_stream_in_work_entries{stream!="dead"})',
    "oldest s": "max(fazhi_stream_oldest_waiting_seconds or fazhi_stream_oldest_pending_seconds)",
    "extractors": 'sum(fazhi_stream_consumers{stage="extractor",state="alive"})',
    "left s": 'sum(fazhi_stream_work_left_seconds{stage="extractor"})',
    "stored": 'fazhi_books_entries{term="stored"}',
    "dead": 'fazhi_books_entries{term="dead"}',
    "difference": "fazhi_books_difference_entries",
    "rate /s": 'sum(rate(fazhi_reports_total{stage="sink",outcome="done"}[20s]))',
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.began = time.monotonic()
        self.children: list[subprocess.Popen] = []
        self.fired: dict[str, float] = {}
        self.prometheus = f"http://127.0.0.1:{free_port()}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")},
            "FAZHI_MONITOR_SECONDS": "1", "FAZHI_MONITOR_QUALITY_SECONDS": "5", "PYTHONSAFEPATH": "1",
        }  # fmt: skip

    def start(self, *command: str | Path, log: str) -> subprocess.Popen:
        with (self.folder / log).open("a") as file:
            process = subprocess.Popen(
                [*map(str, command)], env=self.environment, stdout=file, stderr=file, cwd=self.folder
            )
        self.children.append(process)
        return process

    def fazhi(self, *words: str | Path, log: str) -> subprocess.Popen:
        return self.start(sys.executable, "-P", "-m", "fazhi", *words, "--data", self.data, log=log)

    def query(self, expression: str) -> list:
        asked = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/query?{asked}", timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def firing(self) -> list[str]:
        alerts = sorted({one["metric"]["alertname"] for one in self.query('ALERTS{alertstate="firing"}')})
        for name in alerts:
            self.fired.setdefault(name, time.monotonic() - self.began)
        return alerts

    def say(self, what: str) -> None:
        shown = []
        for expression in FIGURES.values():
            found = self.query(expression)
            shown.append(f"{float(found[0]['value'][1]):.0f}" if found else "–")
        at = time.monotonic() - self.began
        print(f"| {at:4.0f} s | {what} | {' | '.join(shown)} | {', '.join(self.firing()) or '–'} |", flush=True)

    def watch(self, seconds: float, every: float, what: str = "") -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(min(every, max(0.1, until - time.monotonic())))
            self.say(what)


def worker(run: Run, state: dict, stage: str) -> subprocess.Popen:
    run.environment |= {
        "FAZHI_REDIS_URL": state["redis_url"], "FAZHI_DATABASE_URL": state["database_url"],
        "FAZHI_METRICS_DIR": str(run.data / "metrics"), "FAZHI_METRICS_PORT": "0",
    }  # fmt: skip
    return run.start(
        sys.executable,
        "-P",
        "-m",
        "faststream",
        "run",
        f"services.{stage}.worker:app",
        "--app-dir",
        "",
        log=f"{stage}.log",
    )


def watched(run: Run) -> None:
    configuration = run.data / "prometheus.yml"
    deadline = time.monotonic() + 60
    while not configuration.exists() or not (run.data / "state.json").exists():
        if time.monotonic() > deadline:
            raise SystemExit(f"fazhi up does not start; see {run.folder / 'up.log'}")
        time.sleep(0.2)
    text = re.sub(r"(scrape|refresh)_interval: \S+", r"\1_interval: 2s", configuration.read_text(encoding="utf-8"))
    text = re.sub(r"evaluation_interval: \S+", "evaluation_interval: 5s", text)
    (run.folder / "prometheus.yml").write_text(text, encoding="utf-8")
    port = run.prometheus.rpartition(":")[2]
    run.start("prometheus", f"--config.file={run.folder / 'prometheus.yml'}", f"--storage.tsdb.path={run.folder / 'tsdb'}",
              f"--web.listen-address=127.0.0.1:{port}", log="prometheus.log")  # fmt: skip
    while True:
        try:
            if len(run.query('up{job="fazhi-workers"} == 1')) >= 4:
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise SystemExit("Prometheus does not scrape the workers")
        time.sleep(0.5)


def load(run: Run, reports: Path) -> None:
    """Submit the reports again and again from a process of its own, until it is stopped."""
    script = (
        "import subprocess, sys, time\n"
        "while True:\n"
        "    subprocess.run([sys.executable, '-P', '-m', 'fazhi', 'submit', *sys.argv[1:], '--again'], "
        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "    time.sleep(1)\n"
    )
    run.start(sys.executable, "-P", "-c", script, reports, "--data", run.data, log="load.log")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--reports", type=Path, default=ROOT / "samples")
    asked = parser.parse_args()
    if shutil.which("prometheus") is None:
        raise SystemExit("needs Prometheus: install Debian's package `prometheus`")
    part = asked.minutes * 60 / 10
    with tempfile.TemporaryDirectory(prefix="fazhi-operations-") as folder:
        run = Run(Path(folder))
        try:
            run.fazhi("up", log="up.log")
            watched(run)
            state = json.loads((run.data / "state.json").read_text(encoding="utf-8"))
            print("| at | what | " + " | ".join(FIGURES) + " | alerts firing |")
            print("|---" * (len(FIGURES) + 3) + "|")
            load(run, asked.reports)
            run.watch(part, part / 2, "one worker a stage, under load")
            extra = [worker(run, state, "extractor") for _ in range(2)]
            run.watch(part, part / 2, "extractor scaled 1 → 3")
            extra[0].kill()
            run.watch(part, part / 2, "one extractor killed")
            paused = extra[1].pid
            os.kill(paused, signal.SIGSTOP)
            run.watch(part * 1.5, part / 2, "one extractor paused")
            os.kill(paused, signal.SIGCONT)
            run.watch(part / 2, part / 2, "it wakes up")
            empty = run.folder / "empty.jsonl"
            lines = (
                json.dumps({"url": f"http://broken.example/{k}", "body": "<html></html>", "source": "broken"})
                for k in range(1000)
            )
            empty.write_text("\n".join(lines), encoding="utf-8")
            run.fazhi("submit", empty, log="submit.log")
            run.watch(part * 3, part / 2, "a broken crawler sent 1,000 empty pages")
            extra[1].terminate()
            code = extra[1].wait(60)
            run.watch(part, part / 2, f"extractor scaled 3 → 1 (exit status {code})")
            run.children[2].terminate()  # the load
            run.watch(part, part / 2, "the load has stopped")
            print("\nalerts, with the second at which each first fired: "
                  + (", ".join(f"{name} {at:.0f} s" for name, at in run.fired.items()) or "none"))  # fmt: skip
        finally:
            for process in reversed(run.children):
                if process.poll() is None:
                    process.terminate()
            for process in run.children:
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
