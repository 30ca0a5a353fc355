"""One core, characters a second: each stage and all three, beside one jieba pass, one OpenCC pass and other extractors."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import texts
from benchmarks.machine import processor_seconds, settle
from services.extractor.extract import extract_report
from services.extractor.warm import load_dictionaries
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.codec import Opened, decode_event, encode_event, open_event
from shared.events import ExtractedReport, NormalizedReport, RawReport, SectionedReport
from shared.tables import TabledReport


def raw_report(body: bytes, name: str = "bench") -> RawReport:
    """As the runtime builds it from an entry."""
    return RawReport(entry=f"bench/{name}", accepted_at=0.0, body=body)


def measure(count: int = 6) -> dict[str, object]:
    """Characters a second of everything, on `count` standard reports and on the reference's documents if they are there."""
    load_dictionaries()
    found: dict[str, object] = {"standard reports": _collection([texts.report(seed=seed) for seed in range(count)])}
    for name, documents in texts.reference_texts().items():
        found[name] = _collection(documents[:12])
    found["codec"] = _codec()
    return found


def _collection(documents: list[str]) -> dict[str, object]:
    raws = [raw_report(document.encode()) for document in documents]
    normalized = [normalize_report(raw) for raw in raws]
    sectioned = [outline_report(report) for report in normalized]
    extracted = [extract_report(report) for report in sectioned]
    settle()
    characters = sum(len(report.text) for report in normalized)
    bodies = [report.text for report in normalized]

    def forget() -> None:
        for report in normalized:
            report.alignment._locator = None  # the index over the alignment is part of the work

    def outline() -> None:
        forget()
        for report in normalized:
            outline_report(report)

    works: dict[str, Callable[[], object]] = {
        "normalizer": lambda: [normalize_report(raw) for raw in raws],
        "sectioner": outline,
        "extractor": lambda: [extract_report(report) for report in sectioned],
        "all three": lambda: [extract_report(outline_report(normalize_report(raw))) for raw in raws],
        "jieba.lcut": _jieba(bodies),
        "OpenCC t2s": _opencc(bodies),
        **_other_extractors(bodies),
    }
    speeds = {name: round(characters / processor_seconds(work)) for name, work in works.items()}
    pace = speeds["jieba.lcut"]
    return {
        "documents": len(documents),
        "characters": characters,
        "sections": sum(len(report.sections) for report in extracted),
        "facts": sum(len(report.facts) for report in extracted),
        "characters_per_second": speeds,
        "times_jieba": {name: round(speed / pace, 2) for name, speed in speeds.items()},
    }


def _jieba(bodies: list[str]) -> Callable[[], object]:
    import jieba

    jieba.setLogLevel(60)
    jieba.initialize()
    return lambda: [jieba.lcut(body) for body in bodies]


def _opencc(bodies: list[str]) -> Callable[[], object]:
    import opencc

    converter = opencc.OpenCC("t2s")
    return lambda: [converter.convert(body) for body in bodies]


def _other_extractors(bodies: list[str]) -> dict[str, Callable[[], object]]:
    """What others do with the same text; left out where they are not installed (`pip install fazhi[bench]`)."""
    part = bodies[0][:3000]  # they are slow: a part of one report, scaled to the whole
    scale = sum(map(len, bodies)) / len(part)
    found: dict[str, Callable[[], object]] = {}
    with warnings.catch_warnings(), contextlib.suppress(ImportError), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        from recognizers_number import Culture, recognize_number

        recognize_number(part[:100], Culture.Chinese)
        found["Recognizers-Text numbers"] = _scaled(lambda: recognize_number(part, Culture.Chinese), scale)
    with contextlib.suppress(ImportError), contextlib.redirect_stdout(io.StringIO()):
        import jionlp

        found["JioNLP money and time"] = _scaled(
            lambda: (
                jionlp.ner.extract_money(part, with_parsing=False),
                jionlp.ner.extract_time(part, with_parsing=False),
            ),
            scale,
        )
    return found


def _scaled(work: Callable[[], object], scale: float) -> Callable[[], object]:
    """Runs once and then spins for as long as the whole text would have taken."""

    def whole() -> None:
        begun = time.process_time()
        work()
        until = begun + (time.process_time() - begun) * scale
        while time.process_time() < until:
            pass

    return whole


def _codec() -> dict[str, object]:
    """Milliseconds and bytes of one event of a standard report, each made of the one before as in the pipeline."""
    raw = raw_report(texts.report().encode())
    found: dict[str, object] = {"page_bytes": len(raw.body)}
    opened = Opened(raw)
    for work, model in _WORKS:
        event = work(opened.event)
        packed = encode_event(event, opened)
        found[model.__name__] = {
            "bytes": len(packed),
            "encode_ms": _milliseconds(partial(encode_event, event, opened)),
            "decode_ms": _milliseconds(partial(decode_event, model, packed)),
        }
        opened = open_event(model, packed)
    found["ExtractedReport, as the sink reads it"] = {
        "bytes": len(packed), "encode_ms": None, "decode_ms": _milliseconds(partial(decode_event, TabledReport, packed)),
    }  # fmt: skip
    return found


_WORKS: tuple[tuple[Callable[[Any], NormalizedReport], type[NormalizedReport]], ...] = (
    (normalize_report, NormalizedReport),
    (outline_report, SectionedReport),
    (extract_report, ExtractedReport),
)


def _milliseconds(work: Callable[[], object]) -> float:
    return round(1000 * processor_seconds(work), 3)
