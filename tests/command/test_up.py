import json
import os
import re
import resource
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from redis import Redis

from tests.command.conftest import SAMPLES, alive, command_line, eventually, fazhi, fazhi_process, running

OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
PAGES = sorted(SAMPLES.glob("*.txt")) + sorted(SAMPLES.glob("*.html"))


def test_workers_are_direct_children_whose_command_line_names_the_module(up):
    pids = up.pids
    assert set(pids) == {"broker", "normalizer", "sectioner", "extractor-1", "extractor-2", "sink", "api", "monitor"}
    assert {psutil.Process(pid).ppid() for pid in pids.values()} == {up.process.pid}
    for name in ("normalizer", "sectioner", "extractor-1", "extractor-2", "sink"):
        stage = name.partition("-")[0]
        assert f"-P -m faststream run services.{stage}.worker:app --app-dir" in command_line(psutil.Process(pids[name]))


def test_a_second_pipeline_in_the_same_folder_is_refused_and_says_what_to_do(up):
    status, _, error = fazhi_process("up", "--data", up.data)
    assert status == 1
    assert f"already, as process {up.process.pid}" in error
    assert "fazhi down" in error


def test_the_embedded_broker_writes_what_it_accepts_to_disk_and_never_evicts(up):
    with Redis.from_url(up.state["redis_url"]) as client:
        wanted = ("appendonly", "appendfsync", "maxmemory-policy", "bind", "protected-mode", "proto-max-bulk-len")
        assert client.config_get(*wanted) == {
            "appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "bind": "127.0.0.1",
            "protected-mode": "yes", "proto-max-bulk-len": str(64 << 20),
        }  # fmt: skip


def test_pages_become_facts_and_the_books_balance(up):
    answer = up.json("submit", *PAGES, "--wait", "--timeout", "240")
    assert len(answer["accepted"]) == len(PAGES)
    assert answer["on_their_way"] == []
    assert {fate["outcome"] for fate in answer["fates"].values()} == {"stored"}
    books = up.json("audit")
    assert books["balanced"]
    assert books["findings"] == []
    assert books["database_stored"] >= len(PAGES)
    again = up.json("submit", *PAGES, "--wait")
    assert (again["accepted"], len(again["submitted_before"])) == ([], len(PAGES))


def test_standard_input_is_a_page_too(up):
    status, output, error = fazhi(
        "submit", "-", "--data", up.data, "--wait", "--timeout", "240", stdin=PAGES[0].read_bytes()
    )
    assert (status, "1 accepted; 1 stored, 0 dead" in output + error) == (0, True), error


def test_status_shows_every_stream_and_where_the_page_is(up):
    status = up.json("status")
    assert list(status["streams"]) == ["intake", "normalized", "sectioned", "extracted", "dead"]
    assert status["processes"].keys() == up.pids.keys()
    with urllib.request.urlopen(status["api_url"] + "/healthz", timeout=60) as answer:
        assert answer.status == 200
    _, table, _ = fazhi("status", "--data", up.data)
    assert "accepted" in table


def test_any_client_may_write_bytes_of_any_charset(up):
    raw = (SAMPLES / "wanglan-2021.txt").read_text(encoding="utf-8").encode("gb18030")
    with Redis.from_url(up.state["redis_url"]) as client:
        good = client.xadd("fazhi:intake", {"url": "http://example.gov.cn/a.html", "body": raw}).decode()
        empty = client.xadd("fazhi:intake", {"url": "http://example.gov.cn/b.html", "body": b""}).decode()
    letters = eventually(lambda: up.json("trace", empty)[0]["dead_letters"])  # once the sink has the letter
    assert [letter["reason"] for letter in letters] == ["empty"]
    assert eventually(lambda: '"stored"' in fazhi("trace", good, "--json", "--data", up.data)[1])
    (stored,) = up.json("trace", good)
    assert stored["found"]["charset"] == "gb18030"
    assert [step["stage"] for step in stored["trail"]][:3] == ["normalizer", "sectioner", "extractor"]
    assert {one["entry"] for one in up.json("trace", stored["report_id"][:12])} >= {stored["entry"]}


def test_metrics_addresses_are_printed_and_the_list_for_prometheus_follows_the_workers(up, tmp_path):
    def targets() -> set[str]:
        return {
            one
            for group in json.loads((up.data / "discovery" / "workers.json").read_text())
            for one in group["targets"]
        }

    assert eventually(lambda: len(targets()) == 5)
    before = targets()
    for target in before:
        assert f"http://{target}/metrics" in up.said()
        with urllib.request.urlopen(f"http://{target}/metrics", timeout=60) as answer:
            assert b"fazhi_reports_total" in answer.read()
    victim = up.pids["extractor-1"]
    os.kill(victim, signal.SIGKILL)
    assert eventually(lambda: up.pids.get("extractor-1", victim) != victim)
    assert "extractor-1 ended by SIGKILL; starting it again" in up.said()
    assert eventually(lambda: len(targets()) == 5 and targets() != before)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian package prometheus)")
def test_prometheus_accepts_the_configuration(up):
    checked = subprocess.run(
        ["promtool", "check", "config", up.data / "prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_stop_is_clean_and_nothing_that_waited_is_lost(tmp_path):
    data = tmp_path / "p"
    with running(data) as first:
        pids = first.pids
        status, _, _ = fazhi("submit", *PAGES, "--data", data)
        assert status == 0
        assert first.stop(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in pids.values())
    assert fazhi("status", "--data", data)[0] == 1
    with running(data) as second:
        answer = second.json("submit", *PAGES, "--wait", "--timeout", "240")
        assert (answer["accepted"], answer["on_their_way"]) == ([], [])
        assert second.json("audit")["findings"] == []
        assert fazhi("down", "--data", data)[0] == 0
        assert second.process.wait(200) == 0
    assert fazhi("down", "--data", data)[0] == 0
    assert fazhi("results", "--data", data, "--json")[1], "the database can be read without a pipeline"


def test_a_pipeline_that_was_killed_leaves_nothing_that_hinders_the_next(tmp_path):
    data = tmp_path / "p"
    with running(data) as first:
        pids = first.pids
        fazhi("submit", *PAGES, "--data", data)
        first.process.kill()
        first.process.wait()
    with running(data) as second:
        assert not any(alive(pid) for pid in pids.values())
        assert second.json("submit", *PAGES, "--wait", "--timeout", "240")["on_their_way"] == []
        assert second.json("audit")["findings"] == []


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process need Linux")
def test_a_full_disk_stops_the_keeping_of_no_process(tmp_path):
    with running(tmp_path / "p") as up:
        victim = up.pids["extractor"]

        def successors() -> bool:
            kept = psutil.Process(up.process.pid).children()
            return any("services.extractor" in command_line(one) and one.pid != victim for one in kept)

        resource.prlimit(up.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        os.kill(victim, signal.SIGKILL)
        assert eventually(successors), "it is started again, though the folder takes no word of it"
        resource.prlimit(up.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert eventually(lambda: up.pids.get("extractor", victim) != victim)
        answer = up.json("submit", *PAGES, "--wait", "--timeout", "240")
        assert {fate["outcome"] for fate in answer["fates"].values()} == {"stored"}


def test_a_folder_of_any_name_holds_its_own_database(tmp_path):
    data = tmp_path / "50%41 a?b=c #1"
    with running(data) as up:
        assert up.json("submit", PAGES[0], "--wait", "--timeout", "240")["on_their_way"] == []
        assert (data / "fazhi.db").stat().st_size
    assert fazhi("results", "--data", data, "--json")[1]


def test_a_server_and_a_database_of_ones_own_are_used(up, tmp_path):
    url = up.state["redis_url"].replace("/0", "/1")
    with running(tmp_path / "p", "--redis", url, "--database", f"sqlite:///{tmp_path}/other.db") as own:
        assert "broker" not in own.pids
        assert own.json("submit", PAGES[0], "--wait", "--timeout", "240")["on_their_way"] == []
    assert (tmp_path / "other.db").exists()
    with Redis.from_url(url) as client:
        client.flushdb()


def test_environment_variables_come_before_the_folder(up, tmp_path):
    urls = {"FAZHI_REDIS_URL": up.state["redis_url"], "FAZHI_DATABASE_URL": up.state["database_url"]}
    status, output, _ = fazhi("audit", "--json", "--data", tmp_path / "nothing", **urls)
    assert status == 0
    assert json.loads(output)["accepted"] > 0


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--scale", "extracter=2"], 2, "there is no stage 'extracter'"),
        (["--scale", "extractor=two"], 2, "a number of workers is wanted"),
        (["--scale", "extractor"], 2, "a number of workers is wanted"),
        (["--redis", "redis://127.0.0.1:1/0"], 1, "does not answer"),
        (["--redis", "http://x"], 2, "not a Redis URL"),
        (["--database", "mysql://x/y"], 1, "cannot be used"),
        (["--data", "/proc/fazhi"], 1, "cannot use /proc/fazhi"),
        (["--nonsense"], 2, "--nonsense"),
    ],
)
def test_what_cannot_be_started_says_why_and_leaves_nothing_running(tmp_path, arguments, status, says):
    given = arguments if "--data" in arguments else [*arguments, "--data", tmp_path / "p"]
    code, _, error = fazhi_process("up", *given)
    assert (code, says in error) == (status, True), error
    assert not re.search(r"Traceback", error)


@pytest.mark.skipif(not OUTGOING.exists(), reason="only Linux says which ports it gives to outgoing connections")
def test_no_outgoing_connection_can_take_the_port_of_a_server_that_is_about_to_start(up):
    first = int(OUTGOING.read_text().split()[0])
    if first < 32_000:
        pytest.skip(f"this system gives ports from {first} on to outgoing connections; as Linux comes, from 32768")
    ports = [urlsplit(up.state[name]).port for name in ("redis_url", "api_url")]
    assert 1024 <= min(ports) <= max(ports) < first


def test_a_taken_port_is_named(up, tmp_path):
    port = up.state["redis_url"].split(":")[2].split("/")[0]
    status, _, error = fazhi_process("up", "--port", port, "--data", tmp_path / "p")
    assert status == 1
    assert f"port {port} is taken" in error
    port = up.state["api_url"].rpartition(":")[2]
    for given in ({}, {"FAZHI_API_PORT": port}):
        option = [] if given else ["--api-port", port]
        status, _, error = fazhi_process("up", *option, "--data", tmp_path / "q", **given)
        assert (status, f"port {port} is taken" in error) == (1, True), error
