"""Every container of ours, started natively by its command as docker-compose.yml writes it, against a real server with
the shipped configuration and user list, and a real PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import redis
import yaml

from tests.support.servers import PATIENCE, binary, free_port, wait_until

ROOT = Path(__file__).parents[2]
OURS = ("normalizer", "sectioner", "extractor", "sink", "monitor", "api")
VERSIONS = {"valkey-9": "9.1.0", "redis-7.0": "7.0.15"}


def start_server(make: str, folder: Path, secrets: Path) -> tuple[subprocess.Popen, int]:
    """The server with deploy/redis/valkey.conf; only its port, address and folder are this test's."""
    port = free_port()
    program = binary(make)
    if program is None:
        pytest.skip(f"{make} is not installed")
    shipped = (ROOT / "deploy/redis/valkey.conf").read_text(encoding="utf-8")
    configuration = folder / "server.conf"
    configuration.write_text(
        re.sub(r"(?m)^(bind|port|dir) .*$", "", shipped) + f"\nbind 127.0.0.1\nport {port}\ndir {folder}\n",
        encoding="utf-8",
    )
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [program, configuration, "--aclfile", secrets / "redis_users"], stdout=log, stderr=log
        )
    return server, port


@pytest.fixture(params=["valkey-9", "redis-7.0"])
def containers(request, tmp_path, new_postgres_url):
    secrets = tmp_path / "secrets"
    subprocess.run(
        [sys.executable, ROOT / "deploy/make_secrets.py", "--folder", secrets, "--server-version", VERSIONS[request.param]],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    server, port = start_server(request.param, tmp_path, secrets)
    for path in secrets.glob("redis_url_*"):
        path.write_text(path.read_text(encoding="utf-8").replace("@redis:6379", f"@127.0.0.1:{port}"), encoding="utf-8")
    (secrets / "database_url").write_text(new_postgres_url, encoding="utf-8")
    admin = redis.Redis(port=port, username="admin", password=(secrets / "redis_password_admin").read_text().strip())
    wait_until(lambda: _answers(admin), 20, "the server answers its admin")
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    started: dict[str, tuple[subprocess.Popen, int]] = {}
    try:
        for name in OURS:
            metrics = free_port()
            environment = {
                variable: value
                for variable, value in os.environ.items()
                if not variable.startswith(("FAZHI_", "PYTHON"))
            }
            environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONSAFEPATH": "1"}
            for variable, written in services[name]["environment"].items():
                value = str(written).replace("/run/secrets", str(secrets)).replace("0.0.0.0", "127.0.0.1")
                environment[variable] = str(metrics) if variable.endswith("_PORT") else value
            command = [str(tmp_path) if word == "/tmp" else word for word in services[name]["command"]]
            with (tmp_path / f"{name}.log").open("wb") as log:
                process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log)
            started[name] = process, metrics
        yield started, secrets, admin, tmp_path
    finally:
        for process, _ in started.values():
            process.terminate()
        for process, _ in started.values():
            process.wait(40 * PATIENCE)
        admin.close()
        server.terminate()
        server.wait(40 * PATIENCE)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_every_container_starts_works_within_its_rights_and_stops(containers):
    started, secrets, admin, folder = containers
    logs = {name: folder / f"{name}.log" for name in OURS}
    for name, (process, port) in started.items():
        wait_until(
            lambda port=port, process=process: process.poll() is not None or _healthy(port), 60, f"{name} is healthy"
        )
        assert process.poll() is None, logs[name].read_text(encoding="utf-8")[-2000:]

    crawler = redis.Redis.from_url((secrets / "redis_url_crawler").read_text().strip())
    page = (ROOT / "samples/wanglan-2021.txt").read_bytes()
    crawler.xadd("fazhi:intake", {"url": "http://wanglan.example/a.html", "body": page, "source": "test"})
    crawler.xadd("fazhi:intake", {"url": "http://wanglan.example/empty.html", "body": b"", "source": "test"})
    crawler.close()

    def counted() -> dict[bytes, bytes]:
        return admin.hgetall("fazhi:books")

    wait_until(
        lambda: counted().get(b"extracted.out") == b"1" and counted().get(b"dead.out") == b"1", 60,
        "one page is stored, one is a dead letter in the database",
    )  # fmt: skip
    with urllib.request.urlopen(f"http://127.0.0.1:{started['api'][1]}/api/v1/pipeline", timeout=60) as answer:
        assert b'"balanced":true' in answer.read()

    def seen_by_the_monitor() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{started['monitor'][1]}/metrics", timeout=60) as answer:
            return b'fazhi_books_entries{term="stored"} 1.0' in answer.read()

    wait_until(seen_by_the_monitor, 30, "the monitor has looked again")
    denied = admin.execute_command("ACL", "LOG")
    assert denied == [], denied
    for name in ("normalizer", "sectioner", "extractor", "sink", "monitor"):
        process, _ = started[name]
        process.terminate()
        assert process.wait(40 * PATIENCE) == 0, f"{name}: {logs[name].read_text(encoding='utf-8')[-2000:]}"
    passwords = [path.read_text(encoding="utf-8").strip() for path in secrets.glob("redis_password_*")]
    for name, log in logs.items():
        text = log.read_text(encoding="utf-8")
        assert not [one for one in passwords if one in text], f"{name} logs a password"
