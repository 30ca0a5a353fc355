"""Where a heading ends, and which phrases can be one."""

from __future__ import annotations

import re
from typing import Final

from services.sectioner.draft import ENUMERATOR, UNREAD, Draft, Heading
from services.sectioner.lexicon import KINDS, LINES, SENTENCES, joined, members
from services.sectioner.numbering import glued_marker, marker_at

#: A run-in heading is at most this long (annotation guide, section 4).
TITLE_LENGTH: Final = 40
#: A heading alone on its line may be longer: three clauses of a chapter title reach 60 in reports.
LINE_LENGTH: Final = 80
#: A chapter's heading that stands alone and is closed by 。
_CHAPTER_LENGTH: Final = 60
#: The part before a comma stands for a whole heading only when it is short.
_CLAUSE_LENGTH: Final = 30
_COLON_LENGTH: Final = 34

#: A sentence that goes on beyond this is no heading, wherever it ends.
_READ: Final = 240

_CLOSER: Final = re.compile("[。;；!！?？:：]")
_DIGITS: Final = frozenset("0123456789")
_COMMA: Final = re.compile("[,，]")
_SIGNS: Final = "\\n\\t \u3000。;；:：!！?？.．·…0-9(（)）〔【《“①-⑳⑴-⒛㈠-㈩"
_QUOTED: Final = re.compile("《[^》]{0,80}》|“[^”]{0,40}”")
_SENTENCE: Final = joined(SENTENCES, "anywhere")
#: What such a rule can begin with: one fast search spares the slow one for nine phrases in ten.
_SENTENCE_FIRST: Final = re.compile("[" + "".join(rule.first for rule in SENTENCES if rule.where == "anywhere") + "]")
_TOLD: Final = re.compile(
    "|".join(f"(?:{rule.regex.pattern})" for rule in SENTENCES if rule.id in ("measured", "completed"))
)
_COMPLETED: Final = next(rule.regex for rule in SENTENCES if rule.id == "completed")
_START: Final = joined(SENTENCES, "start")
_START_FIRST: Final = members("".join(rule.first for rule in SENTENCES if rule.where == "start"))
_CLAUSE: Final = joined(SENTENCES, "clause")
_ADVERBIAL: Final = next(rule for rule in SENTENCES if rule.id == "adverbial_opening")
_NOUN_TAIL: Final = LINES["noun_tail"].regex
_RUN_ON: Final = LINES["run_on"].regex
_LATER: Final = joined(SENTENCES, "later")
#: Signs at which a plain phrase is asked whether a rule matches there.
_TELLING: Final = "".join(rule.first for rule in SENTENCES if rule.where == "anywhere")
_RUNNING_ON: Final = LINES["run_on"].first
_STARTING: Final = f"(?=[{''.join(rule.first for rule in SENTENCES if rule.where == 'start')}])(?:{_START.pattern})"
#: A stretch of a phrase without a sign that a rule looks at, and such a sign where no rule matches.
_STRETCH: Final = f"[^{_SIGNS}{_TELLING}{_RUNNING_ON}一、,，]{{0,{TITLE_LENGTH}}}+"
_HARMLESS: Final = (
    f"、(?<![一二三四五六七八九十].)|一(?!是)|[{_RUNNING_ON}](?<!(?={_RUN_ON.pattern}).)"
    f"|[{_TELLING}](?<![0-9])(?<!(?={_SENTENCE.pattern}).)|[,，](?!{_LATER.pattern}|{_STARTING})"
)
#: Most headings are a plain phrase closed by 。 or the end of the line, without a sign, a numeral or a space that a rule
#: looks at: all that `title_like` and the look for what is glued ask, in one pattern. What it leaves out the rules find.
PLAIN_PHRASE: Final = (
    f"(?!{_STARTING}|(?=[{_ADVERBIAL.first}])(?:{_ADVERBIAL.regex.pattern}))"
    # Atomic, not possessive: before Python 3.11.5 a possessive repetition of a group forgets a part of its last match.
    f"{_STRETCH}(?>(?:(?:{_HARMLESS}){_STRETCH}){{0,12}})"
)
_TOLD_IN_FULL: Final = LINES["told_in_full"].regex
_COMPLAINT: Final = next(rule.regex for rule in KINDS if rule.weak)
#: A gap that can end a heading: what follows it is neither a sign nor a quotation.
_GAP: Final = re.compile("[ \u3000]{1,200}(?=[\u4e00-\u9fff0-9])")
_CHAPTER_RANK: Final = 3
_SPACES: Final = " \u3000\t\n"


def title_like(phrase: str, longest: int = TITLE_LENGTH) -> bool:
    """Whether a phrase names something rather than tells something: no fact, no date, no agent that acts."""
    if not 2 <= len(phrase) <= longest:
        return False
    plain = _unquoted(phrase)
    if _SENTENCE_FIRST.search(plain) and _SENTENCE.search(plain):
        return False
    if plain[:1] in _START_FIRST and _START.match(plain) and not _NOUN_TAIL.search(plain):
        return False
    if "," not in plain and "，" not in plain:
        return True
    first, *later = _COMMA.split(plain)
    if _ADVERBIAL.regex.match(first):
        return False
    return not any(_LATER.match(clause.strip()) or _START.match(clause.strip()) for clause in later)


def _tells(phrase: str) -> bool:
    """A measured fact or a completed act: what even a heading on a line of its own does not hold. A date is no sign
    there: 一、2022年以来工作回顾.
    """
    plain = _unquoted(phrase)
    return _SENTENCE_FIRST.search(plain) is not None and _TOLD.search(plain) is not None


def _unquoted(phrase: str) -> str:
    """Without names and mottos: a number inside them is no fact."""
    return _QUOTED.sub("", phrase) if "《" in phrase or "“" in phrase else phrase


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


def read_heading(text: str, end: int, marker: Draft, *, strict: bool = False) -> Heading | None:
    """The heading behind `marker`, in the paragraph that ends at `end`.

    An empty heading means: the marker stands, but no title-like words follow it. With `strict` (enumerators and markers
    inside a paragraph) only a title-like phrase closed by 。 or : counts, and None says that there is none.
    """
    if strict and marker.rank == ENUMERATOR:
        return enumerated_heading(text, marker, end)
    if marker.heading is not UNREAD and not strict:
        return marker.heading
    start = _body_start(text, marker.marker_end, end)
    zone, sign = _closing(text, start, end)
    glued = glued_marker(text, start + 2, min(zone, start + LINE_LENGTH), marker)
    if glued is not None and title_like(text[start:glued]):
        return Heading(start, _stripped(text, start, glued), glued, "(")
    if not sign:
        return _line_heading(text, start, end, strict=strict)
    return _cut(text, start, zone, marker) or _sentence_heading(text, start, end, (zone, sign), marker, strict=strict)


def _closing(text: str, start: int, end: int) -> tuple[int, str]:
    """Where the first sentence ends and with which sign; the end of the paragraph and "" where none closes it."""
    stop = min(end, start + _READ)
    closer = _CLOSER.search(text, start, stop)
    while closer is not None and closer[0] in ":：":
        zone = closer.start()
        if text[zone - 1] not in _DIGITS or text[zone + 1 : zone + 2] not in _DIGITS:
            break
        closer = _CLOSER.search(text, zone + 1, stop)  # 9:30
    return (end, "") if closer is None else (closer.start(), closer[0])


def _sentence_heading(  # noqa: PLR0913 - the span, its closing sign and what stands before it
    text: str, start: int, end: int, closing: tuple[int, str], marker: Draft | None, *, strict: bool
) -> Heading | None:
    """The first sentence as a heading, else its first clause."""
    zone, sign = closing
    after = _body_start(text, zone + 1, end)
    chapter = marker is not None and marker.rank < _CHAPTER_RANK and after >= end
    closes = _closes(text, start, zone, sign, chapter=chapter) and (sign not in ";；" or (not strict and after >= end))
    if closes and not (strict and sign not in ":：" and _is_list_item(text, start, zone, after, end)):
        return Heading(start, _stripped(text, start, zone), after, sign)
    return None if strict else _comma_heading(text, start, zone, end)


def enumerated_heading(text: str, marker: Draft, end: int) -> Heading | None:
    """The title after 一是: closed by 。 or :, or alone on its line."""
    plain = marker.heading
    if plain.closed:
        return None if _is_list_item(text, plain.start, plain.end, plain.body_start, end) else plain
    start = _body_start(text, marker.marker_end, end)
    closer = _CLOSER.search(text, start, min(end, start + TITLE_LENGTH + 1))
    if closer is None:
        return _line_heading(text, start, end, strict=True) if end - start <= TITLE_LENGTH else None
    zone, sign = closer.start(), closer[0]
    after = _body_start(text, zone + 1, end)
    if sign in ";；" or not _closes(text, start, zone, sign, chapter=False):
        return None
    if sign not in ":：" and _is_list_item(text, start, zone, after, end):
        return None
    return Heading(start, _stripped(text, start, zone), after, sign)


def _closes(text: str, start: int, zone: int, sign: str, *, chapter: bool) -> bool:
    """Whether what stands before the closing sign is title-like, by the measure of that sign."""
    phrase = text[start:zone].rstrip()
    if sign in ":：":
        return title_like(phrase, _COLON_LENGTH)
    if sign in ";；":
        return _clause_title(phrase)
    if chapter:
        return len(phrase) <= _CHAPTER_LENGTH and not _tells(phrase)
    return title_like(phrase)


def _cut(text: str, start: int, zone: int, marker: Draft | None) -> Heading | None:
    """A heading that a space ended, or that the first sentence of its text is glued to."""
    if marker is None:
        return None
    if marker.rank <= _CHAPTER_RANK:
        run_on = _RUN_ON.search(text, start, min(zone, start + TITLE_LENGTH))
        if run_on is not None and title_like(text[start : run_on.end()]):
            return Heading(start, run_on.end(), run_on.end(), "(")
    gap = _GAP.search(text, start + 3, min(zone, start + TITLE_LENGTH))
    if gap is None or not title_like(text[start : gap.start()]):
        return None
    if text[gap.start() - 1] in "、,，“《(（":
        return None
    if len(gap[0]) == 1 and gap[0] == " " and title_like(text[start:zone]):
        return None  # a stray space
    return Heading(start, gap.start(), gap.end(), " ")


def _is_list_item(text: str, start: int, zone: int, after: int, end: int) -> bool:
    """An enumerated sentence that nothing follows but the next one, and that tells rather than names."""
    if after < end and marker_at(text, after, end) is None:
        return False
    return tells_in_full(text[start:zone])


def tells_in_full(phrase: str) -> bool:
    """Several clauses, an object, a meeting or a complaint: in an enumeration rather a sentence than the title of one."""
    return any(telling.search(phrase) for telling in (_TOLD_IN_FULL, _COMMA, _COMPLAINT))


def _line_heading(text: str, start: int, end: int, *, strict: bool) -> Heading | None:
    """A paragraph without a sentence's end is a heading as a whole, unless it is long or of several clauses and tells a
    fact: 落实20项改革任务 alone on its line is one.
    """
    stop = _stripped(text, start, end)
    phrase = text[start : min(stop, start + _READ)]
    if title_like(phrase):
        return Heading(start, stop, end, "")
    if not strict and 2 <= len(phrase) <= LINE_LENGTH:
        short = len(phrase) <= _CLAUSE_LENGTH and _COMMA.search(phrase) is None and not _COMPLETED.search(phrase)
        if short or not _tells(phrase):
            return Heading(start, stop, end, "")
    return None if strict else _comma_heading(text, start, stop, end)


def _comma_heading(text: str, start: int, zone: int, end: int) -> Heading:
    comma = _COMMA.search(text, start, min(zone, start + _CLAUSE_LENGTH + 1))
    if comma is not None and _clause_title(text[start : comma.start()]):
        return Heading(start, comma.start(), _body_start(text, comma.end(), end), ",")
    return Heading(start, start, start, "")
