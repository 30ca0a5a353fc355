"""Real databases for the sink's tests: an SQLite file and a PostgreSQL, each empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.sink.store import DatabaseStore
from tests.support.postgres import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fazhi.db"
    return request.getfixturevalue("new_postgres_url")


@pytest.fixture
def store(database_url: str) -> Iterator[DatabaseStore]:
    """An open store on an empty database."""
    opened = DatabaseStore(database_url)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseStore]:
    """An open store that the tests of one file share and only read, once for each kind."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('shared')}/fazhi.db"
        else:
            url = stack.enter_context(empty_database(request.getfixturevalue("postgres")))
        opened = DatabaseStore(url)
        opened.open()
        yield opened
        opened.close()
