"""What Prometheus is told: a configuration, and a list of targets that follows the processes.

A process that serves metrics writes `<metrics>/<name>-<pid>.json` with its address; the files of processes that are gone
are taken away.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fazhi.home import Home, write_whole

#: The jobs have the names that deploy/prometheus gives them, which alerts and dashboards know.
_CONFIGURATION = """\
# Written by `fazhi up`; written anew at every start.
global:
  scrape_interval: 5s
  evaluation_interval: 15s
{rules}scrape_configs:
"""
_JOB = """\
  - job_name: {job}
    file_sd_configs:
      - files: [{path}]
        refresh_interval: 5s
"""
_JOBS = {"fazhi-workers": "workers.json", "fazhi-monitor": "monitor.json", "fazhi-api": "api.json"}


@dataclass(frozen=True)
class Target:
    """Where one process serves `/metrics`, `/healthz` and `/readyz`."""

    stage: str
    pid: int
    address: str  # host:port


def read_targets(home: Home, living: Collection[int]) -> list[Target]:
    """The targets of the living processes, by stage; files of others are removed."""
    targets = []
    for path in sorted(home.metrics.glob("*.json")):
        target = _read_target(path)
        if target is None:  # half-written: the next look finds it whole
            continue
        if target.pid in living:
            targets.append(target)
        else:
            path.unlink(missing_ok=True)
    return targets


def _read_target(path: Path) -> Target | None:
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        return Target(str(said["stage"]), int(said["pid"]), str(said["address"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_targets(home: Home, targets: list[Target], api_url: str | None) -> None:
    """The lists that Prometheus follows."""
    api = [] if api_url is None else [api_url.removeprefix("http://")]
    monitors = [target.address for target in targets if target.stage == "monitor"]
    workers = [target.address for target in targets if target.stage != "monitor"]
    for name, addresses in (("workers.json", workers), ("monitor.json", monitors), ("api.json", api)):
        listed = [{"targets": addresses, "labels": {}}] if addresses else []
        write_whole(home.discovery / name, json.dumps(listed, indent=1) + "\n")


def write_configuration(home: Home) -> None:
    """The configuration: `prometheus --config.file=DIR/prometheus.yml`. In a clone it has the project's alerts too."""
    rules = Path(__file__).resolve().parent.parent / "deploy" / "prometheus" / "rules"
    listed = f"rule_files: [{json.dumps(str(rules / '*.yml'))}]\n" if rules.is_dir() else ""
    jobs = (_JOB.format(job=job, path=json.dumps(str(home.discovery / name))) for job, name in _JOBS.items())
    write_whole(home.prometheus, _CONFIGURATION.format(rules=listed) + "".join(jobs))
