"""The fuse: a stage that fails on nearly everything stops itself, so that bad code cannot send every report away."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import structlog

from shared.runtime.consumer import Verdict
from shared.settings import WorkerSettings
from shared.telemetry import StageMetrics

log = structlog.get_logger()


class Fuse:
    """Blows when `fuse_ratio` of the last `fuse_window` reports are dead letters; then `reason` says why."""

    def __init__(self, settings: WorkerSettings, metrics: StageMetrics) -> None:
        self._window, self._ratio = settings.fuse_window, settings.fuse_ratio
        self._metrics = metrics
        self._fates: deque[bool] = deque(maxlen=self._window)
        self.reason = ""

    def holds(self, part: Sequence[Verdict]) -> bool:
        """Whether `part` may be handed over; where it may not, the fuse has blown and the letters are not written."""
        fates = [*self._fates, *(verdict.kind == "dead" for verdict in part)][-self._window :]
        if len(fates) < self._window or sum(fates) < self._ratio * len(fates):
            return True
        self._blow(part, sum(fates))
        return False

    def note(self, part: Sequence[Verdict]) -> None:
        """These have been handed over."""
        self._fates.extend(verdict.kind == "dead" for verdict in part)

    def _blow(self, part: Sequence[Verdict], dead: int) -> None:
        causes = sorted({verdict.answer.cause or verdict.answer.reason for verdict in part if verdict.kind == "dead"})
        self.reason = (
            f"the fuse is blown: {dead} of the last {self._window} reports were dead letters"
            f" (for example {causes[0] if causes else 'unknown'}). Mend the cause, then restart this worker;"
            " what it sent to the dead letters comes back with `fazhi dead replay`."
        )
        self._metrics.fuse_blown.set(1)
        log.error("fuse_blown", reason=self.reason)
