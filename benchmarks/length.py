"""Cost against length: is each stage linear?"""

from __future__ import annotations

import time

from benchmarks import texts
from benchmarks.machine import settle
from benchmarks.stages import raw_report
from services.extractor.extract import extract_report
from services.extractor.warm import load_dictionaries
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report

LENGTHS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


def measure(longest: int = LENGTHS[-1]) -> dict[str, object]:
    """Milliseconds by length and stage, with the line through them and the exponent of their growth.

    `exponent` is the slope of log time over log length from 10,000 characters on: 1 is linear.
    """
    load_dictionaries()
    settle()
    lengths = [length for length in LENGTHS if length <= longest]
    times: dict[str, list[float]] = {"normalizer": [], "sectioner": [], "extractor": []}
    actual: list[int] = []
    for length in lengths:
        raw = raw_report(texts.report(length, seed=7).encode())
        best = dict.fromkeys(times, float("inf"))
        for _ in range(3 if length <= 100_000 else 1):
            normalized, best["normalizer"] = _best(best["normalizer"], normalize_report, raw)
            sectioned, best["sectioner"] = _best(best["sectioner"], outline_report, normalized)
            _, best["extractor"] = _best(best["extractor"], extract_report, sectioned)
        actual.append(len(normalized.text))
        for name, seconds in best.items():
            times[name].append(round(1000 * seconds, 3))
    return {
        "characters": actual,
        "milliseconds": times,
        "fit": {name: _fit(actual, spent) for name, spent in times.items()},
    }


def _best(before: float, work, event):
    begun = time.process_time()
    result = work(event)
    return result, min(before, time.process_time() - begun)


def _fit(characters: list[int], milliseconds: list[float]) -> dict[str, float]:
    import math

    mean_x, mean_y = sum(characters) / len(characters), sum(milliseconds) / len(milliseconds)
    across = sum((x - mean_x) * (y - mean_y) for x, y in zip(characters, milliseconds, strict=True))
    along = sum((x - mean_x) ** 2 for x in characters)
    above = sum((y - mean_y) ** 2 for y in milliseconds)
    points = [(math.log(x), math.log(y)) for x, y in zip(characters, milliseconds, strict=True) if x >= 9_000 and y > 0]
    mid_x, mid_y = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    exponent = sum((x - mid_x) * (y - mid_y) for x, y in points) / sum((x - mid_x) ** 2 for x, _ in points)
    return {
        "microseconds_per_thousand_characters": round(1e6 * across / along, 1),
        "r_squared": round(across**2 / (along * above), 4),
        "exponent": round(exponent, 3),
    }
