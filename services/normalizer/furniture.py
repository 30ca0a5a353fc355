"""Which lines are the report: from the title to the signature.

The same rules serve plain-text crawls and the lines of an HTML page. Rules about single lines are data
(furniture.toml); this file holds what only the order of the lines can tell.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from services.normalizer.dates import find_dates

#: A line longer than this is text, whatever it begins with.
MAX_FURNITURE_LINE = 300


class Rule(NamedTuple):
    """One entry of furniture.toml."""

    name: str
    where: str
    pattern: re.Pattern[str]
    yes: tuple[str, ...]
    no: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The entries of furniture.toml, in file order."""
    table = tomllib.loads(files(__package__).joinpath("furniture.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(name, entry["where"], re.compile(entry["pattern"]), tuple(entry["yes"]), tuple(entry["no"]))
        for name, entry in table.items()
    )


def rule_of(line: str) -> Rule | None:
    """The first rule that matches the whole line."""
    if len(line) > MAX_FURNITURE_LINE or (len(line) > 60 and line[-1] in "。；;" and line[0] != "《"):
        return None
    return next((rule for rule in rules() if rule.pattern.fullmatch(line)), None)


@dataclass(slots=True)
class Layout:
    """The lines of a page and what each of them is."""

    spans: list[tuple[int, int]]
    dropped: list[str | None]  # the rule that drops the line
    title: tuple[int, int] | None = None  # first and last line of the title
    body: tuple[int, int] = (0, 0)  # first line of the text and the line after its last
    stamps: list[int] = field(default_factory=list)


_PROSE_MARK = re.compile(r"[，。；、,;！]")
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}部分|[0-9]{1,2}[.、]\s?[\u4e00-\u9fff]")
_ADDRESSEE = re.compile(r"[^，。；,;:：]{2,60}[:：]")
_SUBJECT = r"法治(?:政府|建设|工作|[一-龥]{1,8})|依法行政|依法治[一-龥]{1,4}|政府工作|政府信息公开|信息公开|行政执法|普法"
_FORM = r"报告|总结|情况|汇报|年报|公报|通报|要点|述职|述法"
TITLE = re.compile(rf"[^。；;]{{0,70}}(?:{_SUBJECT})[^。；;]{{0,40}}(?:{_FORM})[^。；;，,]{{0,16}}")
_TITLE_HINT = re.compile("法治|依法|政府|信息公开|执法|普法")
_WEAK_TITLE = re.compile(rf"[^。；;]{{0,70}}(?:{_SUBJECT}|工作(?:报告|总结))[^。；;]{{0,40}}")
ORGANISATION = re.compile(
    r"[\u3400-\u9fff()（）、\s]{2,60}(?:人民政府|政府|委员会|管委会|管理委员会|局|厅|办公室|办|处|院|中心|领导小组|委|公署|部|队|所|站|会|公司|大学|学院)"
    r"(?:\s?[(（](?:盖章|印章|章|公章|代章)[)）])?"
)
_ANNEX = re.compile(r"附[件表录:：]|附\s?[:：]|注[:：]|备注|表[0-9一二三四五六七八九十]")
_FILE_NAME = re.compile(r".{0,120}\.(?:docx?|wps|xlsx?|pdf|zip|rar|pptx?|jpe?g|png|et|ofd)\b.{0,30}", re.IGNORECASE)
_SIGNED_NOTE = re.compile(r"[(（].{0,8}(?:此件|联系人|信息公开|公开).{0,40}[)）]|(?:联系人|联系电话|抄送)[:：].{0,80}")


def lay_out(text: str, *, outside: set[int] | None = None, heads: dict[int, str] | None = None, names: tuple[str, ...] = ()) -> Layout:
    """The layout of `text`, one paragraph a line.

    `outside` are the lines that the markup puts outside of the main block, `heads` the lines that are headings by
    their tag, `names` the titles that the page gives in its head.
    """
    spans = _line_spans(text)
    lines = [text[a:b] for a, b in spans]
    outside = outside or set()
    found = [rule_of(line.strip()) for line in lines]
    _take_values(lines, found)
    weight = [0 if found[k] or k in outside else _prose(line) for k, line in enumerate(lines)]
    layout = Layout(spans, [None] * len(lines))
    total = sum(weight)
    layout.title = _find_title(lines, found, weight, heads or {}, names)
    first = _first_line(lines, found, weight, layout.title, outside)
    last = _last_line(found, weight, first, total)
    layout.body = first, last
    _drop_head(layout, lines, found, outside)
    _drop_inside(layout, found, outside)
    _drop_tail(layout, lines, found, outside)
    return layout


#: A line longer than this may hold a title, a publication line or a signature beside its text (one-line pages).
_LONG = 200
_WORD_GAP = re.compile(r" (?![0-9]{1,2}[:：][0-9])")
_SENTENCE_END = re.compile("[。！？]")


def _line_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the lines. A long line is cut at the spaces before its first and after its last sentence, so that
    furniture on the same line can be told from the text."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if end - at > _LONG:
            spans += _pieces(text, at, end)
        else:
            spans.append((at, end))
        at = end + 1
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = []
    first = _PROSE_MARK.search(text, start, min(start + 600, end))
    head = first.start() if first else start
    while _LABEL_BEFORE.search(text, start, head) and (later := _PROSE_MARK.search(text, head + 1, min(head + 200, end))):
        gap = text.rfind(" ", start, later.start())
        if gap <= head:
            break
        head = later.start()
    cuts += [gap.span() for gap in _WORD_GAP.finditer(text, start, head)]
    last = max(text.rfind(stop, max(start, end - 400), end) for stop in "。！？")
    if last >= 0 and last + 1 < end:
        cuts.append((last + 1, last + 1))
        cuts += [gap.span() for gap in _WORD_GAP.finditer(text, last + 1, end)]
    cuts = [cut for cut in cuts if text.count("[", start, cut[0]) + text.count("【", start, cut[0])
            == text.count("]", start, cut[0]) + text.count("】", start, cut[0])]  # fmt: skip
    edges = [start, *(edge for cut in cuts for edge in cut), end]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a or len(edges) == 2]


_LABEL_BEFORE = re.compile(r"(?:来源|作者|发布单位|浏览次数|字体)[:：][^ ]{0,20}、?$")


_BARE_LABEL = re.compile(r"[·•*◆-]?\s?[一-龥\s]{2,8}\s?[:：]")


def _take_values(lines: list[str], found: list[Rule | None]) -> None:
    """A publication label that stands alone has its value on the next line."""
    for k in range(len(lines) - 1):
        rule = found[k]
        if rule is None or rule.where != "stamp" or not _BARE_LABEL.fullmatch(lines[k].strip()):
            continue
        value = lines[k + 1].strip()
        broken_title = k + 2 < len(lines) and lines[k + 2].strip().startswith("关于")
        if found[k + 1] is None and not broken_title and len(value) <= 60 and not _SENTENCE_END.search(value) and not TITLE.fullmatch(value):
            found[k + 1] = rule


def _prose(line: str) -> int:
    return len(line) if len(line) >= 20 and _PROSE_MARK.search(line) else 0


def _find_title(lines, found, weight, heads, names) -> tuple[int, int] | None:
    limit = max(300, sum(weight) // 10)
    read = 0
    best: tuple[int, int] | None = None
    for k, line in enumerate(lines):
        bare = line.strip()
        if found[k] is None and len(bare) <= 100 and _TITLE_HINT.search(bare) and TITLE.fullmatch(bare) and not _ADDRESSEE.fullmatch(bare):
            score = 3 + 2 * bool(re.search("20[0-9]{2}|二〇", bare)) + ("关于" in bare) + 2 * (k in heads)
            score += 3 * any(bare and bare in name for name in names)
            if best is None or score >= best[0]:
                best = score, k
        read += weight[k]
        if read > limit:
            break
    if best is None:
        return None
    k = best[1]
    start = k
    bare = lines[k].strip()
    if k and found[k - 1] is None and bare.startswith(("关于", "20", "二〇", "法治", "年度")) and (
        ORGANISATION.fullmatch(lines[k - 1].strip()) or lines[k - 1].strip().endswith("关于")
    ):
        start = k - 1
    return start, k


def _first_line(lines, found, weight, title, outside) -> int:
    begin = title[1] + 1 if title else 0
    for k in range(begin, len(lines)):
        if found[k] is None and k not in outside and (weight[k] or _HEADING.match(lines[k]) or _ADDRESSEE.fullmatch(lines[k].strip())):
            return k
    return begin


def _last_line(found, weight, first, total) -> int:
    """The line after the last line of prose that stands before the furniture at the end."""
    rest = sum(weight[first:])
    last = first
    for k in range(first, len(weight)):
        if found[k] is not None and found[k].where == "end" and rest <= max(200, total // 5):
            break
        rest -= weight[k]
        if weight[k]:
            last = k + 1
    return last


def _drop_head(layout: Layout, lines, found, outside) -> None:
    start = layout.title[0] if layout.title else 0
    for k in range(layout.body[0]):
        rule = found[k]
        if rule is not None and rule.where == "stamp":
            layout.stamps.append(k)
        if k < start:
            layout.dropped[k] = rule.name if rule else "before_title"
        elif layout.title and start <= k <= layout.title[1]:
            continue
        elif rule is not None:
            layout.dropped[k] = rule.name
        elif k in outside:
            layout.dropped[k] = "outside"
        elif layout.title is None and len(lines[k].strip()) < 30:
            layout.dropped[k] = "before_text"


def _drop_inside(layout: Layout, found, outside) -> None:
    for k in range(*layout.body):
        rule = found[k]
        if rule is not None and rule.where == "any":
            layout.dropped[k] = rule.name
        elif k in outside:
            layout.dropped[k] = "outside"


def _drop_tail(layout: Layout, lines, found, outside) -> None:
    ended = signed = annex = False
    for k in range(layout.body[1], len(lines)):
        rule, bare = found[k], lines[k].strip()
        if ended:
            layout.dropped[k] = "after_text"
            continue
        if rule is not None:
            layout.dropped[k] = rule.name
            ended = rule.where == "end"
            if rule.where == "stamp":
                layout.stamps.append(k)
            continue
        if k in outside:
            layout.dropped[k] = "outside"
        elif _FILE_NAME.fullmatch(bare):
            layout.dropped[k] = "attachment"
        elif _ANNEX.match(bare) or "\t" in bare:
            annex = True
        elif (dates := find_dates(bare)) and len(bare) <= 60 and dates[-1].end >= len(bare) - 6:
            signed = True
        elif ORGANISATION.fullmatch(bare) or _SIGNED_NOTE.fullmatch(bare):
            if signed and not annex and ORGANISATION.fullmatch(bare):
                layout.dropped[k] = "after_text"
        elif signed and not annex:
            layout.dropped[k] = "after_text"
        elif not annex and not _HEADING.match(bare) and len(bare) < 20 and not bare.endswith(("。", "：", ":")):
            layout.dropped[k] = "after_text"
