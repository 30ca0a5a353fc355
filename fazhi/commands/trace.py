"""`fazhi trace`: what each stage did with one page."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from fazhi.failure import CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url, redis_url
from fazhi.moments import local
from fazhi.options import AsJson, DataDir

if TYPE_CHECKING:
    from fazhi.tracing import Trace

#: Entries shown of a report that was submitted many times; `--json` gives all.
_SHOWN = 10
#: A report's id, or so much of its beginning that another report hardly has it.
_REPORT = re.compile(r"[0-9a-f]{6,32}")


def trace(
    name: Annotated[
        str,
        Parameter(
            name="ENTRY|REPORT",
            help="An entry as `fazhi submit` and the API name it, or a report's id (6 characters are enough).",
        ),
    ],
    /,
    *,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """What each stage did with one page: when, how long, by which version, and what came out of it.

    Looks into the database first and, for what is not there yet, on the streams.

    ```
    fazhi trace fazhi:intake/1763740800000-0
    fazhi trace 3f9a1c
    ```
    """
    from shared.settings import Connection
    from shared.streams import keys

    names = keys(Connection().shard)
    traces = _of_entry(name, names, data) if "-" in name else _of_report(name, data)
    if as_json:
        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        sys.stdout.buffer.write(orjson.dumps([asdict(one) for one in traces], option=option, default=str))
        return 0
    console = Console(highlight=False, soft_wrap=True)
    for one in traces[:_SHOWN]:
        _print(one, console)
    if len(traces) > _SHOWN:
        console.print(f"… and {len(traces) - _SHOWN} more entries; --json gives all")
    return 0


def _of_entry(name: str, names: Any, data: Path) -> list[Trace]:
    from sqlalchemy.exc import DBAPIError

    from fazhi.tracing import entry_name, trace_in_database, trace_on_streams
    from services.sink.engine import connect, lacks_schema
    from shared.server import connect as connect_server

    entry = entry_name(name, names)
    if entry is None:
        raise wrong_use(
            f"{name!r} is neither an entry nor a report", "an entry looks like fazhi:intake/1763740800000-0"
        )
    engine = connect(database_url(data))

    def in_database() -> Trace | None:
        try:
            with engine.connect().execution_options(reading=True) as connection:
                return trace_in_database(connection, entry)
        except DBAPIError as error:
            if not lacks_schema(error.orig):
                raise
            return None  # no sink has started yet

    found = in_database()
    if found is None:
        with connect_server(redis_url(data)) as server:
            # What was on its way may have come to its end between the two looks.
            found = trace_on_streams(server, names, entry) or in_database()
    engine.dispose()
    if found is None:
        raise CommandError(
            f"nobody knows {entry}",
            "neither the database nor a stream holds it: accepted by another pipeline, or dropped before the sink kept it?",
        )
    return [found]


def _of_report(name: str, data: Path) -> list[Trace]:
    from fazhi.tracing import entries_of_report, trace_in_database
    from services.sink.engine import connect

    if not _REPORT.fullmatch(name):
        raise wrong_use(
            f"{name!r} is neither an entry nor a report",
            "a report's id is hexadecimal; its first 6 characters are enough",
        )
    engine = connect(database_url(data))
    with engine.connect().execution_options(reading=True) as connection:
        traces = [trace_in_database(connection, entry) for entry in entries_of_report(connection, name)]
    engine.dispose()
    if not traces:
        raise CommandError(
            f"there is no report {name}", "`fazhi results --json` and the API give the ids of those that there are"
        )
    return [one for one in traces if one is not None]


def _print(trace: Trace, console: Console) -> None:
    state = {"stored": "green", "dead": "red"}.get(trace.state, "yellow")
    where = f" on {trace.where}" if trace.where else ""
    console.print(f"[bold]{trace.entry}[/]  [{state}]{trace.state}[/]{where}")
    for key, value in {**trace.crawl, **trace.found}.items():
        if value in (None, {}):
            continue
        console.print(f"  {key.replace('_', ' '):<18} {value}", markup=False)
    if trace.report_id is not None:
        console.print(f"  {'report':<18} {trace.report_id}", markup=False)
    for step in trace.trail:
        _print_step(step, console)
    for letter in trace.dead_letters:
        console.print(f"  [red]dead[/] at {letter['stage']}, {letter['died_at']}: {letter['reason']}")
        console.print(f"    {letter['detail']}", markup=False)
        for delivery in letter["history"]:
            console.print(f"    {_clock(delivery['at'])}  {delivery['worker']}  {delivery['outcome']}", markup=False)
        if letter["traceback"]:
            console.print("    " + letter["traceback"].strip().replace("\n", "\n    "), markup=False)
    console.print()


def _print_step(step: dict[str, Any], console: Console) -> None:
    console.print(
        f"  [bold]{step['stage']}[/]  {_clock(step['started_at'])}  {step['seconds']:.4f} s"
        f"  delivery {step['delivery']}  {step['version']}",
        soft_wrap=True,
    )
    if step["note"]:
        console.print(Padding(Text(step["note"]), (0, 0, 0, 6)))


def _clock(seconds: float) -> str:
    return local(seconds).isoformat(sep=" ", timespec="milliseconds")
