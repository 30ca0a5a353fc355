"""Spaces that say nothing: around the numbers of pages that set every number apart, and beside Chinese commas and stops.

    受理 154 件，审结 110 件      受理154件，审结110件       where most numbers of the page stand so
    省级 61 份， 各县 27 份       省级 61 份，各县 27 份     always: a comma parts the clauses already

A space that stands beside a few numbers only may part a heading from its text, or two cells, and stays.
"""

from __future__ import annotations

from services.normalizer.draft import Edit
from shared.rules import rules

#: Numbers set apart from which a page is taken to set all of them apart, and their share of the numbers behind ideographs.
MIN_SPACED = 6
SPACED_SHARE = 0.6

_RULES = rules("services.normalizer", "lines")
_IDLE = _RULES.pattern("idle_space")
_JOINED = _RULES.pattern("joined_number")


def idle_spaces(text: str) -> list[Edit]:
    """Edits that remove the spaces of `text` that say nothing, in text order. `text` is tidy: its gaps are single signs."""
    if " " not in text:
        return []
    found = [(space.lastgroup, Edit(*space.span(), "")) for space in _IDLE.finditer(text)]
    before = sum(kind == "before" for kind, _ in found)
    apart = before >= MIN_SPACED and before >= SPACED_SHARE * (before + len(_JOINED.findall(text)))
    return [edit for kind, edit in found if apart or kind not in ("before", "behind")]
