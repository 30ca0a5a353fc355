"""Lists: filters, pages, cursors."""

from __future__ import annotations

import pytest

from services.sink.figures import compare_bodies, comparison_rows
from services.sink.filters import BadCursorError, FactFilter, ReportFilter, read_cursor, write_cursor
from services.sink.queries import all_facts, list_facts, list_reports
from tests.sink.reports import invented_report


@pytest.fixture
def filled(store):
    store.write([
        invented_report(at, city=city, year=year, code=code, values=(100 + at, 50, 7))
        for at, (city, year, code) in enumerate(
            [("云岭市", 2021, "990100"), ("云岭市", 2022, "990100"), ("清河市", 2022, "990200"), ("白沙市", 2022, "980100")]
        )
    ])  # fmt: skip
    return store


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (FactFilter(), 12),
        (FactFilter(metrics=["reconsideration.accepted"]), 4),
        (FactFilter(domain="reconsideration"), 8),
        (FactFilter(domain="recon"), 0),
        (FactFilter(reports=ReportFilter(place="云岭市")), 6),
        (FactFilter(reports=ReportFilter(place="990000")), 9),
        (FactFilter(reports=ReportFilter(place="990000", descendants=False)), 0),
        (FactFilter(reports=ReportFilter(place="990200")), 3),
        (FactFilter(reports=ReportFilter(place="990000", year_from=2022), metrics=["reconsideration.closed"]), 2),
        (FactFilter(reports=ReportFilter(year_from=2022, year_to=2022)), 9),
        (FactFilter(text="案件2"), 4),
        (FactFilter(text="%"), 0),
        (FactFilter(check="holds"), 8),
        (FactFilter(review="rejected"), 0),
    ],
)
def test_filters_of_facts(filled, wanted, count):
    with filled.engine.connect() as connection:
        assert len(list_facts(connection, wanted, limit=100).rows) == count


@pytest.mark.parametrize("wanted", [FactFilter(), FactFilter(domain="reconsideration"), FactFilter(text="案件")])
def test_pages_together_are_the_whole_list_once(filled, wanted):
    with filled.engine.connect() as connection:
        whole = list_facts(connection, wanted, limit=1000).rows
        assert list(all_facts(connection, wanted, page=2)) == whole
        assert len({row["fact_id"] for row in whole}) == len(whole)


def test_reports_by_page_and_title(filled):
    with filled.engine.connect() as connection:
        first = list_reports(connection, ReportFilter(), limit=3)
        rest = list_reports(connection, ReportFilter(), limit=3, cursor=first.cursor)
        assert len(first.rows) == 3
        assert len(rest.rows) == 1
        assert rest.cursor is None
        found = list_reports(connection, ReportFilter(title="清河"), limit=3)
        assert [row["document"]["place"]["city"] for row in found.rows] == ["清河市"]


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", write_cursor("a"), write_cursor(2**62), "W10=" * 200])
def test_a_foreign_cursor_is_refused(cursor):
    with pytest.raises(BadCursorError):
        read_cursor(cursor, int)


def test_counties_of_one_name_are_told_apart_in_a_comparison(store):
    reports = [invented_report(at, city=city) for at, city in enumerate(["云岭市", "清河市", "白沙市"])]
    for report, county in zip(reports, ["东山县", "东山县", "西山县"], strict=True):
        report.document.place.county, report.document.level = county, "county"
    store.write(reports)
    with store.engine.connect() as connection:
        compared = compare_bodies(connection, ["reconsideration.accepted"], ReportFilter(), range(2023, 2024))
    (one,) = compared["metrics"]
    assert {row["name"] for row in one["rows"]} == {"东山县（云岭市）", "东山县（清河市）", "西山县"}
    assert {row["place"] for row in comparison_rows(compared)} == {row["place"] for row in one["rows"]}
