"""What of the lines behind the text is the report's: a signature, annexes, notes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.normalizer.line_forms import HEADING, ORGANISATION, SIGNED_NOTE, dates_of_signature
from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.dates import Date
    from services.normalizer.page_lines import Layout

_RULES = rules("services.normalizer", "layout")
ANNEX = _RULES.pattern("annex")
_FILE_NAME = _RULES.pattern("file_name")
_ANNEX_ALONE = _RULES.pattern("annex_alone")
_DATE_ALONE = _RULES.pattern("date_alone")
_REMARK_ENDS = _RULES.words("remark_ends")


@dataclass(slots=True)
class _Tail:
    """How far the end of the page has been read."""

    over: bool = False  # furniture began that nothing of the report follows
    signed: bool = False
    annex: bool = False


def drop_tail(layout: Layout) -> None:
    """After the last prose: signature and annexes stay, furniture goes, and what follows furniture goes too."""
    tail = _Tail()
    anchor = _last_anchor(layout)
    for k in range(layout.body[1], len(layout.lines)):
        rule = layout.rules[k]
        if tail.over:
            layout.dropped[k] = "after_text"
        elif rule is not None and not _dates_signature(layout, k):
            layout.dropped[k] = rule.name
            tail.over = rule.where == "end"
            if rule.where == "stamp":
                layout.stamps.append(k)
        elif layout.outside[k]:
            layout.dropped[k] = "outside"
        elif k >= anchor:
            dates = dates_of_signature(layout.lines[k]) if rule is not None else layout.signatures.get(k)
            layout.dropped[k] = _unfit_for_tail(layout.lines[k], tail, dates)
            if layout.dropped[k] == "attachment" and _ANNEX_ALONE.fullmatch(layout.lines[k - 1]):
                layout.dropped[k - 1] = "attachment"  # the label of what the page links to


def _last_anchor(layout: Layout) -> int:
    """The last line at the end of the page that surely is the report's: a row of a table, a signature, its date, or a
    sentence ahead of them.

    What stands before it (a heading, a remark) is the report's too.
    """
    anchor = layout.body[1]
    for k in range(layout.body[1], len(layout.lines)):
        rule, line = layout.rules[k], layout.lines[k]
        if rule is not None and rule.where == "end":
            break
        if not layout.outside[k] and (rule is None or _dates_signature(layout, k)):
            dates = dates_of_signature(line)
            if dates is not None:
                layout.signatures[k] = dates
            closes = line.endswith("。") and not layout.signatures and not _names_file(line)
            if "\t" in line or k in layout.signatures or closes:
                anchor = k
    return anchor


def _dates_signature(layout: Layout, k: int) -> bool:
    """Whether line `k` is a date in digits and nothing else under the name of a body, or behind it: 2024.1.15."""
    rule, above = layout.rules[k], layout.lines[k - 1] if k else ""
    if rule is not None and rule.name == "body_and_date":
        return dates_of_signature(layout.lines[k]) is not None
    is_date = rule is not None and rule.name == "date_stamp" and _DATE_ALONE.fullmatch(layout.lines[k]) is not None
    return is_date and layout.rules[k - 1] is None and ORGANISATION.fullmatch(above) is not None


def _names_file(line: str) -> bool:
    return "." in line and _FILE_NAME.fullmatch(line) is not None


def _unfit_for_tail(line: str, tail: _Tail, signed: list[Date] | None) -> str | None:
    """The rule that drops a line of no furniture rule from the tail, or None where it belongs to the report. `signed`
    are the dates of the line where it is a signature.
    """
    if _names_file(line):
        return "attachment"
    if tail.annex or ANNEX.match(line) or "\t" in line:
        tail.annex = True
        return None
    if tail.signed:
        return "after_text"
    if signed is not None:
        tail.signed = bool(signed)
        return None
    if len(line) <= 60 and SIGNED_NOTE.fullmatch(line):
        return None
    is_remark = HEADING.match(line) or len(line) >= 20 or line.endswith(_REMARK_ENDS)
    return None if is_remark else "after_text"
