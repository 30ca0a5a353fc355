"""Who may do what, what the browser is told, and what a flood of odd requests finds."""

from __future__ import annotations

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.sink.api import create_app
from services.sink.settings import ApiSettings
from tests.sink.reports import dead_letter, invented_report

TOKEN = "0123456789abcdef0123"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def filled(shared_store):
    shared_store.write([invented_report(at, city=f"第{at}市", year=2021 + at % 3) for at in range(6)], [dead_letter(9)])
    return shared_store


def app_over(store, **changes):
    url = store.engine.url.render_as_string(hide_password=False)
    return create_app(ApiSettings(database_url=url, **changes))


def first_fact(client):
    return client.get("/api/v1/facts", headers=RIGHT).json()["facts"][0]["fact_id"]


@pytest.mark.parametrize(
    ("changes", "headers", "read", "change"),
    [
        ({}, {}, 200, 403),
        ({}, RIGHT, 200, 403),  # no token is set: nothing can be changed
        ({"api_token": TOKEN}, {}, 200, 401),
        ({"api_token": TOKEN}, {"Authorization": "Bearer wrong-wrong-wrong"}, 200, 401),
        ({"api_token": TOKEN}, {"Authorization": f"Basic {TOKEN}"}, 200, 401),
        ({"api_token": TOKEN}, {"Authorization": "Bearer é".encode()}, 200, 401),
        ({"api_token": TOKEN}, RIGHT, 200, 201),
        ({"api_token": TOKEN, "api_read": "token"}, {}, 401, 401),
        ({"api_token": TOKEN, "api_read": "token"}, RIGHT, 200, 201),
        ({"api_read": "token"}, RIGHT, 403, 403),
    ],
)
def test_the_token_opens_what_the_settings_say(filled, changes, headers, read, change):
    with TestClient(app_over(filled)) as client:
        name = first_fact(client)
    with TestClient(app_over(filled, **changes)) as client:
        for path in ("/facts", "/reports", "/metrics", "/places", "/dead-letters", "/reviews", f"/facts/{name}"):
            assert client.get(f"/api/v1{path}", headers=headers).status_code == read, path
        judgement = {"fact": name, "verdict": "confirmed", "reviewer": "李明"}
        answer = client.post("/api/v1/reviews", json=judgement, headers=headers)
        assert answer.status_code == change
        if change == 401:
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_that_could_be_guessed_is_refused_at_the_start():
    with pytest.raises(ValueError, match="16 characters"):
        create_app(ApiSettings(api_token="short"))
    with pytest.raises(ValidationError):
        ApiSettings(api_port=70_000)


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("POST", "/reviews", {"content": b"x" * 70_000}, 413),
        ("POST", "/reviews", {"content": iter([b"{}"])}, 411),
        ("POST", "/reviews", {"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, 422),
        ("POST", "/reviews", {"json": {"verdict": "confirmed"}}, 422),
        ("POST", "/reviews", {"json": {"fact": "no.1-2", "verdict": "confirmed", "reviewer": "x"}}, 404),
        ("POST", "/reviews", {"json": {"fact": "no.1-2", "verdict": "confirmed", "reviewer": "\x00"}}, 404),
        ("POST", "/facts", {}, 405),
        ("DELETE", "/reports", {}, 405),
        ("PUT", "/reviews", {}, 405),
    ],
)
def test_a_bad_change_gets_a_problem(filled, method, path, sent, status):
    with TestClient(app_over(filled, api_token=TOKEN)) as client:
        sent = {**sent, "headers": {**RIGHT, **sent.get("headers", {})}}
        answer = client.request(method, f"/api/v1{path}", **sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_answer_forbids_foreign_scripts_and_guessing(filled):
    with TestClient(app_over(filled)) as client:
        for path in ("/api/v1/facts", "/api/v1/nothing", "/healthz", "/metrics"):
            headers = client.get(path).headers
            assert "script-src 'self'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"


def test_a_crawled_script_stays_data(filled):
    report = invented_report(50, city="白沙市", words="<script>alert(1)</script>")
    filled.write([report])
    with TestClient(app_over(filled)) as client:
        for path in (f"/reports/{report.report_id}", f"/reports/{report.report_id}/source"):
            answer = client.get(f"/api/v1{path}")
            assert "<script>" in answer.text
            assert answer.headers["content-type"] == "application/json"


def test_an_api_whose_database_is_away_is_not_ready_and_alive(tmp_path):
    app = create_app(ApiSettings(database_url=f"sqlite:///{tmp_path}/none.db"))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)
        answer = client.get("/api/v1/facts")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


def test_the_document_is_openapi_31_and_its_metrics_are_there(filled):
    with TestClient(app_over(filled)) as client:
        assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
        client.get("/api/v1/facts")
        assert 'fazhi_api_requests_total{status="2xx"}' in client.get("/metrics").text


def test_requests_made_from_the_document_find_no_server_error(filled):
    """Ten requests an address, always the same ones."""
    app = app_over(filled, api_token=TOKEN)
    document = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    for operation in document.get_all_operations():
        made = operation.ok()
        if not made.path.startswith("/api/"):
            continue

        @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def run(case):
            case.call_and_validate(checks=checks, headers=RIGHT)

        given(case=made.as_strategy())(run)()
