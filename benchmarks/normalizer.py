"""The normalizer against one `jieba.lcut` pass and against trafilatura, in one run on one core.

    python -m benchmarks.normalizer [FOLDER …]

FOLDER holds pages (*.txt, *.html); default: the samples and, where the reference is at hand (FAZHI_REFERENCE), its annual
reports. Every time is processor time, the best of several rounds. The works take turns, one pass over all pages each: a busy
machine slows both sides, and each pass begins with the caches full of the other's work, as a worker's do behind a pause.
Before each pass the normalizer forgets the names of places that it has taken apart, since pages of a crawl have other
names (it knows them again from page to page of one pass only). What is loaded is frozen, as in the child of a worker.
Ratios: time of the reference over time of the normalizer, on the same pages.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import jieba
import opencc
import trafilatura

from benchmarks import texts as written
from benchmarks.machine import settle
from services.normalizer.blocks import paragraphs_outside
from services.normalizer.charset import decode_body
from services.normalizer.html import looks_like_html, read_page
from services.normalizer.layout import lay_out
from services.normalizer.lines import carried, tidy
from services.normalizer.normalize import normalize_report
from services.normalizer.place_names import name_parts
from services.normalizer.script import detect_script
from shared.errors import Permanent
from shared.events import Crawl, RawReport

ROUNDS = 9
SAMPLES = Path(__file__).parents[1] / "samples"


def timed(*works: Callable[[], object]) -> list[float]:
    """Best seconds of each work; the works take turns."""
    best = [float("inf")] * len(works)
    settle()
    for _ in range(ROUNDS):
        for k, work in enumerate(works):
            name_parts.cache_clear()
            started = time.process_time()
            work()
            best[k] = min(best[k], time.process_time() - started)
    return best


def crawled(body: bytes) -> RawReport:
    """As the runtime builds it from an entry, before the normalizer sees it."""
    return RawReport(entry="intake/1-0", accepted_at=0.0, crawl=Crawl(), body=body)


def normalize(body: bytes) -> str:
    return normalize_report(crawled(body)).text


def main_text(source: str) -> str:
    """The main text of a page and nothing else, as trafilatura.extract gives it."""
    page = read_page(source)
    tidied, edits, _ = tidy(page.draft)
    starts = carried(edits, [line.start for line in page.lines])
    layout = lay_out(tidied.text, outside=paragraphs_outside(page, tidied.text, starts))
    return "\n".join(line for line, rule in zip(layout.lines, layout.dropped, strict=True) if rule is None)


def as_page(text: str) -> str:
    """A plain report inside a page with the navigation, side lists and footer of a government site."""
    links = "".join(f'<li><a href="/column/{k}.html">栏目名称{k}</a></li>' for k in range(60))
    body = "".join(f'<p style="text-indent: 2em"><span>　　{line}</span></p>\n' for line in text.split("\n") if line)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>报告</title></head><body><div class="nav"><ul>{links}</ul>'
        f'</div><div class="content"><h1>法治政府建设情况报告</h1>{body}</div><div class="side"><ul>{links}</ul></div>'
        '<div class="footer"><p>主办：人民政府办公室</p></div></body></html>'
    )


def texts(folders: list[Path]) -> list[str]:
    """The normalized texts of all pages that are reports."""
    found = []
    for path in sorted(page for folder in folders for page in folder.rglob("*") if page.suffix in {".txt", ".html"}):
        try:
            found.append(normalize(path.read_bytes()))
        except Permanent:
            continue
    return found


def _annual_reports() -> dict[str, tuple[list[bytes], int]]:
    """The reference's annual reports by script, as crawled; nothing where they are not at hand."""
    bodies: dict[str, list[bytes]] = {}
    for text in written.reference_texts().get("annual reports", []):
        bodies.setdefault(detect_script(text).name, []).append(text.encode())
    targets = {"Hans": ("annual reports", 10), "Hant": ("annual, Traditional", 6)}
    return {targets[script][0]: (found, targets[script][1]) for script, found in bodies.items()}


def main() -> None:
    jieba.setLogLevel(60)
    jieba.initialize()
    pages = texts([Path(name) for name in sys.argv[1:]] or [SAMPLES])
    twp = opencc.OpenCC("s2twp").convert
    kinds = {
        "simplified": ([text.encode() for text in pages], 10),
        "Traditional (s2twp)": ([twp(text).encode() for text in pages], 6),
        "simplified HTML": ([as_page(text).encode() for text in pages], 10),
    }
    if not sys.argv[1:]:
        kinds |= _annual_reports()
    print(f"{len(pages)} pages, {sum(map(len, pages)):,} characters")
    for name, (bodies, target) in kinds.items():
        sources = [decode_body(body).text for body in bodies]
        cut = [text for text in sources if not looks_like_html(text)] or pages
        raws = [crawled(body) for body in bodies]
        ours, theirs = timed(lambda r=raws: [normalize_report(x) for x in r], lambda c=cut: [jieba.lcut(x) for x in c])
        speed = sum(map(len, sources)) / ours / 1e6
        print(
            f"{name:20} {ours * 1e3:8.1f} ms, {speed:5.1f} M characters/s, jieba.lcut {theirs * 1e3:8.1f} ms: 1/{theirs / ours:.1f} (target 1/{target})"
        )
    markup = [as_page(text) for text in pages]
    ours, theirs = timed(
        lambda: [main_text(page) for page in markup], lambda: [trafilatura.extract(page) for page in markup]
    )
    print(
        f"{'HTML main text':20} {ours * 1e3:8.1f} ms, trafilatura {theirs * 1e3:8.1f} ms: 1/{theirs / ours:.1f} (target 1/5)"
    )
    sizes = [
        len(
            normalize_report(
                RawReport(entry="e", accepted_at=0, crawl=Crawl(), body=p.encode())
            ).alignment.model_dump_json()
        )
        for p in markup
    ]
    print(f"alignment: {sum(sizes) / len(sizes):.0f} bytes a report from HTML before compression")
    print("characters  seconds  (cost against length)")
    text = "\n".join(pages)
    for size in (1_000, 10_000, 100_000, 1_000_000, 3_000_000):
        body = (text * (size // len(text) + 1))[:size].encode()
        print(f"{size:10,} {timed(lambda b=body: normalize(b))[0]:8.4f}")


if __name__ == "__main__":
    main()
