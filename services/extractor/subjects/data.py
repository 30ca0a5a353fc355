"""The words and patterns of subjects, read from `words.toml` and `patterns.toml` and validated on load."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Word = Annotated[str, StringConstraints(min_length=1, max_length=12)]


class SubjectPattern(BaseModel):
    """One pattern of `patterns.toml`, with the examples that the test suite runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z_]{3,40}$")]
    meaning: Annotated[str, StringConstraints(min_length=10)]
    pattern: str
    how: Literal["search", "match"] = "search"
    yes: tuple[str, ...] = Field(min_length=1)
    no: tuple[str, ...] = Field(min_length=1)

    def finds(self, text: str) -> bool:
        """Whether the pattern is found in `text`, in the way that it is asked for."""
        expression = pattern(self.id)
        return (expression.search(text) if self.how == "search" else expression.match(text)) is not None


class _Patterns(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pattern: tuple[SubjectPattern, ...]


class SubjectDataError(ValueError):
    """A file of words or patterns is wrong; the message names file and place and says what to change."""


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


def _read(name: str) -> dict[str, object]:
    try:
        return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SubjectDataError(f"{name}: not TOML: {error}") from error


@cache
def subject_patterns() -> dict[str, SubjectPattern]:
    """All patterns by id.

    Raises:
        SubjectDataError: a fault of the file, with its place.

    """
    try:
        found = _Patterns.model_validate(_read("patterns.toml")).pattern
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise SubjectDataError(f"patterns.toml: {place}: {first['msg']}") from error
    by_id = {entry.id: entry for entry in found}
    if len(by_id) != len(found):
        raise SubjectDataError("patterns.toml: two patterns have the same id; ids are unique")
    return by_id


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The compiled pattern with this id.

    Raises:
        SubjectDataError: there is none, or it is no regular expression.

    """
    entry = subject_patterns().get(name)
    if entry is None:
        raise SubjectDataError(f"patterns.toml: no pattern {name!r}; add it or correct the name")
    try:
        return re.compile(entry.pattern)
    except re.error as error:
        raise SubjectDataError(f"patterns.toml: {name}: {error}") from error


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    for name, entries in _read("words.toml").items():
        if not isinstance(entries, list) or not entries or not all(isinstance(word, str) and word for word in entries):
            raise SubjectDataError(f"words.toml: {name}: write a list of words")
        lists[name] = tuple(entries)
    return lists


def words_of(name: str) -> tuple[str, ...]:
    """The list with this name, in its order (for endings and beginnings).

    Raises:
        SubjectDataError: there is no such list.

    """
    found = _lists().get(name)
    if found is None:
        raise SubjectDataError(f"words.toml: no list {name!r}; add it or correct the name")
    return found


@cache
def word_lists() -> WordLists:
    """The lists that are asked whether a word is in them."""
    return WordLists(**{name.name: frozenset(words_of(name.name)) for name in fields(WordLists)})
