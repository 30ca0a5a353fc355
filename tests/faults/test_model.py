"""Random histories of publish, read, renew, crash, claim, hand over and replay against a plain model of them.

The server is real and so are the scripts; the model is three dictionaries. After every step both must agree on who owns
which entry, on every length, and on the books.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.books import read_books
from shared.letters.dead import list_letters
from shared.letters.replay import drop_letters
from shared.runtime.consumer import ALONE_AFTER, ClaimBounds, Consumer, Held, Verdict
from shared.runtime.frames import Answer
from shared.server import connect, connect_async
from shared.streams import INTAKE, NORMALIZED, keys
from tests.support.servers import MAKES, Server, need, running

LEASE = 60.0  # no lease ends by itself within a history; a crash makes one end
BOUNDS = ClaimBounds(entries=100, bytes=1 << 30, deliveries=1 << 30)
WORKERS = ("a", "b", "c")


@dataclass
class Model:
    """What must be true."""

    waiting: dict[str, str] = field(default_factory=dict)  # entry id → body, in order
    owner: dict[str, str] = field(default_factory=dict)  # entry id → worker
    deliveries: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    accepted: int = 0
    out: list[str] = field(default_factory=list)  # bodies that have a successor
    dead: list[str] = field(default_factory=list)
    dropped: int = 0


class Handoffs(RuleBasedStateMachine):
    """`server` is set by the test."""

    server: Server
    entries = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.redis = connect(self.server.url)
        self.redis.flushall()
        self.names = keys()
        self.clients = {name: connect_async(self.server.url) for name in WORKERS}
        self.posts = {
            name: Consumer(client, self.names, NORMALIZED, name, "generation") for name, client in self.clients.items()
        }
        for post in self.posts.values():
            self.loop.run_until_complete(post.open(INTAKE))
        self.model = Model()
        self.number = 0

    def teardown(self) -> None:
        for client in self.clients.values():
            self.loop.run_until_complete(client.aclose())
        self.loop.close()
        self.redis.close()

    def _held(self, id_: str) -> Held:
        body = self.model.bodies[id_].encode()
        return Held(INTAKE, self.names.intake, id_, {b"body": body}, 1)

    def _verdict(self, id_: str, kind: str, worker: str) -> Verdict:
        body = self.model.bodies[id_]
        if kind == "out":
            return Verdict(self._held(id_), kind, (b"entry", body.encode(), b"by", worker.encode()), Answer("out"))
        letter = b"reason", b"empty", b"stage", b"normalizer", b"cause", b"x", b"entry", body.encode()
        return Verdict(self._held(id_), kind, letter, Answer("dead"))

    @rule(target=entries)
    def publish(self) -> str:
        self.number += 1
        body = f"body {self.number}"
        id_ = self.redis.xadd(self.names.intake, {"body": body}).decode()
        self.model.waiting[id_] = self.model.bodies[id_] = body
        self.model.accepted += 1
        return id_

    @rule(worker=st.sampled_from(WORKERS), count=st.integers(1, 4))
    def read(self, worker: str, count: int) -> None:
        answer = self.redis.xreadgroup("normalizer", worker, {self.names.intake: ">"}, count=count)
        rows = next(iter(answer.values() if isinstance(answer, dict) else (rows for _, rows in answer)), [])
        rows = rows[0] if rows and isinstance(rows[0], list) else rows
        got = [row[0].decode() for row in rows]
        expected = list(self.model.waiting)[:count]
        assert got == expected
        for id_ in got:
            del self.model.waiting[id_]
            self.model.owner[id_] = worker
            self.model.deliveries[id_] = 1

    @rule(worker=st.sampled_from(WORKERS), ids=st.lists(entries, min_size=1, max_size=4, unique=True),
          kind=st.sampled_from(["out", "out", "dead"]), times=st.integers(1, 2))  # fmt: skip
    def hand_over(self, worker: str, ids: list[str], kind: str, times: int) -> None:
        """Any worker may try, also twice (after a lost answer); only the owner's first call does it."""
        for _ in range(times):
            verdicts = [self._verdict(id_, kind, worker) for id_ in ids]
            done = self.loop.run_until_complete(self.posts[worker].handoff(INTAKE, verdicts))
            for id_, one in zip(ids, done, strict=True):
                assert one is (self.model.owner.get(id_) == worker), (id_, worker, self.model.owner)
                if one:
                    del self.model.owner[id_]
                    (self.model.out if kind == "out" else self.model.dead).append(self.model.bodies[id_])

    @rule(worker=st.sampled_from(WORKERS), id_=entries)
    def renew(self, worker: str, id_: str) -> None:
        (ours,) = self.loop.run_until_complete(self.posts[worker].renew(INTAKE, [id_]))
        assert ours is (self.model.owner.get(id_) == worker)

    @rule(worker=st.sampled_from(WORKERS), id_=entries, times=st.integers(1, 2))
    def try_again(self, worker: str, id_: str, times: int) -> None:
        """Counted once, also where it is asked for again because the answer was lost."""
        held = self._held(id_)
        held.delivery = self.model.deliveries.get(id_, 1)
        if self.model.owner.get(id_) == worker:
            self.model.deliveries[id_] += 1
        for _ in range(times):
            count = self.loop.run_until_complete(self.posts[worker].redeliver(held))
            assert count == (self.model.deliveries[id_] if self.model.owner.get(id_) == worker else 0)

    @rule(dead=st.sampled_from(WORKERS), heir=st.sampled_from(WORKERS))
    def crash_and_claim(self, dead: str, heir: str) -> None:
        """The leases of `dead` end, `heir` (itself, after a lost read) takes over what it held."""
        left = [id_ for id_, owner in self.model.owner.items() if owner == dead]
        for id_ in left:
            self.redis.xclaim(self.names.intake, "normalizer", dead, 0, [id_], idle=int(LEASE * 2000), justid=True,
                              retrycount=self.model.deliveries[id_])  # fmt: skip
        held = self._claim(heir)
        assert {one.id for one in held} == set(left)
        for one in held:
            self.model.owner[one.id] = heir
            self.model.deliveries[one.id] += 1
            assert one.delivery == self.model.deliveries[one.id]

    def _claim(self, heir: str) -> list[Held]:
        """All that can be taken over: the least often delivered first, those often delivered each alone."""
        held: list[Held] = []
        while True:
            taken, vanished = self.loop.run_until_complete(self.posts[heir].reclaim(INTAKE, LEASE, BOUNDS))
            assert vanished == []
            if not taken:
                return held
            before = [one.delivery - 1 for one in taken]
            assert before == sorted(before)
            assert len(taken) == 1 or max(before) < ALONE_AFTER
            assert all(one.fields == {b"body": self.model.bodies[one.id].encode()} for one in taken)
            held += taken

    @rule(worker=st.sampled_from(WORKERS), id_=entries)
    def hand_back(self, worker: str, id_: str) -> None:
        """Given back uncounted, and claimed at once by the next."""
        held = self._held(id_)
        held.delivery = self.model.deliveries.get(id_, 1)
        given = self.loop.run_until_complete(self.posts[worker].hand_back([held]))
        assert given == (1 if self.model.owner.get(id_) == worker else 0)
        if given:
            self.model.deliveries[id_] -= 1
            claimed = self._claim("a")
            assert [one.id for one in claimed] == [id_]
            self.model.owner[id_] = "a"
            self.model.deliveries[id_] += 1

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        letters = list_letters(self.redis)
        if letters:
            note = data.draw(st.sampled_from(letters))
            assert drop_letters(self.redis, [note]).done
            assert not drop_letters(self.redis, [note]).done
            self.model.dead.remove(note.entry)
            self.model.dropped += 1

    @invariant()
    def model_and_server_agree(self) -> None:
        pending = self.redis.xpending_range(self.names.intake, "normalizer", "-", "+", 10_000)
        assert {row["message_id"].decode(): row["consumer"].decode() for row in pending} == self.model.owner
        assert {row["message_id"].decode(): row["times_delivered"] for row in pending} == {
            id_: self.model.deliveries[id_] for id_ in self.model.owner
        }
        out = sorted(fields[b"entry"].decode() for _, fields in self.redis.xrange(self.names.normalized))
        assert out == sorted(self.model.out)
        assert sorted(note.entry for note in list_letters(self.redis)) == sorted(self.model.dead)
        books = read_books(self.redis)
        assert books.balanced
        assert books.accepted == self.model.accepted
        assert (books.dead, books.dropped) == (len(self.model.dead), self.model.dropped)
        intake = books.stream("intake")
        assert (intake.waiting, intake.in_work) == (len(self.model.waiting), len(self.model.owner))


@pytest.fixture(params=MAKES)
def model_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    need(request.param)
    with tempfile.TemporaryDirectory() as folder, running(request.param, Path(folder)) as server:
        yield server


@pytest.mark.parametrize(("examples", "steps"), [(12, 30), pytest.param(200, 50, marks=pytest.mark.full)])
def test_model_and_server_agree_after_every_step(model_server: Server, examples: int, steps: int) -> None:
    machine = type("Handoffs", (Handoffs,), {"server": model_server})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
