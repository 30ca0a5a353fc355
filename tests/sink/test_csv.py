"""Lists as CSV: every column that a row can have, whatever rows there are."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi.testclient import TestClient

from fazhi.main import run
from services.sink.api import create_app
from services.sink.headers import HEADERS
from services.sink.settings import ApiSettings
from services.sink.store import DatabaseStore
from tests.sink.reports import dead_letter, invented_report

TOKEN = {"Authorization": "Bearer 0123456789abcdef0123"}
METRIC = "reconsideration.received"
LISTS = {
    "/api/v1/reports": "reports",
    "/api/v1/facts": "facts",
    "/api/v1/sections": "sections",
    "/api/v1/checks": "checks",
    "/api/v1/coverage/reports": "coverage",
    f"/api/v1/coverage?metric={METRIC}": "coverage_by_year",
    f"/api/v1/compare?metric={METRIC}": "cells",
    "/api/v1/metrics": "metrics",
    "/api/v1/places": "places",
    "/api/v1/places?text=云": "places",
    "/api/v1/dead-letters": "dead_letters",
    "/api/v1/reviews": "reviews",
    "/download/facts.csv": "facts",
    "/download/reports.csv": "reports",
    f"/download/comparison.csv?metric={METRIC}": "cells",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with api(f"sqlite:///{tmp_path_factory.mktemp('empty')}/fazhi.db") as client:
        yield client


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Reports with facts that are mapped or not, and reviews that correct different fields."""
    reports = [invented_report(at, city=city, year=2021 + at, values=(100 + at, 200, 7))
               for at, city in enumerate(["云岭市", "清河市"])]  # fmt: skip
    with api(f"sqlite:///{tmp_path_factory.mktemp('filled')}/fazhi.db", reports, [dead_letter(9)]) as client:
        names = [fact["fact_id"] for fact in client.get("/api/v1/facts").json()["facts"]]
        for name, corrected in zip(names, ({"value": 3}, {"metric": METRIC, "unit": "件"}, None), strict=False):
            verdict = {"verdict": "corrected", "corrected": corrected} if corrected else {"verdict": "confirmed"}
            said = client.post("/api/v1/reviews", json={"fact": name, "reviewer": "李明", **verdict}, headers=TOKEN)
            assert said.status_code == 201, said.text
        yield client


def api(url: str, reports=(), letters=()) -> TestClient:
    store = DatabaseStore(url)
    store.open()
    store.write(reports, letters)
    store.close()
    return TestClient(create_app(ApiSettings(database_url=url, api_token="0123456789abcdef0123")))


def table(client, address) -> list[list[str]]:
    answer = client.get(address, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", LISTS)
def test_the_header_is_the_same_for_no_row_and_for_many(empty, filled, address):
    none, many = table(empty, address), table(filled, address)
    assert none[0] == many[0] == list(HEADERS[LISTS[address]])
    assert len(many) > 1
    assert all(len(row) == len(many[0]) for row in many)


def test_a_filter_that_nothing_passes_leaves_the_header(filled):
    assert table(filled, "/api/v1/facts?year_from=1990&year_to=1990") == [list(HEADERS["facts"])]
    assert table(filled, "/api/v1/compare?metric=mediation.accepted&places=无此地") == [list(HEADERS["cells"])]


def test_what_reviews_of_different_fields_say_is_all_there(filled):
    header, *rows = table(filled, "/api/v1/reviews")
    corrected = {row[header.index("corrected")] for row in rows}
    assert corrected == {'{"value":3}', '{"metric":"reconsideration.received","unit":"件"}', "{}"}


def test_the_command_gives_the_header_without_a_fact(tmp_path, monkeypatch, capfdbinary):
    url = f"sqlite:///{tmp_path}/fazhi.db"
    api(url)
    monkeypatch.setenv("FAZHI_DATABASE_URL", url)
    for words in ("results --csv", "export --format csv --output -"):
        assert run(words.split()) == 0
        assert capfdbinary.readouterr().out.decode().splitlines() == [",".join(HEADERS["facts"])]
