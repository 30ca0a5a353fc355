"""Bytes become text by what they are, not by what is declared."""

from __future__ import annotations

import pytest

from services.normalizer.charset import MAX_BAD_SEQUENCES, MAX_BYTES, decode_body
from shared.errors import Permanent, Reason

HANT = "青川省白石縣人民政府關於二〇二三年度法治政府建設情況的報告。全縣受理行政複議案件134件，審結110件。"
HANS = "青川省白石县人民政府关于二〇二三年度法治政府建设情况的报告。全县受理行政复议案件134件，审结110件。"


@pytest.mark.parametrize(
    ("codec", "text", "found"),
    [
        ("utf-8", HANS, "utf-8"),
        ("utf-8-sig", HANS, "utf-8"),
        ("utf-16", HANS, "utf-16-le"),
        ("utf-16-le", HANS, "utf-16-le"),
        ("utf-16-be", HANS, "utf-16-be"),
        ("gb2312", HANS.replace("〇", "零"), "gb18030"),
        ("gbk", HANS, "gb18030"),
        ("gb18030", HANS + "𠮷", "gb18030"),
        ("gbk", HANT, "gb18030"),
        ("big5", HANT.replace("〇", "零"), "big5hkscs"),
        ("big5hkscs", HANT.replace("〇", "零") + "嘅", "big5hkscs"),
    ],
)
def test_every_charset_is_recognised_without_a_declaration(codec, text, found):
    decoded = decode_body(text.encode(codec))
    assert decoded.charset == found
    assert decoded.text.lstrip("\ufeff") == text
    assert decoded.text.encode(decoded.charset) == text.encode(codec)


@pytest.mark.parametrize("declared", ["utf-8", "gbk", "big5", "utf-16", "iso-8859-1", "nonsense"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_wrong_declaration_is_overruled(codec, declared):
    decoded = decode_body(HANS.encode(codec), declared=declared)
    assert decoded.text == HANS


def test_an_overruled_declaration_is_logged(normalize, plain_page):
    report = normalize(plain_page, charset="gbk")
    assert [(c.before, c.after) for c in report.changes if c.rule == "charset.overruled"] == [("gb18030", "utf-8")]


def test_a_declaration_in_the_page_is_read():
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head>{HANS}</html>'
    assert decode_body(page.encode("gbk")).charset == "gb18030"


@pytest.mark.parametrize("declared", ["utf-16", "utf-16be", "gbk", None])
def test_ascii_is_read_whatever_is_declared(declared):
    decoded = decode_body(b"<p>&#25253;&#21578;</p>", declared=declared)
    assert (decoded.text, decoded.charset, decoded.original) == ("<p>&#25253;&#21578;</p>", "utf-8", None)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_ascii_in_two_bytes_a_character_gives_its_bytes_back(codec):
    decoded = decode_body("<p>&#25253;&#21578;</p>".encode(codec), declared=codec)
    assert (decoded.text, decoded.charset, decoded.original) == ("<p>&#25253;&#21578;</p>", codec, None)


def test_byte_order_mark_and_line_ends_are_kept():
    assert decode_body(b"\xef\xbb\xbf" + HANS.encode() + b"\r\n").text == "\ufeff" + HANS + "\r\n"


def test_bytes_that_do_not_come_back_are_kept():
    broken = HANS.encode() + b"\xff" + HANS.encode()
    decoded = decode_body(broken)
    assert decoded.original == broken
    assert len(decoded.bad) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY),
        (b" \r\n\t", Reason.EMPTY),
        (b"a" * (MAX_BYTES + 1), Reason.OVERSIZED),
        (b"%PDF-1.7 ...", Reason.BINARY),
        (b"PK\x03\x04word/document.xml", Reason.BINARY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", Reason.BINARY),
        (b"\x89PNG\r\n\x1a\n", Reason.BINARY),
        (b"\x1f\x8b\x08\x00", Reason.BINARY),
        (HANS.encode()[:30] + b"\x00" + HANS.encode(), Reason.BINARY),
        (HANS.encode()[:-1], Reason.UNDECODABLE),
        (HANS.encode("gbk")[:-1], Reason.UNDECODABLE),
        (HANS.encode() + b"\xed\xa0\x80", Reason.UNDECODABLE),
        (b"\xff\xfe\x00\xd8" + HANS.encode("utf-16-le"), Reason.UNDECODABLE),
        (bytes(range(128, 256)) * 40, Reason.UNDECODABLE),
        ("法治政府建设报告。".encode("hz"), Reason.UNDECODABLE),
        ("法治報告".encode("iso2022_jp_2"), Reason.UNDECODABLE),
        ((HANS.encode() + b"\xff") * (MAX_BAD_SEQUENCES + 1), Reason.UNDECODABLE),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(normalize, body, reason):
    with pytest.raises(Permanent) as refusal:
        normalize(body)
    assert refusal.value.reason is reason
    assert refusal.value.detail


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"\n\n%PDF-1.4\n", "PDF"),
        (b"\xef\xbb\xbf%PDF-1.4", "PDF"),
        (b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=a", "MHTML"),
        (b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="a"\r\n\r\n--a', "MHTML"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?><w:wordDocument>', "office file"),
        (b'<?xml version="1.0"?><pkg:package xmlns:pkg="a">', "office file"),
    ],
)
def test_what_a_program_saved_is_refused_by_name_and_says_what_to_do(normalize, body, named):
    with pytest.raises(Permanent, match=named) as refusal:
        normalize(body + HANS.encode())
    assert refusal.value.reason is Reason.BINARY
    assert "save" in refusal.value.detail or "submit" in refusal.value.detail


def test_a_page_that_only_speaks_of_such_a_file_is_read(normalize, plain_page, html_page):
    assert "134件" in normalize("Subject: 报告\n" + plain_page).text
    assert "134件" in normalize('<?xml version="1.0"?>' + html_page).text


def test_broken_bytes_in_the_furniture_are_tolerated_and_logged(normalize, html_page):
    report = normalize(html_page.encode().replace("政务公开".encode(), "政务公开".encode()[:-1], 1))
    assert [c.rule for c in report.changes if c.rule == "charset.unreadable"]
    assert "\ufffd" not in report.text


def test_broken_bytes_in_the_report_are_refused(normalize, html_page):
    with pytest.raises(Permanent, match="undecodable"):
        normalize(html_page.encode().replace("受理".encode(), "受理".encode()[:-1], 1))
