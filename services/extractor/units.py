"""Measure words and what they are counted as: `units.toml`, validated on load."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, get_args

from shared.events import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Unit:
    """One written measure word. `name` is the canonical unit of the fact; the written number times `scale` is in it."""

    written: str
    name: str
    quantity: Quantity
    family: str
    scale: float = 1.0
    weak: bool = False  # also an everyday noun: a Chinese numeral before it is no count


@cache
def units() -> Mapping[str, Unit]:
    """Every measure word by its written form. Raises ValueError where `units.toml` contradicts itself."""
    table: dict[str, Unit] = {}
    source = tomllib.loads(files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))
    for entry in source["unit"]:
        if entry["quantity"] not in get_args(Quantity):
            raise ValueError(f"units.toml: {entry['canonical']} has an unknown quantity {entry['quantity']!r}")
        for written in entry["written"]:
            if written in table:
                raise ValueError(f"units.toml: {written!r} stands twice")
            name = written.replace("(", "").replace(")", "") if entry.get("own") else entry["canonical"]
            table[written] = Unit(
                written=written,
                name=name,
                quantity=entry["quantity"],
                family=entry.get("family", name),
                scale=entry.get("scale", 1.0),
                weak=entry.get("weak", False),
            )
    return table


@cache
def _by_first_character() -> Mapping[str, tuple[Unit, ...]]:
    table: dict[str, list[Unit]] = {}
    for written, unit in units().items():
        table.setdefault(written[0], []).append(unit)
    return {first: tuple(sorted(group, key=_shortness)) for first, group in table.items()}


def _shortness(unit: Unit) -> int:
    return -len(unit.written)


def find_unit(text: str, at: int) -> Unit | None:
    """The longest measure word that begins at `text[at]`, or None."""
    for unit in _by_first_character().get(text[at : at + 1], ()):
        if text.startswith(unit.written, at):
            return unit
    return None
