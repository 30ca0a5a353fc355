"""What is no fact: the rules of `exclusions.toml`, validated on load.

masks ─▶ names ─▶ shapes          (the characters beside a numeral; this file)
└─▶ senses   (once unit and hedges are read; senses.py)
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from services.extractor.numbers import Kind, find_numerals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.extractor.numbers import Numeral

#: Characters before a numeral that a `before_pattern` may look at.
_LOOK_BACK = 8
#: What `opens` says of a mask that begins at a digit.
_DIGIT = "digit"


@dataclass(slots=True)
class Mask:
    """A stretch of text in which no number counts anything."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class _Shape:
    rule: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    before_pattern: re.Pattern[str] | None
    after_pattern: re.Pattern[str] | None
    numeral_pattern: re.Pattern[str] | None
    first: str  # the signs that what follows begins with; "" where it does not ask
    last: str  # the signs that what precedes ends with

    def holds(self, text: str, start: int, end: int) -> bool:
        if self.before and not text.endswith(self.before, 0, start):
            return False
        if self.after and not text.startswith(self.after, end):
            return False
        if self.after_pattern is not None and self.after_pattern.match(text, end) is None:
            return False
        if self.numeral_pattern is not None and self.numeral_pattern.fullmatch(text, start, end) is None:
            return False
        return self.before_pattern is None or self.before_pattern.search(_window(text, start)) is not None


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The shapes of one kind of numeral, by the sign behind it. Most numerals are let go by the two signs beside them."""

    shapes: tuple[_Shape, ...]  # in the order of the file, as in each of the following
    always: tuple[_Shape, ...]  # those that ask for no neighbour
    alone: tuple[_Shape, ...]  # those that do not ask what follows
    ends: frozenset[str]  # the signs before a numeral beside which these may hold
    asking: Mapping[str, tuple[_Shape, ...]]  # those that ask what follows, by its first sign
    both: Mapping[str, tuple[_Shape, ...]]  # `asking` and `alone` together

    @classmethod
    def of(cls, shapes: tuple[_Shape, ...]) -> _Shapes:
        always = tuple(shape for shape in shapes if not shape.first and not shape.last)
        alone = tuple(shape for shape in shapes if not shape.first)
        asking: dict[str, tuple[_Shape, ...]] = {}
        both: dict[str, tuple[_Shape, ...]] = {}
        for sign in {sign for shape in shapes for sign in shape.first}:
            asking[sign] = tuple(shape for shape in shapes if sign in shape.first or shape in always)
            both[sign] = tuple(shape for shape in shapes if sign in shape.first or shape in alone)
        ends = frozenset("".join(shape.last for shape in alone) + "\n")  # `$` matches before a last line break, too
        return cls(shapes, always, alone, ends, asking, both)

    def first(self, text: str, start: int, end: int) -> str | None:
        """The first rule that holds for the numeral `text[start:end]`."""
        sign = text[end : end + 1]
        if text[start - 1 : start] in self.ends:
            shapes = self.both.get(sign, self.alone)
        else:
            shapes = self.asking.get(sign, self.always)
        for shape in shapes:
            if shape.holds(text, start, end):
                return shape.rule
        return None


def _first(entry: Mapping[str, Any]) -> str:
    """The signs that what a rule wants to follow begins with."""
    if "after_pattern" in entry and "first" not in entry:
        raise ValueError(f"exclusions.toml: {entry['id']}: say in `first` which signs its after_pattern begins with")
    return entry.get("first") or "".join(word[0] for word in entry.get("after", ()))


def _last(entry: Mapping[str, Any]) -> str:
    """The signs that what a rule wants before the numeral ends with, where it does not ask what follows."""
    if "before_pattern" in entry and {"last", "after", "after_pattern"}.isdisjoint(entry):
        raise ValueError(f"exclusions.toml: {entry['id']}: say in `last` which signs its before_pattern ends with")
    return entry.get("last") or "".join(word[-1] for word in entry.get("before", ()))


def _window(text: str, start: int) -> str:
    """What a `before_pattern` may look at. Its ^ is the beginning of the line: a window cut out of the middle must not
    look like one.
    """
    return text[:start] if start <= _LOOK_BACK else "\0" + text[start - _LOOK_BACK : start]


@dataclass(frozen=True, slots=True)
class Exclusions:
    """All rules, compiled."""

    rules: Mapping[str, str]  # id → meaning, in the order of the file
    examples: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]  # id → yes, no
    openings: re.Pattern[str]  # the signs that masks open with, a lone character class: it is searched for fast
    signs: re.Pattern[str]  # masks that open with a sign
    digits: re.Pattern[str]  # masks that open with a digit
    names: Mapping[
        str, Mapping[str, tuple[tuple[int, str, str], ...]]
    ]  # numeral → next character → (offset, name, rule), those that end with the numeral last; these alone under ""
    shapes: Mapping[Kind, _Shapes]
    senses: Mapping[str, Mapping[str, Any]]
    zero: Mapping[str, str]  # word behind 零 → unit

    def masks(self, text: str) -> Iterator[Mask]:
        """Titles, quoted names, document numbers and addresses of `text`, left to right."""
        opening = self.openings.search(text)
        while opening is not None:
            match = self.signs.match(text, opening.start())
            if match is not None:
                yield Mask(match.start(), match.end(), match.lastgroup or "")
            opening = self.openings.search(text, opening.end() if match is None else match.end())

    def opened_by_digit(self, text: str, at: int) -> Mask | None:
        """The date or telephone number that begins at `text[at]`."""
        match = self.digits.match(text, at)
        return None if match is None else Mask(at, match.end(), match.lastgroup or "")

    def name(self, text: str, start: int, end: int) -> str | None:
        """The rule of the fixed name that holds the numeral `text[start:end]`."""
        names = self.names.get(text[start:end])
        if names is None:
            return None
        for offset, name, rule in names.get(text[end : end + 1]) or names.get("", ()):
            if offset <= start and text.startswith(name, start - offset):
                return rule
        return None

    def shape(self, text: str, numeral: Numeral) -> str | None:
        """The first rule by the characters beside the numeral."""
        return self.shapes[numeral.kind].first(text, numeral.start, numeral.end)


@cache
def exclusions() -> Exclusions:
    """The rules. Raises ValueError where an id stands twice or a pattern does not compile."""
    source = tomllib.loads(files(__package__).joinpath("exclusions.toml").read_text(encoding="utf-8"))
    rules: dict[str, str] = {}
    examples: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for table in ("mask", "shape", "sense", "name"):
        for rule in source[table]:
            if rule["id"] in rules:
                raise ValueError(f"exclusions.toml: the id {rule['id']!r} stands twice")
            rules[rule["id"]] = rule["meaning"]
            examples[rule["id"]] = (tuple(rule["yes"]), tuple(rule["no"]))
    return Exclusions(
        rules=rules,
        examples=examples,
        openings=re.compile(
            "[" + re.escape("".join(rule["opens"] for rule in source["mask"] if rule["opens"] != _DIGIT)) + "]"
        ),
        signs=_one_pattern(rule for rule in source["mask"] if rule["opens"] != _DIGIT),
        digits=_one_pattern(rule for rule in source["mask"] if rule["opens"] == _DIGIT),
        names=_names_by_numeral(source["name"]),
        shapes=_shapes_by_kind(source["shape"]),
        senses={rule["id"]: rule for rule in source["sense"]},
        zero={word: unit for unit, words in source["zero"].items() for word in words},
    )


def _one_pattern(rules: Iterator[Mapping[str, Any]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{rule['id']}>{rule['pattern']})" for rule in rules))


def _names_by_numeral(entries: list[dict[str, Any]]) -> dict[str, dict[str, tuple[tuple[int, str, str], ...]]]:
    table: dict[str, dict[str, list[tuple[int, str, str]]]] = {}
    for entry in entries:
        for name in entry["written"]:
            for numeral in find_numerals(name):
                following = table.setdefault(name[numeral.start : numeral.end], {})
                names = following.setdefault(name[numeral.end : numeral.end + 1], [])
                names.append((numeral.start, name, entry["id"]))
    ordered = {
        numeral: {following: tuple(sorted(names, key=_shortness)) for following, names in group.items()}
        for numeral, group in table.items()
    }
    return {
        numeral: {following: names + group.get("", ()) * bool(following) for following, names in group.items()}
        for numeral, group in ordered.items()
    }


def _shortness(name: tuple[int, str, str]) -> int:
    return -len(name[1])


def _shapes_by_kind(entries: list[dict[str, Any]]) -> dict[Kind, _Shapes]:
    table: dict[Kind, list[_Shape]] = {kind: [] for kind in Kind}
    for entry in entries:
        behind = entry.get("before_pattern")
        shape = _Shape(
            rule=entry["id"],
            before=tuple(entry.get("before", ())),
            after=tuple(entry.get("after", ())),
            before_pattern=None if behind is None else re.compile(f"(?:{behind})$"),
            after_pattern=re.compile(entry["after_pattern"]) if "after_pattern" in entry else None,
            numeral_pattern=re.compile(entry["numeral_pattern"]) if "numeral_pattern" in entry else None,
            first=_first(entry),
            last=_last(entry),
        )
        for kind in entry.get("kinds", [kind.value for kind in Kind]):
            table[Kind(kind)].append(shape)
    return {kind: _Shapes.of(tuple(shapes)) for kind, shapes in table.items()}
