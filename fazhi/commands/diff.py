"""`fazhi diff`: what changed between two versions of the rules."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape

from fazhi.commands.rerun import WHERE, read_where
from fazhi.failure import CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url
from fazhi.options import AsJson, DataDir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Facts shown one by one; `--json` gives all.
_SHOWN = 20
#: Pages whose readings are held at a time.
_PAGES_A_QUERY = 100


def diff(
    before: Annotated[
        str | None, Parameter(name="OLD", help="A version; without it the one before the latest.")
    ] = None,
    after: Annotated[str | None, Parameter(name="NEW", help="A version; without it the latest.")] = None,
    /,
    *,
    where: Annotated[
        tuple[str, ...],
        Parameter(help=f"Only some reports: NAME=VALUE with NAME one of {', '.join(WHERE)}; may be repeated."),
    ] = (),
    versions: Annotated[bool, Parameter(help="List the versions and stop.", negative="")] = False,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """Facts gained, lost and changed between two versions of the rules, over all pages that both have read.

    A part of a version's name that no other has is enough. `--json` gives one line a page that differs.
    """
    from services.sink.engine import connect

    wanted, report_id = read_where(where)
    engine = connect(database_url(data))
    with engine.connect().execution_options(reading=True) as connection:
        known = _known(connection)
        if versions:
            _print_versions(known, as_json=as_json)
            return 0
        old, new = _chosen(known, before, after)
        differences = _differences(connection, old, new, wanted, report_id)
        if as_json:
            _print_json(differences)
        else:
            _print(differences, old, new)
    engine.dispose()
    return 0


def _known(connection: Any) -> list[dict[str, Any]]:
    """The versions by the time they were last used, oldest first."""
    from sqlalchemy import func, select

    from services.sink import schema

    table = schema.readings
    last = func.max(table.c.made_at)
    statement = select(
        table.c.version, func.count().label("pages"), func.sum(table.c.facts).label("facts"), last.label("used")
    ).group_by(table.c.version).order_by(last)  # fmt: skip
    return [{str(name): value for name, value in row.items()} for row in connection.execute(statement).mappings()]


def _print_versions(known: list[dict[str, Any]], *, as_json: bool) -> None:
    import orjson

    for row in known:
        if as_json:
            sys.stdout.buffer.write(orjson.dumps({**row, "facts": int(row["facts"])}) + b"\n")
        else:
            sys.stdout.write(f"{row['version']}  {row['pages']} pages, {row['facts']} facts\n")


def _chosen(known: list[dict[str, Any]], before: str | None, after: str | None) -> tuple[str, str]:
    names = [row["version"] for row in known]
    if len(names) <= 1 and not (before and after):
        raise CommandError(
            "every page has been read by one version only", "change a rule, restart the workers, then `fazhi rerun`"
        )
    new = _one(names, after) if after else names[-1]
    old = _one(names, before) if before else next(name for name in reversed(names) if name != new)
    return old, new


def _one(names: list[str], part: str) -> str:
    if part in names:
        return part
    found = [name for name in names if part in name]
    if len(found) != 1:
        raise wrong_use(
            f"{len(found)} versions are called {part!r}", "`fazhi diff --versions` lists them; name one of them"
        )
    return found[0]


def _differences(
    connection: Any, old: str, new: str, wanted: Any, report_id: str | None
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each page that both versions read, with its difference."""
    from sqlalchemy import select

    from services.sink import schema
    from services.sink.diff import diff_readings
    from services.sink.lookups import find_report
    from services.sink.reading import unpack_reading

    readings, pages, reports = schema.readings, schema.pages, schema.reports
    earlier = readings.alias("earlier")
    conditions = [readings.c.version == new, *wanted.conditions()]
    if report_id is not None:
        found = find_report(connection, report_id)
        conditions.append(reports.c.number == (found["number"] if found else None))
    after = 0
    while True:
        rows = connection.execute(
            select(readings.c.number, readings.c.packed, earlier.c.packed.label("earlier"), reports.c.report_id, reports.c.title)
            .join(earlier, (earlier.c.page == readings.c.page) & (earlier.c.version == old))
            .join(pages, pages.c.page == readings.c.page)
            .join(reports, reports.c.number == pages.c.report)
            .where(readings.c.number > after, *conditions)
            .order_by(readings.c.number)
            .limit(_PAGES_A_QUERY)
        ).mappings().all()  # fmt: skip
        for row in rows:
            head = {"report_id": row["report_id"], "title": row["title"]}
            yield head, diff_readings(unpack_reading(row["earlier"]), unpack_reading(row["packed"]))
        if len(rows) < _PAGES_A_QUERY:
            return
        after = rows[-1]["number"]


def _print_json(differences: Iterator[tuple[dict[str, Any], Any]]) -> None:
    import orjson

    for head, difference in differences:
        if not difference.is_empty:
            sys.stdout.buffer.write(orjson.dumps({**head, **difference.as_json()}) + b"\n")


def _print(differences: Iterator[tuple[dict[str, Any], Any]], old: str, new: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    totals: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    shown = 0
    console.print(f"[dim]{escape(old)} → {escape(new)}[/]")
    for head, difference in differences:
        totals["pages"] += 1
        totals["pages that differ"] += not difference.is_empty
        for name in ("gained", "lost", "changed"):
            totals[name] += len(getattr(difference, name))
        totals["same"] += difference.same
        fields.update(name for change in difference.changed for name in change["fields"])
        fields.update(f"document.{name}" for name in difference.document)
        if shown < _SHOWN and not difference.is_empty:
            console.print(f"[bold]{escape(head['title'] or head['report_id'])}[/]")
            for line in _lines(difference):
                shown += 1
                if shown <= _SHOWN:
                    console.print(line)
    if shown > _SHOWN:
        console.print("… and more: --json shows all", style="dim")
    for name in ("pages", "pages that differ", "same", "gained", "lost", "changed"):
        console.print(f"{name:>18}  {totals[name]:,}")
    for name, count in fields.most_common():
        console.print(f"{'of these ' + name:>30}  {count:,}", style="dim")


def _lines(difference: Any) -> Iterator[str]:
    for fact in difference.gained:
        yield f"  [green]+ {escape(_fact(fact))}[/]"
    for fact in difference.lost:
        yield f"  [red]- {escape(_fact(fact))}[/]"
    for change in difference.changed:
        told = "; ".join(f"{name}: {left} → {right}" for name, (left, right) in change["fields"].items())
        yield f"  [yellow]~[/] {escape(_fact(change['fact']))}: {escape(told)}"
    for name, (left, right) in difference.document.items():
        yield f"  [yellow]~[/] {escape(f'{name}: {left} → {right}')}"


def _fact(fact: Mapping[str, Any]) -> str:
    return f"{fact['quote']} ({fact['metric'] or 'no metric'})"
