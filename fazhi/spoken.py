"""A fact as a person reads it in a table: its value with all that bounds it, its place, its words in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.events import Qualifier

#: The signs that stand in front of a value; 余 and 超 (more than), 以上 (at least), 近 and 约 (about).
_BOUNDS: dict[Qualifier, str] = {
    "exact": "", "approx": "≈ ", "more_than": "> ", "at_least": "≥ ", "less_than": "< ", "at_most": "≤ ",
}  # fmt: skip
#: Not + and −, which would turn a bound round: a fall by more than a fifth is "↓ > 20 %".
_DIRECTIONS = {"increase": "↑ ", "decrease": "↓ "}
#: Bounded, so that a page of "<" costs linear time.
_TAG = re.compile(r"<[^<>]{0,500}>")


def spoken_value(fact: Mapping[str, Any]) -> str:
    """The value as it may be quoted: `> 1,200 件`, `↓ > 20 %`, `268 → 193 项`, `3–5 workday`, `≥ 95 % (target)`.

    An arrow leads from the first to the last value of a pair; a range, whose ends are both estimates, has a dash.
    """
    value = f"{fact['value']:,.10g}"
    sign = _BOUNDS[fact["qualifier"]]
    if fact["value_to"] is not None:
        is_range = fact["qualifier"] == "approx"
        value += f"{'–' if is_range else ' → '}{fact['value_to']:,.10g}"
        sign = "" if is_range else sign
    direction = _DIRECTIONS.get(fact["change"], "")
    unit = f" {fact['unit']}" if fact["unit"] else ""
    modality = "" if fact["modality"] == "actual" else f" ({fact['modality']})"
    return f"{direction}{sign}{value}{unit}{modality}"


def spoken_place(place: Mapping[str, Any], *, otherwise: str | None = None) -> str:
    """A place in one line, from the largest to the smallest part that the page names; `otherwise` where it names none."""
    return " ".join(part for part in (place["province"], place["city"], place["county"]) if part) or otherwise or "–"


def spoken_quote(quote: str) -> str:
    """The words in one line, without the markup that stands inside them in the page."""
    return " ".join(_TAG.sub("", quote).split())
