"""Which lines of a page are its title: in one line, broken over several, or of another kind of document. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.normalizer.line_forms import HEADING, is_title
from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.page_lines import Layout

_RULES = rules("services.normalizer", "layout")
_YEAR = _RULES.pattern("title_with_year")
_TITLE_PART = _RULES.pattern("title_part")
_SIGN_AT_END = _RULES.pattern("sign_at_end")
_OPENS_TITLE = _RULES.pattern("opens_title")
_LEFT_OPEN = _RULES.words("left_open")
_SECOND_LINE = _RULES.words("second_line")
_BODY_IN_TITLE = _RULES.pattern("body_in_title")
_PARTY_COMMITTEE = _RULES.pattern("party_committee")
_OPEN_END = _RULES.pattern("open_end")
_REST_OF_TITLE = _RULES.pattern("rest_of_title")
_ADDED_TO_TITLE = _RULES.pattern("added_to_title")
_KIND_OF_DOCUMENT = _RULES.pattern("kind_of_document")
_KIND_ENDS = frozenset(_RULES.words("kind_ends"))

#: A title has no more lines than this: body, year, subject, addition.
_TITLE_LINES = 4
#: Characters of a line that may be the title of a document of another kind.
_SHORTEST_NAME = 8


def find_title(layout: Layout, names: tuple[str, ...]) -> tuple[int, int] | None:
    """The best line that has the form of a title, before the text has begun in earnest; of equals the last."""
    total = sum(layout.prose)
    limit = max(300, total // 10)
    read = 0
    best: tuple[int, int] | None = None
    for k, line in enumerate(layout.lines):
        rule = layout.rules[k]
        if 2 * read > total and (layout.outside[k] or (rule is not None and rule.where == "end")):
            break  # what follows the text are the titles of other pages; what stands before a menu is a notice
        if rule is None and is_title(line):
            score = 3 + 2 * bool(_YEAR.search(line)) + ("关于" in line) + 3 * _is_named(line, names)
            if best is None or score >= best[0]:
                best = score, k
        read += layout.prose[k]
        if read > limit:
            break
    if best is None:
        return _broken_title(layout, limit) or _title_of_another_kind(layout, names)
    for k in range(best[1]):
        if layout.lines[k] == layout.lines[best[1]]:
            first = _first_of_title(layout, k)
            if first < k or _has_begun(layout, k + 1, best[1]):
                return first, _last_of_title(layout, k)
    return _first_of_title(layout, best[1]), _last_of_title(layout, best[1])


def _has_begun(layout: Layout, first: int, last: int) -> bool:
    """Whether a part of the report stands in these lines: the leaves of one that is read in pages repeat its title."""
    between = range(first, last)
    return any(layout.prose[k] for k in between) and any(HEADING.match(layout.lines[k]) for k in between)


def _is_named(line: str, names: tuple[str, ...]) -> bool:
    """Whether one of the page's own titles holds the line."""
    return bool(names) and any(line in name for name in names)


def _broken_title(layout: Layout, limit: int) -> tuple[int, int] | None:
    """Two or three lines that are a title only together: the break stands inside of its subject."""
    read = 0
    for k, line in enumerate(layout.lines[:-1]):
        if _is_plain(layout, k) and _TITLE_PART.search(line) and not _SIGN_AT_END.search(line):
            title = line
            for last in range(k + 1, min(k + _TITLE_LINES, len(layout.lines))):
                if not _is_plain(layout, last):
                    break
                title += layout.lines[last]
                if _REST_OF_TITLE.fullmatch(layout.lines[last]) and is_title(title):
                    return _first_of_title(layout, k), _last_of_title(layout, last)
        read += layout.prose[k]
        if read > limit:
            break
    return None


def _is_plain(layout: Layout, k: int) -> bool:
    """Whether line `k` may be a piece of a title."""
    return layout.rules[k] is None and 0 < len(layout.lines[k]) <= 60 and not HEADING.match(layout.lines[k])


def _title_of_another_kind(layout: Layout, names: tuple[str, ...]) -> tuple[int, int] | None:
    """The last line before the text that the head of the page gives as its title too, or that names its kind."""
    found = None
    for k, line in enumerate(layout.lines):
        if len(line) < _SHORTEST_NAME or layout.rules[k] is not None:
            continue
        says_kind = not layout.outside[k] and line[-1] in _KIND_ENDS and _KIND_OF_DOCUMENT.fullmatch(line)
        if says_kind or _is_named(line, names):
            found = k, k
        if layout.prose[k]:
            break
    return found


def _first_of_title(layout: Layout, k: int) -> int:
    """The line that the title whose end is line `k` begins on: body, 关于 and year may stand on lines of their own."""
    first = k
    while first > 0 and k - first < _TITLE_LINES - 1 and _is_plain(layout, first - 1):
        before = _OPENS_TITLE.fullmatch(layout.lines[first - 1])
        if before is None or not before[0]:
            break
        ends_open = before[0].endswith(_LEFT_OPEN)
        if not ends_open and not layout.lines[first].startswith(_SECOND_LINE):
            break
        if before["name"] and _BODY_IN_TITLE.search(layout.lines[first]) and not _PARTY_COMMITTEE.fullmatch(before[0]):
            break  # the body of a publication line
        first -= 1
        if before["name"]:
            if first and _PARTY_COMMITTEE.fullmatch(layout.lines[first - 1]):
                first -= 1
            break
    return first


def _last_of_title(layout: Layout, k: int) -> int:
    """The line that the title ends on: one that is left open goes on, and 暨… or 报告 may stand on its own line."""
    last = k
    while last + 1 < len(layout.lines) and last - k < _TITLE_LINES - 2 and _is_plain(layout, last + 1):
        after, line = layout.lines[last + 1], layout.lines[last]
        is_open = _OPEN_END.search(line) is not None and _REST_OF_TITLE.fullmatch(after) is not None
        if not is_open and (_ADDED_TO_TITLE.fullmatch(after) is None or layout.prose[last + 1]):
            break
        last += 1
    return last
