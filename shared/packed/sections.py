"""The section tree in columns; markers and headings are cut from the page again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, compress, count
from operator import add, sub
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter

from shared.events import Kind, Repair, Section, SectionedReport
from shared.packed.columns import ColumnReader, ColumnWriter, at_places, shared, sizes, steps
from shared.packed.page import PageWords
from shared.tables import Columns, columns_of

#: Characters that all headings together may be cut to, as in facts.py.
MAX_CHARACTERS = 64_000_000
#: Fields that several sections share, as the rows of a table.
_STYLE = ("level", "kind", "run_in", "confidence")


class _Notes(NamedTuple):
    """What is written as a JSON array: what several sections share, and what does not follow from the page."""

    styles: list[tuple[int, Kind, bool, float]]
    odd: list[tuple[int, str | None, str]]  # position of a section; its marker and heading
    repairs: list[Repair]


_NOTES = TypeAdapter(_Notes)


class _Table(NamedTuple):
    """The columns of numbers."""

    style: Sequence[int]  # its place among the styles
    start: Sequence[int]  # steps
    ends: Sequence[int]  # how many sections further the one begins where this one ends
    opening: Sequence[int]  # characters before the body
    shift: Sequence[int]  # steps of what leads from the text to the source
    marked: Sequence[int]  # characters of the marker
    gap: Sequence[int]  # from there to the heading
    heading: Sequence[int]  # its characters


def pack_sections(report: SectionedReport, words: PageWords) -> bytes:
    """The sections and repairs of `report`.

    Raises ValueError, IndexError, KeyError, TypeError or OverflowError where they have no packed form.
    """
    sections = columns_of(Section, report.sections)
    starts, bodies = sections["text_start"], sections["body_start"]
    if sections["order"] != tuple(range(1, len(starts) + 1)) or "" in sections["marker"]:
        raise ValueError("sections as none of our stages makes them")
    _check_rows(len(starts), words)
    styles, of_style = shared(zip(*map(sections.__getitem__, _STYLE), strict=True))
    begins = dict(zip((*starts, len(words.text)), count(), strict=False))
    shifts = words.locator.shifts(starts)
    written = _written(starts, bodies, shifts, words)
    marked, gaps, aligned, odd = _place_headings(sections, written, words)
    writer = ColumnWriter()
    writer.block(orjson.dumps(_Notes(styles, odd, report.repairs), default=_plain))
    writer.table(
        of_style,
        steps(starts),
        sizes(list(map(sub, map(begins.__getitem__, sections["text_end"]), count()))),
        sizes(list(map(sub, bodies, starts))),
        steps(shifts),
        marked,
        gaps,
        list(map(len, sections["heading"])),
    )
    writer.table(steps(aligned))
    return writer.done()


def read_sections(content: bytes, words: PageWords) -> dict[str, Any]:
    """The fields of a TabledReport that `pack_sections` wrote. Raises ValueError or IndexError."""
    reader = ColumnReader(content)
    notes = _NOTES.validate_json(reader.block())
    table = _Table._make(reader.table(len(_Table._fields)))
    (aligned,) = reader.table(1)
    _check_rows(len(table.start), words)
    starts = list(accumulate(table.start))
    bounds = [*starts, len(words.text)]
    bodies = list(map(add, starts, sizes(table.opening)))
    written = _written(starts, bodies, list(accumulate(table.shift)), words)
    _align(written, list(accumulate(aligned)), starts, bodies, words)
    begins = list(map(add, table.marked, table.gap))
    markers = [opening[:length] or None for opening, length in zip(written, sizes(table.marked), strict=True)]
    headings = [opening[at : at + length] for opening, at, length in zip(written, begins, table.heading, strict=True)]
    for at, marker, heading in notes.odd:
        markers[at], headings[at] = marker, heading
    level, kind, run_in, confidence = at_places(notes.styles, table.style, len(_STYLE))
    sections: Columns = {
        "order": range(1, len(starts) + 1), "level": level, "marker": markers, "heading": headings, "kind": kind,
        "run_in": run_in, "text_start": starts,
        "text_end": list(map(bounds.__getitem__, map(add, sizes(table.ends), count()))), "body_start": bodies,
        "confidence": confidence,
    }  # fmt: skip
    return {"sections": sections, "repairs": notes.repairs}


def _plain(value: _Notes | Repair) -> Any:
    return vars(value) if isinstance(value, Repair) else tuple(value)


def _check_rows(rows: int, words: PageWords) -> None:
    """Columns of equal numbers take no bytes, so they could ask for any number of sections. Raises ValueError."""
    if rows > len(words.text):
        raise ValueError(f"{rows} sections in {len(words.text)} characters")


def _written(starts: Sequence[int], bodies: Sequence[int], shifts: Sequence[int], words: PageWords) -> list[str]:
    """What stands in the source before each body, where that is in an even run of the alignment, as it nearly always is.

    Raises ValueError where one does not stand on the page.
    """
    raw_starts = list(map(add, starts, shifts))
    if starts and (min(starts) < 0 or max(bodies) > len(words.text) or min(raw_starts) < 0):
        raise ValueError("a section outside of its page")
    if sum(map(sub, bodies, starts)) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS} characters of headings")
    source = words.source
    return [source[at:to] for at, to in zip(raw_starts, map(add, bodies, shifts), strict=True)]


def _place_headings(
    sections: Columns, written: list[str], words: PageWords
) -> tuple[list[int], list[int], list[int], list[tuple[int, str | None, str]]]:
    """Characters of each marker and between it and its heading; positions of the sections that are cut by the alignment,
    and those that follow in neither way.
    """
    headings = sections["heading"]
    markers = [marker or "" for marker in sections["marker"]]
    marked = list(map(len, markers))
    found = list(map(str.find, written, headings, marked))
    aligned: list[int] = []
    odd: list[tuple[int, str | None, str]] = []
    for at in compress(count(), map(_unlike, written, markers, found)):
        opening = words.written(sections["text_start"][at], sections["body_start"][at])
        found[at] = opening.find(headings[at], marked[at])
        if _unlike(opening, markers[at], found[at]):
            odd.append((at, sections["marker"][at], headings[at]))
            found[at] = marked[at] = 0
        else:
            aligned.append(at)
    return marked, list(map(sub, found, marked)), aligned, odd


def _unlike(opening: str, marker: str, found: int) -> bool:
    return found < 0 or not opening.startswith(marker)


def _align(
    written: list[str], positions: Sequence[int], starts: Sequence[int], bodies: Sequence[int], words: PageWords
) -> None:
    """Put in what is cut by the alignment. Raises ValueError or IndexError."""
    room = MAX_CHARACTERS
    for at in positions:
        written[at] = words.written(starts[at], bodies[at])
        room -= len(written[at])
        if room < 0:
            raise ValueError(f"more than {MAX_CHARACTERS} characters of headings")


def labels(orders: Iterable[int], markers: Iterable[str | None], headings: Iterable[str]) -> dict[int, str | None]:
    """Order of a section → its marker and heading, as a fact names it."""
    return {
        order: f"{marker}{heading}" if marker else heading or None
        for order, marker, heading in zip(orders, markers, headings, strict=True)
    }
