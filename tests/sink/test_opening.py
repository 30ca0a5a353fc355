"""The API before its database: it listens at once, and says why it answers nothing else yet."""

from __future__ import annotations

import signal
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import orjson
import psycopg
import pytest

from services.sink.engine import _MIGRATION_LOCK
from services.sink.store import DatabaseStore
from tests.support.postgres import Postgres
from tests.support.servers import wait_until
from tests.support.site import start_site

Ask = Callable[[str], tuple[int, bytes]]


@pytest.fixture
def site() -> Iterator[Callable[[str], Ask]]:
    """Starts the API over a database; the answer asks it: status, 0 where nobody listens, and body."""
    started = []

    def start(database: str) -> Ask:
        process, address = start_site(database)
        started.append(process)

        def ask(path: str) -> tuple[int, bytes]:
            try:
                with urllib.request.urlopen(address + path, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                assert error.headers["Retry-After"]
                return error.code, error.read()
            except OSError:
                return 0, b""

        wait_until(lambda: ask("/healthz")[0] == 200, 30, "the API listens")
        return ask

    yield start
    for process in started:
        process.terminate()
        assert process.wait(120) == -signal.SIGTERM  # as uvicorn ends


def _says_why(ask: Ask, words: str) -> bool:
    for path in ("/readyz", "/api/v1/facts", "/reports"):
        status, body = ask(path)
        if status != 503 or words not in orjson.loads(body)["detail"]:
            return False
    return ask("/healthz")[0] == ask("/metrics")[0] == 200


def test_an_api_that_is_there_before_its_database_says_so_and_begins_by_itself(
    own_postgres: Postgres, site: Callable[[str], Ask]
) -> None:
    own_postgres.crash()
    ask = site(own_postgres.url)
    wait_until(lambda: _says_why(ask, "does not answer"), 20, "it says that the database is away")
    own_postgres.start()
    wait_until(lambda: ask("/readyz")[0] == 200, 30, "it is ready")
    assert ask("/api/v1/facts") == (200, b'{"facts":[],"cursor":null}')


def test_while_the_schema_is_brought_up_the_api_lives_and_says_so(
    new_postgres_url: str, site: Callable[[str], Ask]
) -> None:
    with psycopg.connect(new_postgres_url, autocommit=True) as another:  # a sink that migrates
        another.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        ask = site(new_postgres_url)
        wait_until(lambda: _says_why(ask, "brought up"), 20, "it says that the schema is not there yet")
    wait_until(lambda: ask("/readyz")[0] == 200, 30, "it is ready")


def test_the_schema_of_a_newer_version_ends_the_api(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fazhi.db"
    store = DatabaseStore(url)
    store.open()
    store.close()
    with closing(sqlite3.connect(tmp_path / "fazhi.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'of tomorrow'")
        database.commit()
    process, _ = start_site(url)
    assert process.wait(180) == 1
