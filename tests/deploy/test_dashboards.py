"""Every query of every panel, against a real Prometheus that scraped a real run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE, free_port

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
#: Panels that show nothing while all is well: what they count did not happen in the run.
MAY_BE_EMPTY: set[str] = set()


def panels() -> list[tuple[str, str, str]]:
    return [
        (path.stem, panel["title"], target["expr"])
        for path in DASHBOARDS
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
    ]


def test_the_dashboards_are_what_the_code_says():
    checked = subprocess.run(
        [sys.executable, ROOT / "deploy/grafana/build.py", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_every_panel_says_what_it_shows():
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text(encoding="utf-8"))
        assert dashboard["templating"]["list"][0]["type"] == "datasource"
        for panel in dashboard["panels"]:
            assert panel["title"].endswith("?"), panel["title"]
            assert len(panel["description"]) > 20, panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            for target in panel["targets"]:
                assert target["datasource"]["uid"] == "${source}"
                if "rate(" in target["expr"]:
                    assert "$__rate_interval" in target["expr"], "a fixed window breaks at other zoom levels"


def until(what: str, seconds: float, condition):
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds * PATIENCE} s: {what}"
        time.sleep(0.2)


class Prometheus:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=30) as answer:
                return answer.status == 200
        except OSError:
            return False

    def query(self, expression: str) -> list:
        # Grafana's own rule for the variable: at least four scrapes.
        asked = urllib.parse.urlencode({"query": expression.replace("$__rate_interval", "20s")})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{asked}", timeout=60) as answer:
            return json.load(answer)["data"]["result"]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """`fazhi up` with Prometheus beside it; our samples and a crawler that sends empty pages went through."""
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("no Prometheus here: install Debian's package `prometheus`")
    folder = tmp_path_factory.mktemp("watched")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")},
        "FAZHI_MONITOR_SECONDS": "1", "FAZHI_MONITOR_QUALITY_SECONDS": "1",
    }  # fmt: skip
    fazhi = [sys.executable, "-P", "-m", "fazhi"]
    log = (folder / "up.log").open("w")
    up = subprocess.Popen([*fazhi, "up", "--data", folder / "data"], env=environment, stdout=log, stderr=log)
    port = free_port()
    watcher = None
    try:
        written = until(
            "prometheus.yml", 60, lambda: (folder / "data/prometheus.yml").exists() and folder / "data/prometheus.yml"
        )
        text = written.read_text(encoding="utf-8")
        text = re.sub(r"scrape_interval: \S+", "scrape_interval: 1s", text)
        text = re.sub(r"evaluation_interval: \S+", "evaluation_interval: 1s", text)
        text = re.sub(r"refresh_interval: \S+", "refresh_interval: 1s", text)
        config = folder / "prometheus.yml"
        config.write_text(text, encoding="utf-8")
        watcher = subprocess.Popen(
            [binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
             f"--web.listen-address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        watched = Prometheus(port)
        until("Prometheus is ready", 30, watched.ready)
        until("all workers scraped", 60, lambda: len(watched.query('up{job=~"fazhi-(workers|monitor)"} == 1')) >= 5)
        pages = [path for path in (ROOT / "samples").iterdir() if path.suffix in {".txt", ".html"}]
        nothing = folder / "empty.jsonl"
        lines = [
            json.dumps({"url": f"http://broken.example/{k}", "body": "<html></html>", "source": "broken"})
            for k in range(30)
        ]
        nothing.write_text("\n".join(lines), encoding="utf-8")
        submitted = subprocess.run(
            [*fazhi, "submit", *pages, nothing, "--data", folder / "data", "--wait"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in submitted.stderr, submitted.stderr
        until(
            "the sink's figures are scraped twice", 60,
            lambda: watched.query('increase(fazhi_age_seconds_count{stage="sink"}[20s]) > 0')
            and watched.query("fazhi_quality_reports > 0"),
        )  # fmt: skip
        yield watched
    finally:
        for process in (watcher, up):
            if process is not None:
                process.send_signal(signal.SIGTERM)
        for process in (watcher, up):
            if process is not None:
                process.wait(60 * PATIENCE)
        log.close()


def test_every_query_of_every_panel_returns_data(prometheus):
    empty = []
    asked = panels()
    assert len(asked) > 60
    until_data = time.monotonic() + 15 * PATIENCE
    while asked and time.monotonic() < until_data:
        # Recorded series need a second evaluation: ask those that had none again.
        empty = [one for one in asked if not prometheus.query(one[2])]
        asked = empty
        time.sleep(0.5)
    assert {title for _, title, _ in empty} <= MAY_BE_EMPTY, empty


def test_a_crawler_that_sends_empty_pages_is_seen(prometheus):
    (broken,) = prometheus.query('fazhi_quality_dead_ratio{source="broken"}')
    assert float(broken["value"][1]) == 1.0
    counted = 'sum(fazhi_dead_letters{stage="normalizer",reason="empty"}) == 30'
    until("all thirty letters are counted", 30, lambda: prometheus.query(counted))


def test_the_books_balance_while_prometheus_looks(prometheus):
    (difference,) = prometheus.query("max_over_time(fazhi_books_difference_entries[10m])")
    assert float(difference["value"][1]) == 0
    (least,) = prometheus.query("min_over_time(fazhi_books_difference_entries[10m])")
    assert float(least["value"][1]) == 0
