"""`fazhi demo`: everything once, on a folder of pages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fazhi.failure import NEGATIVE, CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, Home, State
from fazhi.spoken import spoken_place, spoken_quote, spoken_value
from fazhi.supervisor import last_lines
from fazhi.waiting import Fate, wait_for

_PAGES = {".txt", ".html", ".htm"}
_START_SECONDS = 60.0
_WAIT_SECONDS = 120.0
_STOP_SECONDS = 60.0
#: Metrics shown, and facts of each: enough to see that the figures of several places stand side by side.
_METRICS, _FACTS = 5, 4
_QUOTE_CHARACTERS = 46


def demo(
    folder: Annotated[Path, Parameter(name="FOLDER", help="Pages as crawled: HTML or text.")],
    /,
    *,
    data: Annotated[
        Path, Parameter(name="--data", help="Folder of the demo's pipeline; made anew each time.")
    ] = DEFAULT_DATA / "demo",
) -> int:
    """Everything once: start a pipeline, submit a folder, show the facts, stop the pipeline.

    The pipeline has a folder of its own and leaves nothing running. Its database stays, so that the other commands can
    be tried on it. FAZHI_REDIS_URL and FAZHI_DATABASE_URL do not count here.
    """
    started = time.monotonic()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 110  # a log has no edge
    pages = sorted(path for path in folder.iterdir() if path.suffix in _PAGES) if folder.is_dir() else []
    if not pages:
        raise wrong_use(f"{folder} is no folder with .txt or .html pages", "in the project: fazhi demo samples")
    home = Home.at(data)
    _clear(home)
    with _running(home, console) as state:
        entries = _submit(pages, state, console)
        fates = _wait(entries, state, console)
        _print_reports(entries, fates, state, console)
        _print_facts(state, console)
    left = [name for name, entry in entries.items() if fates.get(entry, Fate()).outcome not in {"stored", "dead"}]
    if left:
        console.print(f"[red]not done after {_WAIT_SECONDS:.0f} s:[/] {escape(', '.join(left))}; logs in {home.logs}")
        return NEGATIVE
    _print_next(home, console, time.monotonic() - started)
    return 0


def _clear(home: Home) -> None:
    """Remove what the last demo left. Raises CommandError for a folder that is not a demo's."""
    if not home.path.exists():
        return
    if home.is_running():
        raise CommandError(f"a pipeline is running in {home.path}", f"stop it first: fazhi down --data {home.path}")
    if any(home.path.iterdir()) and not home.lock_file.exists():
        raise wrong_use(f"{home.path} is not a pipeline's folder", "choose another --data: this one would be emptied")
    shutil.rmtree(home.path)


@contextmanager
def _running(home: Home, console: Console) -> Iterator[State]:
    """A pipeline as `fazhi up` starts it, stopped at the end."""
    home.make()
    log = home.logs / "up.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fazhi", "up", "--data", str(home.path)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, process_group=0,
        )  # fmt: skip
    try:
        with console.status("starting broker, workers, API"):
            state = _wait_for_state(process, home, log)
        console.print(f"pipeline in {home.path}: broker {state.redis_url}, API {state.api_url}")
        yield state
    finally:
        with console.status("stopping"):
            _stop(process)


def _wait_for_state(process: subprocess.Popen[bytes], home: Home, log: Path) -> State:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        state = home.read_state()
        if state is not None and state.api_url is not None and state.pid == process.pid:
            return state
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise CommandError(f"the pipeline does not start; the end of {log}:\n{last_lines(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # the second signal: at once
        process.wait()


def _submit(pages: list[Path], state: State, console: Console) -> dict[str, str]:
    """Submit the pages; name → entry."""
    from services.intake.files import read_paths
    from services.intake.settings import IntakeSettings
    from services.intake.submission import Accepted, Submission
    from shared.server import connect
    from shared.streams import keys

    settings = IntakeSettings()
    entries = {}
    with connect(state.redis_url) as client:
        for outcome in Submission(client, keys(), settings).put(read_paths(pages, settings.max_report_bytes)):
            if isinstance(outcome, Accepted):
                entries[outcome.name] = outcome.entry
            else:
                console.print(f"refused: {escape(outcome.name)}: {outcome.reason}")
    console.print(f"submitted {len(entries)} pages, {sum(page.stat().st_size for page in pages) / 1000:,.0f} KB")
    return entries


def _wait(entries: dict[str, str], state: State, console: Console) -> dict[str, Fate]:
    from fazhi.commands.submit import waiting_bar

    with waiting_bar(console, len(entries), quiet=False) as step:
        return wait_for(state.database_url, list(entries.values()), timeout=_WAIT_SECONDS, step=step)


def _print_reports(entries: dict[str, str], fates: dict[str, Fate], state: State, console: Console) -> None:
    from services.sink.engine import connect
    from services.sink.filters import ReportFilter
    from services.sink.queries import list_reports

    engine = connect(state.database_url)
    with engine.connect().execution_options(reading=True) as connection:
        reports = {row["name"]: row for row in list_reports(connection, ReportFilter(), limit=100).rows}
    engine.dispose()
    table = Table(box=None, pad_edge=False)
    table.add_column("page", no_wrap=True)
    for name in ("place", "level", "year", "script"):
        table.add_column(name, overflow="fold")
    for name in ("sections", "facts", "with metric"):
        table.add_column(name, justify="right", min_width=5)
    dead, others = [], []
    for name, entry in entries.items():
        fate, row = fates.get(entry, Fate()), reports.get(name)
        if row is not None:
            document = row["document"]
            table.add_row(
                escape(name), spoken_place(document["place"], otherwise=document["issuer"]), (document["level"] or "").replace("_", " "),
                str(document["report_year"] or ""), document["script"],
                str(row["sections"]), str(row["facts"]), str(row["mapped_facts"]),
            )  # fmt: skip
            if document["genre"] != "law_based_government":
                others.append(name)
        elif fate.outcome == "dead":
            dead.append((name, fate))
    console.print("\n[bold]Reports[/]")
    console.print(table)
    if others:
        console.print(f"no report on law-based government, kept and marked as such: {escape(', '.join(others))}")
    for name, fate in dead:
        console.print(f"dead letter: {escape(name)}: {fate.reason} ({escape(fate.detail)})")


def _print_facts(state: State, console: Console) -> None:
    from itertools import islice

    from services.sink.engine import connect
    from services.sink.filters import FactFilter
    from services.sink.queries import all_facts

    engine = connect(state.database_url)
    with engine.connect().execution_options(reading=True) as connection:
        facts = [
            fact
            for fact in islice(all_facts(connection, FactFilter(modality="actual"), page=1000), 5000)
            if is_level(fact)
        ]
    engine.dispose()
    console.print(
        "\n[bold]The most telling facts[/]: what several places report, side by side, with the words of the page"
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("metric", no_wrap=True)
    table.add_column("place", overflow="fold")
    table.add_column("year")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("in the words of the page", no_wrap=True)
    for metric, rows in telling(facts):
        for position, fact in enumerate(rows):
            table.add_row(
                metric if position == 0 else "", spoken_place(fact), str(fact["report_year"] or ""),
                spoken_value(fact), escape(_shortened(spoken_quote(fact["quote"]))),
            )  # fmt: skip
    console.print(table)


def is_level(fact: dict[str, Any]) -> bool:
    """Whether the fact is a level of the whole territory: what can be set beside that of another place."""
    return fact["metric"] is not None and fact["change"] is None and fact["scope"] is None


def telling(facts: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The metrics that most reports speak of, each with the surest fact of some reports, the latest year first."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for fact in facts:
        key = fact["metric"], fact["report_id"]
        if key not in best or fact["confidence"] > best[key]["confidence"]:
            best[key] = fact
    spread = Counter(metric for metric, _ in best)
    by_metric: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (metric, _), fact in best.items():
        by_metric[metric].append(fact)
    chosen = sorted(spread, key=lambda metric: (-spread[metric], metric))[:_METRICS]
    return [
        (metric, sorted(by_metric[metric], key=lambda fact: -(fact["report_year"] or 0))[:_FACTS]) for metric in chosen
    ]


def _shortened(line: str) -> str:
    return line if len(line) <= _QUOTE_CHARACTERS else line[: _QUOTE_CHARACTERS - 1] + "…"


def _print_next(home: Home, console: Console, seconds: float) -> None:
    where = home.path.relative_to(Path.cwd()) if home.path.is_relative_to(Path.cwd()) else home.path
    # Typed with its path (by `make demo`), the command is not on the person's PATH: then the hints have the path too.
    command = sys.argv[0] if os.sep in sys.argv[0] and not Path(sys.argv[0]).is_absolute() else "fazhi"
    hints = (
        (f"{command} up --data {where}", "the web page over these reports, at the address that it prints"),
        (f"{command} results --data {where}", "all facts; --metric, --place, --year, --json, --csv"),
        (f"{command} extract FILE --explain", "one page without a pipeline: every numeral and its rule"),
        (f"{command} up", f"a pipeline of your own; then {command} submit DIR --wait"),
        ("README.md, docs/", "how it works, what it promises, how to run it for real"),
    )
    console.print(f"\nDone in {seconds:.0f} s; nothing is left running. Where to look next:")
    width = max(len(what) for what, _ in hints)
    for what, why in hints:
        console.print(f"  {what:<{width}}  {why}", markup=False, soft_wrap=True)
