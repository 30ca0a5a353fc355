"""`fazhi audit`: do the books balance?"""

from __future__ import annotations

import sys
from dataclasses import dataclass
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
    from redis import Redis

    from shared.books import Books

#: The equation, in the order in which it is read aloud.
_TERMS = ("accepted", "stored", "waiting", "in_work", "dead", "dropped", "difference")


def audit(
    *,
    database: Annotated[
        bool, Parameter(negative="--no-database", help="Compare with the database too, once nothing is in work.")
    ] = True,
    accept_loss: Annotated[
        str | None,
        Parameter(
            help="The generation of books that were lost: you know of it and have dealt with it, so it is no finding any more. It stays counted."
        ),
    ] = None,
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
        if accept_loss is not None:
            _accept(client, accept_loss, Connection().shard)
        # The books are read first: what they count as stored is committed by then, so the database may hold more,
        # never less.
        books = read_books(client, Connection().shard)
    held = _database(data, Connection().shard) if database else None
    stored = held.stored if held is not None else None
    findings = _findings(books, held)
    if as_json:
        whole = {**books.as_json(), "database_stored": stored, "findings": findings}
        sys.stdout.buffer.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        _print(books, stored, findings)
    return NEGATIVE if findings else 0


def _accept(client: Redis, generation: str, shard: str | None) -> None:
    from shared.books import accept_loss

    if not accept_loss(client, generation, shard):
        raise CommandError(
            f"no books of generation {generation} are noted as lost",
            "`fazhi audit` names the generation, if there is one",
        )


@dataclass(frozen=True)
class _Held:
    """What the database knows of the books."""

    stored: int  # entries that it has seen through: stored, and forgotten afterwards on request
    generation: str | None  # of the books under which it was filled last


def _database(data: Path, shard: str | None) -> _Held | None:
    from sqlalchemy import func, inspect, select

    from services.sink import schema
    from services.sink.engine import connect

    try:
        url = database_url(data)
    except CommandError:  # the pipeline runs elsewhere and its database is not ours to read
        return None
    engine = connect(url)
    entries, known = schema.entries.c, schema.books.c
    with engine.connect().execution_options(reading=True) as connection:
        counted = select(func.count()).where(entries.outcome.in_(("stored", "forgotten")))
        count = connection.execute(counted).scalar_one()
        generation = None
        if inspect(connection).has_table(schema.books.name):  # a database that a sink of this version has opened
            generation = connection.execute(select(known.generation).where(known.shard == (shard or ""))).scalar()
    engine.dispose()
    return _Held(count, generation)


def _findings(books: Books, held: _Held | None) -> list[str]:
    findings = []
    if books.lost is not None:
        findings.append(
            f"books lost: the server was flushed or replaced (generation {books.lost} is gone); what to do is in"
            f" docs/runbooks/FazhiBooksLost.md, and then: fazhi audit --accept-loss {books.lost}"
        )
    elif held is not None and held.generation is not None and held.generation != books.generation:
        findings.append(
            f"books lost: the database was filled under generation {held.generation}, which this server does not know"
            " (flushed or replaced; or this is another server than the sink's)"
        )
    for terms in books.streams:
        if terms.difference:
            explained = f", {terms.vanished} of them removed by hand while in work" if terms.vanished else ""
            findings.append(f"{terms.name}: {_difference(terms.difference)}{explained}")
    if books.difference and not any(terms.difference for terms in books.streams):
        findings.append(_difference(books.difference))
    if held is not None and held.stored < books.stored:
        findings.append(f"the database holds {held.stored} of {books.stored} stored entries")
    return findings


def _difference(entries: int) -> str:
    """Which way the books differ, in words: a sign alone does not say it."""
    noun = "entry" if abs(entries) == 1 else "entries"
    if entries > 0:
        return f"{entries} {noun} missing: came in, and neither handed over nor there (removed by hand?)"
    return f"{-entries} {noun} more than came in (added by hand, or an older copy of the server restored?)"


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
    if books.losses:
        console.print(f"times that books were lost, and somebody accepted it: {books.losses}")
    if not books.exact:
        console.print("Redis before 7.0: `accepted` is derived, an entry deleted by hand cannot be seen")
    for finding in findings:
        console.print(f"[red]{finding}[/]")
    console.print("[red]not balanced[/]" if findings else "[green]balanced[/]")
