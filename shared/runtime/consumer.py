"""A worker as a consumer of its groups: the server's scripts as calls, one attempt each, errors of the server as they are."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from redis import asyncio as aio
from redis.exceptions import RedisError

from shared import scripts
from shared.runtime.frames import Answer
from shared.strainer import Cut
from shared.streams import INTAKE, Keys, Stream

#: An entry that was delivered so often and has not come to its end is claimed alone.
ALONE_AFTER = 2
#: In the place of the fields of an entry that cannot be had from the server.
UNREADABLE = Cut(b"", 0, "", too_large=True)


class ClaimBounds(NamedTuple):
    """The most that one claim takes over, and the deliveries after which an entry that cannot be had is given up."""

    entries: int
    bytes: int
    deliveries: int


@dataclass(eq=False)
class Held:
    """An entry that this worker holds: pending for it, its lease renewed until it is handed over or given back."""

    stream: Stream
    key: str
    id: str
    fields: Mapping[bytes, bytes]
    delivery: int = 1
    entry: str = ""  # its name, where the fields do not say it: an intake entry that was sent again
    tried: bool = False
    history: list[tuple[float, str, str]] = field(default_factory=list)
    cut: Cut | None = field(init=False, default=None)  # the first of its fields that was not kept

    def __post_init__(self) -> None:
        self.fill(self.fields)

    def fill(self, fields: Mapping[bytes, bytes]) -> None:
        """Give it the fields that it has on the server."""
        self.fields, self.cut = fields, None
        for part in (*fields.values(), *fields):
            if type(part) is Cut:
                self.cut = part
                return

    @property
    def size(self) -> int:
        """Bytes of its fields; of one that was not kept for want of room, those that it has on the server."""
        if self.is_unread:
            return sum(value.size if isinstance(value, Cut) else len(value) for value in self.fields.values())
        return sum(map(len, self.fields)) + sum(map(len, self.fields.values()))

    @property
    def is_unread(self) -> bool:
        """Whether there was no room for it in its reply: it is to be given back, and read another time."""
        return self.cut is not None and not self.cut.too_large


@dataclass(frozen=True)
class Verdict:
    """What is to become of an entry: `out`, `dead` or `stored`, and the fields of its successor."""

    held: Held
    kind: str
    fields: tuple[bytes, ...]
    answer: Answer

    @cached_property
    def size(self) -> int:
        """Bytes of the successor."""
        return sum(len(value) for value in self.fields)


class Consumer:
    """One consumer, by its `name`, of the groups of a stage; what it makes goes to `target`, or to the dead letters."""

    def __init__(self, server: aio.Redis, names: Keys, target: Stream | None, name: str, generation: str) -> None:
        self.server = server
        self._names = names
        self._target = names.stream(target.name) if target is not None else names.dead
        self._name = name
        self._fresh = generation
        self.generation = ""  # the books' generation as this worker knows it

    async def _eval(self, script: str, keys: Sequence[str], *arguments: Any) -> Any:
        return await self.server.eval(script, len(keys), *keys, *arguments)

    async def open(self, stream: Stream) -> bool:
        """Make the group at the beginning of the stream, and open the books, where they are missing.

        True where books that this worker knew are gone.
        """
        known = self.generation
        key = self._names.stream(stream.name)
        _, generation = await self._eval(scripts.OPEN, (key, self._names.books), stream.group, self._fresh, known)
        self.generation = generation.decode()
        return bool(known) and known != self.generation

    async def miss(self, known: str) -> bool:
        """Whether the books are others than those of the generation `known`, which are then noted as lost."""
        missed: int = await self._eval(scripts.MISS, (self._names.books,), known)
        return missed == 1

    async def handoff(self, stream: Stream, verdicts: Sequence[Verdict]) -> list[bool]:
        """Publish, acknowledge, remove and count, in one script; per verdict whether it was done."""
        names = self._names
        source = names.stream(stream.name)
        arguments: list[Any] = [stream.group, self._name, self.generation, self._fresh, stream.name]
        for verdict in verdicts:
            arguments += (verdict.held.id, verdict.kind, len(verdict.fields), *verdict.fields)
        # Only the intake's consumer may touch the replays; the others name a key that they have anyway.
        replays = names.replays if stream == INTAKE else names.books
        done = await self._eval(scripts.HANDOFF, (source, self._target, names.dead, names.books, replays), *arguments)
        return [one == 1 for one in done]

    async def renew(self, stream: Stream, ids: Sequence[str]) -> list[bool]:
        """Start the leases anew; per id whether it is still this worker's."""
        done = await self._eval(scripts.RENEW, (self._names.stream(stream.name),), stream.group, self._name, *ids)
        return [one == 1 for one in done]

    async def redeliver(self, held: Held) -> int:
        """Count one more delivery; the new count, 0 where the entry is not this worker's any more."""
        count: int = await self._eval(
            scripts.REDELIVER, (held.key,), held.stream.group, self._name, held.id, held.delivery
        )
        return count

    async def hand_back(self, held: Iterable[Held]) -> int:
        """Give entries back to whoever comes; an attempt that did not take place is not counted."""
        by_stream: dict[Stream, list[Held]] = {}
        for one in held:
            by_stream.setdefault(one.stream, []).append(one)
        given = 0
        for stream, ones in by_stream.items():
            pairs = [part for one in ones for part in (one.id, one.delivery if one.tried else one.delivery - 1)]
            key = self._names.stream(stream.name)
            given += await self._eval(scripts.HAND_BACK, (key,), stream.group, self._name, *pairs)
        return given

    async def reclaim(self, stream: Stream, lease_seconds: float, bounds: ClaimBounds) -> tuple[list[Held], list[str]]:
        """Take over what others (or a lost read) left: the entries, and the ids of those that had vanished."""
        key = self._names.stream(stream.name)
        claimed, gone = await self._eval(
            scripts.CLAIM, (key, self._names.books), stream.group, self._name, int(lease_seconds * 1000),
            bounds.entries, ALONE_AFTER, stream.name,
        )  # fmt: skip
        ours = [Held(stream, key, id_.decode(), {}, delivery) for id_, delivery in claimed]
        vanished = [id_.decode() for id_ in gone]
        held: list[Held] = []
        room = bounds.bytes
        for place, one in enumerate(ours):
            if room <= 0:
                await self.hand_back(ours[place:])
                break
            try:
                is_there = await self._fetch(one, unreadable_after=bounds.deliveries)
            except (RedisError, OSError):
                if not held:
                    raise
                break  # those before it need not share its fate; the others wait for their lease
            if is_there:
                held.append(one)
                room -= one.size
            elif await self._eval(scripts.VANISHED, (key, self._names.books), stream.group, one.id, stream.name):
                vanished.append(one.id)
        return held, vanished

    async def _fetch(self, held: Held, *, unreadable_after: int) -> bool:
        """Give a claimed entry its fields, asked for alone; whether it is still on the stream.

        Raises RedisError, OSError; but an entry that was delivered more than `unreadable_after` times, and cannot be
        had from a server that answers, has a field that was not kept.
        """
        try:
            rows: Any = await self.server.xrange(held.key, held.id, held.id)
        except (RedisError, OSError):
            if held.delivery <= unreadable_after:
                raise
            await self.server.ping()
            held.fill({b"": UNREADABLE})
            return True
        for _, fields in rows:
            held.fill(fields)
        if held.is_unread:  # alone in its reply, and there was no room yet
            held.fill({name: _beyond(value) for name, value in held.fields.items()})
        return bool(rows)

    async def own(self, stream: Stream, known: Container[tuple[Stream, str]], most: int, most_bytes: int) -> list[Held]:
        """Entries that are pending for this worker and not `known`, of the first `most`, without those that have
        vanished; no more of them once they have `most_bytes`.
        """
        key = self._names.stream(stream.name)
        held: list[Held] = []
        pending: Any = await self.server.xpending_range(key, stream.group, "-", "+", most, self._name)
        for row in pending:
            one = Held(stream, key, _text(row["message_id"]), {}, int(row["times_delivered"]))
            if (stream, one.id) in known or not await self._fetch(one, unreadable_after=one.delivery):
                continue
            held.append(one)
            most_bytes -= one.size
            if most_bytes <= 0:
                break
        return held

    async def sweep(self, stream: Stream, idle_seconds: float) -> int:
        """Remove consumers that are gone and own nothing; how many."""
        key = self._names.stream(stream.name)
        swept: int = await self._eval(
            scripts.SWEEP_CONSUMERS, (key,), stream.group, self._name, int(idle_seconds * 1000)
        )
        return swept

    async def unskip(self, stream: Stream) -> str:
        """Have the group begin anew where an entry was skipped; the first such entry's id, or ""."""
        first: bytes = await self._eval(scripts.UNSKIP, (self._names.stream(stream.name),), stream.group)
        return first.decode()

    async def leave(self, stream: Stream) -> None:
        """Remove this consumer, if it owns nothing."""
        await self._eval(scripts.LEAVE, (self._names.stream(stream.name),), stream.group, self._name)

    async def sent_again(self, ids: Sequence[str]) -> list[str]:
        """For intake entries that say they were sent again: the entries they were accepted as, "" where none is noted."""
        noted = await self.server.hmget(self._names.replays, list(ids))
        return [_text(value) if value is not None else "" for value in noted]

    async def look(self, *streams: str) -> tuple[str | None, list[int]]:
        """The books' generation as the server has it, and the bytes of its memory that each stream takes, by key."""
        async with self.server.pipeline(transaction=False) as asked:
            asked.hget(self._names.books, "generation")
            for key in streams:
                asked.memory_usage(key)
            generation, *sizes = await asked.execute()
        return _text(generation) if generation is not None else None, [int(size or 0) for size in sizes]


def _beyond(value: bytes) -> bytes:
    return Cut(value, value.size, value.sha256, too_large=True) if isinstance(value, Cut) else value


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
