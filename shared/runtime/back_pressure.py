"""Back-pressure: a worker takes no more while the streams ahead of it are full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import structlog

from shared.runtime.context import WorkerContext
from shared.streams import STAGE_OF

log = structlog.get_logger()

#: The streams ahead are weighed every two seconds; a fast worker weighs them itself after each such part of the limit.
_WEIGHED_PARTS = 50


class Ahead(NamedTuple):
    """A stream ahead, the most bytes of server memory it may take, and what to do when it takes more."""

    key: str
    most_bytes: int
    setting: str
    advice: str


class BackPressure:
    """How full the streams ahead are; `full` says which is over its limit, or is ""."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._ahead = _streams_ahead(context)
        self._added_bytes = 0  # since they were last weighed
        self.full = ""

    @property
    def streams(self) -> list[str]:
        """Keys of the streams to weigh."""
        return [ahead.key for ahead in self._ahead]

    def filled(self, size: int) -> None:
        """So many bytes were put on the streams ahead."""
        self._added_bytes += size

    @property
    def is_unsure(self) -> bool:
        """Whether so much was added that the last weighing says little."""
        return any(self._added_bytes > ahead.most_bytes / _WEIGHED_PARTS for ahead in self._ahead)

    def weighed(self, sizes: Sequence[int]) -> None:
        """The bytes that each of `streams` takes now."""
        self._added_bytes = 0
        full = ""
        for ahead, size in zip(self._ahead, sizes, strict=True):
            if size > ahead.most_bytes:
                full = f"{ahead.key} takes {size} bytes, over {ahead.most_bytes} ({ahead.setting}); {ahead.advice}"
        if bool(full) != bool(self.full):
            log.warning("paused", why=full) if full else log.info("resumed")
        self.full = full
        self._context.metrics.paused.set(1 if full else 0)


def _streams_ahead(context: WorkerContext) -> tuple[Ahead, ...]:
    target, names, settings = context.stage.produces, context.names, context.settings
    if target is None:
        return ()
    workers = f"add {STAGE_OF[target.name]} workers"
    return (
        Ahead(names.stream(target.name), settings.max_stream_bytes, "max_stream_bytes", workers),
        Ahead(names.dead, settings.max_dead_bytes, "max_dead_bytes", "start a sink, or look at `fazhi dead list`"),
    )
