"""`fazhi audit`: do the books balance?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from fazhi.failure import NEGATIVE, CommandError
from fazhi.home import DEFAULT_DATA, database_url, redis_url
from fazhi.options import AsJson, DataDir

if TYPE_CHECKING:
    from redis import Redis

    from services.sink.holdings import Holdings
    from shared.books import Books

#: Entries that a finding names.
_NAMED = 10
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
    under full load too. Compared with the database, every entry that the books count as stored or as a dead letter
    must be there and no other, and each with its page or its letter: where one of the two is missing, its name is told.

    Exit status 0: they balance. 1: they do not, or they were lost (the server was flushed).
    """
    from shared.server import connect
    from shared.settings import Connection

    shard = Connection().shard
    with connect(redis_url(data)) as client:
        look = _look(client, data if database else None, shard)
        if accept_loss is not None:
            _accept(client, accept_loss, look, data, shard)
            look = _look(client, data if database else None, shard)
    books, held, later = look
    findings = [*_findings(books, held), *([] if held is None else _database_findings(books, held, later))]
    if as_json:
        known = {} if held is None else {"database_stored": held.stored, "database": held.outcomes}
        whole = {"database_stored": None, **books.as_json(), **known, "findings": findings}
        sys.stdout.buffer.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        _print(books, held, findings)
    return NEGATIVE if findings else 0


class _Look(NamedTuple):
    """The books, what the database holds (None where it is not to be read, or not ours), and the books once more.

    What the books count at first is committed by then, and what is committed is counted or on a stream the second
    time: so the comparison holds under load too.
    """

    books: Books
    held: Holdings | None
    later: Books


def _look(client: Redis, data: Path | None, shard: str | None) -> _Look:
    from shared.books import read_books

    books = read_books(client, shard)
    held = None if data is None else _database(data, shard)
    return _Look(books, held, read_books(client, shard))


def _database(data: Path, shard: str | None) -> Holdings | None:
    from services.sink.engine import connect
    from services.sink.holdings import is_known, read_holdings
    from shared.streams import keys

    try:
        url = database_url(data)
    except CommandError:  # the pipeline runs elsewhere and its database is not ours to read
        return None
    engine = connect(url)
    held = None
    if is_known(engine):
        with engine.connect().execution_options(reading=True) as connection:
            held = read_holdings(connection, keys(shard).books.removesuffix("books"), shard)
    engine.dispose()
    return held


def _accept(client: Redis, generation: str, look: _Look, data: Path, shard: str | None) -> None:
    """Close the matter; what the database holds of the lost books is noted, so that later ones are compared without it."""
    from services.sink.engine import connect
    from services.sink.holdings import note_before
    from shared.books import accept_loss

    if look.books.lost == generation and look.held is not None:
        if _counted(look.books, look.later) != _counted(look.later, look.books) or _on_the_way(look.later):
            raise CommandError(
                "entries are on their way into the database, so it cannot be said which it held before",
                "stop the crawlers, wait until `fazhi audit` shows nothing waiting or in work, and say it again",
            )
        engine = connect(database_url(data))
        note_before(engine, shard, look.held.entries - _counted(look.books, look.later))
        engine.dispose()
    if not accept_loss(client, generation, shard):
        raise CommandError(
            f"no books of generation {generation} are noted as lost",
            "`fazhi audit` names the generation, if there is one",
        )


def _findings(books: Books, held: Holdings | None) -> list[str]:
    findings = []
    if books.lost is not None:
        findings.append(
            f"books lost: the server was flushed or replaced (generation {books.lost} is gone); what to do is in"
            f" docs/runbooks/FazhiBooksLost.md, and then: fazhi audit --accept-loss {books.lost}"
        )
    elif held is not None and held.generation is not None and held.generation != books.generation:
        findings.append(
            f"books lost: the database was filled under generation {held.generation}, which this server does not know"
            " (flushed or replaced; or another server fills this database: name the shards)"
        )
    for terms in books.streams:
        if terms.difference:
            explained = f", {terms.vanished} of them removed by hand while in work" if terms.vanished else ""
            findings.append(f"{terms.name}: {_difference(terms.difference)}{explained}")
    if books.difference and not any(terms.difference for terms in books.streams):
        findings.append(_difference(books.difference))
    return findings


def _database_findings(books: Books, held: Holdings, later: Books) -> list[str]:
    """What the books (read before and after the database) and the database do not agree in."""
    findings = []
    is_lost = books.lost is not None or held.generation != books.generation
    before = 0 if is_lost else held.held_before
    least = before + _counted(books, later)
    most = before + _counted(later, books) + _on_the_way(later)
    if held.stored < books.stored:
        findings.append(f"the database holds {held.stored} of {books.stored} stored entries")
    elif held.entries < least:
        findings.append(f"the database holds {held.entries} of {least} entries that are stored or dead")
    if held.entries > most and not is_lost:
        findings.append(
            f"the database holds {held.entries - most} entries that the books do not count"
            " (an older copy of the server restored, or another server fills this database: name the shards)"
        )
    for what, entries in held.lacks.items():
        if entries:
            more = f" and {len(entries) - _NAMED} more" if len(entries) > _NAMED else ""
            findings.append(f"{what}: {', '.join(entries[:_NAMED])}{more}")
    return findings


def _counted(books: Books, replayed: Books) -> int:
    """Entries that have come to an end in the database by `books`, without the letters that `replayed` counts as sent
    again.
    """
    return books.stored + books.stream("dead").handed_over - replayed.revived


def _on_the_way(books: Books) -> int:
    return sum(terms.length for terms in books.streams)


def _difference(entries: int) -> str:
    """Which way the books differ, in words: a sign alone does not say it."""
    noun = "entry" if abs(entries) == 1 else "entries"
    if entries > 0:
        return f"{entries} {noun} missing: came in, and neither handed over nor there (removed by hand?)"
    return f"{-entries} {noun} more than came in (added by hand, or an older copy of the server restored?)"


def _print(books: Books, held: Holdings | None, findings: list[str]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name in _TERMS:
        table.add_row(name.replace("_", " "), f"{getattr(books, name):,}")
    if held is not None:
        table.add_row("in the database", f"{held.entries:,}")
        for outcome, entries in sorted(held.outcomes.items()):
            table.add_row(f"  {outcome}", f"{entries:,}")
    console.print(table)
    if held is not None and held.renamed:
        console.print(
            f"{held.renamed} entries came under names that other pages have, and are kept under their own (NAME+HASH):"
            " two servers fill this database, or a client chose the ids"
        )
    if books.generation is None:
        console.print("the books are not open yet: no worker has run on this server")
    if books.losses:
        console.print(f"times that books were lost, and somebody accepted it: {books.losses}")
    if not books.exact:
        console.print("Redis before 7.0: `accepted` is derived, an entry deleted by hand cannot be seen")
    for finding in findings:
        console.print(f"[red]{finding}[/]")
    console.print("[red]not balanced[/]" if findings else "[green]balanced[/]")
