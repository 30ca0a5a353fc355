"""The API answers what it is asked, and bad requests with what to do next."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from services.sink import reference
from services.sink.api import create_app
from services.sink.settings import ApiSettings
from tests.sink.reports import dead_letter, invented_report

TOKEN = "0123456789abcdef0123"


@pytest.fixture(scope="module")
def client(shared_store):
    store = shared_store
    database_url = store.engine.url.render_as_string(hide_password=False)
    with store.engine.begin() as connection:
        reference.write_catalogue(
            connection,
            [
                {
                    "metric": metric,
                    "domain": metric.partition(".")[0],
                    "name_zh": name,
                    "name_en": metric,
                    "quantity": "count",
                    "unit": "件",
                    "definition_zh": name,
                    "example": None,
                    "relation": None,
                }
                for metric, name in (
                    ("reconsideration.accepted", "受理"),
                    ("litigation.lost", "败诉"),
                )
            ],
        )
        reference.write_places(connection, [
            {"place": "990000", "code": "990000", "name": "南岭省", "level": "province", "parent": None},
            {"place": "990100", "code": "990100", "name": "云岭市", "level": "prefecture", "parent": "990000"},
            {"place": "990200", "code": "990200", "name": "清河市", "level": "prefecture", "parent": "990000"},
        ])  # fmt: skip
    store.write(
        [
            invented_report(at, city=city, year=year, code=code, values=(100 + 10 * at, 50, 7))
            for at, (city, year, code) in enumerate(
                [
                    ("云岭市", 2021, "990100"),
                    ("云岭市", 2022, "990100"),
                    ("清河市", 2022, "990200"),
                    ("白沙市", 2022, None),
                ]
            )
        ],
        [dead_letter(9)],
    )
    app = create_app(ApiSettings(database_url=database_url, api_token=TOKEN))
    with TestClient(app, raise_server_exceptions=True) as opened:
        opened.headers["Authorization"] = f"Bearer {TOKEN}"
        yield opened


def get(client, path, **parameters):
    answer = client.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_report_has_the_shape_of_the_offline_result(client):
    listed = get(client, "/reports", place="云岭市")["reports"]
    assert len(listed) == 2
    report = get(client, f"/reports/{listed[0]['report_id']}")
    assert {"source", "report_id", "text", "document", "sections", "facts", "checks", "coverage"} <= set(report)
    fact = report["facts"][0]
    assert report["text"][fact["text_start"] : fact["text_end"]] == fact["number_text"]
    source = get(client, f"/reports/{listed[0]['report_id']}/source")
    assert source["text"][fact["raw_start"] : fact["raw_end"]] == fact["number_text"]


def test_the_comparison_says_why_a_cell_has_no_figure(client):
    found = get(
        client, "/compare", metric=["reconsideration.accepted", "litigation.lost"], year_from=2021, year_to=2022
    )
    accepted, lost = found["metrics"]
    cells = {row["name"]: row["cells"] for row in accepted["rows"]}
    assert [(cell["state"], cell["value"]) for cell in cells["云岭市"]] == [("stated", 100), ("stated", 110)]
    assert cells["云岭市"][1]["change"] == 10
    assert [(cell["state"], cell["value"]) for cell in cells["白沙市"]] == [("no_report", None), ("stated", 130)]
    assert [row["cells"][1].get("rank") for row in accepted["rows"]] == [3, 2, 1]
    assert {cell["state"] for row in lost["rows"] for cell in row["cells"]} == {"not_stated", "no_report"}


def test_an_etag_saves_the_second_answer(client):
    first = client.get("/api/v1/facts")
    second = client.get("/api/v1/facts", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 304
    assert second.content == b""


def test_lists_come_as_csv_with_the_way_on(client):
    answer = client.get("/api/v1/facts", params={"format": "csv", "limit": 5})
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == 6
    following = answer.headers["link"].partition(">")[0].removeprefix("<")
    assert len(client.get(following).text.splitlines()) == 6


def test_places_have_parents_and_reports(client):
    assert {"990100", "990200"} <= {row["place"] for row in get(client, "/places", parent="990000")["places"]}
    place = get(client, "/places/990100")
    assert [above["name"] for above in place["within"]] == ["南岭省"]
    assert len(place["reports"]) == 2
    assert get(client, "/places/~~白沙市")["name"] == "白沙市"


def test_coverage_counts_reports_that_state_a_metric(client):
    rows = get(client, "/coverage", metric="reconsideration.accepted")["coverage"]
    assert [(row["report_year"], row["reports"], row["stated"]) for row in rows] == [(2021, 1, 1), (2022, 3, 3)]


def test_a_metric_has_its_distribution_by_year(client):
    found = get(client, "/metrics/reconsideration.accepted")
    assert found["name_zh"] == "受理"
    assert [(year["report_year"], year["lowest"], year["highest"]) for year in found["years"]] == [
        (2021, 100, 100), (2022, 110, 130),
    ]  # fmt: skip


def test_dead_letters_can_be_read(client):
    (letter,) = get(client, "/dead-letters", reason="undecodable")["dead_letters"]
    assert get(client, f"/dead-letters/{letter['number']}")["crawl"]["url"] == "https://www.example.org/broken"


@pytest.mark.parametrize(
    "path",
    [
        "/facts?limit=0", "/facts?limit=100000", "/facts?limit=x", "/facts?cursor=abc", "/facts?cursor=WzFd",
        "/facts?metric=%27%3B+DROP+TABLE+facts", "/facts?metric=a&metric=" + "b" * 100, "/facts?year_from=99999999999999999999",
        "/facts?text=" + "长" * 101, "/facts?text=a%00b", "/facts?level=planet", "/facts?modality=maybe", "/facts?check=1",
        "/reports?text=%00", "/reports?cursor=" + "A" * 401, "/reports/..%2f..%2fetc", "/reports/%00",
        "/reports/unknown", "/facts/unknown", "/facts/a.1-2", "/facts/a.99999999999999999999-3", "/metrics/No", "/metrics/no.such",
        "/places/%00", "/places/nowhere", "/compare", "/compare?metric=a&year_from=2100&year_to=1978",
        "/compare?metric=a&year_from=1978&year_to=2099", "/coverage", "/dead-letters/0", "/dead-letters/99999999999999999999",
        "/dead-letters?reason=boredom", "/dead-letters?stage=kitchen", "/pipeline", "/nothing", "/checks?holds=perhaps",
        "/sections?kind=novel", "/reports/unknown/diff", "/reports/unknown/diff?from=1", "/reports/unknown/source",
        "/facts?metric=litigation.nothing", "/facts?domain=nothing", "/compare?metric=litigation.nothing",
        "/coverage?metric=litigation.nothing", "/coverage/reports?metric=litigation.nothing",
        "/checks?metric=litigation.nothing", "/metrics?domain=nothing", "/places?text=a&name=b",
        "/reports?year_from=2022&year_to=2021", "/reports?place=a&place=b", "/facts?limit=1&limit=2",
        "/facts?metrics=a", "/facts?yearfrom=2020", "/places?nonsense=1", "/metrics/reconsideration.accepted?x=1",
    ],
)  # fmt: skip
def test_a_bad_request_gets_a_problem_that_says_what_is_wrong(client, path):
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code in {404, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_filter_with_a_slip_in_its_name_is_no_filter_and_is_refused_by_name(client):
    answer = client.get("/api/v1/facts?yearfrom=2020&limit=2")
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["where"] == "query.yearfrom"
    assert "year_from" in fault["fault"]


def test_a_metric_that_there_is_not_is_refused_with_those_that_may_be_meant(client):
    answer = client.get("/api/v1/coverage?metric=reconsideration.acepted")
    (fault,) = answer.json()["faults"]
    assert "did you mean reconsideration.accepted?" in fault["fault"]


def test_a_metric_of_an_earlier_catalogue_is_known_as_long_as_a_fact_has_it(client):
    known = {row["metric"] for row in get(client, "/metrics")["metrics"]}
    earlier = {row["metric"] for row in get(client, "/facts")["facts"]} - known - {None}
    assert earlier
    for metric in earlier:
        assert get(client, "/facts", metric=metric)["facts"]


def test_what_is_not_served_says_what_is(client):
    refused = client.delete("/api/v1/reports")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert "GET, HEAD" in refused.json()["detail"]
    assert "openapi.json" in client.get("/api/v1/nothing").json()["detail"]


@pytest.mark.parametrize("words", ["' OR 1=1 --", "\\", "%", "_", "'; DROP TABLE facts; --", "a\nb"])
def test_words_are_looked_for_as_they_are(client, words):
    assert get(client, "/facts", text=words)["facts"] == []
    assert get(client, "/facts", place=words)["facts"] == []
    assert len(get(client, "/facts")["facts"]) == 12


def test_an_empty_database_answers_every_list(database_url, store):
    with TestClient(create_app(ApiSettings(database_url=database_url))) as client:
        for path in ("/reports", "/facts", "/sections", "/checks", "/coverage/reports", "/dead-letters", "/reviews"):
            answer = client.get(f"/api/v1{path}").json()
            assert (list(answer.values()), answer["cursor"]) == ([[], None], None)
        assert client.get("/api/v1/compare?metric=litigation.cases").json() == {
            "years": [], "metrics": [{"metric": "litigation.cases", "rows": []}],
        }  # fmt: skip
        assert client.get("/api/v1/coverage?metric=litigation.cases").json()["coverage"] == []
        assert client.get("/api/v1/metrics/litigation.cases").json()["years"] == []
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/reports?limit=1", "/api/v1/facts?format=csv", "/api/v1/reports/none", "/", "/healthz", "/readyz"]
)
def test_head_is_answered_as_get_without_the_body(client, path):
    asked, given = client.head(path), client.get(path)

    assert asked.status_code == given.status_code
    assert dict(asked.headers) == dict(given.headers)
    assert (asked.content, given.content != b"") == (b"", True)


def test_head_is_refused_where_get_is(client):
    path = "/api/v1/dead-letters/replay"
    asked, given = client.head(path), client.get(path)

    assert asked.status_code == given.status_code
    assert 400 <= asked.status_code < 500
