"""What an operator must know about the streams, as plain records. No I/O here.

Group lag is never used: after the first removal out of order the server answers nil for it. With removal on handoff
a stream's length is exactly waiting + in work, so both are read without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Consumer:
    """One consumer of a group, as the server knows it."""

    name: str
    pending: int
    idle_seconds: float

    def alive(self, lease_seconds: float) -> bool:
        """Whether it spoke to the server within two leases; a living worker does so several times in one."""
        return self.idle_seconds < 2 * lease_seconds


@dataclass(frozen=True)
class StreamState:
    """One stream at one moment. Ages are seconds since the entry was put on this stream; None where there is none."""

    name: str
    stage: str
    length: int
    in_work: int
    size_bytes: int
    oldest_waiting_seconds: float | None = None
    oldest_pending_seconds: float | None = None
    most_deliveries: int = 0
    redelivered: int = 0
    consumers: tuple[Consumer, ...] = ()

    @property
    def waiting(self) -> int:
        """Entries that no worker has read."""
        return max(0, self.length - self.in_work)


@dataclass(frozen=True)
class ServerState:
    """The broker itself. `memory_limit_bytes` is 0 where none is set."""

    memory_bytes: int
    memory_limit_bytes: int
    append_only: bool
    last_write_ok: bool


@dataclass
class WorkRate:
    """Seconds of a worker's time that one entry of a stage takes, measured from outside.

    Between two looks, workers that held entries were busy; busy seconds over entries handed over is the mean. It
    includes waiting for the server, which is what matters to whoever waits for the backlog. The mean is smoothed over
    about five minutes (the half-life of the weights), so that one slow page does not scale a deployment.
    """

    half_life_seconds: float = 300.0
    _means: dict[str, float] = field(default_factory=dict)
    _weights: dict[str, float] = field(default_factory=dict)

    #: Before anything was measured: the slowest stage takes about 20 ms for a report of 7,000 characters.
    FIRST_GUESS_SECONDS = 0.02

    def mean_seconds(self, stage: str) -> float:
        """Mean seconds of work an entry of `stage`."""
        return self._means.get(stage, self.FIRST_GUESS_SECONDS)

    def observe(self, stage: str, *, handled: int, busy_workers: int, elapsed_seconds: float) -> None:
        """Take in one interval: entries handled, workers that held entries at its end, its length."""
        if handled <= 0 or elapsed_seconds <= 0:
            return
        # A worker that is faster than the look is seen empty: at least one was busy, though not for longer than
        # the whole interval, so the figure is an upper bound there.
        measured = max(1, busy_workers) * elapsed_seconds / handled
        keep = self._weights.get(stage, 0.0) * 0.5 ** (elapsed_seconds / self.half_life_seconds)
        self._means[stage] = (self.mean_seconds(stage) * keep + measured * elapsed_seconds) / (keep + elapsed_seconds)
        self._weights[stage] = keep + elapsed_seconds


def work_left(streams: Iterable[StreamState], rate: WorkRate) -> Mapping[str, float]:
    """Stream name → seconds of one worker's time to empty it: entries waiting or in work × mean time of work."""
    return {state.name: state.length * rate.mean_seconds(state.stage) for state in streams}


@dataclass(frozen=True)
class SourceQuality:
    """What came out of one crawler or collection within the window."""

    source: str
    reports: int
    dead: int
    characters: int
    facts: int
    mapped_facts: int
    numerals: int
    undecided_numerals: int
    repairs: int
    checks: int
    failed_checks: int

    @property
    def facts_per_1000_characters(self) -> float:
        return 1000 * self.facts / self.characters if self.characters else 0.0

    @property
    def mapped_share(self) -> float:
        return self.mapped_facts / self.facts if self.facts else 0.0

    @property
    def undecided_share(self) -> float:
        return self.undecided_numerals / self.numerals if self.numerals else 0.0

    @property
    def dead_share(self) -> float:
        return self.dead / (self.reports + self.dead) if self.reports + self.dead else 0.0


def bounded(sources: Iterable[SourceQuality], limit: int) -> list[SourceQuality]:
    """At most `limit` sources, the busiest by name and the others added up as "other": labels stay a closed set."""
    ranked = sorted(sources, key=lambda one: (-(one.reports + one.dead), one.source))
    if len(ranked) <= limit:
        return ranked
    kept, rest = ranked[: limit - 1], ranked[limit - 1 :]
    counts = [
        sum(getattr(one, name) for one in rest) for name in SourceQuality.__dataclass_fields__ if name != "source"
    ]
    return [*kept, SourceQuality("other", *counts)]
