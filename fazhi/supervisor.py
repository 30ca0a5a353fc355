"""Keeps processes running: starts them, starts again what dies, stops them in order.

Every process is a direct child, in a process group of its own: Ctrl-C in the terminal reaches the supervisor alone,
which then stops the others one group after the other. On Linux a child is told to stop when its supervisor is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

#: First pause before a process that died is started again; it doubles up to the longest.
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
#: A process that lived so long has started well: its next death counts as the first.
STEADY_SECONDS = 60.0
#: A log beyond this is moved to NAME.log.1, so that a month of running cannot fill the disk.
MAX_LOG_BYTES = 50_000_000
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A process to keep running."""

    name: str  # for example "extractor-2"
    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)  # beside the supervisor's own
    folder: Path | None = None
    stop_seconds: float = 30.0  # between SIGTERM and SIGKILL
    mark: str = ""  # a part of its command line, as `ps` shows it, by which it is known again


class Supervisor:
    """Keeps programs running until told to stop. `tell` gets a line for the person at the terminal,
    `changed` is called whenever a process was started or has ended. Neither may raise.
    """

    def __init__(self, tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        self._tell, self._changed = tell, changed
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._programs: dict[str, Program] = {}
        self._stopping: set[str] = set()
        self.deaths: dict[str, int] = {}

    def start(self, program: Program) -> None:
        """Start a program and keep it running."""
        self._programs[program.name] = program
        self._keepers[program.name] = asyncio.create_task(self._keep(program), name=program.name)

    def processes(self) -> dict[str, int]:
        """The living processes: name → process id."""
        return {name: process.pid for name, process in self._running.items()}

    def program(self, name: str) -> Program:
        """The program of that name."""
        return self._programs[name]

    async def stop(self, names: Iterable[str], *, at_once: asyncio.Event) -> list[str]:
        """Stop programs: SIGTERM, then SIGKILL after their `stop_seconds`, or as soon as `at_once` is set.

        Returns the names of those that had to be killed.
        """
        chosen = [name for name in names if name in self._keepers]
        self._stopping.update(chosen)
        killed = await asyncio.gather(*(self._end(name, at_once) for name in chosen))
        return [name for name, was_killed in zip(chosen, killed, strict=True) if was_killed]

    async def _end(self, name: str, at_once: asyncio.Event) -> bool:
        keeper, process = self._keepers[name], self._running.get(name)
        if process is None:  # between two lives
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            return False
        _send(process, signal.SIGTERM)
        hurry = asyncio.create_task(at_once.wait())
        try:
            done, _ = await asyncio.wait(
                {keeper, hurry},
                timeout=self._programs[name].stop_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            hurry.cancel()
        if keeper in done:
            return False
        _send(process, signal.SIGKILL)
        await keeper
        return True

    async def _keep(self, program: Program) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            try:
                fate = f"ended {describe(await self._live(program))}"
            except OSError as error:  # a full disk under its log, no memory for one more process
                fate = f"does not start: {error.strerror or error}"
            if program.name in self._stopping:
                return
            self.deaths[program.name] = self.deaths.get(program.name, 0) + 1
            if time.monotonic() - started >= STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._tell(f"{program.name} {fate}; starting it again in {pause:g} s (log: {program.log})")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _live(self, program: Program) -> int:
        """One life of the program. Returns its exit status, negative for a signal."""
        with program.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=program.folder,
                env={**os.environ, **program.environment},
                process_group=0,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self._running[program.name] = process
        self._changed()
        if program.name in self._stopping:  # told to stop while it was being started
            _send(process, signal.SIGTERM)
        try:
            return await process.wait()
        finally:
            del self._running[program.name]
            self._changed()

    def trim_logs(self) -> None:
        """Move logs that have grown too long; the processes go on writing to the emptied file."""
        for program in self._programs.values():
            with contextlib.suppress(OSError):  # a full disk: the next look tries again
                if program.log.stat().st_size > MAX_LOG_BYTES:
                    shutil.copyfile(program.log, program.log.with_name(program.log.name + ".1"))
                    os.truncate(program.log, 0)


def describe(status: int) -> str:
    """An exit status in words."""
    if status < 0:
        return f"by {signal.Signals(-status).name}"
    return f"with exit status {status}"


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for the person who must find out why a process died."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    except OSError as error:
        return f"({error})"


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


if sys.platform == "linux":
    # Looked up before the fork: between fork and exec nothing may be imported.
    _libc = ctypes.CDLL(None, use_errno=True)

    def _die_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
