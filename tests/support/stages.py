"""Four tiny stages with the real wiring: what the runtime does can be seen without what the services do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from shared.errors import Transient
from shared.events import DeadLetter
from shared.stage import DEAD, EXTRACTED, INTAKE, NORMALIZED, SECTIONED, Stage
from shared.tables import TabledReport
from tests.support.functions import behave, extract, normalize, section


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
        self.base.execute(
            "create table if not exists report (entry text primary key, text text, writes integer, trail text)"
        )
        self.base.execute(
            "create table if not exists dead (entry text, stage text, stream_entry text, reason text, letter text,"
            " primary key (entry, stage, stream_entry))"
        )
        self.base.execute("create table if not exists books (shard text primary key, generation text)")
        self.base.commit()

    def known_books(self, shard: str) -> str:
        self._there()
        assert self.base is not None
        row = self.base.execute("select generation from books where shard = ?", (shard,)).fetchone()
        return row[0] if row else ""

    def note_books(self, shard: str, generation: str) -> None:
        self._there()
        assert self.base is not None
        self.base.execute("insert or replace into books values (?, ?)", (shard, generation))
        self.base.commit()

    def write(self, reports: Sequence[TabledReport], dead: Sequence[DeadLetter], packed: Sequence[bytes] = ()) -> None:
        self._there()
        assert self.base is not None
        try:
            with self.base:
                for report in reports:
                    behave(report.text, "sink")
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
