"""A crawled page → clean simplified text that still knows where it came from.

bytes ─ charset ─▶ source ─ html ─▶ lines ─ script, width ─▶ furniture ─▶ text + alignment + document
"""

from __future__ import annotations

import re
from html import unescape
from itertools import groupby

from services.normalizer.blocks import paragraphs_outside
from services.normalizer.charset import Decoded, decode_body
from services.normalizer.document import read_document
from services.normalizer.draft import Draft, Edit
from services.normalizer.genre import genre_of
from services.normalizer.head import Head, read_head
from services.normalizer.html import is_escaped_page, looks_like_html, read_layers, references, written_breaks
from services.normalizer.layout import lay_out
from services.normalizer.lines import TIDIED, carried, tidy
from services.normalizer.page_lines import Layout
from services.normalizer.printed_pages import page_marks
from services.normalizer.reading import reading_of
from services.normalizer.script import (
    TRADITIONAL_ONLY,
    Script,
    begins_traditional,
    detect_script,
    restore_words,
    simplify,
)
from services.normalizer.signature import identify
from services.normalizer.signs import ANY_SIGN, Noted
from services.normalizer.spacing import idle_spaces
from services.normalizer.width import FOLDED, FOLDED_SIGNS, fold_width
from shared.alignment import words_of_markup
from shared.errors import Permanent, Reason
from shared.events import Change, Document, NormalizedReport, RawReport, Source

#: Characters of a removed stretch that its change shows; the span says where the rest is.
SHOWN_CHARACTERS = 80
_NOTHING_LEFT = "nothing is left once page furniture is gone; is this the page of a report?"
_FRAMED = "the page shows its text in a frame; submit the page that the frame shows"
_FRAME = re.compile(r"<i?frame\s", re.IGNORECASE)
_NOTED = Noted(TRADITIONAL_ONLY, FOLDED, TIDIED)


def normalize_report(raw: RawReport) -> NormalizedReport:
    """The report in `raw` as simplified, width-folded text without page furniture.

    Raises Permanent: `empty`, `oversized`, `binary`, `undecodable`, `too_deep`, `too_complex`; each says in its detail
    what to do next.
    """
    decoded = decode_body(raw.body, declared=raw.crawl.charset, content_type=raw.crawl.content_type)
    source = decoded.text
    tidied, layout, head, script, changes = _read(source, raw.crawl.content_type)
    body, removed = _cut(tidied, layout)
    if not body.text:
        raise Permanent(Reason.EMPTY, _FRAMED if _FRAME.search(source) else _NOTHING_LEFT)
    _refuse_faults_in_text(decoded, body)
    changes += _source_changes(decoded, script) + removed
    report_id, signature = identify(body.text)
    return NormalizedReport.trusted(
        schema_version=raw.schema_version,
        entry=raw.entry,
        accepted_at=raw.accepted_at,
        crawl=raw.crawl,
        trail=raw.trail,
        source=Source.trusted(
            text=source,
            charset=decoded.charset,
            media_type="text/plain" if head is None else "text/html",
            raw_bytes=len(raw.body),
            original=decoded.original,
        ),
        text=body.text,
        alignment=body.alignment(),
        document=_document(tidied, layout, head or Head(), source, script.name),
        report_id=report_id,
        signature=signature,
        script_confidence=script.confidence,
        changes=sorted(changes, key=lambda change: (change.raw_start, change.raw_end)),
    )


def _read(source: str, content_type: str | None) -> tuple[Draft, Layout, Head | None, Script, list[Change]]:
    """The tidied page, its layout and, of an HTML page, its head."""
    is_html = (looks_like_html(source) and "text/plain" not in (content_type or "").lower()) or is_escaped_page(source)
    page = read_layers(source) if is_html else None
    draft = page.draft if page else Draft.of_source(source).edited(references(source))
    if page is None:
        draft = draft.edited(written_breaks(draft.text))
    signs = ANY_SIGN if begins_traditional(draft.text) else _NOTED.of(draft.text)
    script = detect_script(draft.text, signs)
    lengthened: list[Edit] = []
    if script.name == "Hant":
        draft, lengthened = simplify(draft)
    if signs is ANY_SIGN or script.name == "Hant":
        signs = _NOTED.of(draft.text)
    folded = fold_width(draft.text, quotes=script.name == "Hant", signs=signs)
    if not signs.isdisjoint(FOLDED_SIGNS):
        signs = _NOTED.of(folded)
    draft = draft.with_text(folded)
    pages = page_marks(folded)
    marked = [_change("furniture.page_mark", edit, draft) for edit in pages]
    tidied, edits, changes = tidy(draft.edited(pages), signs)
    changes += marked
    spaces = idle_spaces(tidied.text)
    tidied = tidied.edited(spaces)
    words: list[Edit] = []
    if script.name == "Hant":  # before anything is recognised by its words
        restored = restore_words(tidied.text)
        changes += [_change(rule, edit, tidied, source) for rule, edit in restored]
        words = [edit for _, edit in restored]
        tidied = tidied.edited(words)
    if page is None:
        return tidied, lay_out(tidied.text), None, script, changes
    for start, end in page.menus:
        before = source[start:end][:SHOWN_CHARACTERS]
        changes.append(Change(rule="furniture.menu", raw_start=start, raw_end=end, before=before, after=""))
    head = read_head(page, source)
    starts = [line.start for line in page.lines]
    for made in (lengthened, pages, edits, spaces, words):
        starts = carried(made, starts)
    layout = lay_out(tidied.text, outside=paragraphs_outside(page, tidied.text, starts), names=head.names)
    return tidied, layout, head, script, changes


def _cut(tidied: Draft, layout: Layout) -> tuple[Draft, list[Change]]:
    """The draft without the dropped lines; the changes say which lines went and by which rule."""
    text, lines, dropped = tidied.text, layout.lines, layout.dropped
    whole_title = range(layout.title[0] + 1, layout.title[1] + 1) if layout.title else ()
    if not (any(dropped) or whole_title) and all(lines) and "\n".join(lines) == text:
        return tidied, []  # a clean page
    edits: list[Edit] = []
    at, previous = 0, -1
    for k in range(len(lines)):
        if dropped[k] is not None or not lines[k]:
            continue
        start, end = layout.spans[k]
        between = text[at:start]
        if between != "\n" or previous < 0 or k in whole_title:
            after = _separator(between, layout, previous, k)
            if between != after:
                edits.append(Edit(at, start, after))
        # A footnote mark that is gone may leave the space before it.
        at, previous = end - (text[end - 1] == " "), k
    if at < len(text):
        edits.append(Edit(at, len(text), ""))
    return tidied.edited(edits), _removed(tidied, layout)


def _separator(between: str, layout: Layout, previous: int, k: int) -> str:
    """What stands between two kept lines: a line feed, or what stood there when both were one line of the page."""
    if previous < 0:
        return ""
    if layout.title and layout.title[0] < k <= layout.title[1]:
        return ""  # a title broken over lines
    after_title = layout.title is not None and previous == layout.title[1]
    if k == previous + 1 and "\n" not in between and not after_title:
        return between
    return "\n"


def _removed(tidied: Draft, layout: Layout) -> list[Change]:
    """One change for each stretch of lines that one rule removed."""
    changes: list[Change] = []
    k = 0
    if not any(layout.dropped):
        return changes
    for rule, stretch in groupby(layout.dropped):
        first, k = k, k + sum(1 for _ in stretch)
        if rule is not None and any(layout.lines[first:k]):
            gone = Edit(layout.spans[first][0], layout.spans[k - 1][1], "")
            changes.append(_change(f"furniture.{rule}", gone, tidied))
    return changes


def _change(rule: str, edit: Edit, draft: Draft, source: str | None = None) -> Change:
    start, end = draft.to_source(edit.start, edit.end)
    before = draft.text[edit.start : edit.end] if source is None else source[start:end]
    return Change.trusted(rule=rule, raw_start=start, raw_end=end, before=before[:SHOWN_CHARACTERS], after=edit.after)


def _source_changes(decoded: Decoded, script: Script) -> list[Change]:
    """What was decided for the page as a whole."""
    end = len(decoded.text)
    changes = [
        Change(rule="charset.unreadable", raw_start=at, raw_end=at + 1, before="\ufffd", after="") for at in decoded.bad
    ]
    if decoded.overruled:
        changes.append(
            Change(rule="charset.overruled", raw_start=0, raw_end=end, before=decoded.overruled, after=decoded.charset)
        )
    if script.name == "Hant":
        changes.append(Change(rule="script.simplified", raw_start=0, raw_end=end, before="Hant", after="Hans"))
    return changes


def _refuse_faults_in_text(decoded: Decoded, body: Draft) -> None:
    if decoded.bad and "\ufffd" in body.text:
        raise Permanent(
            Reason.UNDECODABLE, f"{len(decoded.bad)} broken sequences, the first in the report itself: crawl it again"
        )


# Document ------------------------------------------------------------------------------------------------------------

_MARKED_TITLE = re.compile(r"[ <&\\]")
#: White space inside a title that is no sign of its own: letter spacing and line breaks.
_TITLE_SPACE = re.compile(
    r"\s{0,40}[\n\r\t\u200b\ufeff]\s{0,40}|(?<=[\u2e80-\uffef])\s+(?=[\u2e80-\uffef0-9])|(?<=[0-9])\s+(?=[\u2e80-\uffef0-9])"
)


def _document(tidied: Draft, layout: Layout, head: Head, source: str, script: str) -> Document:
    reading = reading_of(tidied.text, layout, head)
    document = read_document(reading)
    read_at = {name: tidied.to_source(*span) for name, span in reading.found.items()}
    read_at |= reading.found_in_head
    if head.published is not None and "published" not in reading.found and document["published"]:
        read_at["published"] = head.published.start, head.published.end
    title = tidied.text[slice(*reading.title)] if reading.title else None
    if title is not None:
        document["title"] = _as_written(source[slice(*read_at["title"])])
    elif head.title is not None:
        document["title"] = title = unescape(source[slice(*head.title)])
        read_at["title"] = head.title
        for name in ("issuer", "report_year"):
            if document[name] is not None:
                read_at.setdefault(name, head.title)
    genre, score = genre_of(title, tidied.text[slice(*reading.body)])
    return Document.trusted(**document, script=script, genre=genre, genre_score=score, read_at=read_at)


def _as_written(title: str) -> str:
    """The title as the source writes it, without markup, letter spacing and line breaks."""
    if title.isprintable() and not _MARKED_TITLE.search(title):
        return title
    return _TITLE_SPACE.sub("", words_of_markup(title)).strip()
