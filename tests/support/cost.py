"""What a piece of work costs, held against another piece of work in the same process: no clock decides a test.

Processor time of this thread alone, in turns, and the least of each counts: what else the machine does, a collection
of the garbage of ten thousand tests, or a slower processor falls on both or on a turn that does not count.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

#: Turns until a piece of work is believed to be dear; the first one that is cheap ends them.
TURNS = 6
#: Twice as long takes twice the work; the rest is for what a cache holds of the short one and not of the long one.
SLACK = 3.0
_PAGE = "全年受理行政复议案件23件，" * 1_000
_SIGNS = {"件": 1}
_FIGURES = re.compile("[一-龥]{1,8}[0-9]{1,3}件")


def _yardstick() -> None:
    """A look at 14,000 characters, by an expression and in a loop: 0.75 ms on the machine that the limits were set on."""
    _FIGURES.findall(_PAGE)
    for sign in _PAGE:
        _SIGNS.get(sign)


def _seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def assert_costs(work: Callable[[], object], most: float, what: str = "") -> None:
    """The work costs at most so many yardsticks.

    Raises AssertionError with what it costs.
    """
    spent = yardstick = math.inf
    for _ in range(TURNS):
        yardstick = min(yardstick, _seconds(_yardstick))
        spent = min(spent, _seconds(work))
        if spent <= most * yardstick:
            return
    raise AssertionError(f"{what or 'the work'} costs {spent / yardstick:,.0f} yardsticks, at most {most:,.0f}")


def assert_grows_linearly(work: Callable[[int], object], small: int, large: int, floor: float = 0) -> None:
    """Of the large size, the work costs as many times more as it is larger (times `SLACK`), or at most `floor`
    yardsticks.

    Raises AssertionError with the two costs.
    """
    yardstick = less = more = math.inf
    for _ in range(TURNS):
        yardstick = min(yardstick, _seconds(_yardstick))
        less = min(less, _seconds(lambda: work(small)))
        more = min(more, _seconds(lambda: work(large)))
        if more <= max(SLACK * large / small * less, floor * yardstick):
            return
    raise AssertionError(f"{small} costs {less / yardstick:,.1f} yardsticks, {large} costs {more / yardstick:,.1f}")
