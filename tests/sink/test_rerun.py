"""Stored reports go through the pipeline again: counted in the books, new facts in place of the old."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import func, select

from fazhi.commands.rerun import _send
from services.sink import schema
from services.sink.diff import diff_readings
from services.sink.filters import ReportFilter
from services.sink.lookups import read_report
from services.sink.rerun import count_pages, event_for, new_entry, stored_pages
from shared.books import read_books
from shared.codec import decode_event
from shared.events import ExtractedReport, NormalizedReport, SectionedReport
from shared.intake import BodyLimits
from shared.intake import read_report as read_entry
from shared.streams import keys
from tests.sink.reports import FIRST_MILLISECONDS, invented_report

#: A moment of the server, after all invented entries.
NOW = FIRST_MILLISECONDS / 1000 + 86_400


def pages(store, **wanted):
    with store.engine.connect() as connection:
        return list(stored_pages(connection, ReportFilter(**wanted)))


def test_a_stored_page_is_the_page_that_was_crawled(store):
    report = invented_report(1, name="a.html", fetched_at="2024-02-03T04:05:06+08:00")
    report.crawl.charset, report.crawl.content_type = "utf-8", "text/html"
    store.write([report])
    (page,) = pages(store)
    assert page.crawl == report.crawl
    assert page.source == report.source
    assert page.body == report.source.text.encode()


def test_the_event_for_a_later_stage_is_the_one_that_it_had(store):
    report = invented_report(1)
    store.write([report])
    (page,) = pages(store)
    for start, model in (("sectioner", NormalizedReport), ("extractor", SectionedReport)):
        event = event_for(page, start, *new_entry("fazhi:", NOW))
        whole = {
            **orjson.loads(report.model_dump_json()),
            "entry": event.entry,
            "accepted_at": event.accepted_at,
            "trail": [],
        }
        whole["crawl"]["fetched_at"] = page.crawl.fetched_at
        whole["crawl"]["extra"]["rerun"] = repr(page.made_at)
        expected = {name: value for name, value in whole.items() if name in model.model_fields}
        assert type(event) is model
        assert orjson.loads(event.model_dump_json()) == expected


def test_conditions_choose_the_pages(store):
    store.write([invented_report(at, city=city, year=year) for at, (city, year) in enumerate(
        [("云岭市", 2022), ("云岭市", 2023), ("清河市", 2023)])])  # fmt: skip
    with store.engine.connect() as connection:
        assert count_pages(connection, ReportFilter()) == 3
        assert count_pages(connection, ReportFilter(place="云岭市", year_from=2023)) == 1
    assert len(pages(store, version="0.1.0")) == 3
    assert pages(store, version="9") == []


@pytest.mark.parametrize(("start", "stream", "model"), [
    ("sectioner", "normalized", NormalizedReport), ("extractor", "sectioned", SectionedReport),
])  # fmt: skip
def test_what_is_sent_again_is_counted_and_the_books_balance(store, server, start, stream, model):
    store.write([invented_report(at, city=f"第{at}市") for at in range(40)])
    with server.client() as client:
        entries = _send(pages(store), client, keys(), start, tell=print)
        books = read_books(client)
        assert books.accepted == books.waiting == books.stream(stream).came_in == 40
        assert books.balanced
        waiting = [decode_event(model, fields[b"event"]) for _, fields in client.xrange(keys().stream(stream))]
    assert [event.entry for event in waiting] == entries
    assert len(set(entries)) == 40


def test_from_the_normalizer_the_page_goes_in_as_it_was_crawled(store, server):
    report = invented_report(1, fetched_at="2024-01-01")
    store.write([report])
    with server.client() as client:
        (entry,) = _send(pages(store), client, keys(), "normalizer", tell=print)
        assert len(_send(pages(store), client, keys(), "normalizer", tell=print)) == 1  # asked twice, done twice
        name, fields = client.xrange(keys().intake)[0]
        assert read_books(client).balanced
    raw = read_entry(entry, name.decode(), fields, BodyLimits())
    assert raw.body == report.source.text.encode()
    assert (raw.crawl.url, raw.crawl.fetched_at) == (report.crawl.url, "2024-01-01")


def again(store, start: str, version: str, *, now: float = NOW, **changes) -> ExtractedReport:
    """What the pipeline makes of the only page when it is run again by `version`."""
    (page,) = pages(store)
    event = event_for(page, start, *new_entry("fazhi:", now))
    made = invented_report(1, version=version, **changes)
    kept = made.model_dump() | {
        "entry": event.entry,
        "accepted_at": event.accepted_at,
        "crawl": event.crawl.model_dump(),
    }
    kept["trail"] = [{**kept["trail"][0], "started_at": event.accepted_at}]
    return ExtractedReport.model_validate(kept)


def shown_version(store) -> str:
    with store.engine.connect() as connection:
        return connection.execute(select(schema.reports.c.version)).scalar_one()


@pytest.mark.parametrize("fast_by", [3_600, 10 * 365 * 86_400])
def test_a_rerun_is_shown_whatever_the_clock_of_the_worker_said_that_read_the_page_before(store, fast_by):
    store.write([invented_report(1, version="0.1.0", made_at=NOW + fast_by)])
    newer = again(store, "extractor", "0.2.0")
    for batch in ([newer], [newer], [invented_report(1, version="0.1.0", made_at=NOW + fast_by)]):  # and redelivered
        store.write(batch)
        assert shown_version(store) == "0.2.0"


def test_a_rerun_is_shown_though_the_servers_clock_was_set_back(store):
    store.write([invented_report(1, version="0.1.0")])
    store.write([again(store, "extractor", "0.2.0", now=NOW - 7 * 86_400)])
    assert shown_version(store) == "0.2.0"
    store.write([again(store, "extractor", "0.3.0", now=NOW - 8 * 86_400)])
    assert shown_version(store) == "0.3.0"


def test_two_reruns_show_the_later_in_whatever_order_they_arrive(store):
    store.write([invented_report(1, version="0.1.0")])
    second, third = again(store, "extractor", "0.2.0"), again(store, "extractor", "0.3.0", now=NOW + 1)
    store.write([third])
    store.write([second])
    store.write([third])
    assert shown_version(store) == "0.3.0"


def test_a_crawl_accepted_before_the_rerun_and_stored_after_it_does_not_bring_old_facts_back(store):
    store.write([invented_report(1, version="0.1.0")])
    newer = again(store, "extractor", "0.2.0")
    store.write([newer])
    store.write([invented_report(2, version="0.1.0", made_at=NOW + 1_000_000)])  # it lay on a dead worker
    assert shown_version(store) == "0.2.0"


@pytest.mark.parametrize("said", ["nan", "inf", "1e300", "-5", "x", ""])
def test_what_a_client_writes_into_the_field_of_reruns_keeps_no_later_reading_away(store, said):
    odd = invented_report(1, version="0.1.0")
    odd.crawl.extra["rerun"] = said
    store.write([odd])
    store.write([invented_report(2, version="0.2.0")])
    assert shown_version(store) == "0.2.0"


def test_new_facts_take_the_place_of_the_old_and_the_old_can_be_compared(store):
    store.write([invented_report(1)])
    newer = again(store, "extractor", "0.2.0")
    newer.facts[0].metric = "litigation.cases"
    del newer.facts[2]
    store.write([newer])
    with store.engine.connect() as connection:
        rows = connection.execute(select(schema.facts.c.metric).order_by(schema.facts.c.position)).scalars().all()
        assert rows == ["litigation.cases", "reconsideration.closed"]
        assert connection.execute(select(func.count()).select_from(schema.reports)).scalar_one() == 1
        assert connection.execute(select(schema.reports.c.revisions)).scalar_one() == 1  # the page is the same
        old = read_report(connection, newer.report_id, "0.1.0")
        new = read_report(connection, newer.report_id)
        assert [version["version"] for version in new["versions"]] == ["0.2.0", "0.1.0"]
    difference = diff_readings(old, new)
    assert [fact["value"] for fact in difference.lost] == [40]
    assert difference.gained == []
    assert [change["fields"] for change in difference.changed] == [
        {"metric": ["reconsideration.accepted", "litigation.cases"]}
    ]
    assert difference.same == 1


def test_an_old_worker_that_comes_late_does_not_bring_old_facts_back(store):
    late = invented_report(1, version="0.1.0")
    store.write([invented_report(2, version="0.2.0", made_at=late.accepted_at - 1000)])
    store.write([late])
    with store.engine.connect() as connection:
        assert connection.execute(select(schema.reports.c.version)).scalar_one() == "0.2.0"


def test_rules_that_split_a_report_give_two(store):
    """Two pages were one by their content; newer code reads them as two."""
    one = invented_report(1, url=None, content="same", values=(1, 1))
    two = invented_report(2, url=None, content="same", values=(2, 1))
    store.write([one, two])
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.reports)).scalar_one() == 1
    store.write([invented_report(3, url=None, content="other", values=(2, 1), version="0.2.0")])
    with store.engine.connect() as connection:
        assert sorted(connection.execute(select(schema.reports.c.report_id)).scalars()) == ["other", "same"]
        assert connection.execute(select(func.count()).select_from(schema.facts)).scalar_one() == 4
