"""Where the numbering of a page is not what it should be: found and named, never mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.sectioner.drafts import ZEROS, ZEROS_FROM, Draft
from services.sectioner.numbering import ENUMERATOR

_OPENING_BRACKETS: Final = frozenset("(（〔【㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩")


#: Every reason a repair can have, with its meaning.
REASONS: Final = {
    "lost_number": "a heading on a line of its own stands where its number is missing",
    "lost_bracket": "one bracket of the marker is missing",
    "late_start": "the sequence does not begin at one",
    "repeated_number": "the number before it again",
    "skipped_number": "at least one number is missing before it",
    "restarted": "the sequence begins anew without a new parent",
    "out_of_order": "a smaller number than the one before it",
    "mixed_signs": "another sign after the number than its siblings have",
    "glued_heading": "no sign or space stands between the heading and what follows",
}


class Fault(NamedTuple):
    """A fault of the numbering, before the sections have their order."""

    draft: Draft
    reason: str
    confidence: float


def numbering_faults(text: str, drafts: list[Draft]) -> Iterator[Fault]:
    """Where the page's numbering is not what it should be; nothing is changed."""
    seen = list(ZEROS)
    signs = [""] * ENUMERATOR  # of the last marker at each rank
    latest = [0] * ENUMERATOR
    for draft in drafts:
        rank, number = draft.rank, draft.number
        if rank < 0 or rank >= ENUMERATOR:
            continue
        before = seen[rank]
        if not number:
            seen[rank:] = ZEROS_FROM[rank]
            seen[rank] = before + (draft.form == "lost")
            continue
        if number != before + 1 and number != latest[rank] + 1:  # numbers that run on across sections are no fault
            yield Fault(draft, *_order_fault(number, before))
        latest[rank] = number
        if draft.heading.closed == "(":
            yield Fault(draft, "glued_heading", 0.9)
        form, sign = draft.form, text[draft.marker_end - 1]
        if form == "arabic_half" or (form == "chinese_bracketed" and text[draft.marker_start] not in _OPENING_BRACKETS):
            yield Fault(draft, "lost_bracket", 0.95)
        if sign != signs[rank]:
            if before and signs[rank]:
                yield Fault(draft, "mixed_signs", 1.0)
            signs[rank] = sign
        seen[rank:] = ZEROS_FROM[rank]
        seen[rank] = number


def _order_fault(number: int, before: int) -> tuple[str, float]:
    if before == 0:
        return "late_start", 0.9
    if number == before:
        return "repeated_number", 0.9
    if number == 1:
        return "restarted", 0.85
    return ("skipped_number", 0.9) if number > before else ("out_of_order", 0.8)
