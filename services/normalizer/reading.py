"""What the document fields are read from, and where each of them was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.dates import Date
    from services.normalizer.head import Head
    from services.normalizer.page_lines import Layout

_RULES = rules("services.normalizer", "layout")
_BEFORE_TITLE = _RULES.pattern("before_title")
_AFTER_TITLE = _RULES.pattern("after_title")
_MAY_FOLLOW = _RULES.pattern("may_follow")

Span = tuple[int, int]


@dataclass(slots=True)
class Reading:
    """What the metadata is read from: the tidied page and where its parts stand."""

    page: str  # all lines, furniture included
    title: Span | None
    body: Span
    tail: Span  # from the last line of prose to the end of the report
    stamps: list[Span]
    published_meta: str | None = None
    title_in_head: str = ""  # folded; of a page whose text has no title
    crumbs: list[Span] = field(default_factory=list)  # lines that say where on the site the page stands
    owners: tuple[tuple[str, Span], ...] = ()  # whose the page is, as its head writes it, with spans of the source
    found: dict[str, Span] = field(default_factory=dict)
    found_in_head: dict[str, Span] = field(default_factory=dict)  # spans of the source


def reading_of(text: str, layout: Layout, head: Head) -> Reading:
    """Where the parts of the page stand that the metadata is read from."""
    spans = layout.spans
    first, last = layout.body
    body_start = spans[first][0] if first < len(spans) else len(text)
    body_end = spans[last - 1][1] if last > first else body_start
    last_kept = next((k for k in reversed(range(len(spans))) if layout.dropped[k] is None and layout.lines[k]), None)
    sentence_end = text.rfind("。", body_start, body_end)
    for stop in "！？":  # behind the last 。 only: few pages have one
        sentence_end = max(sentence_end, text.rfind(stop, max(sentence_end, body_start), body_end))
    sentence_end += 1
    return Reading(
        page=text,
        title=_title_itself(text, spans[layout.title[0]][0], spans[layout.title[1]][1]) if layout.title else None,
        body=(body_start, body_end),
        # A signature may stand on the last line of the text; a report without a full stop ends with its last line.
        tail=(
            max(sentence_end, body_end - 60, body_start),
            max(spans[last_kept][1] if last_kept is not None else 0, body_end),
        ),
        stamps=_joined([spans[k] for k in layout.stamps]),
        published_meta=head.published.iso if head.published else None,
        title_in_head=head.folded,
        crumbs=[spans[k] for k in layout.crumbs],
        owners=head.owners,
    )


def _title_itself(text: str, start: int, end: int) -> tuple[int, int]:
    """The title on its line, without what stands before and behind it or the brackets 《》 around all of it."""
    before = _BEFORE_TITLE.match(text, start, end)
    start = before.end() if before else start
    title = text[start:end].strip()
    if _MAY_FOLLOW.search(title):
        title = _AFTER_TITLE.sub("", title)
    start = text.index(title, start)
    if title.startswith("《") and title.endswith("》") and title.count("《") == 1:
        return start + 1, start + len(title) - 1
    return start, start + len(title)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring publication lines as one span: a label and its value often stand on two lines."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def found_in_title(reading: Reading, name: str, span: Span) -> None:
    """Records where a field stands in the title; of one that only the head of the page has the caller knows it."""
    if reading.title:
        reading.found[name] = reading.title[0] + span[0], reading.title[0] + span[1]


def found_date(reading: Reading, name: str, date: Date) -> str:
    """The date in ISO form, recorded as the field `name`."""
    reading.found[name] = date.start, date.end
    return date.iso
