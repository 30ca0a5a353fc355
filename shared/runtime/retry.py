"""What to do with a report whose attempt failed: a pure function from the fault and the deliveries to a decision."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import Reason

#: The longest wait between two attempts.
MAX_WAIT_SECONDS = 60.0
#: Deliveries, as a multiple of `max_deliveries`, after which an entry is dead-lettered though no fault was seen: each
#: of its workers ended without a word. Workers run no rule themselves, so their deaths are seldom the document's.
SILENT_FACTOR = 4


@dataclass(frozen=True)
class Again:
    """Try it again after so many seconds; `counted`: as one more delivery."""

    after_seconds: float
    counted: bool


@dataclass(frozen=True)
class Bury:
    """Dead-letter it."""


def decide(  # noqa: PLR0913 - the whole policy, every term of it named by the caller
    reason: Reason, delivery: int, *, alone: bool, max_deliveries: int, retry_seconds: float, endless: bool = False
) -> Again | Bury:
    """The decision after a failed attempt, the `delivery`-th by the server's count.

    A report that took too long or too much memory beside its neighbours (`alone` is False) goes on by itself, under the
    full limits, and that is no new delivery. `endless`: what cannot be dead-lettered, a dead letter itself.
    """
    if reason in {Reason.TIMED_OUT, Reason.OUT_OF_MEMORY} and not alone:
        return Again(0.0, counted=False)
    if delivery >= max_deliveries and not endless:
        return Bury()
    return Again(min(MAX_WAIT_SECONDS, retry_seconds * 2.0 ** min(delivery - 1, 16)), counted=True)
