"""What may be asked of the lists: filters on reports and facts, and the cursor that leads to the next page. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from services.sink.schema import facts, reports

#: A page of a list. 1,000 facts are 0.6 MB of JSON.
MAX_PAGE = 1_000
DEFAULT_PAGE = 100
#: A word that is looked for; longer ones are no words.
MAX_TEXT = 100
MAX_CURSOR = 400
_CODE_LENGTH = 6  # of GB/T 2260


class BadCursorError(ValueError):
    """The cursor is not one of ours."""


@dataclass(frozen=True)
class ReportFilter:
    """Which reports. `place` is a key of the table of places, or a name (of any level); with `descendants` what lies in
    it too. Years are inclusive.
    """

    place: str | None = None
    descendants: bool = True
    year_from: int | None = None
    year_to: int | None = None
    level: str | None = None
    genre: str | None = None
    version: str | None = None
    title: str | None = None
    failed_checks: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything through."""
        return self == ReportFilter(descendants=self.descendants)

    def takes(self, year: int | None, level: str | None, genre: str | None) -> bool:
        """Whether a report of this year, level and genre can be one of them."""
        first, last = self.year_from, self.year_to
        if (first is not None or last is not None) and year is None:
            return False
        return (
            (first is None or year is None or first <= year)
            and (last is None or year is None or year <= last)
            and self.level in {None, level}
            and self.genre in {None, genre}
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """On the table of reports."""
        return [*self.indexed(), *self.sieve()]

    def indexed(self) -> list[ColumnElement[bool]]:
        """Those that an index answers."""
        found: list[ColumnElement[bool]] = []
        if self.place is not None:
            found.append(place_condition(self.place, descendants=self.descendants))
        if self.year_from is not None and self.year_from == self.year_to:
            found.append(reports.c.report_year == self.year_from)
        else:
            found += [reports.c.report_year >= self.year_from] if self.year_from is not None else []
            found += [reports.c.report_year <= self.year_to] if self.year_to is not None else []
        for column, wanted in (("level", self.level), ("genre", self.genre), ("version", self.version)):
            if wanted is not None:
                found.append(reports.c[column] == wanted)
        return found

    def sieve(self, columns: ReadOnlyColumnCollection[str, Any] = reports.c) -> list[ColumnElement[bool]]:
        """Those that each row must be asked for; `columns` are the table's, or those of a window of it."""
        found: list[ColumnElement[bool]] = []
        if self.title is not None:
            found.append(or_(contains(columns.title, self.title), contains(columns.issuer, self.title)))
        if self.failed_checks is not None:
            found.append(columns.failed_checks > 0 if self.failed_checks else columns.failed_checks == 0)
        return found


@dataclass(frozen=True)
class FactFilter:
    """Which facts of the reports that `reports` lets through. `review`: `in_force` leaves rejected facts out."""

    reports: ReportFilter = ReportFilter()
    report: int | None = None  # its number in the database
    metrics: Sequence[str] = ()
    domain: str | None = None
    modality: str | None = None
    quantity: str | None = None
    check: Literal["holds", "broken", "none"] | None = None
    text: str | None = None
    below: float | None = None  # only facts less sure than this
    review: Literal["in_force", "all", "none", "confirmed", "corrected", "rejected"] = "in_force"

    def conditions(self) -> list[ColumnElement[bool]]:
        """On the table of facts, without metric and domain."""
        found: list[ColumnElement[bool]] = []
        if self.modality is not None:
            found.append(facts.c.modality == self.modality)
        if self.quantity is not None:
            found.append(facts.c.quantity == self.quantity)
        if self.check is not None:
            found.append(facts.c.check_state.is_(None) if self.check == "none" else facts.c.check_state == self.check)
        if self.text is not None:
            found.append(or_(contains(facts.c.subject, self.text), contains(facts.c.quote, self.text)))
        if self.below is not None:
            found.append(facts.c.confidence < self.below)
        if self.review == "in_force":
            found.append(or_(facts.c.review.is_(None), facts.c.review != "rejected"))
        elif self.review == "none":
            found.append(facts.c.review.is_(None))
        elif self.review != "all":
            found.append(facts.c.review == self.review)
        return found

    def metric_conditions(self) -> list[ColumnElement[bool]]:
        """On the metric, with the domain as a range of ids."""
        found: list[ColumnElement[bool]] = []
        if self.metrics:
            found.append(facts.c.metric.in_(list(self.metrics)))
        if self.domain is not None:
            found.append(and_(facts.c.metric > f"{self.domain}.", facts.c.metric < f"{self.domain}/"))  # / follows .
        return found


def contains(column: Any, words: str) -> ColumnElement[bool]:
    """Whether the column holds `words`, in upper or lower case: no character of them is a wildcard."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    condition: ColumnElement[bool] = column.ilike(f"%{escaped}%", escape="\\")
    return condition


def is_code(place: str) -> bool:
    """Whether it is written as a code of GB/T 2260."""
    return len(place) == _CODE_LENGTH and place.isascii() and place.isdigit()


def place_condition(place: str, *, descendants: bool = True) -> ColumnElement[bool]:
    """On the table of reports: those of a place, given by code, key or name."""
    columns = reports.c
    if place.startswith("~"):
        return _named(place[1:].split("~")) if descendants else columns.place == place
    if "~" in place:
        return columns.place == place
    if is_code(place):
        return _coded(place) if descendants else columns.place == place
    if descendants:
        return or_(columns.county == place, columns.city == place, columns.province == place)
    return or_(
        columns.county == place,
        and_(columns.city == place, columns.county.is_(None)),
        and_(columns.province == place, columns.city.is_(None), columns.county.is_(None)),
    )


def _named(parts: Sequence[str]) -> ColumnElement[bool]:
    """All that agrees in the names given; nothing where there are more names than levels."""
    levels = ("province", "city", "county")
    if len(parts) > len(levels) or not any(parts):
        return false()
    return and_(*[reports.c[level] == part for level, part in zip(levels, parts, strict=False) if part])


def _coded(code: str) -> ColumnElement[bool]:
    """The place of a code with what lies in it."""
    if code.endswith("0000"):
        return reports.c.province_code == code[:2]
    return reports.c.city_code == code[:4] if code.endswith("00") else reports.c.place_code == code


def write_cursor(*position: Any) -> str:
    """A position in a list, as an opaque word."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The position that `write_cursor` wrote. Raises BadCursorError where the kinds of its values are not `kinds`."""
    if len(cursor) > MAX_CURSOR or not cursor.isascii():
        raise BadCursorError("the cursor is not one of this API's")
    try:
        position = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise BadCursorError("the cursor is not one of this API's") from error
    if not isinstance(position, list) or [type(value) for value in position] != list(kinds):
        raise BadCursorError("the cursor belongs to another list")
    if any(isinstance(value, int) and not -(2**62) < value < 2**62 for value in position):
        raise BadCursorError("the cursor is not one of this API's")
    return tuple(position)
