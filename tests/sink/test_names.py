"""A name that comes twice: redelivered it is one entry; with another page it is two, and neither is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from services.sink import schema
from services.sink.forget import forget_report
from services.sink.shelf import DatabaseShelf
from tests.sink.reports import dead_letter, entry_name, invented_report


def rows(store, table) -> list[dict]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def under_one_name():
    """Two pages that two servers gave the same id."""
    return invented_report(1, city="云岭市"), invented_report(1, city="清河市")


@pytest.mark.parametrize("together", [False, True])
def test_another_page_under_a_stored_name_is_stored_under_its_own_and_said(store, together):
    one, other = under_one_name()
    with capture_logs() as said:
        for batch in [[one, other]] if together else [[one], [other]]:
            store.write(batch)
        assert [line["event"] for line in said if line["log_level"] == "error"] == ["entry_name_taken"]
        store.write([one])
        store.write([other])  # both redelivered
    assert sorted(row["issuer"] for row in rows(store, schema.reports)) == ["云岭市人民政府", "清河市人民政府"]
    names = sorted(row["entry"] for row in rows(store, schema.entries))
    assert names[0] == entry_name(1)
    assert names[1].startswith(entry_name(1) + "+")
    assert len(names) == 2
    assert {row["entry"] for row in rows(store, schema.sources)} == set(names)
    assert {row["outcome"] for row in rows(store, schema.entries)} == {"stored"}


def test_another_page_under_a_forgotten_name_is_stored(store):
    one, other = under_one_name()
    store.write([one])
    forget_report(store.engine, one.report_id)
    store.write([one])
    assert rows(store, schema.reports) == []
    store.write([other])
    assert [row["issuer"] for row in rows(store, schema.reports)] == ["清河市人民政府"]


def test_letters_of_two_servers_under_one_name_are_both_kept(store):
    letters = [dead_letter(1), dead_letter(1, body=b"other", body_bytes=5, body_sha256="5" * 64)]
    with capture_logs() as said:
        for letter in letters * 2:
            store.write([], [letter])
    assert {line["event"] for line in said if line["log_level"] == "error"} == {"entry_name_taken"}
    shelf = DatabaseShelf(store.engine.url.render_as_string(hide_password=False))
    assert sorted(shelf.read(note.key).body for note in shelf.notes()) == sorted(letter.body for letter in letters)
    assert len(rows(store, schema.entries)) == 2


def test_a_report_under_the_name_of_another_pages_letter_takes_nothing_away(store):
    store.write([], [dead_letter(1)])
    store.write([invented_report(1)])
    assert len(rows(store, schema.reports)) == len(rows(store, schema.dead_letters)) == 1
