"""Where the numbering of a page is not what it should be: found and named, never mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.sectioner.draft import ENUMERATOR, Draft
from services.sectioner.reader import HALF_BRACKETED, ZEROS, ZEROS_FROM

#: The forms that may have lost a bracket.
_BRACKETED: Final = frozenset((HALF_BRACKETED, "chinese_bracketed"))
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
    rank_before = 0
    for draft in drafts:
        form, rank, _, number, start, marker_end, heading, _, _ = draft
        if rank < 0 or rank >= ENUMERATOR:
            continue
        before = seen[rank]
        if number:
            if number != before + 1 and number != latest[rank] + 1:  # numbers that run on across sections are no fault
                yield Fault(draft, *_order_fault(number, before))
            latest[rank] = number
            if heading[3] == "(":
                yield Fault(draft, "glued_heading", 0.9)
            if form in _BRACKETED and (form == HALF_BRACKETED or text[start] not in _OPENING_BRACKETS):
                yield Fault(draft, "lost_bracket", 0.95)
            sign = text[marker_end - 1]
            if sign != signs[rank]:
                if before and signs[rank]:
                    yield Fault(draft, "mixed_signs", 1.0)
                signs[rank] = sign
        else:
            number = before + (form == "lost")
        if rank < rank_before:  # what stands deeper has begun anew
            seen[rank:] = ZEROS_FROM[rank]
        seen[rank] = number
        rank_before = rank


def _order_fault(number: int, before: int) -> tuple[str, float]:
    if before == 0:
        return "late_start", 0.9
    if number == before:
        return "repeated_number", 0.9
    if number == 1:
        return "restarted", 0.85
    return ("skipped_number", 0.9) if number > before else ("out_of_order", 0.8)
