import os
import re
import subprocess
import sys

import pytest

from fazhi.main import COMMANDS, build, run
from tests.command.conftest import SAMPLES, fazhi, fazhi_process

NAMES = [entry.name for entry in COMMANDS]


def test_the_overview_names_every_command_with_a_line():
    status, output, _ = fazhi("--help")
    assert status == 0
    for name in NAMES:
        assert re.search(rf"│ {name} +[A-Z]\w", output), name
    assert "not in this installation" not in output


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as left:
        build([name])([name, "--help"], exit_on_error=False, result_action="sys_exit")
    assert left.value.code in {0, None}
    page = capsys.readouterr().out
    assert f"fazhi {name}" in page
    assert len(page) > 300


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["nonsense"], 2, "Unknown command"),
        (["submit"], 2, "nothing to submit"),
        (["submit", "gone.html"], 2, "does not exist"),
        (["submit", "--nonsense"], 2, "unknown option --nonsense"),
        (["submit", "--watch", "gone"], 2, "is no folder"),
        (["submit", "--watch", ".", "x"], 2, "takes its folder alone"),
        (["status"], 1, "no pipeline is running"),
        (["audit"], 1, "no pipeline is running"),
        (["results"], 1, "there is no database"),
        (["results", "--limit", "-1"], 2, "--limit"),
        (["up", "--port", "99999999"], 2, "--port"),
        (["trace", "1763740800000-0"], 1, "there is no database"),
        (["trace", "what?"], 2, "neither an entry nor a report"),
        (["dead", "list"], 1, "no pipeline is running"),
        (["demo", "gone"], 2, "is no folder with"),
        (["down"], 0, "no pipeline is running"),
    ],
)
def test_a_mistake_is_answered_with_what_to_do(tmp_path, arguments, status, says):
    done, output, error = fazhi(*arguments, cwd=tmp_path)
    assert (done, says in error + output) == (status, True), error


def test_a_terminal_that_cannot_show_chinese_gets_escapes_and_no_traceback():
    command = [sys.executable, "-P", "-m", "fazhi", "outline", str(next(SAMPLES.glob("*.html")))]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u" in done.stdout


@pytest.mark.parametrize(
    ("words", "setting", "value"),
    [
        (("extract", "a.html"), "FAZHI_LEASE_SECONDS", "soon"),
        (("submit", "a.html"), "FAZHI_INTAKE_SLOW_FROM", "late"),
        (("audit",), "FAZHI_SHARD", "a}b"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(tmp_path, words, setting, value):
    (tmp_path / "a.html").write_text("页")
    status, _, error = fazhi(*words, cwd=tmp_path, **{setting: value, "FAZHI_REDIS_URL": "redis://127.0.0.1:1/0"})
    assert (status, f"the settings are wrong: {setting}:" in error, value in error) == (2, True, False), error


@pytest.mark.parametrize("module", ["services.monitor", "services.sink.server", "faststream"])
def test_a_service_names_the_setting_that_cannot_be_meant(tmp_path, module):
    more = ["run", "services.sink.worker:app", "--app-dir", ""] if module == "faststream" else []
    wrong = {**os.environ, "FAZHI_SHARD": "*", "FAZHI_REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", module, *more],
        capture_output=True,
        cwd=tmp_path,
        env=wrong,
        check=False,
        timeout=240,
    )
    assert done.returncode != 0
    assert b"FAZHI_SHARD: String should match" in done.stderr


API, MONITOR = "services.sink.server", "services.monitor"


@pytest.mark.parametrize(
    ("module", "setting", "value", "says"),
    [
        (API, "FAZHI_API_TOKEN_FILE", "/nowhere/token", "cannot be read"),
        (API, "FAZHI_DATABASE_URL_FILE", "/nowhere/url", "cannot be read"),
        (API, "FAZHI_REDIS_URL_FILE", "/nowhere/url", "cannot be read"),
        (API, "FAZHI_DATABASE_URL", "secret-word", "the database must be"),
        (MONITOR, "FAZHI_DATABASE_URL", "secret-word", "the database must be"),
        (MONITOR, "FAZHI_DATABASE_URL", "mysql://secret-word@x/y", "the database must be"),
        (MONITOR, "FAZHI_REDIS_URL", "http://secret-word", "Redis URL must specify"),
        (MONITOR, "FAZHI_METRICS_HOST", "192.0.2.1", "set FAZHI_METRICS_PORT"),
    ],
)
def test_a_service_that_cannot_start_says_why_in_a_line(tmp_path, module, setting, value, says):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")}
    place = {} if setting == "FAZHI_REDIS_URL_FILE" else {"FAZHI_REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", module], cwd=tmp_path, env={**kept, **place, setting: value}, capture_output=True,
        text=True, check=False, timeout=240,
    )  # fmt: skip
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert "secret-word" not in done.stderr


def test_standard_output_may_be_closed(tmp_path):
    command = f"{sys.executable} -P -m fazhi catalogue test >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=tmp_path, check=False)
    assert b"Traceback" not in done.stderr


def test_whoever_reads_the_output_may_have_enough():
    for words in ("catalogue", "catalogue --json"):
        read, write = os.pipe()
        os.close(read)
        command = [sys.executable, "-P", "-m", "fazhi", *words.split()]
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
        os.close(write)
        assert (done.returncode, done.stderr) == (0, b""), words


def test_a_server_that_is_away_is_named_without_a_traceback(tmp_path):
    away = {"FAZHI_REDIS_URL": "redis://user:secret-word@127.0.0.1:1/0", "FAZHI_DATABASE_URL": "sqlite:///x.db"}
    (tmp_path / "a.html").write_text("页")
    for arguments in (["status"], ["audit"], ["submit", "a.html"]):
        status, _, error = fazhi(*arguments, cwd=tmp_path, **away)
        assert status == 1
        assert "does not answer" in error
        assert "secret-word" not in error


def test_a_database_that_is_away_is_named_without_a_traceback(tmp_path):
    away = {"FAZHI_DATABASE_URL": "postgresql://user:secret-word@127.0.0.1:1/x"}
    status, _, error = fazhi("results", cwd=tmp_path, **away)
    assert (status, "does not answer" in error, "secret-word" in error) == (1, True, False), error
    status, _, error = fazhi("results", cwd=tmp_path, FAZHI_DATABASE_URL="mysql://x/y")
    assert status in {1, 2}
    assert "mysql" in error


def test_an_unknown_server_url_is_wrong_use(tmp_path):
    status, _, error = fazhi("status", cwd=tmp_path, FAZHI_REDIS_URL="http://x")
    assert (status, "not a Redis URL" in error) == (2, True), error


def test_the_command_as_a_process_ends_with_its_status(tmp_path):
    status, _, error = fazhi_process("status", "--data", tmp_path)
    assert (status, "no pipeline is running" in error) == (1, True)


def test_a_fault_of_the_code_is_not_hidden(monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("fazhi.commands.extract.read_one", broken)
    with pytest.raises(ZeroDivisionError):
        run(["extract", __file__])
