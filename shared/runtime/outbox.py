"""Verdicts on their way to the handoff: gathered while the next reports are worked on."""

from __future__ import annotations

import time

from shared.letters.burial import EVENT_FIELD
from shared.runtime.consumer import Verdict
from shared.runtime.executor import Outcome
from shared.streams import STAGE_OF

#: Verdicts are handed over this often: less than answers are gathered for, so that what came together leaves together.
_FLUSH_SECONDS = 0.2
#: Of the detail of a dead letter, beside the letter itself: what a list shows.
_DETAIL_CHARACTERS = 300


def verdict_of(outcome: Outcome) -> Verdict:
    """What is to become of the entry, and the fields of its successor or of its dead letter."""
    held, answer, packed = outcome
    fields: tuple[bytes, ...] = ()
    if answer.outcome == "out":
        fields = (b"entry", answer.entry.encode(), EVENT_FIELD, packed)
    elif answer.outcome == "dead":
        cause, detail = answer.cause or answer.reason, answer.detail[:_DETAIL_CHARACTERS]
        fields = (b"entry", answer.entry.encode(), b"stage", STAGE_OF[held.stream.name].encode(),
                  b"reason", answer.reason.encode(), b"cause", cause.encode(),
                  b"detail", detail.encode("utf-8", "replace"), EVENT_FIELD, packed)  # fmt: skip
    return Verdict(held, answer.outcome, fields, answer)


class Outbox:
    """The verdicts of one batch; at most `most_bytes` of them in one part."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._verdicts: list[Verdict] = []
        self._bytes = 0
        self._taken_at = time.monotonic()

    def put(self, verdict: Verdict) -> None:
        """Add one."""
        self._verdicts.append(verdict)
        self._bytes += verdict.size

    @property
    def is_due(self) -> bool:
        """Whether it is time to hand over."""
        return time.monotonic() - self._taken_at >= _FLUSH_SECONDS or self._bytes >= self._most_bytes

    def take(self) -> list[list[Verdict]]:
        """All of them, in parts of one stream and of at most the bytes of one script; a larger one goes alone."""
        parts: list[list[Verdict]] = []
        size = 0
        for verdict in self._verdicts:
            full = parts and size + verdict.size > self._most_bytes
            if not parts or full or parts[-1][0].held.stream != verdict.held.stream:
                parts.append([])
                size = 0
            parts[-1].append(verdict)
            size += verdict.size
        self._verdicts, self._bytes, self._taken_at = [], 0, time.monotonic()
        return parts
