"""Promises that hold for any page."""

from __future__ import annotations

import random
import re
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.normalizer import lines, script
from services.normalizer.draft import Draft, Edit
from services.normalizer.normalize import normalize_report
from services.normalizer.signature import SIGNATURE_BITS, distance, identify
from shared.errors import Permanent
from shared.events import Crawl, NormalizedReport, RawReport
from tests.support.cost import assert_costs

#: `text` is at most this many times as long as the decoded source: ⒇ becomes (20).
MAX_GROWTH = 4

WORDS = (
    "白石县", "人民政府", "关于", "2023年", "法治政府建设", "情况的报告", "受理", "134件", "１３４件", "㎡", "10²", "①", "（一）", "一、",
    "。", "，", "、", "：", "\n", "\r\n", "\t", "　", "  ", "\u200b", "<p>", "</p>", "<b>", "</b>", "<br>", "<td>", "<tr>", "<table>", "&nbsp;",
    "&#x6cd5;", "<sup>1</sup>", "首页 > ", "发布日期：2024-01-20", "扫一扫", "打印", "相关链接", "2024年1月15日", "規範性檔案", "最佳化", "網路",
    "認真貫徹落實", "依法行政", "附件：1.统计表.doc", "|", "⒇", "⼀", "<div style='display:none'>", "</div>", "<!-- ", "-->", "第 1 页", "法 治 政 府",
)  # fmt: skip
pages = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=60).map("".join)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def normalized(body: bytes, **crawl: str) -> NormalizedReport | None:
    try:
        return normalize_report(RawReport(entry="intake/1-0", accepted_at=0.0, crawl=Crawl(**crawl), body=body))
    except Permanent:
        return None


def check_alignment(report: NormalizedReport) -> None:
    source, text = report.source.text, report.text
    end = 0
    for run in report.alignment:
        assert run.text_start == end, "runs tile the text"
        end = run.text_end
        assert 0 <= run.source_start <= run.source_end <= len(source)
    assert end == len(text)
    for start in range(0, len(text), 7):
        span = report.alignment.to_source(start, min(start + 5, len(text)))
        assert 0 <= span[0] <= span[1] <= len(source)


@quick
@given(pages)
def test_any_page_is_normalized_or_refused(page):
    report = normalized(page.encode("utf-8", "surrogatepass"))
    if report is None:
        return
    check_alignment(report)
    assert len(report.text) <= MAX_GROWTH * len(report.source.text)
    assert "\n\n" not in report.text
    assert report.text == report.text.strip(" \n")
    assert NormalizedReport.model_validate_json(report.model_dump_json()).model_dump() == report.model_dump()


@quick
@given(pages)
@example("<br>白石县<br>附件：1.统计表.doc")
def test_normalizing_twice_changes_nothing(page):
    first = normalized(
        ("2023年，白石县推进法治政府建设，各项工作取得新进展，情况如下：" + page + "，特此报告。").encode(
            "utf-8", "ignore"
        )
    )
    if first is None:
        return
    again = normalized(first.text.encode("utf-8", "ignore"), content_type="text/plain")
    assert again is None or again.text == first.text


@given(st.text(st.characters(exclude_characters="■"), min_size=1, max_size=40), st.data())
def test_edits_keep_the_way_back(text, data):
    draft = Draft.of_source(text)
    for _ in range(3):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(draft.text)), max_size=6)))
        edits = [Edit(a, b, "■" * data.draw(st.integers(0, 3))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        edits = [edit for k, edit in enumerate(edits) if not k or edit.start > edits[k - 1].end]
        before = draft
        draft = draft.edited(edits)
        assert len(draft.text) == len(before.text) + sum(len(e.after) - (e.end - e.start) for e in edits)
    alignment = draft.alignment()
    for offset, character in enumerate(draft.text):
        start, end = draft.to_source(offset, offset + 1)
        assert alignment.to_source(offset, offset + 1) == (start, end)
        if character != "■":
            assert text[start:end] == character


def test_a_span_that_was_not_rewritten_is_its_source_slice(html_page, plain_page):
    for page in (plain_page, html_page, plain_page.replace("\n", "\r\n")):
        report = normalized(page.encode())
        assert report is not None
        for word in ("行政复议案件134件", "审结110件", "综合纠错率为8.18%", "白石县人民政府"):
            start = report.text.index(word)
            low, high = report.alignment.to_source(start, start + len(word))
            assert report.source.text[low:high] == word


def test_alignment_of_a_plain_page_is_small(plain_page, html_page):
    for page, bound in ((plain_page, 300), (html_page, 800)):
        report = normalized(page.encode())
        assert report is not None
        assert len(report.alignment.model_dump_json()) < bound


SAMPLES = sorted(
    page for page in (Path(__file__).parents[2] / "samples").glob("*.*") if page.suffix in {".html", ".txt"}
)


@pytest.mark.parametrize("seed", range(120))
def test_a_mutated_page_is_normalized_or_refused_quickly(seed, html_page, plain_page):
    chance = random.Random(seed)
    pages = [html_page.encode(), plain_page.encode("gb18030"), *(page.read_bytes() for page in SAMPLES)]
    body = bytearray(pages[seed % len(pages)])
    for _ in range(chance.randrange(1, 60)):
        at = chance.randrange(len(body))
        kind = chance.randrange(4)
        if kind == 0:
            body[at] = chance.randrange(256)
        elif kind == 1:
            del body[at : at + chance.randrange(1, 40)]
        elif kind == 2:
            body[at:at] = bytes(body[at : at + chance.randrange(1, 200)])
        else:
            body[at:at] = chance.choice((b"<", b">", b"&", b'"', b"</", b"<!--", b"\x00", b"\xff", b"<td>", b"\n"))
    reports: list[NormalizedReport | None] = []
    assert_costs(lambda: reports.append(normalized(bytes(body))), 2_500)
    report = reports[0]
    if report is not None:
        check_alignment(report)


def test_the_same_words_have_the_same_id_whatever_the_punctuation(plain_page):
    half = plain_page.translate(str.maketrans("，：；", ",:;"))
    assert identify(plain_page)[0] == identify(half.replace("\n", " \n "))[0]
    assert identify(plain_page)[0] != identify(plain_page.replace("134", "135"))[0]


def test_the_signature_tells_a_copy_from_another_report(plain_page):
    copy = plain_page.replace("行政许可1204件", "行政许可1205件")
    other = plain_page.translate(str.maketrans({c: chr(ord(c) + 7) for c in plain_page if "\u4e00" <= c <= "\u9fa0"}))
    near, far = (
        distance(identify(plain_page)[1], identify(copy)[1]),
        distance(identify(plain_page)[1], identify(other)[1]),
    )
    assert near < SIGNATURE_BITS // 8 < SIGNATURE_BITS // 4 < far


# The quick ways, held to the long ones --------------------------------------------------------------------------------

SIGNS = st.text(alphabet="，。；、：！？,;:!?()“”‘’\"'《》\n\t -甲乙丙丁戊己庚辛0123", max_size=200)


@settings(max_examples=200, deadline=None)
@given(SIGNS)
def test_clauses_end_at_every_run_of_signs(text):
    """Signs are replaced one by one; what counts are the clauses between runs of them."""
    written = re.sub(r"[，。；、：！？,;:!?()“”‘’\"'《》\n\t -]+", "\n", text)
    assert identify(text) == identify(written)
    assert identify(text)[0] == blake2b(written.replace("\n", "").encode(), digest_size=16).hexdigest()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=" \n\t\r\u3000\u200b\x00甲1", max_size=24))
def test_a_gap_that_is_not_looked_at_is_a_plain_one(text):
    regular = [
        found.span()
        for found in lines._GAP.finditer(text)
        if found[0] in (" ", "\n", "\t") and found.start() > 0 and found.end() < len(text)
    ]
    irregular = [found.span() for found in lines._IRREGULAR_GAP.finditer(text)]
    assert sorted(regular + irregular) == [found.span() for found in lines._GAP.finditer(text)]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="们来個時会说的一是們，", max_size=60))
def test_the_script_is_the_share_of_the_characters_that_only_one_has(text):
    traditional = len(script._TRADITIONAL_ONLY.findall(text))
    simplified = len(script._SIMPLIFIED_ONLY.findall(text))
    if not traditional + simplified:
        assert script.detect_script(text) == ("Hans", 0.5)
        return
    share = traditional / (traditional + simplified)
    assert script.detect_script(text) == (("Hant", share) if share > 0.5 else ("Hans", 1 - share))
