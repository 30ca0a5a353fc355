"""Metrics as people ask for them: by id, by name, or by a slip of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, select

from services.sink import schema
from services.sink.figures import list_metrics
from services.sink.filters import FactFilter

#: Metrics that are proposed in place of one that there is not.
_MOST_ALIKE = 5
_NAMES = ("metric", "name_zh", "name_en")


def id_of(catalogue: Iterable[Mapping[str, Any]], written: str) -> str | None:
    """The id of the metric with this id, Chinese or English name; None where there is none."""
    return next((row["metric"] for row in catalogue if written in {row[name] for name in _NAMES}), None)


def alike(catalogue: Sequence[Mapping[str, Any]], written: str) -> list[str]:
    """Ids of metrics that may be meant, at most _MOST_ALIKE: those with the words in a name, then those written
    nearly so, then those with its signs in their order (出庭率 in 负责人出庭应诉率).
    """
    names = {row[name]: row["metric"] for name in _NAMES for row in catalogue}
    holding = [name for name in names if written in name]
    close = get_close_matches(written, names, _MOST_ALIKE)
    in_order = [name for name in names if _in_order(written, name)]
    return list(dict.fromkeys(names[name] for name in (*holding, *close, *in_order)))[:_MOST_ALIKE]


def _in_order(signs: str, name: str) -> bool:
    following = iter(name)
    return all(sign in following for sign in signs)


def why_unknown(connection: Connection, wanted: FactFilter) -> str | None:
    """Why no fact can have the metrics and the domain that are wanted: neither the catalogue nor a fact knows them, so
    that "not stated" would be no answer. None where all are known, or there is no catalogue.
    """
    catalogue = list_metrics(connection)
    known = {row["metric"] for row in catalogue}
    domains = {row["domain"] for row in catalogue}
    for metric in wanted.metrics:
        if catalogue and metric not in known and not _has_fact(connection, FactFilter(metrics=(metric,))):
            near = alike(catalogue, metric)
            return f"there is no metric {metric!r}" + (f"; did you mean {', '.join(near)}?" if near else "")
    domain = wanted.domain
    if catalogue and domain is not None and domain not in domains and not _has_fact(connection, wanted):
        return f"there is no domain {domain!r}; there are {', '.join(sorted(domains))}"
    return None


def _has_fact(connection: Connection, wanted: FactFilter) -> bool:
    """Reports that an earlier version read keep its metrics until they are read again."""
    found = select(schema.facts.c.report).where(*wanted.metric_conditions()).limit(1)
    return connection.execute(found).first() is not None
