"""Two real sinks on a real PostgreSQL that deadlocks, cuts, cancels, refuses to write, is full, is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.support.pages import FACTS, invented_page
from tests.support.pipeline import SERVICE, Pipeline, WorkerProcess
from tests.support.postgres import Postgres
from tests.support.proxy import Proxy
from tests.support.servers import Server, wait_until

MakePipeline = Callable[..., Pipeline]
#: Pages that are on their way while a fault lasts: some batches for each of the two sinks.
PAGES = 60
BATCH = 16


class Scene:
    """Real stages, two sinks, one PostgreSQL, and the faults that may come over it."""

    def __init__(self, pipeline: Pipeline, postgres: Postgres) -> None:
        self.pipeline = pipeline
        self.postgres = postgres
        pipeline.start("normalizer", "sectioner", "extractor")
        for _ in range(2):
            pipeline.start("sink", FAZHI_STORE_BATCH_SIZE=str(BATCH))
        self.sinks = pipeline.of("sink")
        self.heard: dict[int, int] = {}

    def submit(self) -> None:
        start = len(self.pipeline.sent)
        self.pipeline.submit(*(invented_page(start + k) for k in range(PAGES)))

    def administer(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements; what the last one answers."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def stopped_in_a_batch(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """Pages come, and both sinks stand still in the middle of a transaction, before a lock of somebody else."""
        with psycopg.connect(self.postgres.url) as foreign:
            foreign.execute("LOCK TABLE readings IN SHARE MODE")
            self.submit()
            wait_until(lambda: self._waiting() == len(self.sinks), 60, "both sinks wait in the middle of a batch")
            yield foreign
            foreign.rollback()

    def _waiting(self) -> int:
        rows = self.administer("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'readings'::regclass")
        return int(str(rows[0][0]))

    def begin(self, fault: Callable[[Scene], None]) -> None:
        self.heard = {sink.pid: len(sink.logged("database_away")) for sink in self.sinks}
        fault(self)

    def said(self, words: str = "") -> list[WorkerProcess]:
        """The sinks that logged a fault of the database since this one began, with such words."""
        return [
            sink
            for sink in self.sinks
            if any(words in str(line["error"]) for line in sink.logged("database_away")[self.heard[sink.pid] :])
        ]

    def not_ready(self, sinks: list[WorkerProcess]) -> None:
        for sink in sinks:
            wait_until(lambda sink=sink: "database is away" in sink.get("/readyz")[1], 20, "it is not ready, says why")
            assert sink.get("/healthz")[0] == 200  # a restart would not help


_SESSIONS = "FROM pg_stat_activity WHERE application_name = 'fazhi'"


def deadlock(scene: Scene) -> None:
    """A foreign session takes what the sinks wait for and then what they hold: the sinks are the victims."""
    for _ in range(5):
        with scene.stopped_in_a_batch() as foreign:
            foreign.execute("SET deadlock_timeout = '30s'")
            try:
                foreign.execute("LOCK TABLE entries IN SHARE MODE")  # granted once the sinks' transactions were ended
            except psycopg.errors.DeadlockDetected:
                continue  # a sink waited for so long before that it had looked for a deadlock already
            wait_until(lambda: scene.said("deadlock detected"), 20, "a sink was the victim")
            scene.not_ready(scene.said("deadlock detected"))
            return
    raise AssertionError("the foreign session was the victim every time")


def cut(scene: Scene) -> None:
    """The connections are cut in the middle of a batch."""
    with scene.stopped_in_a_batch():
        scene.administer(f"SELECT pg_terminate_backend(pid) {_SESSIONS}")
        wait_until(lambda: len(scene.said()) == 2, 20, "both sinks say it")
        scene.not_ready(scene.sinks)


def cancelled(scene: Scene) -> None:
    """Statements are cancelled in the middle of a batch, as by a time limit."""
    with scene.stopped_in_a_batch():
        scene.administer(f"SELECT pg_cancel_backend(pid) {_SESSIONS}")
        wait_until(lambda: len(scene.said("canceling statement")) == 2, 20, "both sinks say it")
        scene.not_ready(scene.sinks)


def read_only(scene: Scene) -> None:
    """New sessions may only read, as on a server that protects itself or after a failover; then they may write again,
    and no session is cut for it."""
    database = scene.administer("SELECT current_database()")[0][0]
    scene.administer(
        f"ALTER DATABASE {database} SET default_transaction_read_only = on",
        f"SELECT pg_terminate_backend(pid) {_SESSIONS}",
    )
    try:
        scene.submit()
        wait_until(lambda: scene.said("read-only"), 30, "a sink says it")
        scene.not_ready(scene.said("read-only"))
    finally:
        scene.administer(
            "SET default_transaction_read_only = off", f"ALTER DATABASE {database} RESET default_transaction_read_only"
        )


#: Unique violation, serialization failure, disk full, out of memory, permission denied.
_CODES = ("23505", "40001", "53100", "53200", "42501")


def refused(scene: Scene) -> None:
    """Statements in the middle of a batch are refused with each error that says nothing about the reports."""
    scene.administer(
        "CREATE SEQUENCE refusals",  # not rolled back with the statement that is refused
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE"
        f" codes text[] := ARRAY{list(_CODES)}; at int := nextval('refusals'); BEGIN"
        " IF at <= array_length(codes, 1) THEN"
        "  RAISE EXCEPTION 'refused with %', codes[at] USING ERRCODE = codes[at];"
        " END IF; RETURN NEW; END $$",
        "CREATE TRIGGER refusal BEFORE INSERT ON readings FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    scene.submit()
    wait_until(lambda: scene.said("refused with"), 30, "a sink says it")
    scene.pipeline.drained(90)
    (row,) = scene.administer("SELECT last_value FROM refusals")
    assert int(str(row[0])) > len(_CODES)
    scene.administer("DROP TRIGGER refusal ON readings", "DROP FUNCTION refuse", "DROP SEQUENCE refusals")


def full_disk(scene: Scene) -> None:
    """The log cannot grow: PostgreSQL ends itself in the middle of a commit, and cannot start before there is room."""
    scene.administer("SELECT pg_switch_wal()", "CHECKPOINT")
    (row,) = scene.administer("SELECT file_offset FROM pg_walfile_name_offset(pg_current_wal_lsn())")
    scene.postgres.limit_files(int(str(row[0])) + 200_000)
    scene.submit()
    wait_until(lambda: not scene.postgres.answers(), 60, "PostgreSQL has ended itself", every=0.2)
    scene.not_ready(scene.sinks)
    scene.postgres.crash()
    scene.postgres.start()


def away(scene: Scene) -> None:
    """The server ends at once in the middle of the work, and is started again after a while."""
    scene.submit()
    wait_until(
        lambda: scene.pipeline.books().stored > len(scene.pipeline.sent) - PAGES, 60, "it is in the middle of it"
    )
    scene.postgres.crash()
    gone = time.monotonic()
    scene.submit()
    scene.not_ready(scene.sinks)
    wait_until(lambda: time.monotonic() - gone > 3, 5, "some seconds pass")
    scene.postgres.start()


FAULTS = (deadlock, cut, cancelled, read_only, refused, full_disk, away)


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.full)])
def test_faults_of_the_database_lose_double_and_bury_nothing(
    server: Server, make_pipeline: MakePipeline, own_postgres: Postgres, times: int
) -> None:
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET deadlock_timeout = '4s'")  # time enough to make a deadlock of a wait
        connection.execute("SELECT pg_reload_conf()")
    patient = {"FAZHI_REPORT_SECONDS": "60", "FAZHI_PATIENCE_SECONDS": "60"}
    scene = Scene(make_pipeline(server, app=SERVICE, store_url=own_postgres.url, environment=patient), own_postgres)
    pids = [sink.pid for sink in scene.sinks]
    for _ in range(times):
        for fault in FAULTS:
            scene.begin(fault)
            scene.pipeline.check(90, dead=set())
            for sink in scene.sinks:
                wait_until(sink.ready, 20, f"ready again after: {fault.__doc__}")
    sent = len(scene.pipeline.sent)
    counts = scene.administer("SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM pages), "
                              "(SELECT count(*) FROM facts), (SELECT count(*) FROM dead_letters)")  # fmt: skip
    assert counts == [(sent, sent, sent * FACTS, 0)]
    assert [sink.pid for sink in scene.sinks if sink.process.poll() is None] == pids  # nobody was restarted


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [
        ("black_hole", 3.0), ("cut", 1.0),
        *(pytest.param(mode, 30.0, marks=pytest.mark.full) for mode in ("latency", "black_hole", "reset", "slow", "cut")),
    ],
)  # fmt: skip
def test_a_bad_network_to_the_database_loses_and_doubles_nothing(
    server: Server, make_pipeline: MakePipeline, new_postgres_url: str, mode: str, seconds: float
) -> None:
    parts = urlsplit(new_postgres_url)
    proxy = Proxy(Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432")
    through = f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"
    pipeline = make_pipeline(server, store_url=new_postgres_url)
    try:
        pipeline.start("normalizer", "sectioner", "extractor")
        (sink,) = pipeline.start("sink", FAZHI_DATABASE_URL=through)
        for _ in range(3):
            pipeline.submit_good(100)
            wait_until(lambda: pipeline.books().stored > len(pipeline.sent) - 100, 30, "it is in the middle of it")
            proxy.disturb(mode, seconds / 3)
        pipeline.check(60, dead=set())
        assert sink.process.poll() is None
    finally:
        proxy.close()
