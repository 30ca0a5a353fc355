"""Pages of invented places, and one way to normalize them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services.normalizer.normalize import normalize_report
from shared.events import Crawl, NormalizedReport, RawReport

Normalize = Callable[..., NormalizedReport]

TITLE = "白石县人民政府关于2023年度法治政府建设情况的报告"
TEXT = (
    "2023年，白石县在县委的坚强领导下，深入学习贯彻习近平法治思想，扎实推进法治政府建设。现将有关情况报告如下：",
    "一、主要工作和成效",
    "（一）依法全面履行政府职能。全县办理行政许可1204件，办理行政处罚86件，行政执法人员持证率达99.5%。",
    "（二）有效化解行政争议。全年受理行政复议案件134件，审结110件，综合纠错率为8.18%。",
    "二、存在的问题",
    "一是部分单位依法行政意识有待加强，执法力量不足。",
    "三、下一步工作打算",
    "2024年，白石县将继续推进法治政府建设，确保行政复议案件按期审结率保持在95%以上。",
)
SIGNATURE = ("白石县人民政府", "2024年1月15日")


@pytest.fixture
def normalize() -> Normalize:
    """Normalize a page given as text or bytes; keywords are fields of the crawl."""

    def run(page: str | bytes, **crawl: str) -> NormalizedReport:
        body = page.encode() if isinstance(page, str) else page
        return normalize_report(RawReport(entry="intake/1-0", accepted_at=0.0, crawl=Crawl(**crawl), body=body))

    return run


@pytest.fixture
def report_lines() -> tuple[str, ...]:
    """Title, text and signature of an invented report, in full-width punctuation."""
    return (TITLE, *TEXT, *SIGNATURE)


@pytest.fixture
def plain_page(report_lines: tuple[str, ...]) -> str:
    return "\n".join(report_lines)


@pytest.fixture
def html_page(report_lines: tuple[str, ...]) -> str:
    title, *paragraphs = report_lines
    body = "\n".join(f"<p>　　{line}</p>" for line in paragraphs)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}_白石县人民政府</title></head><body>'
        f"<div><a>首页</a> &gt; <a>政务公开</a></div><div><h1>{title}</h1>{body}</div>"
        "<div>主办：白石县人民政府办公室</div></body></html>"
    )


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with the reference reports; tests that need it are skipped without it."""
    folder = Path(os.environ.get("FAZHI_REFERENCE", Path(__file__).parents[2] / "../shared")).resolve()
    if not (folder / "gold").is_dir():
        pytest.skip(f"no reference reports at {folder}; set FAZHI_REFERENCE")
    return folder
