"""The extractor as it was before: a version that did not know one kind of fact yet."""

from __future__ import annotations

from services.extractor.extract import extract_report
from shared.events import ExtractedReport, SectionedReport
from shared.stage import EXTRACTED, SECTIONED, Stage

#: What its facts say of their maker.
VERSION = "0.0.1/before"
#: What it did not know.
UNKNOWN = "training.enforcement_sessions"


def extract_as_before(report: SectionedReport) -> ExtractedReport:
    """The facts of today without one metric, under the version of then."""
    made = extract_report(report)
    kept = [fact.model_copy(update={"version": VERSION}) for fact in made.facts if fact.metric != UNKNOWN]
    return made.model_copy(update={"facts": kept, "checks": [], "coverage": [], "rules": VERSION})


extractor = Stage(name="extractor", consumes=SECTIONED, produces=EXTRACTED, process=extract_as_before).app()
