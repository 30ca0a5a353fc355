"""The executor of a stage that has a function: a child process runs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING

from shared.letters.burial import Failure
from shared.runtime.child_process import ChildProcess
from shared.runtime.consumer import Held
from shared.runtime.executor import Outcome, bury_here
from shared.runtime.frames import Job, Request

if TYPE_CHECKING:
    from shared.settings import WorkerSettings


class ChildExecutor:
    """A child for the stream of work, and a second one, only when needed, for reports that were set aside."""

    def __init__(self, job: Job, settings: WorkerSettings) -> None:
        self._job = job
        self._settings = settings
        self._main = ChildProcess(job, settings.child_memory_bytes)
        self._side = ChildProcess(job, settings.child_memory_bytes)
        self._side_turn = asyncio.Lock()

    async def open(self) -> None:
        """Start the child. Raises ChildBroken."""
        await self._main.start()

    async def work(self, entries: Sequence[Held], *, alone: bool) -> AsyncGenerator[list[Outcome], None]:
        """See Executor. Raises ChildBroken."""
        settings = self._settings
        child = self._side if alone else self._main
        seconds = settings.report_seconds if alone else min(settings.report_seconds, settings.patience_seconds)
        requests = [
            Request(
                id=held.id, fields=held.fields, delivery=held.delivery, entry=held.entry, history=held.history,
                last=held.delivery >= settings.max_deliveries,
            )
            for held in entries
        ]  # fmt: skip
        named = {held.id: held for held in entries}
        async with self._side_turn if alone else nullcontext(), aclosing(child.run(requests, seconds)) as answered:
            async for ended in answered:
                yield [Outcome(named[request.id], answer, packed) for request, answer, packed in ended]

    async def bury(self, held: Held, failure: Failure) -> Outcome:
        """In a child, because the event of such an entry may break whoever opens it; if it does, it is kept unopened."""
        request = Request(
            id=held.id, fields=held.fields, delivery=held.delivery, entry=held.entry, history=held.history,
            kind="bury", reason=failure.reason.value, detail=failure.detail, traceback=failure.traceback,
        )  # fmt: skip
        async with self._side_turn, aclosing(self._side.run([request], self._settings.report_seconds)) as ended:
            async for ((_, answer, packed),) in ended:
                if answer.outcome == "dead":
                    return Outcome(held, answer, packed)
        return bury_here(held, failure, read=False)

    async def known_books(self) -> str:
        """None: a child remembers nothing."""
        return ""

    async def note_books(self, generation: str) -> None:
        """Nothing: a child remembers nothing."""

    async def close(self) -> None:
        """End both children."""
        await self._main.stop()
        await self._side.stop()

    def away(self) -> str:
        """Nothing: a child is started when it is needed."""
        return ""

    stuck = False

    @property
    def restarts(self) -> int:
        """Children replaced."""
        return max(0, self._main.restarts) + max(0, self._side.restarts)
