"""Markup inside of markup: a text that was escaped once more than a browser undoes.

    <div>&lt;p&gt;受理&amp;nbsp;134件&lt;/p&gt;</div>

Each layer is undone in place, so that the page keeps its blocks and every character its way back to the source.
`carried.py` finds what a page carries without showing it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from html import unescape
from html.entities import html5
from typing import TYPE_CHECKING

from services.normalizer.draft import Draft, Edit
from services.normalizer.html.carried import carried_text, is_answer_to_script
from services.normalizer.html.lines import MAX_REFERENCES
from services.normalizer.html.reader import read_page
from shared.errors import Permanent, Reason

if TYPE_CHECKING:
    from services.normalizer.html.page import Page

#: Layers that are undone. Two were seen: a feed of pages whose editor escaped its text.
MAX_LAYERS = 3

#: Line ends that are written as a backslash and a letter, from which on a plain text is taken for a string of a program.
MIN_WRITTEN_BREAKS = 3

_WRITTEN_SIGN = re.compile(r"""\\(?:r\\n|[nrt"'/]|u3000|u00a0|xa0)""")
_WRITTEN_SIGNS = {r"\r\n": "\n", r"\n": "\n", r"\r": "\n", r"\t": "\t", r"\u3000": " ", r"\u00a0": " ", r"\xa0": " "}
_NAMES = "p|div|span|br|strong|b|font|table|tbody|tr|td|th|h[1-6]|a|img|u|em|section|ul|ol|li|o:p|style|html|head|body|title|meta|script|center"
_ESCAPED_TAG = re.compile(
    rf"&lt;(?:!doctype html|/?(?:{_NAMES}))(?=&gt;|[\s/])(?>(?:[^<>&]|&(?![lg]t;)){{0,2000}})&gt;", re.IGNORECASE
)
_ESCAPED_CLOSER = re.compile(rf"&lt;(?:/(?:{_NAMES})|br\s?/?)&gt;", re.IGNORECASE)
_ESCAPED_REFERENCE = re.compile(r"&amp;(?=(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|([A-Za-z]{2,8}[0-9]?));)")
_REFERENCE = re.compile(r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z]{2,8}[0-9]?);")


def read_layers(source: str) -> Page:
    """The page that `source` shows once what was escaped is undone. Spans are of `source`. Raises as `read_page`."""
    page = read_page(source)
    markup = Draft.of_source(source)
    for find in (carried_text, *[_escaped] * MAX_LAYERS):
        edits = find(markup.text, page)
        if edits:
            markup = markup.edited(edits)
            page = read_page(markup.text)
    return page if markup.text is source else _led_back(page, markup)


def is_escaped_page(source: str) -> bool:
    """Whether `source` is a page as a whole, but escaped or carried by a string."""
    # One sign is searched for ten times as fast as several (0.1 µs in 1,500 characters).
    if "&" in source and "&lt;" in source and len(_ESCAPED_CLOSER.findall(source, 0, 20_000)) > 1:
        return True
    return is_answer_to_script(source)


def references(source: str) -> list[Edit]:
    """Edits that write the characters which `source`, a plain text, has references for.

    Raises Permanent: `too_complex` beyond MAX_REFERENCES.
    """
    if "&" not in source:
        return []
    edits = [
        Edit(*found.span(), written)
        for found in _REFERENCE.finditer(source)
        if (written := unescape(found[0])) != found[0]
    ]
    if len(edits) > MAX_REFERENCES:
        raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_REFERENCES} character references")
    return edits


def written_breaks(source: str) -> list[Edit]:
    r"""Edits that break the lines of `source`, a plain text, where it has \n for them: a string that nobody read out.

    Raises Permanent: `too_complex` beyond MAX_REFERENCES.
    """
    written = source.count("\\n") if "\\" in source else 0
    if written < MIN_WRITTEN_BREAKS or written <= source.count("\n"):
        return []
    edits = [
        Edit(*found.span(), _WRITTEN_SIGNS.get(found[0], found[0][1:])) for found in _WRITTEN_SIGN.finditer(source)
    ]
    if len(edits) > MAX_REFERENCES:
        raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_REFERENCES} escapes")
    return edits


def _led_back(page: Page, markup: Draft) -> Page:
    page.draft = page.draft.over(markup)
    page.title = markup.to_source(*page.title) if page.title else None
    page.menus = [markup.to_source(*menu) for menu in page.menus]
    page.metas = {name: markup.to_source(*content) for name, content in page.metas.items()}
    return page


def _escaped(source: str, page: Page) -> list[Edit]:
    """One layer of escapes: references to a reference, and tags that the page shows as text."""
    edits = [
        Edit(*found.span(), "&")
        for found in _ESCAPED_REFERENCE.finditer(source)
        if found[1] is None or f"{found[1]};" in html5
    ]
    if "&lt;" in source and _ESCAPED_CLOSER.search(source):
        starts = [run.source_start for run in page.draft.runs]
        ends = [run.source_end for run in page.draft.runs]
        for tag in _ESCAPED_TAG.finditer(source):
            run = bisect_right(starts, tag.start()) - 1
            if run >= 0 and tag.start() < ends[run]:  # shown as text, no attribute of a tag
                edits.append(Edit(*tag.span(), unescape(tag[0])))
        edits = _apart(edits)
    return edits


def _apart(edits: list[Edit]) -> list[Edit]:
    """The edits in order; a reference inside of a tag is undone with the tag."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept
