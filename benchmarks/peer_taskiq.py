"""The three functions as taskiq tasks that call each other: `taskiq worker benchmarks.peer_taskiq:broker --workers 2`.

The stream broker with acknowledgement after the work: what comes nearest to our promises. taskiq's messages are JSON
inside whatever serializer, so bytes travel as base64.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode

import redis.asyncio
from taskiq import TaskiqEvents, TaskiqState
from taskiq_redis import RedisStreamBroker

from benchmarks import peer_functions

URL = os.environ.get("FAZHI_BENCH_URL", "redis://127.0.0.1:6379/0")
broker = RedisStreamBroker(URL)
_client = redis.asyncio.Redis.from_url(URL)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def _prepare(_: TaskiqState) -> None:
    peer_functions.prepare()


@broker.task
async def normalize(page: str) -> None:
    await section.kiq(b64encode(peer_functions.first(page.encode())).decode())


@broker.task
async def section(packed: str) -> None:
    await extract.kiq(b64encode(peer_functions.second(b64decode(packed))).decode())


@broker.task
async def extract(packed: str) -> None:
    peer_functions.third(b64decode(packed))
    await _client.incr(peer_functions.COUNTER)
