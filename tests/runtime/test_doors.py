"""Who may do what on the server: one user a service, from nothing; and encrypted connections."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import redis

from shared.books import read_books
from shared.letters.dead import list_letters
from shared.letters.replay import drop_letters, replay_letters
from shared.server import connect, is_away, masked
from tests.support.pipeline import ROOT, STAGES, Pipeline
from tests.support.servers import MAKES, Server, binary, free_port, need, running, wait_until

MakePipeline = Callable[..., Pipeline]
VERSION = {"valkey-9": "9.1.0", "redis-7.0": "7.0.15", "redis-6.2": "6.2.14"}


@pytest.fixture(scope="session")
def acl() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fazhi_acl", ROOT / "deploy" / "redis" / "acl.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _guarded(make: str, folder: Path, acl: ModuleType) -> tuple[Server, dict[str, str]]:
    passwords = acl.new_passwords()
    folder.mkdir(parents=True)
    (folder / "users.acl").write_text(acl.render(VERSION[make], passwords))
    server = Server(make, folder, options={"aclfile": str(folder / "users.acl")})
    server.start()
    urls = {user: f"redis://{user}:{password}@127.0.0.1:{server.port}" for user, password in passwords.items()}

    def answers() -> bool:
        try:
            return bool(connect(urls["admin"]).ping())
        except redis.ConnectionError:
            return False

    try:
        wait_until(answers, 20, "the guarded server answers")
    except AssertionError:
        server.stop()
        raise AssertionError((folder / "server.log").read_text()[-2000:]) from None
    return server, urls


@pytest.mark.parametrize("make", ["valkey-9", *(pytest.param(make, marks=pytest.mark.full) for make in MAKES[1:])])
def test_each_service_does_its_work_as_its_own_user_and_nothing_is_denied(
    make: str, tmp_path: Path, acl: ModuleType, make_pipeline: MakePipeline
) -> None:
    need(make)
    server, urls = _guarded(make, tmp_path / "server", acl)
    try:
        pipeline = make_pipeline(server, urls=urls, environment={"FAZHI_LEASE_SECONDS": "1"})
        crawler = connect(urls["crawler"])
        for body in (
            *(f"报告 {k}" for k in range(30)),
            b"",
            "extractor:raise",
            "normalizer:exit",
            "sectioner:permanent",
        ):
            crawler.xadd("fazhi:intake", {"body": body})
        pipeline.start()
        operator = connect(urls["operator"])
        wait_until(lambda: read_books(operator).at_rest and read_books(operator).accepted == 34, 40, "all is done")
        books = read_books(connect(urls["monitor"]))
        assert (books.stored, books.dead, books.balanced) == (30, 4, True)
        assert pipeline.terminate() == [0, 0, 0, 0]
        crawler.xadd("fazhi:intake", {"body": b""})
        crawler.xadd("fazhi:intake", {"body": b""})
        pipeline.start("normalizer")
        wait_until(lambda: len(list_letters(operator)) == 2, 20, "two letters on the stream")
        first, second = list_letters(operator)
        assert replay_letters(operator, [first]).done
        assert drop_letters(operator, [second]).done
        admin = connect(urls["admin"])
        assert admin.acl_log() == []
        for worker in pipeline.workers:
            text = worker.log.read_text()
            assert urls[worker.stage].split(":")[2].split("@")[0] not in text
    finally:
        server.stop()


#: What nobody but a person may do, and what each user may not do to keys that are not its own.
_NEVER = [
    ("FLUSHALL",), ("FLUSHDB",), ("CONFIG", "SET", "appendonly", "no"), ("KEYS", "*"),
    ("SHUTDOWN", "NOSAVE"), ("SCRIPT", "FLUSH"), ("ACL", "LIST"), ("MONITOR",), ("REPLICAOF", "127.0.0.1", "1"),
    ("DEL", "fazhi:intake"), ("DEL", "fazhi:books"), ("XTRIM", "fazhi:intake", "MAXLEN", "0"),
    ("XGROUP", "DESTROY", "fazhi:intake", "normalizer"), ("RENAME", "fazhi:intake", "x"), ("SUBSCRIBE", "x"),
    ("XADD", "other", "*", "a", "b"), ("XSETID", "fazhi:intake", "0-0"),
]  # fmt: skip
_NOT_YOURS = {
    "normalizer": [("XADD", "fazhi:sectioned", "*", "a", "b"), ("XADD", "fazhi:extracted", "*", "a", "b")],
    "sectioner": [("XADD", "fazhi:intake", "*", "a", "b"), ("HSET", "fazhi:replays", "1-0", "x")],
    "extractor": [("XADD", "fazhi:intake", "*", "a", "b"), ("XRANGE", "fazhi:intake", "-", "+")],
    "sink": [("XADD", "fazhi:intake", "*", "a", "b"), ("XADD", "fazhi:sectioned", "*", "a", "b")],
    "crawler": [
        ("XRANGE", "fazhi:intake", "-", "+"), ("XDEL", "fazhi:intake", "1-0"), ("HSET", "fazhi:replays", "1-0", "x"),
        ("HINCRBY", "fazhi:books", "intake.out", "1"), ("XADD", "fazhi:dead", "*", "a", "b"),
        ("EVAL", "return redis.call('XRANGE', KEYS[1], '-', '+')", "1", "fazhi:intake"),
        ("EVAL", "return redis.call('HSET', 'fazhi:books', 'generation', 'x')", "0"),
        # Who could write what keeps a letter from being replayed twice could make letters vanish.
        ("SET", "fazhi:once:letter:x", "replayed"), ("GET", "fazhi:once:letter:x"), ("SET", "fazhi:once:rerun:x", "1-0"),
    ],
    "monitor": [
        ("XADD", "fazhi:intake", "*", "a", "b"), ("HSET", "fazhi:books", "a", "b"), ("XDEL", "fazhi:dead", "1-0"),
        ("EVAL", "return redis.call('XADD', KEYS[1], '*', 'a', 'b')", "1", "fazhi:intake"),
    ],
    "operator": [("XACK", "fazhi:intake", "normalizer", "1-0"), ("XCLAIM", "fazhi:intake", "normalizer", "x", "0", "1-0")],
    "exporter": [("XRANGE", "fazhi:intake", "-", "+"), ("XLEN", "fazhi:intake"), ("EVAL", "return 1", "0")],
}  # fmt: skip


@pytest.mark.parametrize("make", MAKES)
def test_what_is_not_needed_is_forbidden(make: str, tmp_path: Path, acl: ModuleType) -> None:
    need(make)
    server, urls = _guarded(make, tmp_path / "server", acl)
    try:
        assert set(_NOT_YOURS) | {"admin"} == set(acl.users())
        for user, own in _NOT_YOURS.items():
            client = connect(urls[user])
            for command in (*_NEVER, *own):
                with pytest.raises(redis.RedisError) as refused:
                    client.execute_command(*command)
                text = str(refused.value).lower()
                denied = ("permission", "noperm", "acl", "can't run this command", "can't access")
                assert any(words in text for words in denied), (user, command, text)
        stranger = redis.Redis(port=server.port)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        server.stop()


def test_a_wrong_password_ends_a_worker_and_says_so(
    tmp_path: Path, acl: ModuleType, make_pipeline: MakePipeline
) -> None:
    server, _ = _guarded("valkey-9", tmp_path / "server", acl)
    try:
        url = f"redis://normalizer:wrong-word@127.0.0.1:{server.port}"
        (worker,) = make_pipeline(server, urls={"normalizer": url}).start("normalizer", ready=False)
        assert worker.ends(20) == 1
        assert "the server refuses" in worker.log.read_text()
        assert "wrong-word" not in worker.log.read_text()
    finally:
        server.stop()


def test_workers_speak_tls(tmp_path: Path, make_pipeline: MakePipeline) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no `openssl` here to make a certificate with")
    folder = tmp_path / "server"
    folder.mkdir()
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", folder / "key.pem",
         "-out", folder / "cert.pem", *subject], check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    options = {
        "tls-port": str(port), "tls-cert-file": str(folder / "cert.pem"), "tls-key-file": str(folder / "key.pem"),
        "tls-ca-cert-file": str(folder / "cert.pem"), "tls-auth-clients": "no",
    }  # fmt: skip
    make = next((one for one in ("redis-7.0", "valkey-9") if binary(one)), "valkey-9")
    server = Server(make, folder, options=options)
    server.start()
    url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={folder / 'cert.pem'}"

    def answers() -> bool:
        try:
            return bool(connect(url).ping())
        except redis.ConnectionError:
            return False

    try:
        try:
            wait_until(answers, 10, "TLS answers")
        except AssertionError:
            log = (folder / "server.log").read_text()
            if "tls" in log.lower():
                pytest.skip(f"this build of {make} has no TLS; Debian's redis-server has")
            raise
        pipeline = make_pipeline(server, urls=dict.fromkeys(STAGES, url))
        pipeline.start()
        pipeline.submit_good(10)
        assert pipeline.check(dead=set()).stored == 10
    finally:
        server.stop()


def test_a_masked_url_shows_neither_user_nor_password_nor_query() -> None:
    assert masked("rediss://user:secret@host:6380/2?ssl_ca_certs=/x&password=other") == "rediss://host:6380/2"
    sentinels = "redis+sentinel://user:secret@one,[::1]:26380/master?sentinel_password=x"
    assert masked(sentinels) == "redis+sentinel://one,[::1]:26380/master"
    assert masked("sqlite:////srv/fazhi.db") == "sqlite:////srv/fazhi.db"


@pytest.mark.parametrize("make", MAKES)
def test_a_server_that_cannot_serve_now_is_told_from_one_that_refuses(make: str, tmp_path: Path) -> None:
    need(make)
    with running(make, tmp_path) as server, server.client() as client:
        client.xadd("fazhi:intake", {"body": "a page"})
        client.set("fazhi:books", "something else")

        def said(*command: str) -> Exception:
            with pytest.raises(redis.RedisError) as caught:
                client.execute_command(*command)
            return caught.value

        write = ("XADD", "fazhi:intake", "*", "body", "another")
        script = ("EVAL", "return redis.call('XADD', KEYS[1], '*', 'body', 'another')", "1", "fazhi:intake")
        assert not is_away(said("HGETALL", "fazhi:books"))
        assert not is_away(said("XREADGROUP", "GROUP", "nobody", "me", "STREAMS", "fazhi:intake", ">"))
        client.config_set("maxmemory", "1")
        assert [is_away(said(*command)) for command in (write, script)] == [True, True]
        client.config_set("maxmemory", "0")
        client.config_set("min-replicas-to-write", "1")
        assert [is_away(said(*command)) for command in (write, script)] == [True, True]
        client.config_set("min-replicas-to-write", "0")
        client.replicaof("127.0.0.1", "1")  # a master that was told to follow one that nobody reaches
        assert [is_away(said(*command)) for command in (write, script)] == [True, True]
        client.config_set("replica-serve-stale-data", "no")
        assert [is_away(said(*command)) for command in (("XLEN", "fazhi:intake"), script)] == [True, True]
        client.replicaof("NO", "ONE")


@pytest.mark.parametrize(
    "said",
    [
        "Error running script (call to f_0): @user_script:7: @user_script: 7: -OOM command not allowed",  # 6.2
        "ERR Error running script: MISCONF Errors writing to the AOF file",
    ],
)
def test_a_script_that_says_why_the_server_cannot_serve_now_is_understood(said: str) -> None:
    assert is_away(redis.ResponseError(said))
