"""Markers and lines → the section tree.

    paragraphs ─▶ drafts (what opens a section) ─▶ unnumbered headings placed ─▶ repairs, kinds, spans

The level of a section goes by the form of its marker; what contains what goes by the form's rank, so a part contains
the 一、 below it though both are of level 1. Nothing is renumbered.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from services.sectioner.headings import LINE_LENGTH, Heading, read_heading, title_like
from services.sectioner.kinds import decide_kinds
from services.sectioner.lexicon import KINDS, LINES
from services.sectioner.numbering import Marker, boundaries, marker_at
from shared.events import NormalizedReport, Repair, Section, SectionedReport

_SPACES: Final = " \u3000\t"
_BLANK: Final = " \u3000\t\n■●◆▲★□◇○•·►▶◎"  # what may stand before a marker on its line
_LINE: Final = re.compile(f"[^{_BLANK}][^\n]*")
_ENDS: Final = frozenset("。:：!！?？ \u3000")
_LAST_RANK: Final = 6
_ENUMERATOR_RANK: Final = 6
_ZEROS: Final = (0,) * (_LAST_RANK + 1)
_UNNUMBERED_LENGTH: Final = 40
_MARKER_LENGTH: Final = 8
_NUMBERED_FROM: Final = 2  # the rank of 一、
_BRACKETED: Final = 3  # the rank of (一)
_CONTENTS: Final = re.compile("目 {0,8}[录次] {0,3}$")
_CONTENTS_END: Final = frozenset("0123456789.…· ")
_CONTENTS_TAIL: Final = 100
_CONTENTS_LINES: Final = 12  # a table of contents begins within the first lines
_CONTENTS_PAGE: Final = re.compile("[ .…·\u3000]{0,80}[0-9]{0,3} {0,3}$")
#: A topic line needs words before it: within the first characters stand the title and its lines.
_FRONT: Final = 120
#: A quotation that spans paragraphs is looked for this far back and ahead.
_QUOTATION: Final = 400
#: A page on one line separates its paragraphs by spaces: seen from this many markers after a space on.
_SPACED_MARKERS: Final = 3
_LISTED_TITLE: Final = re.compile(r"《[^》]{2,80}》(?:[(（〔][^)）]{0,40}[)）〕])?[;；。,，、]?\s*$")
_CONTENTS_LINE: Final = re.compile(r"[.…·]{3,80} ?[0-9]{0,3}\s*$")
_ATTACHMENTS: Final = re.compile("附件[:：]")
_ANNEX: Final = re.compile("附(?:件|表|录) ?(?:[0-9]{1,2}|[一二三四五六七八九十])?$")
_LEVEL_OF_RANK: Final = {0: 1, 1: 2, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5}


@dataclass(slots=True)
class Draft:
    """One section before spans and kinds are known. `number` 0: no marker."""

    rank: int
    level: int
    number: int
    start: int
    marker_start: int
    marker_end: int
    heading: Heading
    end: int  # of its paragraph
    form: str = ""
    confidence: float = 1.0
    doubtful: bool = False  # an unnumbered line that is a heading only if its surroundings say so
    followed: bool = False  # by a long paragraph or a marker


class Fault(NamedTuple):
    """A fault of the numbering, before the sections have their order."""

    draft: Draft
    reason: str
    confidence: float


def outline_report(report: NormalizedReport) -> SectionedReport:
    """The report with its section tree. Pure; one pass over the text.

    Every character of `text` belongs to exactly one innermost section, and sections overlap only by containing each
    other. Text without any heading is one section of kind `preamble`; an empty text has none.
    """
    text = report.text
    drafts, faults = place_unnumbered(text, list(find_drafts(text, report.document.title)))
    faults += numbering_faults(text, drafts)
    if text and (not drafts or text[: drafts[0].start].strip(_BLANK)):
        stop = drafts[0].start if drafts else len(text)
        drafts.insert(0, Draft(-1, 1, 0, 0, 0, 0, Heading(0, 0, 0, ""), stop))
    elif drafts:
        drafts[0].start = 0
    return _sectioned(report, drafts, faults)


# ── paragraphs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def paragraphs(text: str, marks: list[int] | None = None) -> Iterator[tuple[int, int]]:
    """Spans of the paragraphs that hold words. A page that came as one line, its paragraphs separated by spaces, is cut
    at those spaces. `marks` are the `boundaries` of the text, where the caller has them.
    """
    marks = boundaries(text) if marks is None else marks
    for line in _LINE.finditer(text):
        start, end = line.span()
        if end - start > _QUOTATION and _is_spaced(text, start, end, marks):
            yield from _pieces(text, start, end)
        else:
            yield start, end


def _is_spaced(text: str, start: int, end: int, marks: list[int]) -> bool:
    if text.find(" ", start, end) < 0 and text.find("\u3000", start, end) < 0:
        return False
    after_space = 0
    for at in marks[bisect_left(marks, start + 1) : bisect_left(marks, end)]:
        marker = marker_at(text, at, end) if text[at - 1] in _SPACES else None
        after_space += marker is not None and marker.form.rank < _ENUMERATOR_RANK
        if after_space >= _SPACED_MARKERS:
            return True
    return False


_GAP: Final = re.compile("[ \u3000]{1,200}")


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = start
    for gap in _GAP.finditer(text, start, end):
        if gap.end() >= end:
            break
        ended = text[gap.start() - 1] in "。:：;；!！?？”"
        if ended or marker_at(text, gap.end(), end) is not None or _is_bare_heading(text, piece, gap.start()):
            yield piece, gap.start()
            piece = gap.end()
    if piece < end:
        yield piece, end


def _is_bare_heading(text: str, start: int, end: int) -> bool:
    """A marker and title-like words, nothing else: the space after it ended its paragraph."""
    marker = marker_at(text, start, end)
    return marker is not None and 2 <= end - marker.end <= LINE_LENGTH and title_like(text[marker.end : end], LINE_LENGTH)


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Sequences:
    """The last number seen at each rank within the sections that are open."""

    def __init__(self) -> None:
        self.last = [0] * (_LAST_RANK + 1)

    def open(self, rank: int, number: int) -> None:
        self.last[rank:] = [number, *_ZEROS[rank + 1 :]]


def find_drafts(text: str, title: str | None = None) -> Iterator[Draft]:
    """Everything that opens a section, and the lines that may, in text order."""
    sequences = Sequences()
    marks = boundaries(text)
    spans = _joined(text, list(paragraphs(text, marks)))
    contents = _contents_end(text, spans)
    listing = False  # inside the list of attachments
    cursor = 0
    for index, (start, end) in enumerate(spans):
        first = cursor = bisect_left(marks, start + 1, cursor)
        cursor = bisect_left(marks, end, cursor)
        if start < contents or text.find("\t", start, end) >= 0:
            continue  # a line of the contents, a table row
        if _ATTACHMENTS.match(text, start, end):
            listing = True
            continue
        opening = marker_at(text, start, end)
        if opening is not None and not (listing and opening.form.rank > _BRACKETED) and _opens(text, opening, end):
            listing = False
            yield from Paragraph(text, (start, end), sequences, marks[first:cursor]).drafts(opening)
            continue
        listing = listing and opening is not None
        if end - start > _UNNUMBERED_LENGTH:
            if cursor > first:
                yield from Paragraph(text, (start, end), sequences, marks[first:cursor]).drafts(None)
        elif opening is None:
            line = _unnumbered_line(text, start, end, title)
            if line is not None:
                following = spans[index + 1] if index + 1 < len(spans) else (end, end)
                line.followed = following[1] - following[0] > _UNNUMBERED_LENGTH or _is_marked(text, following)
                yield line


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put a marker that stands alone on its line together with the line after it."""
    joined: list[tuple[int, int]] = []
    alone = False
    for start, end in spans:
        if alone:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        marker = marker_at(text, start, end) if end - start <= _MARKER_LENGTH and not alone else None
        alone = marker is not None and marker.end == end and marker.form.rank <= _BRACKETED
    return joined


def _contents_end(text: str, spans: list[tuple[int, int]]) -> int:
    """Where the report begins after a table of contents: at the line that its first entry announced."""
    for index, (start, end) in enumerate(spans[:_CONTENTS_LINES]):
        if _CONTENTS.match(text, start, end) and index + 1 < len(spans):
            first, last = spans[index + 1]
            entry = _CONTENTS_PAGE.sub("", text[first:last])
            again = text.find("\n" + entry, last) if len(entry) > 1 else -1
            return again + 1
    return 0


def _is_marked(text: str, span: tuple[int, int]) -> bool:
    return marker_at(text, *span) is not None


def _opens(text: str, marker: Marker, end: int) -> bool:
    """False where a marker at the start of a paragraph opens no section."""
    at = marker.end
    while at < end and text[at] in _BLANK:
        at += 1
    if at >= end:
        return False  # a number alone: of a page, or of a table cell
    if text[at] == "《" and _LISTED_TITLE.match(text, at, end):
        return False
    if text[end - 1] in _CONTENTS_END and _CONTENTS_LINE.search(text, max(at, end - _CONTENTS_TAIL), end):
        return False
    return not _in_quotation(text, marker.start)


def _in_quotation(text: str, at: int) -> bool:
    opened = text.rfind("“", max(0, at - _QUOTATION), at)
    if opened < 0 or text.rfind("”", opened, at) >= 0:
        return False
    closed = text.find("”", at, at + _QUOTATION)
    return closed >= 0 and text.find("“", at, closed) < 0


def _unnumbered_line(text: str, start: int, end: int, title: str | None) -> Draft | None:
    phrase = text[start:end].rstrip(_SPACES)
    if _ANNEX.match(phrase):
        return Draft(0, 1, 0, start, start, start, Heading(start, start + len(phrase), end, ""), end, "annex")
    bare = phrase.rstrip(":：。")
    if bare != phrase and not _says_kind(bare):
        return None
    if not title_like(bare) or LINES["furniture"].regex.search(bare) or (title and bare in title):
        return None
    return Draft(0, 1, 0, start, start, start, Heading(start, start + len(bare), end, ""), end, "line", doubtful=True)


def _says_kind(phrase: str) -> bool:
    return any(rule.regex.search(phrase) for rule in KINDS if not rule.weak)


class Paragraph:
    """One paragraph while it is read: sections open at its start, directly after a heading, or as a run of titles."""

    def __init__(self, text: str, span: tuple[int, int], sequences: Sequences, marks: list[int]) -> None:
        self.text = text
        self.start, self.end = span
        self.sequences = sequences  # of the report
        self.marks = marks  # where a marker may stand inside
        self.here = [0] * (_LAST_RANK + 1)  # as `sequences.last`, of this paragraph alone
        self.latest: Draft | None = None
        self.declined: dict[int, int] = {}  # rank → the last number that opened no section

    def drafts(self, opening: Marker | None) -> Iterator[Draft]:
        """The sections of the paragraph; `opening` is the marker at its start, if that may open one."""
        at = 0
        if opening is not None:
            strict = opening.form.rank == _ENUMERATOR_RANK
            heading = read_heading(self.text, opening.end, self.end, opening, strict=strict)
            if heading is not None:
                yield self._opened(opening, heading)
                at = heading.body_start
                yield from self._glued_to(heading)
        for mark in self.marks:
            if self.latest is not None:
                at = max(at, self.latest.heading.body_start, self.latest.marker_end)
            if mark < at:
                continue
            marker = marker_at(self.text, mark, self.end)
            if marker is None:
                continue
            heading = self._inner_heading(marker)
            if heading is None:
                self.declined[marker.form.rank] = marker.number
                at = marker.end
            else:
                yield self._opened(marker, heading)
                yield from self._glued_to(heading)

    def _glued_to(self, heading: Heading | None) -> Iterator[Draft]:
        """Sections whose markers are glued to the heading before them, so that no boundary announces them."""
        while heading is not None and heading.closed == "(":
            marker = marker_at(self.text, heading.body_start, self.end)
            heading = None if marker is None else self._inner_heading(marker)
            if marker is not None and heading is not None:
                yield self._opened(marker, heading)

    def _opened(self, marker: Marker, heading: Heading) -> Draft:
        form, rank, level, last = marker.form, marker.form.rank, marker.form.level, self.sequences.last
        if form.id == "arabic_half" and last[rank] != marker.number - 1 and 0 != last[rank - 1] == marker.number - 1:
            rank, level = rank - 1, level - 1  # 1. … 2) continues 1.
        self.sequences.open(rank, marker.number)
        self.here[rank:] = [marker.number, *_ZEROS[rank + 1 :]]
        self.latest = Draft(rank, level, marker.number, marker.start, marker.start, marker.end, heading, self.end, form.id)
        return self.latest

    def _inner_heading(self, marker: Marker) -> Heading | None:
        """The heading of a marker inside the paragraph, None where it enumerates without opening a section."""
        text, rank, number = self.text, marker.form.rank, marker.number
        before = text[marker.start - 1]
        if self.declined.get(rank) == number - 1 != 0 and rank != _ENUMERATOR_RANK:
            return None  # goes on with a list that opened no sections
        if _in_quotation(text, marker.start):
            return None
        if rank == _ENUMERATOR_RANK:
            # After ; the clause was closed as one of a list, and 全市第一,第二 are ranks.
            listed = before in ";；" or (before not in _ENDS and text[marker.start] in "第其")
            return None if listed else read_heading(text, marker.end, self.end, marker, strict=True)
        if self._follows_heading(marker):
            return read_heading(text, marker.end, self.end, marker)
        if before not in _ENDS or not self._may_start(rank, number, before):
            return None
        return read_heading(text, marker.end, self.end, marker, strict=number == 1)

    def _follows_heading(self, marker: Marker) -> bool:
        """Directly after a heading with words: a first child or the next sibling."""
        latest = self.latest
        if latest is None or marker.start != latest.heading.body_start or latest.heading.end == latest.heading.start:
            return False
        return marker.form.rank > latest.rank or (marker.form.rank == latest.rank and marker.number == latest.number + 1)

    def _may_start(self, rank: int, number: int, before: str) -> bool:
        """Whether a marker after a sentence may open a section: it goes on with a sequence, or starts one where the
        text does not merely announce a list."""
        if number > 1:
            return self.here[rank] == number - 1 or (rank <= _BRACKETED and self.sequences.last[rank] == number - 1)
        if rank > _BRACKETED and before in ":：":
            return False
        flat = (self.end - self.start) * 2 > len(self.text)  # most of the page is one line
        return rank == _NUMBERED_FROM or self.latest is not None or flat


# ── headings without a number ────────────────────────────────────────────────────────────────────────────────────────


def place_unnumbered(text: str, found: list[Draft]) -> tuple[list[Draft], list[Fault]]:
    """Give unnumbered headings their level, and leave out the lines that are none."""
    if not any(draft.doubtful for draft in found):
        return found, []
    ahead = _numbers_ahead(found)
    sequences = Sequences()
    parents: list[int] = []  # ranks of the open sections that are numbered or say a kind
    kept: list[Draft] = []
    faults: list[Fault] = []
    for draft, numbers in zip(found, ahead, strict=True):
        number = draft.number
        if draft.doubtful:
            in_annex = kept and kept[-1].form == "annex"  # the title of a table
            after_body = bool(kept) or draft.start > _FRONT
            if _fills_gap(draft, sequences, numbers):
                number = sequences.last[draft.rank] + 1
                faults.append(Fault(draft, "lost_number", 0.9))
            elif in_annex or not _place(text, draft, parents, sequences, numbers, after_body=after_body):
                continue
        if number or draft.form in ("kind", "annex"):
            while parents and parents[-1] >= draft.rank:
                parents.pop()
            parents.append(draft.rank)
            sequences.open(draft.rank, number)
        kept.append(draft)
    return kept, faults


def _numbers_ahead(found: list[Draft]) -> list[dict[int, int]]:
    """For each draft: rank → number of the next numbered draft of that rank that no outer one comes before, the
    nearest first.
    """
    ahead: list[dict[int, int]] = []
    view: dict[int, int] = {}
    for draft in reversed(found):
        ahead.append(view)
        if draft.number and draft.rank < _ENUMERATOR_RANK:
            view = {draft.rank: draft.number, **{rank: number for rank, number in view.items() if rank < draft.rank}}
    return ahead[::-1]


def _fills_gap(draft: Draft, sequences: Sequences, ahead: dict[int, int]) -> bool:
    """A line between (一) and (三), or before a first (二): its number was lost."""
    for rank, number in ahead.items():
        if _NUMBERED_FROM <= rank < _ENUMERATOR_RANK and number == sequences.last[rank] + 2:
            draft.rank, draft.level, draft.form = rank, _LEVEL_OF_RANK[rank], "lost"
            draft.confidence = 0.9
            return True
    return False


def _place(
    text: str, draft: Draft, parents: list[int], sequences: Sequences, ahead: dict[int, int], *, after_body: bool
) -> bool:
    """Set rank and level of a line without a number. False: nothing speaks for a heading."""
    phrase = text[draft.heading.start : draft.heading.end]
    says_kind = _says_kind(phrase)
    if not says_kind and not (draft.followed and after_body and LINES["opener"].regex.match(phrase)):
        return False
    draft.form, draft.confidence = ("kind", 0.85) if says_kind else ("topic", 0.7)
    top = parents[0] if parents else _NUMBERED_FROM
    next_rank, next_number = next(iter(ahead.items()), (_ENUMERATOR_RANK, 0))
    if next_number == 1 and next_rank < _ENUMERATOR_RANK and (says_kind or sequences.last[next_rank]):
        outer = [rank for rank in parents if rank < next_rank]
        rank = outer[-1] if outer else (0 if next_rank == _NUMBERED_FROM else _NUMBERED_FROM)
    elif says_kind and (not parents or ahead.get(top) != sequences.last[top] + 1):
        rank = top
    else:
        inner = [rank for rank in parents if rank <= _NUMBERED_FROM + 1]
        rank = max(inner[-1] + 1, _NUMBERED_FROM + 1) if inner else _NUMBERED_FROM
    draft.rank, draft.level = rank, _LEVEL_OF_RANK[rank]
    return True


# ── repairs and records ──────────────────────────────────────────────────────────────────────────────────────────────


def numbering_faults(text: str, drafts: list[Draft]) -> Iterator[Fault]:
    """Where the page's numbering is not what it should be; nothing is changed."""
    sequences = Sequences()
    signs: dict[int, str] = {}
    latest = [0] * (_LAST_RANK + 1)
    for draft in drafts:
        rank, number = draft.rank, draft.number
        if rank < 0 or rank >= _ENUMERATOR_RANK:
            continue
        if not number:
            sequences.open(rank, sequences.last[rank] + (draft.form == "lost"))
            continue
        before = sequences.last[rank]
        if number != before + 1 and number != latest[rank] + 1:  # numbers that run on across sections are no fault
            yield Fault(draft, *_order_fault(number, before))
        latest[rank] = number
        if draft.heading.closed == "(":
            yield Fault(draft, "glued_heading", 0.9)
        written = text[draft.marker_start : draft.marker_end]
        if draft.form == "arabic_half" or (draft.form == "chinese_bracketed" and written[0] not in "(（〔【㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩"):
            yield Fault(draft, "lost_bracket", 0.95)
        sign = written[-1]
        if before and signs.get(rank, sign) != sign:
            yield Fault(draft, "mixed_signs", 1.0)
        signs[rank] = sign
        sequences.open(rank, number)


def _order_fault(number: int, before: int) -> tuple[str, float]:
    if before == 0:
        return "late_start", 0.9
    if number == before:
        return "repeated_number", 0.9
    if number == 1:
        return "restarted", 0.85
    return ("skipped_number", 0.9) if number > before else ("out_of_order", 0.8)


def _ends(drafts: list[Draft], length: int) -> list[int]:
    """Where each section ends: at the next one that it does not contain."""
    ends = [length] * len(drafts)
    open_sections: list[int] = []
    for index, draft in enumerate(drafts):
        while open_sections and drafts[open_sections[-1]].rank >= draft.rank:
            ends[open_sections.pop()] = draft.start
        if draft.rank >= 0:
            open_sections.append(index)
        elif index + 1 < len(drafts):
            ends[index] = drafts[index + 1].start
    return ends


def _sectioned(report: NormalizedReport, drafts: list[Draft], faults: list[Fault]) -> SectionedReport:
    order_of = {id(draft): order for order, draft in enumerate(drafts, start=1)}
    repairs = sorted(
        (Repair(section=order_of[id(fault.draft)], reason=fault.reason, confidence=fault.confidence) for fault in faults),
        key=lambda repair: repair.section,
    )
    doubt = {id(fault.draft): fault.confidence for fault in faults}
    ends = _ends(drafts, len(report.text))
    kinds = decide_kinds(report.text, drafts, report.document.report_year)
    locator, source = report.alignment.locator(), report.source.text
    written = partial(locator.cut, source, markup=report.source.media_type == "text/html")
    sections = [
        Section(
            order=order,
            level=draft.level,
            marker=written(draft.marker_start, draft.marker_end) or None,
            heading=written(draft.heading.start, draft.heading.end),
            kind=kind,
            run_in=draft.heading.body_start < draft.end and bool(draft.number or draft.heading.end),
            text_start=draft.start,
            text_end=end,
            body_start=draft.heading.body_start,
            confidence=min(draft.confidence, doubt.get(id(draft), 1.0)),
        )
        for order, (draft, end, kind) in enumerate(zip(drafts, ends, kinds, strict=True), start=1)
    ]
    return SectionedReport.model_construct(**vars(report), sections=sections, repairs=repairs)
