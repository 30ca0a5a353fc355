"""A report kept as the stream carried it is the report that was kept as JSON, in every answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.sink import engine, schema
from services.sink.filters import ReportFilter
from services.sink.lookups import read_report, read_source
from services.sink.rerun import event_for, stored_pages
from services.sink.store import DatabaseStore
from shared.codec import encode_event, is_packed
from shared.events import Step
from tests.sink.reports import invented_report
from tests.sink.test_identity import shown

STORED = Step(
    stage="sink", worker="w", version="0.1.0", started_at=1_763_740_900, seconds=0.0, delivery=1, note="stored"
)


def as_carried(report):
    """The bytes on the stream, and the report as the sink's worker hands it over: with the step of the sink."""
    packed = encode_event(report)
    return report.model_copy(update={"trail": [*report.trail, STORED]}), packed


@pytest.fixture
def both(store, tmp_path):
    """The same reports, in one database with the stream's bytes and in another one without."""
    handed = [as_carried(report) for report in (
        invented_report(1), invented_report(2, city="清河市", values=(1, 2, 3, 4)), invented_report(3, version="0.2.0"),
    )]  # fmt: skip
    assert all(is_packed(packed) for _, packed in handed)
    store.write([report for report, _ in handed], [], [packed for _, packed in handed])
    plain = DatabaseStore(f"sqlite:///{tmp_path}/plain.db")
    plain.open()
    plain.write([report for report, _ in handed])
    yield store, plain
    plain.close()


def ids(store):
    with store.engine.connect() as connection:
        return (
            connection.execute(select(schema.reports.c.report_id).order_by(schema.reports.c.report_id)).scalars().all()
        )


def test_every_answer_is_the_same(both):
    carried, plain = both
    assert shown(carried) == shown(plain)
    for report_id in ids(carried):
        with carried.engine.connect() as one, plain.engine.connect() as other:
            assert read_report(one, report_id) == read_report(other, report_id)
            assert read_report(one, report_id)["trail"][-1]["stage"] == "sink"
            assert read_source(one, report_id) == read_source(other, report_id)
            for start in ("sectioner", "extractor"):
                events = [
                    [event_for(page, start, "e", 1.0) for page in stored_pages(connection, ReportFilter())]
                    for connection in (one, other)
                ]
                assert events[0] == events[1]


def test_fewer_packed_events_than_reports_are_an_error_that_writes_nothing(store):
    first, packed = as_carried(invented_report(1))
    with pytest.raises(ValueError, match="shorter"):
        store.write([first, invented_report(2)], [], [packed])
    assert ids(store) == []


def test_the_page_is_stored_once(both):
    carried, _ = both
    with carried.engine.connect() as connection:
        assert {len(source) for source in connection.execute(select(schema.pages.c.source)).scalars()} == {0}


def test_a_page_whose_current_reading_came_otherwise_is_found_in_an_older_one(store):
    first, packed = as_carried(invented_report(1))
    store.write([first], [], [packed])
    store.write([invented_report(2, version="0.2.0")])
    with store.engine.connect() as connection:
        (report_id,) = ids(store)
        assert read_source(connection, report_id)["text"] == first.source.text


def test_the_schema_before_knows_every_row_and_the_way_back_gives_the_same_rows(store):
    """Down and up again, with data: what was counted, gathered and packed is spread out and gathered anew."""
    report, packed = as_carried(invented_report(1))
    store.write([report], [], [packed])
    store.write([invented_report(2, city="清河市")])
    before = shown(store)
    with store.engine.connect() as connection:
        (report_id,) = {
            found for found in ids(store) if read_report(connection, found)["document"]["issuer"] == "云岭市人民政府"
        }
        told, source = read_report(connection, report_id), read_source(connection, report_id)
    engine.migrate(store.engine, "0001")
    engine.migrate(store.engine)
    store.open()
    assert shown(store) == before
    with store.engine.connect() as connection:
        assert read_report(connection, report_id) == told
        assert read_source(connection, report_id) == source
