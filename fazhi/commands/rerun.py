"""`fazhi rerun`: stored reports through the pipeline again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from fazhi.commands.results import read_years
from fazhi.failure import NEGATIVE, CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url, redis_url
from fazhi.options import DataDir

if TYPE_CHECKING:
    from redis import Redis

    from services.sink.filters import ReportFilter
    from services.sink.rerun import Start, StoredPage
    from shared.streams import Keys

#: What `--where` takes.
WHERE = ("report", "place", "year", "level", "genre", "version", "title")
#: A repeated call within a day adds nothing twice.
_TOKEN_SECONDS = 86_400
#: How often the fill of the stream is looked at while reports are sent.
_LOOK_EVERY = 50


def rerun(
    *,
    start: Annotated[
        Literal["normalizer", "sectioner", "extractor"],
        Parameter(name="--from", help="The first stage that works again."),
    ] = "normalizer",
    where: Annotated[
        tuple[str, ...],
        Parameter(help=f"Only some reports: NAME=VALUE with NAME one of {', '.join(WHERE)}; may be repeated."),
    ] = (),
    every: Annotated[
        bool, Parameter(name="--all", help="Every stored report, without being asked.", negative="")
    ] = False,
    wait: Annotated[bool, Parameter(help="Wait until every report is stored or dead.")] = False,
    timeout: Annotated[float | None, Parameter(help="Seconds to wait at most, with --wait.")] = None,
    data: DataDir = DEFAULT_DATA,
) -> int:
    """Process stored reports again, after a change of the rules; nothing has to be crawled twice.

    Each page is a new entry in the books. Its new facts take the place of the old ones all at once; the old ones are
    kept under their version (`fazhi diff` shows what changed), and reviews stay in force.

    Without --where it is every report: that is asked on a terminal, and elsewhere needs --all.

    Exit status 0: all were sent (with --wait: stored). 1: some died, the time was up, or it was not wanted.

    ```
    fazhi rerun --all --from extractor --wait
    fazhi rerun --from sectioner --where place=410000 --where year=2021-2023
    ```
    """
    from services.sink.engine import connect as open_database
    from services.sink.rerun import count_pages, stored_pages
    from shared.server import connect
    from shared.settings import WorkerSettings
    from shared.streams import keys

    wanted, report_id = read_where(where)
    if where and every:
        raise wrong_use("--all and --where exclude each other", "give one of them")
    ask = not (where or every)
    if ask and not sys.stdin.isatty():
        raise wrong_use("this would send every stored report again", "add --all, or say which by --where NAME=VALUE")
    console = Console(stderr=True, highlight=False)
    settings = WorkerSettings()
    engine = open_database(database_url(data))
    with connect(redis_url(data)) as client, engine.connect().execution_options(reading=True) as connection:
        client.ping()
        report = _number(connection, report_id)
        total = count_pages(connection, wanted, report)
        if not total:
            console.print("no stored report is what you ask for; nothing was sent")
            return 0
        if ask and not ask_for_all(console, total, start):
            return NEGATIVE
        pages = _paced(stored_pages(connection, wanted, report), client, keys(settings.shard), start, settings, console)
        entries = _send(pages, client, keys(settings.shard), start, tell=lambda line: console.print(line, markup=False))
    engine.dispose()
    console.print(f"{len(entries)} pages sent to the {start} again")
    return _wait(entries, data, timeout, console) if wait else 0


def ask_for_all(console: Console, total: int, start: Start) -> bool:
    """Whether a person at the terminal wants every stored page to be sent."""
    console.print(f"all {total} stored pages go to the {start} again; type yes to go on: ", end="")
    if input().strip() == "yes":
        return True
    console.print("nothing was sent")
    return False


def read_where(where: Iterable[str]) -> tuple[ReportFilter, str | None]:
    """`NAME=VALUE` conditions as a filter, and the id of a single report where one is named.

    Raises CommandError for what they cannot mean.
    """
    from services.sink.filters import ReportFilter

    found: dict[str, Any] = {}
    for condition in where:
        name, separator, value = condition.partition("=")
        if name not in WHERE or not separator or not value:
            raise wrong_use(f"--where {condition!r} is no condition", f"NAME=VALUE with NAME one of {', '.join(WHERE)}")
        if name in found:
            raise wrong_use(f"--where {name}=… is given twice", "give each condition once")
        found[name] = value
    report_id = found.pop("report", None)
    first, last = read_years(found.pop("year", None))
    return ReportFilter(year_from=first, year_to=last, **found), report_id


def _number(connection: Any, report_id: str | None) -> int | None:
    from services.sink.lookups import find_report

    if report_id is None:
        return None
    row = find_report(connection, report_id)
    if row is None:
        raise CommandError(f"there is no report {report_id}", "`fazhi results --json` shows the ids")
    return int(row["number"])


def _paced(  # noqa: PLR0917 - what it needs to look and to tell
    pages: Iterable[StoredPage], client: Redis, names: Keys, start: Start, settings: Any, console: Console
) -> Iterator[StoredPage]:
    """The pages, waiting while the stream they go to is over its limit."""
    from services.sink.rerun import STREAM_OF

    target = names.stream(STREAM_OF[start])
    for at, page in enumerate(pages):
        told = False
        while at % _LOOK_EVERY == 0 and (client.memory_usage(target) or 0) >= settings.max_stream_bytes:
            if not told:
                console.print(f"{target} is over its limit; waiting for the workers", markup=False)
                told = True
            time.sleep(1.0)
        yield page


def _send(
    pages: Iterable[StoredPage], client: Redis, names: Keys, start: Start, *, tell: Callable[[str], None]
) -> list[str]:
    """Put the pages where `start` reads; the names of their entries."""
    if start == "normalizer":
        return _submit(pages, client, names, tell)
    from services.sink.rerun import STREAM_OF, event_for, new_entry
    from shared import scripts
    from shared.codec import encode_event
    from shared.letters.burial import EVENT_FIELD

    entries = []
    short = STREAM_OF[start]
    prefix = names.books.removesuffix("books")
    for page in pages:
        seconds, microseconds = client.time()
        entry, accepted_at = new_entry(prefix, seconds + microseconds / 1e6)
        packed = encode_event(event_for(page, start, entry, accepted_at))
        token = f"{names.once}rerun:{entry}"
        client.eval(
            scripts.RERUN, 3, token, names.stream(short), names.books, _TOKEN_SECONDS, short, EVENT_FIELD, packed
        )
        entries.append(entry)
    return entries


def _submit(pages: Iterable[StoredPage], client: Redis, names: Keys, tell: Callable[[str], None]) -> list[str]:
    from services.intake.page import Page
    from services.intake.settings import IntakeSettings
    from services.intake.submission import Accepted, Submission

    submission = Submission(client, names, IntakeSettings(), again=True, tell=tell)
    offered = (
        Page(
            name=page.crawl.name or page.crawl.url or page.page, body=page.body, url=page.crawl.url,
            content_type=page.crawl.content_type, charset=page.crawl.charset, fetched_at=page.crawl.fetched_at, source=page.crawl.source,
            extra=page.crawl_again.extra,
        )
        for page in pages
    )  # fmt: skip
    entries = []
    for outcome in submission.put(offered):
        if not isinstance(outcome, Accepted):
            raise CommandError(
                f"{outcome.name} was refused: {outcome.detail or outcome.reason}", "run the command again"
            )
        entries.append(outcome.entry)
    return entries


def _wait(entries: list[str], data: Any, timeout: float | None, console: Console) -> int:
    from fazhi.waiting import wait_for

    fates = wait_for(database_url(data), entries, timeout=timeout, step=lambda _count: None)
    stored = sum(fate.outcome == "stored" for fate in fates.values())
    dead = sum(fate.outcome == "dead" for fate in fates.values())
    console.print(f"{stored} stored, {dead} dead, {len(entries) - stored - dead} not done yet")
    return 0 if stored == len(entries) else NEGATIVE
