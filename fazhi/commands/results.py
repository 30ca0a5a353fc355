"""`fazhi results`: facts as a table."""

from __future__ import annotations

import codecs
import csv
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, get_args

from cyclopts import Parameter
from cyclopts.validators import Number

from fazhi.failure import CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url
from fazhi.options import AsJson, DataDir
from fazhi.spoken import spoken_quote, spoken_value
from shared.events import Genre, Level, Modality

#: What of a fact the table shows; `--csv` and `--json` give all of it. The metric is last: where one was asked for, every
#: row would repeat it.
_SHOWN = ("year", "place", "value", "subject", "words", "metric")
#: Places that are proposed in place of one that there is not.
_ALIKE = 3
_YEAR = re.compile(r"[0-9]{4}")
_LEVELS = get_args(Level)
_MODALITIES = get_args(Modality)
_GENRES = get_args(Genre)
#: Rows of a table that a person looks through; a program gets all.
_TABLE_ROWS = 50


def results(
    *,
    metric: Annotated[
        tuple[str, ...], Parameter(help="Metric by id or name: litigation.loss_rate, 败诉率; may be repeated.")
    ] = (),
    domain: Annotated[str | None, Parameter(help="All metrics of a domain, for example litigation.")] = None,
    place: Annotated[str | None, Parameter(help="Code or name of a place, with what lies in it.")] = None,
    year: Annotated[str | None, Parameter(help="Report year, or a range: 2021-2023.")] = None,
    level: Annotated[
        str | None, Parameter(help="province, prefecture, county, township, functional_zone, department.")
    ] = None,
    modality: Annotated[str | None, Parameter(help="actual, target or baseline.")] = None,
    text: Annotated[str | None, Parameter(help="Words in the subject or the quote.")] = None,
    genre: Annotated[str | None, Parameter(help="Kind of document, for example law_based_government.")] = None,
    limit: Annotated[
        int | None,
        Parameter(help="Rows at most; 0 for all. 50 in the table, all with --csv and --json.", validator=Number(gte=0)),
    ] = None,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
    as_csv: Annotated[bool, Parameter(name="--csv", negative="", help="CSV with all fields.")] = False,
) -> int:
    """Facts as a table, by metric, place and year; every row can be traced to its words in the page."""
    from services.sink.filters import FactFilter, ReportFilter

    first, last = read_years(year)
    for given, known, flag in (
        (level, _LEVELS, "--level"), (modality, _MODALITIES, "--modality"), (genre, _GENRES, "--genre"),
    ):  # fmt: skip
        if given is not None and given not in known:
            raise wrong_use(f"{flag} {given!r} is none of {', '.join(known)}", f"for example {flag} {known[0]}")
    metric = known_metrics(data, metric, domain)
    check_place(data, place)
    wanted = FactFilter(
        reports=ReportFilter(place=place, year_from=first, year_to=last, level=level, genre=genre),
        metrics=metric,
        domain=domain,
        modality=modality,
        text=text,
    )
    if limit is None:
        limit = 0 if as_json or as_csv else _TABLE_ROWS
    rows = _rows(data, wanted, limit)
    if as_json:
        _print_json(rows)
    elif as_csv:
        _print_csv(rows)
    else:
        _print_table(rows, limit, _SHOWN[:-1] if len(metric) == 1 else _SHOWN)
    return 0


def read_years(written: str | None) -> tuple[int | None, int | None]:
    """`2023` or `2021-2023` as a first and a last year.

    Raises CommandError for anything else.
    """
    if written is None:
        return None, None
    first, dash, last = written.partition("-")
    years = (first, last) if dash else (first,)
    if not all(map(_YEAR.fullmatch, years)):
        raise wrong_use(f"--year {written!r} is no year", "for example --year 2023 or --year 2021-2023")
    if last and int(last) < int(first):
        raise wrong_use(f"--year {written!r} ends before it begins", f"for example --year {last}-{first}")
    return int(first), int(last or first)


def known_metrics(data: Path, metrics: tuple[str, ...], domain: str | None = None) -> tuple[str, ...]:
    """The ids of metrics that were given by id or name.

    Raises CommandError for a metric or domain that there is not: it would find nothing, silently.
    """
    if not metrics and domain is None:
        return metrics
    from services.sink import wanted_metrics
    from services.sink.engine import connect
    from services.sink.figures import list_metrics
    from services.sink.filters import FactFilter

    engine = connect(database_url(data))
    with engine.connect().execution_options(reading=True) as connection:
        catalogue = list_metrics(connection)
        ids = tuple(wanted_metrics.id_of(catalogue, one) or one for one in metrics)
        why = wanted_metrics.why_unknown(connection, FactFilter(metrics=ids, domain=domain))
    engine.dispose()
    if why is not None:
        raise wrong_use(why, "`fazhi catalogue` lists all, `fazhi catalogue WORD` those whose name holds it")
    return ids


def check_place(data: Path, place: str | None) -> None:
    """Raises CommandError for a place that neither GB/T 2260 nor a stored report names, and for one without a report:
    no filter would find a fact there.
    """
    if place is None:
        return
    from services.sink import gazetteer
    from services.sink.engine import connect
    from services.sink.filters import ReportFilter
    from services.sink.queries import list_reports

    engine = connect(database_url(data))
    with engine.connect().execution_options(reading=True) as connection:
        stored = bool(list_reports(connection, ReportFilter(place=place), limit=1).rows)
        known = stored or gazetteer.knows(connection, place)
        # A name without its last word (县, 市), or with another one, is what people type most.
        near = [] if known else [row for words in (place, place[:-1]) if len(words) > 1
                                 for row in gazetteer.search_places(connection, words, _ALIKE)]  # fmt: skip
    engine.dispose()
    if not known:
        alike = ", ".join(dict.fromkeys(f"{row['name']} ({row['place']})" for row in near[:_ALIKE]))
        raise wrong_use(
            f"there is no place {place!r}",
            f"did you mean {alike}?" if alike else "give its six-digit code, or its whole name: --place 云岭市",
        )
    if not stored:
        raise CommandError(
            f"no report of {place} is stored, nor of what lies in it",
            "`fazhi submit` sends pages; `fazhi status` says how many reports are stored and how many still wait",
        )


def _rows(data: Path, wanted: Any, limit: int) -> Iterator[dict[str, Any]]:
    from services.sink.engine import connect
    from services.sink.queries import all_facts

    engine = connect(database_url(data))
    with engine.connect().execution_options(reading=True) as connection:
        found = all_facts(connection, wanted, page=min(limit or 1_000, 1_000))
        yield from islice(found, limit or None)
    engine.dispose()


def _print_json(rows: Iterator[dict[str, Any]]) -> None:
    import orjson

    for row in rows:
        sys.stdout.buffer.write(orjson.dumps(row) + b"\n")


def _print_csv(rows: Iterator[dict[str, Any]]) -> None:
    from services.sink.answers import csv_cells
    from services.sink.headers import HEADERS

    # UTF-8 whatever the terminal's charset: a file of figures is no text for a terminal.
    writer = csv.DictWriter(codecs.getwriter("utf-8")(sys.stdout.buffer), HEADERS["facts"])
    writer.writeheader()
    writer.writerows(map(csv_cells, rows))


def _print_table(rows: Iterator[dict[str, Any]], limit: int, shown: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in shown:
        table.add_column(name, justify="right" if name == "value" else "left", overflow="fold", no_wrap=name == "year")
    count = 0
    for row in rows:
        count += 1
        table.add_row(*[_cell(row, name) for name in shown])
    console = Console(highlight=False)
    if not count:
        console.print("no facts: either none is stored yet (`fazhi status`), or no stored one is what you ask for")
        return
    console.print(table)
    if count == limit:
        console.print(f"the first {limit}; more with --limit, all with --limit 0", style="dim")


def _cell(row: dict[str, Any], name: str) -> str:
    from rich.markup import escape

    if name == "place":
        return escape(row["county"] or row["city"] or row["province"] or row["issuer"] or "")
    if name == "value":
        return escape(spoken_value(row))
    if name == "words":
        return escape(spoken_quote(row["quote"]))
    value = row["report_year" if name == "year" else name]
    return "" if value is None else escape(str(value))
