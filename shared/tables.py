"""An extracted report as tables: its sections, facts, checks and coverage as columns of values instead of records.

For a reader that makes rows of them, such as a database: `decode_event(TabledReport, packed)` makes no record for each
fact, which takes most of the time of `decode_event(ExtractedReport, packed)`.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.columns import Columns, columns_of, records_of
from shared.events import Check, Coverage, ExtractedReport, Fact, NormalizedReport, Record, Repair, Section

#: The fields of an ExtractedReport that are tables here, and the record that makes one row of each.
RECORDS: Mapping[str, type[Record]] = {"sections": Section, "facts": Fact, "checks": Check, "coverage": Coverage}


class TabledReport(NormalizedReport):
    """An ExtractedReport whose lists of records are columns; every other field is the same.

    Read from an event it is checked as an ExtractedReport is: its values have the types of the records' fields.
    """

    sections: Columns
    repairs: list[Repair]
    facts: Columns
    checks: Columns
    coverage: Columns
    numerals: int
    undecided_numerals: int
    rules: str

    @classmethod
    def of(cls, report: ExtractedReport) -> TabledReport:
        """The same report."""
        tables = {name: columns_of(record, vars(report)[name]) for name, record in RECORDS.items()}
        return cls.trusted(**{**vars(report), **tables})

    def report(self) -> ExtractedReport:
        """The same report in records, all of them new."""
        lists = {name: records_of(record, vars(self)[name]) for name, record in RECORDS.items()}
        return ExtractedReport.trusted(**{**vars(self), **lists})
