"""What an operator may change about the way in; the limits that workers keep too have the same names and defaults."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from shared.settings import WorkerSettings


class IntakeSettings(WorkerSettings):
    """Settings of `fazhi submit` and of whatever else puts pages on the intake stream."""

    #: How long a token is remembered: a day is longer than any crawl that is started again by hand.
    token_seconds: PositiveInt = 86_400
    #: zstd level of a submitted body. Measured on 187 reports of 56 KB: level 1 leaves 49 % (0.28 ms), 3 leaves 44 %
    #: (0.38 ms), 9 leaves 41 % (0.99 ms).
    intake_zstd_level: PositiveInt = Field(default=3, le=19)
    #: Bytes sent at once; the server answers nobody else while it takes them.
    intake_batch_bytes: PositiveInt = 2_000_000
    #: Pages sent at once.
    intake_batch_pages: PositiveInt = 64
    #: Share of `max_stream_bytes` from which submitting slows down.
    intake_slow_from: float = Field(default=0.5, gt=0, le=1)
    #: The longest pause between two batches while it does.
    intake_slow_seconds: NonNegativeFloat = 1.0
    #: How long a submission waits at a full stream before the rest is refused.
    intake_patience_seconds: NonNegativeFloat = 60.0
    #: A file in a watched folder is taken once its size and time have stood still for so long.
    watch_settle_seconds: NonNegativeFloat = 5.0
    #: Pause between two looks into a watched folder.
    watch_poll_seconds: PositiveFloat = 0.5
