"""The catalogue's examples, read by the extractor itself.

An example is a sentence of an invented report with one number marked; a heading may stand before it:

    〈行政复议〉审结案件45件,其中维持【20件】
"""

from __future__ import annotations

import re
from typing import NamedTuple

from services.extractor.extract import extract_report
from shared.alignment import Alignment
from shared.events import Document, Fact, Section, SectionedReport, Source

_EXAMPLE = re.compile(r"(?:〈([^〈〉]{0,40})〉)?([^【】]{0,400})【([^【】]{1,60})】([^【】]{0,400})")


class Example(NamedTuple):
    """`text[start:end]` is the marked number."""

    heading: str
    text: str
    start: int
    end: int


def read_example(example: str) -> Example:
    """The parts of an example as the catalogue's files write it.

    Raises:
        ValueError: not exactly one number is marked, or the example is too long to be one.

    """
    match = _EXAMPLE.fullmatch(example)
    if match is None:
        raise ValueError(f"{example!r}: write one sentence and mark one number as 【…】")
    heading, before, number, after = match.groups()
    return Example(heading or "", before + number + after, len(before), len(before) + len(number))


def map_example(example: str) -> Fact | None:
    """The fact that the extractor reads at the marked number, with its metric; None where it reads no fact there."""
    heading, text, start, end = read_example(example)
    report = extract_report(_report(heading, text))
    shift = report.text.index(text)
    facts = [fact for fact in report.facts if fact.text_start < end + shift and fact.text_end > start + shift]
    return facts[-1] if facts else None


def _report(heading: str, text: str) -> SectionedReport:
    """One section of a report of 2022."""
    line = f"(一){heading}。{text}" if heading else text
    body = len(line) - len(text)
    section = Section(
        order=1,
        level=2,
        marker="(一)" if heading else None,
        heading=heading,
        kind="achievements",
        run_in=bool(heading),
        text_start=0,
        text_end=len(line),
        body_start=body,
    )
    return SectionedReport(
        entry="examples/1-0",
        accepted_at=0.0,
        source=Source(text=line, charset="utf-8", media_type="text/plain", raw_bytes=len(line.encode())),
        text=line,
        alignment=Alignment(runs=[0, len(line), len(line)]),
        document=Document(report_year=2022, level="county"),
        report_id="0",
        signature="0",
        script_confidence=1.0,
        sections=[section],
    )
