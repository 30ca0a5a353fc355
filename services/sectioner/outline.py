"""The outline of a report: drafts → the section tree.

    paragraphs ─▶ drafts (what opens a section) ─▶ unnumbered headings placed ─▶ faults of the numbering, kinds, spans

The level of a section goes by the form of its marker; what contains what goes by the form's rank, so a part contains
the 一、 below it though both are of level 1. Nothing is renumbered.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from services.sectioner.drafts import Draft, find_drafts
from services.sectioner.headings import Heading
from services.sectioner.kinds import decide_kinds
from services.sectioner.numbering_faults import Fault, numbering_faults
from services.sectioner.paragraphs import BLANK
from services.sectioner.unnumbered import place_unnumbered
from shared.errors import Permanent, Reason
from shared.events import NormalizedReport, Repair, Section, SectionedReport

#: Beyond this a page is no report: the longest seen has 126 sections.
MAX_SECTIONS: Final = 20_000


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
    if text and (not drafts or text[: drafts[0].start].strip(BLANK)):
        stop = drafts[0].start if drafts else len(text)
        drafts.insert(0, Draft(-1, 1, 0, 0, 0, 0, Heading(0, 0, 0, ""), stop))
    elif drafts:
        drafts[0].start = 0
    return _sectioned(report, drafts, faults)


def _ends(drafts: list[Draft], length: int) -> list[int]:
    """Where each section ends: at the next one that it does not contain."""
    ends = [length] * len(drafts)
    open_sections: list[int] = []
    for index, draft in enumerate(drafts):
        while open_sections and drafts[open_sections[-1]].rank >= draft.rank:
            ends[open_sections.pop()] = draft.start
        if draft.rank >= 0:
            open_sections.append(index)
        elif index + 1 < len(drafts):
            ends[index] = drafts[index + 1].start
    return ends


def _sectioned(report: NormalizedReport, drafts: list[Draft], faults: list[Fault]) -> SectionedReport:
    order_of = {id(draft): order for order, draft in enumerate(drafts, start=1)}
    repairs = sorted(
        (
            Repair(section=order_of[id(fault.draft)], reason=fault.reason, confidence=fault.confidence)
            for fault in faults
        ),
        key=lambda repair: repair.section,
    )
    doubt = {id(fault.draft): fault.confidence for fault in faults}
    ends = _ends(drafts, len(report.text))
    kinds = decide_kinds(report.text, drafts, report.document.report_year)
    locator, source = report.alignment.locator(), report.source.text
    written = partial(locator.cut, source, markup=report.source.media_type == "text/html")
    sections = [
        Section.trusted(
            order=order,
            level=draft.level,
            marker=written(draft.marker_start, draft.marker_end) or None,
            heading=written(draft.heading.start, draft.heading.end),
            kind=kind,
            run_in=draft.heading.body_start < draft.end and bool(draft.number or draft.heading.end),
            text_start=draft.start,
            text_end=end,
            body_start=draft.heading.body_start,
            confidence=min(draft.confidence, doubt.get(id(draft), 1.0)),
        )
        for order, (draft, end, kind) in enumerate(zip(drafts, ends, kinds, strict=True), start=1)
    ]
    return SectionedReport.trusted(**vars(report), sections=sections, repairs=repairs)
