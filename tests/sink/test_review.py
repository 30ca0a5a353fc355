"""What people say stays in force when the machine reads again, stands beside the machine's value, and becomes gold."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from services.sink import schema
from services.sink.filters import FactFilter
from services.sink.forget import forget_report
from services.sink.judgement import Judgement, NotFoundError, judge
from services.sink.lookups import read_report, reviewed_reports
from services.sink.queries import ReportFilter, list_facts
from services.sink.review import locate
from tests.sink.reports import entry_name, invented_report


def facts(store, **wanted):
    with store.engine.connect() as connection:
        return list_facts(connection, FactFilter(**wanted), limit=100).rows


def report_of(store, report_id):
    with store.engine.connect() as connection:
        return read_report(connection, report_id)


def said(verdict, **more):
    return Judgement(verdict=verdict, reviewer="李明", reason="looked", **more)


def test_a_corrected_fact_counts_as_corrected_and_shows_what_the_machine_said(store):
    store.write([invented_report(1)])
    first = facts(store)[0]
    judge(store.engine, said("corrected", fact=first["fact_id"], corrected={"value": 121, "unit": "起"}))
    changed = facts(store)[0]
    assert (changed["value"], changed["unit"], changed["review"]) == (121, "起", "corrected")
    assert changed["machine"] == {"value": 120, "unit": "件"}
    shown = report_of(store, first["report_id"])["facts"][0]
    assert shown["value"] == 120
    assert (shown["review"]["reviewer"], shown["review"]["corrected"]) == ("李明", {"value": 121, "unit": "起"})


def test_a_rejected_fact_is_not_in_force_and_comes_back_when_confirmed(store):
    store.write([invented_report(1)])
    name = facts(store)[1]["fact_id"]
    judge(store.engine, said("rejected", fact=name))
    assert len(facts(store)) == 2
    assert len(facts(store, review="all")) == 3
    judge(store.engine, said("confirmed", fact=name))
    assert [row["review"] for row in facts(store)] == [None, "confirmed", None]


@pytest.mark.parametrize("words", ["", "新的一段话。"])  # the same page, and a new revision at its address
def test_a_correction_survives_another_version_of_the_machine(store, words):
    store.write([invented_report(1)])
    before = facts(store)[0]
    judge(store.engine, said("corrected", fact=before["fact_id"], corrected={"value": 121}))
    judge(store.engine, said("corrected", report=before["report_id"], field="issuer", corrected={"issuer": "某委员会"}))
    store.write([invented_report(2, version="0.2.0", words=words)])
    after = facts(store)[0]
    assert (after["version"], after["value"], after["review"], after["machine"]) == (
        "0.2.0",
        121,
        "corrected",
        {"value": 120},
    )
    assert after["issuer"] == "某委员会"
    with store.engine.connect() as connection:
        row = connection.execute(select(schema.reports)).mappings().one()
    assert json.loads(row["reviewed"]) == {"issuer": "云岭市人民政府"}


def test_a_review_whose_fact_is_no_longer_found_is_kept_and_listed(store):
    store.write([invented_report(1)])
    last = facts(store)[2]
    judge(store.engine, said("corrected", fact=last["fact_id"], corrected={"value": 41}))
    without = invented_report(2, version="0.2.0")
    without.facts.pop()
    store.write([without])
    assert [review["corrected"] for review in report_of(store, last["report_id"])["reviewed"]["not_attached"]] == [
        {"value": 41}
    ]
    store.write([invented_report(3, version="0.3.0")])
    assert facts(store)[2]["value"] == 41
    assert report_of(store, last["report_id"])["reviewed"]["not_attached"] == []


def test_a_corrected_place_and_year_are_found_under_the_right_ones(store):
    store.write([invented_report(1)])
    name = facts(store)[0]["report_id"]
    judge(store.engine, said("corrected", report=name, field="report_year", corrected={"report_year": 2022}))
    judge(store.engine, said("corrected", report=name, field="place.county", corrected={"place.county": "东山县"}))
    assert len(facts(store, reports=ReportFilter(place="东山县", year_from=2022, year_to=2022))) == 3
    assert facts(store, reports=ReportFilter(year_from=2023, year_to=2023)) == []


def test_a_reviewed_report_becomes_gold(store):
    store.write([invented_report(1), invented_report(2, city="清河市")])
    listed = facts(store)
    judge(store.engine, said("corrected", fact=listed[0]["fact_id"], corrected={"metric": "litigation.cases"}))
    judge(store.engine, said("rejected", fact=listed[1]["fact_id"]))
    judge(store.engine, said("rejected", report=listed[0]["report_id"], field="issuer"))
    with store.engine.connect() as connection:
        ((report_id, source, lines),) = reviewed_reports(connection, ReportFilter())
    assert report_id == listed[0]["report_id"]
    records = [json.loads(line) for line in lines]
    assert [record["type"] for record in records] == ["document", "section", "section", "fact", "fact"]
    assert records[0]["issuer"] is None
    assert set(records[0]["place"]) == {"province", "city", "county"}
    assert records[3]["metric"] == "litigation.cases"
    assert all(record["quote"] in source for record in records[3:])
    assert list(records[3]) == [
        "type", "quote", "number_text", "value", "value_to", "unit", "quantity", "qualifier", "subject", "metric",
        "modality", "change", "period", "scope", "section",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "confirmed"},
        {"verdict": "confirmed", "fact": "a.1-2", "report": "a", "field": "issuer"},
        {"verdict": "confirmed", "report": "a"},
        {"verdict": "confirmed", "report": "a", "field": "text"},
        {"verdict": "corrected", "fact": "a.1-2"},
        {"verdict": "confirmed", "fact": "a.1-2", "corrected": {"value": 1}},
        {"verdict": "corrected", "fact": "a.1-2", "corrected": {"quote": "x"}},
        {"verdict": "corrected", "fact": "a.1-2", "corrected": {"value": float("nan")}},
        {"verdict": "corrected", "fact": "a.1-2", "corrected": {"subject": "长" * 501}},
        {"verdict": "corrected", "fact": "a.1-2", "corrected": {"subject": ["x"]}},
        {"verdict": "perhaps", "fact": "a.1-2"},
        {"verdict": "confirmed", "fact": "a.1-2", "reviewer": " "},
    ],
)
def test_a_judgement_that_cannot_be_meant_is_refused(fields):
    with pytest.raises(ValidationError):
        Judgement(**{"reviewer": "李明", **fields})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"fact": "nowhere.1-2", "verdict": "confirmed"}, NotFoundError),
        ({"fact": "{report}.1-2", "verdict": "confirmed"}, NotFoundError),
        ({"fact": "{fact}", "verdict": "corrected", "corrected": {"modality": "maybe"}}, ValueError),
        ({"fact": "{fact}", "verdict": "corrected", "corrected": {"value": None}}, ValueError),
        ({"fact": "{fact}", "verdict": "corrected", "corrected": {"value": "many"}}, ValueError),
        (
            {"report": "{report}", "field": "level", "verdict": "corrected", "corrected": {"level": "planet"}},
            ValueError,
        ),
        (
            {"report": "{report}", "field": "signed", "verdict": "corrected", "corrected": {"signed": "2024-02-31"}},
            ValueError,
        ),
        ({"report": "{report}", "field": "script", "verdict": "rejected"}, ValueError),
    ],
)
def test_a_value_that_the_field_does_not_take_is_refused_and_nothing_kept(store, fields, error):
    store.write([invented_report(1)])
    row = facts(store)[0]
    named = {
        name: value.format(report=row["report_id"], fact=row["fact_id"]) if isinstance(value, str) else value
        for name, value in fields.items()
    }
    with pytest.raises(error):
        judge(store.engine, Judgement(reviewer="李明", **named))
    with store.engine.connect() as connection:
        assert connection.execute(select(schema.reviews)).all() == []


def test_among_facts_at_one_number_the_subject_decides():
    shared = {"raw_start": 5, "raw_end": 9, "number_text": "100%", "quote": "合格率、参考率达100%", "metric": None}
    pair = [{**shared, "subject": "合格率"}, {**shared, "subject": "参考率"}]
    anchor = {**shared, "subject": "参考率", "twin": 1}
    assert locate(anchor, pair, same_page=True) == 1
    assert locate(anchor, pair[::-1], same_page=True) == 0
    assert locate({**anchor, "subject": "及格率", "twin": 0}, pair, same_page=False) == 0
    assert locate({**anchor, "raw_start": 20, "raw_end": 24}, pair, same_page=True) is None


def test_forgetting_says_what_it_removed_and_the_entry_does_not_come_back(store):
    store.write([invented_report(1), invented_report(2, city="清河市")])
    listed = facts(store)
    judge(store.engine, said("rejected", fact=listed[0]["fact_id"]))
    removed = forget_report(store.engine, listed[0]["report_id"])
    assert {name: removed[name] for name in ("pages", "sources", "readings", "facts", "sections", "reviews", "entries")} == {
        "pages": 1, "sources": 1, "readings": 1, "facts": 3, "sections": 2, "reviews": 1, "entries": [entry_name(1)],
    }  # fmt: skip
    assert forget_report(store.engine, listed[0]["report_id"]) is None
    store.write([invented_report(1)])
    assert {row["city"] for row in facts(store)} == {"清河市"}
    store.write([invented_report(3)])  # crawled again: a new entry
    assert {row["city"] for row in facts(store)} == {"清河市", "云岭市"}
    with store.engine.connect() as connection:
        outcomes = dict(connection.execute(select(schema.entries.c.entry, schema.entries.c.outcome)).all())
    assert outcomes[entry_name(1)] == "forgotten"
