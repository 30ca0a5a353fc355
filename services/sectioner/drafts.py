"""What opens a section: markers at the start of paragraphs, markers inside them, and lines that may be headings."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Final

from services.sectioner.draft import BRACKETED, ENUMERATOR, UNREAD, Draft, unnumbered, with_heading
from services.sectioner.headings import read_heading, title_like
from services.sectioner.kinds import naming_rules
from services.sectioner.lexicon import LINES
from services.sectioner.numbering import BLANK, STARTS, marker_at
from services.sectioner.openings import CLOSERS, openings
from services.sectioner.paragraphs import paragraphs
from services.sectioner.reader import HALF_BRACKETED, QUOTATION, Reader, in_quotation

_START_OF: Final = itemgetter(Draft._fields.index("start"))
_SPACES: Final = " \u3000\t"
#: A line without a number is a heading only up to this length.
_LINE_HEADING: Final = 40
#: Of the one the heading is read in another way at the start of a line, of the other the rank goes by its surroundings.
_NEVER_READY: Final = frozenset(("enumerator", HALF_BRACKETED))
#: What stands before a marker that `openings` finds at the start of a line.
_SEARCHED: Final = ("\n", " ", "\u3000")
#: The name of a table; years, places and 件、万元 in brackets make it longer than a heading.
_CAPTION_LENGTH: Final = 60
_CAPTION_EDGE: Final = " \u3000\t:：。"
#: A quotation that a marker may stand in. Most reports have none, and then no marker is asked for the quotation around it.
_QUOTED_MARKER: Final = re.compile(
    f"“[^“”\n{CLOSERS}]{{0,{QUOTATION}}}+(?!”)[^“”]{{0,{QUOTATION}}}?(?:\n|(?!”)[{CLOSERS}][{STARTS}])"
    f"[^“”]{{0,{2 * QUOTATION}}}”"
)
_LISTED_TITLE: Final = LINES["listed_title"].regex
_ANNOUNCEMENT: Final = LINES["announcement"].regex
_COMMA: Final = re.compile("[,，]")
_FURNITURE: Final = LINES["furniture"].regex
_CONTENTS: Final = LINES["contents"].regex
_CONTENTS_LINES: Final = 12  # a table of contents begins within the first lines
_CONTENTS_ENTRIES: Final = 3  # so many lines that announce others are a table of contents, whatever stands above
_CONTENTS_ENTRY: Final = 80
_CONTENTS_PAGE: Final = re.compile("[ .…·\u3000]{0,80}[0-9]{0,3} {0,3}$")
_CONTENTS_LINE: Final = re.compile(r"[.…·]{3,80} ?[0-9]{0,3}\s{0,8}$")
_CONTENTS_END: Final = frozenset("0123456789.…· ")
_CONTENTS_TAIL: Final = 100
_AFTER_MARKER: Final = frozenset(BLANK + "《")  # what may follow a marker that opens no section
_ATTACHMENTS: Final = LINES["attachments"].regex
_ANNEX: Final = LINES["annex"].regex


def find_drafts(text: str, title: str | None = None) -> list[Draft]:  # noqa: C901, PLR0912 - a branch for each kind of line
    """Everything that opens a section, and the lines that may, in text order."""
    spans, markers = paragraphs(text, openings(text))
    contents = _contents_end(text, spans)
    tables = "\t" in text
    quoted = _QUOTED_MARKER.search(text) is not None
    reader = Reader(text, quoted=quoted)
    listing = False  # inside the list of attachments
    places = [*map(_START_OF, markers), len(text) + 1]
    cursor = 0
    for index, (start, end) in enumerate(spans):
        first = cursor  # no marker stands between two paragraphs
        while places[cursor] < end:
            cursor += 1
        if start < contents or (tables and text.find("\t", start, end) >= 0):
            continue  # a line of the contents, a table row
        if tables and index and _above_table(text, spans, index):
            caption = _caption(text, start, end)
            if caption is not None:
                reader.drafts.append(caption)
                continue
        opening: Draft | None = None
        if places[first] == start:
            opening = markers[first]
            first += 1
            if (
                first == cursor
                and opening.heading is not UNREAD
                and opening.form not in _NEVER_READY
                and text[end - 1] not in _CONTENTS_END
                and not (listing or (quoted and in_quotation(text, start)))
            ):  # nothing more need be asked, as in two paragraphs of three
                reader.drafts.append(opening)
                continue
        elif text[start - 1 : start] not in _SEARCHED:
            opening = marker_at(text, start, end)
        inside = markers[first:cursor]
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
        elif not (listing and opening.rank > BRACKETED) and _opens(text, opening, end, quoted=quoted):
            listing = False
            heading = read_heading(text, end, opening, strict=opening.rank == ENUMERATOR)
            reader.read(start, end, heading and with_heading(opening, heading, end), inside)
            continue
        if inside and end - start > _LINE_HEADING:
            reader.read(start, end, None, inside)
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
    return unnumbered(start, last, end, "caption")


def _contents_end(text: str, spans: list[tuple[int, int]]) -> int:
    """Where the report begins after a table of contents: at the line that its first entry announced."""
    for index, (start, end) in enumerate(spans[:_CONTENTS_LINES]):
        if text[start] == "目" and _CONTENTS.match(text, start, end) and index + 1 < len(spans):
            return _announced(text, *spans[index + 1])
        if _is_marked(text, (start, end)):
            entries = spans[index : index + _CONTENTS_ENTRIES]
            return _announced(text, start, end) if _are_entries(text, entries) else 0
    return 0


def _announced(text: str, start: int, end: int) -> int:
    """Where the line begins that the entry `text[start:end]` of a table of contents announces; 0 where none does."""
    entry = _CONTENTS_PAGE.sub("", text[start:end])
    return text.find("\n" + entry, end) + 1 if len(entry) > 1 else 0


def _are_entries(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether the lines are the first entries of a table of contents without its head: short, and each announces a line."""
    return len(lines) == _CONTENTS_ENTRIES and all(
        end - start <= _CONTENTS_ENTRY
        and _is_marked(text, (start, end))
        and text[end - 1] not in CLOSERS
        and _announced(text, start, end) > lines[-1][1]
        for start, end in lines
    )


def _is_marked(text: str, span: tuple[int, int]) -> bool:
    return marker_at(text, *span) is not None


def _opens(text: str, marker: Draft, end: int, *, quoted: bool) -> bool:
    """False where a marker at the start of a paragraph opens no section."""
    at = marker.marker_end
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
    return not (quoted and in_quotation(text, marker.start))


def _unnumbered_line(text: str, start: int, end: int, title: str | None, following: tuple[int, int]) -> Draft | None:
    phrase = text[start:end].rstrip(_SPACES)
    if _ANNEX.match(phrase):
        return unnumbered(start, start + len(phrase), end, "annex")
    bare = phrase.rstrip(":：。")
    if (title and bare in title) or _ANNOUNCEMENT.search(bare):
        return None
    if bare != phrase and (_COMMA.search(bare) or not says_kind(bare)):
        return None  # a sentence
    if _FURNITURE.search(bare) or not title_like(bare):
        return None
    followed = following[1] - following[0] > _LINE_HEADING or _is_marked(text, following)
    return unnumbered(start, start + len(bare), end, "line" if followed else "lone_line")


def says_kind(phrase: str) -> bool:
    """Whether the phrase alone names a kind of section."""
    return any(rule.regex.search(phrase) for rule in naming_rules(phrase))
