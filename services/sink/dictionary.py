"""The data dictionary: name, type and meaning of every exported column.

`python -m services.sink.dictionary` prints it as Markdown: docs/data-dictionary.md.
"""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

Kind = Literal["text", "integer", "number", "boolean", "json"]
TABLES = ("facts", "reports", "sections", "checks", "coverage")
_HEAD = """# Data dictionary

What `fazhi export`, `fazhi results --csv` and the CSV of the API hold. One row is one fact (report, section, check …); an
empty cell is "none", never zero. Offsets are in characters, half-open. Tables join on `report_id`.

Values are those in force after review; `machine` holds what the machine said where a person corrected it. Rejected facts
are left out unless `--review all` asks for them.
"""


class Column(NamedTuple):
    """One exported column."""

    name: str
    kind: Kind
    meaning: str


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a table in their order: its own, then those of the report.

    Raises KeyError for a table that is not exported.
    """
    entries = tomllib.loads(files(__package__).joinpath("dictionary.toml").read_text(encoding="utf-8"))
    own = [Column(name, entry["type"], entry["meaning"]) for name, entry in entries[table].items()]
    shared = [Column(name, entry["type"], entry["meaning"]) for name, entry in entries["report_columns"].items()]
    # The key of the report comes first in its own table, after the name of the row in the others.
    if table == "reports":
        return (*shared, *own)
    first = 1 if table == "facts" else 0
    return (*own[:first], *shared, *own[first:])


def markdown() -> str:
    """The dictionary of all tables."""
    parts = [_HEAD]
    for table in TABLES:
        parts.append(f"\n## {table}\n\n| column | type | meaning |\n|---|---|---|\n")
        parts += [f"| `{column.name}` | {column.kind} | {column.meaning} |\n" for column in columns(table)]
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(markdown())
