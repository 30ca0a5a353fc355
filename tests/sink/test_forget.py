"""What is forgotten is forgotten everywhere: letters of other entries, and reruns that are on their way."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from services.sink import schema
from services.sink.filters import ReportFilter
from services.sink.forget import forget_report
from services.sink.rerun import event_for, stored_pages
from services.sink.shelf import DatabaseShelf
from shared.events import Crawl
from tests.sink.reports import FIRST_MILLISECONDS, dead_letter, entry_name, invented_report


def rows(store, table) -> list[dict]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def letter_of(report, number: int, **changes):
    """A letter that holds the page of `report`, which died under another entry."""
    body = report.source.text.encode()
    return dead_letter(
        number, body=body, body_bytes=len(body), body_sha256=hashlib.sha256(body).hexdigest(), **changes
    )  # fmt: skip


def rerun_of(store, report):
    """`report` on its way again, from the extractor."""
    with store.engine.connect() as connection:
        (page,) = stored_pages(connection, ReportFilter())
    moment = FIRST_MILLISECONDS / 1000 + 1_000
    event = event_for(page, "extractor", f"fazhi:rerun/{FIRST_MILLISECONDS + 1_000_000}-5", moment)
    again = report.model_copy(deep=True)
    again.entry, again.accepted_at, again.crawl = event.entry, event.accepted_at, event.crawl
    return again


def test_letters_that_hold_the_page_go_with_it_though_it_died_under_another_entry(store):
    report, other = invented_report(1), invented_report(2, city="清河市")
    store.write([other], [letter_of(report, 3), letter_of(other, 4), letter_of(report, 5, stage="sectioner")])
    store.write([report])
    removed = forget_report(store.engine, report.report_id)
    assert removed is not None
    assert removed["dead_letters"] == 2
    shelf = DatabaseShelf(store.engine.url.render_as_string(hide_password=False))
    assert [note.entry for note in shelf.notes()] == [entry_name(4)]
    outcomes = {row["entry"]: row["outcome"] for row in rows(store, schema.entries)}
    assert outcomes == {
        entry_name(1): "forgotten", entry_name(2): "stored", entry_name(3): "forgotten", entry_name(4): "dead",
        entry_name(5): "forgotten",
    }  # fmt: skip


def test_a_rerun_that_was_on_its_way_brings_nothing_back(store):
    report = invented_report(1)
    store.write([report])
    again = rerun_of(store, report)
    forget_report(store.engine, report.report_id)
    for _ in range(2):
        store.write([again])
    assert rows(store, schema.reports) == rows(store, schema.pages) == rows(store, schema.facts) == []
    assert {row["outcome"] for row in rows(store, schema.entries)} == {"forgotten"}  # nothing is left open


def test_a_rerun_that_dies_on_its_way_keeps_no_letter_with_the_page(store):
    report = invented_report(1)
    store.write([report])
    again = rerun_of(store, report)
    forget_report(store.engine, report.report_id)
    letter = letter_of(report, 7, entry=again.entry, crawl=again.crawl)
    for _ in range(2):
        store.write([], [letter])
    assert rows(store, schema.dead_letters) == []
    assert {row["entry"]: row["outcome"] for row in rows(store, schema.entries)}[again.entry] == "forgotten"


@pytest.mark.parametrize("rerun_first", [True, False])
def test_a_new_crawl_of_a_forgotten_page_is_stored_and_can_be_run_again(store, rerun_first):
    report = invented_report(1)
    store.write([report])
    again = rerun_of(store, report)
    forget_report(store.engine, report.report_id)
    crawled = report.model_copy(update={"entry": entry_name(2), "crawl": Crawl(url="https://new.example.org/")})
    for one in [again, crawled] if rerun_first else [crawled, again]:
        store.write([one])
    assert len(rows(store, schema.reports)) == 1
    assert {row["entry"]: row["outcome"] for row in rows(store, schema.entries)}[entry_name(2)] == "stored"
    removed = forget_report(store.engine, report.report_id)
    assert removed is not None
    assert rows(store, schema.pages) == []
