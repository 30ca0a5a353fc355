"""What one line of a page may be by its words: prose, a heading, a title, a body, a signature. Pure."""

from __future__ import annotations

import re

from services.normalizer.dates import find_dates

_PROSE_SIGNS = frozenset("，。；、,;！")
PROSE_MARK = re.compile(f"[{''.join(sorted(_PROSE_SIGNS))}]")
HEADING = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}部分|[0-9]{1,2}[.、]\s?[\u4e00-\u9fff]"
)
ADDRESSEE = re.compile(r"[^，。；,;:：]{2,60}[:：]")
ORGANISATION = re.compile(
    r"[\u3400-\u9fff()（）、\s]{2,60}(?:人民政府|政府|委员会|管委会|管理委员会|局|厅|办公室|办|处|院|中心|领导小组|委|公署|部|队|所|站|会|馆|行|海关|公司|大学|学院)"
    r"(?:\s?[(（](?:盖章|印章|章|公章|代章)[)）])?"
)
TITLE_YEAR = r"(?:20[0-9]{2}|二[〇○零][〇○零一二三四五六七八九]{2})年(?:度)?"
_SUBJECT = r"法治(?:政府|建设|工作|[一-龥]{1,8})|依法行政|依法治[一-龥]{1,4}|政府工作|政府信息公开|信息公开|行政执法|行政复议|行政应诉|普法|述法"
FORM = r"报告|总结|情况|汇报|年报|公报|通报|要点|述职|述法|[白蓝]皮书"
TITLE = re.compile(
    rf"[^。；;]{{0,70}}(?:{_SUBJECT})[^。；;]{{0,40}}(?:{FORM})[^。；;，,]{{0,16}}(?:[—–-]{{1,4}}[^。；;]{{4,40}}会议上|\s?[_|-]\s?[^。；;，,]{{2,40}}(?:政府|网站?|门户))?"
)
#: A line that says a report follows, or ends like a sentence, is the first of the text and no title.
_OPENING = re.compile(r"现将|现就|如下")
_OPENING_ENDS = frozenset(":：。，,；;")
_TITLE_HINT = re.compile("法治|依法|政府|信息公开|行政|[执普述]法")
SIGNED_NOTE = re.compile(r"[(（].{0,8}(?:此件|联系人|信息公开|公开).{0,40}[)）]|(?:联系人|联系电话|抄送)[:：].{0,80}")
_MONTH_ALONE = re.compile(rf"{TITLE_YEAR}\s?[0-9一二三四五六七八九十]{{1,2}}\s?月(?:份)?")


def is_prose(line: str) -> bool:
    """Whether the line, trimmed and not empty, is running text."""
    return line[-1] in _PROSE_SIGNS or PROSE_MARK.search(line) is not None


#: Characters of a title at most; the longest seen, of three bodies together, has 74.
_LONGEST_TITLE = 100
#: Characters of a signature at most: a body's name, a date and a note.
_LONGEST_SIGNATURE = 60


def is_title(line: str) -> bool:
    """Whether the whole line has the form of the title of a report."""
    return (
        0 < len(line) <= _LONGEST_TITLE
        and line[-1] not in _OPENING_ENDS
        and _TITLE_HINT.search(line) is not None
        and TITLE.fullmatch(line) is not None
        and _OPENING.search(line) is None
        and HEADING.match(line) is None
    )


def is_signature(line: str) -> bool:
    """A body's name, a date, or both; a note in brackets may follow."""
    if len(line) > _LONGEST_SIGNATURE:
        return False
    dates = find_dates(line)
    name = line[: dates[0].start].strip() if dates else line
    if dates and SIGNED_NOTE.sub("", line[dates[-1].end :]).strip(" )）。"):
        return False
    if _MONTH_ALONE.fullmatch(line):
        return True
    return (not name and bool(dates)) or ORGANISATION.fullmatch(name.strip("(（ ")) is not None
