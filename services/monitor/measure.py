"""Reads the streams and the broker from outside the workers. Only read commands, none newer than Redis 6.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.monitor.snapshot import Consumer, ServerState, StreamState
from shared import scripts
from shared.streams import STAGE_OF, Keys

#: Pending entries looked at a stream. Workers hold at most a few batches, so this is all of them in practice;
#: the count itself (`in_work`) is exact at any size.
PENDING_LOOK = 1000


async def read_streams(server: Redis, keys: Keys, now: float) -> list[StreamState]:
    """Every stream as it stands, lengths and groups in one transaction. `now`: the server's clock, unix seconds.

    A stream or group that does not exist yet is empty, not an error.
    """
    names = list(STAGE_OF)
    async with server.pipeline(transaction=True) as look:
        for name in names:
            key, group = keys.stream(name), STAGE_OF[name]
            look.xlen(key)
            look.memory_usage(key, samples=5)
            look.xinfo_groups(key)
            look.xinfo_consumers(key, group)
            look.xpending_range(key, group, "-", "+", PENDING_LOOK)
        answers = await look.execute(raise_on_error=False)
    _raise_unexpected(answers)
    states = [_state(name, answers[5 * k : 5 * k + 5], now) for k, name in enumerate(names)]
    return [await _with_oldest_waiting(server, keys, state, last, now) for state, last in states]


def _raise_unexpected(answers: Sequence[Any]) -> None:
    """NOGROUP and "no such key" mean that nothing was sent yet; any other error is one."""
    for answer in answers:
        if isinstance(answer, ResponseError) and not str(answer).startswith(("NOGROUP", "no such key")):
            raise answer


def _state(name: str, answers: Sequence[Any], now: float) -> tuple[StreamState, str]:
    length, size, groups, consumers, pending = (
        None if isinstance(answer, ResponseError) else answer for answer in answers
    )
    stage = STAGE_OF[name]
    group: Mapping[str, Any] = next((one for one in groups or () if _text(one["name"]) == stage), {})
    ages = [now - _seconds(_text(one["message_id"])) for one in pending or ()]
    deliveries = [int(one["times_delivered"]) for one in pending or ()]
    state = StreamState(
        name=name,
        stage=stage,
        length=int(length or 0),
        in_work=int(group.get("pending", 0)),
        size_bytes=int(size or 0),
        oldest_pending_seconds=max(0.0, *ages) if ages else None,
        most_deliveries=max(deliveries, default=0),
        redelivered=sum(1 for count in deliveries if count > 1),
        consumers=tuple(
            Consumer(_text(one["name"]), int(one["pending"]), int(one["idle"]) / 1000) for one in consumers or ()
        ),
    )
    return state, _text(group.get("last-delivered-id") or "0-0")


async def _with_oldest_waiting(server: Redis, keys: Keys, state: StreamState, last: str, now: float) -> StreamState:
    if not state.waiting:
        return state
    first: Any = await server.eval(scripts.FIRST, 1, keys.stream(state.name), f"({last}", "+")
    if not first:
        return state
    age = max(0.0, now - _seconds(_text(first)))
    return StreamState(**{**state.__dict__, "oldest_waiting_seconds": age})


async def read_server(server: Redis) -> ServerState:
    """Memory and durability of the broker."""
    memory = await server.info("memory")
    disk = await server.info("persistence")
    return ServerState(
        memory_bytes=int(memory["used_memory"]),
        memory_limit_bytes=int(memory.get("maxmemory", 0)),
        append_only=bool(int(disk.get("aof_enabled", 0))),
        last_write_ok=disk.get("aof_last_write_status", "ok") == "ok",
    )


def _seconds(entry_id: str) -> float:
    """The time inside an entry id, unix seconds."""
    return int(entry_id.split("-", 1)[0]) / 1000


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
