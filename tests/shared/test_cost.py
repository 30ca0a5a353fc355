"""The measure of cost tells what grows from what does not, however crowded the machine is."""

import re

import pytest

from tests.support.cost import assert_costs, assert_grows_linearly

QUADRATIC = re.compile("一+二")


def test_linear_work_grows_linearly_and_quadratic_work_does_not():
    assert_grows_linearly(lambda size: sum(range(size)), 20_000, 160_000)
    with pytest.raises(AssertionError, match="yardsticks"):
        assert_grows_linearly(lambda size: QUADRATIC.search("一" * size), 500, 8_000)


def test_a_dear_work_is_told_from_a_cheap_one():
    assert_costs(lambda: QUADRATIC.search("一" * 100), 10)
    with pytest.raises(AssertionError, match=r"一 costs .* at most 10$"):
        assert_costs(lambda: QUADRATIC.search("一" * 8_000), 10, "一")
