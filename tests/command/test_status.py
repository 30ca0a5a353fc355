"""Looks at the streams: what is asked about an entry comes without the entry."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from services.monitor.measure import read_streams
from services.sink.settings import ApiSettings
from services.sink.web.figures import broker_books
from shared.server import connect_async
from shared.streams import keys
from tests.command.conftest import fazhi
from tests.support.servers import Server

PAGE_BYTES = 5_000_000
AGE_SECONDS = 900


@pytest.fixture
def backlog(any_server: Server) -> Server:
    """A large page that waits, behind one that a worker holds; on the other streams nothing."""
    with any_server.client() as client:
        at = int((time.time() - AGE_SECONDS) * 1000)
        for number in range(2):
            client.xadd("fazhi:intake", {"body": bytes(PAGE_BYTES)}, id=f"{at}-{number}")
        client.xgroup_create("fazhi:intake", "normalizer", "0")
        client.xreadgroup("normalizer", "me", {"fazhi:intake": ">"}, count=1)
    return any_server


async def _oldest_waiting(server: Server) -> float | None:
    async with connect_async(server.url) as client:
        return next(
            one for one in await read_streams(client, keys(), time.time()) if one.name == "intake"
        ).oldest_waiting_seconds


def _status(server: Server) -> float | None:
    _, output, _ = fazhi("status", "--json", FAZHI_REDIS_URL=server.url)
    streams = json.loads(output)["streams"]
    assert {name: one["oldest_seconds"] for name, one in streams.items() if name != "intake"} == dict.fromkeys(
        ("normalized", "sectioned", "extracted", "dead")
    )
    oldest: float | None = streams["intake"]["oldest_seconds"]
    return oldest


def _page(server: Server) -> float | None:
    books = broker_books(ApiSettings(redis_url=server.url))
    assert books is not None
    return books.stream("intake").oldest_seconds


def _monitor(server: Server) -> float | None:
    return asyncio.run(_oldest_waiting(server))


@pytest.mark.parametrize("look", [_status, _page, _monitor])
def test_the_age_of_the_oldest_page_is_known_without_the_page(
    backlog: Server, look: Callable[[Server], float | None]
) -> None:
    with backlog.client() as client:
        before = _sent_bytes(client)
        assert look(backlog) == pytest.approx(AGE_SECONDS, abs=60)
        assert _sent_bytes(client) - before < PAGE_BYTES / 10


def test_lost_books_are_named_and_what_to_do(any_server: Server) -> None:
    with any_server.client() as client:
        client.hset("fazhi:books", mapping={"generation": "new", "lost": "old"})
    _, output, _ = fazhi("status", FAZHI_REDIS_URL=any_server.url)
    assert "the books were lost: `fazhi audit` says what to do" in output


def test_where_a_page_is_is_known_without_the_page(backlog: Server, tmp_path: Path) -> None:
    with backlog.client() as client:
        ids = [id_.decode() for id_, _ in client.xrange("fazhi:intake")]
        before = _sent_bytes(client)
        for id_, state in zip(ids, ("in work", "waiting"), strict=True):
            _, output, _ = fazhi(
                "trace", id_, "--json", FAZHI_REDIS_URL=backlog.url, FAZHI_DATABASE_URL=f"sqlite:///{tmp_path}/no.db"
            )
            (found,) = json.loads(output)
            assert found["state"] == state
        assert _sent_bytes(client) - before < PAGE_BYTES / 10


def _sent_bytes(client: Redis) -> int:
    sent: int = client.info("stats")["total_net_output_bytes"]
    return sent
