"""What /healthz and /readyz say about a worker."""

from __future__ import annotations

import time

from shared.health import State
from shared.runtime.back_pressure import BackPressure
from shared.runtime.context import HEARTBEAT_SECONDS, WorkerContext
from shared.runtime.executor import Executor
from shared.runtime.fuse import Fuse
from shared.runtime.pace import Pace

#: The loop that reads must ask for entries, or an entry must move, this often; else the worker is not healthy.
_STALL_SECONDS = 30.0
#: So many looks in vain, and the server counts as away.
_MISSED_LOOKS = 3


class Probes:
    """The state of one worker; `started` once its subscribers run."""

    def __init__(
        self, context: WorkerContext, pace: Pace, executor: Executor, fuse: Fuse, back_pressure: BackPressure
    ) -> None:
        self._context = context
        self._pace = pace
        self._executor = executor
        self._fuse = fuse
        self._back_pressure = back_pressure
        self.started = False

    def _standstill(self) -> str:
        """Why it does nothing just now, for a good reason; or ""."""
        unseen = time.monotonic() - self._context.server_seen
        away = "the server is away" if unseen > _MISSED_LOOKS * HEARTBEAT_SECONDS else ""
        return self._fuse.reason or self._back_pressure.full or self._executor.away() or away

    def healthy(self) -> State:
        """Health is progress: the loop asks for entries, or an entry moves; or there is a reason to stand still."""
        reason = self._standstill()
        if reason or not self.started:
            return State(good=True, reason=reason or "starting")
        still = time.monotonic() - max(self._pace.asked_at, self._context.moved_at)
        limit = max(_STALL_SECONDS, 2 * self._context.settings.report_seconds)
        if still > limit:
            return State(good=False, reason=f"no read and no report for {still:.0f} s, at most {limit:.0f} s")
        return State(good=True, reason="ok")

    def ready(self) -> State:
        """Whether the stage takes work."""
        if self._context.stopping.is_set():
            return State(good=False, reason="stopping")
        if not self.started:
            return State(good=False, reason="starting: waiting for the server or the database")
        reason = self._standstill()
        if reason:
            return State(good=False, reason=reason)
        return self.healthy()
