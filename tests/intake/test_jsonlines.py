import base64
import json

import pytest

from services.intake.jsonlines import read_line
from services.intake.page import Page, Refusal, Refused


def line(**record) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()


def test_a_line_is_a_page_with_what_the_crawler_said_of_it():
    page = read_line(
        line(url="http://a.example/1", body="<p>报告</p>", fetched_at="2024-03-01", depth=3), "crawl.jsonl:1"
    )
    assert page == Page(
        name="crawl.jsonl:1",
        body="<p>报告</p>".encode(),
        url="http://a.example/1",
        charset="utf-8",
        fetched_at="2024-03-01",
        extra={"depth": "3"},
    )


@pytest.mark.parametrize("key", ["body", "html", "content", "text"])
def test_the_page_is_found_where_crawlers_put_it(key):
    page = read_line(line(**{key: "正文", "link": "http://a.example/2"}), "n")
    assert (page.body, page.url) == ("正文".encode(), "http://a.example/2")


def test_bytes_as_crawled_travel_in_base64_with_their_charset():
    raw = "法治政府".encode("gb18030")
    page = read_line(line(body_base64=base64.b64encode(raw).decode(), charset="gb2312"), "n")
    assert (page.body, page.charset) == (raw, "gb2312")


def test_a_charset_beside_text_speaks_of_other_bytes_and_is_kept_as_metadata():
    page = read_line(line(body="正文", charset="gbk", encoding="gzip"), "n")
    assert (page.charset, page.encoding) == ("utf-8", None)
    assert page.extra == {"crawled_charset": "gbk", "crawled_encoding": "gzip"}


def test_a_name_in_the_line_does_not_replace_where_the_line_stands():
    page = read_line(line(body="正文", name="a.html"), "crawl.jsonl:9")
    assert (page.name, page.extra) == ("crawl.jsonl:9", {"crawled_name": "a.html"})


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b"{", "not JSON"),
        (b"[1]", "a JSON object is wanted"),
        (b'{"url": "http://a.example"}', "none of"),
        (b'{"body": {"a": 1}}', "is no text"),
        (b'{"body_base64": "*"}', "body_base64"),
        (b'{"body": "\\ud800"}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_a_line_that_is_no_page_says_why(written, says):
    refused = read_line(written, "crawl.jsonl:5")
    assert isinstance(refused, Refused)
    assert (refused.name, refused.reason) == ("crawl.jsonl:5", Refusal.MALFORMED)
    assert says in refused.detail
