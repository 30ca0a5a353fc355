"""The section tree in columns; markers and headings are cut from the page again."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from shared.events import Kind, Record, Repair, Section, SectionedReport
from shared.packed.columns import ColumnReader, ColumnWriter
from shared.packed.page import PageWords

_take = itemgetter(
    "order", "level", "kind", "run_in", "confidence", "text_start", "text_end", "body_start", "marker", "heading"
)
#: Columns of one section, as `_SectionRows.add` gives them.
_COLUMNS = 7
#: Characters that all headings together may be cut to, as in facts.py.
MAX_CHARACTERS = 64_000_000


class _Tables(Record):
    """What several sections share, as JSON. `odd`: position → order, text_end, marker and heading that do not follow."""

    styles: list[tuple[int, Kind, bool, float]]  # level, kind, run_in, confidence
    odd: dict[int, tuple[int, int, str | None, str]]
    repairs: list[Repair]


def pack_sections(report: SectionedReport, words: PageWords) -> bytes:
    """The sections and repairs of `report`. Raises ValueError or IndexError where they have no packed form."""
    sections = [_take(vars(section)) for section in report.sections]
    first_at: dict[int, int] = {len(words.text): len(sections)}
    for at in range(len(sections) - 1, -1, -1):
        first_at[sections[at][5]] = at
    styles: dict[tuple[int, Kind, bool, float], int] = {}
    odd: dict[int, tuple[int, int, str | None, str]] = {}
    rows: list[tuple[int, ...]] = []
    before = 0
    for at, (order, level, kind, run_in, confidence, start, end, body, marker, heading) in enumerate(sections):
        style = styles.setdefault((level, kind, run_in, confidence), len(styles))
        marked, gap, tail = _cuts(words.written(start, body), marker, heading)
        ends = first_at.get(end, -1) - at
        if marked < 0 or ends <= 0 or order != at + 1:
            odd[at] = order, end, marker, heading
        rows.append((style, start - before, max(ends, 0), body - start, max(marked, 0), gap, tail))
        before = start
    writer = ColumnWriter()
    writer.table(rows)
    tables = _Tables.trusted(styles=list(styles), odd=odd, repairs=report.repairs)
    writer.block(tables.__pydantic_serializer__.to_json(tables, exclude_defaults=True))
    return writer.done()


def _cuts(written: str, marker: str | None, heading: str) -> tuple[int, int, int]:
    """Where marker and heading stand in `written`: characters of the marker, between the two, after the heading; the
    first is -1 where they do not stand there.
    """
    marked = len(marker or "")
    if marker == "" or not written.startswith(marker or ""):
        return -1, 0, 0
    at = written.find(heading, marked)
    return (-1, 0, 0) if at < 0 else (marked, at - marked, len(written) - at - len(heading))


def read_sections(content: bytes, words: PageWords) -> dict[str, Any]:
    """The fields of a SectionedReport that `pack_sections` wrote. Raises ValueError or IndexError."""
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
    return {"sections": sections, "repairs": tables.repairs}


def _starts(steps: Sequence[int]) -> list[int]:
    starts, at = [], 0
    for step in steps:
        at += step
        starts.append(at)
    return starts
