"""Which lines are the report: from the title to the signature.

The same rules serve plain-text crawls and the lines of an HTML page. Rules about single lines are data: furniture.toml says
what is none of the report, layout.toml what the others may be. This file holds what only the order of the lines can tell.
"""

from __future__ import annotations

from services.normalizer.dates import find_dates
from services.normalizer.furniture import Rule, rule_of
from services.normalizer.line_forms import (
    ADDRESSED_LINE,
    HEADING,
    ORGANISATION,
    TITLE,
    is_empty_heading,
    is_prose,
    is_signature,
    is_title,
)
from services.normalizer.next_report import leave_next_report
from services.normalizer.page_lines import Layout
from services.normalizer.pieces import pieces_of_lines
from services.normalizer.series import series_over
from services.normalizer.tail import ANNEX, drop_tail
from services.normalizer.titles import find_title
from shared.rules import rules

_RULES = rules("services.normalizer", "layout")
_BARE_LABEL = _RULES.pattern("bare_label")
_NAMED_FIELDS = frozenset(_RULES.words("named_fields"))
_STAMP = rule_of("发布日期：")
_LABEL_OF_BODY = _RULES.pattern("label_of_body")
_LABEL_OR_NUMBER = _RULES.pattern("label_or_number")
_SENTENCE_END = _RULES.pattern("sentence_end")


def lay_out(text: str, *, outside: frozenset[int] = frozenset(), names: tuple[str, ...] = ()) -> Layout:
    """The layout of `text`, one paragraph a line.

    `outside` are the numbers of the paragraphs that the markup puts outside of the main block, `names` the titles that
    the page gives in its head.
    """
    paragraphs, spans, lines = pieces_of_lines(text)
    apart = [paragraph in outside for paragraph in paragraphs] if outside else [False] * len(lines)
    layout = Layout(spans, lines, _rules_of(lines, apart), apart, prose=[], dropped=[None] * len(lines))
    _take_values(layout)
    layout.prose = [
        len(line) if rule is None and not beside and is_prose(line) else 0
        for line, rule, beside in zip(lines, layout.rules, apart, strict=True)
    ]
    layout.title = find_title(layout, names)
    first = _first_line(layout)
    leave_next_report(layout, first)
    layout.body = first, _last_line(layout, first)
    _drop_head(layout)
    _drop_inside(layout)
    drop_tail(layout)
    return layout


def _rules_of(lines: list[str], apart: list[bool]) -> list[Rule | None]:
    """The furniture rule of each line.

    Outside of the main block only publication lines are of use, and they hold a colon or a number; a line that might be
    taken for a title must be known for what it is too.
    """
    if True not in apart:
        return list(map(rule_of, lines))
    return [
        rule_of(line) if not beside or _LABEL_OR_NUMBER.search(line) else None
        for line, beside in zip(lines, apart, strict=True)
    ]


def _take_values(layout: Layout) -> None:
    """A publication label that stands alone has its value on the next line."""
    lines, rules = layout.lines, layout.rules
    above_text = True
    for k in range(len(lines) - 1):
        rule = rules[k]
        above_text = above_text and (rule is not None or not is_prose(lines[k]))
        if above_text and rule in (None, _STAMP) and lines[k].replace(" ", "") in _NAMED_FIELDS:
            rule = rules[k] = _STAMP
        elif rule is None or rule.where != "stamp" or not _BARE_LABEL.fullmatch(lines[k]):
            continue
        value = lines[k + 1]
        after = lines[k + 2] if k + 2 < len(lines) else ""
        is_year_of_title = not _LABEL_OF_BODY.search(lines[k]) and after.startswith("20") and is_title(after)
        broken_title = after.startswith("关于") or is_year_of_title
        is_value = len(value) <= 60 and not _SENTENCE_END.search(value) and not TITLE.fullmatch(value)
        if rules[k + 1] is None and is_value and not broken_title:
            rules[k + 1] = rule


def _first_line(layout: Layout) -> int:
    begin = layout.title[1] + 1 if layout.title else 0
    for k in range(begin, len(layout.lines)):
        if layout.rules[k] is not None or layout.outside[k]:
            continue
        if layout.prose[k] or HEADING.match(layout.lines[k]) or ADDRESSED_LINE.fullmatch(layout.lines[k]):
            return k
    return begin


def _last_line(layout: Layout, first: int) -> int:
    """The line after the last line of prose that stands before the furniture at the end."""
    rules, prose = layout.rules, layout.prose
    total, rest = sum(prose), sum(prose[first:])
    last = first
    reach: list[int] = []
    for k in range(first, len(prose)):
        if prose[k]:
            rest -= prose[k]
            last = k + 1
            continue
        rule = rules[k]
        if rule is not None and rule.where == "end" and rest <= max(200, total // 10):
            if not rest:
                break
            reach = reach or _reach(layout)
            if reach[k] <= k and not is_empty_heading(layout.lines[k - 1]):
                break
        elif rest and 2 * rest < total and _signs_all(layout, k):
            break
    return last


def _reach(layout: Layout) -> list[int]:
    """For each line, how far the series of headings go that began above it."""
    return series_over(
        [
            line if rule is None and not beside else ""
            for line, rule, beside in zip(layout.lines, layout.rules, layout.outside, strict=True)
        ]
    )


def _signs_all(layout: Layout, k: int) -> bool:
    """Whether line `k` is the date under the name of a body, and nothing that follows may be the report's."""
    line = layout.lines[k]
    if not line.endswith("日") or not is_signature(line):
        return False
    dated = line[: find_dates(line)[0].start].strip("(（ ")
    is_signed = dated or (k and ORGANISATION.fullmatch(layout.lines[k - 1]))
    after = [later for later in range(k + 1, len(layout.lines)) if not layout.outside[later]]
    return bool(is_signed) and not any(
        HEADING.match(layout.lines[later]) or ANNEX.match(layout.lines[later]) or "\t" in layout.lines[later]
        for later in after
    )


def _drop_head(layout: Layout) -> None:
    first, last = layout.title or (0, -1)
    for k in range(layout.body[0]):
        rule = layout.rules[k]
        if rule is not None and rule.where == "stamp":
            layout.stamps.append(k)
        elif rule is not None and rule.name == "breadcrumb":
            layout.crumbs.append(k)
        if k < first:
            layout.dropped[k] = rule.name if rule else "before_title"
        elif first <= k <= last:
            continue
        elif rule is not None:
            layout.dropped[k] = rule.name
        elif layout.outside[k]:
            layout.dropped[k] = "outside"
        elif layout.title and layout.lines[k] == layout.lines[last]:
            layout.dropped[k] = "title_again"
        elif layout.title is None and len(layout.lines[k]) < 30:
            layout.dropped[k] = "before_text"


def _drop_inside(layout: Layout) -> None:
    rules, outside = layout.rules, layout.outside
    title = layout.lines[layout.title[0]] if layout.title and layout.title[0] == layout.title[1] else None
    again = False  # behind the title that a further leaf repeats
    for k in range(*layout.body):
        rule = rules[k]
        if rule is not None and (rule.where == "any" or (again and rule.where == "stamp")):
            layout.dropped[k] = rule.name
        elif outside[k]:
            layout.dropped[k] = "outside"
        elif again := layout.lines[k] == title:
            layout.dropped[k] = "title_again"
