"""The table of divisions of GB/T 2260 by year (divisions.tsv), and what is looked up in it."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from shared.rules import rules

_RULES = rules("services.normalizer", "places")
_AUTONOMOUS = _RULES.pattern("autonomous")
MUNICIPALITIES = frozenset(_RULES.words("municipalities"))
#: First and last year of a division whose line leaves them open.
_ALWAYS = (0, 9999)


class Division(NamedTuple):
    """One line of divisions.tsv."""

    code: str
    name: str
    first: int
    last: int

    def is_valid(self, year: int | None) -> bool:
        return year is None or self.first <= year <= self.last


@lru_cache(maxsize=1)
def divisions() -> dict[str, tuple[Division, ...]]:
    """Name → divisions of this name, over all years; autonomous prefectures and counties also by their short name."""
    table: dict[str, list[Division]] = {}
    for line in files(__package__).joinpath("divisions.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, name, first, last = [*line.split("\t"), "", ""][:4]
        division = Division(code, name, int(first or _ALWAYS[0]), int(last or _ALWAYS[1]))
        table.setdefault(name, []).append(division)
        short = _AUTONOMOUS.fullmatch(name)
        if short:
            table.setdefault(short[1] + short[2], []).append(division)
    return {name: tuple(found) for name, found in table.items()}


@lru_cache(maxsize=1)
def names_by_code() -> dict[str, str]:
    return {found.code: found.name for group in divisions().values() for found in group}


def level_of(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    # 4190, 4290, 4690 and 6590: counties directly under the province; 5002: under a municipality
    return "city" if code.endswith("00") else "county"


@lru_cache(maxsize=1)
def _levels() -> dict[str, frozenset[str]]:
    """Name → the levels of the divisions of this name."""
    return {name: frozenset(level_of(division.code) for division in found) for name, found in divisions().items()}


@lru_cache(maxsize=1)
def _lengths() -> dict[str, tuple[int, ...]]:
    """First two characters → the lengths of the divisions that begin so, the longest first."""
    lengths: dict[str, set[int]] = {}
    for name in divisions():
        lengths.setdefault(name[:2], set()).add(len(name))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


def known_at(name: str, at: int, level: str) -> str | None:
    """The longest division of `level` that stands at `at`."""
    for length in _lengths().get(name[at : at + 2], ()):
        known = name[at : at + length]
        if level in _levels().get(known, ()):
            return known
    return None


@lru_cache(maxsize=1)
def _short_provinces() -> dict[str, str]:
    """山东 → 山东省, 广西 → 广西壮族自治区."""
    regions = {"内蒙古自治区": "内蒙古"}
    names = [name for name, found in divisions().items() if level_of(found[0].code) == "province"]
    short = {regions.get(name, name[:2]): name for name in names if name.endswith("自治区")}
    return short | {name.removesuffix("省"): name for name in names if name.endswith("省")}


def province_in_short(name: str, at: int) -> tuple[str | None, int]:
    """The province whose short name stands before one of the table's cities or counties, and its length: 山东青岛市."""
    for length in (2, 3):
        province = _short_provinces().get(name[at : at + length])
        if province and (known_at(name, at + length, "city") or known_at(name, at + length, "county")):
            return province, length
    return None, 0
