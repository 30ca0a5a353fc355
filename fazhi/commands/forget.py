"""`fazhi forget`: reports out of the database."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from fazhi.failure import NEGATIVE, wrong_use
from fazhi.home import DEFAULT_DATA, database_url
from fazhi.options import AsJson, DataDir

#: What was removed, in the order in which it is told.
_COUNTS = ("pages", "sources", "readings", "sections", "facts", "checks", "coverage", "reviews", "dead_letters")


def forget(
    reports: Annotated[list[str], Parameter(name="REPORT", help="Ids, as `fazhi results --json` shows them.")],
    /,
    *,
    yes: Annotated[bool, Parameter(help="Do not ask.", negative="")] = False,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """Take reports out of the database, with their pages as crawled, all versions of their facts, reviews, and every
    dead letter that holds one of the pages.

    It cannot be undone. The names of their entries stay, because the books have counted them, each with the hash of its
    page: a rerun that is on its way brings nothing back. What a new crawl brings is stored again.

    Exit status 0: all were removed. 1: some were not there.
    """
    import orjson
    from rich.console import Console

    from services.sink.engine import connect
    from services.sink.forget import forget_report

    console = Console(stderr=True, highlight=False)
    if not yes:
        if not sys.stdin.isatty():
            raise wrong_use("forgetting cannot be undone", "add --yes")
        console.print(f"{len(reports)} report(s) will be removed for good; type yes to go on: ", end="")
        if input().strip() != "yes":
            console.print("nothing was removed")
            return NEGATIVE
    engine = connect(database_url(data))
    missing = 0
    for report_id in reports:
        removed = forget_report(engine, report_id)
        missing += removed is None
        if as_json:
            sys.stdout.buffer.write(orjson.dumps({"report_id": report_id, "removed": removed}) + b"\n")
        elif removed is None:
            console.print(f"there is no report {report_id}", markup=False)
        else:
            told = ", ".join(f"{removed[name]} {name.replace('_', ' ')}" for name in _COUNTS)
            console.print(f"removed {removed['report_id']} {removed['title'] or ''}: {told}", markup=False)
            for url in removed["urls"]:
                console.print(f"  {url}", markup=False)
    engine.dispose()
    return NEGATIVE if missing else 0
