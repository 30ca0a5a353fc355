"""Connections to the server, and which of its errors mean that it is away."""

from __future__ import annotations

from functools import partial
from typing import Any

from redis import Redis
from redis import asyncio as aio
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthenticationWrongNumberOfArgsError,
    AuthorizationError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as ServerConnectionError
from redis.exceptions import TimeoutError as ServerTimeoutError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from redis.sentinel import Sentinel

from shared.replies import BoundedParser
from shared.sentinel import watched
from shared.strainer import ReplyLimits

#: No answer for this long means that the connection is dead. A blocking read asks for less.
SOCKET_SECONDS = 5.0
#: How long one read waits for new entries on the server. A worker that stops waits for its end; each read costs a worker
#: that waits 0.3 ms, and the server 0.1.
BLOCK_SECONDS = 2.0
#: Whole entries that a command asks for at once. One may have four times `max_report_bytes`, 40 MB, and the shipped
#: server ends a connection whose answer passes 512 MB (`client-output-buffer-limit`).
READ_AT_ONCE = 10
#: What a server says that is there but cannot serve now: loading, full disk, full memory, a replica, a long script.
#: redis-py takes the code of some away and has classes for them instead.
_NOT_NOW_CLASSES = (OutOfMemoryError, ReadOnlyError, MasterDownError, ClusterDownError, TryAgainError)
_NOT_NOW = (
    "LOADING", "MISCONF", "OOM", "READONLY", "BUSY ", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNKILLABLE",
)  # fmt: skip


def connection_options(seconds: float = SOCKET_SECONDS) -> dict[str, Any]:
    """What every connection of ours has. No repetition: redis-py repeats a command up to ten times after a reset, and
    an XADD whose answer was lost was seen to leave two entries.
    """
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "socket_keepalive": True,
        "health_check_interval": 0,
        # A feature of one vendor's servers; asking others for it leaves a denial in their ACL log.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def connect(url: str, seconds: float = SOCKET_SECONDS) -> Redis:
    """A client for commands and tools; it connects when it is first used and waits at most `seconds` for an answer.

    A sentinel URL (`shared.sentinel`) gives a client that asks for the master at each connection.
    """
    options = {"retry": Retry(NoBackoff(), 0), **connection_options(seconds)}
    behind = watched(url)
    if behind is None:
        return Redis.from_url(url, **options)
    to_sentinels = {**connection_options(seconds), **behind.to_sentinels}
    sentinel = Sentinel(behind.sentinels, sentinel_kwargs=to_sentinels)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(behind.master, **_of_plain(behind.url), **options)  # type: ignore[no-untyped-call]
    return client


def bounded(limits: ReplyLimits) -> dict[str, Any]:
    """What a connection of the event loop has beside that: it holds no more of a reply than `limits` allow."""
    return {"parser_class": partial(BoundedParser, limits=limits)}


def connect_async(url: str, limits: ReplyLimits | None = None) -> aio.Redis:
    """The same for the event loop; of what is too large in a reply only a `Cut` is given."""
    options = {"retry": AsyncRetry(NoBackoff(), 0), **connection_options(), **bounded(limits or ReplyLimits())}
    behind = watched(url)
    if behind is None:
        return aio.Redis.from_url(url, **options)
    to_sentinels = {**connection_options(), **behind.to_sentinels}
    sentinel = AsyncSentinel(behind.sentinels, sentinel_kwargs=to_sentinels)  # type: ignore[no-untyped-call]
    client: aio.Redis = sentinel.master_for(behind.master, **_of_plain(behind.url), **options)
    return client


def _of_plain(url: str) -> dict[str, Any]:
    """User, password, database and TLS of a URL, as arguments of a connection."""
    said: dict[str, Any] = dict(parse_url(url))
    tls = said.pop("connection_class", None) is not None
    said.pop("host", None)
    said.pop("port", None)
    return said | ({"ssl": True} if tls else {})


def is_away(error: BaseException) -> bool:
    """Whether `error` says that the server is away or cannot serve now, so that waiting helps."""
    if isinstance(error, (AuthenticationError, AuthenticationWrongNumberOfArgsError, AuthorizationError)):
        return False
    if isinstance(error, NoPermissionError):
        return False
    if isinstance(error, (ServerConnectionError, ServerTimeoutError, OSError, *_NOT_NOW_CLASSES)):
        return True
    # A script reports the error of a command inside it, with the code in front, after "ERR " or, on 6.2, after a dash.
    text = str(error)
    return isinstance(error, RedisError) and any(
        text.startswith(code) or f" {code}" in text or f" -{code}" in text for code in _NOT_NOW
    )


def is_group_gone(error: BaseException) -> bool:
    """Whether the consumer group (or its stream) was removed under us."""
    return isinstance(error, ResponseError) and "NOGROUP" in str(error)


def masked(url: str) -> str:
    """The URL without password, user and query, for logs."""
    # By hand: a sentinel URL names several hosts, which `urlsplit` of late Pythons refuses where one is IPv6.
    scheme, separator, rest = url.partition("://")
    place = rest.partition("?")[0].partition("#")[0].rpartition("@")[2]
    return f"{scheme}{separator}{place}"
