"""`fazhi outline`: the section tree of one page, to judge at a glance."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from fazhi.failure import CommandError, wrong_use
from fazhi.options import AsJson
from shared.names import text_of
from shared.settings import WorkerSettings

if TYPE_CHECKING:
    from shared.events import Section, SectionedReport

_COLOURS = {"preamble": "dim", "achievements": "green", "problems": "red", "plan": "blue", "other": "magenta"}


def outline(
    file: Annotated[Path, Parameter(name="FILE", help="One page as crawled: HTML or text, any charset.")],
    /,
    *,
    as_json: AsJson = False,
) -> int:
    """The sections of one page with their kinds, and every fault of its numbering.

    One line a section: level, kind, marker and heading as written, the length of its own text, and behind ← what is
    wrong with its number. Nothing is renumbered. The last lines count sections by kind and level.

    Exit status 0: the page has an outline. 1: the page is refused. 2: wrong use.
    """
    report = _sectioned(file)
    if as_json:
        tree = {
            "sections": [section.model_dump() for section in report.sections],
            "repairs": [repair.model_dump() for repair in report.repairs],
        }
        sys.stdout.buffer.write(orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return 0
    console = Console(highlight=False, soft_wrap=True)
    faults: dict[int, list[str]] = {}
    for repair in report.repairs:
        faults.setdefault(repair.section, []).append(f"{repair.reason} ({repair.confidence:.2f})")
    for line in (_line(report, index, faults) for index in range(len(report.sections))):
        console.print(line)
    for count in _counts(report):
        console.print(count, style="dim")
    return 0


def _sectioned(path: Path) -> SectionedReport:
    from services.normalizer.normalize import normalize_report
    from services.sectioner.outline import outline_report
    from shared.errors import Permanent
    from shared.events import Crawl, RawReport

    limit = WorkerSettings().max_report_bytes
    try:
        with path.open("rb") as page:
            body = page.read(limit + 1)
    except OSError as error:
        raise wrong_use(f"{path}: {error.strerror}", "name one file: fazhi outline page.html") from error
    if len(body) > limit:
        raise wrong_use(f"{path} has more than {limit} bytes", "raise FAZHI_MAX_REPORT_BYTES if it is a report")
    raw = RawReport(
        entry=f"file/{text_of(path.name)}", accepted_at=0.0, crawl=Crawl(name=text_of(path.name)), body=body
    )
    try:
        return outline_report(normalize_report(raw))
    except Permanent as refused:
        raise CommandError(f"{path} has no outline: {refused}", "docs/normalizer.md lists the reasons") from refused


def _line(report: SectionedReport, index: int, faults: dict[int, list[str]]) -> Text:
    section = report.sections[index]
    following = report.sections[index + 1].text_start if index + 1 < len(report.sections) else len(report.text)
    title = f"{section.marker or ''}{section.heading}" or _opening(report, section)
    line = Text(f"{section.order:>4}  {section.level}  ")
    line.append(f"{section.kind:<13}", style=_COLOURS[section.kind])
    line.append("  " * section.level)
    line.append(title.replace("\n", " "), style="bold" if section.heading else "dim")
    line.append(f"  {following - section.body_start}", style="dim")
    if section.order in faults:
        line.append("  ← " + ", ".join(faults[section.order]), style="yellow")
    return line


def _opening(report: SectionedReport, section: Section) -> str:
    """The first words of a section without a heading."""
    words = report.text[section.text_start : section.text_start + 40].strip()
    return f"({words}…)" if section.kind == "preamble" else words


def _counts(report: SectionedReport) -> list[str]:
    kinds = Counter(section.kind for section in report.sections)
    levels = Counter(section.level for section in report.sections)
    reasons = Counter(repair.reason for repair in report.repairs)
    lines = [
        f"{len(report.sections)} sections in {len(report.text)} characters: "
        + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()),
        "levels " + ", ".join(f"{level}: {count}" for level, count in sorted(levels.items())),
    ]
    if reasons:
        lines.append("faults " + ", ".join(f"{reason}: {count}" for reason, count in reasons.most_common()))
    return lines
