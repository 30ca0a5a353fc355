"""Characters a second of the extractor, and of the three stages together, against one jieba pass over the same text.

    python benchmarks/extractor.py [--reference FOLDER] [--reports N] [--engine rjieba|jieba]

Processor time of one process, dictionaries loaded before. Each report goes through the stages and through jieba in
turn, so that what else the machine does weighs on all of them alike. Prints one line a stage, the ratio to `jieba.lcut`,
and the peak memory of the process, which jieba's dictionary is part of unless --without-jieba is given.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from services.extractor import words
from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.events import RawReport

In = TypeVar("In")
Out = TypeVar("Out")


class Stopwatch:
    """Processor seconds by the name of what was timed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, step: Callable[[In], Out], taken: In) -> Out:
        """The result of `step`; its processor seconds are added to `name`."""
        started = time.process_time()
        given = step(taken)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - started
        return given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("FAZHI_REFERENCE", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--reference", type=Path, default=default)
    parser.add_argument("--reports", type=int, default=20, help="evenly spaced over the corpus")
    parser.add_argument("--engine", choices=("rjieba", "jieba"), default="rjieba")
    parser.add_argument(
        "--without-jieba", action="store_true", help="no reference pass: the peak memory is the stages' own"
    )
    arguments = parser.parse_args()

    files = sorted((arguments.reference / "corpus").glob("*/*.txt"))
    if not files:
        raise SystemExit(f"no corpus in {arguments.reference}; set FAZHI_REFERENCE")
    step = max(1, len(files) // arguments.reports)
    bodies = [file.read_bytes() for file in files[::step]]
    chosen = words.segmenter(arguments.engine)
    words.segmenter.cache_clear()
    words.segmenter = lambda engine=None: chosen  # type: ignore[assignment]

    raws = [RawReport(entry=f"intake/{at}-0", accepted_at=0.0, body=body) for at, body in enumerate(bodies)]
    extract_report(outline_report(normalize_report(raws[0])))
    cut = None if arguments.without_jieba else reference_pass()
    watch = Stopwatch()
    characters = facts = 0
    for raw in raws:
        normalized = watch.timed("normalizer", normalize_report, raw)
        sectioned = watch.timed("sectioner", outline_report, normalized)
        facts += len(watch.timed("extractor", extract_report, sectioned).facts)
        characters += len(normalized.source.text)
        if cut is not None:
            watch.timed("jieba.lcut", cut, normalized.source.text)

    reference = watch.seconds.pop("jieba.lcut", None)
    extracting, together = watch.seconds["extractor"], sum(watch.seconds.values())
    print(f"{len(raws)} reports, {characters:,} characters, {facts:,} facts, engine {chosen.name}")
    for name, seconds in (*watch.seconds.items(), ("together", together)):
        print(f"{name:12s} {characters / seconds / 1e6:8.3f} million characters/s")
    print(f"{'a fact':12s} {extracting / max(1, facts) * 1e6:8.1f} µs")
    print(f"{'peak memory':12s} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MB")
    if reference is not None:
        print(f"{'jieba.lcut':12s} {characters / reference / 1e6:8.3f} million characters/s")
        print(f"{'ratio':12s} {reference / together:8.2f} times as fast as one jieba pass")


def reference_pass() -> Callable[[str], list[str]]:
    """jieba's `lcut`, its dictionary loaded."""
    import jieba

    jieba.initialize()
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut


if __name__ == "__main__":
    main()
