"""The folder of a pipeline, and how every command finds the pipeline that runs in it.

    DIR/
      state.json       who runs here: process ids, addresses (0600: a URL may hold a password)
      lock             held by `fazhi up` as long as it lives
      broker/          the embedded Valkey: append-only file, log
      fazhi.db         the embedded database
      api-token        what a person needs to review facts on the page (0600)
      logs/            one file a process
      metrics/         one file a worker: where its metrics are
      discovery/       the list that Prometheus follows
      prometheus.yml

`FAZHI_REDIS_URL` and `FAZHI_DATABASE_URL` (or their `_FILE` forms) come before the folder.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel, Field, ValidationError

from fazhi.failure import CommandError
from shared.settings import Connection

DEFAULT_DATA = Path(".fazhi")


class Running(BaseModel):
    """One process of a running pipeline."""

    name: str  # for example "extractor-2"
    pid: int
    mark: str  # a part of its command line by which it is known again


class State(BaseModel):
    """What `fazhi up` says about itself; renewed whenever something changes."""

    pid: int
    started_at: float  # unix seconds
    redis_url: str
    database_url: str
    api_url: str | None = None
    processes: list[Running] = Field(default_factory=list)


@dataclass(frozen=True)
class Home:
    """The folder of one pipeline. The path is absolute, so that it outlives a change of the working folder."""

    path: Path

    @classmethod
    def at(cls, data: Path) -> Home:
        """The home in `data`, which need not exist."""
        return cls(Path(os.path.abspath(data.expanduser())))  # noqa: PTH100 - keeps symbolic links as they were typed

    @property
    def state_file(self) -> Path:
        return self.path / "state.json"

    @property
    def lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def broker(self) -> Path:
        return self.path / "broker"

    @property
    def database(self) -> Path:
        return self.path / "fazhi.db"

    @property
    def token_file(self) -> Path:
        return self.path / "api-token"

    def keep_token(self) -> Path:
        """The file of the API's token; made at the first start, and kept, so that reviewers need it only once."""
        if not self.token_file.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(16) + "\n")
        return self.token_file

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics"

    @property
    def discovery(self) -> Path:
        return self.path / "discovery"

    @property
    def prometheus(self) -> Path:
        return self.path / "prometheus.yml"

    @property
    def database_url(self) -> str:
        """The URL of the embedded database."""
        # Of a path, only these two mean something else in a URL.
        return "sqlite:///" + str(self.database).replace("%", "%25").replace("?", "%3F")

    def make(self) -> None:
        """Create the folders.

        Raises CommandError where the path is a file or cannot be written.
        """
        try:
            for folder in (self.path, self.broker, self.logs, self.metrics, self.discovery):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise CommandError(
                f"cannot use {self.path} as the pipeline's folder: {error.strerror or error}",
                "choose another with --data DIR",
            ) from error

    def lock(self) -> IO[str] | None:
        """The lock of the folder, or None where a living `fazhi up` holds it. Released when the file is closed."""
        handle = self.lock_file.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return None
        return handle

    def is_running(self) -> bool:
        """Whether a living `fazhi up` holds the folder."""
        if not self.lock_file.exists():
            return False
        try:
            handle = self.lock()
        except OSError:  # another user's folder: its state file tells what there is to tell
            return self.state_file.exists()
        if handle is None:
            return True
        handle.close()
        return False

    def read_state(self) -> State | None:
        """What the last `fazhi up` said, or None where there is nothing readable."""
        try:
            return State.model_validate_json(self.state_file.read_bytes())
        except (OSError, ValidationError):
            return None

    def write_state(self, state: State) -> None:
        """Replace the state file in one step; readers see the old or the new one."""
        write_whole(self.state_file, state.model_dump_json(indent=1), mode=0o600)


def write_whole(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace `path` in one step, so that no reader sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def setting(read: str) -> str | None:
    """The URL that the environment gives, `redis` or `database`, or None.

    Raises CommandError where it names a file that cannot be read.
    """
    connection = Connection()
    try:
        url: str = getattr(connection, read)()
    except ValueError:
        return None
    except OSError as error:
        raise CommandError(
            f"cannot read {error.filename}, which FAZHI_{read.upper()}_URL_FILE names: {error.strerror}"
        ) from error
    return url


def redis_url(data: Path) -> str:
    """Where the server of the running pipeline is.

    Raises CommandError where none is set and none runs in `data`.
    """
    if url := setting("redis"):
        return url
    home = Home.at(data)
    if home.is_running() and (state := home.read_state()):
        return state.redis_url
    raise CommandError(
        f"no pipeline is running in {data}",
        f"start one with `fazhi up --data {data}`, or set FAZHI_REDIS_URL to the server of another",
    )


def database_url(data: Path) -> str:
    """Where the database is; the pipeline in `data` need not be running.

    Raises CommandError where none is set and there is none in `data`.
    """
    if url := setting("database"):
        return url
    home = Home.at(data)
    if state := home.read_state():
        return state.database_url
    if home.database.exists():
        return home.database_url
    raise CommandError(
        f"there is no database in {data}",
        f"start a pipeline with `fazhi up --data {data}`, or set FAZHI_DATABASE_URL to the database of another",
    )
