"""What is known about one amount and its paragraph while subjects are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from services.extractor.subjects.data import words_of

_RELATIVE = words_of("relative_units")
_CASE_UNITS = words_of("case_units")
_CASE_NOUNS = ("案件", "纠纷", "行为", "案", "处罚", "违法", "企业", "单位")


@dataclass(slots=True)
class Part:
    """The surroundings of one amount: its own words before and behind, up to the neighbouring amounts and commas."""

    before: str
    after: str
    unit: str | None
    quantity: str
    joined: bool = False  # an item of a list that goes on behind it
    listed: bool = False  # an item of a list that an earlier amount began
    followed: bool = False  # the next amount stands in the same clause
    zero: bool = False
    event: str = ""  # 零投诉: what did not happen, behind its 零
    change: bool = False
    ahead: list[str] = field(default_factory=list)
    noun: list[str] = field(default_factory=list)
    among: list[str] = field(default_factory=list)  # 12个部门中有3个: the things of which some are counted
    said: list[str] = field(default_factory=list)
    compared: bool = False
    relative: bool = False  # …的3件: the noun is the one counted before
    actor: str = ""  # 26个调解组织调解纠纷851件: the bodies counted before it, which did what it counts
    benefit: str = ""  # 为76名工人追讨工资: for whom, where this amount is what they got
    possessor: bool = False  # 13个部门的37件案卷: the next amount counts what belongs to it
    next_clause: str = ""
    share: bool = False  # a part that 其中 opened a clause before: 其中投诉6件,举报3件
    bracketed: bool = False  # the first part of its whole without 其中: 行政诉讼31件(一审19件、二审12件)

    @property
    def opens_parts(self) -> bool:
        """Whether it is the first of the parts of what was counted before it."""
        return self.bracketed or "其中" in self.before


@dataclass(slots=True)
class Topic:
    """What a paragraph speaks of, as far as it was read."""

    noun: str = ""  # the noun counted last, in this sentence or before
    current: str = ""  # the same, in this sentence
    unit: str | None = None  # its unit
    lead: str = ""  # the words that a list of counts opened with
    ahead: str = ""  # what the clause directly before speaks of, where it holds no amount
    heading: str = ""
    parent: str = ""  # the verbs of the count that 其中 divides
    head: str = ""  # its noun
    pair: tuple[str, ...] = ()  # the two things that a list counted last
    context: str = ""  # the words of the sentence before the amount
    since: int = 0  # how many of its characters stand behind the amount before
    said: list[tuple[str, str | None]] = field(default_factory=list)  # subjects so far, with their units
    counted: dict[str, str] = field(default_factory=dict)  # the noun counted last, by its unit
    divided: tuple[str, str, str, str | None] | None = (
        None  # noun, current, spoken and unit of the whole that 其中 opened
    )
    shares: int = 0  # its parts so far
    activity: str = ""  # what this sentence's counts were done in: 专项检查12次,检查企业96家
    row: tuple[str, str | None] | None = None  # subject and unit of the number cell before it in a table's row
    _spoken: str | Callable[[], str] = ""

    @property
    def spoken(self) -> str:
        """The object of the last predicate, for rates; before the first amount, what the clause before it speaks of."""
        if not isinstance(self._spoken, str):
            self._spoken = self._spoken()
        return self._spoken

    @spoken.setter
    def spoken(self, spoken: str) -> None:
        self._spoken = spoken

    def open_sentence(self, spoken_ahead: Callable[[], str], heading: str) -> None:
        """Begin a sentence. What its first clause speaks of is read when it is first asked for: most amounts say enough."""
        self.heading, self.lead, self.current = heading, "", ""
        self.said, self._spoken = [], spoken_ahead
        if self.row is not None:
            self.said, self._spoken = [self.row], self.row[0]

    def last(self, unit: str | None, back: int = 1) -> str:
        """The subject that a comparison goes back to: the last one of the same unit, else the last one."""
        if back == 1 and unit not in _RELATIVE:
            for subject, own in reversed(self.said):
                if own == unit:
                    return subject
        return self.said[-back][0] if len(self.said) >= back else ""

    @property
    def last_counted(self) -> str:
        """The subject counted last in this sentence; its rates and changes are passed."""
        return next((subject for subject, unit in reversed(self.said) if unit not in _RELATIVE), "")

    @property
    def base(self) -> str:
        """What a short name is completed with: of this sentence only."""
        return self.spoken or self.current

    @property
    def state(self) -> tuple[str, str, str, str | None]:
        """What was counted last, and what was spoken of."""
        return self.noun, self.current, self.spoken, self.unit

    def go_back(self, state: tuple[str, str, str, str | None]) -> None:
        """Behind a bracket the words before it go on: 行政诉讼31件(一审19件、二审12件),审结26件."""
        self.noun, self.current, self.spoken, self.unit = state
        self.divided, self.shares, self.parent = None, 0, ""

    def divide(self) -> None:
        """其中 opens the parts of what was counted last."""
        self.divided, self.shares = self.state, 0

    def close_division(self) -> None:
        """Behind two parts and more the whole is spoken of again: 投诉6件、举报3件,办结率."""
        if self.divided is not None and self.shares > 1 and self.current:
            self.noun, self.current, self.spoken, self.unit = self.divided
        self.divided, self.shares = None, 0

    @property
    def cases(self) -> str:
        """What a penalty belongs to: the cases counted last in this sentence, not the papers or persons since."""
        said, unit = next(((said, unit) for said, unit in reversed(self.said) if unit in _CASE_UNITS), ("", None))
        counted = self.counted.get(unit or "", "")
        if counted and said.endswith(counted):
            return counted
        return self.base if self.base.endswith(_CASE_NOUNS) else ""

    def count(self, noun: str, unit: str | None) -> None:
        """Remember the noun that was counted."""
        self.noun = self.current = noun
        self.pair = ()
        self.unit = unit
        if unit is not None:
            self.counted.pop(unit, None)  # the unit counted last stands last
            self.counted[unit] = noun
