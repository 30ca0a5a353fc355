"""Facts as the tables of the command show them."""

import pytest

from fazhi.spoken import spoken_place, spoken_quote, spoken_value

EXACT = {
    "value": 1200.0, "value_to": None, "unit": "件", "qualifier": "exact", "change": None, "modality": "actual",
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "spoken"),
    [
        ({}, "1,200 件"),
        ({"unit": None}, "1,200"),
        ({"qualifier": "approx"}, "≈ 1,200 件"),
        ({"qualifier": "more_than"}, "> 1,200 件"),
        ({"qualifier": "at_least", "value": 95.5, "unit": "%", "modality": "target"}, "≥ 95.5 % (target)"),
        ({"qualifier": "less_than"}, "< 1,200 件"),
        ({"qualifier": "at_most"}, "≤ 1,200 件"),
        ({"change": "increase", "value": 3.5, "unit": "pp"}, "↑ 3.5 pp"),
        ({"change": "decrease", "qualifier": "more_than", "value": 20.0, "unit": "%"}, "↓ > 20 %"),
        ({"value": 312.0, "value_to": 241.0, "unit": "项"}, "312 → 241 项"),
        ({"value": 3.0, "value_to": 5.0, "unit": "day", "qualifier": "approx"}, "3–5 day"),
    ],
)
def test_a_value_is_never_shown_without_what_bounds_it(fields, spoken):
    assert spoken_value(EXACT | fields) == spoken


def test_a_place_is_said_from_the_largest_to_the_smallest_that_is_known():
    nowhere = {"province": None, "city": None, "county": None}
    assert spoken_place(nowhere | {"city": "云岭市", "county": "东溪县"}) == "云岭市 东溪县"
    assert spoken_place(nowhere, otherwise="枫埭镇人民政府") == "枫埭镇人民政府"
    assert spoken_place(nowhere) == "–"


def test_words_are_one_line_without_markup():
    assert spoken_quote("受理<b>12</b>件,\n  办结10件") == "受理12件, 办结10件"
