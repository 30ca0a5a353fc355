"""A database of our samples and one hostile page, the API and page as a process of its own, a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.support.site import served

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-the-tests-of-the-page"
BROWSER = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: A click waits for what it clicks at, a page for its site, the browser for a core.
PATIENCE_MS = 120_000
#: Chromium looks for the network at every start; there may be none.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
HOSTILE = """<html><head><title><script>window.stolen = 1</script>恶意县人民政府2022年法治政府建设年度报告</title></head><body>
<h1>恶意县人民政府2022年法治政府建设年度报告<img src=x onerror="window.stolen = 2"></h1>
<div><p>一、工作情况。</p><p>全年受理行政复议案件&lt;script&gt;window.stolen = 3&lt;/script&gt;41件，审结39件。</p>
<p>开展&quot;&gt;&lt;img src=x onerror=window.stolen=4&gt;执法培训3期，javascript:alert(1)，{{7*7}}。</p>
<script>window.stolen = 5; document.title = "stolen"</script><p>二、存在的问题。法治宣传仍需加强。</p>
<p>恶意县人民政府</p><p>2023年1月15日</p></div></body></html>"""


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> str:
    from services.extractor.extract import extract_report
    from services.normalizer.normalize import normalize_report
    from services.sectioner.outline import outline_report
    from services.sink.store import DatabaseStore
    from shared.errors import Permanent
    from shared.events import Crawl, RawReport

    url = f"sqlite:///{tmp_path_factory.mktemp('page') / 'fazhi.db'}"
    store = DatabaseStore(url)
    store.open()
    pages = [(path.name, path.read_bytes()) for path in sorted((ROOT / "samples").glob("*.*")) if path.is_file()]
    pages.append(("hostile.html", HOSTILE.encode()))
    reports = []
    for at, (name, body) in enumerate(pages):
        crawl = Crawl(name=name, url=f"http://gov.example/{name}", source="samples")
        raw = RawReport(entry=f"fazhi:intake/{1763740800000 + at}-0", accepted_at=1763740800.0, crawl=crawl, body=body)
        try:
            reports.append(extract_report(outline_report(normalize_report(raw))))
        except Permanent:
            continue
    store.write(reports, [])
    store.close()
    return url


@pytest.fixture(scope="session")
def site(database) -> Iterator[str]:
    with served(database, FAZHI_API_TOKEN=TOKEN, FAZHI_GRAFANA_URL="http://grafana.example/") as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    # Of one module: while it is open, Playwright's event loop runs in this thread and no other can.
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = next((found for name in BROWSER if (found := shutil.which(name))), None)
    if binary is None:
        pytest.skip("no Chromium here: install Debian's package `chromium`")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=binary, args=QUIET, timeout=PATIENCE_MS)
        yield opened
        opened.close()


@contextmanager
def opened(browser, site):
    """A page in Chinese, on a wide screen, that fails the test on any error in its console or any foreign request."""
    context = browser.new_context(base_url=site, locale="zh-CN", viewport={"width": 1300, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    new = context.new_page()
    faults: list[str] = []
    new.on("pageerror", lambda error: faults.append(str(error)))
    new.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    new.on("request", lambda request: faults.append(request.url) if not request.url.startswith(site) else None)
    new.faults = faults
    yield new
    context.close()
    assert not faults, faults


def follow(page, link) -> None:
    """Click at what leads to another page or place, and wait until all of it is there: its scripts have run, too."""
    with page.expect_navigation():
        link.click()


@pytest.fixture
def page(browser, site):
    """A page of the site over the samples."""
    with opened(browser, site) as new:
        yield new


@pytest.fixture
def open_page(browser):
    """Opens pages of another site."""
    return partial(opened, browser)
