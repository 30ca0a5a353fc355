"""The benchmarks' texts and page: what is measured is what the page says."""

from __future__ import annotations

import json
import os
import re
import time

from benchmarks import machine, page, texts
from benchmarks.offline import Offline
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


def test_processor_time_of_a_process_is_read_as_the_process_reads_its_own():
    before = time.process_time()
    read = machine.own_cpu_seconds(os.getpid())
    assert before <= read <= time.process_time()
    assert machine.own_cpu_seconds(2**22 + 1) == 0.0  # no such process


def test_the_functions_alone_are_measured_in_a_process_of_their_own():
    with Offline() as offline:
        found = [offline.milliseconds(1, 2), offline.milliseconds(3, 2)]
    assert [list(one) for one in found] == [["normalizer", "sectioner", "extractor"]] * 2
    assert all(0 < one["sectioner"] < one["extractor"] for one in found)
