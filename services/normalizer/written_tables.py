"""Rows of tables in crawls that wrote a page as plain text: pipes or wide spaces between cells become tabs. Pure."""

from __future__ import annotations

import re

from services.normalizer.draft import Edit
from shared.rules import rules

_RULES = rules("services.normalizer", "lines")
_PIPE_ROW = _RULES.pattern("pipe_row")
_PIPE = _RULES.pattern("pipe")
_RULE_ROW = _RULES.pattern("rule_row")
_SPACED_NUMBER = _RULES.pattern("spaced_number")
_SPACED_ROW = _RULES.pattern("spaced_row")
_WIDE_GAP = _RULES.pattern("wide_gap")
_ANY_GAP = _RULES.pattern("any_gap")
_NUMBER_CELL = _RULES.pattern("number_cell")


def pipe_tables(text: str) -> list[Edit]:
    """Rows of a table that a crawler wrote with pipes: `a | b | c |` becomes cells separated by tabs.

    A single line with pipes is a menu more often than a table; it counts only where it ends with a pipe.
    """
    rows = list(_PIPE_ROW.finditer(text))
    edits = []
    for k, row in enumerate(rows):
        beside = (k > 0 and text[rows[k - 1].end() : row.start()].isspace()) or (
            k + 1 < len(rows) and text[row.end() : rows[k + 1].start()].isspace()
        )
        if not beside and not row[0].rstrip().endswith("|"):
            continue
        if "-" in row[0] and _RULE_ROW.fullmatch(row[0]):
            edits.append(Edit(*row.span(), ""))
            continue
        end = row.start() + len(row[0].rstrip(" \t|\u3000\xa0"))
        edits += [
            Edit(*pipe.span(), "" if pipe.start() == row.start() else "\t")
            for pipe in _PIPE.finditer(text, row.start(), end)
        ]
        if end < row.end():
            edits.append(Edit(end, row.end(), ""))
    return edits


def spaced_tables(text: str) -> list[Edit]:
    """Rows of a table whose cells only spaces part, in crawls that kept the look of a page: the gaps become tabs.

    Rows follow each other with as many cells each, and at least one says numbers and nothing else behind its first
    cell. Two columns need gaps of two spaces or more: a name, a space and a number are a line of a list, too.
    """
    if not _SPACED_NUMBER.search(text):
        return []
    edits: list[Edit] = []
    run: list[tuple[re.Match[str], list[re.Match[str]]]] = []
    for row in _SPACED_ROW.finditer(text):
        start, end = row.span(1)
        gaps = list(_WIDE_GAP.finditer(text, start, end))
        if not gaps or len(gaps) < len(run[-1][1] if run else ()):
            narrow = list(_ANY_GAP.finditer(text, start, end))
            gaps = narrow if len(narrow) > 1 else gaps
        if run and (len(run[-1][1]) != len(gaps) or text[run[-1][0].end() : row.start()].strip()):
            edits += _tabs(text, run)
            run = []
        if gaps:
            run.append((row, gaps))
    return edits + _tabs(text, run)


def _tabs(text: str, run: list[tuple[re.Match[str], list[re.Match[str]]]]) -> list[Edit]:
    numbers = sum(_says_numbers(text, row, gaps) for row, gaps in run)
    if len(run) < 2 or not numbers:
        return []
    return [Edit(*gap.span(), "\t") for _, gaps in run for gap in gaps]


def _says_numbers(text: str, row: re.Match[str], gaps: list[re.Match[str]]) -> bool:
    edges = [*(gap.start() for gap in gaps[1:]), row.end(1)]
    cells = [text[gap.end() : edge] for gap, edge in zip(gaps, edges, strict=True)]
    first = text[row.start(1) : gaps[0].start()]
    return not _NUMBER_CELL.fullmatch(first) and all(_NUMBER_CELL.fullmatch(cell) for cell in cells)
