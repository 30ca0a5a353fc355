"""The two ways a stage does its work: a child that runs a function (`child_executor`), or a store that a thread writes to
(`store_executor`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple, Protocol

from shared.codec import encode_event
from shared.letters.burial import Failure, Taken, bury, cause_of
from shared.runtime.consumer import Held
from shared.runtime.frames import Answer


class Outcome(NamedTuple):
    """What became of one held entry; `packed` is its successor or its dead letter, encoded."""

    held: Held
    answer: Answer
    packed: bytes


class Executor(Protocol):
    """What does the work of a stage. A fault of a report is an outcome; what is raised is a fault of the worker."""

    async def open(self) -> None:
        """Be ready to work; waits while what it needs is away. Raises where waiting cannot help."""

    def work(self, entries: Sequence[Held], *, alone: bool) -> AsyncGenerator[list[Outcome], None]:
        """The outcome of each entry, several at a time. `alone`: apart from the stream of work, under the full time limit."""

    async def bury(self, held: Held, failure: Failure) -> Outcome:
        """The dead letter of an entry that failed too often."""

    async def known_books(self) -> str:
        """The generation of the books that the store remembers; "" where there is none, or no store."""

    async def note_books(self, generation: str) -> None:
        """Have the store remember it."""

    async def close(self) -> None:
        """Let go of everything."""

    def away(self) -> str:
        """What is missing just now, or ""."""

    @property
    def restarts(self) -> int:
        """Children replaced."""

    @property
    def stuck(self) -> bool:
        """Whether a thread hangs that the interpreter would wait for as it ends."""


def taken(held: Held) -> Taken:
    """The entry as the burial wants it."""
    return Taken(held.stream, held.key, held.id, held.fields, held.entry)


def bury_here(held: Held, failure: Failure, *, read: bool) -> Outcome:
    """The dead letter of an entry, made in this process; with `read=False` its event is not opened."""
    letter = bury(taken(held), failure, read=read)
    answer = Answer(
        outcome="dead", reason=failure.reason.value, detail=failure.detail[:500], entry=letter.entry,
        accepted_at=letter.accepted_at, cause=cause_of(failure.reason, failure.detail, failure.traceback),
    )  # fmt: skip
    return Outcome(held, answer, encode_event(letter))
