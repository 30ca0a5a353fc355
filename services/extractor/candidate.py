"""What the metric mapper may look at: the contract between reading a fact and naming its metric.

    context.py ── Candidate (+ what was mapped before it) ──▶ map_metric ──▶ Mapping

All texts are simplified and width-folded (slices of the report's `text`), except where a comment says otherwise.
Numbers are still inside the texts: a pattern that wants "受理" to stand before the number matches against `before`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.events import Modality

#: Characters of context on each side of a number, and of a sentence. The longest sentence of the reference's four
#: annotated reports has 331 characters; one-line pages and hostile ones have no bound of their own.
MAX_CONTEXT = 400
#: Preceding clauses of the sentence that a mapper may see. Enumerations of outcomes run to about a dozen clauses.
MAX_PRECEDING = 16
#: Earlier facts of the same paragraph that a mapper may see.
MAX_PREVIOUS = 16


@dataclass(slots=True, eq=False)
class Around:
    """What stands around a number beyond its clause."""

    preceding: tuple[str, ...] = ()  # earlier clauses of the sentence, in text order, at most MAX_PRECEDING
    following: str = ""  # the next clause of the sentence, or ""
    lead: str = ""  # the sentence before, where it is a title without a figure: 加强人民调解。全年受理860件
    topic: str = ""  # the first clause of the paragraph (often its topic sentence), bounded; "" where it is the clause, or of another section
    subset: bool = False  # opened by 其中, or an item of a list that 其中 opened


@dataclass(slots=True, eq=False)
class Candidate:
    """One fact before it has a metric. Nobody changes it; it is not frozen, because that takes four times as long to make.

    `clause` is the stretch between commas, semicolons or sentence ends that holds the number (list items joined by 、
    stay together in one clause); `before + number_text + after == clause`, with `number_text` as it stands in `text`. Only
    what did not happen (零投诉) is moved to the end of `before`, where what is counted stands elsewhere.
    """

    number_text: str
    value: float
    unit: str | None = None
    subject: str = ""  # simplified noun phrase, complete without the sentence, no number in it
    counted: str = ""  # the nearest noun phrase or rate name that the number belongs to: 合格率, 批次, 人大代表建议
    change: str | None = None  # "increase" or "decrease" where the number is itself an amount of change
    modality: Modality = "actual"
    scope: str | None = None

    clause: str = ""
    before: str = ""  # text of the clause before the number, nearest characters last
    after: str = ""  # text of the clause after the number
    headings: tuple[str, ...] = ()  # simplified headings from the outermost section to the innermost, without markers
    heads: tuple[str, ...] = ()  # a table cell's row head and column heads; () outside tables

    start: int = 0  # span of number_text in the report's `text`
    end: int = 0
    sentence_start: int = 0  # facts of one sentence share it
    paragraph_start: int = 0  # facts of one paragraph (or table row) share it
    part_of: int | None = None  # `start` of the fact of which this one is the part of an area or a level

    look_around: Callable[[], Around] = Around
    _around: Around | None = field(default=None, init=False)

    @property
    def around(self) -> Around:
        """What stands around it, looked for when it is first asked for: the words of half of the facts decide alone."""
        if self._around is None:
            self._around = self.look_around()
        return self._around


@dataclass(slots=True)
class Mapping:
    """The mapper's answer. `metric` is None where it abstains; `rule` is the id of the pattern that fired or that
    made it abstain, None where nothing matched. `confidence` is 0 … 1, of the metric, or of the abstention.
    """

    metric: str | None
    confidence: float
    rule: str | None


@dataclass(slots=True, eq=False)
class Mapped:
    """A candidate with its answer: what later facts of the paragraph may look back at."""

    candidate: Candidate
    mapping: Mapping


NO_MAPPING = Mapping(None, 0.0, None)


class Mapper(Protocol):
    """`services.extractor.mapping.map_metric`.

    `previous` holds the earlier facts of the same paragraph in text order, at most MAX_PREVIOUS of them, so that
    "收到案件154件,受理134件,审结110件" can carry the noun that stands only once.
    """

    def __call__(self, candidate: Candidate, previous: Sequence[Mapped] = ()) -> Mapping: ...


def map_nothing(candidate: Candidate, previous: Sequence[Mapped] = ()) -> Mapping:  # noqa: ARG001 - the protocol
    """A mapper that knows no metric: for reading facts without a catalogue."""
    return NO_MAPPING
