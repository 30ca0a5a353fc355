"""What one worker says to the server, and what another one does in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis import asyncio as aio

from shared.books import read_books
from shared.runtime.consumer import ClaimBounds, Consumer, Verdict
from shared.runtime.frames import Answer
from shared.server import connect_async
from shared.streams import INTAKE, NORMALIZED, keys
from tests.support.servers import Server

BOUNDS = ClaimBounds(8, 1_000_000, 20)


class Beside:
    """The server as one worker sees it, with what another does just before a page is asked for."""

    def __init__(self, server: aio.Redis) -> None:
        self._server = server
        self.before: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    async def xrange(self, *arguments: Any) -> Any:
        if self.before is not None:
            await self.before()
        return await self._server.xrange(*arguments)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[aio.Redis]:
    client = connect_async(server.url)
    yield client
    await client.aclose()


def post(client: Any, name: str) -> Consumer:
    return Consumer(client, keys(), NORMALIZED, name, "generation")


async def test_what_another_worker_hands_over_meanwhile_has_not_vanished(server: Server, client: aio.Redis) -> None:
    """A worker that claims, stands still past its lease, and asks for the page when another has done the work."""
    beside = Beside(client)
    sleeper, heir = post(beside, "sleeper"), post(client, "heir")
    await heir.open(INTAKE)
    with server.client() as crawler:
        crawler.xadd(keys().intake, {"body": "a page"})
        crawler.xreadgroup("normalizer", "dead", {keys().intake: ">"})

    async def hand_over() -> None:
        beside.before = None
        ((held,), _) = await heir.reclaim(INTAKE, 0.0, BOUNDS)
        assert await heir.handoff(INTAKE, [Verdict(held, "out", (b"entry", b"e"), Answer("out"))]) == [True]

    beside.before = hand_over
    assert await sleeper.reclaim(INTAKE, 0.0, BOUNDS) == ([], [])
    with server.client() as crawler:
        assert read_books(crawler).balanced


async def test_an_entry_that_is_removed_by_hand_meanwhile_has_vanished(server: Server, client: aio.Redis) -> None:
    beside = Beside(client)
    worker = post(beside, "worker")
    await worker.open(INTAKE)
    with server.client() as crawler:
        id_ = crawler.xadd(keys().intake, {"body": "a page"})
        crawler.xreadgroup("normalizer", "dead", {keys().intake: ">"})

        async def remove() -> None:
            await asyncio.to_thread(crawler.xdel, keys().intake, id_)

        beside.before = remove
        assert await worker.reclaim(INTAKE, 0.0, BOUNDS) == ([], [id_.decode()])


async def test_another_attempt_is_counted_once_though_the_answer_was_lost(server: Server, client: aio.Redis) -> None:
    """Else an absent server would use up the attempts of a report."""
    worker = post(client, "worker")
    await worker.open(INTAKE)
    with server.client() as crawler:
        crawler.xadd(keys().intake, {"body": "a page"})
        crawler.xreadgroup("normalizer", "dead", {keys().intake: ">"})
    ((held,), _) = await worker.reclaim(INTAKE, 0.0, BOUNDS)
    assert held.delivery == 2
    assert [await worker.redeliver(held) for _ in range(3)] == [3, 3, 3]
