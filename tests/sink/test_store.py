"""Batches become rows once, whatever was there before, on both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from services.sink import schema
from services.sink.reading import address_of, fetched_at, page_of
from services.sink.store import DatabaseStore
from shared.events import Crawl, Source
from tests.sink.reports import dead_letter, entry_name, invented_report


def rows(store: DatabaseStore, table: Any) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(select(table)).mappings())


def count(store: DatabaseStore, table: Any) -> int:
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_batch_becomes_reports_sections_facts_checks_and_coverage(store):
    store.write([invented_report(1), invented_report(2, city="清河市")], [dead_letter(3)])
    assert {row["title"] for row in rows(store, schema.reports)} == {
        "云岭市人民政府关于2023年法治政府建设情况的报告",
        "清河市人民政府关于2023年法治政府建设情况的报告",
    }
    assert count(store, schema.sections) == 4
    assert count(store, schema.facts) == 6
    assert count(store, schema.checks) == 2
    assert {row["stated"] for row in rows(store, schema.coverage)} == {
        " reconsideration.accepted reconsideration.closed "
    }
    assert {row["entry"]: row["outcome"] for row in rows(store, schema.entries)} == {
        entry_name(1): "stored", entry_name(2): "stored", entry_name(3): "dead",
    }  # fmt: skip


def test_the_same_batch_again_changes_nothing(store):
    batch = [invented_report(number, city=f"第{number}市") for number in range(5)], [dead_letter(9)]
    store.write(*batch)
    before = {table.name: rows(store, table) for table in schema.metadata.sorted_tables}
    store.write(*batch)
    store.write(batch[0][2:3], batch[1])
    assert {table.name: rows(store, table) for table in schema.metadata.sorted_tables} == before


def test_text_that_a_database_cannot_hold_is_stored_and_the_page_is_kept(store):
    report = invented_report(1, name="a\0b")
    report.facts[0].subject = "a\0b"
    report.document.title = "题\0目"
    report.source.text = "\0" + report.source.text
    store.write([report], [dead_letter(2, detail="x\0y")])
    assert rows(store, schema.facts)[0]["subject"] == "a\ufffdb"
    assert rows(store, schema.reports)[0]["title"] == "题\ufffd目"
    assert rows(store, schema.pages)[0]["page"] == page_of(report.source)


@pytest.mark.parametrize("accepted_at", [-5.0, 0.0, 1e15, 1e300])
def test_an_entry_whose_id_no_calendar_holds_is_stored(store, accepted_at):
    report = invented_report(1)
    report.accepted_at = accepted_at
    store.write([report], [dead_letter(2, accepted_at=accepted_at, died_at=accepted_at)])
    assert count(store, schema.reports) == count(store, schema.dead_letters) == 1


def test_long_urls_and_names_fit(store):
    # Random, because PostgreSQL compresses what repeats before it measures it.
    long = "".join(random.Random(1).choices([chr(code) for code in range(0x4E00, 0x9FA5)], k=5_000))
    report = invented_report(1, url="https://www.example.org/" + long, issuer=long, level="department", name=long)
    report.document.place.province = report.document.place.city = report.document.place.county = long
    store.write([report])
    assert count(store, schema.facts) == 3


def test_a_dead_letter_that_was_sent_again_and_succeeded_is_stored(store):
    store.write([], [dead_letter(1)])
    store.write([invented_report(1)])
    store.write([], [dead_letter(1)])  # the letter comes again, late
    assert [row["outcome"] for row in rows(store, schema.entries)] == ["stored"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-03-01T08:00:00+08:00", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01T00:00:00Z", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024/03/01 00:00:00", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Fri, 01 Mar 2024 00:00:00 GMT", datetime(2024, 3, 1, tzinfo=UTC)),
        ("1709251200", datetime(2024, 3, 1, tzinfo=UTC)),
        ("1709251200000", datetime(2024, 3, 1, tzinfo=UTC)),
        ("20240301000000", datetime(2024, 3, 1, tzinfo=UTC)),
        *[
            (odd, datetime(1970, 1, 2, tzinfo=UTC))
            for odd in (None, "", "yesterday", "0001-01-01", "9999-12-31T23:59:59-23:59", "1" * 70, "１２３", "nan")
        ],
    ],
)
def test_the_time_of_a_fetch_is_read_as_crawlers_write_it(written, moment):
    assert fetched_at(Crawl(fetched_at=written), 86_400) == moment


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://WWW.example.org/a#top", "https://www.example.org/a", True),
        ("https://www.example.org", "https://www.example.org/", True),
        ("https://www.example.org/a?id=1", "https://www.example.org/a?id=2", False),
        ("https://www.example.org/A", "https://www.example.org/a", False),
    ],
)
def test_addresses_are_compared_without_what_does_not_matter(one, other, same):
    assert (address_of(one) == address_of(other)) is same


@pytest.mark.parametrize("url", [None, "", "a.html", "http://[", "/path"])
def test_what_is_no_address_is_none(url):
    assert address_of(url) is None


def test_a_page_is_known_by_its_bytes():
    text = Source(text="报告", charset="gb18030", media_type="text/plain", raw_bytes=4)
    kept = Source(text="x", charset="utf-8", media_type="text/plain", raw_bytes=4, original="报告".encode("gb18030"))
    assert page_of(text) == page_of(kept)
