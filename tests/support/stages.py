"""Four tiny stages with the real wiring: what the runtime does can be seen without what the services do.

The body of a page says how it behaves (`hang`, `raise`, `exit`, `memory`, `slow`, `permanent`), and in which stage:
`normalizer:hang`. Pages that say nothing go through.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from shared.alignment import Alignment
from shared.errors import Permanent, Reason, Transient
from shared.events import (
    DeadLetter,
    Document,
    ExtractedReport,
    NormalizedReport,
    RawReport,
    SectionedReport,
    Source,
)
from shared.stage import DEAD, EXTRACTED, INTAKE, NORMALIZED, SECTIONED, Stage


def _behave(text: str, stage: str) -> None:
    orders = [word.split(":", 1)[1] for word in text.split() if word.startswith(f"{stage}:")]
    for order in orders:
        if order == "hang":
            time.sleep(3600)
        elif order == "raise":
            raise ValueError("the page said so")
        elif order == "exit":
            os._exit(3)
        elif order == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif order == "memory":
            hoard = [bytearray(50_000_000) for _ in range(100_000)]
            raise AssertionError(len(hoard))
        elif order == "permanent":
            raise Permanent(Reason.UNDECODABLE, "the page said so")
        elif order.startswith("slow="):
            time.sleep(float(order.removeprefix("slow=")))
        elif order.startswith("once="):  # fails until the file exists
            path = Path(order.removeprefix("once="))
            if not path.exists():
                path.touch()
                raise ValueError("the first time")
        elif order.startswith("until="):  # holds until the file exists; each worker may have its own
            path = Path(order.removeprefix("until=") + os.environ.get("FAZHI_TEST_GATE", ""))
            while not path.exists():
                time.sleep(0.01)


def normalize(raw: RawReport) -> NormalizedReport:
    text = raw.body.decode("utf-8", "replace")
    _behave(text, "normalizer")
    fits = text.encode() == raw.body
    return NormalizedReport(
        entry=raw.entry,
        accepted_at=raw.accepted_at,
        source=Source(text=text, charset="utf-8", media_type="text/plain", raw_bytes=len(raw.body),
                      original=None if fits else raw.body),
        text=text,
        alignment=Alignment.from_runs([(0, len(text), 0, len(text))]),
        document=Document(),
        report_id=sha256(raw.body).hexdigest()[:32],
        signature="0",
        script_confidence=1.0,
    )  # fmt: skip


def section(report: NormalizedReport) -> SectionedReport:
    _behave(report.text, "sectioner")
    return SectionedReport(**{**_fields(report), "sections": []})


def extract(report: SectionedReport) -> ExtractedReport:
    _behave(report.text, "extractor")
    return ExtractedReport(**{**_fields(report), "facts": []})


def _fields(report: NormalizedReport) -> dict[str, object]:
    return {name: getattr(report, name) for name in type(report).model_fields}


class TableStore:
    """A store with one row an entry in SQLite, at `FAZHI_TEST_DB`. The file `<db>.away` makes it be away; a report
    that says `sink:raise` cannot be written, `sink:slow=S` takes its time."""

    def __init__(self) -> None:
        self.path = Path(os.environ["FAZHI_TEST_DB"])
        self.base: sqlite3.Connection | None = None

    def _there(self) -> None:
        if self.path.with_suffix(".away").exists():
            raise Transient("the file says so")

    def open(self) -> None:
        self._there()
        self.base = sqlite3.connect(self.path, timeout=10)
        self.base.execute("pragma journal_mode=wal")
        self.base.execute("create table if not exists report (entry text primary key, text text, writes integer, trail text)")
        self.base.execute(
            "create table if not exists dead (entry text, stage text, stream_entry text, reason text, letter text,"
            " primary key (entry, stage, stream_entry))"
        )
        self.base.commit()

    def write(self, reports: Sequence[ExtractedReport], dead: Sequence[DeadLetter]) -> None:
        self._there()
        assert self.base is not None
        try:
            with self.base:
                for report in reports:
                    _behave(report.text, "sink")
                    self.base.execute(
                        "insert into report values (?, ?, 1, ?) on conflict (entry) do update set writes = writes + 1",
                        (report.entry, report.text, " ".join(step.stage for step in report.trail)),
                    )
                for letter in dead:
                    self.base.execute(
                        "insert into dead values (?, ?, ?, ?, ?) on conflict do nothing",
                        (letter.entry, letter.stage, letter.stream_entry, letter.reason, letter.model_dump_json()),
                    )
        except sqlite3.OperationalError as error:
            raise Transient(str(error)) from error
        lost = self.path.with_suffix(".lost")
        if lost.exists() and reports:
            lost.unlink()
            raise Transient("the connection was lost after the commit")

    def close(self) -> None:
        if self.base is not None:
            self.base.close()


normalizer = Stage(name="normalizer", consumes=INTAKE, produces=NORMALIZED, process=normalize).app()
sectioner = Stage(name="sectioner", consumes=NORMALIZED, produces=SECTIONED, process=section).app()
extractor = Stage(name="extractor", consumes=SECTIONED, produces=EXTRACTED, process=extract).app()
sink = Stage(name="sink", consumes=(EXTRACTED, DEAD), store=TableStore).app()
