"""The outline of a report: drafts → the section tree.

    paragraphs ─▶ drafts (what opens a section) ─▶ unnumbered headings placed ─▶ faults of the numbering, kinds, spans

The level of a section goes by the form of its marker; what contains what goes by the form's rank, so a part contains
the 一、 below it though both are of level 1. Nothing is renumbered.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any, Final

from services.sectioner.drafts import Draft, find_drafts
from services.sectioner.headings import Heading
from services.sectioner.kinds import decide_kinds
from services.sectioner.numbering import BLANK
from services.sectioner.numbering_faults import Fault, numbering_faults
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
    """The records. Marker and heading are cut out of the source, by one look-up where nothing in them was rewritten."""
    kinds = decide_kinds(report.text, drafts, report.document.report_year)
    locator, source = report.alignment.locator(), report.source.text
    cut = partial(locator.cut, source, markup=report.source.media_type == "text/html")
    low = high = shift = 0  # the run that the last heading stood in
    sections: list[dict[str, Any]] = []
    for draft, end, kind in zip(drafts, _ends(drafts, len(report.text)), kinds, strict=True):
        start, stop, body, _ = draft.heading
        opening, number = draft.marker_start, draft.number
        if not low <= opening < stop <= high:
            low, high, shift = locator.even_run(opening, stop) or (0, 0, 0)
        if high:
            marker = source[opening + shift : draft.marker_end + shift] if number else ""
            heading = source[start + shift : stop + shift]
        else:
            marker, heading = cut(opening, draft.marker_end), cut(start, stop)
        sections.append({
            "order": len(sections) + 1,
            "level": draft.level,
            "marker": marker or None,
            "heading": heading,
            "kind": kind,
            "run_in": body < draft.end and (number > 0 or stop > 0),
            "text_start": draft.start,
            "text_end": end,
            "body_start": body,
            "confidence": draft.confidence,
        })  # fmt: skip
    repairs = _repairs(drafts, faults, sections) if faults else []
    return SectionedReport.trusted(**vars(report), sections=Section.trusted_each(sections), repairs=repairs)


def _repairs(drafts: list[Draft], faults: list[Fault], sections: list[dict[str, Any]]) -> list[Repair]:
    """One repair a fault, in the order of the sections; a section is no surer than the last fault found in it."""
    order_of = {id(draft): order for order, draft in enumerate(drafts, start=1)}
    repairs: list[dict[str, Any]] = [
        {"section": order_of[id(draft)], "reason": reason, "confidence": confidence}
        for draft, reason, confidence in faults
    ]
    for order, confidence in {repair["section"]: repair["confidence"] for repair in repairs}.items():
        section = sections[order - 1]
        section["confidence"] = min(section["confidence"], confidence)
    return Repair.trusted_each(sorted(repairs, key=itemgetter("section")))
