"""The section tree in columns; markers and headings are cut from the page again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, count
from operator import add, ne, sub
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter

from shared.columns import Columns, columns_of
from shared.cuttings import Cuttings
from shared.events import Kind, Repair, Section, SectionedReport
from shared.packed.columns import ColumnReader, ColumnWriter, at_places, shared, sizes, steps
from shared.packed.page import PageWords

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
    if any(map(ne, sections["order"], count(1))):
        raise ValueError("sections that are not in order")
    _check_rows(len(starts), words)
    styles, of_style = shared(zip(*map(sections.__getitem__, _STYLE), strict=True))
    begins = dict(zip((*starts, len(words.text)), count(), strict=False))
    shifts = words.locator.shifts(starts)
    _check_places(starts, bodies, shifts, words)
    places, unsure = _places_of(sections, words)
    aligned, odd = _look_at(unsure, places, sections, shifts, words)
    writer = ColumnWriter()
    writer.block(orjson.dumps(_Notes(styles, odd, report.repairs), default=_plain))
    writer.table(
        of_style,
        steps(starts),
        sizes(list(map(sub, map(begins.__getitem__, sections["text_end"]), count()))),
        sizes(list(map(sub, bodies, starts))),
        steps(shifts),
        *places,
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
    shifts = list(accumulate(table.shift))
    _check_places(starts, bodies, shifts, words)
    written = [
        words.source[start + shift : body + shift] for start, body, shift in zip(starts, bodies, shifts, strict=True)
    ]
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


def _check_places(starts: Sequence[int], bodies: Sequence[int], shifts: Sequence[int], words: PageWords) -> None:
    """Raises ValueError where what is before a body does not stand on the page, or is too long together."""
    if starts and (min(starts) < 0 or max(bodies) > len(words.text) or min(map(add, starts, shifts)) < 0):
        raise ValueError("a section outside of its page")
    if sum(map(sub, bodies, starts)) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS} characters of headings")


class _Places(NamedTuple):
    """Characters of each marker, from there to its heading, and of that."""

    marked: list[int]
    gap: list[int]
    heading: list[int]


def _places_of(sections: Columns, words: PageWords) -> tuple[_Places, Sequence[int]]:
    """Where markers and headings stand, and the positions of the sections for which that is not known: of those cut from
    this page it is, where the page went character by character, as it nearly always does.
    """
    markers, headings = sections["marker"], sections["heading"]
    if not (isinstance(markers, Cuttings) and isinstance(headings, Cuttings) and words.holds(headings)):
        rows = len(headings)
        return _Places([0] * rows, [0] * rows, [0] * rows), range(rows)
    lengths = list(map(sub, headings.ends, headings.starts))
    gaps = [
        start - end if length else 0 for start, end, length in zip(headings.starts, markers.ends, lengths, strict=True)
    ]
    shifts = words.locator.even_shifts(markers.starts, headings.ends)
    if shifts and markers.starts[0] > sections["text_start"][0]:
        shifts[0] = None  # the first section begins with the text, above its marker
    unsure = [at for at, shift in enumerate(shifts) if shift is None]
    return _Places(list(map(sub, markers.ends, markers.starts)), gaps, lengths), unsure


def _look_at(
    unsure: Iterable[int], places: _Places, sections: Columns, shifts: Sequence[int], words: PageWords
) -> tuple[list[int], list[tuple[int, str | None, str]]]:
    """Put in where marker and heading of these sections stand. Returns the positions of those that are cut by the
    alignment, and those that follow in neither way.
    """
    aligned: list[int] = []
    odd: list[tuple[int, str | None, str]] = []
    for at in unsure:
        start, body, marker, heading = (
            sections[name][at] for name in ("text_start", "body_start", "marker", "heading")
        )
        if marker == "":
            raise ValueError("an empty marker, which is written as none")
        gap = _gap(words.source[start + shifts[at] : body + shifts[at]], marker or "", heading)
        if gap is None:
            gap = _gap(words.written(start, body), marker or "", heading)
            if gap is None:
                odd.append((at, marker, heading))
            else:
                aligned.append(at)
        places.marked[at] = len(marker or "") if gap is not None else 0
        places.gap[at], places.heading[at] = gap or 0, len(heading)
    return aligned, odd


def _gap(opening: str, marker: str, heading: str) -> int | None:
    """Characters between the marker that `opening` begins with and the heading; None where it does not hold them so."""
    found = opening.find(heading, len(marker))
    return found - len(marker) if found >= 0 and opening.startswith(marker) else None


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
