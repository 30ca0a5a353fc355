"""What a person is told who waits: at a start that takes long, and for pages that do not move."""

import io
import signal
import subprocess
import sys

from rich.console import Console

from fazhi.commands import submit
from tests.command.conftest import clean_environment, eventually


def test_a_start_that_takes_long_says_who_is_not_ready_and_ready_only_when_all_are(tmp_path):
    log = tmp_path / "up.log"
    hasty = f"import fazhi.run, fazhi.main; fazhi.run._READY_SECONDS = 0.0; fazhi.main.main(['up', '--data', '{tmp_path}/a'])"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", hasty], stdout=output, stderr=output, cwd=tmp_path, env=clean_environment()
        )
    try:
        assert eventually(lambda: "ready. Submit" in log.read_text() or process.poll() is not None, 250)
        said = log.read_text()
        assert "extractor is not ready after 0 s" in said
        assert "broker is not ready" not in said
        assert f"--storage.tsdb.path={tmp_path}/a/prometheus" in said, "Debian's own is closed to an ordinary user"
        assert said.index("is started again") < said.index("Prometheus") < said.index("ready. Submit")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(200)


def test_pages_that_do_not_move_are_said_once_and_again_after_they_have_moved(monkeypatch):
    said = io.StringIO()
    with submit.waiting_bar(Console(file=said), 3, quiet=False) as step:
        step(0)
        monkeypatch.setattr(submit, "_STANDSTILL_SECONDS", -1.0)
        for done, times in ((0, 1), (0, 1), (1, 1), (1, 2), (1, 2)):
            step(done)
            assert said.getvalue().count("fazhi status") == times
