"""A storm over the whole pipeline, and then every report is asked for its own words.

Books may balance while reports stand under each other's names. So each page here states its own number in several
figures, and in the end what the database holds of an entry must be what the pure functions make of the bytes that were
sent as that entry: the page, its text, sections, facts and checks, the rows that are shown, and the bytes of the dead.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import redis
from sqlalchemy import text

from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from services.sink.engine import connect
from services.sink.reading import unpack, unpack_reading
from shared.events import DeadLetter, RawReport
from tests.support.pages import invented_page
from tests.support.pipeline import STAGES, Pipeline
from tests.support.postgres import Postgres
from tests.support.servers import Server

MakePipeline = Callable[..., Pipeline]
#: Reports, seconds that the storm lasts, and deliveries before a report dies: a worker's death is not its reports'
#: fault, here above all.
SHORT = (150, 10, 4)
LONG = (800, 120, 6)
#: What of a reading is compared with what the functions make of the page.
CONTENT = ("report_id", "text", "alignment", "document", "sections", "repairs", "facts", "checks", "coverage",
           "numerals", "undecided_numerals")  # fmt: skip
#: What is shown of a fact in a table of its own.
SHOWN = ("value", "unit", "metric", "subject", "number_text", "quote", "text_start", "text_end")
#: How one page in so many behaves, at a stage that the dice choose; and those of which one in sixty does.
ORDERS = {"slow=0.05": 8, "slow=2.5": 80}
DEADLY = ("raise", "permanent", "kill", "memory", "hang")
ONE_IN = 60
ENVIRONMENT = {
    "FAZHI_RETRY_SECONDS": "0.01",
    "FAZHI_REPORT_SECONDS": "10",
    "FAZHI_PATIENCE_SECONDS": "2",
    "FAZHI_BATCH_SIZE": "16",
    "FAZHI_STORE_BATCH_SIZE": "24",
}


@dataclass(frozen=True)
class Sheet:
    """What is sent as one entry."""

    body: bytes
    url: str
    orders: str = ""

    @property
    def page(self) -> str:
        return sha256(self.body).hexdigest()

    @property
    def dies(self) -> bool:
        return self.orders.endswith(DEADLY)


def sheet(number: int, dice: random.Random) -> Sheet:
    """Page `number`: of its own length, now and then in another charset, slow, or deadly to a stage."""
    more = "".join(
        f"第{k}项工作由{k % 7 + 2}个部门承办，办结事项{number * 10 + k}件。\n"
        for k in range(dice.choice((0, 2, 9, 60)))
    )
    body = invented_page(number).replace("二、存在的问题", f"{more}二、存在的问题")
    order = next((order for order, one_in in ORDERS.items() if not dice.randrange(one_in)), "")
    if number % ONE_IN == 0:
        order = DEADLY[number // ONE_IN % len(DEADLY)]
    orders = f"{dice.choice(STAGES[:3])}:{order}" if order else ""
    charset = "gb18030" if dice.random() < 0.2 else "utf-8"
    return Sheet(body.encode(charset), f"https://reports.example/{number}", orders)


@dataclass
class Storm:
    """What is sent, and what happens meanwhile."""

    pipeline: Pipeline
    dice: random.Random
    acts: dict[str, Callable[[], None]]
    sheets: dict[str, Sheet] = field(default_factory=dict)  # by entry
    paused: list[tuple[float, int]] = field(default_factory=list)
    history: list[str] = field(default_factory=list)

    def send(self, *sheets: Sheet) -> None:
        """As any client does; what is sent while the server is away is sent when it is back."""
        for one in sheets:
            fields = {"url": one.url, **({"orders": one.orders} if one.orders else {})}
            (entry,) = self.pipeline.submit(one.body, **fields)
            self.sheets[entry] = one

    def act(self) -> None:
        """Something happens; who is gone is started again, and who was paused wakes up when it is due."""
        name = self.dice.choice(sorted(self.acts))
        self.history.append(name)
        self.acts[name]()
        for due, pid in list(self.paused):
            if time.monotonic() >= due:
                self.wake(due, pid)
        self.fill_up()

    def wake(self, due: float, pid: int) -> None:
        self.paused.remove((due, pid))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def fill_up(self) -> None:
        """Two workers of each stage; none ended with a fault of its own."""
        for worker in self.pipeline.workers:
            code = worker.process.poll()
            assert code in (None, 0, -signal.SIGKILL, -signal.SIGTERM), (
                f"{worker.stage} ended with {code}:\n{worker.log.read_text(errors='replace')[-3000:]}"
            )
        for stage in STAGES:
            for _ in range(2 - len(self.pipeline.of(stage))):
                self.pipeline.start(stage, ready=False)

    def clear_up(self) -> None:
        for due, pid in list(self.paused):
            self.wake(due, pid)
        self.fill_up()


def acts_on_workers(storm: Storm) -> dict[str, Callable[[], None]]:
    pipeline, dice = storm.pipeline, storm.dice

    def victim() -> Any:
        return dice.choice([one for one in pipeline.workers if one.process.poll() is None])

    def pause() -> None:  # half of them for longer than the lease
        one = victim()
        one.signal(signal.SIGSTOP)
        storm.paused.append((time.monotonic() + dice.uniform(0.2, 4.0), one.pid))

    def end_the_child() -> None:
        for child in victim().children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    return {
        "kill": lambda: victim().signal(signal.SIGKILL),
        "kill another": lambda: victim().signal(signal.SIGKILL),
        "terminate": lambda: victim().signal(signal.SIGTERM),
        "pause": pause,
        "pause another": pause,
        "end the child": end_the_child,
        "nothing": lambda: None,
    }


def acts_on_the_server(server: Server) -> dict[str, Callable[[], None]]:
    def restart() -> None:
        server.kill()
        server.start()

    def pause() -> None:
        server.pause()
        time.sleep(0.5)
        server.resume()

    return {"restart the server": restart, "pause the server": pause}


def acts_on_postgres(postgres: Postgres) -> dict[str, Callable[[], None]]:
    def tell(function: str) -> Callable[[], None]:
        def act() -> None:
            with suppress(psycopg.OperationalError), psycopg.connect(postgres.url, autocommit=True) as connection:
                connection.execute(f"SELECT {function}(pid) FROM pg_stat_activity WHERE application_name = 'fazhi'")

        return act

    def restart() -> None:
        postgres.crash()
        postgres.start()

    return {
        "restart PostgreSQL": restart,
        "cut the sessions": tell("pg_terminate_backend"),
        "cancel the statements": tell("pg_cancel_backend"),
    }


def acts_on_sqlite(path: Path) -> dict[str, Callable[[], None]]:
    def lock() -> None:
        with suppress(sqlite3.OperationalError):
            base = sqlite3.connect(path, timeout=1, isolation_level=None)
            base.execute("BEGIN IMMEDIATE")
            time.sleep(0.7)
            base.close()

    return {"lock the file": lock}


@contextmanager
def what_happened(storm: Storm) -> Iterator[None]:
    """A broken promise names the dice and what they brought."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{Counter(storm.history)} {storm.history[-40:]}\n{error}") from None


def rage(storm: Storm, wanted: list[Sheet], seconds: float) -> None:
    """Send all of it, a little at a time, while something happens again and again; look at the books all the time."""
    began = time.monotonic()
    left = list(reversed(wanted))
    while left or time.monotonic() - began < seconds:
        share = min(1.0, (time.monotonic() - began) / (0.8 * seconds))
        while left and len(wanted) - len(left) < share * len(wanted) + 20:
            storm.send(left.pop())
        storm.act()
        until = time.monotonic() + storm.dice.uniform(0.1, 0.9)
        while time.monotonic() < until:
            with suppress(redis.RedisError):
                books = storm.pipeline.books()
                assert books.balanced, f"the books do not balance: {books}"
            time.sleep(0.05)
    storm.clear_up()


def made_of(body: bytes) -> dict[str, Any]:
    """What the pure functions make of a page."""
    raw = RawReport(entry="fazhi:intake/1-1", accepted_at=0.0, body=body)
    return extract_report(outline_report(normalize_report(raw))).model_dump(mode="json")


def check_contents(storm: Storm) -> None:
    """Everything in the database is what was sent, and what the functions make of it."""
    engine = connect(storm.pipeline.store_url, pool_size=1)
    with engine.connect().execution_options(reading=True) as connection:

        def ask(sql: str) -> list[Any]:
            return list(connection.execute(text(sql)))

        _check_letters(storm, ask("SELECT entry, packed FROM dead_letters"))
        sources = {row.entry: row for row in ask("SELECT entry, page, url FROM sources")}
        readings = {row.page: row for row in ask(
            "SELECT pages.page, pages.report, pages.content, readings.packed, readings.steps FROM pages"
            " JOIN readings ON readings.number = pages.reading AND readings.page = pages.page"
        )}  # fmt: skip
        for entry, row in sources.items():
            sent = storm.sheets[entry]
            assert (row.page, row.url) == (sent.page, sent.url), f"{entry} is stored with another page"
        expected = {one.page: made_of(one.body) for one in storm.sheets.values() if one.page in readings}
        for page, row in readings.items():
            kept = unpack_reading(row.packed, row.steps)
            differing = [name for name in CONTENT if kept[name] != expected[page][name]]
            assert not differing, f"{page}: {[(kept[name], expected[page][name]) for name in differing]}"
            assert row.content == expected[page]["report_id"]
        _check_shown(storm, ask, expected)
    engine.dispose()


def _check_letters(storm: Storm, rows: list[Any]) -> None:
    for entry, packed in rows:
        letter = DeadLetter.model_validate(orjson.loads(unpack(packed)))
        sent = storm.sheets[entry]
        assert letter.body == sent.body, f"the letter of {entry} holds other bytes"
        assert (letter.crawl.url, letter.stage) == (sent.url, sent.orders.partition(":")[0])


def _check_shown(storm: Storm, ask: Callable[[str], list[Any]], expected: dict[str, dict[str, Any]]) -> None:
    """Each address is one report, which shows what was sent last for it."""
    reports = {row.url: row for row in ask("SELECT number, url, page, facts FROM reports")}
    assert len(reports) == len(ask("SELECT number FROM reports"))
    alive = {one.url: one for one in storm.sheets.values() if not one.dies}
    assert reports.keys() == alive.keys()
    facts: dict[int, list[tuple[Any, ...]]] = {}
    for number, *fact in ask(f"SELECT report, {', '.join(SHOWN)} FROM facts ORDER BY report, position"):
        facts.setdefault(number, []).append(tuple(fact))
    for url, report in reports.items():
        assert report.page == alive[url].page, f"{url} shows another page"
        wanted = [tuple(fact[name] for name in SHOWN) for fact in expected[report.page]["facts"]]
        assert facts[report.number] == wanted, f"{url} shows other facts"
        assert report.facts == len(wanted)


def plan_of(count: int, dice: random.Random) -> list[Sheet]:
    """So many pages; some come again as they are, some with another figure at the same address."""
    sheets: list[Sheet] = []
    for number in range(count):
        one = sheet(number, dice)
        sheets.append(one)
        if not one.dies and not dice.randrange(12):
            sheets.append(Sheet(one.body, one.url))
        if not one.dies and not dice.randrange(15):
            other = one.body.replace(f"培训{3 + number}场".encode(), f"培训{4 + number}场".encode())
            sheets.append(Sheet(other, one.url))
    return sheets


@pytest.fixture(params=["sqlite", "postgresql"])
def weather(request: pytest.FixtureRequest, server: Server, make_pipeline: MakePipeline, seed: int) -> Storm:
    """A storm over one server and one database, not begun."""
    pipeline = make_pipeline(
        server,
        app="tests.support.disturbed.stages:{stage}",
        environment={**ENVIRONMENT},
        apps={"sink": "services.sink.worker:app"},
    )
    storm = Storm(pipeline, random.Random(seed), {})
    storm.acts = acts_on_workers(storm) | acts_on_the_server(server)
    if request.param == "sqlite":
        path = pipeline.folder / "fazhi.db"
        pipeline.store_url = f"sqlite:///{path}"
        storm.acts |= acts_on_sqlite(path)
    else:
        postgres = request.getfixturevalue("own_postgres")
        pipeline.store_url = postgres.url
        storm.acts |= acts_on_postgres(postgres)
    return storm


@pytest.mark.parametrize(("count", "seconds", "deliveries"), [SHORT, pytest.param(*LONG, marks=pytest.mark.full)])
def test_every_report_holds_its_own_facts_after_a_storm(
    weather: Storm, count: int, seconds: int, deliveries: int
) -> None:
    weather.pipeline.environment["FAZHI_MAX_DELIVERIES"] = str(deliveries)
    weather.fill_up()
    with what_happened(weather):
        rage(weather, plan_of(count, weather.dice), seconds)
        dead = {entry for entry, one in weather.sheets.items() if one.dies}
        weather.pipeline.check(60 + seconds, dead=dead)
        check_contents(weather)
