"""Figures of a metric over places and years: the comparison, and what one metric looks like. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import quantiles
from typing import Any

#: In which order facts of one metric, body and year stand for the cell: a total before a part, a plain figure before
#: an estimate, the surer before the less sure.
_QUALIFIERS = ("exact", "at_least", "more_than", "at_most", "less_than", "approx")


def representative(facts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The fact that stands for a metric in a report: a level, not a change, of the whole territory, in the report year
    where there is one; None where all are changes.
    """
    levels = [fact for fact in facts if fact["change"] is None]
    if not levels:
        return None
    return min(
        levels,
        key=lambda fact: (
            fact["modality"] != "actual",
            fact["scope"] is not None,
            fact["period"] is not None,
            _QUALIFIERS.index(fact["qualifier"]),
            -fact["confidence"],
            fact["fact_id"],
        ),
    )


def level_of(value: float, value_to: float | None, qualifier: str) -> float:
    """The current level: the end of a from/to pair, else the value."""
    return float(value_to if value_to is not None and qualifier != "approx" else value)


def comparison(  # noqa: PLR0913, PLR0917 - the three axes and the three sets of rows
    metrics: Sequence[str],
    bodies: Sequence[Mapping[str, Any]],
    years: Sequence[int],
    reports: Iterable[Mapping[str, Any]],
    facts: Iterable[Mapping[str, Any]],
    absences: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Metric × body × year as a matrix.

    `bodies` have `body` and what shows them; `reports` have `body`, `report_year` and `report_id`; `facts` have
    `report_id` too; `absences` (`report_id`, `metric`) are metrics of which a report says in words that there is none.

    A cell's `state` is `stated` (with value, unit, rank, change and the fact), `absent` (said to be none, without a
    number), `not_stated` (there is a report and it does not say) or `no_report`. Only stated cells have a value: what
    is not stated is never 0. Ranks are from the highest value down within metric, year and unit, equals share one.
    """
    by_cell: dict[tuple[str, str, int], list[Mapping[str, Any]]] = defaultdict(list)
    owner = {row["report_id"]: (row["body"], row["report_year"]) for row in reports}
    for fact in facts:
        if fact["report_id"] in owner:
            body, year = owner[fact["report_id"]]
            by_cell[fact["metric"], body, year].append(fact)
    absent = {(row["metric"], *owner[row["report_id"]]) for row in absences if row["report_id"] in owner}
    reported = set(owner.values())
    matrix = []
    for metric in metrics:
        rows = []
        for body in bodies:
            cells = [
                _cell(year, by_cell.get((metric, body["body"], year), ()), (metric, body["body"], year) in absent,
                      (body["body"], year) in reported)
                for year in years
            ]  # fmt: skip
            _add_changes(cells)
            rows.append({**body, "cells": cells})
        for at in range(len(years)):
            _add_ranks([row["cells"][at] for row in rows])
        matrix.append({"metric": metric, "rows": rows})
    return matrix


def _cell(year: int, facts: Sequence[Mapping[str, Any]], absent: bool, reported: bool) -> dict[str, Any]:
    fact = representative(facts)
    if fact is None:
        state = "absent" if absent else "not_stated" if reported else "no_report"
        return {"year": year, "state": state, "value": None, "unit": None, "fact_id": None, "facts": len(facts)}
    return {
        "year": year,
        "state": "stated",
        "value": level_of(fact["value"], fact["value_to"], fact["qualifier"]),
        "unit": fact["unit"],
        "qualifier": fact["qualifier"],
        "scope": fact["scope"],
        "fact_id": fact["fact_id"],
        "quote": fact["quote"],
        "report_id": fact["report_id"],
        "facts": len(facts),  # more than 1: others were left out
    }


def _add_changes(cells: Sequence[dict[str, Any]]) -> None:
    """The change to the year before, where both are stated in one unit; years between are never bridged."""
    for before, cell in zip([None, *cells], cells, strict=False):
        if cell["state"] != "stated":
            continue
        known = before is not None and before["state"] == "stated" and before["unit"] == cell["unit"]
        cell["change"] = cell["value"] - before["value"] if known and before is not None else None
        cell["change_rate"] = (
            100 * cell["change"] / before["value"] if known and before is not None and before["value"] else None
        )


def _add_ranks(cells: Iterable[dict[str, Any]]) -> None:
    by_unit: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for cell in cells:
        if cell["state"] == "stated":
            by_unit[cell["unit"]].append(cell)
    for alike in by_unit.values():
        values = sorted((cell["value"] for cell in alike), reverse=True)
        first = {value: at for at, value in reversed(list(enumerate(values, start=1)))}
        for cell in alike:
            cell["rank"], cell["of"] = first[cell["value"]], len(alike)


def distribution(values: Sequence[float]) -> dict[str, Any]:
    """Count, ends and quartiles."""
    if not values:
        return {"count": 0, "lowest": None, "quartiles": None, "highest": None}
    cut = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return {"count": len(values), "lowest": min(values), "quartiles": cut, "highest": max(values)}
