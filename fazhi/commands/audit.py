"""`fazhi audit`: do the books balance?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from fazhi.failure import NEGATIVE, CommandError
from fazhi.home import DEFAULT_DATA, database_url, redis_url
from fazhi.options import AsJson, DataDir

if TYPE_CHECKING:
    from shared.books import Books

#: The equation, in the order in which it is read aloud.
_TERMS = ("accepted", "stored", "waiting", "in_work", "dead", "dropped", "difference")


def audit(
    *,
    database: Annotated[
        bool, Parameter(negative="--no-database", help="Compare with the database too, once nothing is in work.")
    ] = True,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """The books: was every accepted page stored, or is it known where it is?

    accepted = stored + waiting + in work + dead + dropped, read in one atomic call, so it must hold at any moment,
    under full load too. Compared with the database, every page that the books count as stored must be there.

    Exit status 0: they balance. 1: they do not, or they were lost (the server was flushed).
    """
    from shared.books import read_books
    from shared.server import connect
    from shared.settings import Connection

    with connect(redis_url(data)) as client:
        # The books are read first: what they count as stored is committed by then, so the database may hold more,
        # never less.
        books = read_books(client, Connection().shard)
    stored = _stored_rows(data) if database else None
    findings = _findings(books, stored)
    if as_json:
        whole = {**books.as_json(), "database_stored": stored, "findings": findings}
        sys.stdout.buffer.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        _print(books, stored, findings)
    return NEGATIVE if findings else 0


def _stored_rows(data: Path) -> int | None:
    """Entries that the database has seen through: stored, and forgotten afterwards on request."""
    from sqlalchemy import func, select

    from services.sink import schema
    from services.sink.engine import connect

    try:
        url = database_url(data)
    except CommandError:  # the pipeline runs elsewhere and its database is not ours to read
        return None
    engine = connect(url)
    outcome = schema.entries.c.outcome
    with engine.connect().execution_options(reading=True) as connection:
        count = connection.execute(select(func.count()).where(outcome.in_(("stored", "forgotten")))).scalar_one()
    engine.dispose()
    return count


def _findings(books: Books, stored: int | None) -> list[str]:
    findings = []
    if books.lost is not None:
        findings.append(
            f"books lost: the server was flushed or replaced under running workers (generation {books.lost} is gone)"
        )
    for terms in books.streams:
        if terms.difference:
            explained = f", {terms.vanished} of them removed by hand while in work" if terms.vanished else ""
            findings.append(f"{terms.name}: {terms.difference:+d} entries unaccounted for{explained}")
    if books.difference and not any(terms.difference for terms in books.streams):
        findings.append(f"{books.difference:+d} entries unaccounted for")
    if stored is not None and stored < books.stored:
        findings.append(f"the database holds {stored} of {books.stored} stored entries")
    return findings


def _print(books: Books, stored: int | None, findings: list[str]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name in _TERMS:
        table.add_row(name.replace("_", " "), f"{getattr(books, name):,}")
    if stored is not None:
        table.add_row("in the database", f"{stored:,}")
    console.print(table)
    if books.generation is None:
        console.print("the books are not open yet: no worker has run on this server")
    if not books.exact:
        console.print("Redis before 7.0: `accepted` is derived, an entry deleted by hand cannot be seen")
    for finding in findings:
        console.print(f"[red]{finding}[/]")
    console.print("[red]not balanced[/]" if findings else "[green]balanced[/]")
