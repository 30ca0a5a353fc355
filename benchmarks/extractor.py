"""Characters a second of the extractor, and of the three stages together, against one jieba pass over the same text.

    python benchmarks/extractor.py [--reference FOLDER] [--reports N] [--engine rjieba|jieba]

Processor time of one process; every stage runs over the same reports, dictionaries are loaded before. Prints one line a
stage, the ratio to `jieba.lcut`, and the peak memory of the process.
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


def timed(step: Callable[[In], Out], reports: list[In]) -> tuple[list[Out], float]:
    """The results and the processor seconds of `step` over `reports`."""
    started = time.process_time()
    done = [step(report) for report in reports]
    return done, time.process_time() - started


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
    normalized, normalizing = timed(normalize_report, raws)
    characters = sum(len(report.source.text) for report in normalized)
    sectioned, sectioning = timed(outline_report, normalized)
    extracted, extracting = timed(extract_report, sectioned)
    facts = sum(len(report.facts) for report in extracted)
    together = normalizing + sectioning + extracting
    print(f"{len(raws)} reports, {characters:,} characters, {facts:,} facts, engine {chosen.name}")
    for name, seconds in (
        ("normalizer", normalizing), ("sectioner", sectioning), ("extractor", extracting), ("together", together),
    ):  # fmt: skip
        print(f"{name:12s} {characters / seconds / 1e6:8.3f} million characters/s")
    print(f"{'a fact':12s} {extracting / max(1, facts) * 1e6:8.1f} µs")
    print(f"{'peak memory':12s} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MB")
    if not arguments.without_jieba:
        reference_pass([report.source.text for report in normalized], characters, together)


def reference_pass(texts: list[str], characters: int, together: float) -> None:
    """One `jieba.lcut` pass over the same texts, and the ratio."""
    import jieba

    jieba.initialize()
    _, seconds = timed(jieba.lcut, texts)
    print(f"{'jieba.lcut':12s} {characters / seconds / 1e6:8.3f} million characters/s")
    print(f"{'ratio':12s} {seconds / together:8.2f} times as fast as one jieba pass")


if __name__ == "__main__":
    main()
