"""`fazhi export`: the database as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from cyclopts import Parameter
from rich.console import Console

from fazhi.commands.results import check_place, known_metrics, read_years
from fazhi.failure import CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url
from fazhi.options import DataDir
from shared.events import Genre, Level, Modality

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from services.sink.filters import FactFilter

Table = Literal["facts", "reports", "sections", "checks", "coverage"]
_ALL: tuple[Table, ...] = get_args(Table)


def export(
    *,
    form: Annotated[
        Literal["csv", "jsonl", "parquet", "gold"],
        Parameter(name="--format", help="gold: reviewed reports as annotated documents, for the scorer."),
    ] = "parquet",
    output: Annotated[
        str, Parameter(help="Folder for the files; `-` writes one table to standard output.", allow_leading_hyphen=True)
    ] = "export",
    table: Annotated[tuple[Table, ...], Parameter(help="Only these tables; may be repeated.")] = (),
    metric: Annotated[tuple[str, ...], Parameter(help="Facts of this metric, by id or name; may be repeated.")] = (),
    domain: Annotated[str | None, Parameter(help="Facts of this domain.")] = None,
    place: Annotated[str | None, Parameter(help="Code or name of a place, with what lies in it.")] = None,
    year: Annotated[str | None, Parameter(help="Report year, or a range: 2021-2023.")] = None,
    level: Annotated[Level | None, Parameter(help="Level of the reporting body.")] = None,
    genre: Annotated[Genre | None, Parameter(help="Kind of document.")] = None,
    modality: Annotated[Modality | None, Parameter(help="actual, target or baseline.")] = None,
    review: Annotated[
        Literal["in_force", "all", "none", "confirmed", "corrected", "rejected"],
        Parameter(help="in_force leaves rejected facts out; all keeps them."),
    ] = "in_force",
    data: DataDir = DEFAULT_DATA,
) -> int:
    """The database as tidy tables, one row a fact, with a data dictionary beside. Memory stays flat.

    ```
    fazhi export --format parquet --output tables/
    fazhi export --format csv --table facts --metric litigation.loss_rate --output - > loss.csv
    ```
    """
    from services.sink.engine import connect
    from services.sink.filters import FactFilter, ReportFilter

    first, last = read_years(year)
    metric = known_metrics(data, metric, domain)
    check_place(data, place)
    wanted = FactFilter(
        reports=ReportFilter(place=place, year_from=first, year_to=last, level=level, genre=genre),
        metrics=metric, domain=domain, modality=modality, review=review,
    )  # fmt: skip
    engine = connect(database_url(data))
    with engine.connect().execution_options(reading=True) as connection:
        if output == "-":
            _to_standard_output(connection, wanted, form, table)
        elif form == "gold":
            _gold(connection, wanted, Path(output))
        else:
            _to_folder(connection, wanted, form, Path(output), table)
    engine.dispose()
    return 0


def _to_standard_output(connection: Connection, wanted: FactFilter, form: str, tables: tuple[Table, ...]) -> None:
    from services.sink.exports import Export, write

    if form not in {"csv", "jsonl"} or len(tables) > 1:
        raise wrong_use("standard output takes one table as csv or jsonl", "add --format csv --table facts")
    exported = Export(wanted, tables[0] if tables else "facts")
    write(connection, exported, "csv" if form == "csv" else "jsonl", sys.stdout.buffer)


def _to_folder(
    connection: Connection, wanted: FactFilter, form: Literal["csv", "jsonl", "parquet"], folder: Path,
    tables: tuple[Table, ...],
) -> None:  # fmt: skip
    from services.sink.exports import write_folder

    console = Console(stderr=True, highlight=False)
    try:
        written = write_folder(connection, wanted, form, folder, tables or _ALL)
    except OSError as error:
        raise CommandError(
            f"cannot write to {folder}: {error.strerror or error}", "choose another with --output"
        ) from error
    for name, count in written.items():
        console.print(f"{folder / name}.{form}: {count:,} rows", markup=False)


def _gold(connection: Connection, wanted: FactFilter, folder: Path) -> None:
    """Each reviewed report as NAME.txt (the page as crawled) and NAME.jsonl (its annotation)."""
    from services.sink.lookups import reviewed_reports

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for report_id, source, lines in reviewed_reports(connection, wanted.reports):
        (folder / f"{report_id}.txt").write_bytes(source.encode("utf-8", "surrogatepass"))
        (folder / f"{report_id}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        count += 1
    Console(stderr=True).print(f"{count} reviewed reports in {folder}", markup=False)
