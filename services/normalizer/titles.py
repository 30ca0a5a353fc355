"""Which lines of a page are its title: in one line, broken over several, or of another kind of document. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.normalizer.line_forms import FORM, HEADING, ORGANISATION, TITLE_YEAR, is_title

if TYPE_CHECKING:
    from services.normalizer.layout import Layout

#: A line that a title may begin with before it breaks: a body, a place or 关于, each with its year.
_OPENS_TITLE = re.compile(
    rf"(?P<name>{ORGANISATION.pattern}|[一-龥]{{2,24}}(?:省|自治区|市|州|盟|县|区|旗|镇|乡|街道))?\s?(?:关于)?\s?(?:{TITLE_YEAR})?(?:关于)?"
)
_GOES_ON = ("关于", "20", "二〇", "二○", "二零", "法治", "年度", "依法", "推进", "贯彻", "落实")
#: The rest of a title whose line broke inside of a phrase or a name, and what may be added to a whole title.
_REST_OF_TITLE = re.compile(rf"[^，。；,;:：]{{0,40}}(?:{FORM})(?:[(（][^()（）]{{1,16}}[)）])?")
_ADDED_TO_TITLE = re.compile(r"(?:及|暨|和|与)[^，。；,;:：]{2,40}|(?:工作|情况|的|年度){0,2}(?:报告|总结|汇报|年报)")
_IS_OPEN = re.compile(r"(?:的|和|与|及|暨|关于|《[^》]{0,60}|[(（][^)）]{0,30})$")
_HOLDS_SUBJECT = re.compile(r"关于|20[0-9]{2}|二[〇○零]|《")
#: A title has no more lines than this: body, year, subject, addition.
_TITLE_LINES = 4


def find_title(layout: Layout, names: tuple[str, ...]) -> tuple[int, int] | None:
    """The best line that has the form of a title, before the text has begun in earnest; of equals the last."""
    limit = max(300, sum(layout.prose) // 10)
    read = 0
    best: tuple[int, int] | None = None
    for k, line in enumerate(layout.lines):
        rule = layout.rules[k]
        if read and (layout.outside[k] or (rule is not None and rule.where == "end")):
            break  # what follows the text are the titles of other pages
        if rule is None and is_title(line):
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
                if _REST_OF_TITLE.fullmatch(layout.lines[last]) and is_title(title):
                    return _first_of_title(layout, k), _last_of_title(layout, last)
        read += layout.prose[k]
        if read > limit:
            break
    return None


_PROSE_END = re.compile("[，。；,;:：！、]$")


def _is_plain(layout: Layout, k: int) -> bool:
    """Whether line `k` may be a piece of a title."""
    return layout.rules[k] is None and 0 < len(layout.lines[k]) <= 60 and not HEADING.match(layout.lines[k])


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
