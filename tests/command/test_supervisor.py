import asyncio
import contextlib
import os
import signal
import sys
import time

import pytest

from fazhi import supervisor as module
from fazhi.supervisor import Program, Supervisor, describe, last_lines
from tests.command.conftest import alive


@pytest.fixture
def said():
    return []


@pytest.fixture
async def keeper(said, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.2)
    one = Supervisor(tell=said.append, changed=lambda: None)
    yield one
    hurry = asyncio.Event()
    hurry.set()
    await one.stop(list(one.processes()), at_once=hurry)


def program(tmp_path, code: str, **more) -> Program:
    return Program("one", [sys.executable, "-c", code], tmp_path / "one.log", **more)


async def until(question, seconds: float = 120):
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


FOREVER = "import time\nprint('up', flush=True)\ntime.sleep(600)"


async def test_what_dies_is_started_again_with_growing_pauses(keeper, said, tmp_path):
    keeper.start(program(tmp_path, "raise SystemExit(3)"))
    await until(lambda: keeper.deaths.get("one", 0) >= 4)
    pauses = [line.split(" again in ")[1].split(" s")[0] for line in said[:4]]
    assert pauses == ["0.05", "0.1", "0.2", "0.2"]
    assert "one ended with exit status 3" in said[0]


async def test_a_stop_is_asked_for_first_and_enforced_after_its_time(keeper, tmp_path):
    deaf = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
    )
    for code, seconds, killed in ((FOREVER, 120, []), (deaf, 0.5, ["one"])):
        log = tmp_path / "one.log"
        log.unlink(missing_ok=True)
        keeper = Supervisor(tell=lambda _line: None, changed=lambda: None)
        keeper.start(program(tmp_path, code, stop_seconds=seconds))
        await until(lambda log=log: log.exists() and b"up" in log.read_bytes())
        pid = keeper.processes()["one"]
        assert await keeper.stop(["one"], at_once=asyncio.Event()) == killed
        assert not alive(pid)


async def test_a_second_signal_does_not_wait(keeper, tmp_path):
    deaf = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
    )
    keeper.start(program(tmp_path, deaf, stop_seconds=600))
    await until(lambda: (tmp_path / "one.log").exists() and b"up" in (tmp_path / "one.log").read_bytes())
    hurry = asyncio.Event()
    stopping = asyncio.create_task(keeper.stop(["one"], at_once=hurry))
    await asyncio.sleep(0.05)
    hurry.set()
    assert await asyncio.wait_for(stopping, 120) == ["one"]


async def test_what_is_between_two_lives_is_not_started_again_by_a_stop(keeper, said, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 60)
    keeper.start(program(tmp_path, "raise SystemExit(3)"))
    await until(lambda: said)
    assert await keeper.stop(["one"], at_once=asyncio.Event()) == []
    assert keeper.processes() == {}


async def test_the_terminals_ctrl_c_does_not_reach_the_processes(keeper, tmp_path):
    keeper.start(program(tmp_path, FOREVER))
    await until(keeper.processes)
    assert os.getpgid(keeper.processes()["one"]) != os.getpgid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_processes_end_when_their_supervisor_is_killed(tmp_path):
    code = f"""
import asyncio, sys
from pathlib import Path
from fazhi.supervisor import Program, Supervisor
async def main():
    keeper = Supervisor(tell=print, changed=lambda: Path({str(tmp_path / "pid")!r}).write_text(str(keeper.processes().get("one", ""))))
    keeper.start(Program("one", [sys.executable, "-c", {FOREVER!r}], Path({str(tmp_path / "one.log")!r})))
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    await until(lambda: b"up" in (tmp_path / "one.log").read_bytes())
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    pid = int((tmp_path / "pid").read_text())
    try:
        await until(lambda: not alive(pid))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_a_log_that_grew_too_long_is_moved_and_writing_goes_on(keeper, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_LOG_BYTES", 1000)
    keeper.start(program(tmp_path, "import time\nwhile True:\n    print('x' * 99, flush=True)\n    time.sleep(0.05)"))
    log = tmp_path / "one.log"
    await until(lambda: log.exists() and log.stat().st_size > 2000)
    keeper.trim_logs()
    assert (tmp_path / "one.log.1").stat().st_size > 1000
    await until(lambda: 0 < log.stat().st_size < 100_000)
    assert log.read_bytes().startswith(b"x")


def test_an_exit_status_in_words():
    assert describe(3) == "with exit status 3"
    assert describe(-9) == "by SIGKILL"


def test_the_end_of_a_log(tmp_path):
    (tmp_path / "a.log").write_text("\n".join(map(str, range(10_000))))
    assert last_lines(tmp_path / "a.log", 2) == "9998\n9999"
