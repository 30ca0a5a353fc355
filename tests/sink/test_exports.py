"""Tables as files: every format holds the same rows, with the columns of the dictionary, at flat memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from contextlib import ExitStack
from pathlib import Path

import pytest
from pyarrow import parquet

from benchmarks.sink import measure_exports
from services.sink import exports
from services.sink.answers import csv_text
from services.sink.dictionary import TABLES, columns, markdown
from services.sink.exports import Export, rows, write, write_folder
from services.sink.filters import FactFilter, ReportFilter
from tests.sink.reports import invented_report
from tests.support.postgres import empty_database

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def filled(shared_store):
    shared_store.write([invented_report(at, city=f"第{at}市", values=tuple(range(at + 1, at + 9))) for at in range(40)])
    return shared_store


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_the_columns_of_the_dictionary_and_every_format_the_same_rows(filled, table, tmp_path):
    with filled.engine.connect() as connection:
        listed = list(rows(connection, Export(FactFilter(), table)))
        for form in ("csv", "jsonl", "parquet"):
            with (tmp_path / f"x.{form}").open("wb") as target:
                assert write(connection, Export(FactFilter(), table), form, target) == len(listed)
    names = [column.name for column in columns(table)]
    assert listed
    assert all(list(row) == names for row in listed)
    filled_columns = {name for row in listed for name, value in row.items() if value is not None}
    assert {"report_id", "title", "report_year"} <= filled_columns
    assert [json.loads(line) for line in (tmp_path / "x.jsonl").read_bytes().splitlines()] == listed
    whole = parquet.read_table(tmp_path / "x.parquet")
    assert whole.column_names == names
    assert whole.column("report_id").to_pylist() == [row["report_id"] for row in listed]
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as text:
        assert [row["report_id"] for row in csv.DictReader(text)] == [row["report_id"] for row in listed]


def test_two_exports_into_one_folder_do_not_write_into_each_others_files(filled, tmp_path, monkeypatch):
    """One that a clock started and one that a person started: whoever ends last has the file, and it is whole."""
    whole = exports.write

    def write_after_another(connection, export, form, target):
        monkeypatch.setattr(exports, "write", whole)
        target.write(b'{"begun": true}\n')
        write_folder(connection, FactFilter(), "jsonl", tmp_path, ("facts",))
        return whole(connection, export, form, target)

    monkeypatch.setattr(exports, "write", write_after_another)
    with filled.engine.connect() as connection:
        listed = list(rows(connection, Export(FactFilter(), "facts")))
        write_folder(connection, FactFilter(), "jsonl", tmp_path, ("facts",))
    begun, *lines = map(json.loads, (tmp_path / "facts.jsonl").read_bytes().splitlines())
    assert (begun, lines) == ({"begun": True}, listed)


def test_an_export_that_breaks_off_leaves_what_was_there(filled, tmp_path, monkeypatch):
    (tmp_path / "facts.jsonl").write_text("of yesterday")

    def on_a_full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "write", on_a_full_disk)
    with filled.engine.connect() as connection, pytest.raises(OSError, match="No space"):
        write_folder(connection, FactFilter(), "jsonl", tmp_path, ("facts",))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("facts.jsonl", "of yesterday")]


def test_filters_hold_for_every_table(filled, tmp_path):
    wanted = FactFilter(reports=ReportFilter(place="第3市"), metrics=["reconsideration.closed"])
    with filled.engine.connect() as connection:
        written = write_folder(connection, wanted, "jsonl", tmp_path / "out", TABLES)
    assert written == {"facts": 3, "reports": 1, "sections": 2, "checks": 1, "coverage": 2}
    assert (tmp_path / "out" / "data-dictionary.md").read_text(encoding="utf-8") == markdown()


def test_the_dictionary_in_the_docs_is_the_one_that_is_exported():
    text = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert text == markdown(), "run: python -m services.sink.dictionary > docs/data-dictionary.md"


def test_memory_stays_at_a_page_of_rows(shared_store, filled):
    """One page is held while the next is read; more rows take no more."""

    def peak(count: int) -> int:
        with filled.engine.connect() as connection:
            tracemalloc.start()
            found = rows(connection, Export(FactFilter(reports=ReportFilter(place=None), review="all")))
            for _, row in zip(range(count), found, strict=False):
                assert row
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return used

    filled.write([invented_report(1000 + at, city=f"别{at}市", values=tuple(range(40))) for at in range(100)])
    peak(100)
    assert peak(4_300) < 1.3 * peak(2_000)


class _Counted(io.RawIOBase):
    """A file that keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, content) -> int:
        return len(content)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_larger_export_takes_no_more_memory(filled, monkeypatch, form):
    """The small form of the next test: row groups of a size that these few rows fill several times."""
    monkeypatch.setattr(exports, "_GROUP", 500)
    filled.write(
        [invented_report(2000 + at, city=f"远{at}市", year=2020 + at % 2, values=tuple(range(40))) for at in range(100)]
    )

    def peak(wanted: FactFilter) -> tuple[int, int]:
        with filled.engine.connect() as connection:
            tracemalloc.start()
            count = write(connection, Export(wanted), form, _Counted())
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return count, used

    peak(FactFilter())
    part, with_part = peak(FactFilter(reports=ReportFilter(year_from=2020, year_to=2020)))
    whole, with_whole = peak(FactFilter())
    assert whole > 2 * part >= 4_000
    assert with_whole < 1.4 * with_part


@pytest.mark.full
@pytest.mark.timeout(1_500)  # a million facts are written first: minutes where others use the machine, too
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_memory_is_flat_from_a_hundred_thousand_to_a_million_facts(million, form):
    """Peak memory of a process of its own."""
    small, large = million
    assert large[form]["rows"] == 10 * small[form]["rows"] == 1_000_000
    assert large[form]["peak_mb"] < 1.15 * small[form]["peak_mb"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def million(request, tmp_path_factory):
    """Exports of 100,000 facts in 1,000 reports, and of 1,000,000 in 10,000."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('million')}/fazhi.db"
        else:
            url = stack.enter_context(empty_database(request.getfixturevalue("postgres")))
        yield tuple(figures for name, figures in measure_exports(url, 10_000).items() if name.endswith("facts"))


@pytest.mark.parametrize("words", ['=HYPERLINK("http://x")', "+1", "-1+2", "@SUM(A1)", "\tx"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_inert(words):
    (row,) = csv.DictReader(io.StringIO(csv_text([{"title": words}], ["title"])))
    assert row["title"] == "'" + words
