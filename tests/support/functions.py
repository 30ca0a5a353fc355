"""The functions of the tiny stages: what a page says decides how they behave.

`normalizer:hang`, `extractor:raise`, … in a page's text; pages that say nothing go through. They stand apart from the
declarations because a child imports only its function: FastStream would cost each of them half a second.
"""

from __future__ import annotations

import os
import signal
import time
from hashlib import sha256
from pathlib import Path

from shared.alignment import Alignment
from shared.errors import Permanent, Reason
from shared.events import Document, ExtractedReport, NormalizedReport, RawReport, SectionedReport, Source


def behave(text: str, stage: str) -> None:
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
    behave(text, "normalizer")
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
    behave(report.text, "sectioner")
    return SectionedReport(**{**_fields(report), "sections": []})


def extract(report: SectionedReport) -> ExtractedReport:
    behave(report.text, "extractor")
    return ExtractedReport(**{**_fields(report), "facts": []})


def _fields(report: NormalizedReport) -> dict[str, object]:
    return {name: getattr(report, name) for name in type(report).model_fields}
