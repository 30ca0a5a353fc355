"""A report alone is stored at once; while reports keep coming they are written together."""

from __future__ import annotations

import pytest

from shared.runtime.linger import Linger
from shared.runtime.pace import Pace


def test_a_report_alone_is_followed_by_no_wait() -> None:
    linger = Linger(1.0)

    assert linger.after(1, 64, 1000.0) == 0.0
    assert linger.after(1, 64, 1010.0) == 0.0


@pytest.mark.parametrize(("rate", "seconds"), [(5.0, 0.5), (20.0, 0.5), (28.8, 0.5), (43.2, 0.75), (57.6, 1.0)])
def test_while_reports_keep_coming_the_next_read_waits_the_longer_the_more_are_coming(
    rate: float, seconds: float
) -> None:
    linger = Linger(1.0)
    linger.after(1, 64, 1000.0)

    assert linger.after(1, 64, 1000.0 + 1 / rate) == pytest.approx(seconds)


def test_it_waits_no_longer_than_a_nearly_full_batch_takes_to_come() -> None:
    linger = Linger(1.0)
    linger.after(1, 64, 1000.0)

    assert linger.after(16, 64, 1000.1) == pytest.approx(0.36)


def test_a_backlog_is_read_without_a_pause() -> None:
    linger = Linger(1.0)
    linger.after(1, 64, 1000.0)

    assert linger.after(64, 64, 1000.1) == 0.0


def test_a_read_that_is_full_by_its_bytes_is_a_backlog_too() -> None:
    """Large reports: a read has room for a few of them, and the next one will be full as well."""
    pace, linger = Pace(64, 8_000_000), Linger(1.0)
    pace.saw([1_000_000] * 8)
    assert pace.room == 8
    linger.after(1, pace.room, 1000.0)

    assert linger.after(8, pace.room, 1000.4) == 0.0
    assert linger.after(4, pace.room, 1000.8) > 0.0


@pytest.mark.parametrize(("rate", "entries"), [(25.0, 12), (45.0, 35), (60.0, 58), (200.0, 58)])
def test_at_a_steady_rate_batches_grow_until_they_are_nearly_full(rate: float, entries: int) -> None:
    linger, now, sizes = Linger(1.0), 1000.0, []
    linger.after(1, 64, now)
    wait = 1 / rate
    for _ in range(20):
        now += wait
        sizes.append(max(1, min(64, round(rate * wait))))
        wait = linger.after(sizes[-1], 64, now) or 1 / rate

    assert sizes[-1] == pytest.approx(entries, abs=1)


@pytest.mark.parametrize("rate", [0.1, 1.0, 3.5])
def test_where_a_wait_would_bring_nothing_there_is_none(rate: float) -> None:
    linger = Linger(1.0)
    linger.after(1, 64, 1000.0)

    assert [linger.after(1, 64, 1000.0 + at / rate) for at in range(1, 6)] == [0.0] * 5


def test_no_wait_is_set_by_zero() -> None:
    linger = Linger(0.0)
    linger.after(1, 64, 1000.0)

    assert linger.after(1, 64, 1000.01) == 0.0
