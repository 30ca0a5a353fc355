"""Page numbers and running heads of a printed document: its text file has them in the middle of paragraphs. Pure.

A number that is read with the number of its page (受理1 — 2 — 34件) is wrong, so they go before wrapped lines are joined.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from services.normalizer.draft import Edit
from shared.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Numbers alone on their lines are the numbers of pages where so many of them count up, each a page's text apart (a
#: printed page has 500 characters), and half of them stand inside of a sentence. Order numbers of a table do not.
MIN_PAGES = 3
MIN_PAGE_CHARACTERS = 250
#: Characters of a printed line: a name at the end of a table's row has fewer.
MIN_LINE = 20

_RULES = rules("services.normalizer", "lines")
_PAGE_NUMBER = _RULES.pattern("page_number")
_PAGE_EDGE = _RULES.pattern("page_edge")
_FEED = re.compile("\x0c")
_ENDS = frozenset(_RULES.words("sentence_ends"))
_BLANK = " \t\r\n\x0c\u3000\xa0"


def page_marks(text: str) -> list[Edit]:
    """Edits that remove the numbers of printed pages and the lines that stand on every page beside them."""
    numbers = list(_PAGE_NUMBER.finditer(text))
    feeds = list(_FEED.finditer(text)) if "\x0c" in text else []
    if not numbers and not feeds:
        return []
    ends = [*feeds, *(found for found in numbers if found["sure"]), *_counted(text, [n for n in numbers if n["bare"]])]
    spans: list[tuple[int, int]] = []
    for end in sorted(ends, key=lambda end: end.start()):
        if spans and end.end() <= spans[-1][1]:
            continue  # the form feed behind a number
        start, stop = _with_blanks(text, *end.span())
        if spans and start <= spans[-1][1]:
            start = spans.pop()[0]
        spans.append((start, stop))
    edges = {edge for start, stop in spans for edge in (_line_before(text, start), _line_after(text, stop))}
    lines = Counter(_edge(text, *edge) for edge in edges)
    return list(_edits(text, spans, {line for line, pages in lines.items() if line and pages > 1}))


def _counted(text: str, numbers: list[re.Match[str]]) -> list[re.Match[str]]:
    """Those of the numbers alone on their lines that count up from page to page."""
    runs: dict[int, list[re.Match[str]]] = {}  # the number that would go on → the run so far
    ended: list[list[re.Match[str]]] = []
    for found in numbers:
        number = int(found["bare"])
        run = runs.pop(number, [])
        if run and found.start() - run[-1].end() < MIN_PAGE_CHARACTERS:
            ended.append(run)
            run = []
        runs[number + 1] = [*run, found]
    return [
        page
        for run in (*ended, *runs.values())
        if len(run) >= MIN_PAGES and 2 * sum(_breaks_sentence(text, page.start()) for page in run) >= len(run)
        for page in run
    ]


def _breaks_sentence(text: str, at: int) -> bool:
    """Whether the line above the one at `at` is a full one that ends inside of a sentence."""
    start, end = _line_before(text, _with_blanks(text, at, at)[0])
    return end - start >= MIN_LINE and text[end - 1] not in _ENDS


def _edits(text: str, spans: list[tuple[int, int]], running: set[str]) -> Iterator[Edit]:
    last = 0
    for start, stop in spans:
        above, below = _line_before(text, start), _line_after(text, stop)
        if _edge(text, *above) in running:
            start = _with_blanks(text, *above)[0]  # noqa: PLW2901 - the mark grows by what belongs to it
        if _edge(text, *below) in running:
            stop = _with_blanks(text, *below)[1]  # noqa: PLW2901 - as above
        if max(start, last) < stop:
            yield Edit(max(start, last), stop, "\n" if start > 0 and stop < len(text) else "")
        last = max(last, stop)


def _with_blanks(text: str, start: int, stop: int) -> tuple[int, int]:
    """The span with the line ends around it; the indent of the line behind it stays."""
    while start and text[start - 1] in _BLANK:
        start -= 1
    end = stop
    while end < len(text) and text[end] in _BLANK:
        end += 1
        stop = end if text[end - 1] in "\n\x0c" else stop
    return start, stop


def _line_before(text: str, at: int) -> tuple[int, int]:
    return text.rfind("\n", 0, at) + 1, at


def _line_after(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return at, len(text) if end < 0 else end


def _edge(text: str, start: int, end: int) -> str:
    """The line, if it may be one that is printed on every page, else nothing."""
    line = text[start:end].strip(_BLANK)
    return line if _PAGE_EDGE.fullmatch(line) else ""
