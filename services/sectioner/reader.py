"""One paragraph after the other: sections open at its start, directly after a heading, or as a run of titles."""

from __future__ import annotations

from typing import Final

from services.sectioner.draft import BRACKETED, ENUMERATOR, NUMBERED_FROM, Draft, Heading, with_heading
from services.sectioner.headings import enumerated_heading, read_heading, tells_in_full
from services.sectioner.numbering import marker_at

ZEROS: Final = (0,) * (ENUMERATOR + 1)
ZEROS_FROM: Final = tuple(ZEROS[rank:] for rank in range(ENUMERATOR + 1))
_ENDS: Final = frozenset("。:：!！?？ \u3000")
HALF_BRACKETED: Final = "arabic_half"
#: A quotation that spans paragraphs is looked for this far back and ahead.
QUOTATION: Final = 400


def in_quotation(text: str, at: int) -> bool:
    """Whether a quotation, of several paragraphs perhaps, is open at `at`."""
    opened = text.rfind("“", max(0, at - QUOTATION), at)
    if opened < 0 or text.rfind("”", opened, at) >= 0:
        return False
    closed = text.find("”", at, at + QUOTATION)
    return closed >= 0 and text.find("“", at, closed) < 0


class Reader:
    """The paragraphs of one report as they are read: sections open at their start, directly after a heading, or as a
    run of titles.
    """

    def __init__(self, text: str, *, quoted: bool) -> None:
        self.text = text
        self.quoted = quoted  # some marker may stand in a quotation
        self.drafts: list[Draft] = []
        self.start = self.end = 0  # of the paragraph
        self.first = 0  # draft of the paragraph
        self.counted = 0  # drafts that `last` and `opened` know of
        self.last = list(ZEROS)  # rank → the last number within the sections that are open
        self.opened = list(ZEROS)  # rank → which draft has that number
        self.latest: Draft | None = None  # of the paragraph
        self.declined: dict[int, int] = {}  # rank → the last number in the paragraph that opened no section

    def read(self, start: int, end: int, opening: Draft | None, inside: list[Draft]) -> None:
        """Read one paragraph. `opening` is the section that opens at its start, if one does; `inside` are the markers
        inside it.
        """
        self.start, self.end, self.first, self.latest = start, end, len(self.drafts), None
        self.declined.clear()
        at = start
        if opening is not None:
            at = self._open_glued(opening) if opening.heading.closed == "(" else self._open(opening).heading.body_start
        if inside:
            self._read_inside(at, inside)

    def _read_inside(self, at: int, inside: list[Draft]) -> None:
        text = self.text
        for marker in inside:
            start = marker.start
            if start < at or text[start - 1] == "\n":
                continue  # read already, or behind a marker that stood alone on its line
            heading = None if self.quoted and in_quotation(text, start) else self._inner_heading(marker)
            if heading is not None:
                at = self._open_glued(with_heading(marker, heading, self.end))
            else:
                self.declined[marker.rank] = marker.number
                at = marker.marker_end

    def _open_glued(self, draft: Draft) -> int:
        """Open a section, and those whose markers are glued to the heading before; returns where to read on."""
        draft = self._open(draft)
        while draft.heading.closed == "(":
            glued = marker_at(self.text, draft.heading.body_start, self.end)
            inner = None if glued is None or in_quotation(self.text, glued.start) else self._inner_heading(glued)
            if glued is None or inner is None:
                break
            draft = self._open(with_heading(glued, inner, self.end))
        return max(draft.heading.body_start, draft.marker_end)

    def _open(self, draft: Draft) -> Draft:
        """Open a section; returns it as it stands in the sequences."""
        if draft.form == HALF_BRACKETED:
            self._count()
            before = draft.number - 1
            if self.last[draft.rank] != before and 0 != self.last[draft.rank - 1] == before:
                draft = draft._replace(rank=draft.rank - 1, level=draft.level - 1)  # 1. … 2) continues 1.
        self.latest = draft
        self.drafts.append(draft)
        return draft

    def _count(self) -> None:
        """Bring `last` up to the drafts: asked for by few reports, and then for few of their markers."""
        for index in range(self.counted, len(self.drafts)):
            draft = self.drafts[index]
            if draft.marker_end > draft.start:
                self.last[draft.rank :] = ZEROS_FROM[draft.rank]
                self.last[draft.rank], self.opened[draft.rank] = draft.number, index
        self.counted = len(self.drafts)

    def _inner_heading(self, marker: Draft) -> Heading | None:
        """The heading of a marker inside the paragraph, None where it enumerates without opening a section."""
        text, rank, number = self.text, marker.rank, marker.number
        before = text[marker.start - 1]
        if self.declined.get(rank) == number - 1 != 0 and rank != ENUMERATOR:
            return None  # goes on with a list that opened no sections
        if rank == ENUMERATOR:
            return self._enumerated_heading(marker, before)
        if self._follows_heading(marker):
            return read_heading(text, self.end, marker)
        if before not in _ENDS or not self._may_start(rank, number, before):
            return None
        return read_heading(text, self.end, marker, strict=number == 1 or self.last[rank] != number - 1)

    def _enumerated_heading(self, marker: Draft, before: str) -> Heading | None:
        text, number = self.text, marker.number
        if before in ";；" or (before not in _ENDS and text[marker.start] in "第其"):
            return None  # the clause before it was closed as one of a list; 全市第一,第二 are ranks
        heading = enumerated_heading(text, marker, self.end)
        if heading is None or number == 1 or self.declined.get(ENUMERATOR) != number - 1:
            return heading
        return None if tells_in_full(text[heading.start : heading.end]) else heading  # the one before it told, too

    def _follows_heading(self, marker: Draft) -> bool:
        """Directly after a heading with words: a first child or the next sibling."""
        latest = self.latest
        if latest is None or marker.start != latest.heading.body_start or latest.heading.end == latest.heading.start:
            return False
        return marker.rank > latest.rank or (marker.rank == latest.rank and marker.number == latest.number + 1)

    def _may_start(self, rank: int, number: int, before: str) -> bool:
        """Whether a marker after a sentence may open a section: it goes on with a sequence, or starts one where the
        text does not merely announce a list.
        """
        if number > 1:
            self._count()
            if rank == BRACKETED and number - self.last[rank] in (0, 2) and self.last[rank]:
                return self._is_on_one_line()  # repeated or skipped, where no line tells it apart
            return self.last[rank] == number - 1 and (rank <= BRACKETED or self.opened[rank] >= self.first)
        if rank > BRACKETED and before in ":：":
            return False
        return rank == NUMBERED_FROM or self.latest is not None or self._is_on_one_line()

    def _is_on_one_line(self) -> bool:
        """Whether this paragraph is most of the page."""
        return (self.end - self.start) * 2 > len(self.text)
