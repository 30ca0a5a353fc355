"""What opens a section, before spans and kinds are known."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

#: What contains what: a smaller rank contains a larger one.
NUMBERED_FROM: Final = 2  # 一、
BRACKETED: Final = 3  # (一)
ENUMERATOR: Final = 6  # 一是
LEVEL_OF_RANK: Final = {0: 1, 1: 2, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5}
#: Lines without a number that are headings only if their surroundings say so. A lone one stands before a short line.
DOUBTFUL: Final = frozenset(("line", "lone_line", "caption"))


class Heading(NamedTuple):
    """`start:end` is the heading, without marker and closing punctuation; the body starts at `body_start`."""

    start: int
    end: int
    body_start: int
    closed: str  # what closed it: one of 。 : ; , a space, "" for the end of the paragraph, "(" for a glued marker


class Draft(NamedTuple):
    """A marker at `start:marker_end` and, once its heading is read, the section that it opens; or a line without one.

    A tuple: made in a third of an object's time.
    """

    form: str  # of the marker, else what kind of line it is
    rank: int
    level: int
    number: int  # 0: no marker
    start: int
    marker_end: int
    heading: Heading
    run_in: bool  # the body begins in the paragraph of the heading
    confidence: float


#: As the constructors, without their check of the keywords: half the time.
heading_of: Final = partial(tuple.__new__, Heading)
draft_of: Final = partial(tuple.__new__, Draft)
#: Of a marker whose heading is not read yet.
UNREAD: Final = Heading(-1, -1, -1, "")


def with_heading(marker: Draft, heading: Heading, paragraph_end: int) -> Draft:
    """The section that `marker` opens in a paragraph that ends at `paragraph_end`."""
    if heading is marker.heading:
        return marker
    run_in = heading.body_start < paragraph_end and (marker.number > 0 or heading.end > 0)
    return draft_of((*marker[:6], heading, run_in, 1.0))


def unnumbered(start: int, end: int, paragraph_end: int, form: str) -> Draft:
    """A line without a number, as a section of the top."""
    return draft_of((form, 0, 1, 0, start, start, Heading(start, end, paragraph_end, ""), False, 1.0))
