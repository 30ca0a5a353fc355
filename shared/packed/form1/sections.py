"""The section tree as form 1 has it: columns that are read a section at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.columns import columns_of
from shared.events import Kind, Record, Repair, Section
from shared.packed.columns import ColumnReader
from shared.packed.page import PageWords

#: Columns of one section: style, start, end, length of what stands before the body, and of its parts.
_COLUMNS = 7
#: Characters that all headings together may be cut to, as in facts.py.
MAX_CHARACTERS = 64_000_000


class _Tables(Record):
    """What several sections share, as JSON. `odd`: position → order, text_end, marker and heading that do not follow."""

    styles: list[tuple[int, Kind, bool, float]]  # level, kind, run_in, confidence
    odd: dict[int, tuple[int, int, str | None, str]]
    repairs: list[Repair]


def read_sections(content: bytes, words: PageWords) -> dict[str, Any]:
    """The fields of a TabledReport that the sectioner wrote. Raises ValueError or IndexError."""
    reader = ColumnReader(content)
    count = reader.count()
    columns = [reader.numbers(count) for _ in range(_COLUMNS)]
    tables = _Tables.model_validate_json(reader.block())
    starts = _starts(columns[1])
    bounds = [*starts, len(words.text)]
    sections: list[Section] = []
    room = MAX_CHARACTERS
    for at, (style, _, ends, heading_length, marked, gap, tail) in enumerate(zip(*columns, strict=True)):
        level, kind, run_in, confidence = tables.styles[style]
        start = starts[at]
        odd = tables.odd.get(at)
        if odd is None:
            order, end = at + 1, bounds[at + ends]
            written = words.written(start, start + heading_length)
            room -= len(written)
            if room < 0:
                raise ValueError(f"more than {MAX_CHARACTERS} characters of headings")
            marker, heading = written[:marked] or None, written[marked + gap : len(written) - tail]
        else:
            order, end, marker, heading = odd
        sections.append(
            Section.trusted(
                order=order, level=level, marker=marker, heading=heading, kind=kind, run_in=run_in, text_start=start,
                text_end=end, body_start=start + heading_length, confidence=confidence,
            )
        )  # fmt: skip
    return {"sections": columns_of(Section, sections), "repairs": tables.repairs}


def _starts(steps: Sequence[int]) -> list[int]:
    starts, at = [], 0
    for step in steps:
        at += step
        starts.append(at)
    return starts
