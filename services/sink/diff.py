"""Facts gained, lost and changed between two readings of one page. Pure.

A fact is the place of its number in the page as crawled: there it stays, whatever the versions make of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Fields whose change is a change of the fact. The rest says how sure, by which rule, or where in the text.
COMPARED = (
    "number_text", "value", "value_to", "unit", "quantity", "qualifier", "subject", "metric", "modality", "change",
    "period", "scope", "section",
)  # fmt: skip
_DOCUMENT = (
    "title", "issuer", "place", "level", "report_year", "published", "signed", "document_number", "addressee", "script",
    "genre",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What changed. `changed`: pairs of a fact and the same fact later, with the fields that differ."""

    gained: list[Mapping[str, Any]] = field(default_factory=list)
    lost: list[Mapping[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    same: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.gained or self.lost or self.changed or self.document)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "gained": self.gained, "lost": self.lost, "changed": self.changed, "document": self.document,
            "same": self.same,
        }  # fmt: skip


def diff_readings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """The difference between two readings of one page, by the field names of the offline result."""
    old, new = (_by_number(reading["facts"]) for reading in (before, after))
    gained: list[Mapping[str, Any]] = []
    lost: list[Mapping[str, Any]] = []
    changed: list[dict[str, Any]] = []
    same = 0
    for key in {**old, **new}:
        pairs, fewer, more = _pair(old.get(key, []), new.get(key, []))
        lost += fewer
        gained += more
        for left, right in pairs:
            fields = {name: [left[name], right[name]] for name in COMPARED if left[name] != right[name]}
            same += not fields
            changed += [{"fact": right, "fields": fields}] if fields else []
    document = {
        name: [before["document"][name], after["document"][name]]
        for name in _DOCUMENT
        if before["document"].get(name) != after["document"].get(name)
    }
    return Difference(gained, lost, changed, document, same)


def _by_number(facts: Sequence[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for fact in facts:
        found[fact["raw_start"]].append(fact)
    return found


def _pair(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[Mapping[str, Any], Mapping[str, Any]]], list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Facts at one number, paired: equal subjects first, then in order."""
    rest = list(new)
    pairs, left = [], []
    for fact in old:
        twin = next((other for other in rest if other["subject"] == fact["subject"]), None)
        if twin is None:
            left.append(fact)
        else:
            rest.remove(twin)
            pairs.append((fact, twin))
    count = min(len(left), len(rest))
    return [*pairs, *zip(left, rest, strict=False)], left[count:], rest[count:]
