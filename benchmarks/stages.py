"""One core, characters a second: each stage and all three, beside one jieba pass, one OpenCC pass and other extractors."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable

from benchmarks import texts
from benchmarks.machine import processor_seconds, settle
from services.extractor.extract import extract_report
from services.extractor.warm import load_dictionaries
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.codec import decode_event, encode_event
from shared.events import ExtractedReport, NormalizedReport, RawReport, SectionedReport


def raw_report(body: bytes, name: str = "bench") -> RawReport:
    """As the runtime builds it from an entry."""
    return RawReport(entry=f"bench/{name}", accepted_at=0.0, body=body)


def measure(count: int = 6) -> dict[str, object]:
    """Characters a second of everything, on `count` standard reports and on the reference's documents if they are there."""
    load_dictionaries()
    found: dict[str, object] = {
        "standard reports": _collection([texts.report(seed=seed) for seed in range(count)], others=True)
    }
    for name, documents in texts.reference_texts().items():
        found[name] = _collection(documents[:12], others=False)
    found["codec"] = _codec()
    return found


def _collection(documents: list[str], *, others: bool) -> dict[str, object]:
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
    }
    if others:
        works |= _other_extractors(bodies)
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
    """Milliseconds and bytes of one event of a standard report."""
    raw = raw_report(texts.report().encode())
    found: dict[str, object] = {"page_bytes": len(raw.body)}
    normalized = normalize_report(raw)
    sectioned = outline_report(normalized)
    for event, model in (
        (normalized, NormalizedReport),
        (sectioned, SectionedReport),
        (extract_report(sectioned), ExtractedReport),
    ):
        packed = encode_event(event)
        found[model.__name__] = {
            "bytes": len(packed),
            "encode_ms": round(1000 * processor_seconds(lambda event=event: encode_event(event)), 3),
            "decode_ms": round(
                1000 * processor_seconds(lambda model=model, packed=packed: decode_event(model, packed)), 3
            ),
        }
    return found
