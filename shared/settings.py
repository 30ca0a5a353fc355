"""What an operator may change; read once, at start. Every limit has a name, a default and a reason."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Connection(BaseSettings):
    """Where the server and the database are. The URLs may hold a password, so they are never logged; each may come
    from a file instead (`FAZHI_REDIS_URL_FILE`, `FAZHI_DATABASE_URL_FILE`), as container secrets do.
    """

    model_config = SettingsConfigDict(env_prefix="FAZHI_", frozen=True, extra="ignore")

    #: The server: redis://user:password@host:6379/0, rediss:// for TLS, redis+sentinel://host1,host2/master behind Sentinel.
    redis_url: SecretStr | None = None
    #: A file that holds it, as container secrets do.
    redis_url_file: Path | None = None
    #: The database: postgresql://user:password@host/name or sqlite:///file.
    database_url: SecretStr | None = None
    #: A file that holds it.
    database_url_file: Path | None = None
    #: Hash tag of all keys, for one shard of several on a Redis Cluster. A part of every entry's name: letters, digits, `_.-`.
    shard: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{0,64}$")

    def redis(self) -> str:
        """The server's URL. Raises ValueError where none is set."""
        return _secret(self.redis_url, self.redis_url_file, "FAZHI_REDIS_URL")

    def database(self) -> str:
        """The database's URL. Raises ValueError where none is set."""
        return _secret(self.database_url, self.database_url_file, "FAZHI_DATABASE_URL")


def fault_of(error: ValueError) -> str:
    """What is wrong with the settings that could not be read, by the names that an operator sets. Shows no value."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"FAZHI_{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    )


def _secret(value: SecretStr | None, file: Path | None, name: str) -> str:
    if value is not None and value.get_secret_value():  # empty is not set: compose files pass it so
        return value.get_secret_value()
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    raise ValueError(f"set {name} or {name}_FILE")


class ServiceSettings(Connection):
    """Settings of every process that exports metrics: the workers and the monitor."""

    #: Prometheus port. 0 takes a free one; the address is logged and, with `metrics_dir`, written to a file there.
    metrics_port: NonNegativeInt = 0
    #: Its interface; in a container 0.0.0.0.
    metrics_host: str = "127.0.0.1"
    #: A folder for `<stage>-<pid>.json`, by which `fazhi up` finds the process's metrics.
    metrics_dir: Path | None = None
    #: Idle time after which a pending entry counts as left by a dead worker; a consumer silent for two of them as gone.
    lease_seconds: PositiveFloat = 30.0
    #: Logs as lines of JSON; false for lines that a person reads.
    log_json: bool = True


class WorkerSettings(ServiceSettings):
    """Settings of a worker."""

    #: Entries a read. 32, not all: without a bound one worker takes the whole backlog into its pending list.
    batch_size: PositiveInt = 32
    #: Entries a read of a stage that writes to a database: each transaction has its own cost, and touches a page of the
    #: index for every metric, however few reports state it (0079).
    store_batch_size: PositiveInt = 64
    #: Bytes a read, by the running mean size; also the most one handoff script carries (the server is single-threaded).
    batch_bytes: PositiveInt = 8_000_000
    #: Time a stage that writes to a database waits at most after a batch that was not full, and only while more is
    #: coming, so that the next one holds more: a transaction costs some milliseconds whatever it holds (0061). Half of it
    #: where entries come slowly.
    linger_seconds: NonNegativeFloat = 1.0
    #: Deliveries before an entry with an unknown fault is dead-lettered.
    max_deliveries: PositiveInt = 5
    #: First wait before an unknown fault is tried again; doubles each time.
    retry_seconds: NonNegativeFloat = 0.5
    #: A body above this is dead-lettered by reference. The longest real report seen is 0.3 MB.
    max_report_bytes: PositiveInt = 10_000_000
    #: Decompressed size over compressed size beyond which a body is a bomb. Real pages reach 12 with zstd.
    max_expansion: PositiveInt = 200
    #: Wall-clock time of one report in the child. The longest work report takes 0.2 s.
    report_seconds: PositiveFloat = 20.0
    #: Time after which a report is set aside, so that its neighbours need not wait for it; it goes on beside them, in a
    #: second child that exists only then. Ten times the longest work report.
    patience_seconds: PositiveFloat = 2.0
    #: Memory of the child (address space over its start size).
    child_memory_bytes: PositiveInt = 1_000_000_000
    #: A stage pauses while the next stream holds more than this.
    max_stream_bytes: PositiveInt = 2_000_000_000
    #: Stages pause while the dead stream holds more than this.
    max_dead_bytes: PositiveInt = 1_000_000_000
    #: The fuse: a stage stops when at least `fuse_ratio` of its last `fuse_window` reports were dead-lettered.
    fuse_window: PositiveInt = 200
    #: The share of dead letters at which it blows.
    fuse_ratio: float = Field(default=0.95, gt=0, le=1)
    #: Time a stopping worker may take to finish what it holds; then it hands back.
    drain_seconds: PositiveFloat = 20.0
    #: Pause between attempts while the server or the database is away.
    reconnect_seconds: PositiveFloat = 1.0
    #: One log line for each report that a stage finished, with its entry and report id: 0.03 ms each.
    log_reports: bool = True
