"""The benchmarks' texts and page: what is measured is what the page says."""

from __future__ import annotations

import json
import re

from benchmarks import page, texts
from benchmarks.run import PAGE, RESULTS


def test_the_page_has_the_figures_that_were_measured():
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    written = PAGE.read_text(encoding="utf-8").partition(page.BEGIN)[2].partition(page.END)[0]
    assert written.strip() == "\n\n".join(page._tables(found)).strip()


def test_every_picture_of_the_page_is_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert pictures
    assert [name for name in pictures if not (PAGE.parent / name).exists()] == []


def test_reports_of_one_seed_are_alike_and_of_two_are_not():
    assert texts.report(3_000, seed=1) == texts.report(3_000, seed=1)
    assert texts.report(3_000, seed=1) != texts.report(3_000, seed=2)
    assert 3_000 <= len(texts.report(3_000, seed=1)) < 3_500


def test_a_standard_report_is_as_dense_as_a_real_one():
    from services.normalizer.normalize import normalize_report
    from services.sectioner.outline import outline_report
    from shared.events import RawReport

    raw = RawReport(entry="bench/0", accepted_at=0.0, body=texts.report(seed=4).encode())
    report = outline_report(normalize_report(raw))
    assert 7_000 <= len(report.text) <= 7_600
    assert 25 <= len(report.sections) <= 45
    assert report.document.genre == "law_based_government"
