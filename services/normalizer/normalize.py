"""A crawled page → clean simplified text that still knows where it came from.

    bytes ─ charset ─▶ source ─ html ─▶ lines ─ script, width ─▶ furniture ─▶ text + alignment + document
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from services.normalizer.charset import Decoded, decode_body
from services.normalizer.document import Reading, read_document
from services.normalizer.dates import find_dates
from services.normalizer.draft import Draft, Edit
from services.normalizer.furniture import TITLE, Layout, lay_out
from services.normalizer.genre import genre_of
from services.normalizer.html import Page, looks_like_html, read_page
from services.normalizer.lines import carried, tidy
from services.normalizer.script import detect_script, restore_words, simplify
from services.normalizer.signature import identify
from services.normalizer.width import fold_width
from shared.errors import Permanent, Reason
from shared.events import Change, NormalizedReport, RawReport, Source

if TYPE_CHECKING:
    from shared.events import Document


def normalize_report(raw: RawReport) -> NormalizedReport:
    """The report in `raw` as simplified, width-folded text without page furniture.

    Raises Permanent: `empty`, `oversized`, `binary`, `undecodable`, `too_deep`, `too_complex`; each says in its detail
    what to do next.
    """
    decoded = decode_body(raw.body, declared=raw.crawl.charset, content_type=raw.crawl.content_type)
    source = decoded.text
    page = read_page(source) if _is_html(source, raw) else None
    drafted = page.draft if page else Draft.of_source(source)
    script = detect_script(drafted.text)
    simple = simplify(drafted) if script.name == "Hant" else drafted
    tidied, edits, changes = tidy(simple.with_text(fold_width(simple.text)))
    layout = lay_out(tidied.text, outside=_outside(page, edits, tidied) if page else None, names=_names(page, source))
    body, body_changes, reading = _cut(tidied, layout)
    if not body.text:
        raise Permanent(Reason.EMPTY, "nothing is left once page furniture is gone; is this the page of a report?")
    restored: list[tuple[str, Edit]] = restore_words(body.text) if script.name == "Hant" else []
    changes += body_changes + [_change(rule, edit, body) for rule, edit in restored]
    final = body.edited([edit for _, edit in restored])
    if page:
        _read_head(page, source, reading)
    document = _document(reading, tidied, source, final.text, script.name, page)
    changes = [change for change in _source_changes(decoded, script.name, len(source)) + changes]
    _refuse_faults_in_text(decoded, final)
    report_id, signature = identify(final.text)
    return NormalizedReport(
        entry=raw.entry,
        accepted_at=raw.accepted_at,
        crawl=raw.crawl,
        trail=raw.trail,
        source=Source(
            text=source,
            charset=decoded.charset,
            media_type="text/html" if page else "text/plain",
            raw_bytes=len(raw.body),
            original=decoded.original,
        ),
        text=final.text,
        alignment=final.alignment(),
        document=document,
        report_id=report_id,
        signature=signature,
        script_confidence=script.confidence,
        changes=sorted(changes, key=lambda change: (change.raw_start, change.raw_end)),
    )


def _is_html(source: str, raw: RawReport) -> bool:
    declared = (raw.crawl.content_type or "").lower()
    return looks_like_html(source) and "text/plain" not in declared


def _outside(page: Page, edits: list[Edit], tidied: Draft) -> set[int]:
    """Lines of the tidied page that stand outside of the main block."""
    furniture = _furniture_blocks(page)
    main = _main_block(page, furniture)
    starts = carried(edits, [line.start for line in page.lines])
    inside = {}
    k = 0
    text = tidied.text
    at = 0
    for number in range(text.count("\n") + 1):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        while k + 1 < len(starts) and starts[k + 1] <= at:
            k += 1
        if page.lines:
            line = page.lines[min(k, len(page.lines) - 1)]
            inside[number] = main <= line.node <= page.last_inside[main] and not furniture[line.node]
        at = end + 1
    return {number for number, kept in inside.items() if not kept}


def _furniture_blocks(page: Page) -> list[bool]:
    """Which blocks stand in a nav, footer or aside, or are hidden; none where most of the prose stands there (pages
    that show their text by script)."""
    inside = list(page.furniture)
    for node in range(1, len(inside)):
        inside[node] = inside[node] or inside[page.parents[node]]
    prose = _prose_by_block(page)
    hidden = sum(length for node, length in enumerate(prose) if inside[node])
    return inside if 2 * hidden < sum(prose) else [False] * len(inside)


def _prose_by_block(page: Page) -> list[int]:
    total = [0] * len(page.parents)
    text = page.draft.text
    for line in page.lines:
        length = line.end - line.start
        if length >= 20 and 2 * line.links < length and _PROSE_MARK.search(text, line.start, line.end):
            total[line.node] += length
    return total


_PROSE_MARK = re.compile("[，。；、,]")


def _main_block(page: Page, furniture: list[bool]) -> int:
    """The innermost block that holds nearly all of the prose."""
    total = [0 if furniture[node] else length for node, length in enumerate(_prose_by_block(page))]
    for node in range(len(total) - 1, 0, -1):
        total[page.parents[node]] += total[node]
    children: dict[int, list[int]] = {}
    for node in range(1, len(page.parents)):
        children.setdefault(page.parents[node], []).append(node)
    main = at = 0
    while True:
        best = max(children.get(at, ()), key=lambda node: total[node], default=0)
        if not best or total[best] < 0.8 * total[0] or not total[best]:
            return main
        at = best
        if page.containers[best]:
            main = best


def _names(page: Page | None, source: str) -> tuple[str, ...]:
    if page is None:
        return ()
    spans = [page.title] if page.title else []
    spans += [page.metas[name] for name in ("articletitle", "title", "og:title") if name in page.metas]
    return tuple(fold_width(source[a:b]).strip() for a, b in spans)


def _cut(tidied: Draft, layout: Layout) -> tuple[Draft, list[Change], Reading]:
    """The draft without the dropped lines; the changes say which lines went and by which rule."""
    edits: list[Edit] = []
    changes: list[Change] = []
    text = tidied.text
    kept = [k for k, rule in enumerate(layout.dropped) if rule is None and text[slice(*layout.spans[k])].strip()]
    at = 0
    previous = -1
    for k in kept:
        start, end = layout.spans[k]
        gap = _separator(text, layout, previous, k, at, start)
        if text[at:start] != gap:
            edits.append(Edit(at, start, gap))
        at, previous = end, k
    if at < len(text):
        edits.append(Edit(at, len(text), ""))
    k = 0
    while k < len(layout.dropped):
        rule = layout.dropped[k]
        first = k
        while k < len(layout.dropped) and layout.dropped[k] == rule:
            k += 1
        if rule is None:
            continue
        start, end = layout.spans[first][0], layout.spans[k - 1][1]
        if text[start:end].strip():
            changes.append(_change(f"furniture.{rule}", Edit(start, end, ""), tidied))
    spans = layout.spans
    first, last = layout.body
    title = (spans[layout.title[0]][0], spans[layout.title[1]][1]) if layout.title else None
    body_start = spans[first][0] if first < len(spans) else len(text)
    body_end = spans[last - 1][1] if last > first else body_start
    kept_end = spans[kept[-1]][1] if kept else body_end
    final_stop = max(text.rfind(stop, body_start, body_end) for stop in "。！？") + 1
    tail = (max(final_stop, body_end - 60, body_start), max(kept_end, body_end))
    reading = Reading(text, title, (body_start, body_end), tail, _joined([spans[k] for k in layout.stamps]))
    return tidied.edited(edits), changes, reading


_PUBLICATION_METAS = ("pubdate", "publishdate", "article:published_time", "publish_date", "releasedate", "firstpublishedtime")


def _read_head(page: Page, source: str, reading: Reading) -> None:
    """The date of publication from the page's meta tags, by the names that government sites must use."""
    for name in _PUBLICATION_METAS:
        if name in page.metas:
            dates = find_dates(source, *page.metas[name])
            if dates:
                reading.published_meta = dates[0].iso
                reading.raw["published"] = dates[0].start, dates[0].end
                return


def _title_of_head(page: Page, source: str) -> tuple[int, int] | None:
    """The report's title in `<meta name="ArticleTitle">` or before the site's name in `<title>`, as a source span."""
    spans = [page.metas[name] for name in ("articletitle", "og:title") if name in page.metas]
    spans += [page.title] if page.title else []
    for start, end in spans:
        first = _SITE_NAME.split(source[start:end], maxsplit=1)[0]
        start += len(first) - len(first.lstrip())
        if TITLE.fullmatch(fold_width(simplify(Draft.of_source(first.strip())).text)):
            return start, start + len(first.strip())
    return None


_SITE_NAME = re.compile(r"\s{0,3}(?:[_|｜]|--|—{1,2}|\s-\s|-(?=[一-龥]{2,30}(?:网|政府|厅|局|委)))\s{0,3}")


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring publication lines as one span: a label and its value often stand on two lines."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _separator(text: str, layout: Layout, previous: int, k: int, at: int, start: int) -> str:
    """What stands between two kept lines: a line feed, or what stood there when both were one line of the page."""
    if previous < 0:
        return ""
    if layout.title and layout.title[0] < k <= layout.title[1]:
        return ""
    after_title = layout.title is not None and previous == layout.title[1]
    if k == previous + 1 and "\n" not in text[at:start] and not after_title:
        return text[at:start]
    return "\n"


def _change(rule: str, edit: Edit, draft: Draft) -> Change:
    start, end = draft.to_source(edit.start, edit.end)
    return Change(rule=rule, raw_start=start, raw_end=end, before=draft.text[edit.start : edit.end][:80], after=edit.after)


def _source_changes(decoded: Decoded, script: str, length: int) -> list[Change]:
    changes = [Change(rule="charset.unreadable", raw_start=at, raw_end=at + 1, before="\ufffd", after="") for at in decoded.bad]
    if decoded.overruled:
        changes.append(Change(rule="charset.overruled", raw_start=0, raw_end=0, before=decoded.overruled, after=decoded.charset))
    if script == "Hant":
        changes.append(Change(rule="script.simplified", raw_start=0, raw_end=length, before="Hant", after="Hans"))
    return changes


def _refuse_faults_in_text(decoded: Decoded, final: Draft) -> None:
    if decoded.bad and "\ufffd" in final.text:
        raise Permanent(
            Reason.UNDECODABLE, f"{len(decoded.bad)} broken sequences, the first in the report itself: crawl it again"
        )


_MARKUP = re.compile("<[^<>]{0,2000}>")
#: White space inside a title that is no sign of its own: letter spacing and line breaks.
_TITLE_SPACE = re.compile(r"[\n\r\t\u200b\ufeff]+|(?<=[\u2e80-\uffef])\s+(?=[\u2e80-\uffef0-9])|(?<=[0-9])\s+(?=[\u2e80-\uffef0-9])")


def _document(reading: Reading, tidied: Draft, source: str, text: str, script: str, page: Page | None) -> Document:
    document = read_document(reading)
    document.read_at = {name: tidied.to_source(*span) for name, span in reading.found.items()} | reading.raw
    if reading.title and document.title:
        start, end = document.read_at["title"]
        document.title = _TITLE_SPACE.sub("", unescape(_MARKUP.sub("", source[start:end]))).strip()
    head = _title_of_head(page, source) if page and not document.title else None
    if head:
        document.title, document.read_at["title"] = source[slice(*head)], head
    document.script = script  # type: ignore[assignment]
    document.genre, document.genre_score = genre_of(reading.page[slice(*reading.title)] if reading.title else document.title, text)  # type: ignore[misc]
    return document
