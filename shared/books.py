"""The books: what became of every entry, in figures that balance exactly at any moment.

    in = length + handed over + dead + dropped                     for every stream
    accepted = stored + waiting + in work + dead + dropped         for the whole

They count entries, in one hash per shard, written only inside the scripts that move entries, and are read together with
all stream lengths in one atomic call. `in` of the intake is the server's own count of entries added (Redis 7 and
later); on 6.2 it is derived, so that an entry deleted there by hand cannot be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis
from redis import asyncio as aio

from shared import scripts
from shared.streams import STAGE_OF, WORK_STREAMS, Keys, keys

#: What the script says of entries added: nothing has made the stream yet; -1, that the server does not count.
_NO_STREAM = -2


@dataclass(frozen=True)
class StreamTerms:
    """The terms of one stream, in entries. `difference` is 0 where its books balance."""

    name: str
    came_in: int
    waiting: int
    in_work: int
    handed_over: int  # to the next stream; of the last work stream and the dead one: to the database
    dead: int
    dropped: int
    #: Of a work stream: sent again onto it, inside `came_in`; of the dead one: taken from it to be sent again.
    again: int
    vanished: int  # pending entries that somebody removed from the stream: a part of `difference`, explained
    difference: int
    oldest_seconds: float | None  # since its oldest entry came onto it, by the server's clock; None for an empty one

    @property
    def length(self) -> int:
        """Entries on the stream."""
        return self.waiting + self.in_work


@dataclass(frozen=True)
class Books:
    """The books of one shard at one moment."""

    accepted: int
    stored: int
    waiting: int
    in_work: int
    dead: int  # on the dead stream and in the database
    dropped: int
    difference: int
    generation: str | None  # None where the books were never opened, or are gone
    lost: str | None  # the generation of books that were lost, until somebody accepts it
    revived: int  # letters of the database that were sent again
    losses: int  # times that somebody accepted that books were lost
    exact: bool  # False on Redis 6.2, where `accepted` is derived
    streams: tuple[StreamTerms, ...]
    server_time: float  # unix seconds

    @property
    def balanced(self) -> bool:
        """Whether every stream balances and no books were lost."""
        return self.lost is None and self.difference == 0 and all(terms.difference == 0 for terms in self.streams)

    @property
    def at_rest(self) -> bool:
        """Whether nothing is left to do: no entry on a work stream, no letter on its way to the database."""
        return all(terms.length == 0 for terms in self.streams)

    def stream(self, name: str) -> StreamTerms:
        """The terms of one stream by its short name."""
        return next(terms for terms in self.streams if terms.name == name)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values, streams by name."""
        plain = asdict(self)
        plain["streams"] = {terms.pop("name"): terms for terms in plain["streams"]}
        return {**plain, "balanced": self.balanced}


def read_books(server: Redis, shard: str | None = None) -> Books:
    """The books of `shard` in one atomic call. Raises redis.exceptions.RedisError."""
    look: Any = server.eval(scripts.BOOKS, *_arguments(keys(shard)))
    return parse_books(look)


def accept_loss(server: Redis, generation: str, shard: str | None = None) -> bool:
    """Note that the loss of the books of `generation` is known and dealt with; whether they were noted as lost.

    Raises redis.exceptions.RedisError.
    """
    accepted: Any = server.eval(scripts.ACCEPT_LOSS, 1, keys(shard).books, generation)
    return bool(accepted == 1)


async def read_books_async(server: aio.Redis, shard: str | None = None) -> Books:
    """The same from the event loop."""
    return parse_books(await server.eval(scripts.BOOKS, *_arguments(keys(shard))))


def _arguments(names: Keys) -> tuple[Any, ...]:
    streams = (*WORK_STREAMS, "dead")
    return (
        1 + len(streams), names.books, *(names.stream(name) for name in streams),
        *(STAGE_OF[name] for name in streams),
    )  # fmt: skip


def parse_books(look: Sequence[Any]) -> Books:
    """The books from what the script answers."""
    flat = [_text(value) for value in look[0]]
    noted = dict(zip(flat[0::2], flat[1::2], strict=True))

    def count(name: str) -> int:
        return int(noted.get(name, 0))

    now = int(look[1][0]) + int(look[1][1]) / 1e6
    terms: list[StreamTerms] = []
    exact = True
    for k, name in enumerate(WORK_STREAMS):
        length, pending, added = map(int, look[2 + k][:3])
        gone = count(f"{name}.out") + count(f"{name}.dead") + count(f"{name}.dropped")
        if k:
            came_in = terms[k - 1].handed_over + count(f"{name}.again")
        elif added >= 0:
            came_in = added
        else:
            exact = added == _NO_STREAM
            came_in = length + gone
        terms.append(_terms(name, noted, came_in, length, pending, _age(look[2 + k][3], now)))
    letters = sum(term.dead for term in terms)
    length, pending, _, first = look[2 + len(WORK_STREAMS)]
    terms.append(_dead_terms(noted, letters, int(length), int(pending), _age(first, now)))
    work = terms[:-1]
    accepted = work[0].came_in - work[0].again + count("rerun")
    stored, waiting, in_work = work[-1].handed_over, sum(t.waiting for t in work), sum(t.in_work for t in work)
    revived = count("dead.again") + count("db.again")
    dropped_dead = count("dead.dropped") + count("db.dropped")
    dead = letters - revived - dropped_dead
    dropped = sum(term.dropped for term in work) + dropped_dead
    return Books(
        accepted=accepted, stored=stored, waiting=waiting, in_work=in_work, dead=dead, dropped=dropped,
        difference=accepted - stored - waiting - in_work - dead - dropped,
        generation=noted.get("generation"), lost=noted.get("lost"), losses=count("losses"), exact=exact, streams=tuple(terms),
        revived=count("db.again"), server_time=now,
    )  # fmt: skip


def _age(first: bytes | str, now: float) -> float | None:
    """Seconds since the entry with the id `first`, which begins with its milliseconds; None for ""."""
    return max(0.0, now - int(_text(first).partition("-")[0]) / 1000) if first else None


def _terms(  # noqa: PLR0913, PLR0917 - what was seen of one stream, one by one
    name: str, noted: dict[str, str], came_in: int, length: int, pending: int, oldest: float | None
) -> StreamTerms:
    out, dead, dropped = (int(noted.get(f"{name}.{term}", 0)) for term in ("out", "dead", "dropped"))
    in_work = min(pending, length)  # a pending entry that somebody removed from the stream is not in work
    return StreamTerms(
        name=name, came_in=came_in, waiting=length - in_work, in_work=in_work, handed_over=out, dead=dead,
        dropped=dropped, again=int(noted.get(f"{name}.again", 0)), vanished=int(noted.get(f"{name}.vanished", 0)),
        difference=came_in - length - out - dead - dropped, oldest_seconds=oldest,
    )  # fmt: skip


def _dead_terms(noted: dict[str, str], letters: int, length: int, pending: int, oldest: float | None) -> StreamTerms:
    out, again, dropped = (int(noted.get(f"dead.{term}", 0)) for term in ("out", "again", "dropped"))
    in_work = min(pending, length)
    return StreamTerms(
        name="dead", came_in=letters, waiting=length - in_work, in_work=in_work, handed_over=out, dead=0,
        dropped=dropped, again=again, vanished=int(noted.get("dead.vanished", 0)),
        difference=letters - length - out - again - dropped, oldest_seconds=oldest,
    )  # fmt: skip


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
