"""Processes that a killed `fazhi up` left behind.

On Linux they stop by themselves; elsewhere, or where one hangs, they are found by the state file and ended before the
next start: two brokers must not write one append-only file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from fazhi.home import Home, Running

#: A broker with a large append-only file takes this long to close it.
_PATIENCE_SECONDS = 30.0


def end_leftovers(home: Home) -> list[str]:
    """End the processes of the last `fazhi up` in `home`, which is known to be gone. Returns their names."""
    state = home.read_state()
    left = [process for process in state.processes if is_ours(process)] if state else []
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            if is_ours(process):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process.pid, number)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while any(is_ours(process) for process in left) and time.monotonic() < deadline:
            time.sleep(0.05)
    return [process.name for process in left]


def is_ours(process: Running) -> bool:
    """Whether the process still lives and still is what it was: a process id is used again, a command line tells."""
    line = command_line(process.pid)
    return line is not None and process.mark in line


def command_line(pid: int) -> str | None:
    """The command line of a living process, or None."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip() or None
        except OSError:
            return None
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
