"""The processes of a pipeline on one machine: which there are, how they are called, what they are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

from fazhi.failure import wrong_use
from fazhi.home import Home
from fazhi.supervisor import Program
from shared.settings import WorkerSettings
from shared.streams import STAGES

#: Workers of a stage on one machine: far more than any machine has cores for.
MAX_WORKERS = 256
#: What a worker may take beyond `drain_seconds` to hand back, close and leave.
_GRACE_SECONDS = 10.0
_API = "services.sink.server"
_MONITOR = "services.monitor"


def read_scale(given: Iterable[str]) -> dict[str, int]:
    """Workers a stage: one, or what `extractor=2` says. Raises CommandError for anything else."""
    scale = dict.fromkeys(STAGES, 1)
    for part in (part for whole in given for part in whole.split(",")):
        stage, _, count = part.partition("=")
        if stage not in scale:
            raise wrong_use(f"there is no stage {stage!r}", f"the stages are {', '.join(STAGES)}: --scale extractor=2")
        if not (count.isascii() and count.isdigit() and int(count) <= MAX_WORKERS):
            raise wrong_use(f"--scale {part}: a number of workers is wanted, 0 to {MAX_WORKERS}", "--scale extractor=2")
        scale[stage] = int(count)
    return scale


def worker_programs(home: Home, scale: Mapping[str, int], connection: Mapping[str, str]) -> list[Program]:
    """The workers. Their command line names the module, so that `ps` and `pgrep` find them.

    `-P`, PYTHONSAFEPATH and the empty app dir keep a foreign `./shared` of the working folder out.
    """
    stop_seconds = WorkerSettings().drain_seconds + _GRACE_SECONDS
    environment = {**_environment(home), **connection}
    programs = []
    for stage, count in scale.items():
        command = [*_python("faststream"), "run", f"services.{stage}.worker:app", "--app-dir", ""]
        for number in range(1, count + 1):
            name = stage if count == 1 else f"{stage}-{number}"
            log = home.logs / f"{name}.log"
            programs.append(Program(name, command, log, environment, stop_seconds=stop_seconds, mark=command[5]))
    return programs


def api_program(home: Home, connection: Mapping[str, str], host: str, port: int) -> Program:
    """The query API with the web page."""
    environment = {**_environment(home), **connection, "FAZHI_API_HOST": host, "FAZHI_API_PORT": str(port)}
    if not {"FAZHI_API_TOKEN", "FAZHI_API_TOKEN_FILE"} & set(os.environ):
        environment["FAZHI_API_TOKEN_FILE"] = str(home.keep_token())
    return Program("api", _python(_API), home.logs / "api.log", environment, mark=_API)


def monitor_program(home: Home, connection: Mapping[str, str]) -> Program:
    """The monitor."""
    environment = {**_environment(home), **connection}
    return Program("monitor", _python(_MONITOR), home.logs / "monitor.log", environment, mark=_MONITOR)


def _python(module: str) -> list[str]:
    return [sys.executable, "-P", "-m", module]


def _environment(home: Home) -> dict[str, str]:
    return {
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "FAZHI_METRICS_DIR": str(home.metrics),
        "FAZHI_METRICS_PORT": "0",
    }
