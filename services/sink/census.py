"""In how many reports each metric is stated, zero, absent in words or not mentioned: counted beforehand.

A transaction that shows, changes or takes away reports notes what it adds and takes away as one row of
`census_changes`: no two transactions touch a common row, so none waits for another. Now and then a writer adds the
notes up into `census`. An answer is the sum of both, read by one statement, and so is what counting all reports would
give (tests/sink/test_census.py); its cost follows the number of strata, not that of reports.

    report ──▶ scopes   all reports; those of its province by code, by name
           └─▶ stratum  year, level, genre
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from services.sink import bulk, schema
from services.sink.reading import pack, unpack

#: Notes until they are added up. 32 notes of batches of 64 reports are read in about 10 ms; adding them up costs 0.05 ms
#: for each of their reports.
FOLD_EVERY = 32
#: The name of the lock of who adds up.
_LOCK = "census"
#: Under which a stratum counts its reports: no metric has an empty name.
_REPORTS = ""
ALL = ""

Counts = dict[str, list[int]]  # metric → stated, zero, absent; _REPORTS → number of reports


class Counted(NamedTuple):
    """What one report counts for."""

    year: int | None
    level: str | None
    genre: str
    province_code: str | None
    province: str | None
    stated: str  # metric ids, see `schema.coverage`
    zero: str
    absent: str

    def scopes(self) -> list[str]:
        """Those it is counted in."""
        codes = [] if self.province_code is None else [code_scope(self.province_code)]
        return [ALL, *codes, *([] if self.province is None else [name_scope(self.province)])]

    def stratum(self) -> str:
        """Year, level and genre."""
        return orjson.dumps([self.year, self.level, self.genre]).decode()


def code_scope(code: str) -> str:
    """The reports of the province whose code begins with these two digits."""
    return f"code {code}"


def name_scope(name: str) -> str:
    """The reports of the province of this name."""
    return f"name {name}"


def note(connection: Connection, added: Sequence[Counted], taken: Sequence[Counted]) -> None:
    """Note what this transaction adds and takes away; adds the notes up when there are many."""
    if not added and not taken:
        return
    packed = pack(orjson.dumps([[tuple(one) for one in added], [tuple(one) for one in taken]]))
    ((number,),) = bulk.ask(
        connection, "INSERT INTO census_changes (packed) VALUES (~) RETURNING number", packed
    )  # fmt: skip
    if number % FOLD_EVERY == 0:
        fold(connection)


def held(connection: Connection, reports: Iterable[int]) -> list[Counted]:
    """What these reports count for as they are shown."""
    found = bulk.ask(
        connection,
        "SELECT report_year, level, genre, province_code, province, stated, zero, absent"
        " FROM coverage JOIN reports ON reports.number = coverage.report WHERE coverage.report IN ~bigint",
        sorted(reports),
    )
    return [Counted(*row) for row in found]


def fold(connection: Connection) -> None:
    """Add the notes up, unless another transaction is just doing so."""
    if connection.dialect.name == "postgresql":
        ((free,),) = bulk.ask(connection, "SELECT pg_try_advisory_xact_lock(~)", bulk.lock_number(_LOCK))
        if not free:
            return
    changes: dict[tuple[str, str], Counts] = defaultdict(dict)
    for (packed,) in bulk.ask(connection, "DELETE FROM census_changes RETURNING packed"):
        for sign, counted in _read(packed):
            key = counted.stratum()
            for scope in counted.scopes():
                _add(changes[scope, key], counted, sign)
    if changes:
        _write(connection, changes)


def _read(packed: bytes) -> Iterable[tuple[int, Counted]]:
    added, taken = orjson.loads(unpack(packed))
    yield from ((1, Counted(*row)) for row in added)
    yield from ((-1, Counted(*row)) for row in taken)


def _add(counts: Counts, counted: Counted, sign: int) -> None:
    counts.setdefault(_REPORTS, [0, 0, 0])[0] += sign
    for state, metrics in enumerate((counted.stated, counted.zero, counted.absent)):
        for metric in metrics.split():
            counts.setdefault(metric, [0, 0, 0])[state] += sign


def _write(connection: Connection, changes: Mapping[tuple[str, str], Counts]) -> None:
    scopes = sorted({scope for scope, _ in changes})
    known = {
        (scope, stratum): orjson.loads(counts)
        for scope, stratum, counts in bulk.ask(
            connection, "SELECT scope, stratum, counts FROM census WHERE scope IN ~text", scopes
        )
        if (scope, stratum) in changes
    }
    rows = []
    for (scope, stratum), added in sorted(changes.items()):
        counts: Counts = known.get((scope, stratum), {})
        for metric, states in added.items():
            before = counts.get(metric, (0, 0, 0))
            counts[metric] = [old + new for old, new in zip(before, states, strict=True)]
        counts = {metric: states for metric, states in counts.items() if any(states)}
        rows.append((scope, stratum, orjson.dumps(counts).decode()))
    gone = "DELETE FROM census WHERE scope = ~ AND stratum = ~"
    bulk.run_rows(connection, gone, [row[:2] for row in rows if row[:2] in known])
    bulk.insert_rows(connection, schema.census, [row for row in rows if row[2] != "{}"])


def by_year(
    connection: Connection, scope: str, metric: str, wanted: Callable[[int | None, str | None, str], bool]
) -> dict[int | None, list[int]]:
    """Year → reports, and those that state the metric, state it as zero, say there is none; of the years, levels and
    genres that are `wanted`.
    """
    found: dict[int | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    statement = (
        "SELECT stratum, counts, NULL FROM census WHERE scope = ~"
        " UNION ALL SELECT NULL, NULL, packed FROM census_changes"
    )
    for stratum, counts, packed in bulk.ask(connection, statement, scope):
        if packed is None:
            year, level, genre = orjson.loads(stratum)
            if wanted(year, level, genre):
                said = orjson.loads(counts)
                _sum(found[year], [said[_REPORTS][0], *said.get(metric, (0, 0, 0))], 1)
            continue
        for sign, counted in _read(packed):
            if scope in counted.scopes() and wanted(counted.year, counted.level, counted.genre):
                states = [f" {metric} " in metrics for metrics in (counted.stated, counted.zero, counted.absent)]
                _sum(found[counted.year], [1, *states], sign)
    return {year: counts for year, counts in found.items() if counts[0]}


def _sum(counts: list[int], more: Sequence[int], sign: int) -> None:
    for at, number in enumerate(more):
        counts[at] += sign * number
