"""Headings without a number: which lines are some, and where they belong."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Final

from services.sectioner.draft import DOUBTFUL, ENUMERATOR, LEVEL_OF_RANK, NUMBERED_FROM, Draft
from services.sectioner.drafts import says_kind
from services.sectioner.kinds import heading_kinds
from services.sectioner.lexicon import LINES
from services.sectioner.reader import ZEROS, ZEROS_FROM

#: A topic line needs words before it: within the first characters stand the title and its lines.
_FRONT: Final = 120
#: Lines over text from which on they are the headings of a report that numbers none.
_TOPICS: Final = 3
_STANDS_OVER_TEXT: Final = re.compile("[ \u3000\t:：]{0,8}\n[^\n。]{1,2000}。")
_FORM_OF: Final = itemgetter(Draft._fields.index("form"))


class _Sequences:
    """The last number seen at each rank within the sections that are open."""

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last = list(ZEROS)

    def open(self, rank: int, number: int) -> None:
        self.last[rank:] = ZEROS_FROM[rank]
        self.last[rank] = number


def place_unnumbered(text: str, found: list[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Give unnumbered headings their level, and leave out the lines that are none."""
    ahead = _numbers_ahead(found)
    if not ahead:
        return found, []
    last = max(ahead)
    found = _topics_placed(text, found)
    sequences = _Sequences()
    parents: list[int] = []  # ranks of the open sections that are numbered or say a kind
    kept: list[Draft] = []
    lost: list[Draft] = []
    for index, line in enumerate(found[: last + 1]):
        draft, number = line, line.number
        in_annex = bool(kept) and kept[-1].form == "annex"
        if draft.form == "caption":
            draft = _caption_placed(draft, parents, sequences, ahead[index])
        if draft.form == "caption" and not text.startswith("附", draft.start) and (in_annex or _is_titled(kept, draft)):
            continue  # the title of the annex's table
        if draft.form in ("line", "lone_line"):
            numbers = ahead[index]
            phrase = text[draft.heading.start : draft.heading.end]
            if LINES["title"].regex.search(phrase) and not text[: draft.start].strip():
                continue
            is_followed = draft.form == "line" and (bool(kept) or draft.start > _FRONT)
            gap = _gap(sequences, numbers)
            if gap is not None:
                number = sequences.last[gap] + 1
                draft = _placed(draft, gap, "lost", 0.9)
                lost.append(draft)
            elif in_annex or (place := _place(phrase, parents, sequences, numbers, is_followed=is_followed)) is None:
                continue
            else:
                draft = _placed(draft, *place)
        if number or draft.form in ("kind", "annex", "caption"):
            _open(draft.rank, number, parents, sequences)
        kept.append(draft)
    return kept + found[last + 1 :], lost


def _is_titled(kept: list[Draft], caption: Draft) -> bool:
    """Whether the line above is a caption, too: 附件 stands alone, its title below it."""
    return bool(kept) and kept[-1].form == "caption" and caption.start == kept[-1].heading.end + 1


def _open(rank: int, number: int, parents: list[int], sequences: _Sequences) -> None:
    while parents and parents[-1] >= rank:
        parents.pop()
    parents.append(rank)
    sequences.open(rank, number)


def _topics_placed(text: str, found: list[Draft]) -> list[Draft]:
    """The drafts of a report that numbers none of its headings: there three lines or more, each over a paragraph of
    sentences, are topics.
    """
    if any(draft.number and draft.rank < ENUMERATOR for draft in found):
        return found
    topics = {
        draft.start
        for draft in found
        if draft.form in ("line", "lone_line")
        and "\u4e00" <= text[draft.start] <= "\u9fff"
        and not says_kind(text[draft.heading.start : draft.heading.end])
        and _STANDS_OVER_TEXT.match(text, draft.heading.end)
    }
    if len(topics) < _TOPICS:
        return found
    return [_placed(draft, NUMBERED_FROM, "topic", 0.6) if draft.start in topics else draft for draft in found]


def _numbers_ahead(found: list[Draft]) -> dict[int, dict[int, int]]:
    """For each doubtful draft, by its index: rank → number of the next numbered draft of that rank that no outer one
    comes before, the nearest first.
    """
    if DOUBTFUL.isdisjoint(map(_FORM_OF, found)):
        return {}
    ahead: dict[int, dict[int, int]] = {}
    view: list[tuple[int, int]] = []  # rank and number, the nearest last
    for index in range(len(found) - 1, -1, -1):
        draft = found[index]
        if draft.form in DOUBTFUL:
            ahead[index] = dict(reversed(view))
        elif draft.number and draft.rank < ENUMERATOR:
            while view and view[-1][0] >= draft.rank:
                view.pop()
            view.append((draft.rank, draft.number))
    return ahead


def _placed(draft: Draft, rank: int, form: str, confidence: float) -> Draft:
    return draft._replace(rank=rank, level=LEVEL_OF_RANK[rank], form=form, confidence=confidence)


def _gap(sequences: _Sequences, ahead: dict[int, int]) -> int | None:
    """The rank whose sequence a line between (一) and (三), or before a first (二), belongs to: its number was lost."""
    for rank, number in ahead.items():
        if NUMBERED_FROM <= rank < ENUMERATOR and number == sequences.last[rank] + 2:
            return rank
    return None


def _caption_placed(draft: Draft, parents: list[int], sequences: _Sequences, ahead: dict[int, int]) -> Draft:
    """A table ends the report, unless the numbering goes on behind it: then it belongs to the section it stands in."""
    rank = parents[0] if parents else NUMBERED_FROM
    next_rank, next_number = next(iter(ahead.items()), (ENUMERATOR, 0))
    if next_rank < ENUMERATOR:
        rank = next_rank if next_number == 1 else min(next_rank + 1, ENUMERATOR - 1)
        if next_number > 1 and sequences.last[next_rank] + 1 != next_number:
            rank = max(rank, NUMBERED_FROM)
    return _placed(draft, rank, draft.form, 0.9)


def _place(
    phrase: str, parents: list[int], sequences: _Sequences, ahead: dict[int, int], *, is_followed: bool
) -> tuple[int, str, float] | None:
    """Rank, form and confidence of a line without a number; None where nothing speaks for a heading."""
    names_kind = says_kind(phrase)
    if not names_kind and not (is_followed and LINES["opener"].regex.match(phrase)):
        return None
    form, confidence = ("kind", 0.85) if names_kind else ("topic", 0.7)
    top = parents[0] if parents else NUMBERED_FROM
    next_rank, next_number = next(iter(ahead.items()), (ENUMERATOR, 0))
    if heading_kinds(phrase) == ["other"]:
        rank = top  # a glossary or a table belongs to no chapter
    elif next_number == 1 and next_rank < ENUMERATOR and (names_kind or sequences.last[next_rank]):
        outer = [rank for rank in parents if rank < next_rank]
        rank = outer[-1] if outer else (0 if next_rank == NUMBERED_FROM else NUMBERED_FROM)
    elif names_kind and (not parents or ahead.get(top) != sequences.last[top] + 1):
        rank = top
    else:
        inner = [rank for rank in parents if rank <= NUMBERED_FROM + 1]
        rank = max(inner[-1] + 1, NUMBERED_FROM + 1) if inner else NUMBERED_FROM
    return rank, form, confidence
