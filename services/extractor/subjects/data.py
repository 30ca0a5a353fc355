"""The words and patterns of subjects, read from `words.toml` and `patterns.toml` and validated on load."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from shared.rules import RuleError, rules

if TYPE_CHECKING:
    import re

#: What joins an item of a list to the one beside it.
JOINING = rules("services.extractor", "rules/clauses").words("list_words")


@dataclass(frozen=True, slots=True)
class WordLists:
    """The lists of `words.toml` that ask whether a word is in them; the file says of each where it is asked for."""

    front: frozenset[str]
    agents: frozenset[str]
    tail: frozenset[str]
    light: frozenset[str]
    causative: frozenset[str]
    prepositions: frozenset[str]
    stop: frozenset[str]
    inner: frozenset[str]
    process: frozenset[str]
    empty_predicate: frozenset[str]
    total: frozenset[str]
    nominal: frozenset[str]
    dependent: frozenset[str]
    defining: frozenset[str]
    acts: frozenset[str]
    empty_verbs: frozenset[str]
    having: frozenset[str]
    outcomes: frozenset[str]
    fillers: frozenset[str]
    light_behind: frozenset[str]
    kept: frozenset[str]
    divided: frozenset[str]
    shared_base: frozenset[str]
    particles: frozenset[str]


def pattern(name: str) -> re.Pattern[str]:
    """The compiled pattern of `patterns.toml` with this id.

    Raises:
        RuleError: there is none.

    """
    return rules("services.extractor", "subjects/patterns").pattern(name)


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    source = files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    for name, entries in tomllib.loads(source).items():
        if not isinstance(entries, list) or not entries or not all(isinstance(word, str) and word for word in entries):
            raise RuleError(f"words.toml: {name}: write a list of words")
        lists[name] = tuple(entries)
    return lists


def words_of(name: str) -> tuple[str, ...]:
    """The list with this name, in its order (for endings and beginnings).

    Raises:
        RuleError: there is no such list.

    """
    found = _lists().get(name)
    if found is None:
        raise RuleError(f"words.toml: no list {name!r}; add it or correct the name")
    return found


@cache
def word_lists() -> WordLists:
    """The lists that are asked whether a word is in them."""
    return WordLists(**{name.name: frozenset(words_of(name.name)) for name in fields(WordLists)})
