"""What a worker says of each report: one line with entry and report id, at every stage, and never a word of its text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.pipeline import ROOT, SERVICE, Pipeline
from tests.support.servers import Server, wait_until

MakePipeline = Callable[..., Pipeline]


def test_every_stage_names_the_entry_and_the_report_of_what_it_did(server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(server, app=SERVICE, environment={"FAZHI_LOG_JSON": "true"})
    stages = ("normalizer", "sectioner", "extractor")
    for stage in stages:
        pipeline.start(stage)
    page = (ROOT / "samples/wanglan-2021.txt").read_bytes()
    pipeline.submit(page)

    def handed_over() -> bool:
        return pipeline.books().stream("extracted").length == 1

    wait_until(handed_over, 60, "the report reached the last stream")
    workers = {worker.stage: worker for worker in pipeline.workers}
    pipeline.terminate()
    seen = {}
    for stage in stages:
        lines = workers[stage].log.read_text(encoding="utf-8").splitlines()
        done = [json.loads(line) for line in lines if '"report_done"' in line]
        assert len(done) == 1, stage
        seen[stage] = done[0]["entry"], done[0]["report_id"]
        assert "行政复议" not in "".join(lines), "a report's text stands in the log"
    assert len(set(seen.values())) == 1
    entry, report_id = seen["normalizer"]
    assert entry.startswith("fazhi:intake/")
    assert len(report_id) == 32


@pytest.mark.parametrize("value", ["'\\ud800'", "2**70", "object", "'\\x1b[31m\\n{}'"])
def test_whatever_is_said_becomes_one_line_of_json(value: str) -> None:
    said = f"""
import structlog
from shared.telemetry import configure_logs
configure_logs(as_json=True)
structlog.get_logger().info("said", value={value})
"""
    run = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, cwd=ROOT)
    (line,) = run.stderr.splitlines()
    assert json.loads(line)["event"] == "said"
    assert line.isprintable()


@pytest.mark.parametrize("as_json", [True, False])
def test_lines_that_are_written_together_are_those_that_are_written_alone(*, as_json: bool) -> None:
    """One line an event, and no write is longer than what a pipe takes whole."""
    said = f"""
import sys, structlog
from shared.telemetry import configure_logs, tell_each
configure_logs(as_json={as_json})
structlog.contextvars.bind_contextvars(stage="sink")
told = [{{"entry": f"e-{{k}}", "note": "\\n\\x1b" * k}} for k in range(300)]
for one in told:
    structlog.get_logger().info("done", **one)
writes = []
sys.stderr = type("Writes", (), {{"write": writes.append, "flush": lambda: None}})
tell_each("done", told)
tell_each("done", [])
sys.stderr = sys.__stderr__
sys.stderr.write("".join(writes))
print(len(writes), max(len(text) for text in writes if text.count("\\n") > 1))
"""
    run = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, cwd=ROOT)
    lines = [re.sub(r"[0-9T:.-]{20,}Z", "", line) for line in run.stderr.splitlines()]
    assert len(lines) == 600
    if as_json:
        assert list(map(json.loads, lines[300:])) == list(map(json.loads, lines[:300]))
    else:
        assert [sorted(line) for line in lines[300:]] == [sorted(line) for line in lines[:300]]
    writes, longest = map(int, run.stdout.split())
    assert writes < 300
    assert longest <= 4_096


def test_a_disk_that_takes_no_more_lines_does_not_end_the_work() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    work = (
        "import structlog\nfrom shared.telemetry import configure_logs\nconfigure_logs(as_json=True)\n"
        "for k in range(1000): structlog.get_logger().info('report_done', entry='e' * 100)\nprint(k)"
    )
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-c", work], cwd=ROOT, stdout=subprocess.PIPE, stderr=full, check=False)
    assert done.stdout.split() == [b"999"]
