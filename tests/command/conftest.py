"""A whole pipeline as a person starts it, shared by the tests of this room, and the command as a person types it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from fazhi.main import run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
#: Where a person may stand by chance: a folder whose modules have our names. Nothing of it may ever be imported.
FOREIGN = "raise SystemExit('a foreign module was imported')\n"


def clean_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")}
    return {**kept, "FAZHI_LEASE_SECONDS": "2", "FAZHI_RECONNECT_SECONDS": "0.2", "COLUMNS": "120", **more}


def fazhi(*arguments, stdin: bytes = b"", cwd: Path | None = None, **environment: str):
    """The command as typed: exit status, standard output, standard error. In this process, which is quicker."""
    output, error = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    given = io.TextIOWrapper(io.BytesIO(stdin))
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("FAZHI_")]:
            patch.delenv(name)
        for name, value in {"COLUMNS": "200", **environment}.items():
            patch.setenv(name, value)
        for name, stream in (("stdin", given), ("stdout", output), ("stderr", error)):
            patch.setattr(sys, name, stream)
        if cwd is not None:
            patch.chdir(cwd)
        status = run([str(one) for one in arguments])
    texts = []
    for stream in (output, error):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return status, *texts


def fazhi_process(*arguments, cwd: Path | None = None, timeout: float = 280, **environment: str):
    """The same in a process of its own."""
    command = [sys.executable, "-P", "-m", "fazhi", *map(str, arguments)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=timeout,
        env=clean_environment() | environment,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def eventually(question, seconds: float = 200):
    """Ask until the answer is true; the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


@dataclass
class Up:
    """A running `fazhi up`."""

    data: Path
    process: subprocess.Popen
    log: Path

    @property
    def state(self) -> dict:
        return json.loads((self.data / "state.json").read_text())

    @property
    def pids(self) -> dict[str, int]:
        return {process["name"]: process["pid"] for process in self.state["processes"]}

    def said(self) -> str:
        return self.log.read_text()

    def json(self, *arguments):
        status, output, error = fazhi(*arguments, "--json", "--data", self.data)
        assert output, (status, error)
        return json.loads(output)

    def stop(self, number=signal.SIGTERM, seconds: float = 200) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextmanager
def running(data: Path, *arguments: str, ready: bool = True, **environment: str):
    foreign = data.parent / f"{data.name} stands here"
    foreign.mkdir(exist_ok=True)
    for name in ("shared", "services", "fazhi", "faststream", "redis"):
        (foreign / name).mkdir(exist_ok=True)
        (foreign / name / "__init__.py").write_text(FOREIGN)
    log = data.parent / f"{data.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fazhi", "up", "--data", str(data), *arguments],
            stdout=output, stderr=output, cwd=foreign, env=clean_environment(**environment), process_group=0,
        )  # fmt: skip
    up = Up(data, process, log)
    try:
        if ready:
            assert eventually(lambda: "ready." in up.said() or process.poll() is not None, 250)
            assert process.poll() is None, up.said()
        yield up
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(200)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def up(tmp_path_factory):
    """A pipeline with two extractors, in a folder whose name has a blank and a sign of another script."""
    with running(tmp_path_factory.mktemp("command") / "数据 a", "--scale", "extractor=2") as one:
        yield one


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_line(process: psutil.Process) -> str:
    """What a process was started with; "" once it has ended."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return ""
