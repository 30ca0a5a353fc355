"""The rules of `lexicon.toml`, compiled once.

Rules are data: id, pattern, meaning, examples that must match and examples that must not. This module knows their
shape, not their words.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_RULES: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))


def _expand(pattern: str) -> str:
    """Put the macros in; they hold no macros themselves. Regex braces such as `{1,3}` stay."""
    for name, macro in _RULES["macros"].items():
        pattern = pattern.replace("{" + name + "}", macro)
    return pattern


@dataclass(frozen=True, slots=True)
class Form:
    """One form of marker."""

    id: str
    level: int
    rank: int
    pattern: str
    first: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern with its proof. `kind` only on rules that decide one."""

    id: str
    regex: re.Pattern[str]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    where: str = "anywhere"
    first: str = ""
    holds: frozenset[str] = frozenset()
    kind: Kind | None = None
    needs_noun: bool = False
    top_only: bool = False
    weak: bool = False


def _check_signs(table: str, entry: dict[str, Any]) -> None:
    """A rule that is looked for by its signs must say them: without, it would be asked nowhere."""
    if table == "sentence" and entry["where"] in ("anywhere", "start") and not entry.get("first"):
        raise ValueError(f"lexicon.toml: {entry['id']}: say in `first` which characters a match begins with")
    if table in ("kind", "transition") and not (entry.get("weak") or entry.get("holds")):
        raise ValueError(f"lexicon.toml: {entry['id']}: say in `holds` characters of which each match holds one")


def _rules(table: str) -> tuple[Rule, ...]:
    for entry in _RULES[table]:
        _check_signs(table, entry)
    return tuple(
        Rule(
            id=entry["id"],
            regex=re.compile(_expand(entry["pattern"])),
            yes=tuple(entry["yes"]),
            no=tuple(entry["no"]),
            where=entry.get("where", "anywhere"),
            first=entry.get("first", ""),
            holds=frozenset(entry.get("holds", "")),
            kind=entry.get("kind"),
            needs_noun=entry.get("needs_noun", False),
            top_only=entry.get("top_only", False),
            weak=entry.get("weak", False),
        )
        for entry in _RULES[table]
    )


FORMS: Final = tuple(
    Form(entry["id"], entry["level"], entry["rank"], _expand(entry["pattern"]), entry["first"])
    for entry in _RULES["form"]
)
FORM_EXAMPLES: Final = {entry["id"]: (entry["yes"], entry["no"]) for entry in _RULES["form"]}
SENTENCES: Final = _rules("sentence")
LINES: Final = {rule.id: rule for rule in _rules("line")}
KINDS: Final = _rules("kind")
WORDS: Final = {rule.id: rule for rule in _rules("word")}
TRANSITIONS: Final = _rules("transition")


def joined(rules: tuple[Rule, ...], where: str) -> re.Pattern[str]:
    """The rules of one place as one alternation: one search instead of one a rule."""
    return re.compile("|".join(f"(?:{rule.regex.pattern})" for rule in rules if rule.where == where))


#: Every character that a class of one code point each can hold, to read the classes of the rules out.
_CHARACTERS: Final = "".join(map(chr, range(0x10000)))


def members(characters: str) -> frozenset[str]:
    """The characters of a class as it stands in a rule: `0-9①-⑳第`."""
    return frozenset(re.findall(f"[{characters}]", _CHARACTERS))


def any_sign(*signs: Iterable[str]) -> re.Pattern[str]:
    """One class of all the signs given."""
    return re.compile(f"[{re.escape(''.join(sorted({sign for group in signs for sign in group})))}]")
