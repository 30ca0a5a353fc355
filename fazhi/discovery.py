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

_CONFIGURATION = """\
# Written by `fazhi up`; written anew at every start.
global:
  scrape_interval: 5s
  evaluation_interval: 15s
scrape_configs:
  - job_name: fazhi
    # The stages' own labels are kept: each process knows best what it is.
    honor_labels: true
    file_sd_configs:
      - files: [{targets}]
        refresh_interval: 5s
"""


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


def write_targets(home: Home, targets: list[Target]) -> None:
    """The list that Prometheus follows."""
    listed = [
        {"targets": [target.address], "labels": {"process": f"{target.stage}-{target.pid}"}} for target in targets
    ]
    write_whole(home.discovery / "fazhi.json", json.dumps(listed, indent=1) + "\n")


def write_configuration(home: Home) -> None:
    """The configuration: `prometheus --config.file=DIR/prometheus.yml`."""
    pattern = json.dumps(str(home.discovery / "*.json"))
    write_whole(home.prometheus, _CONFIGURATION.format(targets=pattern))
