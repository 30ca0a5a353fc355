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
    first: frozenset[str]  # each match begins with one of these,
    holds: frozenset[str]  # or holds one of these
    yes: tuple[str, ...]
    no: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The entries of furniture.toml, in file order."""
    table = tomllib.loads(files(__package__).joinpath("furniture.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(name, entry["where"], re.compile(entry["pattern"]), frozenset(entry.get("first", "")),
             frozenset(entry.get("holds", "")), tuple(entry["yes"]), tuple(entry["no"]))
        for name, entry in table.items()
    )  # fmt: skip


_HELD_SIGNS = re.compile(f"[{re.escape(''.join(sorted(frozenset().union(*(rule.holds for rule in rules())))))}]")


@lru_cache(maxsize=4096)
def _candidates(first: str, held: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that a trimmed line may match which begins with `first` and holds the signs `held`: one of 17 on average."""
    return tuple(
        rule
        for rule in rules()
        if first in rule.first or not held.isdisjoint(rule.holds) or not (rule.first or rule.holds)
    )


def rule_of(line: str) -> Rule | None:
    """The first rule that matches the whole line."""
    if not line or len(line) > MAX_FURNITURE_LINE or (len(line) > 60 and line[-1] in "。；;" and line[0] != "《"):
        return None
    for rule in _candidates(line[0], frozenset(_HELD_SIGNS.findall(line))):
        if rule.pattern.fullmatch(line):
            return rule
    return None


@dataclass(slots=True)
class Layout:
    """The lines of a page and what each of them is. A long line may stand in several pieces, each a line here."""

    spans: list[tuple[int, int]]
    lines: list[str]  # their text, trimmed
    rules: list[Rule | None]  # the furniture rule that matches the whole line
    outside: list[bool]  # the markup puts the line outside of the main block
    prose: list[int]  # characters of running text
    dropped: list[str | None]  # the rule that drops the line
    title: tuple[int, int] | None = None  # first and last line of the title
    body: tuple[int, int] = (0, 0)  # first line of the text and the line after its last
    stamps: list[int] = field(default_factory=list)  # publication lines
    signatures: set[int] = field(default_factory=set)  # lines after the text that name its body or its date


_PROSE_SIGNS = frozenset("，。；、,;！")
_PROSE_MARK = re.compile(f"[{''.join(sorted(_PROSE_SIGNS))}]")
_HEADING = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}部分|[0-9]{1,2}[.、]\s?[\u4e00-\u9fff]"
)
_ADDRESSEE = re.compile(r"[^，。；,;:：]{2,60}[:：]")
_SUBJECT = r"法治(?:政府|建设|工作|[一-龥]{1,8})|依法行政|依法治[一-龥]{1,4}|政府工作|政府信息公开|信息公开|行政执法|行政复议|行政应诉|普法|述法"
_FORM = r"报告|总结|情况|汇报|年报|公报|通报|要点|述职|述法|[白蓝]皮书"
TITLE = re.compile(
    rf"[^。；;]{{0,70}}(?:{_SUBJECT})[^。；;]{{0,40}}(?:{_FORM})[^。；;，,]{{0,16}}(?:[—–-]{{1,4}}[^。；;]{{4,40}}会议上|\s?[_|-]\s?[^。；;，,]{{2,40}}(?:政府|网站?|门户))?"
)
#: A line that says a report follows, or ends like a sentence, is the first of the text and no title.
_OPENING = re.compile(r"现将|现就|如下")
_OPENING_ENDS = frozenset(":：。，,；;")
_BARE_LABEL = re.compile(r"[·•*◆-]?\s?[一-龥\s]{2,8}\s?[:：]")
_LABEL_OR_NUMBER = re.compile("[:：0-9]|法治|依法|报告")
_TITLE_HINT = re.compile("法治|依法|政府|信息公开|行政|[执普述]法")
ORGANISATION = re.compile(
    r"[\u3400-\u9fff()（）、\s]{2,60}(?:人民政府|政府|委员会|管委会|管理委员会|局|厅|办公室|办|处|院|中心|领导小组|委|公署|部|队|所|站|会|馆|行|海关|公司|大学|学院)"
    r"(?:\s?[(（](?:盖章|印章|章|公章|代章)[)）])?"
)
_TITLE_YEAR = r"(?:20[0-9]{2}|二[〇○零][〇○零一二三四五六七八九]{2})年(?:度)?"
#: A line that a title may begin with before it breaks: a body, a place or 关于, each with its year.
_OPENS_TITLE = re.compile(
    rf"(?P<name>{ORGANISATION.pattern}|[一-龥]{{2,24}}(?:省|自治区|市|州|盟|县|区|旗|镇|乡|街道))?\s?(?:关于)?\s?(?:{_TITLE_YEAR})?(?:关于)?"
)
_GOES_ON = ("关于", "20", "二〇", "二○", "二零", "法治", "年度", "依法", "推进", "贯彻", "落实")
#: The rest of a title whose line broke inside of a phrase or a name, and what may be added to a whole title.
_REST_OF_TITLE = re.compile(rf"[^，。；,;:：]{{0,40}}(?:{_FORM})(?:[(（][^()（）]{{1,16}}[)）])?")
_ADDED_TO_TITLE = re.compile(r"(?:及|暨|和|与)[^，。；,;:：]{2,40}|(?:工作|情况|的|年度){0,2}(?:报告|总结|汇报|年报)")
_IS_OPEN = re.compile(r"(?:的|和|与|及|暨|关于|《[^》]{0,60}|[(（][^)）]{0,30})$")
_HOLDS_SUBJECT = re.compile(r"关于|20[0-9]{2}|二[〇○零]|《")
#: A title has no more lines than this: body, year, subject, addition.
_TITLE_LINES = 4
_ANNEX = re.compile(r"附[件表录:：]|附\s?[:：]|注[:：]|备注|表[0-9一二三四五六七八九十]")
_FILE_NAME = re.compile(r".{0,120}\.(?:docx?|wps|xlsx?|pdf|zip|rar|pptx?|jpe?g|png|et|ofd)\b.{0,30}", re.IGNORECASE)
_SIGNED_NOTE = re.compile(r"[(（].{0,8}(?:此件|联系人|信息公开|公开).{0,40}[)）]|(?:联系人|联系电话|抄送)[:：].{0,80}")


def lay_out(text: str, *, outside: frozenset[int] = frozenset(), names: tuple[str, ...] = ()) -> Layout:
    """The layout of `text`, one paragraph a line.

    `outside` are the numbers of the paragraphs that the markup puts outside of the main block, `names` the titles that
    the page gives in its head.
    """
    pieces = _pieces_of_lines(text)
    spans = [span for _, span in pieces]
    lines = [text[start:end].strip() for start, end in spans]
    layout = Layout(
        spans=spans,
        lines=lines,
        rules=[],
        outside=[paragraph in outside for paragraph, _ in pieces],
        prose=[0] * len(lines),
        dropped=[None] * len(lines),
    )
    # Outside of the main block only publication lines are of use, and they hold a colon or a number;
    # a line that might be taken for a title must be known for what it is too.
    layout.rules = [
        rule_of(line) if not layout.outside[k] or _LABEL_OR_NUMBER.search(line) else None
        for k, line in enumerate(lines)
    ]
    _take_values(layout)
    for k, line in enumerate(lines):
        if len(line) >= 20 and layout.rules[k] is None and not layout.outside[k] and _is_prose(line):
            layout.prose[k] = len(line)
    layout.title = _find_title(layout, names)
    first = _first_line(layout)
    layout.body = first, _last_line(layout, first)
    _drop_head(layout)
    _drop_inside(layout)
    _drop_tail(layout)
    return layout


#: A line longer than this may hold a title, a publication line or a signature beside its text (one-line pages).
_LONG = 200
_WORD_GAP = re.compile(r" (?![0-9]{1,2}[:：][0-9])")
_SENTENCE_END = re.compile("[。！？]")


def _pieces_of_lines(text: str) -> list[tuple[int, tuple[int, int]]]:
    """Number of the paragraph and span of each line.

    A long line is cut at the spaces before its first and after its last sentence, so that furniture on the same line
    can be told from the text.
    """
    pieces: list[tuple[int, tuple[int, int]]] = []
    has_gaps = " " in text or "\t" in text
    at = 0
    first = True
    for paragraph, line in enumerate(text.split("\n")):
        end = at + len(line)
        is_short = len(line) <= _LONG and line[:1] not in _TITLE_LABEL_STARTS
        if is_short and not (has_gaps and (" " in line or "\t" in line)):
            pieces.append((paragraph, (at, end)))
            at = end + 1
            continue
        label = _TITLE_LABEL.match(text, at, end) if line[:1] in _TITLE_LABEL_STARTS else None
        if label and _is_title(text[label.end() : min(end, label.end() + 200)].split("\t", 1)[0].strip()):
            pieces.append((paragraph, (at, label.end())))
            at = label.end()
            tab = text.find("\t", at, end)
            if tab >= 0:
                pieces.append((paragraph, (at, tab)))
                at = tab + 1
        stamp = (
            _STAMP_BESIDE.search(text, at, end)
            if paragraph < _HEAD_LINES and _SHORTEST_TITLE < end - at <= _LONG
            else None
        )
        if stamp and _is_title(text[at : stamp.start()].strip()):
            pieces.append((paragraph, (at, stamp.start())))
            at = stamp.end()
        if end - at > _LONG:
            cut = _title_end(text, at, end) if first else None
            glued = _glued_title(text, at, end) if first and cut is None else None
            first = False
            if cut is not None:
                pieces.append((paragraph, (at, cut)))
                at = cut + 1
            elif glued is not None:
                pieces.append((paragraph, (at, glued)))
                at = glued
            pieces += [(paragraph, span) for span in _pieces(text, at, end)]
        else:
            pieces.append((paragraph, (at, end)))
        at = end + 1
    return pieces


#: A label of the page's table before the title.
_TITLE_LABEL = re.compile(
    r"(?:标\s{0,2}题|名\s{0,2}称|题\s{0,2}名|(?:信息|文件|报告|公文|文章)(?:名称|标题)|(?:[·•]\s?)?中文名称?|附件\s?[0-9]{0,2})\s?(?:[:：]\s{0,3}|\t{1,3})"
)
_TITLE_LABEL_STARTS = frozenset("标名题信文报公附中·•")


#: A publication line on the line of the title.
_STAMP_BESIDE = re.compile(
    r"[ \t](?=[\[【(]?(?:(?:发布|发文|公开|成文|生成|更新|来源|信息来源|文章来源|作者|时间|日期|索引号|浏览|阅读|点击|字体|字号)[^ \n]{0,4}[:：]|20[0-9]{2}[-/.][0-9]))"
)
#: Paragraphs of a page that are looked through for such a line; menus of up to some hundred lines stand above a title.
_HEAD_LINES = 400
#: Shorter lines are menus; they are most of the lines of an HTML page.
_SHORTEST_TITLE = 16


def _title_end(text: str, start: int, end: int) -> int | None:
    """Where a title ends that only a colon parts from the text on its line."""
    found = _COLON.search(text, start, min(start + 80, end))
    before = text[start : found.start()].strip() if found else " "
    return found.start() if found and " " not in before and _is_title(before) else None


_COLON = re.compile("[:：]")
#: The end of a title that the first sentence of the text is glued to.
_GLUED_TITLE = re.compile(
    rf"(?:{_FORM})(?=(?:(?:20[0-9]{{2}}|二[〇○零].{{2}})年(?:度|以来|来)?[,，]|一年来|近年来|根据|按照|依据|为深入|为贯彻|现将))"
)


def _glued_title(text: str, start: int, end: int) -> int | None:
    """Where a title ends that nothing parts from the text on its line."""
    found = _GLUED_TITLE.search(text, start, min(start + _SHORTEST_TITLE + 80, end))
    return found.end() if found and _is_title(text[start : found.end()]) else None


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if text[end - 1] in "。！？" and text.find(" ", start, end) < 0:
        return [(start, end)]
    cuts = []
    first = _PROSE_MARK.search(text, start, min(start + 600, end))
    head = first.start() if first else start
    while _LABEL_BEFORE.search(text, start, head) and (
        later := _PROSE_MARK.search(text, head + 1, min(head + 200, end))
    ):
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


def _take_values(layout: Layout) -> None:
    """A publication label that stands alone has its value on the next line."""
    lines, rules = layout.lines, layout.rules
    for k in range(len(lines) - 1):
        rule = rules[k]
        if rule is None or rule.where != "stamp" or not _BARE_LABEL.fullmatch(lines[k]):
            continue
        value = lines[k + 1]
        after = lines[k + 2] if k + 2 < len(lines) else ""
        is_year_of_title = not _LABEL_OF_BODY.search(lines[k]) and after.startswith("20") and _is_title(after)
        broken_title = after.startswith("关于") or is_year_of_title
        is_value = len(value) <= 60 and not _SENTENCE_END.search(value) and not TITLE.fullmatch(value)
        if rules[k + 1] is None and is_value and not broken_title:
            rules[k + 1] = rule


#: 发布机构: the next line is a body, whatever follows.
_LABEL_OF_BODY = re.compile("机构|机关|单位|部门|来\\s?源|作\\s?者|主体")


def _is_prose(line: str) -> bool:
    return line[-1] in _PROSE_SIGNS or _PROSE_MARK.search(line) is not None


def _find_title(layout: Layout, names: tuple[str, ...]) -> tuple[int, int] | None:
    """The best line that has the form of a title, before the text has begun in earnest; of equals the last."""
    limit = max(300, sum(layout.prose) // 10)
    read = 0
    best: tuple[int, int] | None = None
    for k, line in enumerate(layout.lines):
        rule = layout.rules[k]
        if read and (layout.outside[k] or (rule is not None and rule.where == "end")):
            break  # what follows the text are the titles of other pages
        if rule is None and _is_title(line):
            score = 3 + 2 * bool(_YEAR.search(line)) + ("关于" in line) + 3 * any(line in name for name in names)
            if best is None or score >= best[0]:
                best = score, k
        read += layout.prose[k]
        if read > limit:
            break
    if best is None:
        return _broken_title(layout, limit) or _title_of_another_kind(layout, names)
    for k in range(best[1]):
        if layout.lines[k] == layout.lines[best[1]] and (first := _first_of_title(layout, k)) < k:
            return first, _last_of_title(layout, k)
    return _first_of_title(layout, best[1]), _last_of_title(layout, best[1])


def _broken_title(layout: Layout, limit: int) -> tuple[int, int] | None:
    """Two or three lines that are a title only together: the break stands inside of its subject."""
    read = 0
    for k, line in enumerate(layout.lines[:-1]):
        if _is_plain(layout, k) and _HOLDS_SUBJECT.search(line) and not _PROSE_END.search(line):
            title = line
            for last in range(k + 1, min(k + _TITLE_LINES, len(layout.lines))):
                if not _is_plain(layout, last):
                    break
                title += layout.lines[last]
                if _REST_OF_TITLE.fullmatch(layout.lines[last]) and _is_title(title):
                    return _first_of_title(layout, k), _last_of_title(layout, last)
        read += layout.prose[k]
        if read > limit:
            break
    return None


_PROSE_END = re.compile("[，。；,;:：！、]$")


def _is_plain(layout: Layout, k: int) -> bool:
    """Whether line `k` may be a piece of a title."""
    return layout.rules[k] is None and 0 < len(layout.lines[k]) <= 60 and not _HEADING.match(layout.lines[k])


def _title_of_another_kind(layout: Layout, names: tuple[str, ...]) -> tuple[int, int] | None:
    """The last line before the text that the head of the page gives as its title too, or that names its kind."""
    found = None
    for k, line in enumerate(layout.lines):
        if len(line) < _SHORTEST_NAME or layout.rules[k] is not None:
            continue
        says_kind = not layout.outside[k] and line[-1] in _LAST_OF_KIND and _KIND_OF_DOCUMENT.fullmatch(line)
        if says_kind or any(line in name for name in names):
            found = k, k
        if layout.prose[k]:
            break
    return found


_SHORTEST_NAME = 8
_LAST_OF_KIND = frozenset("案划要排见法定则例单知告示引读)")
#: Names of documents that are no reports: 方案, 通知, 办法 …
_KIND_OF_DOCUMENT = re.compile(
    "(?=.{0,70}(?:关于|[省市县区州旗镇乡局厅委办院部《]))[^，。；,;:：！？]{4,70}(?:方案|规划|纲要|要点|安排|意见|办法|规定|决定|规则|细则|条例|清单|通知|公告|通告|公示|指引|解读)"
    "(?:[(（][^()（）]{2,20}[)）])?"
)
_YEAR = re.compile("20[0-9]{2}|二[〇○零]")


def _is_title(line: str) -> bool:
    return (
        0 < len(line) <= 100
        and line[-1] not in _OPENING_ENDS
        and _TITLE_HINT.search(line) is not None
        and TITLE.fullmatch(line) is not None
        and _OPENING.search(line) is None
        and _HEADING.match(line) is None
    )


def _first_of_title(layout: Layout, k: int) -> int:
    """The line that the title whose end is line `k` begins on: body, 关于 and year may stand on lines of their own."""
    first = k
    while first > 0 and k - first < _TITLE_LINES - 1 and _is_plain(layout, first - 1):
        before = _OPENS_TITLE.fullmatch(layout.lines[first - 1])
        if before is None or not before[0]:
            break
        ends_open = before[0].endswith(("关于", "年", "年度"))
        if not ends_open and not layout.lines[first].startswith(_GOES_ON):
            break
        if before["name"] and _NAMES_BODY.search(layout.lines[first]) and not _PARTY_COMMITTEE.fullmatch(before[0]):
            break  # the body of a publication line
        first -= 1
        if before["name"]:
            if first and _PARTY_COMMITTEE.fullmatch(layout.lines[first - 1]):
                first -= 1
            break
    return first


#: A body inside of a title, which needs no other on the line above.
_NAMES_BODY = re.compile("(?:政府|管委会|委员会|办事处|[局厅署])(?=关于|20[0-9]{2}|法治|依法)")
#: The committee that reports together with its government, on the line above.
_PARTY_COMMITTEE = re.compile("中共[一-龥]{2,24}(?:委员会|党委|党工委|党组|[省市县区州旗盟]委)")


def _last_of_title(layout: Layout, k: int) -> int:
    """The line that the title ends on: one that is left open goes on, and 暨… or 报告 may stand on its own line."""
    last = k
    while last + 1 < len(layout.lines) and last - k < _TITLE_LINES - 2 and _is_plain(layout, last + 1):
        after, line = layout.lines[last + 1], layout.lines[last]
        is_open = _IS_OPEN.search(line) is not None and _REST_OF_TITLE.fullmatch(after) is not None
        if not is_open and (_ADDED_TO_TITLE.fullmatch(after) is None or layout.prose[last + 1]):
            break
        last += 1
    return last


def _first_line(layout: Layout) -> int:
    begin = layout.title[1] + 1 if layout.title else 0
    for k in range(begin, len(layout.lines)):
        if layout.rules[k] is not None or layout.outside[k]:
            continue
        if layout.prose[k] or _HEADING.match(layout.lines[k]) or _ADDRESSEE.fullmatch(layout.lines[k]):
            return k
    return begin


def _last_line(layout: Layout, first: int) -> int:
    """The line after the last line of prose that stands before the furniture at the end."""
    total = sum(layout.prose)
    rest = sum(layout.prose[first:])
    last = first
    for k in range(first, len(layout.lines)):
        rule = layout.rules[k]
        if rule is not None and rule.where == "end" and rest <= max(200, total // 10):
            break
        rest -= layout.prose[k]
        if layout.prose[k]:
            last = k + 1
        elif rest and 2 * rest < total and _signs_all(layout, k):
            break
    return last


def _signs_all(layout: Layout, k: int) -> bool:
    """Whether line `k` is the date under the name of a body, and nothing that follows may be the report's."""
    line = layout.lines[k]
    if not line.endswith("日") or not _is_signature(line):
        return False
    dated = line[: find_dates(line)[0].start].strip("(（ ")
    is_signed = dated or (k and ORGANISATION.fullmatch(layout.lines[k - 1]))
    after = [later for later in range(k + 1, len(layout.lines)) if not layout.outside[later]]
    return bool(is_signed) and not any(
        _HEADING.match(layout.lines[later]) or _ANNEX.match(layout.lines[later]) or "\t" in layout.lines[later]
        for later in after
    )


def _drop_head(layout: Layout) -> None:
    first, last = layout.title or (0, -1)
    for k in range(layout.body[0]):
        rule = layout.rules[k]
        if rule is not None and rule.where == "stamp":
            layout.stamps.append(k)
        if k < first:
            layout.dropped[k] = rule.name if rule else "before_title"
        elif first <= k <= last:
            continue
        elif rule is not None:
            layout.dropped[k] = rule.name
        elif layout.outside[k]:
            layout.dropped[k] = "outside"
        elif layout.title and layout.lines[k] == layout.lines[last]:
            layout.dropped[k] = "title_again"
        elif layout.title is None and len(layout.lines[k]) < 30:
            layout.dropped[k] = "before_text"


def _drop_inside(layout: Layout) -> None:
    for k in range(*layout.body):
        rule = layout.rules[k]
        if rule is not None and rule.where == "any":
            layout.dropped[k] = rule.name
        elif layout.outside[k]:
            layout.dropped[k] = "outside"


@dataclass(slots=True)
class _Tail:
    """How far the end of the page has been read."""

    over: bool = False  # furniture began that nothing of the report follows
    signed: bool = False
    annex: bool = False


def _drop_tail(layout: Layout) -> None:
    """After the last prose: signature and annexes stay, furniture goes, and what follows furniture goes too."""
    tail = _Tail()
    anchor = _last_anchor(layout)
    for k in range(layout.body[1], len(layout.lines)):
        rule = layout.rules[k]
        if tail.over:
            layout.dropped[k] = "after_text"
        elif rule is not None and not _dates_signature(layout, k):
            layout.dropped[k] = rule.name
            tail.over = rule.where == "end"
            if rule.where == "stamp":
                layout.stamps.append(k)
        elif layout.outside[k]:
            layout.dropped[k] = "outside"
        elif k >= anchor:
            is_signature = k in layout.signatures or (rule is not None and _is_signature(layout.lines[k]))
            layout.dropped[k] = _unfit_for_tail(layout.lines[k], tail, is_signature=is_signature)


def _last_anchor(layout: Layout) -> int:
    """The last line at the end of the page that surely is the report's: a row of a table, a signature, its date, or a
    sentence ahead of them.

    What stands before it (a heading, a remark) is the report's too.
    """
    anchor = layout.body[1]
    for k in range(layout.body[1], len(layout.lines)):
        rule, line = layout.rules[k], layout.lines[k]
        if rule is not None and rule.where == "end":
            break
        if rule is None and not layout.outside[k]:
            if _is_signature(line):
                layout.signatures.add(k)
            if "\t" in line or k in layout.signatures or (line.endswith("。") and not layout.signatures):
                anchor = k
    return anchor


def _dates_signature(layout: Layout, k: int) -> bool:
    """Whether line `k`, a date in digits and nothing else, stands under the name of a body: 2024.1.15."""
    rule, above = layout.rules[k], layout.lines[k - 1] if k else ""
    is_date = rule is not None and rule.name == "date_stamp" and _DATE_ALONE.fullmatch(layout.lines[k]) is not None
    return is_date and layout.rules[k - 1] is None and ORGANISATION.fullmatch(above) is not None


_DATE_ALONE = re.compile("20[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")
_MONTH_ALONE = re.compile(rf"{_TITLE_YEAR}\s?[0-9一二三四五六七八九十]{{1,2}}\s?月(?:份)?")


def _is_signature(line: str) -> bool:
    """A body's name, a date, or both; a note in brackets may follow."""
    if len(line) > 60:
        return False
    dates = find_dates(line)
    name = line[: dates[0].start].strip() if dates else line
    if dates and _SIGNED_NOTE.sub("", line[dates[-1].end :]).strip(" )）。"):
        return False
    if _MONTH_ALONE.fullmatch(line):
        return True
    return (not name and bool(dates)) or ORGANISATION.fullmatch(name.strip("(（ ")) is not None


def _unfit_for_tail(line: str, tail: _Tail, *, is_signature: bool) -> str | None:
    """The rule that drops a line of no furniture rule from the tail, or None where it belongs to the report."""
    if "." in line and _FILE_NAME.fullmatch(line):
        return "attachment"
    if tail.annex or _ANNEX.match(line) or "\t" in line:
        tail.annex = True
        return None
    if tail.signed:
        return "after_text"
    if is_signature:
        tail.signed = bool(find_dates(line))
        return None
    if len(line) <= 60 and _SIGNED_NOTE.fullmatch(line):
        return None
    is_remark = _HEADING.match(line) or len(line) >= 20 or line.endswith(("。", "：", ":"))
    return None if is_remark else "after_text"
