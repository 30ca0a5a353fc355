"""`fazhi submit`: pages onto the intake stream."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from fazhi.failure import NEGATIVE, CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url, redis_url
from fazhi.options import AsJson, DataDir
from fazhi.waiting import Fate, wait_for
from shared.names import text_of

if TYPE_CHECKING:
    from services.intake.page import Page, Refused
    from services.intake.settings import IntakeSettings
    from services.intake.submission import Outcome, Submission

#: How long a watch waits at a full stream, or for a server that is away, before it looks whether it is to stop.
_WATCH_PATIENCE_SECONDS = 2.0
#: A page takes milliseconds; a worker that was killed gives its pages back after its lease of 30 s.
_STANDSTILL_SECONDS = 60.0
#: Refused pages that are shown one by one; `--json` gives all.
_SHOWN = 20


def submit(
    paths: Annotated[
        list[str] | None,
        Parameter(
            name="PATH", help="Files and folders; `-` is standard input.", negative=(), allow_leading_hyphen=True
        ),
    ] = None,
    /,
    *,
    watch: Annotated[
        Path | None,
        Parameter(
            help="Take what is dropped into this folder, until Ctrl-C; moved to done/ or refused/. Write a file as NAME.part and rename it when it is whole."
        ),
    ] = None,
    form: Annotated[
        Literal["page", "jsonl", "json", "warc"] | None,
        Parameter(name="--format", help="What the files hold, whatever their names say."),
    ] = None,
    again: Annotated[bool, Parameter(help="Submit also what was submitted within the last 24 hours.")] = False,
    wait: Annotated[bool, Parameter(help="Wait until every page is stored or dead.")] = False,
    timeout: Annotated[float | None, Parameter(help="Seconds to wait at most, with --wait.")] = None,
    source: Annotated[str | None, Parameter(help="Name of the crawl or collection, kept with every page.")] = None,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """Put crawled pages on the intake stream.

    A file is a page as crawled (HTML or text, any charset, also .gz and .zst), JSON Lines (.jsonl: one page a line,
    with `body` and optionally `url`, `fetched_at`, …) or a WARC file (.warc, .warc.gz). Folders are read with all that
    is in them. What was submitted within the last 24 hours is not submitted twice, so an interrupted command can be
    typed again.

    Exit status 0: every page was accepted (with --wait: stored). 1: some were refused, or died.

    ```
    fazhi submit crawl/ --wait
    fazhi submit reports.jsonl 2023.warc.gz
    curl -s http://example.gov.cn/report.html | fazhi submit -
    fazhi submit --watch inbox/
    ```
    """
    from services.intake.settings import IntakeSettings
    from services.intake.submission import Submission
    from shared.server import connect
    from shared.streams import keys

    console = Console(stderr=True, highlight=False)
    settings = IntakeSettings()
    if watch is not None:  # it offers a page again by itself, and listens to Ctrl-C in between
        settings = settings.model_copy(update={"intake_patience_seconds": _WATCH_PATIENCE_SECONDS})
    _check(paths or [], watch)
    database = database_url(data) if wait else ""  # where it cannot be waited, nothing is submitted either
    with connect(redis_url(data)) as client:
        client.ping()
        submission = Submission(
            client, keys(settings.shard), settings, again=again, tell=lambda line: console.print(line, markup=False)
        )
        if watch is not None:
            return _watch(watch, submission, settings, console, as_json=as_json)
        offered = _offered(paths or [], settings, form, source)
        tally = Tally()
        try:
            _put(submission, offered, tally, console, quiet=as_json)
        except KeyboardInterrupt:
            console.print(
                f"interrupted: {len(tally.accepted)} accepted; the same command goes on where it stopped, and submits"
                " nothing twice"
            )
            raise
    fates: dict[str, Fate] = {}
    if wait and tally.entries:
        with waiting_bar(console, len(tally.entries), quiet=as_json) as step:
            fates = wait_for(database, tally.entries, timeout=timeout, step=step)
    _report(tally, fates, console, waited=wait, as_json=as_json)
    unhappy = tally.refused or (wait and any(fates.get(entry, Fate()).outcome != "stored" for entry in tally.entries))
    return NEGATIVE if unhappy else 0


@dataclass
class Tally:
    """What became of the pages that were offered."""

    accepted: list[tuple[str, str]] = field(default_factory=list)  # name, entry
    known: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    size: int = 0

    @property
    def entries(self) -> list[str]:
        """Every entry that stands for a page offered now, each once."""
        return list(dict.fromkeys(entry for _, entry in (*self.accepted, *self.known)))

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        from services.intake.submission import Accepted

        if not isinstance(outcome, Accepted):
            self.refused.append(outcome)
            return
        (self.known if outcome.again else self.accepted).append((outcome.name, outcome.entry))
        self.size += outcome.size


def _check(paths: list[str], watch: Path | None) -> None:
    if watch is not None:
        if paths:
            raise wrong_use("--watch takes its folder alone", "submit the other paths with a command of their own")
        if not watch.is_dir():
            raise wrong_use(f"{watch} is no folder", f"create it first: mkdir {watch}")
        return
    if not paths:
        raise wrong_use("nothing to submit", "name files or folders, or `-` for standard input: fazhi submit crawl/")
    for path in paths:
        if path == "-" and sys.stdin is None:
            raise wrong_use("standard input is closed", "`… | fazhi submit -` reads what another command writes")
        if path == "-" or Path(path).exists():
            continue
        if path.startswith("-"):  # `-` must be let through, and with it comes every option that is none
            raise wrong_use(f"unknown option {path}", "`fazhi submit --help` names them; nothing was submitted")
        raise wrong_use(f"{path} does not exist", "nothing was submitted")


def _offered(paths: Iterable[str], settings: IntakeSettings, form: Any, source: str | None) -> Iterator[Page | Refused]:
    from dataclasses import replace

    from services.intake.files import read_paths, read_stream
    from services.intake.page import Page

    for path in paths:
        if path == "-":
            found = read_stream(sys.stdin.buffer, "stdin", settings.max_report_bytes, form)
        else:
            found = read_paths([Path(path)], settings.max_report_bytes, form)
        for page in found:
            yield replace(page, source=page.source or source) if isinstance(page, Page) else page


def _put(
    submission: Submission, offered: Iterator[Page | Refused], tally: Tally, console: Console, *, quiet: bool
) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("submitting"),
        TextColumn("{task.completed:,.0f} pages"),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("", total=None, size="")
        for outcome in submission.put(offered):
            tally.add(outcome)
            progress.update(task, advance=1, size=f"{tally.size / 1e6:,.1f} MB, {len(tally.refused)} refused")


@contextmanager
def waiting_bar(console: Console, total: int, *, quiet: bool) -> Iterator[Any]:
    """A bar of how many pages are stored or dead; yields what `wait_for` calls with the number."""
    columns = (
        SpinnerColumn(),
        TextColumn("waiting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("stored or dead"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        standstill = _Standstill(console)

        def step(done: int) -> None:
            progress.update(task, completed=done)
            standstill.look(done)

        yield step


@dataclass
class _Standstill:
    """Says once, when nothing is done for long, where to look: a stage may have no worker, or one that never starts."""

    console: Console
    done: int = -1
    since: float = 0.0

    def look(self, done: int) -> None:
        if done != self.done:
            self.done, self.since = done, time.monotonic()
        elif time.monotonic() - self.since > _STANDSTILL_SECONDS:
            self.since = math.inf
            self.console.print(
                f"nothing was stored for {_STANDSTILL_SECONDS:.0f} s, still waiting: `fazhi status` shows before which"
                " stage the pages wait, and the logs of its worker why"
            )


def _report(tally: Tally, fates: dict[str, Fate], console: Console, *, waited: bool, as_json: bool) -> None:
    dead = [entry for entry in tally.entries if fates.get(entry, Fate()).outcome == "dead"]
    stored = [entry for entry in tally.entries if fates.get(entry, Fate()).outcome == "stored"]
    open_ = [entry for entry in tally.entries if waited and entry not in fates]
    if as_json:
        _print_json(tally, fates, waited=waited)
        return
    names = {entry: name for name, entry in (*tally.accepted, *tally.known)}
    line = f"{len(tally.accepted)} accepted"
    line += f", {len(tally.known)} submitted before (--again submits them anew)" if tally.known else ""
    line += f", {len(tally.refused)} refused" if tally.refused else ""
    line += f"; {len(stored)} stored, {len(dead)} dead" if waited else ""
    line += f", {len(open_)} still on their way" if open_ else ""
    if not (names or tally.refused):
        line += "; there is no file in what was named"
    console.print(line)
    rows = [(one.name, str(one.reason), one.detail) for one in tally.refused]
    rows += [(names[entry], f"dead: {fates[entry].reason}", fates[entry].detail) for entry in dead]
    if rows:
        table = Table("page", "reason", "detail", box=None, pad_edge=False)
        for name, reason, detail in rows[:_SHOWN]:
            table.add_row(escape(name), reason, escape(detail[:120]))
        console.print(table)
        if len(rows) > _SHOWN:
            console.print(f"… and {len(rows) - _SHOWN} more; --json lists all")
    if dead:
        console.print("`fazhi dead list` shows the dead letters, `fazhi dead replay` sends them again")


def _print_json(tally: Tally, fates: dict[str, Fate], *, waited: bool) -> None:
    whole: dict[str, Any] = {
        "accepted": [{"name": name, "entry": entry} for name, entry in tally.accepted],
        "submitted_before": [{"name": name, "entry": entry} for name, entry in tally.known],
        "refused": [{"name": one.name, "reason": one.reason, "detail": one.detail} for one in tally.refused],
    }
    if waited:
        whole["fates"] = {entry: {"outcome": fate.outcome, "reason": fate.reason} for entry, fate in fates.items()}
        whole["on_their_way"] = [entry for entry in tally.entries if entry not in fates]
    sys.stdout.buffer.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _in_a_line(tally: Tally) -> str:
    reasons = ", ".join(sorted({str(one.reason) for one in tally.refused}))
    line = f"{len(tally.accepted)} accepted"
    line += f", {len(tally.known)} submitted before" if tally.known else ""
    return line + (f", {len(tally.refused)} refused: {reasons}" if tally.refused else "")


def _watch(folder: Path, submission: Submission, settings: IntakeSettings, console: Console, *, as_json: bool) -> int:
    from services.intake.watch import watch_folder

    stopped = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    console.print(f"watching {folder}; Ctrl-C stops")
    try:
        for path, outcomes in watch_folder(folder, submission, settings, lambda: stopped):
            tally = Tally()
            for outcome in outcomes:
                tally.add(outcome)
            if as_json:
                line = {
                    "file": text_of(path),
                    "accepted": [entry for _, entry in tally.accepted],
                    "submitted_before": [entry for _, entry in tally.known],
                    "refused": [one.name for one in tally.refused],
                }
                sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                sys.stdout.buffer.flush()
            else:
                console.print(f"{time.strftime('%H:%M:%S')}  {text_of(path)}: {_in_a_line(tally)}", markup=False)
    except OSError as error:
        raise CommandError(
            f"cannot go on watching {folder}: {error}", "check its rights: files are moved to done/ and refused/ in it"
        ) from error
    return 0
