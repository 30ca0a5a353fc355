"""The web page, driven in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.parse
from pathlib import Path

import pytest

from tests.page.conftest import PATIENCE_MS, follow

TOKEN = "a-token-for-the-tests-of-the-page"
PAGES = {
    "reports": "/reports",
    "catalogue": "/catalogue",
    "metric": "/catalogue/reconsideration.accepted",
    "compare": "/compare?metric=reconsideration.accepted&metric=litigation.cases&places="
    + urllib.parse.quote("栗溪县\n望澜市"),
    "pipeline": "/pipeline",
    "api": "/api",
    "missing": "/reports/0123456789",
}


def open_report(page, words: str) -> None:
    page.goto("/reports")
    follow(page, page.get_by_role("link", name=re.compile(words)).first)
    page.wait_for_selector("article.text")


def test_from_the_list_to_the_sentence_behind_a_figure(page):
    open_report(page, "栗溪县")
    follow(page, page.locator("a.fact").first)
    assert "#record-" in page.url
    record = page.locator(".record:target")
    assert record.locator("q").inner_text().strip('“”"') != ""
    follow(page, record.get_by_role("link", name="看原文"))
    assert re.search(r"#fact-[0-9]+$", page.url)
    assert page.locator("a.fact:target").count() == 1


def test_focus_on_a_figure_shows_its_record_and_escape_hides_it(page):
    open_report(page, "栗溪县")
    figure = page.locator("a.fact").nth(3)
    figure.focus()
    glance = page.locator("#glance")
    assert glance.is_visible()
    assert page.locator(f"#record-{figure.get_attribute('data-fact')} .value").inner_text() in glance.inner_text()
    page.keyboard.press("Escape")
    assert not glance.is_visible()


def test_every_fact_is_marked_in_the_text_and_in_the_page_as_crawled(page):
    open_report(page, "栗溪县")
    records = page.locator(".record").count()
    assert records > 20
    anchors = "[id^='fact-']"
    assert page.locator(anchors).count() == records
    in_text = page.locator("a.fact").first.inner_text()
    follow(page, page.get_by_role("link", name="抓取原页"))
    assert page.locator(anchors).count() == records
    shown = page.locator("a.fact").first.inner_text()
    assert re.sub(r"<[^>]*>", "", shown) == in_text, "markup inside a number is shown as it was crawled"
    assert "<body>" in page.locator("article.text").inner_text()


def test_the_list_is_filtered_by_place_year_and_level(page):
    page.goto("/reports")
    everything = page.locator("tbody tr").count()
    page.get_by_label("起始年份").fill("2023")
    follow(page, page.get_by_role("button", name="筛选"))
    some = page.locator("tbody tr").count()
    assert 0 < some < everything
    years = page.locator("tbody td[data-label='年份']").all_inner_texts()
    assert all(int(year) >= 2023 for year in years)
    page.get_by_label("层级").select_option("province")
    follow(page, page.get_by_role("button", name="筛选"))
    assert set(page.locator("tbody td[data-label='层级']").all_inner_texts()) == {"省级"}


def test_a_document_of_another_kind_is_marked_in_the_list_and_on_its_page(page):
    page.goto("/reports")
    marked = page.locator("tbody tr", has=page.get_by_text("非法治政府报告"))
    assert 0 < marked.count() < page.locator("tbody tr").count()
    marked.first.get_by_role("link").click()
    assert page.get_by_text("非法治政府报告").is_visible()


def test_a_bounded_value_is_not_compared_as_an_exact_one(page):
    page.goto("/compare?metric=reconsideration.correction_rate&places=" + urllib.parse.quote("临禾市"))
    assert "不少于" in page.locator("td.number", has=page.locator("a")).inner_text()


def test_the_catalogue_leads_to_each_domain(page):
    page.goto("/catalogue")
    page.get_by_role("navigation", name="领域").get_by_role("link", name="行政诉讼").click()
    assert page.url.endswith("#litigation")
    assert page.locator("h2#litigation").is_visible()


def test_a_metric_shows_definition_ranking_and_words(page):
    page.goto("/catalogue")
    follow(page, page.get_by_role("link", name="受理行政复议案件数"))
    assert page.get_by_role("heading", name="受理行政复议案件数").is_visible()
    page.locator("tbody a[href^='/go/']").first.press("Enter")
    page.wait_for_url(re.compile(r"/reports/[0-9a-f]+#fact-[0-9]+$"))
    assert page.locator(":target").count() == 1


def test_a_metric_says_in_how_many_reports_of_each_year_it_stands(page):
    page.goto(PAGES["metric"])
    table = page.locator("#coverage ~ .scroll tbody tr")
    rows = [[int(cell) for cell in row.locator("td").all_inner_texts()] for row in table.all()]
    assert all(reports == sum(states) for reports, *states in rows)
    assert sum(stated for _, stated, *_ in rows) > 1


def test_what_is_not_stated_is_said_so_and_never_zero(page):
    page.goto(PAGES["compare"])
    cells = page.locator("tbody td.none").all_inner_texts()
    assert cells
    assert set(cells) <= {"未写明", "无报告", "写明没有"}
    stated = page.locator("tbody td:not(.none) a").all_inner_texts()
    assert stated
    assert "0" not in stated


def test_a_fact_is_confirmed_in_place_and_only_with_the_token(page):
    open_report(page, "望澜市")
    record = page.locator(".record").first
    record.get_by_text("审核", exact=True).click()
    form = record.locator("form.review")
    form.get_by_label("姓名").fill("审核员")
    form.get_by_label("理由").fill("与原文一致")
    form.get_by_label("令牌").fill("not the token at all")
    form.get_by_role("button", name="确认").click()
    form.locator("output.bad").wait_for()
    page.faults[:] = [fault for fault in page.faults if "401" not in fault]  # the refusal that was asked for
    form.get_by_label("令牌").fill(TOKEN)
    form.get_by_role("button", name="确认").click()
    form.locator("output.good").wait_for()
    page.reload()
    assert "已确认" in page.locator(".record").first.inner_text()


def test_a_value_is_corrected_in_place_and_the_machines_stays_visible(page):
    open_report(page, "望澜市")
    record = page.locator(".record").nth(1)
    before = record.locator(".value").inner_text()
    record.get_by_text("审核", exact=True).click()
    form = record.locator("form.review")
    form.get_by_label("姓名").fill("审核员")
    form.get_by_label("理由").fill("原文如此")
    form.get_by_label("更正后的数值").fill("4321")
    form.get_by_label("令牌").fill(TOKEN)
    form.get_by_role("button", name="更正").click()
    form.locator("output.good").wait_for()
    page.reload()
    shown = page.locator(".record").nth(1).inner_text()
    assert "4,321" in shown
    assert before.split()[0] in shown


def test_scripts_of_a_crawled_page_are_inert_everywhere(page):
    page.goto("/reports")
    follow(page, page.get_by_role("link", name=re.compile("恶意县")).first)
    for view in ("text", "source"):
        page.goto(page.url.partition("?")[0].partition("#")[0] + f"?view={view}")
        page.locator("a.fact").first.focus()
        assert page.evaluate("window.stolen") is None
        assert page.title() != "stolen"
        assert page.locator("article.text script, article.text img, .records img, .records script").count() == 0
    assert "window.stolen" in page.locator("article.text").inner_text(), "shown as it is, as text"
    assert "49" not in page.locator("h1").inner_text()


def test_the_policy_forbids_what_a_crawled_script_would_need(page, site):
    answer = page.request.get("/reports")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 390])
def test_axe_finds_nothing_serious(browser, site, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    context = browser.new_context(base_url=site, color_scheme=scheme, viewport={"width": width, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/reports")
    report = page.get_by_role("link", name=re.compile("栗溪县")).first.get_attribute("href")
    for path in (*PAGES.values(), report, f"{report}?view=source"):
        page.goto(path)
        found = axe.run(page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
        assert not serious, f"{path}: {json.dumps(serious, ensure_ascii=False)}"
    context.close()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_page_is_wider_than_a_phone(browser, site, path):
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cells = page.locator("table.stack td").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(cells, default=0) <= 390  # a row of such a table stands as lines, none of which is cut
    context.close()


def test_the_page_speaks_both_languages_and_remembers_the_choice(page):
    page.goto("/reports")
    follow(page, page.get_by_role("link", name="English"))
    assert page.get_by_role("heading", name="Annual reports").is_visible()
    page.goto("/catalogue")
    assert page.get_by_role("heading", name="Catalogue of metrics").is_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_pipeline_page_works_without_a_broker_and_links_to_grafana(page):
    page.goto("/pipeline")
    assert page.get_by_role("link", name="在 Grafana 中查看").get_attribute("href") == "http://grafana.example/"
    assert page.get_by_text("没有死信。").is_visible()


def test_a_page_that_is_not_there_says_so_and_leads_back(page):
    answer = page.goto(PAGES["missing"])
    assert answer.status == 404
    page.faults.clear()
    follow(page, page.get_by_role("link", name="回到报告列表"))
    assert page.url.endswith("/reports")


def read_csv(page, link) -> list[dict[str, str]]:
    """The rows of the file behind a link, as a spreadsheet reads them."""
    with page.expect_download() as expected:
        link.click()
    written = Path(expected.value.path()).read_bytes()
    assert written.startswith(b"\xef\xbb\xbf"), "a spreadsheet reads it as UTF-8 only with the mark in front"
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))


def test_what_a_list_shows_is_a_file_at_one_click(page):
    page.goto("/reports?year_from=2023&level=province")
    titles = page.locator("tbody td[data-label='标题'] a").all_inner_texts()
    assert titles
    rows = read_csv(page, page.get_by_role("link", name="下载 CSV"))
    assert {row["title"] for row in rows} == set(titles)


def test_the_facts_of_a_report_and_of_a_metric_are_whole_files(page):
    open_report(page, "栗溪县")
    records = page.locator(".record").count()
    assert len(read_csv(page, page.get_by_role("link", name="下载 CSV"))) == records
    page.goto(PAGES["metric"])
    rows = read_csv(page, page.get_by_role("link", name="下载 CSV"))
    assert {row["metric"] for row in rows} == {"reconsideration.accepted"}
    assert all(row["quote"] for row in rows)
    cells = read_csv(page, page.get_by_role("link", name="地区×年份（CSV）"))
    assert {row["metric"] for row in cells} == {"reconsideration.accepted"}
    assert {"stated", "no_report"} <= {row["state"] for row in cells}


def test_a_figure_leads_to_its_place_over_the_years_and_back_to_its_words(page):
    open_report(page, "栗溪县")
    follow(page, page.locator(".record").get_by_role("link", name="历年").first)
    assert "/compare?" in page.url
    cell = page.locator("tbody td:not(.none) a").first
    cell.click()
    page.wait_for_url(re.compile(r"/reports/[0-9a-f]+#fact-[0-9]+$"))


def test_a_place_is_added_to_the_comparison_by_a_click_and_the_cells_are_a_file(page):
    page.goto(PAGES["compare"])
    before = page.locator("table").first.locator("tbody tr").count()
    follow(page, page.get_by_text("加上：").get_by_role("link").first)
    assert page.locator("table").first.locator("tbody tr").count() >= before
    assert len(page.get_by_label("地区（每行一个）").input_value().splitlines()) == 3
    stated = page.locator("tbody td:not(.none) a").count()
    rows = read_csv(page, page.get_by_role("link", name="下载 CSV"))
    assert sum(row["state"] == "stated" for row in rows) == stated


def test_a_year_of_a_metric_leads_to_the_reports_that_state_it(page):
    page.goto(PAGES["metric"])
    link = page.get_by_role("heading", name="各年数值").locator("xpath=following::tbody[1]//a").first
    year = link.inner_text()
    follow(page, link)
    assert page.get_by_role("heading", name=f"排名 {year}").is_visible()


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/reports?year_from=abc", 422, "四位数字"),
        ("/no-such-page", 404, "没有这一页"),
        ("/download/facts.csv?report=none", 404, "没有这一页"),
    ],
)
def test_what_cannot_be_answered_is_said_on_a_page(page, path, status, says):
    answer = page.goto(path)
    page.faults.clear()  # the browser reports the status as an error of its own
    assert answer.status == status
    assert says in page.inner_text("main")
    follow(page, page.get_by_role("link", name="回到报告列表"))
    assert page.url.endswith("/reports")


def test_a_place_without_a_report_is_named_and_not_compared(page):
    page.goto("/compare?places=无此地%0A望澜市&metric=reconsideration.received")
    assert "没有这些地区自己的报告" in page.inner_text("main")
    assert page.get_by_role("alert").inner_text().endswith("无此地")
    assert page.get_by_role("rowheader", name="望澜市").count() == 1
    page.goto("/compare?places=无此地&metric=reconsideration.received")
    assert page.locator("main table").count() == 0
    page.goto("/catalogue/reconsideration.received?place=无此地")
    assert "没有符合条件的数值" in page.inner_text("main")
