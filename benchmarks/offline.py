"""The three functions without a pipeline: report by report in one process, as `fazhi extract` runs them.

The process is a fresh one, so the memory of other benchmarks is not in it, and it begins as a worker's child does: it
loads, keeps what is loaded from the collector, and works on some pages that are not measured. `python -m
benchmarks.offline` answers each line, a seed and a number of pages, with one line of JSON; its first line says that it is
ready.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from benchmarks import texts

if TYPE_CHECKING:
    from shared.events import SectionedReport

#: Pages before the first that is measured, as many as a pipeline is given.
WARM = 48
WARM_SEED = 90_000


class Offline:
    """A process that waits for pages to measure; it takes no processor time meanwhile. Entered, it is ready."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "benchmarks.offline"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(texts.ROOT)},
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def milliseconds(self, first: int, count: int) -> dict[str, float]:
        """Processor milliseconds a report of each function, on `count` pages from the seed `first` on."""
        print(first, count, file=_pipe(self._process.stdin), flush=True)
        return self._answer()

    def _answer(self) -> dict[str, float]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"{__name__} ended with exit status {self._process.wait()}; its reason stands above")
        answer: dict[str, float] = json.loads(line)
        return answer


def _pipe(end: IO[str] | None) -> IO[str]:
    if end is None:
        raise ValueError("the process was started without its pipes")
    return end


def main() -> None:
    """Answer until the input ends."""
    from benchmarks.machine import settle
    from services.extractor.warm import load_dictionaries

    load_dictionaries()
    settle()
    print(json.dumps(_measure(WARM_SEED, WARM)), flush=True)
    for line in sys.stdin:
        first, count = map(int, line.split())
        print(json.dumps(_measure(first, count)), flush=True)


def _measure(first: int, count: int) -> dict[str, float]:
    from benchmarks.stages import raw_report
    from services.extractor.extract import extract_report
    from services.normalizer.normalize import normalize_report
    from services.sectioner.outline import outline_report

    def extract_and_forget(report: SectionedReport) -> None:
        extract_report(report)  # what nobody needs any more is freed within the time of its function, as in a child

    works = (("normalizer", normalize_report), ("sectioner", outline_report), ("extractor", extract_and_forget))
    spent: Counter[str] = Counter()
    for page in texts.pages(count, first=first):
        event: Any = raw_report(page)
        at = time.process_time_ns()
        for name, work in works:
            event = work(event)
            before, at = at, time.process_time_ns()
            spent[name] += at - before
    return {name: nanoseconds / 1e6 / count for name, nanoseconds in spent.items()}


if __name__ == "__main__":
    main()
