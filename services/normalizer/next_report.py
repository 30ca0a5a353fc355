"""Where a second report begins on a page: a gazette or a column holds several, the first is the page's. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.normalizer.line_forms import is_title
from services.normalizer.series import place_in_series
from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.page_lines import Layout

_RULES = rules("services.normalizer", "layout")
_ANNEX = _RULES.pattern("annex")
_LETTER = _RULES.pattern("letter_in_title")
_YEAR = _RULES.pattern("title_with_year")

#: The series of chapters.
_CHAPTERS = "一、"
#: Chapters that a report has before another may begin.
_MIN_CHAPTERS = 2


def leave_next_report(layout: Layout, first: int) -> None:
    """Put a second report outside, its title and all that follows; `first` is the first line of the text.

    Its title has a year and is another than the page's, and chapters that begin anew follow it. Behind a letter stands
    the report that it comes with, behind 附件 an annex.
    """
    if layout.title is None or _LETTER.search(layout.lines[layout.title[1]]):
        return
    chapters = 0
    for k in range(first, len(layout.lines)):
        if layout.prose[k] or layout.rules[k] is not None or layout.outside[k]:
            continue
        series, number = place_in_series(layout.lines[k])
        if series == _CHAPTERS:
            chapters = number
        elif chapters >= _MIN_CHAPTERS and _begins_report(layout, k):
            for later in range(k, len(layout.lines)):
                layout.outside[later], layout.prose[later] = True, 0
            return


def _begins_report(layout: Layout, k: int) -> bool:
    title, above = layout.lines[k], layout.lines[k - 1]
    if not is_title(title) or _YEAR.search(title) is None or _ANNEX.match(above) or _ANNEX.match(title):
        return False
    if layout.title is None or title == layout.lines[layout.title[0]]:
        return False
    places = map(place_in_series, layout.lines[k + 1 :])
    return next((number for series, number in places if series == _CHAPTERS), 0) == 1
