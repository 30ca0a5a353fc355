"""Rules as data: patterns and lists of words in TOML files, each with its meaning and its examples, validated on load.

    [[list]]                                    [[pattern]]
    id = "level"                                id = "graded"
    meaning = "The levels of government."       meaning = "Things of one level: 区级419项."
    words = ["省级", "市级"]                     pattern = '^{level}(?=[一-龥])'
                                                yes = ["市级事项"]
                                                no = ["上级事项"]

`{level}` in a pattern stands for the words of that list, or for the pattern of that id above it in the same file; a
repetition is written with digits ({1,6}), so the two are never mixed up. The test suite runs every example.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

_NAMED = re.compile(r"\{([a-z_]{3,40})\}")

Id = Annotated[str, StringConstraints(pattern=r"^[a-z_]{3,40}$")]
Meaning = Annotated[str, StringConstraints(min_length=10)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=24)]


class RuleError(ValueError):
    """A file of rules is wrong; the message names file and place and says what to change."""


class WordList(BaseModel):
    """Words of one kind. In a pattern the longer words are tried first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    meaning: Meaning
    words: tuple[Word, ...] = Field(min_length=1)

    @property
    def source(self) -> str:
        """Any one of the words, as a regular expression."""
        return f"(?:{'|'.join(map(re.escape, sorted(self.words, key=len, reverse=True)))})"


class Pattern(BaseModel):
    """A regular expression with bounded repetitions, its meaning and the texts that it is and is not found in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    meaning: Meaning
    pattern: str
    how: Literal["search", "match", "fullmatch"] = "search"
    yes: tuple[str, ...] = Field(min_length=1)
    no: tuple[str, ...] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    list: tuple[WordList, ...] = ()
    pattern: tuple[Pattern, ...]


class Rules:
    """The lists and patterns of one file, compiled."""

    def __init__(self, name: str, lists: tuple[WordList, ...], patterns: tuple[Pattern, ...]) -> None:
        self.name = name
        self.patterns = {entry.id: entry for entry in patterns}
        self.lists = {entry.id: entry for entry in lists}
        if len(self.patterns.keys() | self.lists.keys()) != len(patterns) + len(lists):
            raise RuleError(f"{name}.toml: two entries have the same id; ids are unique")
        self._sources = {entry.id: entry.source for entry in lists}
        self._compiled: dict[str, re.Pattern[str]] = {}
        for entry in patterns:
            source = _NAMED.sub(self._source_of, entry.pattern)
            self._sources[entry.id] = f"(?:{source})"
            try:
                self._compiled[entry.id] = re.compile(source)
            except re.error as error:
                raise RuleError(f"{name}.toml: {entry.id}: {error}") from error

    def _source_of(self, named: re.Match[str]) -> str:
        source = self._sources.get(named[1])
        if source is None:
            raise RuleError(f"{self.name}.toml: {named.group()} names no list and no pattern above it")
        return source

    def pattern(self, name: str) -> re.Pattern[str]:
        """The compiled pattern with this id.

        Raises:
            RuleError: there is none.

        """
        found = self._compiled.get(name)
        if found is None:
            raise RuleError(f"{self.name}.toml: no pattern {name!r}; add it or correct the name")
        return found

    def words(self, name: str) -> tuple[str, ...]:
        """The words of the list with this id, in its order.

        Raises:
            RuleError: there is none.

        """
        found = self.lists.get(name)
        if found is None:
            raise RuleError(f"{self.name}.toml: no list {name!r}; add it or correct the name")
        return found.words

    def finds(self, entry: Pattern, text: str) -> bool:
        """Whether a pattern of the file is found in `text`, in the way that it is asked for."""
        expression = self.pattern(entry.id)
        asked = {"search": expression.search, "match": expression.match, "fullmatch": expression.fullmatch}
        return asked[entry.how](text) is not None


@cache
def rules(package: str, name: str) -> Rules:
    """The rules of one file of a package, by its name without `.toml`, relative to the package.

    Raises:
        RuleError: a fault of the file, with its place.

    """
    try:
        source = tomllib.loads(files(package).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
        found = _File.model_validate(source)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{name}.toml: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise RuleError(f"{name}.toml: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return Rules(name, found.list, found.pattern)
