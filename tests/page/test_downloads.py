"""Tables as files: whole, for those who may read, and never more at a time than the pages can bear."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi.testclient import TestClient

from services.sink.api import create_app
from services.sink.settings import ApiSettings
from services.sink.store import DatabaseStore
from services.sink.web import downloads
from services.sink.web.figures import comparison_plot
from tests.sink.reports import invented_report

TOKEN = "0123456789abcdef0123"
REPORTS = 350  # of three facts each: more than one page of the database


@pytest.fixture(scope="module")
def database_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('downloads')}/fazhi.db"
    store = DatabaseStore(url)
    store.open()
    store.write([invented_report(at, city=f"第{at}市", year=2014 + at % 10) for at in range(REPORTS)])
    store.close()
    return url


@pytest.fixture
def client(database_url):
    with TestClient(create_app(ApiSettings(database_url=database_url))) as opened:
        yield opened


def rows(answer):
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_file_holds_all_rows_not_the_first_page(client):
    assert len(rows(client.get("/download/facts.csv"))) == 3 * REPORTS
    assert len(rows(client.get("/download/reports.csv?year_from=2014&year_to=2014"))) == REPORTS / 10


def test_a_comparison_takes_its_places_as_the_page_does(client):
    metric = rows(client.get("/download/facts.csv"))[0]["metric"]
    address = f"/download/comparison.csv?metric={metric}&places="
    lines = rows(client.get(address + "第1市%0A第2市"))
    assert lines
    for written in ("第1市,第2市", "第1市，第2市", " 第1市 %0A%0A第2市"):
        assert rows(client.get(address + written)) == lines


def test_a_metric_over_all_bodies_and_years_is_one_file(client):
    metric = rows(client.get("/download/facts.csv"))[0]["metric"]
    cells = rows(client.get(f"/download/comparison.csv?metric={metric}&year_from=2014&year_to=2016&level=prefecture"))
    assert len({row["name"] for row in cells}) * 3 == len(cells)
    assert {row["state"] for row in cells} == {"stated", "no_report"}


@pytest.mark.parametrize(
    "path",
    [
        "/reports?level=planet", "/reports?state=maybe", "/reports?genre=novel", "/reports?year_from=2022&year_to=2021",
        "/download/reports.csv?level=planet", "/download/facts.csv?metric=litigation.nothing",
        "/download/comparison.csv?metric=litigation.nothing", "/compare?year_from=2022&year_to=2021",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_is_refused_instead_of_left_out(client, path):
    assert client.get(path).status_code == 422
    assert "<h1>" in client.get(path, headers={"Accept": "text/html"}).text


def test_downloads_beyond_those_that_may_run_are_told_to_come_again(client):
    running = [downloads._running.acquire(blocking=False) for _ in range(downloads.MAX_DOWNLOADS)]
    try:
        refused = client.get("/download/facts.csv")
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    finally:
        for _ in running:
            downloads._running.release()
    for _ in range(downloads.MAX_DOWNLOADS + 1):
        assert client.get("/download/facts.csv").status_code == 200


def test_who_may_not_read_gets_no_file(database_url):
    closed = ApiSettings(database_url=database_url, api_read="token", api_token=TOKEN)
    with TestClient(create_app(closed)) as client:
        assert client.get("/download/facts.csv").status_code == 401
        assert client.get("/download/comparison.csv?metric=litigation.cases&places=x").status_code == 401
        client.cookies.set("fazhi_token", TOKEN)
        assert len(rows(client.get("/download/facts.csv"))) == 3 * REPORTS


@pytest.mark.parametrize(
    ("path", "status"), [("/download/entries.csv", 422), ("/download/facts.csv?report=none", 404), ("/download/facts.csv?year_from=x", 422)]
)  # fmt: skip
def test_what_is_no_table_is_an_error_and_no_file(client, path, status):
    assert client.get(path).status_code == status


def cells(**values):
    return [
        {"year": year, "state": "stated", "value": values[f"y{year}"], "fact_id": f"f{year}"}
        if f"y{year}" in values
        else {"year": year, "state": "not_stated", "value": None}
        for year in range(2014, 2024)
    ]


def test_a_plot_runs_over_every_year_between_so_that_its_slope_is_true():
    drawn = comparison_plot("x", range(2014, 2024), [{"name": "甲县", "body": "1", "cells": cells(y2016=1, y2020=2)}])
    assert [year for year in range(2014, 2024) if f">{year}<" in drawn] == [2016, 2017, 2018, 2019, 2020]


def test_a_single_value_beside_a_line_is_drawn_too():
    both = [{"name": "甲县", "body": "1", "cells": cells(y2016=1, y2017=2)}, {"name": "乙县", "body": "2", "cells": cells(y2017=5)}]  # fmt: skip
    assert "/go/f2017" in comparison_plot("x", range(2014, 2024), both)
    assert "乙县" in comparison_plot("x", range(2014, 2024), both)
    assert comparison_plot("x", range(2014, 2024), both[1:]) == ""
