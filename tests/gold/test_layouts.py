"""What a report says does not depend on how its page was written: each layout gives the facts of the plain page."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html import escape
from pathlib import Path

import opencc
import pytest

from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.events import ExtractedReport, RawReport

#: Annotated reports of more than one line and without a table, whose layout is a matter of its own (tests/extractor/test_tables.py).
PAGES = [
    page
    for page in sorted(Path(__file__).parent.glob("*.txt"))
    if "hant" not in page.name
    and "\t" not in page.read_text(encoding="utf-8")
    and page.read_text(encoding="utf-8").count("\n") > 5
]
_WIDE = str.maketrans({",": "，", ";": "；", ":": "：", "(": "（", ")": "）", "!": "！"})
_FULL = str.maketrans({chr(code): chr(code + 0xFEE0) for code in (*range(ord("0"), ord("9") + 1), ord("%"))})


def read(body: bytes) -> ExtractedReport:
    return extract_report(outline_report(normalize_report(RawReport(entry="layout/1-0", accepted_at=0.0, body=body))))


@cache
def plain(page: Path) -> ExtractedReport:
    return read(page.read_bytes())


def said(report: ExtractedReport) -> Counter[tuple[object, ...]]:
    """The facts without their places in the text, and without the commas inside numbers."""
    return Counter(
        (
            re.sub(r"[\s,，]", "", report.text[fact.text_start : fact.text_end]),
            fact.value,
            fact.value_to,
            fact.unit,
            fact.metric,
            fact.subject,
            fact.scope,
            fact.modality,
            fact.change,
        )
        for fact in report.facts
    )


def site(lines: list[str], paragraph: str, *, charset: str = "utf-8") -> str:
    """A page of a government site whose paragraphs are written as `paragraph` says."""
    menu = "".join(f'<li><a href="/column/{k}.html">栏目{k}</a></li>' for k in range(20))
    body = "\n".join(paragraph.format(escape(line)) for line in lines)
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{escape(lines[0])}</title></head><body>'
        f'<div class="nav"><ul>{menu}</ul></div><div class="content" id="zoom">{body}</div>'
        '<div class="footer"><p>主办：澄溪县人民政府办公室</p></div></body></html>'
    )


def wrapped(lines: list[str], width: int, indent: str = "") -> str:
    return "\n".join(re.sub(rf"(.{{{width}}})", r"\1\n", indent + line) for line in lines)


def numbers_apart(page: str) -> str:
    """Numbers of the text in elements of their own, as an office program writes them."""
    head, body = page.split("<body>")
    return (
        head
        + "<body>"
        + re.sub(r"(?<=[一-龥])([0-9]+)(?=[一-龥.%])", r'</span><span lang="EN-US">\1</span><span>', body)
    )


LAYOUTS = {
    "full-width punctuation": lambda text, _: text.translate(_WIDE).encode(),
    "full-width digits": lambda text, _: text.translate(_FULL).encode(),
    "GB 18030": lambda text, _: text.encode("gb18030"),
    "carriage returns": lambda text, _: text.replace("\n", "\r\n").encode(),
    "indented": lambda _, lines: "\n".join("　　" + line for line in lines).encode(),
    "blank lines": lambda _, lines: "\n\n".join(lines).encode(),
    "wrapped at 30": lambda _, lines: wrapped(lines, 30).encode(),
    "wrapped at 38": lambda _, lines: wrapped(lines, 38).encode(),
    "wrapped and indented": lambda _, lines: wrapped(lines, 38, "　　").encode(),
    "one line": lambda _, lines: " ".join(lines).encode(),
    "numbers set apart": lambda text, _: re.sub(r"([0-9][0-9.,]*%?)", r" \1 ", text).encode(),
    "spaces behind commas": lambda text, _: re.sub("(?<=[，、])(?=[一-龥“])", " ", text).encode(),
    "paragraphs": lambda _, lines: site(lines, '<p style="text-indent: 2em">{}</p>').encode(),
    "line breaks": lambda _, lines: site(lines, "&nbsp;&nbsp;&nbsp;&nbsp;{}<br/>").encode(),
    "divisions": lambda _, lines: site(lines, '<div><font size="3">　　{}</font></div>').encode(),
    "an office program": lambda _, lines: site(
        lines, "<p class=MsoNormal><span style='mso-bidi-font-size:16.0pt'>{}<o:p></o:p></span></p>"
    ).encode(),
    "numbers in elements": lambda _, lines: numbers_apart(site(lines, "<p><span>{}</span></p>")).encode(),
    "lines of the markup": lambda _, lines: site(
        [re.sub("(.{30,60}?[一-龥])(?=[一-龥])", r"\1\n    ", line) for line in lines], "<p>{}</p>"
    ).encode(),
    "a table as layout": lambda _, lines: site(["", *lines], "<table><tr><td><p>{}</p></td></tr></table>").encode(),
    "GB 2312 as declared": lambda _, lines: site(lines, "<p>{}</p>", charset="gb2312").encode("gb18030"),
    **{
        f"converted by {config}": lambda text, _, config=config: opencc.OpenCC(config).convert(text).encode()
        for config in ("s2t", "s2tw", "s2hk", "s2twp")
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_layout_changes_no_fact(page, layout):
    expected = plain(page)
    lines = [line for line in expected.text.split("\n") if line.strip()]
    found = said(read(LAYOUTS[layout](page.read_text(encoding="utf-8"), lines)))
    lost, gained = said(expected) - found, found - said(expected)
    assert not lost, f"lost {[*lost]}, gained {[*gained]}"
    assert not gained


def outline(report: ExtractedReport) -> list[tuple[object, ...]]:
    return [
        (section.level, report.text[section.text_start : section.body_start].strip(" 。:：;；,，"), section.kind)
        for section in report.sections
        if section.heading
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_layout_changes_no_heading(page, layout):
    expected = plain(page)
    lines = [line for line in expected.text.split("\n") if line.strip()]
    found = read(LAYOUTS[layout](page.read_text(encoding="utf-8"), lines))
    assert [folded(row) for row in outline(found)] == [folded(row) for row in outline(expected)]


def folded(row: tuple[object, ...]) -> tuple[object, ...]:
    return (row[0], re.sub(r"\s", "", str(row[1])).translate(_WIDE), row[2])


@pytest.mark.parametrize("config", ["s2t", "s2tw", "s2hk", "s2twp"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_conversion_changes_no_field_of_the_document(page, config):
    expected = plain(page).document
    converted = read(opencc.OpenCC(config).convert(page.read_text(encoding="utf-8")).encode()).document
    assert converted.script == "Hant"
    for field in ("issuer", "place", "level", "report_year", "published", "signed", "document_number", "addressee"):
        if field != "document_number":  # as written in the source
            assert getattr(converted, field) == getattr(expected, field), field
