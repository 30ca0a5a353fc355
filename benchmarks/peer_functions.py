"""The work that every runner is given: the three functions, or three that do nothing.

Between the steps an event travels as the bytes that our own stages send (JSON, zstd), so that all runners move the same
amount. `IDLE` in the environment chooses the functions that do nothing: the page goes through as it came.
"""

from __future__ import annotations

import os

from services.extractor.extract import extract_report
from services.extractor.warm import load_dictionaries
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.codec import decode_event, encode_event
from shared.events import NormalizedReport, RawReport, SectionedReport

IDLE = os.environ.get("FAZHI_BENCH_IDLE") == "1"
COUNTER = "bench:done"


def prepare() -> None:
    """Load what the extractor needs, once a process."""
    if not IDLE:
        load_dictionaries()


def first(page: bytes) -> bytes:
    if IDLE:
        return page
    return encode_event(normalize_report(RawReport(entry="bench/0", accepted_at=0.0, body=page)))


def second(packed: bytes) -> bytes:
    return packed if IDLE else encode_event(outline_report(decode_event(NormalizedReport, packed)))


def third(packed: bytes) -> bytes:
    return packed if IDLE else encode_event(extract_report(decode_event(SectionedReport, packed)))
