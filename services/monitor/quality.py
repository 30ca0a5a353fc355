"""Reads from the database what came out of each source within a window: a crawler that breaks is seen within the hour.

Only reads, by index (`entries.recorded_at`, `dead_letters.died_at`, and primary keys), one window at a time. The tables
are the sink's; docs/database.md describes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from services.monitor.snapshot import SourceQuality

#: A look that takes longer than this is given up; the figures stay as they were.
_STATEMENT_SECONDS = 20
#: What a source is called that the crawler did not name.
UNNAMED = "unnamed"

_REPORTS = text(
    """
    WITH recent AS (
        SELECT DISTINCT coalesce(sources.source, :unnamed) AS source, pages.report AS report, pages.charset AS charset
        FROM entries JOIN sources ON sources.entry = entries.entry JOIN pages ON pages.page = sources.page
        WHERE entries.recorded_at >= :since AND entries.outcome = 'stored' AND pages.report IS NOT NULL
    )
    SELECT recent.source, recent.charset, reports.script,
           count(*), sum(reports.characters), sum(reports.facts), sum(reports.numerals),
           sum(reports.undecided_numerals), sum(reports.repairs), sum(reports.failed_checks), sum(reports.checks),
           sum(reports.mapped_facts)
    FROM recent JOIN reports ON reports.number = recent.report
    GROUP BY recent.source, recent.charset, reports.script
    """
)
_DEAD = text(
    "SELECT coalesce(source, :unnamed), count(*) FROM dead_letters WHERE died_at >= :since GROUP BY coalesce(source, :unnamed)"
)
_LETTERS = text("SELECT stage, reason, count(*) FROM dead_letters GROUP BY stage, reason")


@dataclass(frozen=True)
class Window:
    """What the database says of the last while."""

    sources: list[SourceQuality]
    scripts: Mapping[str, int]
    charsets: Mapping[str, int]
    dead_letters: Mapping[tuple[str, str], int]


def connect(url: str) -> Engine:
    """An engine of one connection for a `sqlite:///…` or `postgresql://…` URL; nothing is opened yet.

    Raises ValueError for anything else.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:  # its words may hold the URL, and that a password
        raise ValueError("the database must be sqlite:///… or postgresql://…; what is given is no URL") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return create_engine(parsed)
    if kind not in {"postgresql", "postgres"}:
        raise ValueError(f"the database must be sqlite:///… or postgresql://…, not {kind}://…")
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 10,
            "options": f"-c statement_timeout={_STATEMENT_SECONDS * 1000} -c default_transaction_read_only=on",
            "application_name": "fazhi-monitor",
        },
    )


def read_window(engine: Engine, window_seconds: float, now: datetime | None = None) -> Window:
    """The window that ends `now`. Raises sqlalchemy.exc.SQLAlchemyError where the database is away."""
    since = (now or datetime.now(UTC)) - timedelta(seconds=window_seconds)
    with engine.connect() as connection:
        return _read(connection, since)


def _read(connection: Connection, since: datetime) -> Window:
    # SQLite keeps moments as text without a zone, in UTC.
    moment = since.replace(tzinfo=None).isoformat(sep=" ") if connection.dialect.name == "sqlite" else since
    named = {"unnamed": UNNAMED, "since": moment}
    sums: dict[str, list[int]] = {}
    scripts: dict[str, int] = {}
    charsets: dict[str, int] = {}
    for source, charset, script, reports, *counts in connection.execute(_REPORTS, named):
        kept = sums.setdefault(source, [0] * 9)
        for k, count in enumerate((reports, *counts)):
            kept[k] += int(count or 0)
        scripts[script] = scripts.get(script, 0) + int(reports)
        charsets[charset] = charsets.get(charset, 0) + int(reports)
    dead = {source: int(count) for source, count in connection.execute(_DEAD, named)}
    letters = {(stage, reason): int(count) for stage, reason, count in connection.execute(_LETTERS)}
    return Window(
        sources=[_quality(source, sums.get(source, [0] * 9), dead.get(source, 0)) for source in {*sums, *dead}],
        scripts=scripts,
        charsets=charsets,
        dead_letters=letters,
    )


def _quality(source: str, sums: list[int], dead: int) -> SourceQuality:
    reports, characters, facts, numerals, undecided, repairs, failed, checks, mapped = sums
    return SourceQuality(
        source=source,
        reports=reports,
        dead=dead,
        characters=characters,
        facts=facts,
        mapped_facts=mapped,
        numerals=numerals,
        undecided_numerals=undecided,
        repairs=repairs,
        checks=checks,
        failed_checks=failed,
    )
