"""On the reference reports: nothing of the report is lost, no furniture is kept, fields and alignment are right.

Skipped without the reference (set FAZHI_REFERENCE).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import opencc
import pytest

from services.normalizer.normalize import normalize_report
from services.normalizer.width import fold_width
from shared.events import Crawl, NormalizedReport, RawReport

FORBIDDEN = re.compile("扫一扫|浏览量|分享到|首页 ?>|基本介绍|相关词条|热门词条|联络我们|门户网站 www|发布日期")
DOCUMENT_FIELDS = (
    "title", "issuer", "level", "report_year", "published", "signed", "document_number", "addressee", "script",
)  # fmt: skip
PLACE_FIELDS = ("province", "city", "county")


def normalized(body: bytes) -> NormalizedReport:
    return normalize_report(RawReport(entry="intake/1-0", accepted_at=0.0, crawl=Crawl(), body=body))


def records(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def reports(reference) -> list[tuple[list[dict], NormalizedReport]]:
    gold = sorted((reference / "gold").glob("*.jsonl"))
    return [(records(path), normalized(path.with_suffix(".txt").read_bytes())) for path in gold]


def test_document_fields_reach_their_target(reports):
    right = total = 0
    for gold, report in reports:
        document, found = gold[0], report.document.model_dump()
        right += sum(document[name] == found[name] for name in DOCUMENT_FIELDS)
        right += sum(document["place"][name] == found["place"][name] for name in PLACE_FIELDS)
        total += len(DOCUMENT_FIELDS) + len(PLACE_FIELDS)
    assert right / total >= 0.95


def test_every_annotated_quote_and_heading_survives(reports):
    simplify = opencc.OpenCC("t2s").convert
    squeeze = re.compile(r"\s+")
    for gold, report in reports:
        for record in gold[1:]:
            if record["type"] == "fact":
                number = squeeze.sub("", fold_width(simplify(record["number_text"]))).replace("㎡", "平方米")
                assert number in squeeze.sub("", report.text)
            else:
                heading = squeeze.sub("", fold_width(simplify(record["heading"])))
                assert report.document.script == "Hant" or heading[:4] in squeeze.sub("", report.text)


def test_the_report_begins_with_its_title_and_ends_with_its_signature(reports):
    for gold, report in reports:
        lines = report.text.split("\n")
        assert lines[0] == opencc.OpenCC("t2s").convert(gold[0]["title"])
        assert lines[-1].endswith(("。", "日"))
        assert not FORBIDDEN.search(report.text)


def test_what_was_not_rewritten_equals_its_source(reports):
    for _, report in reports:
        for found in re.finditer(r"[0-9]{2,}", report.text):
            start, end = report.alignment.to_source(*found.span())
            assert fold_width(report.source.text[start:end]) == found[0]


def test_taiwan_vocabulary_is_gone(reports):
    for _, report in reports:
        assert not re.search("规范性档案|最佳化|网路|法务部|入口网站|智慧财产|程式", report.text)


def test_work_reports_keep_their_text_and_normalize_to_themselves(reference):
    for path in sorted((reference / "corpus" / "work-reports").glob("*.txt"))[::4]:
        report = normalized(path.read_bytes())
        kept = sum(not c.isspace() for c in report.text) / sum(not c.isspace() for c in report.source.text)
        assert kept > 0.95, path.name
        assert report.document.script == "Hans"
        assert normalized(report.text.encode()).text == report.text, path.name
