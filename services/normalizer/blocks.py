"""Which lines of an HTML page stand in the block that holds the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.normalizer.continued import Parted
from services.normalizer.furniture import rule_of
from services.normalizer.width import fold_width

if TYPE_CHECKING:
    from services.normalizer.html import Page

#: The main block holds at least this share of the page's prose. Lower, and a report whose signature has a block of
#: its own loses it; higher, and a page with a long summary in its sidebar keeps the sidebar.
MAIN_SHARE = 0.8
#: Below this share of the page's prose in plain sight, what is hidden is the report. A page with two versions of it, one
#: of them hidden, shows half; one whose text is shown by a script shows its notices.
SHOWN_SHARE = 0.1

_PROSE_MARK = re.compile("[，。；、,]")


def paragraphs_outside(page: Page, text: str, starts: list[int]) -> frozenset[int]:
    """Numbers of the paragraphs of `text` (the tidied page) that stand outside of the main block.

    `starts` are the offsets in `text` of the page's lines.
    """
    if not page.lines:
        return frozenset()
    prose = _prose_by_block(page)
    furniture = _furniture_blocks(page, prose)
    main = _main_block(page, [0 if furniture[node] else length for node, length in enumerate(prose)])
    inside = range(main, page.last_inside[main] + 1)
    nodes = []
    k = at = 0
    while at <= len(text):
        while k + 1 < len(starts) and starts[k + 1] <= at:
            k += 1
        node = page.lines[k].node
        nodes.append(-1 if furniture[node] else node)
        end = text.find("\n", at)
        at = (end if end >= 0 else len(text)) + 1
    kept = [node in inside for node in nodes]
    if len(inside) < len(prose):
        Parted(page, main, text.split("\n"), nodes, kept).join()
    return frozenset(paragraph for paragraph, is_kept in enumerate(kept) if not is_kept)


def _furniture_blocks(page: Page, prose: list[int]) -> list[bool]:
    """Which blocks stand in a nav, footer or aside, or are hidden.

    None where nearly all of the prose stands there: pages that show their text by script.
    """
    inside = list(page.furniture)
    if not any(inside):
        return inside
    for node in range(1, len(inside)):
        inside[node] = inside[node] or inside[page.parents[node]]
    shown = sum(length for node, length in enumerate(prose) if not inside[node])
    return inside if shown > SHOWN_SHARE * sum(prose) else [False] * len(inside)


def _prose_by_block(page: Page) -> list[int]:
    """Characters of running text and of tables that stand directly in each block.

    A line that is mostly links has none, nor has the foot of the page: on a short page it is as long as the report.
    """
    prose = [0] * len(page.parents)
    text = page.draft.text
    in_foot = True
    for line in reversed(page.lines):
        length = line.end - line.start
        if 2 * line.links >= length:
            continue
        if length >= 20 and _PROSE_MARK.search(text, line.start, line.end):
            in_foot = in_foot and rule_of(fold_width(text[line.start : line.end].strip())) is not None
            prose[line.node] += 0 if in_foot else length
        elif text.find("\t", line.start, line.end) >= 0:
            prose[line.node] += length
    return prose


def _main_block(page: Page, prose: list[int]) -> int:
    """The innermost container that holds nearly all of the prose."""
    children: list[list[int]] = [[] for _ in prose]
    for node in range(len(prose) - 1, 0, -1):
        prose[page.parents[node]] += prose[node]
        children[page.parents[node]].append(node)
    main = at = 0
    while children[at]:
        at = max(children[at], key=lambda node: prose[node])
        if not prose[at] or prose[at] < MAIN_SHARE * prose[0]:
            break
        if page.containers[at]:
            main = at
    return main
