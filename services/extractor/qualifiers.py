"""Hedges: 近, 约, 超, 以上, 以内 … (`qualifiers.toml`), and which of two wins."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, get_args

from shared.events import Qualifier

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Characters of a hedge with the verb that it reaches over: 不少于组织开展.
MAX_OVER = 7


@dataclass(slots=True)
class Hedge:
    """A hedge found beside a number: its qualifier and where it ends (after) or begins (before)."""

    qualifier: Qualifier
    edge: int


@dataclass(frozen=True, slots=True)
class _Hedges:
    before: Mapping[str, tuple[tuple[str, Qualifier], ...]]  # by last character, longest first
    after: Mapping[str, tuple[tuple[str, Qualifier], ...]]  # by first character, longest first
    only_after_duration: frozenset[str]
    weak: frozenset[str]  # a hedge only where another one stands behind the unit: 控制在…以内
    not_in: tuple[str, ...]  # words that end like a hedge: 预约, 最近
    not_opening: tuple[str, ...]  # words that begin like one: 许可, 多部门
    over_verb: Mapping[str, Qualifier]  # hedges that reach over a verb: 至少配备2名


@cache
def _hedges() -> _Hedges:
    before: dict[str, list[tuple[str, Qualifier]]] = {}
    after: dict[str, list[tuple[str, Qualifier]]] = {}
    durations: set[str] = set()
    weak: set[str] = set()
    not_in: list[str] = []
    not_opening: list[str] = []
    over_verb: dict[str, Qualifier] = {}
    source = tomllib.loads(files(__package__).joinpath("qualifiers.toml").read_text(encoding="utf-8"))
    for hedge in source["hedge"]:
        if hedge["qualifier"] not in get_args(Qualifier):
            raise ValueError(f"qualifiers.toml: {hedge['id']} has an unknown qualifier")
        weak.update(hedge.get("before_needs_after", ()))
        not_in += hedge.get("not_in", ())
        not_opening += hedge.get("not_opening", ())
        durations.update(hedge.get("only_after_duration", ()))
        over_verb |= dict.fromkeys(hedge.get("over_verb", ()), hedge["qualifier"])
        for word in hedge["before"]:
            before.setdefault(word[-1], []).append((word, hedge["qualifier"]))
        for word in hedge["after"]:
            after.setdefault(word[0], []).append((word, hedge["qualifier"]))

    return _Hedges(
        before=_longest_first(before),
        after=_longest_first(after),
        only_after_duration=frozenset(durations),
        weak=frozenset(weak),
        not_in=tuple(not_in),
        not_opening=tuple(not_opening),
        over_verb=over_verb,
    )


def _longest_first(table: dict[str, list[tuple[str, Qualifier]]]) -> dict[str, tuple[tuple[str, Qualifier], ...]]:
    return {c: tuple(sorted(group, key=_shortness)) for c, group in table.items()}


def _shortness(hedge: tuple[str, Qualifier]) -> int:
    return -len(hedge[0])


def hedge_before(text: str, at: int, floor: int) -> Hedge | None:
    """The hedge that ends at `text[at]`, not reaching below `floor`; one space may stand between."""
    end = at - 1 if at > floor and text[at - 1] == " " else at
    if end <= floor:
        return None
    hedges = _hedges()
    for word, qualifier in hedges.before.get(text[end - 1], ()):
        if word not in hedges.weak and end - len(word) >= floor and text.endswith(word, floor, end):
            if text.endswith(hedges.not_in, floor, end):
                return None
            return Hedge(qualifier, end - len(word))
    return _hedge_over_verb(text, end, floor)


def _hedge_over_verb(text: str, end: int, floor: int) -> Hedge | None:
    """至少配备2名: the hedge that stands before the verb; the number begins behind it."""
    ahead = text[max(floor, end - MAX_OVER) : end]
    for word, qualifier in _hedges().over_verb.items():
        if word in ahead and ahead.rpartition(word)[2].isalpha():
            return Hedge(qualifier, end)
    return None


def hedge_after(text: str, at: int, *, duration: bool) -> Hedge | None:
    """The hedge that begins at `text[at]`. 内 counts only where the unit is a `duration`."""
    hedges = _hedges()
    for word, qualifier in hedges.after.get(text[at : at + 1], ()):
        if text.startswith(word, at) and (duration or word not in hedges.only_after_duration):
            return None if text.startswith(hedges.not_opening, at) else Hedge(qualifier, at + len(word))
    return None
