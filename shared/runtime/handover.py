"""Handing over: verdicts become successors, dead letters and counts, in one script a part (docs/decisions/0001)."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from redis.exceptions import RedisError

from shared.errors import Reason
from shared.runtime.back_pressure import BackPressure
from shared.runtime.consumer import Verdict
from shared.runtime.context import WorkerContext
from shared.runtime.fuse import Fuse
from shared.runtime.outbox import Outbox
from shared.telemetry import tell_each

log = structlog.get_logger()


class Handover:
    """What leaves a worker goes through here."""

    def __init__(self, context: WorkerContext, fuse: Fuse, back_pressure: BackPressure) -> None:
        self._context = context
        self._fuse = fuse
        self._back_pressure = back_pressure

    async def hand_over(self, outbox: Outbox) -> None:
        """Hand over all that is in `outbox`; nothing of it once the fuse blows."""
        for part in outbox.take():
            if not self._fuse.holds(part):
                return
            await self._hand_part(part)

    async def _hand_part(self, part: Sequence[Verdict]) -> None:
        context, attempts = self._context, 0

        async def attempt() -> list[bool]:
            nonlocal attempts
            attempts += 1
            try:
                return await context.consumer.handoff(part[0].held.stream, part)
            except (RedisError, OSError):
                context.metrics.handoff_failures.inc()
                raise

        done = await context.soon(attempt)
        if done is None:
            return
        context.moved_at = time.monotonic()
        context.let_go(verdict.held for verdict in part)
        self._back_pressure.filled(sum(verdict.size for verdict in part))
        self._fuse.note(part)
        # After a lost answer the first call may well have done it: its repetition is refused, and that is no error.
        self._count([verdict for verdict, ours in zip(part, done, strict=True) if ours or attempts > 1])
        if attempts == 1:
            self._refused([verdict for verdict, ours in zip(part, done, strict=True) if not ours])

    def _refused(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            self._context.metrics.report("refused_handoff")
            log.warning(
                "handoff_refused", entry_id=verdict.held.id, stream=verdict.held.key, why="another worker has it"
            )

    def _count(self, verdicts: Sequence[Verdict]) -> None:
        metrics, now = self._context.metrics, time.time()
        for verdict in verdicts:
            if verdict.answer.accepted_at:
                metrics.age_seconds.observe(max(0.0, now - verdict.answer.accepted_at))
        done = [verdict for verdict in verdicts if verdict.kind != "dead"]
        metrics.done([verdict.answer for verdict in done])
        if self._context.settings.log_reports:
            tell_each("report_done", map(_told, done))
        for held, answer in ((verdict.held, verdict.answer) for verdict in verdicts if verdict.kind == "dead"):
            metrics.dead(Reason(answer.reason))
            log.warning("dead_letter", entry=answer.entry, entry_id=held.id, reason=answer.reason,
                        detail=answer.detail[:300], deliveries=held.delivery)  # fmt: skip


def _told(verdict: Verdict) -> dict[str, object]:
    answer = verdict.answer
    return {
        "entry": answer.entry, "report_id": answer.report_id, "seconds": round(answer.seconds, 4),
        "delivery": verdict.held.delivery,
    }  # fmt: skip
