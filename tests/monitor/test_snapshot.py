"""The pure part of the monitor: mean time of work, work left, bounded sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitor.snapshot import Consumer, SourceQuality, StreamState, WorkRate, bounded, work_left


def source(name: str, reports: int = 0, dead: int = 0, **counts: int) -> SourceQuality:
    zero = dict.fromkeys(SourceQuality.__dataclass_fields__, 0)
    return SourceQuality(**{**zero, **counts, "source": name, "reports": reports, "dead": dead})


def test_work_left_is_outstanding_entries_times_the_measured_mean():
    rate = WorkRate()
    for _ in range(50):
        rate.observe("extractor", handled=100, busy_workers=2, elapsed_seconds=5.0)
    assert rate.mean_seconds("extractor") == pytest.approx(0.1, rel=0.05)
    states = [StreamState("sectioned", "extractor", length=300, in_work=64, size_bytes=0)]
    assert work_left(states, rate)["sectioned"] == pytest.approx(30, rel=0.05)


def test_an_interval_in_which_nothing_was_handled_says_nothing_of_the_mean():
    rate = WorkRate()
    rate.observe("extractor", handled=100, busy_workers=1, elapsed_seconds=10.0)
    before = rate.mean_seconds("extractor")
    rate.observe("extractor", handled=0, busy_workers=3, elapsed_seconds=60.0)
    assert rate.mean_seconds("extractor") == before


def test_the_mean_follows_a_change_within_a_few_half_lives():
    rate = WorkRate(half_life_seconds=60.0)
    for _ in range(20):
        rate.observe("sink", handled=1000, busy_workers=1, elapsed_seconds=10.0)
    for _ in range(60):
        rate.observe("sink", handled=100, busy_workers=1, elapsed_seconds=10.0)
    assert rate.mean_seconds("sink") == pytest.approx(0.1, rel=0.1)


def test_waiting_is_never_negative_though_a_pending_entry_vanished():
    assert StreamState("intake", "normalizer", length=1, in_work=3, size_bytes=0).waiting == 0


def test_a_consumer_silent_for_two_leases_is_gone():
    assert Consumer("a", 0, 59.0).alive(30.0)
    assert not Consumer("a", 5, 61.0).alive(30.0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=60), st.integers(2, 20))
def test_sources_are_bounded_and_nothing_is_left_out_of_the_sum(counts, limit):
    sources = [source(f"crawler-{k}", reports, dead) for k, (reports, dead) in enumerate(counts)]
    shown = bounded(sources, limit)
    assert len(shown) <= limit
    assert sum(one.reports for one in shown) == sum(one.reports for one in sources)
    assert sum(one.dead for one in shown) == sum(one.dead for one in sources)


def test_shares_of_a_source_without_reports_are_zero_not_an_error():
    empty = source("north", 0, 7)
    assert (empty.mapped_share, empty.undecided_share, empty.facts_per_1000_characters) == (0, 0, 0)
    assert empty.dead_share == 1
