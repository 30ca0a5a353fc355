"""A report alone is stored at once; while reports keep coming they are written together."""

from __future__ import annotations

import pytest

from shared.runtime.linger import Linger


def test_a_report_alone_is_followed_by_no_wait() -> None:
    linger = Linger(0.5, 32)

    assert linger.after(1, 1000.0) == 0.0
    assert linger.after(1, 1010.0) == 0.0


def test_while_reports_keep_coming_the_next_read_waits_at_most_as_long_as_set() -> None:
    linger = Linger(0.5, 32)
    linger.after(1, 1000.0)

    assert linger.after(1, 1000.05) == 0.5


def test_it_waits_no_longer_than_a_full_batch_takes_to_come() -> None:
    linger = Linger(0.5, 32)
    linger.after(1, 1000.0)

    assert linger.after(16, 1000.1) == pytest.approx(0.2)


def test_a_backlog_is_read_without_a_pause() -> None:
    linger = Linger(0.5, 32)
    linger.after(1, 1000.0)

    assert linger.after(32, 1000.1) == 0.0


@pytest.mark.parametrize("rate", [25.0, 45.0, 60.0])
def test_at_a_steady_rate_batches_grow_until_the_wait_or_the_batch_is_full(rate: float) -> None:
    linger, now, sizes = Linger(0.5, 32), 1000.0, []
    linger.after(1, now)
    wait = 1 / rate
    for _ in range(10):
        now += wait
        sizes.append(max(1, min(32, round(rate * wait))))
        wait = linger.after(sizes[-1], now) or 1 / rate

    assert sizes[-1] == pytest.approx(min(32.0, 0.5 * rate), abs=1)


@pytest.mark.parametrize("rate", [0.1, 1.0, 3.5])
def test_where_a_wait_would_bring_nothing_there_is_none(rate: float) -> None:
    linger = Linger(0.5, 32)
    linger.after(1, 1000.0)

    assert [linger.after(1, 1000.0 + at / rate) for at in range(1, 6)] == [0.0] * 5


def test_no_wait_is_set_by_zero() -> None:
    linger = Linger(0.0, 32)
    linger.after(1, 1000.0)

    assert linger.after(1, 1000.01) == 0.0
