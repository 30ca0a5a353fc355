"""A server watched by Redis Sentinel: its master dies, a copy takes over, the workers follow."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from shared.sentinel import watched
from shared.server import connect
from tests.support.pipeline import STAGES, Pipeline
from tests.support.proxy import Proxy
from tests.support.servers import Server, binary, free_port, running, wait_until

MAKE = "valkey-9"


@contextmanager
def sentinel(folder: Path, master: Server) -> Iterator[int]:
    """One sentinel that watches `master` under the name `fazhi` and decides alone; its port."""
    port = free_port()
    folder.mkdir()
    settings = folder / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor fazhi 127.0.0.1 {master.port} 1\n"
        "sentinel down-after-milliseconds fazhi 500\nsentinel failover-timeout fazhi 3000\n"
    )
    program = binary(MAKE)
    assert program is not None
    with (folder / "sentinel.log").open("ab") as log:
        process = subprocess.Popen([program, str(settings), "--sentinel"], stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def copied(client: redis.Redis) -> bool:
    """Whether a copy has all that was accepted before this call.

    WAIT speaks of the asking connection's own last write: without one it counts a copy that is still loading.
    """
    both = client.pipeline(transaction=False)  # over one connection
    both.set("tests:copied", 1)
    both.wait(1, 1000)
    return bool(both.execute()[1] == 1)


def test_workers_follow_the_master_that_the_sentinels_name(
    tmp_path: Path, make_pipeline: Callable[..., Pipeline]
) -> None:
    with (
        running(MAKE, tmp_path / "one") as first,
        running(MAKE, tmp_path / "two", replicaof=f"127.0.0.1 {first.port}") as second,
        sentinel(tmp_path / "sentinel", first) as port,
    ):
        url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{port}/fazhi"  # the first of the two is away
        with redis.Redis(host="127.0.0.1", port=port, decode_responses=True) as asked:
            wait_until(lambda: asked.sentinel_slaves("fazhi"), 30, "the sentinel knows the copy")
        pipeline = make_pipeline(first, urls=dict.fromkeys(STAGES, url))
        pipeline.start()
        pipeline.submit_good(60, text="sectioner:slow=0.02")
        with first.client() as client:
            wait_until(lambda: copied(client), 60, "what was accepted is on the copy")
        wait_until(lambda: pipeline.books().stored > 3, 30, "work is under way")
        first.kill()

        with connect(url) as follower:

            def moved() -> bool:
                try:
                    return follower.connection_pool.get_master_address()[1] == second.port and bool(follower.ping())
                except redis.RedisError:
                    return False

            wait_until(moved, 60, "the copy is the master")
            assert follower.role()[0] == b"master"
        pipeline.server = second
        pipeline.submit_good(20)
        assert pipeline.check(90, dead=set()).stored == 80
        assert pipeline.terminate() == [0, 0, 0, 0]


def test_workers_follow_an_address_that_is_moved_from_a_master_to_its_copy(
    tmp_path: Path, make_pipeline: Callable[..., Pipeline]
) -> None:
    with (
        running(MAKE, tmp_path / "one") as first,
        running(MAKE, tmp_path / "two", replicaof=f"127.0.0.1 {first.port}") as second,
        first.client() as old,
        second.client() as new,
    ):
        address = Proxy(first.port)  # as a hosted service gives it; who is connected stays so
        pipeline = make_pipeline(first, urls=dict.fromkeys(STAGES, address.url))
        pipeline.start()
        pipeline.submit_good(60, text="sectioner:slow=0.02")
        wait_until(lambda: pipeline.books().stored > 3, 30, "work is under way")
        wait_until(lambda: copied(old), 60, "what was accepted is on the copy")
        new.replicaof("NO", "ONE")
        old.replicaof("127.0.0.1", str(second.port))
        address.target = second.port
        pipeline.server = second
        pipeline.submit_good(20)
        assert pipeline.check(60, dead=set()).stored == 80
        assert pipeline.terminate() == [0, 0, 0, 0]  # and none of them had ended before


def test_what_a_sentinel_url_says() -> None:
    assert watched("redis://host:6379/0") is None
    plain = watched("redis+sentinel://one,two:26380,[::1]:26381/fazhi")
    assert plain is not None
    assert plain.sentinels == (("one", 26379), ("two", 26380), ("::1", 26381))
    assert (plain.master, plain.url, plain.to_sentinels) == ("fazhi", "redis://localhost/0", {})
    full = watched("rediss+sentinel://user:pass%40word@one/fazhi/3?sentinel_password=of-them&ssl_ca_certs=/ca")
    assert full is not None
    assert full.url == "rediss://user:pass%40word@localhost/3?ssl_ca_certs=%2Fca"
    assert full.to_sentinels == {"password": "of-them", "ssl": True, "ssl_ca_certs": "/ca"}
    assert "of-them" not in repr(full)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis+sentinel://one,two", "names its sentinels and the master"),
        ("redis+sentinel:///fazhi", "names its sentinels and the master"),
        ("redis+sentinel://one:here/fazhi", "is a number, not 'here'"),
    ],
)
def test_a_sentinel_url_that_lacks_something_is_refused_with_its_form(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        watched(url)
