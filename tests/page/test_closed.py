"""A page that only those with the token may read, and pages asked in ways that nobody should."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from services.sink.api import create_app
from services.sink.settings import ApiSettings

TOKEN = "a-token-for-the-tests-of-the-page"


@pytest.fixture
def closed(database):
    with TestClient(create_app(ApiSettings(database_url=database, api_token=TOKEN, api_read="token"))) as client:
        yield client


@pytest.fixture
def open_(database):
    with TestClient(create_app(ApiSettings(database_url=database))) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/reports", "/catalogue", "/catalogue/litigation.cases", "/compare", "/pipeline", "/go/x.1-2"]
)
def test_nothing_is_shown_without_the_token(closed, path):
    answer = closed.get(path)
    assert answer.status_code == 401
    assert "栗溪县" not in answer.text
    assert "sign-in" in answer.text


def test_a_wrong_token_is_refused_and_the_right_one_opens_the_pages(closed):
    assert closed.post("/sign-in", content="token=guess").status_code == 401
    answer = closed.post("/sign-in", content=f"token={TOKEN}", follow_redirects=False)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "栗溪县" in closed.get("/reports").text


def test_an_open_page_needs_no_token_and_offers_no_review_without_one(open_):
    listed = open_.get("/reports")
    assert listed.status_code == 200
    assert open_.post("/sign-in", content="token=").status_code == 401, "no token is set, so none is right"
    report = listed.text.partition('href="/reports/')[2].partition('"')[0]
    assert 'form class="review"' not in open_.get(f"/reports/{report}").text


@pytest.mark.parametrize(
    "path",
    [
        "/reports?year_from=2020'%20OR%201=1", "/reports?cursor=AAAA", "/reports?q=%00", "/reports?place=" + "甲" * 200,
        "/reports/..%2F..%2Fetc%2Fpasswd", "/go/" + "9" * 500, "/go/%3Cscript%3E", "/catalogue/%27;DROP%20TABLE", "/compare?metric=<b>",
        "/compare?places=" + "x%0A" * 1200 + "&metric=litigation.cases", "/catalogue/litigation.cases?year=0000", "/static/..%2f..%2fapi.py",
    ],
)  # fmt: skip
def test_a_bad_address_is_answered_without_an_error_of_the_server(open_, path):
    answer = open_.get(path)
    assert answer.status_code < 500
    assert "<script>" not in answer.text.replace('<script src="/static/app.js" defer></script>', "")
    assert "Traceback" not in answer.text


def test_the_language_link_keeps_the_question(open_):
    answer = open_.get("/reports?q=%3Cb%3E&lang=en")
    assert "Annual reports" in answer.text
    assert "<b>" not in answer.text
    assert "lang=zh" in answer.text
