"""The outline of a report: drafts → the section tree.

    paragraphs ─▶ drafts (what opens a section) ─▶ unnumbered headings placed ─▶ faults of the numbering, kinds, spans

The level of a section goes by the form of its marker; what contains what goes by the form's rank, so a part contains
the 一、 below it though both are of level 1. Nothing is renumbered.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from services.sectioner.draft import Draft, Heading
from services.sectioner.drafts import find_drafts
from services.sectioner.kinds import decide_kinds
from services.sectioner.numbering import BLANK
from services.sectioner.numbering_faults import Fault, numbering_faults
from services.sectioner.unnumbered import place_unnumbered
from shared.columns import Columns, Table
from shared.cuttings import Cuttings
from shared.errors import Permanent, Reason
from shared.events import NormalizedReport, Repair, Section, SectionedReport

#: Beyond this a page is no report: the longest seen has 126 sections.
MAX_SECTIONS: Final = 20_000
#: Of the end of the text, which no section contains.
_NO_RANK: Final = -2
#: What stands before the first heading.
_PREAMBLE: Final = Draft("", -1, 1, 0, 0, 0, Heading(0, 0, 0, ""), run_in=False, confidence=1.0)


def outline_report(report: NormalizedReport) -> SectionedReport:
    """The report with its section tree. Pure; one pass over the text.

    Every character of `text` belongs to exactly one innermost section, and sections overlap only by containing each
    other. Text without any heading is one section of kind `preamble`; an empty text has none.
    Raises Permanent (`too_complex`) beyond `MAX_SECTIONS`.
    """
    text = report.text
    drafts, lost = place_unnumbered(text, find_drafts(text, report.document.title))
    if len(drafts) > MAX_SECTIONS:
        raise Permanent(Reason.TOO_COMPLEX, f"{len(drafts)} headings; a report has at most {MAX_SECTIONS}")
    faults = [*(Fault(draft, "lost_number", draft.confidence) for draft in lost), *numbering_faults(text, drafts)]
    if text and (not drafts or _has_preamble(text[: drafts[0].start], report.document.title)):
        drafts.insert(0, _PREAMBLE)
    return _sectioned(report, drafts, faults)


def _has_preamble(head: str, title: str | None) -> bool:
    """Whether what stands before the first heading is more than the title: without such text there is no preamble."""
    said = "".join(head.strip(BLANK).split())
    return bool(said) and said != "".join((title or "").split())


def _ends(ranks: Sequence[int], starts: Sequence[int], length: int) -> list[int]:
    """Where each section ends: at the next one that it does not contain."""
    following = [0] * len(ranks)  # section → the next one that it does not contain
    bounds = (*ranks, _NO_RANK)
    for section in range(len(ranks) - 1, -1, -1):
        rank, after = ranks[section], section + 1
        while bounds[after] > rank:
            after = following[after]
        following[section] = after
    ends = list(map((*starts, length).__getitem__, following))
    if ranks[0] < 0:
        ends[0] = starts[1] if len(starts) > 1 else length  # what stands before the first heading contains nothing
    return ends


def _sectioned(report: NormalizedReport, drafts: list[Draft], faults: list[Fault]) -> SectionedReport:
    """The sections, column by column."""
    if not drafts:
        return SectionedReport.trusted(**vars(report), sections=[], repairs=[])
    _, ranks, levels, numbers, starts, ends, headings, run_in, confidences = zip(*drafts, strict=True)
    heading_starts, heading_ends, bodies, _ = zip(*headings, strict=True)
    marker_ends = [end if number else start for number, start, end in zip(numbers, starts, ends, strict=True)]
    confidence = list(confidences)
    repairs = _repairs(starts, faults, confidence) if faults else []
    sections: Columns = {
        "order": range(1, len(drafts) + 1),
        "level": levels,
        "marker": Cuttings(report.source, report.alignment, starts, marker_ends, empty=None),
        "heading": Cuttings(report.source, report.alignment, heading_starts, heading_ends),
        "kind": decide_kinds(report.text, drafts, report.document.report_year),
        "run_in": run_in,
        "text_start": (0, *starts[1:]),
        "text_end": _ends(ranks, starts, len(report.text)),
        "body_start": bodies,
        "confidence": confidence,
    }
    return SectionedReport.trusted(**vars(report), sections=Table(Section, sections), repairs=repairs)


def _repairs(starts: Sequence[int], faults: list[Fault], confidences: list[float]) -> list[Repair]:
    """One repair a fault, in the order of the sections; a section is no surer than the last fault found in it. `starts`
    and `confidences` are those of the sections.
    """
    repairs: list[dict[str, Any]] = [
        {"section": bisect_right(starts, draft.start), "reason": reason, "confidence": confidence}
        for draft, reason, confidence in faults
    ]
    for order, confidence in {repair["section"]: repair["confidence"] for repair in repairs}.items():
        confidences[order - 1] = min(confidences[order - 1], confidence)
    return Repair.trusted_each(sorted(repairs, key=itemgetter("section")))
