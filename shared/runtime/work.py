"""The work on a batch: the executor does it; what is done is handed over, what failed is set aside or buried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing

import structlog

import shared
from shared.errors import Outdated, Reason
from shared.events import Delivery
from shared.intake import REPLAY_FIELD
from shared.letters.burial import Failure, why_cut
from shared.runtime.child_process import ChildBroken
from shared.runtime.consumer import Held, Verdict
from shared.runtime.context import WorkerContext
from shared.runtime.executor import Executor, Outcome, bury_here
from shared.runtime.frames import Answer
from shared.runtime.fuse import Fuse
from shared.runtime.handover import Handover
from shared.runtime.outbox import Outbox, verdict_of
from shared.runtime.retry import SILENT_FACTOR, Bury, decide
from shared.runtime.retry_queue import RetryQueue
from shared.streams import DEAD, INTAKE

log = structlog.get_logger()

#: Between two looks of a worker that may not try anything again.
_STOPPED_SECONDS = 1.0


class Work:
    """The work of one worker: batches, one at a time, and beside them what was set aside."""

    def __init__(self, context: WorkerContext, executor: Executor, fuse: Fuse, handover: Handover) -> None:
        self._context = context
        self._executor = executor
        self._fuse = fuse
        self._handover = handover
        self._turn = asyncio.Lock()
        self._restarts_seen = 0
        self.retries = RetryQueue()
        self.mending: Held | None = None

    @property
    def is_busy(self) -> bool:
        """Whether anything is being worked on."""
        return self.mending is not None or self._turn.locked()

    async def take(self, batch: Sequence[Held]) -> None:
        """Work on entries that were read or claimed."""
        context = self._context
        context.hold(batch)
        context.metrics.redeliveries.inc(sum(held.delivery > 1 for held in batch))
        named = await self._named(batch)
        async with self._turn:
            if self._fuse.reason or (context.stopping.is_set() and context.terminal):
                return  # given back when the worker stops; the lease is not held meanwhile
            await self._work(named, alone=False)

    async def mend(self) -> None:
        """Try again what was set aside or failed, when it is due, apart from the stream of work."""
        context = self._context
        while not context.stopping.is_set():
            if self._fuse.reason:
                await context.pause(_STOPPED_SECONDS)
                continue
            again = await self.retries.next_due()
            if again is None:
                continue
            self.mending = again.held
            try:
                if not again.counted or await self._redelivered(again.held):
                    await self._work([again.held], alone=True)
            finally:
                self.mending = None

    async def _redelivered(self, held: Held) -> bool:
        """Whether the server has counted one more delivery; else the entry is another's by now, or the worker stops."""
        count = await self._context.until_there(lambda: self._context.consumer.redeliver(held))
        if count is None:
            return False
        if count == 0:
            self._context.let_go([held])
            return False
        held.delivery = count
        self._context.metrics.redeliveries.inc()
        return True

    async def _named(self, batch: Sequence[Held]) -> Sequence[Held]:
        """The batch, with the old names of entries that were sent again. Without these where the worker stops and the
        server does not say: under another name they would be other entries, so they are given back.
        """
        again = [held for held in batch if held.stream == INTAKE and REPLAY_FIELD in held.fields]
        if not again:
            return batch
        noted = await self._context.soon(lambda: self._context.consumer.sent_again([held.id for held in again]))
        if noted is None:
            return [held for held in batch if held not in again]
        for held, entry in zip(again, noted, strict=True):
            # The entry says so itself, and the replay script says the same: a client of the intake cannot do that.
            if held.fields[REPLAY_FIELD].decode("utf-8", "replace") == entry:
                held.entry = entry
        return batch

    async def _work(self, entries: Sequence[Held], *, alone: bool) -> None:
        outbox = Outbox(self._context.settings.batch_bytes)
        todo: list[Held] = []
        for held in entries:
            if held.stream != DEAD and held.cut is not None:
                outbox.put(self._refused(held))
            elif self._is_silent(held):
                why = Answer("fault", Reason.CHILD_DIED, "delivered too often; no worker lived to say why")
                outbox.put(await self._buried(held, why))
            else:
                todo.append(held)
        doomed: list[Outcome] = []
        try:
            async with aclosing(self._executor.work(todo, alone=alone)) as done:
                async for outcomes in done:
                    self._context.moved_at = time.monotonic()
                    for outcome in outcomes:
                        if self._settle(outcome, alone=alone, doomed=doomed):
                            outbox.put(verdict_of(outcome))
                    if outbox.is_due:
                        await self._handover.hand_over(outbox)
            for held, answer, _ in doomed:
                outbox.put(await self._buried(held, answer))
        except (ChildBroken, Outdated) as error:
            self._context.fail(str(error))
        await self._handover.hand_over(outbox)
        self._context.metrics.child_restarts.inc(self._executor.restarts - self._restarts_seen)
        self._restarts_seen = self._executor.restarts

    def _is_silent(self, held: Held) -> bool:
        """Whether it was delivered so often without a word that it is dead. A dead letter cannot die."""
        return held.stream != DEAD and held.delivery > SILENT_FACTOR * self._context.settings.max_deliveries

    def _settle(self, outcome: Outcome, *, alone: bool, doomed: list[Outcome]) -> bool:
        """Whether the outcome is final. What failed is set aside for another attempt, or put on `doomed`."""
        held, answer, _ = outcome
        settings, metrics = self._context.settings, self._context.metrics
        held.tried = True
        metrics.work_seconds.observe(answer.seconds)
        if answer.outcome != "fault":
            return True
        reason = Reason(answer.reason)
        decision = decide(
            reason, held.delivery, alone=alone, max_deliveries=settings.max_deliveries,
            retry_seconds=settings.retry_seconds, endless=held.stream == DEAD,
        )  # fmt: skip
        if isinstance(decision, Bury):
            doomed.append(outcome)
            return False
        if decision.counted:
            self._note(held, answer)
            metrics.report("retried")
            log.warning(
                "report_failed", entry_id=held.id, stream=held.key, reason=reason.value, detail=answer.detail[:300],
                delivery=held.delivery, next_seconds=decision.after_seconds,
            )  # fmt: skip
        self.retries.put(held, decision.after_seconds, counted=decision.counted)
        return False

    def _note(self, held: Held, fault: Answer) -> None:
        held.history.append((time.time(), self._context.name, f"{fault.reason}: {fault.detail}"[:200]))

    async def _buried(self, held: Held, fault: Answer) -> Verdict:
        self._note(held, fault)
        failure = self._failure(held, Reason(fault.reason), fault.detail, fault.traceback)
        return verdict_of(await self._executor.bury(held, failure))

    def _refused(self, held: Held) -> Verdict:
        """The dead letter, by reference, of an entry of which not all was kept: no more of it is ever held."""
        failure = self._failure(held, *why_cut(held.fields, self._context.limits))
        return verdict_of(bury_here(held, failure, read=False))

    def _failure(self, held: Held, reason: Reason, detail: str, traceback: str = "") -> Failure:
        history = tuple(Delivery(at=at, worker=worker, outcome=outcome) for at, worker, outcome in held.history)
        return Failure(
            reason, detail, traceback, self._context.stage.name, shared.__version__, time.time(), held.delivery, history
        )
