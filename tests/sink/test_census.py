"""Coverage that is counted beforehand is what counting every report gives, whatever was written, judged or forgotten."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.sink import census, schema
from services.sink.figures import coverage_by_year
from services.sink.filters import ReportFilter
from services.sink.forget import forget_report
from services.sink.judgement import Judgement, judge
from services.sink.store import DatabaseStore
from shared.events import Coverage
from tests.sink.reports import invented_report

METRICS = ("reconsideration.accepted", "reconsideration.closed", "litigation.cases")
ASKED = (
    ReportFilter(),
    ReportFilter(year_from=2022),
    ReportFilter(year_to=2022),
    ReportFilter(year_from=2023, year_to=2023, level="county"),
    ReportFilter(genre="other"),
    ReportFilter(place="990000"),
    ReportFilter(place="990000", descendants=False),
    ReportFilter(place="990100"),
    ReportFilter(place="南岭省"),
    ReportFilter(place="云岭市"),
    ReportFilter(place="~南岭省"),
)


@pytest.fixture(autouse=True)
def added_up_often(monkeypatch):
    monkeypatch.setattr(census, "FOLD_EVERY", 3)


def counted_from_scratch(connection, metric: str, wanted: ReportFilter) -> list[dict]:
    """Every report looked at, by what it says itself."""
    rows = connection.execute(
        select(schema.reports.c.report_year, *[schema.coverage.c[state] for state in ("stated", "zero", "absent")])
        .join(schema.coverage, schema.coverage.c.report == schema.reports.c.number)
        .where(*wanted.conditions())
    ).all()
    found = defaultdict(lambda: [0, 0, 0, 0])
    for year, *states in rows:
        said = [metric in metrics.split() for metrics in states]
        for at, one in enumerate((1, *said)):
            found[year][at] += one
    names = ("reports", "stated", "zero", "absent")
    return [
        {"report_year": year, **dict(zip(names, counts, strict=True)), "not_mentioned": counts[0] - sum(counts[1:])}
        for year, counts in sorted(found.items(), key=lambda pair: pair[0] or 0)
    ]


def assert_counted(store: DatabaseStore) -> None:
    with store.engine.connect() as connection:
        for wanted in ASKED:
            for metric in METRICS:
                expected = counted_from_scratch(connection, metric, wanted)
                assert coverage_by_year(connection, metric, wanted) == expected, wanted


def report(number: int, chance: random.Random, version: str = "1"):
    """A report whose coverage, place and year are drawn; few of each, so that reports meet."""
    made = invented_report(
        number,
        city=chance.choice(["云岭市", "清河市"]),
        code=chance.choice([None, "990100", "980100"]),
        year=chance.choice([2022, 2023, None]),
        url=f"https://www.example.org/{chance.randrange(8)}",
        values=(chance.randrange(3), 1),
        level=chance.choice(["prefecture", "county"]),
        signature=chance.choice(["00000000", "00000001", "ffffffff"]),
        fetched_at=f"2024-01-{1 + number % 28:02d}",
        version=version,
    )
    made.document.place.province = chance.choice([None, "南岭省"])
    made.document.genre = chance.choice(["other", "law_based_government"])
    made.coverage = [
        Coverage(metric=metric, state=chance.choice(["stated", "zero", "absent"]))
        for metric in chance.sample(METRICS, chance.randrange(4))
    ]
    return made


# Without shrinking: an example makes a database, and the drawn steps are few.
@settings(
    max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from("wwwrjf"), min_size=1, max_size=10))
def test_the_counts_are_those_of_the_reports_after_any_steps(chance, steps):
    with tempfile.TemporaryDirectory() as folder:
        store = DatabaseStore(f"sqlite:///{folder}/x.db")
        store.open()
        number = 0
        for step in steps:
            with store.engine.connect() as connection:
                ids = connection.execute(select(schema.reports.c.report_id)).scalars().all()
            if step in "wr" or not ids:  # first crawls and later ones, by one version of the code or by another
                batch = [
                    report(number + at, chance, "2" if step == "r" else "1") for at in range(chance.randrange(1, 5))
                ]
                number += len(batch)
                store.write(batch)
            elif step == "j":
                judge(store.engine, Judgement(reviewer="李明", report=chance.choice(ids), field="report_year",
                                              verdict="corrected", corrected={"report_year": 2021}))  # fmt: skip
            else:
                forget_report(store.engine, chance.choice(ids))
            assert_counted(store)
        store.close()


def test_several_sinks_side_by_side_count_what_is_there(new_postgres_url):
    chance = random.Random(5)
    stores = [DatabaseStore(new_postgres_url) for _ in range(3)]
    for store in stores:
        store.open()
    batches = [[report(10 * at + k, chance) for k in range(6)] for at in range(18)]
    with ThreadPoolExecutor(3) as pool:
        for job in [pool.submit(stores[at % 3].write, batch) for at, batch in enumerate([*batches, *batches[:6]])]:
            job.result()
    assert_counted(stores[0])
    with stores[0].engine.begin() as connection:
        census.fold(connection)
    assert_counted(stores[0])
    with stores[0].engine.connect() as connection:
        assert connection.execute(select(schema.census_changes)).all() == []
    for store in stores:
        store.close()


def test_notes_of_a_batch_that_failed_are_not_counted(store, monkeypatch):
    store.write([invented_report(1)])

    def fail(*_):
        raise RuntimeError("after the note")

    with monkeypatch.context() as patched:
        patched.setattr("services.sink.store.note_places", fail)
        with pytest.raises(RuntimeError):
            store.write([invented_report(2, city="清河市")])
    assert_counted(store)
