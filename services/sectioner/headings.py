"""Where a heading ends, and which phrases can be one."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from services.sectioner.lexicon import KINDS, LINES, SENTENCES, joined
from services.sectioner.numbering import Marker, glued_markers, marker_at

#: A run-in heading is at most this long (annotation guide, section 4).
TITLE_LENGTH: Final = 40
#: A heading alone on its line may be longer: three clauses of a chapter title reach 60 in reports.
LINE_LENGTH: Final = 80
#: The part before a comma stands for a whole heading only when it is short.
#: A chapter's heading that stands alone and is closed by 。
_CHAPTER_LENGTH: Final = 60
_CLAUSE_LENGTH: Final = 30
_COLON_LENGTH: Final = 34

_CLOSER: Final = re.compile("[。;；!！?？]|(?<![0-9])[:：]|[:：](?![0-9])")
_COMMA: Final = re.compile("[,，]")
_QUOTED: Final = re.compile("《[^》]{0,80}》|“[^”]{0,40}”")
_SENTENCE: Final = joined(SENTENCES, "anywhere")
#: In a heading on a line of its own a date is no sign of a sentence: 一、2022年以来工作回顾.
_TOLD: Final = re.compile("|".join(f"(?:{rule.regex.pattern})" for rule in SENTENCES if rule.id in ("measured", "completed")))
_START: Final = joined(SENTENCES, "start")
_CLAUSE: Final = joined(SENTENCES, "clause")
_OPENING: Final = next(rule.regex for rule in SENTENCES if rule.id == "adverbial_opening")
_NOUN_TAIL: Final = LINES["noun_tail"].regex
_RUN_ON: Final = LINES["run_on"].regex
_LATER: Final = joined(SENTENCES, "later")
_COMPLAINT: Final = next(rule.regex for rule in KINDS if rule.weak)
#: A gap that can end a heading: what follows it is neither a sign nor a quotation.
_GAP: Final = re.compile("(?<=[\u4e00-\u9fff”》)）])[ \u3000]{1,200}(?=[\u4e00-\u9fff0-9])")
_CHAPTER_RANK: Final = 3
_SPACES: Final = " \u3000\t\n"
_NEEDS_STRIPPING: Final = frozenset("《“")


class Heading(NamedTuple):
    """`start:end` is the heading, without marker and closing punctuation; the body starts at `body_start`."""

    start: int
    end: int
    body_start: int
    closed: str  # what closed it: one of 。 : ; , a space, "" for the end of the paragraph, "(" for a glued marker


def title_like(phrase: str, longest: int = TITLE_LENGTH) -> bool:
    """Whether a phrase names something rather than tells something: no fact, no date, no agent that acts."""
    if not 2 <= len(phrase) <= longest:
        return False
    plain = _unquoted(phrase)
    if _SENTENCE.search(plain) or (_START.match(plain) and not _NOUN_TAIL.search(plain)):
        return False
    first, *later = _COMMA.split(plain)
    if later and _OPENING.match(first):
        return False
    return not any(_LATER.match(clause.strip()) or _START.match(clause.strip()) for clause in later)


def _unquoted(phrase: str) -> str:
    """Without names and mottos: a number inside them is no fact."""
    return phrase if _NEEDS_STRIPPING.isdisjoint(phrase) else _QUOTED.sub("", phrase)


def _clause_title(phrase: str) -> bool:
    return title_like(phrase, _CLAUSE_LENGTH) and not _CLAUSE.match(phrase)


def _body_start(text: str, at: int, end: int) -> int:
    while at < end and text[at] in _SPACES:
        at += 1
    return at


def _stripped(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _SPACES:
        end -= 1
    return end


def _glued(text: str, start: int, zone: int, marker: Marker | None) -> int | None:
    """Where a heading ends because the next marker is glued to it."""
    rank, number = (marker.form.rank, marker.number) if marker is not None else (-1, 0)
    for following in glued_markers(text, start + 2, min(zone, start + LINE_LENGTH)):
        child = following.form.rank > rank and following.number == 1
        sibling = following.form.rank == rank and following.number == number + 1
        if child or sibling:
            return following.start
    return None


def read_heading(text: str, start: int, end: int, marker: Marker | None = None, *, strict: bool = False) -> Heading | None:
    """The heading that starts at `start` in the paragraph that ends at `end`.

    An empty heading means: the marker stands, but no title-like words follow it. With `strict` (enumerators and markers
    inside a paragraph) only a title-like phrase closed by 。 or : counts, and None says that there is none.
    """
    start = _body_start(text, start, end)
    closer = _CLOSER.search(text, start, end)
    zone = closer.start() if closer is not None else end
    glued = _glued(text, start, zone, marker)
    if glued is not None and title_like(text[start:glued]):
        return Heading(start, _stripped(text, start, glued), glued, "(")
    if closer is None:
        return _line_heading(text, start, end, strict=strict)
    cut = _cut(text, start, zone, marker)
    if cut is not None:
        return cut
    sign = closer[0]
    after = _body_start(text, zone + 1, end)
    if sign in ":：":
        closes = title_like(text[start:zone], _COLON_LENGTH)
    elif sign in ";；":
        closes = not strict and after >= end and _clause_title(text[start:zone])
    elif marker is not None and marker.form.rank < _CHAPTER_RANK and after >= end:
        closes = zone - start <= _CHAPTER_LENGTH and not _TOLD.search(_unquoted(text[start:zone]))
    else:
        closes = title_like(text[start:zone].rstrip())
    if closes and not (strict and sign not in ":：" and _is_list_item(text, start, zone, after, end)):
        return Heading(start, _stripped(text, start, zone), after, sign)
    return None if strict else _comma_heading(text, start, zone, end)


def _cut(text: str, start: int, zone: int, marker: Marker | None) -> Heading | None:
    """A heading that a space ended, or that the first sentence of its text is glued to."""
    if marker is None or marker.form.rank > _CHAPTER_RANK:
        run_on = None
    else:
        run_on = _RUN_ON.search(text, start, min(zone, start + TITLE_LENGTH))
    if run_on is not None and title_like(text[start : run_on.end()]):
        return Heading(start, run_on.end(), run_on.end(), "(")
    gap = _GAP.search(text, start + 3, min(zone, start + TITLE_LENGTH))
    if gap is None or not title_like(text[start : gap.start()]):
        return None
    if len(gap[0]) == 1 and gap[0] == " " and title_like(text[start:zone]):
        return None  # a stray space
    return Heading(start, gap.start(), gap.end(), " ")


def _is_list_item(text: str, start: int, zone: int, after: int, end: int) -> bool:
    """An enumerated sentence that nothing follows but the next one, and that tells rather than names."""
    if after < end and marker_at(text, after, end) is None:
        return False
    phrase = text[start:zone]
    return _COMMA.search(phrase) is not None or _COMPLAINT.search(phrase) is not None


def _line_heading(text: str, start: int, end: int, *, strict: bool) -> Heading | None:
    """A paragraph without a sentence's end is a heading as a whole, unless it tells a fact."""
    stop = _stripped(text, start, end)
    phrase = text[start:stop]
    if title_like(phrase) or (not strict and 2 <= len(phrase) <= LINE_LENGTH and not _TOLD.search(_unquoted(phrase))):
        return Heading(start, stop, end, "")
    return None if strict else _comma_heading(text, start, stop, end)


def _comma_heading(text: str, start: int, zone: int, end: int) -> Heading:
    comma = _COMMA.search(text, start, zone)
    if comma is not None and _clause_title(text[start : comma.start()]):
        return Heading(start, comma.start(), _body_start(text, comma.end(), end), ",")
    return Heading(start, start, start, "")
