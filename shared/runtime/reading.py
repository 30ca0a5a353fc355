"""The way into FastStream: the broker of a worker and its batch subscribers (docs/decisions/0003)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, RedisSentinelBroker
from faststream.redis.prometheus import RedisPrometheusMiddleware
from prometheus_client import CollectorRegistry
from redis.asyncio.sentinel import SentinelManagedSSLConnection

from shared.runtime.consumer import Held
from shared.runtime.pace import Pace, PacedStream
from shared.sentinel import watched
from shared.server import BLOCK_SECONDS, bounded, connection_options
from shared.strainer import ReplyLimits
from shared.streams import Stream, keys
from shared.telemetry import FrameworkLog

if TYPE_CHECKING:
    from shared.stage import Stage


@dataclass(frozen=True)
class Wiring:
    """What a broker of ours is made with, beside the stage. `take` is called with each batch that was read."""

    url: str
    shard: str | None
    consumer: str
    pace: Pace
    take: Callable[[Stream, list[Held]], Awaitable[None]]
    registry: CollectorRegistry
    framework: FrameworkLog
    limits: ReplyLimits = field(default_factory=ReplyLimits)


def declare_broker(stage: Stage) -> RedisBroker:
    """A broker that declares what the stage takes and gives, for `faststream docs gen`; it is never started."""

    async def nothing(_: Stream, __: Any) -> None:
        """A declaration takes nothing."""

    wiring = Wiring("redis://localhost:6379", None, "worker", Pace(32, 1), nothing, CollectorRegistry(), FrameworkLog())
    broker, _ = make_broker(stage, wiring)
    return broker


def make_broker(stage: Stage, wiring: Wiring) -> tuple[RedisBroker, dict[Stream, Any]]:
    """The broker of one worker, and its subscriber of each stream."""
    names = keys(wiring.shard)
    broker = _broker_at(
        wiring.url,
        apply_types=False,  # the handler gets what the decoder made; nothing of it is validated in this process
        logger=wiring.framework,
        middlewares=[RedisPrometheusMiddleware(registry=wiring.registry)],
        graceful_timeout=1.0,  # the worker has drained before FastStream stops
        **connection_options(), **bounded(wiring.limits),
    )  # fmt: skip
    subscribers = {source: _subscribe(broker, source, names.stream(source.name), wiring) for source in stage.sources}
    if stage.produces is not None:
        # For the AsyncAPI document only: the handoff script publishes.
        broker.publisher(
            stream=names.stream(stage.produces.name), schema=stage.produces.event, title=stage.produces.event.__name__
        )
    return broker, subscribers


def _broker_at(url: str, **options: Any) -> RedisBroker:
    """FastStream's broker of a server, or of the master that sentinels know."""
    behind = watched(url)
    if behind is None:
        return RedisBroker(url, **options)
    if behind.url.startswith("rediss:"):
        options["connection_class"] = SentinelManagedSSLConnection  # the plain one knows no sentinels
    return RedisSentinelBroker(
        behind.url, sentinels=behind.sentinels, sentinel_master_name=behind.master,
        sentinel_kwargs={**connection_options(), **behind.to_sentinels}, **options,
    )  # fmt: skip


def _subscribe(broker: RedisBroker, source: Stream, key: str, wiring: Wiring) -> Any:
    async def parse(message: dict[str, Any]) -> StreamMessage[Any]:
        # FastStream's own parser makes JSON of the fields: one byte that is no UTF-8 would lose the whole batch. The
        # range is as long as the body is, for the framework's metric of sizes, and takes no memory.
        size = sum(len(value) for fields in message["data"] for value in fields.values())
        return StreamMessage(raw_message=message, body=range(size), message_id=message["message_ids"][0].decode())

    async def decode(message: StreamMessage[Any]) -> list[Held]:
        raw = message.raw_message
        before = raw.get("delivery_counts") or [0] * len(raw["data"])
        return [
            Held(source, key, id_.decode(), fields, count + 1)
            for id_, fields, count in zip(raw["message_ids"], raw["data"], before, strict=True)
        ]

    async def consume(batch: Any) -> None:
        await wiring.take(source, batch)

    # The AsyncAPI document takes the payload from the annotation.
    consume.__annotations__ = {"batch": list[source.event], "return": None}  # type: ignore[name-defined]
    subscription = PacedStream(
        key, wiring.pace, group=source.group, consumer=wiring.consumer, batch=True,
        polling_interval=int(BLOCK_SECONDS * 1000),
    )  # fmt: skip
    subscriber = broker.subscriber(
        stream=subscription, parser=parse, decoder=decode, ack_policy=AckPolicy.MANUAL,
        title=f"{source.name}", description=f"Entries of `{key}`, consumed by group `{source.group}`.",
    )  # fmt: skip
    subscriber(consume)
    return subscriber


def as_read(held: Sequence[Held]) -> dict[str, Any]:
    """Claimed entries in the shape in which FastStream reads a batch."""
    return {
        "type": "bstream",
        "channel": held[0].key,
        "data": [one.fields for one in held],
        "message_ids": [one.id.encode() for one in held],
        "delivery_counts": [one.delivery - 1 for one in held],
    }


async def leave_groups_as_they_are(broker: RedisBroker) -> None:
    """Have the subscribers start without making their groups, which `Consumer.open` has made. Connects the broker.

    A subscriber of FastStream 0.7.8 creates its group at every start and has no option to leave that out. A server
    whose memory is full refuses the command although nothing would change, and only workers that start can make room
    on it. So the broker's own client, and no other, answers that command itself.
    """
    client = await broker.connect()

    async def answer(*_: Any, **__: Any) -> bool:
        # It opens the connection, as the command would: FastStream gives the first read three seconds, and asking
        # sentinels for the master may take longer.
        return bool(await client.ping())

    client.xgroup_create = answer  # type: ignore[method-assign]
