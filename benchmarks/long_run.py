"""Many reports through the whole pipeline, to check the capacity model of docs/scaling.md.

    python -m benchmarks.long_run --reports 200000 --length 300
    python -m benchmarks.long_run --reports 20000 --length 7000 --database postgresql --sinks 2

`--database postgresql` starts a server of its own, with its shipped settings. Pages are put on the intake a thousand at a
time, no faster than they are stored. The books must balance at every look; once at the end the database is compared with
them. Writes one line every ten seconds, and the figures as JSON at the end.
"""

from __future__ import annotations

import argparse
import json
import time

from sqlalchemy import text

from benchmarks import texts
from benchmarks.machine import cpu_seconds, resident_bytes, used_memory
from benchmarks.pipeline import running
from benchmarks.sink import database, database_seconds
from services.sink.engine import connect

#: Entries that may wait; more are not submitted before some are stored.
_WAITING = 20_000
_BLOCK = 1_000


def main() -> None:
    """Run, look, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=200_000)
    parser.add_argument("--length", type=int, default=600)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--sinks", type=int, default=1)
    wanted = parser.parse_args()
    with database("sqlite" if wanted.database == "sqlite" else None) as url:
        print(json.dumps(measure(wanted.reports, wanted.length, url, wanted.sinks), indent=1))


def measure(reports: int, length: int, url: str, sinks: int) -> dict[str, object]:
    """Run `reports` pages of `length` characters through; every tenth second is one line of the log."""
    log: list[dict[str, float]] = []
    engine = connect(url, pool_size=1)
    with running(FAZHI_DATABASE_URL=url) as pipeline:
        workers = pipeline.start("normalizer", "sectioner", "extractor", *["sink"] * sinks)
        begun, told, sent = time.monotonic(), 0.0, 0
        while True:
            books = pipeline.books()
            assert books.balanced, books
            if sent < reports and books.waiting + books.in_work < _WAITING:
                block = min(_BLOCK, reports - sent)
                pipeline.submit(*texts.pages(block, length, first=sent))
                pipeline.sent.clear()
                sent += block
            elif books.at_rest and sent >= reports:
                break
            else:
                time.sleep(0.2)
            if time.monotonic() - told > 10:
                told = time.monotonic()
                with pipeline.client() as client:
                    log.append({
                        "seconds": round(told - begun), "sent": sent, "stored": books.stored, "dead": books.dead,
                        "server_mb": round(used_memory(client) / 1e6),
                        "workers_mb": round(sum(resident_bytes(worker.pid) for worker in workers) / 1e6),
                    })  # fmt: skip
                print(log[-1], flush=True)
        seconds = time.monotonic() - begun
        spent = {"broker": cpu_seconds(pipeline.server.process.pid), "database": database_seconds(engine)}
        for worker in workers:
            spent[worker.stage] = spent.get(worker.stage, 0.0) + cpu_seconds(worker.pid)
        with engine.connect() as connection:
            entries = connection.execute(text("select count(*) from entries")).scalar_one()
    return {
        "reports": reports, "characters": length, "database": engine.dialect.name, "sinks": sinks,
        "seconds": round(seconds), "reports_per_second": round(reports / seconds, 1),
        "processor_milliseconds_per_report": {part: round(1000 * value / reports, 2) for part, value in spent.items()},
        "stored": books.stored, "dead": books.dead,
        "entries_in_the_database": entries, "books_difference": books.difference, "log": log,
    }  # fmt: skip


if __name__ == "__main__":
    main()
