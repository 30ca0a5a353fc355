"""`fazhi rerun` with real workers: what an older version read is read again by today's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.sink.engine import connect
from services.sink.judgement import Judgement, judge
from tests.command.conftest import fazhi
from tests.support.older import UNKNOWN, VERSION
from tests.support.pages import FACTS, invented_page
from tests.support.pipeline import SERVICE, Pipeline
from tests.support.servers import Server, wait_until

#: First stage of the work → year of the reports that go through it again. `invented_page` gives a year to 256 pages.
YEARS = {"extractor": 2015, "sectioner": 2016, "normalizer": 2017}
PAGES = 6


@contextmanager
def watched(pipeline: Pipeline) -> Iterator[set[tuple[object, ...]]]:
    """What a reader of the database sees meanwhile: how many facts a report has, and of which version they are."""
    seen: set[tuple[object, ...]] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.update(row[:2] for row in pipeline.rows(_READINGS))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        yield seen
    finally:
        over.set()
        reader.join(120)


#: Of each report: how many facts, whether the older version read them, the year.
_READINGS = (
    "select (select count(*) from facts where facts.report = reports.number),"
    f" case when version like '%{VERSION}%' then 'before' else 'today' end, report_year from reports"
)
BEFORE, TODAY = (FACTS - 1, "before"), (FACTS, "today")


def readings(pipeline: Pipeline, year: int) -> list[tuple[object, ...]]:
    """Facts and version of each report of a year."""
    return [row[:2] for row in pipeline.rows(_READINGS) if row[2] == year]


@pytest.mark.parametrize("first", [*YEARS])
def test_facts_are_replaced_all_at_once_counted_and_reviews_stay(
    server: Server, make_pipeline: Callable[..., Pipeline], tmp_path: Path, first: str
) -> None:
    database = f"sqlite:///{tmp_path}/fazhi.db"
    patient = {"FAZHI_REPORT_SECONDS": "60", "FAZHI_PATIENCE_SECONDS": "60"}
    pipeline = make_pipeline(
        server,
        app=SERVICE,
        store_url=database,
        environment=patient,
        apps={"extractor": "tests.support.older:extractor"},
    )
    pipeline.start()
    year, other = YEARS[first], 2018
    pipeline.submit(*(invented_page((at - 2015) * 256 + k) for at in (year, other) for k in range(PAGES)))
    pipeline.check(60, dead=set())
    assert readings(pipeline, year) == [BEFORE] * PAGES
    ((fact, report),) = pipeline.rows(
        "select reports.report_id || '.' || facts.raw_start || '-' || facts.raw_end, reports.report_id from facts"
        f" join reports on facts.report = reports.number where reports.report_year = {year} order by 1 limit 1"
    )
    engine = connect(database)
    judge(engine, Judgement(fact=str(fact), verdict="corrected", corrected={"value": 7}, reviewer="李明"))
    judge(engine, Judgement(report=str(report), field="issuer", verdict="corrected", corrected={"issuer": "某委员会"},
                            reviewer="李明"))  # fmt: skip
    engine.dispose()

    pipeline.terminate(30, *pipeline.of("extractor"))
    pipeline.apps.clear()
    pipeline.start("extractor")
    urls = {"FAZHI_REDIS_URL": server.url, "FAZHI_DATABASE_URL": database}
    asked = (
        "rerun",
        "--from",
        first,
        "--where",
        f"year={year}",
        "--wait",
        "--timeout",
        "240",
        "--data",
        tmp_path / "p",
    )
    with watched(pipeline) as seen:
        status, _, said = fazhi(*asked, **urls)
        assert (status, f"{PAGES} pages sent to the {first} again" in said) == (0, True), said
        wait_until(lambda: TODAY in seen, 20, "a reader saw the new facts")
    assert seen == {BEFORE, TODAY}  # never a report without facts, or with some of them

    books = pipeline.drained(20)
    assert (books.accepted, books.stored, books.dead) == (3 * PAGES, 3 * PAGES, 0)
    assert fazhi("audit", "--data", tmp_path / "p", **urls)[0] == 0
    assert readings(pipeline, year) == [TODAY] * PAGES
    assert readings(pipeline, other) == [BEFORE] * PAGES  # nobody asked for these
    assert pipeline.rows(f"select count(*) from facts where metric = '{UNKNOWN}'") == [(PAGES,)]
    corrected = pipeline.rows("select facts.value, reports.issuer from facts join reports on facts.report = reports.number"
                              " where facts.review = 'corrected'")  # fmt: skip
    assert corrected == [(7, "某委员会")]
