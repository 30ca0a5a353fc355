"""Dates as official pages write them → ISO."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from shared.rules import rules

_CHINESE = {c: k for k, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "O": 0, "0": 0, "元": 1}
_RULES = rules("services.normalizer", "dates")
_DATE = _RULES.pattern("date")
_DATE_BEGINS = _RULES.pattern("date_begins")
_ENGLISH_MONTHS = _RULES.words("english_month")


class Date(NamedTuple):
    """A date and where it stands."""

    iso: str
    start: int
    end: int


def find_dates(text: str, start: int = 0, end: int | None = None) -> list[Date]:
    """Every date with year, month and day in `text[start:end]`, left to right; impossible dates are left out.

    Tried only where a date can begin: 1 instead of 5 µs on the last lines of a report.
    """
    found: list[Date] = []
    end = len(text) if end is None else end
    while (first := _DATE_BEGINS.search(text, start, end)) is not None:
        match = _DATE.match(text, first.start(), end)
        start = match.end() if match else first.end()
        date = _day(match) if match else None
        if match and date:
            found.append(Date(date.isoformat(), match.start(), match.end()))
    return found


def _day(found: re.Match[str]) -> dt.date | None:
    year, month, day = found.group("year", "month", "day")
    if year:
        parts = int(year), 1 if month == "元" else int(month), int(day)
    elif found["long_year"]:
        parts = chinese_year(found["long_year"]), chinese_count(found["long_month"]), chinese_count(found["long_day"])
    else:
        year, day = found["english_year"] or found["then_year"], found["english_day"] or found["first_day"]
        name = found["english_month"] or found["then_month"]
        parts = int(year), 1 + _ENGLISH_MONTHS.index(name[:3].lower()), int(day)
    try:
        return dt.date(*parts)
    except ValueError:
        return None


def chinese_year(written: str) -> int:
    """二〇二三 → 2023."""
    return int("".join(str(_CHINESE.get(c, 0)) for c in written))


def chinese_count(written: str) -> int:
    """十五 → 15, 二十一 → 21, 廿一 → 21; 99 for what is none below 100."""
    written = written.replace("廿", "二十")
    tens, ten, ones = written.partition("十")
    if not ten:
        return _CHINESE[written] if len(written) == 1 else 99
    return 10 * (_CHINESE[tens] if tens else 1) + (_CHINESE[ones] if ones else 0)
