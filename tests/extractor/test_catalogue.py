"""The catalogue is data with its proof beside it: every metric, every pattern, every example."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from services.extractor.catalogue import CatalogueError, build_catalogue, family, load_catalogue, parse_relation
from services.extractor.examples import map_example, read_example

CATALOGUE = load_catalogue()
YES = [(metric.id, example) for metric in CATALOGUE.metrics.values() for example in metric.yes]
NO = [(metric.id, example) for metric in CATALOGUE.metrics.values() for example in metric.no]

METRIC = """
domain = "springs"
title = "泉水"
[topics]
spring = ["泉"]
[[metric]]
id = "springs.counted"
name_zh = "泉水数"
name_en = "Springs"
quantity = "count"
unit = "个"
definition = "登记的泉水个数;不含井"
yes = ["登记泉水【12个】", "泉水达【3处】"]
no = ["登记水井【12个】", "泉水流量【3吨】"]
[[metric.pattern]]
id = "named"
own = ["泉水"]
topic = ["spring"]
"""


def catalogue(text: str = METRIC):
    return build_catalogue([("springs.toml", text)])


# ── the examples ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("metric", "example"), YES)
def test_an_example_maps_to_its_metric(metric, example):
    fact = map_example(example)
    assert fact is not None, "no fact is read at the marked number"
    assert fact.metric == metric, f"mapped by {fact.metric_rule}"


@pytest.mark.parametrize(("metric", "example"), NO)
def test_a_counter_example_does_not_map_to_its_metric(metric, example):
    fact = map_example(example)
    assert fact is None or fact.metric != metric, f"mapped by {fact.metric_rule}"


@pytest.mark.parametrize("metric", CATALOGUE.metrics)
def test_a_metric_shows_both_sides_in_different_voices(metric):
    shown = CATALOGUE.metrics[metric]
    assert len(set(shown.yes)) >= 2
    assert len(set(shown.no)) >= 2


def test_every_domain_has_a_metric_whose_pattern_fires_in_its_examples():
    fired = {fact.metric_rule for _, example in YES if (fact := map_example(example)) is not None}
    domains = {metric.partition(".")[0] for metric in CATALOGUE.metrics}
    assert {str(rule).partition(".")[0] for rule in fired} >= domains


@pytest.mark.parametrize("example", ["收到申请", "收到【2件】又收到【3件】", "【】件"])
def test_an_example_marks_exactly_one_number(example):
    with pytest.raises(ValueError, match="mark one number"):
        read_example(example)


# ── the contract ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _reference() -> list[dict[str, str]]:
    root = Path(os.environ.get("FAZHI_REFERENCE", Path(__file__).parents[2].parent / "shared"))
    path = root / "gold" / "metric-catalogue.tsv"
    if not path.exists():
        pytest.skip(f"the reference's catalogue is not at {path}; set FAZHI_REFERENCE")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_ids_names_units_definitions_and_relations_are_the_reference_s():
    expected = {
        row["id"]: (row["name_zh"], row["name_en"], row["quantity"], row["unit"], row["definition_zh"], row["relation"])
        for row in _reference()
    }
    ours = {
        metric.id: (
            metric.name_zh,
            metric.name_en,
            metric.quantity,
            metric.unit,
            metric.definition,
            "; ".join(metric.relations),
        )
        for metric in CATALOGUE.metrics.values()
    }
    assert ours == expected


# ── loading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_entry_in_one_file_is_a_metric():
    loaded = catalogue()
    assert loaded.metrics["springs.counted"].accepts >= {"个", "处", "件"}
    assert loaded.domains() == {"springs": [loaded.metrics["springs.counted"]]}


def test_the_version_changes_with_any_word_of_the_files():
    assert catalogue().version != catalogue(METRIC.replace("不含井", "不含水井")).version
    assert catalogue().version == catalogue().version


def test_a_list_of_words_is_written_once_and_named_where_patterns_need_it():
    lists = METRIC.replace("[[metric]]", '[words]\nwells = ["水井", "机井"]\n\n[[metric]]', 1)
    pattern = (
        catalogue(lists + 'none = ["{wells}", "泉眼"]\nnear = [["{wells}"]]\n').metrics["springs.counted"].pattern[0]
    )
    assert pattern.none == ("水井", "机井", "泉眼")
    assert pattern.near == (("水井", "机井"),)


FAULTS = {
    "not TOML": ("[[metric", "not TOML"),
    "a field that nobody knows": (METRIC + 'colour = "blue"\n', r"metric\.springs\.counted\.pattern\.[a-z_]+\.colour"),
    "a metric without patterns": (METRIC.partition("[[metric.pattern]]")[0], "pattern"),
    "a metric twice": (METRIC + METRIC.partition("[[metric]]")[2].join(["[[metric]]", ""]), "defined twice"),
    "a metric of another domain": (METRIC.replace("springs.counted", "wells.counted"), "belongs into the file"),
    "a topic that nobody defined": (METRIC.replace('topic = ["spring"]', 'topic = ["well"]'), "unknown topic 'well'"),
    "a unit of another family": (METRIC + 'units = ["人次"]\n', "outside the metric's family"),
    "a word on both sides": (METRIC + 'none = ["泉水"]\n', "can never fit"),
    "a metric beside that nobody knows": (METRIC + 'beside = ["springs.lost"]\n', "unknown metric springs.lost"),
    "a domain that nobody knows": (METRIC + 'apart = ["rivers"]\n', "no metric and no domain"),
    "a relation with a stranger": (
        METRIC.replace("definition", 'relations = ["springs.counted >= springs.lost"]\ndefinition'),
        "unknown metric springs.lost",
    ),
    "a list that nobody wrote": (METRIC + 'none = ["{stones}"]\n', "unknown list 'stones'"),
    "an example without a mark": (METRIC.replace("登记泉水【12个】", "登记泉水12个"), "mark exactly one number"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_file_is_said_with_its_place(fault):
    text, message = FAULTS[fault]
    with pytest.raises(CatalogueError, match=message):
        catalogue(text)


@pytest.mark.parametrize("text", ["a.b", "a.b ~ c.d", "a.b = c.d / e.f / g.h", "a.b <= c.d / e.f", "a.b = c.d + "])
def test_a_relation_has_one_of_four_forms(text):
    with pytest.raises(CatalogueError, match="relation"):
        parse_relation(text)


def test_people_and_visits_are_families_of_their_own():
    assert family("人", "count") == {"人"}
    assert family("人次", "count") == {"人次"}
    assert "件" in family("场", "count")
    assert "人次" not in family("场", "count")
    assert {"day", "workday"} <= family("workday", "duration")
