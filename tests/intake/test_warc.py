import gzip
import io
import zlib

import pytest
import zstandard

from services.intake.files import read_stream
from services.intake.page import Page, Refusal
from services.intake.warc import read_warc

LIMIT = 10_000
TEXT = "<html>某县法治政府建设情况</html>".encode("gb18030")


def response(body: bytes, *headers: str, status: str = "200 OK", url: str = "http://a.example/1") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()
    content = head + body
    return (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        f"WARC-Date: 2024-03-01T08:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode() + content + b"\r\n\r\n"  # fmt: skip


HTML = "Content-Type: text/html; charset=gb2312"


def read(archive: bytes) -> list:
    return list(read_warc(io.BytesIO(archive), "crawl.warc", LIMIT))


def test_a_response_is_a_page_with_its_url_date_and_charset():
    (page,) = read(response(TEXT, HTML))
    assert page == Page(
        name="crawl.warc:1",
        body=TEXT,
        url="http://a.example/1",
        content_type="text/html; charset=gb2312",
        charset="gb2312",
        fetched_at="2024-03-01T08:00:00Z",
    )


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(
    ("wrapped", "headers", "body", "encoding"),
    [
        (chunked(TEXT), ["Transfer-Encoding: chunked"], TEXT, None),
        (TEXT, ["Transfer-Encoding: chunked"], TEXT, None),  # the crawler undid the chunks and kept the header
        (gzip.compress(TEXT, mtime=0), ["Content-Encoding: gzip"], None, "gzip"),
        (chunked(gzip.compress(TEXT, mtime=0)), ["Content-Encoding: gzip", "Transfer-Encoding: chunked"], None, "gzip"),
        (TEXT, ["Content-Encoding: gzip"], TEXT, None),
        (zstandard.compress(TEXT), ["Content-Encoding: zstd"], None, "zstd"),
        (zlib.compress(TEXT), ["Content-Encoding: deflate"], TEXT, None),
        (zlib.compress(TEXT)[2:-4], ["Content-Encoding: deflate"], TEXT, None),
        (b"\x0b\x02\x80hello\x03", ["Content-Encoding: br"], b"hello", None),
        (TEXT, ["Content-Encoding: identity"], TEXT, None),
    ],
)
def test_what_http_wrapped_around_a_page_is_undone_or_named(wrapped, headers, body, encoding):
    (page,) = read(response(wrapped, HTML, *headers))
    assert page.encoding == encoding
    if encoding is None:
        assert page.body == body
    else:
        unpack = {"gzip": gzip.decompress, "zstd": zstandard.decompress}[encoding]
        assert unpack(page.body) == TEXT


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (response(TEXT, HTML, status="404 Not Found"), Refusal.NOT_A_PAGE),
        (response(b"", HTML, status="301 Moved Permanently"), Refusal.NOT_A_PAGE),
        (response(b"\x89PNG", "Content-Type: image/png"), Refusal.NOT_A_PAGE),
        (response(b"x" * (LIMIT + 1), HTML), Refusal.OVERSIZED),
        (response(zlib.compress(b"x" * (LIMIT + 1)), HTML, "Content-Encoding: deflate"), Refusal.OVERSIZED),
        (response(TEXT, HTML, "Content-Encoding: sdch"), Refusal.MALFORMED),
        (response(TEXT, HTML, "Content-Encoding: gzip, br"), Refusal.MALFORMED),
    ],
)
def test_a_record_that_is_no_page_says_why_and_the_next_one_is_read(record, reason):
    refused, page = read(record + response(TEXT, HTML, url="http://a.example/2"))
    assert refused.reason is reason
    assert "http://a.example/1" in refused.name
    assert page.body == TEXT


def test_a_compressed_archive_is_read_from_a_file_and_from_standard_input():
    packed = gzip.compress(response(TEXT, HTML)) + gzip.compress(response(TEXT, HTML))
    assert [page.body for page in read(packed)] == [TEXT, TEXT]
    assert [page.body for page in read_stream(io.BytesIO(packed), "stdin", LIMIT)] == [TEXT, TEXT]


def test_an_archive_that_breaks_off_gives_what_stands_before_the_break():
    archive = response(TEXT, HTML) + response(TEXT, HTML)
    first, second = read(archive[:-20])
    assert first.body == TEXT
    assert second.reason is Refusal.MALFORMED
    packed = gzip.compress(response(TEXT, HTML)) + gzip.compress(response(TEXT, HTML))[:-20]
    first, *rest = read(packed)
    assert first.body == TEXT
    assert [one.reason for one in rest] == [Refusal.MALFORMED]


@pytest.mark.parametrize("nonsense", [b"", b"hello world\n", b"WARC/1.1\r\nfoo", b"\x1f\x8b\x08garbage"])
def test_what_is_no_archive_is_refused(nonsense):
    refused, *rest = read(nonsense)
    assert refused.reason is Refusal.MALFORMED
    assert not rest
