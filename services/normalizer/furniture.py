"""What a single line of a page is, if it is none of the report: the rules of furniture.toml."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

#: A line longer than this is text, whatever it begins with.
MAX_FURNITURE_LINE = 300
#: So is one longer than this that ends like a sentence, unless a bracket opens it: titles and lead-ins are longer.
MAX_SENTENCE = 60


class Rule(NamedTuple):
    """One entry of furniture.toml."""

    name: str
    where: str
    pattern: re.Pattern[str]
    first: frozenset[str]  # each match begins with one of these,
    holds: frozenset[str]  # or holds one of these
    yes: tuple[str, ...]
    no: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The entries of furniture.toml, in file order."""
    table = tomllib.loads(files(__package__).joinpath("furniture.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(name, entry["where"], re.compile(entry["pattern"]), frozenset(entry.get("first", "")),
             frozenset(entry.get("holds", "")), tuple(entry["yes"]), tuple(entry["no"]))
        for name, entry in table.items()
    )  # fmt: skip


_HELD_SIGNS = re.compile(f"[{re.escape(''.join(sorted(frozenset().union(*(rule.holds for rule in rules())))))}]")


_NOTHING: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def _candidates(first: str, held: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that a trimmed line may match which begins with `first` and holds the signs `held`: one of 17 on average."""
    return tuple(
        rule
        for rule in rules()
        if first in rule.first or not held.isdisjoint(rule.holds) or not (rule.first or rule.holds)
    )


def rule_of(line: str) -> Rule | None:
    """The first rule that matches the whole line."""
    if not line or len(line) > MAX_FURNITURE_LINE:
        return None
    if len(line) > MAX_SENTENCE and line[-1] in "。；;" and line[0] not in "《[【":
        return None
    held = _HELD_SIGNS.findall(line)  # three lines in five have none
    for rule in _candidates(line[0], frozenset(held) if held else _NOTHING):
        if rule.pattern.fullmatch(line):
            return rule
    return None
