"""What the head of an HTML page says of the report: its title and its date of publication."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from services.normalizer.dates import Date, find_dates
from services.normalizer.draft import Draft
from services.normalizer.line_forms import TITLE
from services.normalizer.script import simplify
from services.normalizer.width import fold_width
from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.html import Page

_RULES = rules("services.normalizer", "layout")
_SITE_NAME = _RULES.pattern("site_name")
_YEAR = _RULES.pattern("title_with_year")
#: White space at the ends of a title, written as a character or as a reference to one.
_BLANKS = re.compile(r"\A(?:\s|&nbsp;|&#160;){1,40}|(?:\s|&nbsp;|&#160;){1,40}\Z")
#: Names that the state's standard for government sites prescribes (ArticleTitle, PubDate), then the common ones.
_TITLE_METAS = ("articletitle", "og:title", "title")
#: Names under which a page says whose it is: the site's and the source's, as the same standard calls them, and common ones.
_OWNER_METAS = ("contentsource", "source", "author", "sitename", "og:site_name")
_DATE_METAS = ("pubdate", "publishdate", "publish_date", "article:published_time", "releasedate", "firstpublishedtime")
#: Characters of a title at most.
_LONGEST = 100


class Head(NamedTuple):
    """What was found; spans and offsets are of the decoded source."""

    names: tuple[str, ...] = ()  # titles of the page, folded
    title: tuple[int, int] | None = None  # the report's title, without the site's name
    published: Date | None = None
    folded: str = ""  # the report's title, simplified and folded
    owners: tuple[tuple[str, tuple[int, int]], ...] = ()  # whose the page is, as its head writes it, and where


def read_head(page: Page, source: str) -> Head:
    """The titles of the page, the one of them that is a report's, and the date of publication."""
    spans = [page.metas[name] for name in _TITLE_METAS if name in page.metas]
    spans += [page.title] if page.title else []
    names = tuple(plain(source[start:end]) for start, end in spans)
    dates = [date for name in _DATE_METAS if name in page.metas for date in find_dates(source, *page.metas[name])]
    parts = [_parts(span, source) for span in spans]
    title = _title(parts, source)
    owners = [page.metas[name] for name in _OWNER_METAS if name in page.metas] + (parts[-1] if page.title else [])
    folded = plain(unescape(source[slice(*title)])) if title else ""
    named = tuple((source[slice(*owner)], owner) for owner in owners if owner != title)
    return Head(names, title, dates[0] if dates else None, folded, named)


def _parts(span: tuple[int, int], source: str) -> list[tuple[int, int]]:
    """The title in `span` and the names of the site and its columns beside it."""
    start, end = span
    edges = [start, *(at for gap in _SITE_NAME.finditer(source, start, end) for at in gap.span()), end]
    return [_trimmed(source, *edges[k : k + 2]) for k in range(0, len(edges), 2)]


def _title(parts_of_titles: list[list[tuple[int, int]]], source: str) -> tuple[int, int] | None:
    for parts in parts_of_titles:
        titles = [part for part in parts if _is_title(source[slice(*part)])]
        if titles:  # a column may be named like its reports, without a year
            return max(titles, key=lambda part: _YEAR.search(source, *part) is not None)
    return None


def _is_title(written: str) -> bool:
    return len(written) <= _LONGEST and TITLE.fullmatch(plain(written)) is not None


def _trimmed(source: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends, written as a character or as a reference to one."""
    part = source[start:end]
    for blank in reversed(list(_BLANKS.finditer(part))):
        start, end = (start + blank.end(), end) if blank.start() == 0 else (start, end - len(blank[0]))
    return start, max(start, end)


def plain(written: str) -> str:
    """What the head of a page writes, simplified and folded."""
    return fold_width(simplify(Draft.of_source(written.strip()))[0].text)
