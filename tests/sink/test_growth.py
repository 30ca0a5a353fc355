"""What a batch costs does not grow with the reports that merely look alike: bodies of one name, templates, copies."""

from __future__ import annotations

import random

import psycopg
import pytest
from sqlalchemy import select, text

from services.sink import bulk, engine, schema
from services.sink.store import DatabaseStore
from shared.errors import Transient
from shared.events import Place
from tests.sink.reports import invented_report


def signature(chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"


def offices(first: int, count: int, *, place: Place | None = None) -> list:
    """Reports of offices that are all called the same, each with words of its own."""
    chance = random.Random(first)
    made = []
    for number in range(first, first + count):
        report = invented_report(
            number, issuer="教育局", level="department", url=f"https://{number}.example.org/", words=f"第{number}处。",
            signature=signature(chance),
        )  # fmt: skip
        report.document.place = place or Place()
        made.append(report)
    return made


def watch_updates(store: DatabaseStore) -> None:
    """Have the database note each row of reports and pages that is updated."""
    with store.engine.begin() as connection:
        connection.execute(text("CREATE TABLE seen_updates (what text)"))
        for table in ("reports", "pages"):
            if connection.dialect.name == "sqlite":
                connection.execute(
                    text(
                        f"CREATE TRIGGER seen_{table} AFTER UPDATE ON {table}"
                        f" BEGIN INSERT INTO seen_updates VALUES ('{table}'); END"
                    )
                )
                continue
            connection.execute(
                text(
                    f"CREATE FUNCTION seen_{table}() RETURNS trigger LANGUAGE plpgsql AS"
                    f" $$ BEGIN INSERT INTO seen_updates VALUES ('{table}'); RETURN NULL; END $$"
                )
            )
            connection.execute(
                text(
                    f"CREATE TRIGGER seen_{table} AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION seen_{table}()"
                )
            )


def updates(store: DatabaseStore) -> list[str]:
    with store.engine.connect() as connection:
        return list(connection.execute(text("SELECT what FROM seen_updates")).scalars())


def reports(store: DatabaseStore) -> list[dict]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(schema.reports)).mappings()]


@pytest.mark.parametrize("place", [None, Place(city="云岭市")])
def test_a_batch_leaves_alone_what_has_only_the_name_of_its_issuer_in_common(store, place):
    store.write(offices(0, 60, place=place))
    watch_updates(store)
    store.write(offices(60, 20, place=place))
    assert updates(store) == []
    assert len(reports(store)) == 80


def test_a_template_that_nameless_offices_share_does_not_make_them_one_report(store):
    same = "0123456789abcdef" * 2
    made = offices(0, 6)
    for report in made:
        report.signature = same
    store.write(made)
    assert len(reports(store)) == 6
    placed = offices(6, 6, place=Place(city="云岭市"))
    for report in placed:
        report.signature = same
    store.write(placed)
    assert len(reports(store)) == 7  # of one place they are copies of one report


def test_what_did_not_change_is_not_written_again(store):
    copies = [invented_report(number, url=f"https://{number}.example.org/") for number in range(3)]
    store.write(copies)
    watch_updates(store)
    store.write([copies[1]])  # the entry again
    assert updates(store) == []
    store.write([invented_report(9, url="https://9.example.org/")])
    assert updates(store) == ["reports"]  # one source more


def test_a_copy_joins_the_near_one_among_many(store):
    many = offices(0, 40, place=Place(city="云岭市"))
    store.write(many)
    copy = offices(40, 1, place=Place(city="云岭市"))[0]
    copy.signature = f"{int(many[17].signature, 16) ^ 0b1011:032x}"
    store.write([copy])
    found = reports(store)
    assert len(found) == 40
    assert [row["revisions"] for row in found if row["revisions"] > 1] == [2]


def test_more_locks_than_the_server_has_room_for_are_one(new_postgres_url):
    """20,000 names in one transaction; singly, the server as installed gives out at some 10,000."""
    database = engine.connect(new_postgres_url)
    names = {f"report:{number}" for number in range(20_000)}
    with database.begin() as connection:
        bulk.lock(connection, names)
        with pytest.raises(Transient), engine.surroundings(), database.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = 200"))
            bulk.lock(other, {"report:17"})
    with database.begin() as connection, database.begin() as other:
        bulk.lock(connection, {"report:17"})
        bulk.lock(other, {"report:18"})  # few names keep nobody out
    database.dispose()


def test_a_large_batch_and_small_ones_take_turns(new_postgres_url):
    store = DatabaseStore(new_postgres_url)
    store.open()
    with psycopg.connect(new_postgres_url) as small:
        small.execute("SELECT pg_advisory_xact_lock_shared(%s)", [bulk.lock_number("everything")])
        with engine.surroundings(), store.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = 200"))
            with pytest.raises(psycopg.errors.LockNotAvailable):
                bulk.lock(connection, {f"page:{number}" for number in range(bulk.MAX_LOCKS + 1)})
            connection.rollback()
    store.close()
