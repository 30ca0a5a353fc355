"""What a child loads before its first report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: In a process of its own, as in a child: processor time of one report after the other.
_CHILD = """
import time
from services.extractor.extract import extract_report
from services.extractor.warm import load_dictionaries
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.events import RawReport
from tests.support.pages import invented_page

pages = [RawReport(entry="fazhi:intake/1-1", accepted_at=0.0, body=invented_page(k).encode()) for k in range(8)]
reports = [outline_report(normalize_report(page)) for page in pages]
load_dictionaries()
for report in reports:
    began = time.process_time()
    extract_report(report)
    print(time.process_time() - began)
"""


def test_the_first_report_of_a_child_costs_no_more_than_a_later_one() -> None:
    """Else it is not the report that takes the child's patience on a crowded machine, but what it finds not yet loaded."""
    said = subprocess.run([sys.executable, "-c", _CHILD], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    first, second, *later = map(float, said.split())
    assert max(first, second) < 10 * max(later)
