"""The columns of every list as CSV: the same for many rows, for one and for none."""

from __future__ import annotations

from collections.abc import Mapping

from services.sink import schema
from services.sink.dictionary import TABLES, columns


def _of(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in columns(table))


#: Columns by list, in their order; those of an exported table are those of the data dictionary.
HEADERS: Mapping[str, tuple[str, ...]] = {
    **{table: _of(table) for table in TABLES},
    "coverage_by_year": ("report_year", "reports", "stated", "zero", "absent", "not_mentioned"),
    "cells": (
        "metric", "place", "name", "level", "year", "state", "value", "unit", "qualifier", "scope", "rank", "of",
        "change", "change_rate", "facts", "fact_id", "report_id", "quote",
    ),
    "metrics": tuple(column.name for column in schema.catalogue.columns if column.name != "position"),
    "places": tuple(column.name for column in schema.places.columns),
    "dead_letters": tuple(column.name for column in schema.dead_letters.columns if column.name != "packed"),
    "reviews": (
        "review", "report_id", "target", "field", "verdict", "corrected", "machine", "anchor", "reviewer", "reason",
        "reviewed_at",
    ),
}  # fmt: skip
