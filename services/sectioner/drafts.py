"""What opens a section: markers at the start of paragraphs, markers inside them, and lines that may be headings."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from services.sectioner.headings import Heading, plain_openings, read_heading, tells_in_full, title_like
from services.sectioner.lexicon import KINDS, LINES, any_sign
from services.sectioner.numbering import BLANK, CLOSERS, ENUMERATOR, STARTS, Marker, boundaries, marker_at
from services.sectioner.paragraphs import paragraphs

NUMBERED_FROM: Final = 2  # the rank of 一、
BRACKETED: Final = 3  # the rank of (一)
LEVEL_OF_RANK: Final = {0: 1, 1: 2, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5}
ZEROS: Final = (0,) * (ENUMERATOR + 1)
ZEROS_FROM: Final = tuple(ZEROS[rank:] for rank in range(ENUMERATOR + 1))
_SPACES: Final = " \u3000\t"
#: A line without a number is a heading only up to this length.
_LINE_HEADING: Final = 40
#: The name of a table; years, places and 件、万元 in brackets make it longer than a heading.
_CAPTION_LENGTH: Final = 60
_CAPTION_EDGE: Final = " \u3000\t:：。"
_CLAUSE_ENDS: Final = frozenset(",，)）”》")
_ENDS: Final = frozenset("。:：!！?？ \u3000")
#: A quotation that spans paragraphs is looked for this far back and ahead.
_QUOTATION: Final = 400
#: One that a marker may stand in. Most reports have none, and then no marker is asked for the quotation around it.
_QUOTED_MARKER: Final = re.compile(
    f"“[^“”\n{CLOSERS}]{{0,{_QUOTATION}}}+(?!”)[^“”]{{0,{_QUOTATION}}}?(?:\n|(?!”)[{CLOSERS}][{STARTS}])"
    f"[^“”]{{0,{2 * _QUOTATION}}}”"
)
_LISTED_TITLE: Final = re.compile(r"《[^》]{2,80}》(?:[(（〔][^)）]{0,40}[)）〕])?[;；。,，、]?\s{0,8}$")
_ANNOUNCEMENT: Final = LINES["announcement"].regex
_FURNITURE: Final = LINES["furniture"].regex
_DECISIVE: Final = tuple(rule for rule in KINDS if not rule.weak)
_NAMES_KIND: Final = any_sign(*(rule.holds for rule in _DECISIVE))
_CONTENTS: Final = re.compile("目 {0,8}[录次] {0,3}$")
_CONTENTS_LINES: Final = 12  # a table of contents begins within the first lines
_CONTENTS_PAGE: Final = re.compile("[ .…·\u3000]{0,80}[0-9]{0,3} {0,3}$")
_CONTENTS_LINE: Final = re.compile(r"[.…·]{3,80} ?[0-9]{0,3}\s{0,8}$")
_CONTENTS_END: Final = frozenset("0123456789.…· ")
_CONTENTS_TAIL: Final = 100
_AFTER_MARKER: Final = frozenset(BLANK + "《")  # what may follow a marker that opens no section
_ATTACHMENTS: Final = re.compile("附件[:：]")
_ANNEX: Final = re.compile("附(?:件|表|录) ?(?:[0-9]{1,2}|[一二三四五六七八九十])?$")


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


class Sequences:
    """The last number seen at each rank within the sections that are open."""

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last = [0] * (ENUMERATOR + 1)

    def open(self, rank: int, number: int) -> None:
        self.last[rank:] = ZEROS_FROM[rank]
        self.last[rank] = number


def find_drafts(text: str, title: str | None = None) -> list[Draft]:  # noqa: C901, PLR0912, PLR0915 - a branch for each kind of line
    """Everything that opens a section, and the lines that may, in text order."""
    marks = boundaries(text)
    spans = paragraphs(text, marks)
    contents = _contents_end(text, spans)
    tables = "\t" in text
    quoted = _QUOTED_MARKER.search(text) is not None
    openings = plain_openings(text)
    reader = _Reader(text, quoted=quoted)
    listing = False  # inside the list of attachments
    inside: list[int] = []
    marks.append(len(text) + 1)
    cursor = 0
    for index, (start, end) in enumerate(spans):
        if marks[cursor] < end:
            first = bisect_left(marks, start + 1, cursor)
            cursor = bisect_left(marks, end, first)
            inside = marks[first:cursor]
        elif inside:
            inside = []
        if start < contents or (tables and text.find("\t", start, end) >= 0):
            continue  # a line of the contents, a table row
        if tables and index and _above_table(text, spans, index):
            caption = _caption(text, start, end)
            if caption is not None:
                reader.drafts.append(caption)
                continue
        plain = openings.get(start)
        if (
            plain is not None
            and not listing
            and text[end - 1] not in _CONTENTS_END
            and not (quoted and _in_quotation(text, start))
        ):
            if inside:
                reader.read(start, end, *plain, inside)
            else:
                reader.open(end, *plain)
            continue
        opening = marker_at(text, start, end)
        if opening is None:
            if text[start] == "附" and _ATTACHMENTS.match(text, start, end):
                listing = True
                continue
            listing = False
            if end - start <= _LINE_HEADING:
                following = spans[index + 1] if index + 1 < len(spans) else (end, end)
                line = _unnumbered_line(text, start, end, title, following)
                if line is not None:
                    reader.drafts.append(line)
                continue
        elif not (listing and opening.form.rank > BRACKETED) and _opens(text, opening, end, quoted=quoted):
            listing = False
            heading = read_heading(text, opening.end, end, opening, strict=opening.form.rank == ENUMERATOR)
            reader.read(start, end, opening, heading, inside)
            continue
        if inside and end - start > _LINE_HEADING:
            reader.read(start, end, None, None, inside)
    return reader.drafts


def _above_table(text: str, spans: list[tuple[int, int]], index: int) -> bool:
    """Whether a table's first row follows, with at most a line on its units between."""
    for start, end in spans[index + 1 : index + 3]:
        if text.find("\t", start, end) >= 0:
            return True
        if end - start > _LINE_HEADING or LINES["units"].regex.search(text[start:end]) is None:
            return False
    return False


def _caption(text: str, start: int, end: int) -> Draft | None:
    """The line above a table that names it: 附件:2023年案件情况表, 表1 执法情况统计表."""
    last = end
    while last > start and text[last - 1] in _CAPTION_EDGE:
        last -= 1
    if last - start > _CAPTION_LENGTH or LINES["caption"].regex.search(text[start:last]) is None:
        return None
    if marker_at(text, start, end) is not None:
        return None
    return Draft(0, 1, 0, start, start, start, Heading(start, last, end, ""), end, "caption", doubtful=True)


def _contents_end(text: str, spans: list[tuple[int, int]]) -> int:
    """Where the report begins after a table of contents: at the line that its first entry announced."""
    for index, (start, end) in enumerate(spans[:_CONTENTS_LINES]):
        if text[start] == "目" and _CONTENTS.match(text, start, end) and index + 1 < len(spans):
            first, last = spans[index + 1]
            entry = _CONTENTS_PAGE.sub("", text[first:last])
            again = text.find("\n" + entry, last) if len(entry) > 1 else -1
            return again + 1
    return 0


def _is_marked(text: str, span: tuple[int, int]) -> bool:
    return marker_at(text, *span) is not None


def _opens(text: str, marker: Marker, end: int, *, quoted: bool) -> bool:
    """False where a marker at the start of a paragraph opens no section."""
    at = marker.end
    if at >= end:
        return False
    if text[at] in _AFTER_MARKER:
        while at < end and text[at] in BLANK:
            at += 1
        if at >= end:
            return False  # a number alone: of a page, or of a table cell
        if text[at] == "《" and _LISTED_TITLE.match(text, at, end):
            return False
    if text[end - 1] in _CONTENTS_END and _CONTENTS_LINE.search(text, max(at, end - _CONTENTS_TAIL), end):
        return False
    return not (quoted and _in_quotation(text, marker.start))


def _in_quotation(text: str, at: int) -> bool:
    opened = text.rfind("“", max(0, at - _QUOTATION), at)
    if opened < 0 or text.rfind("”", opened, at) >= 0:
        return False
    closed = text.find("”", at, at + _QUOTATION)
    return closed >= 0 and text.find("“", at, closed) < 0


def _unnumbered_line(text: str, start: int, end: int, title: str | None, following: tuple[int, int]) -> Draft | None:
    phrase = text[start:end].rstrip(_SPACES)
    if _ANNEX.match(phrase):
        return Draft(0, 1, 0, start, start, start, Heading(start, start + len(phrase), end, ""), end, "annex")
    bare = phrase.rstrip(":：。")
    if (title and bare in title) or (bare != phrase and not says_kind(bare)) or _ANNOUNCEMENT.search(bare):
        return None
    if not title_like(bare) or _FURNITURE.search(bare):
        return None
    followed = following[1] - following[0] > _LINE_HEADING or _is_marked(text, following)
    heading = Heading(start, start + len(bare), end, "")
    return Draft(0, 1, 0, start, start, start, heading, end, "line", doubtful=True, followed=followed)


def says_kind(phrase: str) -> bool:
    """Whether the phrase alone names a kind of section."""
    return _NAMES_KIND.search(phrase) is not None and any(rule.regex.search(phrase) for rule in _DECISIVE)


class _Reader:
    """The paragraphs of one report as they are read: sections open at their start, directly after a heading, or as a
    run of titles.
    """

    def __init__(self, text: str, *, quoted: bool) -> None:
        self.text = text
        self.quoted = quoted  # some marker may stand in a quotation
        self.drafts: list[Draft] = []
        self.last = list(ZEROS)  # rank → the last number within the sections that are open
        self.start = self.end = 0  # of the paragraph
        self.here = list(ZEROS)  # as `sequences.last`, of the paragraph alone
        self.latest: Draft | None = None  # of the paragraph
        self.declined: dict[int, int] = {}  # rank → the last number in the paragraph that opened no section

    def read(self, start: int, end: int, opening: Marker | None, heading: Heading | None, marks: list[int]) -> None:
        """Read one paragraph. `opening` and `heading` stand at its start, if a section opens there; `marks` are the
        places inside where a marker may stand.
        """
        self.start, self.latest = start, None
        if marks:
            self.here[:] = ZEROS
            self.declined.clear()
        at, self.end = start, end
        if opening is not None and heading is not None:
            self.open(end, opening, heading)
            at = heading.body_start if heading.closed != "(" else self._open_glued(opening, heading)
        if marks:
            self._read_inside(at, marks)

    def _read_inside(self, at: int, marks: list[int]) -> None:
        text = self.text
        for mark in marks:
            if mark < at or (text[mark - 1] in _CLAUSE_ENDS and "是" not in text[mark + 1 : mark + 4]):
                continue  # after a clause only enumerators are looked for
            marker = marker_at(text, mark, self.end)
            if marker is None:
                continue
            in_quotation = self.quoted and _in_quotation(text, mark)
            heading = None if in_quotation else self._inner_heading(marker)
            if heading is not None:
                self.open(self.end, marker, heading)
                at = self._open_glued(marker, heading)
            else:
                self.declined[marker.form.rank] = marker.number
                at = marker.end

    def _open_glued(self, marker: Marker, heading: Heading) -> int:
        """Open the sections whose markers are glued to the heading of the one before; returns where to read on."""
        while heading.closed == "(":
            glued = marker_at(self.text, heading.body_start, self.end)
            inner = None if glued is None or _in_quotation(self.text, glued.start) else self._inner_heading(glued)
            if glued is None or inner is None:
                break
            marker, heading = glued, inner
            self.open(self.end, marker, heading)
        return max(heading.body_start, marker.end)

    def open(self, paragraph_end: int, marker: Marker, heading: Heading) -> None:
        """Open the section of `marker`."""
        form, start, end, number = marker
        last, here = self.last, self.here
        rank, level = form.rank, form.level
        if form.id == "arabic_half" and last[rank] != number - 1 and 0 != last[rank - 1] == number - 1:
            rank, level = rank - 1, level - 1  # 1. … 2) continues 1.
        last[rank:] = here[rank:] = ZEROS_FROM[rank]
        last[rank] = here[rank] = number
        self.latest = draft = Draft(rank, level, number, start, start, end, heading, paragraph_end, form.id)
        self.drafts.append(draft)

    def _inner_heading(self, marker: Marker) -> Heading | None:
        """The heading of a marker inside the paragraph, None where it enumerates without opening a section."""
        text, rank, number = self.text, marker.form.rank, marker.number
        before = text[marker.start - 1]
        if self.declined.get(rank) == number - 1 != 0 and rank != ENUMERATOR:
            return None  # goes on with a list that opened no sections
        if rank == ENUMERATOR:
            return self._enumerated_heading(marker, before)
        if self._follows_heading(marker):
            return read_heading(text, marker.end, self.end, marker)
        if before not in _ENDS or not self._may_start(rank, number, before):
            return None
        return read_heading(text, marker.end, self.end, marker, strict=number == 1)

    def _enumerated_heading(self, marker: Marker, before: str) -> Heading | None:
        text, number = self.text, marker.number
        if before in ";；" or (before not in _ENDS and text[marker.start] in "第其"):
            return None  # the clause before it was closed as one of a list; 全市第一,第二 are ranks
        heading = read_heading(text, marker.end, self.end, marker, strict=True)
        if heading is None or number == 1 or self.declined.get(ENUMERATOR) != number - 1:
            return heading
        return None if tells_in_full(text[heading.start : heading.end]) else heading  # the one before it told, too

    def _follows_heading(self, marker: Marker) -> bool:
        """Directly after a heading with words: a first child or the next sibling."""
        latest = self.latest
        if latest is None or marker.start != latest.heading.body_start or latest.heading.end == latest.heading.start:
            return False
        return marker.form.rank > latest.rank or (
            marker.form.rank == latest.rank and marker.number == latest.number + 1
        )

    def _may_start(self, rank: int, number: int, before: str) -> bool:
        """Whether a marker after a sentence may open a section: it goes on with a sequence, or starts one where the
        text does not merely announce a list.
        """
        if number > 1:
            return self.here[rank] == number - 1 or (rank <= BRACKETED and self.last[rank] == number - 1)
        if rank > BRACKETED and before in ":：":
            return False
        flat = (self.end - self.start) * 2 > len(self.text)  # most of the page is one line
        return rank == NUMBERED_FROM or self.latest is not None or flat
