"""`python -m fazhi.reference`: copies for the sink what the database shows of the catalogue and of GB/T 2260.

Run it after a change of the metric catalogue or of the table of divisions; `tests/sink/test_reference.py` says so when
it was forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

METRIC_COLUMNS = (
    "metric", "domain", "name_zh", "name_en", "quantity", "unit", "definition_zh", "example", "relation",
)  # fmt: skip
PLACE_COLUMNS = ("code", "name", "level", "parent")


def metric_rows() -> list[dict[str, str]]:
    """The public columns of the metric catalogue, in its order."""
    from services.extractor.catalogue import load_catalogue

    return [
        {
            "metric": metric.id,
            "domain": metric.id.partition(".")[0],
            "name_zh": metric.name_zh,
            "name_en": metric.name_en,
            "quantity": metric.quantity,
            "unit": metric.unit,
            "definition_zh": metric.definition,
            "example": re.sub("[【】]", "", metric.yes[0]),
            "relation": "; ".join(metric.relations),
        }
        for metric in load_catalogue().metrics.values()
    ]


def place_rows() -> list[dict[str, str]]:
    """The divisions by code, each once and by the name it had last, with the division it lies in."""
    from services.normalizer.divisions import divisions

    latest: dict[str, tuple[int, str]] = {}
    for alike in divisions().values():
        for division in alike:
            # Of a division's full name and its short form the table of the database shows the full one.
            known = latest.get(division.code, (0, ""))
            latest[division.code] = max(known, (division.last, division.name), key=lambda one: (one[0], len(one[1])))
    return [
        {"code": code, "name": name, "level": _level(code), "parent": _parent(code, latest)}
        for code, (_, name) in sorted(latest.items())
    ]


def _level(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def _parent(code: str, known: Mapping[str, object]) -> str:
    """The nearest division above that exists: districts of a municipality lie in it directly."""
    above = (code[:4] + "00", code[:2] + "0000")
    return next((parent for parent in above if parent != code and parent in known), "")


def write(folder: Path) -> None:
    """Write both tables."""
    for name, columns, rows in (
        ("metrics.tsv", METRIC_COLUMNS, metric_rows()),
        ("places.tsv", PLACE_COLUMNS, place_rows()),
    ):
        (folder / name).write_text(table_text(columns, rows), encoding="utf-8")


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as tab-separated values."""
    lines = ["\t".join(columns)]
    lines += ["\t".join(row[column].replace("\t", " ").replace("\n", " ") for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "services" / "sink" / "reference")
