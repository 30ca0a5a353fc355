"""`fazhi status`: what waits, what is in work, what is done."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from cyclopts import Parameter
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from fazhi.home import DEFAULT_DATA, Home, redis_url
from fazhi.options import AsJson, DataDir
from shared.streams import STAGE_OF, WORK_STREAMS

if TYPE_CHECKING:
    from shared.books import Books

#: Between two looks: long enough for a rate, short enough to wait for.
_SECONDS = 1.0
_MINUTE, _HOUR = 60.0, 3600.0


def status(
    *,
    watch: Annotated[bool, Parameter(help="Renew the picture every second, until Ctrl-C.")] = False,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """What waits, what is in work, what is done, and how fast.

    One line a stream. `rate` is entries that left the stream a second; `oldest` is how long its oldest entry has been
    on it. With --watch and --json: one line of JSON a second.
    """
    from shared.books import read_books
    from shared.server import connect
    from shared.settings import Connection

    shard = Connection().shard
    home = Home.at(data)
    with connect(redis_url(data)) as client:
        before = read_books(client, shard)
        time.sleep(_SECONDS if before.accepted else 0)
        picture = Picture(before, read_books(client, shard), home)
        if as_json:
            _print_json(picture, indent=not watch)
        elif not watch:
            Console(highlight=False).print(picture.table())
        if not watch:
            return 0
        with Live(picture.table(), console=Console(highlight=False, quiet=as_json), auto_refresh=False) as live:
            while True:
                time.sleep(_SECONDS)
                picture = Picture(picture.now, read_books(client, shard), home)
                if as_json:
                    _print_json(picture, indent=False)
                else:
                    live.update(picture.table(), refresh=True)


@dataclass(frozen=True)
class Picture:
    """Two looks at the books, so that there is a rate."""

    before: Books
    now: Books
    home: Home

    def rate(self, stream: str) -> float:
        """Entries that left the stream a second."""
        seconds = self.now.server_time - self.before.server_time
        gone = _gone(self.now, stream) - _gone(self.before, stream)
        return gone / seconds if seconds > 0 else 0.0

    def table(self) -> Group:
        """For a person."""
        books = self.now
        table = Table("stream", "stage", "waiting", "in work", "rate /s", "oldest", "dead", box=None, pad_edge=False)
        for column in table.columns[2:]:
            column.justify = "right"
        for name in (*WORK_STREAMS, "dead"):
            terms = books.stream(name)
            table.add_row(
                name,
                STAGE_OF[name],
                f"{terms.waiting:,}",
                f"{terms.in_work:,}",
                f"{self.rate(name):,.1f}",
                "" if terms.oldest_seconds is None else _spoken(terms.oldest_seconds),
                f"{terms.dead:,}" if name in WORK_STREAMS else "",
            )
        line = Text.assemble(
            f"{books.accepted:,} accepted · {books.stored:,} stored · ",
            (f"{books.dead:,} dead", "red" if books.dead else ""),
            f" · {books.dropped:,} dropped",
        )
        parts: list[Table | Text] = [table, line]
        if books.lost is not None:
            parts.append(Text("the books were lost: `fazhi audit` says what to do", style="bold red"))
        elif not books.balanced:
            parts.append(Text("the books do not balance: `fazhi audit` says where", style="bold red"))
        state = self.home.read_state() if self.home.is_running() else None
        if state is not None:
            parts.append(Text(f"API and web page: {state.api_url}", style="dim"))
        return Group(*parts)

    def as_json(self) -> dict[str, Any]:
        """For a program. Ages in seconds, rates in entries a second."""
        books = self.now
        streams = {
            name: {
                "stage": STAGE_OF[name],
                "waiting": books.stream(name).waiting,
                "in_work": books.stream(name).in_work,
                "rate": round(self.rate(name), 3),
                "oldest_seconds": books.stream(name).oldest_seconds,
                "dead": books.stream(name).dead,
            }
            for name in (*WORK_STREAMS, "dead")
        }
        state = self.home.read_state() if self.home.is_running() else None
        return {
            "accepted": books.accepted,
            "stored": books.stored,
            "waiting": books.waiting,
            "in_work": books.in_work,
            "dead": books.dead,
            "dropped": books.dropped,
            "difference": books.difference,
            "balanced": books.balanced,
            "streams": streams,
            "processes": {process.name: process.pid for process in state.processes} if state else {},
            "api_url": state.api_url if state else None,
        }


def _gone(books: Books, stream: str) -> int:
    terms = books.stream(stream)
    return terms.handed_over + terms.dead + terms.dropped


def _spoken(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


def _print_json(picture: Picture, *, indent: bool) -> None:
    option = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    sys.stdout.buffer.write(orjson.dumps(picture.as_json(), option=option))
    sys.stdout.buffer.flush()
