"""White space, line ends, letter spacing and signs: every page in one shape, one paragraph a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from services.normalizer.draft import Draft, Edit
from services.normalizer.signs import ANY_SIGN, members
from services.normalizer.width import CIRCLED, ENUMERATORS, SUBSCRIPTS, SUPERSCRIPTS, UNITS
from shared.errors import Permanent, Reason
from shared.events import Change

if TYPE_CHECKING:
    from collections.abc import Callable

#: Line ends of a page. The longest work report with its annexes has 670.
MAX_LINES = 200_000
#: Places where white space, letter spacing or signs are rewritten. The busiest
#: work report has 909.
MAX_EDITS = 200_000

#: White space but for the line feed, and signs without width.
_BLANKS = "\t\x0b\x0c\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
_GAP_SIGN = f"[\n{_BLANKS}{_INVISIBLE}]"
_GAP = re.compile(f"{_GAP_SIGN}+")
#: A gap that is not one plain sign. Most gaps are one line feed, and need no look (0.05 against 0.3 µs).
_IRREGULAR_GAP = re.compile(rf"{_GAP_SIGN}(?:{_GAP_SIGN}+|(?<=[^ \n\t])|\Z|(?<=\A[\s\S]))")
_REWRITTEN = "".join((*UNITS, *ENUMERATORS, *SUPERSCRIPTS, *SUBSCRIPTS, *CIRCLED))
_A_SIGN = re.compile(f"[{_REWRITTEN}]")
_SIGN = re.compile(
    # A power of ten, but not a footnote mark beside the number ten (10²件).
    r"(?P<power>(?<![0-9])10(?:[³⁴⁵⁶⁷⁸⁹]|(?<=[×xX*]10)[⁰¹²]|[¹²][⁰-⁹]|²(?![件个名人项份次起条户家场])))"
    r"|(?P<square>(?<![A-Za-z])[kcdm]?m[²³](?![A-Za-z]))"
    # Behind a number, or behind up to two signs without width that stand between.
    rf"|(?P<note>(?:(?<=[0-9])|(?<=[0-9][{_INVISIBLE}])|(?<=[0-9][{_INVISIBLE}]{{2}}))[①-⑳]{{1,3}}+(?=[\u4e00-\u9fff])|[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾]{{1,8}}+)"
    rf"|(?P<sign>[{re.escape(''.join((*UNITS, *ENUMERATORS, *SUBSCRIPTS)))}])"
)
_SQUARES = {"m²": "平方米", "m³": "立方米", "km²": "平方公里", "cm²": "平方厘米", "mm²": "平方毫米", "dm²": "平方分米",
            "cm³": "立方厘米", "km³": "立方公里", "mm³": "立方毫米", "dm³": "立方分米"}  # fmt: skip
_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACE = "[ \u3000\xa0\u2002-\u200a]"
_LETTER_SPACED_HINT = re.compile(rf"{_SPACE}\S{_SPACE}{{1,4}}\S{_SPACE}")
_LETTER = r"[\u3400-\u9fff〇0-9A-Za-z()（）《》〔〕]"
_LETTER_SPACED = re.compile(rf"(?<!\S){_LETTER}(?:{_SPACE}{{1,4}}{_LETTER}){{3,60}}(?!\S)")
_SINGLE_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff〇]")
_SPACED_DATE = re.compile(r"[0-9]{1,4}(?=[年月日])")


#: How to read the character before it, which a mirror that converts scripts adds: 机(jī)关(guān).
_PINYIN = re.compile(
    "(?<=[\u4e00-\u9fff])[(（](?=[a-z]{0,4}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ])[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,6}[)）]"
)
_TONES = "īìíéùúà"
#: What the steps below look for, single line feeds aside.
TIDIED = f"{_BLANKS}{_INVISIBLE}{_REWRITTEN}{_TONES}|#*?"
_GAP_SIGNS, _BLANK_SIGNS, _REWRITTEN_SIGNS = members(_BLANKS + _INVISIBLE), members(_BLANKS), members(_REWRITTEN)


def tidy(draft: Draft, signs: frozenset[str] = ANY_SIGN) -> tuple[Draft, list[Edit], list[Change]]:
    """The draft with one line a paragraph, single spaces, and signs in their words.

    `signs` are those of TIDIED that the text has, where that is known.
    Returns the edits too, so that the caller can carry line offsets over (`carried`), and the changes that a reader
    should know of (units, enumerators, footnote marks). Raises Permanent `too_complex` beyond MAX_LINES lines.
    """
    text = draft.text
    if len(text) > 2 * MAX_LINES and text.count("\n") + text.count("\r") > 2 * MAX_LINES:  # \r\n counts twice
        raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_LINES} lines")
    edits = _crawler_marks(text, signs) if signs else []  # of two edits at one place the first counts
    if not signs.isdisjoint(_BLANK_SIGNS) and _LETTER_SPACED_HINT.search(text):
        edits += _letter_spacing(text)
    logged = _signs(text) if not signs.isdisjoint(_REWRITTEN_SIGNS) else []
    gaps = _gaps(text, _wrapped_breaks(text) | _breaks_in_dates(text), signs)
    edits = _disjoint([*edits, *gaps, *(edit for _, edit in logged)]) if edits or logged else gaps
    changes = []
    for rule, edit in logged:
        start, end = draft.to_source(edit.start, edit.end)
        changes.append(
            Change(rule=rule, raw_start=start, raw_end=end, before=text[edit.start : edit.end], after=edit.after)
        )
    return draft.edited(edits), edits, changes


def _signs(text: str) -> list[tuple[str, Edit]]:
    """Edits for units, enumerators, powers and footnote marks, each with its rule. A match begins at most two
    characters before its first sign (10³, km²): tried there, and not at each character of the text.
    """
    found: list[tuple[str, Edit]] = []
    at = 0
    for sign in _A_SIGN.finditer(text):
        for start in range(max(at, sign.start() - 2), sign.end()):
            match = _SIGN.match(text, start)
            if match is not None:
                found.append((f"sign.{match.lastgroup}", Edit(start, _end_of_sign(text, match), _rewritten(match))))
                at = match.end()
                break
        if len(found) == MAX_EDITS:
            raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_EDITS} signs to rewrite")
    return found


def _crawler_marks(text: str, signs: frozenset[str]) -> list[Edit]:
    """Edits for what a crawler that wrote plain text made of the markup: pipes of tables, marks of Markdown."""
    edits = _pipe_tables(text) if "|" in signs else []
    if not signs.isdisjoint(_BLANK_SIGNS) and _SPACED_NUMBER.search(text):
        edits += _spaced_tables(text)
    if "*" in signs or "#" in signs:
        edits += [
            Edit(*found.span(mark), "") for found in _MARKDOWN.finditer(text) for mark in (1, 2, 3) if found[mark]
        ]
    if "?" in signs:
        edits += [Edit(*found.span(), "") for found in _LOST_INDENT.finditer(text)]
    if not signs.isdisjoint(_TONES):
        edits += [Edit(*found.span(), "") for found in _PINYIN.finditer(text)]
    return edits


#: Wide spaces at the start of a line that a mirror could not write.
_LOST_INDENT = re.compile(r"(?m)^[ \t]{0,8}\?{2,4}(?=[\u4e00-\u9fff0-9(（])")
#: Marks of headings and bold letters, in crawls that were written as Markdown.
_MARKDOWN = re.compile(r"(?m)^(#{1,6} )(?=\S)|(\*\*)(?=[^*\s])[^*\n]{1,120}(?<=[^*\s])(\*\*)")
_BLANK = "[ \t\u3000\xa0]"
#: A cell over all columns of a wide table leaves hundreds of pipes behind its words.
_PIPE_ROW = re.compile(rf"(?m)^{_BLANK}{{0,40}}\|?[^|\n]{{0,300}}(?:\|[^|\n]{{0,300}}){{2,600}}$")
_PIPE = re.compile(rf"{_BLANK}{{0,40}}\|{_BLANK}{{0,40}}")
_RULE_ROW = re.compile(r"[\s|:-]{3,200}")


def _pipe_tables(text: str) -> list[Edit]:
    """Rows of a table that a crawler wrote with pipes: `a | b | c |` becomes cells separated by tabs.

    A single line with pipes is a menu more often than a table; it counts only where it ends with a pipe.
    """
    rows = list(_PIPE_ROW.finditer(text))
    edits = []
    for k, row in enumerate(rows):
        beside = (k > 0 and text[rows[k - 1].end() : row.start()].isspace()) or (
            k + 1 < len(rows) and text[row.end() : rows[k + 1].start()].isspace()
        )
        if not beside and not row[0].rstrip().endswith("|"):
            continue
        if "-" in row[0] and _RULE_ROW.fullmatch(row[0]):
            edits.append(Edit(*row.span(), ""))
            continue
        end = row.start() + len(row[0].rstrip(" \t|\u3000\xa0"))
        edits += [
            Edit(*pipe.span(), "" if pipe.start() == row.start() else "\t")
            for pipe in _PIPE.finditer(text, row.start(), end)
        ]
        if end < row.end():
            edits.append(Edit(end, row.end(), ""))
    return edits


#: A number that ends a line behind a space: what the rows of a table without marks have, and few other lines.
_SPACED_NUMBER = re.compile(rf"(?m){_BLANK}[0-9][0-9.,]{{0,12}}(?:%|[件次人个户家元]|人次|万元)?{_BLANK}{{0,40}}\r?$")
_CELL = r"(?:[^\s|,，。;；!！?？“”《》]|,(?=[0-9])){1,24}"
_SPACED_ROW = re.compile(rf"(?m)^{_BLANK}{{0,40}}({_CELL}(?:{_BLANK}{{1,60}}{_CELL}){{1,12}}){_BLANK}{{0,40}}\r?$")
_WIDE_GAP = re.compile(f"{_BLANK}{{2,60}}")
_ANY_GAP = re.compile(f"{_BLANK}{{1,60}}")
_NUMBER_CELL = re.compile(r"[+-]?[0-9][0-9.,]{0,12}[%％]?[件人次户家项场起宗份个]{0,2}|[-—/无]{1,2}")


def _spaced_tables(text: str) -> list[Edit]:
    """Rows of a table whose cells only spaces part, in crawls that kept the look of a page: the gaps become tabs.

    Rows follow each other with as many cells each, and at least one says numbers and nothing else behind its first
    cell. Two columns need gaps of two spaces or more: a name, a space and a number are a line of a list, too.
    """
    edits: list[Edit] = []
    run: list[tuple[re.Match[str], list[re.Match[str]]]] = []
    for row in _SPACED_ROW.finditer(text):
        start, end = row.span(1)
        gaps = list(_WIDE_GAP.finditer(text, start, end))
        if not gaps or len(gaps) < len(run[-1][1] if run else ()):
            narrow = list(_ANY_GAP.finditer(text, start, end))
            gaps = narrow if len(narrow) > 1 else gaps
        if run and (len(run[-1][1]) != len(gaps) or text[run[-1][0].end() : row.start()].strip()):
            edits += _tabs(text, run)
            run = []
        if gaps:
            run.append((row, gaps))
    return edits + _tabs(text, run)


def _tabs(text: str, run: list[tuple[re.Match[str], list[re.Match[str]]]]) -> list[Edit]:
    numbers = sum(_says_numbers(text, row, gaps) for row, gaps in run)
    if len(run) < 2 or not numbers:
        return []
    return [Edit(*gap.span(), "\t") for _, gaps in run for gap in gaps]


def _says_numbers(text: str, row: re.Match[str], gaps: list[re.Match[str]]) -> bool:
    edges = [*(gap.start() for gap in gaps[1:]), row.end(1)]
    cells = [text[gap.end() : edge] for gap, edge in zip(gaps, edges, strict=True)]
    first = text[row.start(1) : gaps[0].start()]
    return not _NUMBER_CELL.fullmatch(first) and all(_NUMBER_CELL.fullmatch(cell) for cell in cells)


def carried(edits: list[Edit], offsets: list[int]) -> list[int]:
    """Where offsets of the text before `edits` lie after them; one inside an edit goes to the edit's start."""
    starts = [edit.start for edit in edits]
    shifts = [0, *accumulate(len(edit.after) - (edit.end - edit.start) for edit in edits)]
    moved = []
    for offset in offsets:
        k = bisect_right(starts, offset)
        if k and offset < edits[k - 1].end:
            moved.append(edits[k - 1].start + shifts[k - 1])
        else:
            moved.append(offset + shifts[k])
    return moved


def _gaps(text: str, joined: set[int], signs: frozenset[str]) -> list[Edit]:
    """Edits for the gaps that are not what they should be. `joined` are the offsets of breaks inside a paragraph."""
    if not joined and signs.isdisjoint(_GAP_SIGNS) and "\n\n" not in text and "\n" not in (text[:1], text[-1:]):
        return []
    edits: list[Edit] = []
    for found in (_GAP if joined else _IRREGULAR_GAP).finditer(text):
        after = _gap(text, found, joined)
        if after != found[0]:
            edits.append(Edit(found.start(), found.end(), after))
            if len(edits) > MAX_EDITS:
                raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_EDITS} irregular spaces")
    return edits


def _gap(text: str, found: re.Match[str], joined: set[int]) -> str:
    start, end = found.span()
    if start == 0 or end == len(text):
        return ""
    gap = found[0]
    tabs = gap.count("\t")
    if "\n" in gap or _BREAK.search(gap):
        if joined and any(at in joined for at in range(start, end)):
            return ""
        indent = gap[max(gap.rfind("\n"), gap.rfind("\r")) + 1 :].count("\t") if tabs else 0
        return "\n" + "\t" * indent if indent and _is_row(text, end) else "\n"
    if tabs:
        return "\t" * tabs
    return " " if any(c.isspace() for c in gap) else ""


def _is_row(text: str, at: int) -> bool:
    """Whether the line at `at` holds another tab: then its leading tabs are empty cells and no indent."""
    end = text.find("\n", at)
    line = text[at : end if end >= 0 else len(text)].rstrip()
    return "\t" in line


def _end_of_sign(text: str, found: re.Match[str]) -> int:
    """The end of what is rewritten: a footnote mark between two spaces takes the second with it."""
    if found.lastgroup == "note" and _has_space_before(text, found.start()):
        gap = _GAP.match(text, found.end())
        if gap and not _BREAK.search(gap[0]):
            return gap.end()
    return found.end()


def _has_space_before(text: str, at: int) -> bool:
    while at > 0 and _GAP.match(text, at - 1):
        at -= 1
        if text[at].isspace():
            return True
    return False


def _rewritten(found: re.Match[str]) -> str:
    token = found[0]
    kind = found.lastgroup
    if kind == "power":
        return "10^" + "".join(SUPERSCRIPTS[c] for c in token[2:])
    if kind == "square":
        return _SQUARES.get(token, token)
    if kind == "note":
        return ""
    return UNITS.get(token) or ENUMERATORS.get(token) or SUBSCRIPTS[token]


def _letter_spacing(text: str) -> list[Edit]:
    """Titles and dates written with a space after each letter are closed up; a row of numbers is not."""
    edits = []
    for found in _LETTER_SPACED.finditer(text):
        letters = re.sub(_SPACE, "", found[0])
        ideographs = len(_SINGLE_IDEOGRAPHS.findall(letters))
        if 2 * ideographs < len(letters) and not _SPACED_DATE.search(letters):
            continue
        edits += [Edit(found.start() + gap.start(), found.start() + gap.end(), "")
                  for gap in re.finditer(rf"{_SPACE}+", found[0])]  # fmt: skip
        if len(edits) > MAX_EDITS:
            raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_EDITS} letter spaces")
    return edits


def _disjoint(edits: list[Edit]) -> list[Edit]:
    edits.sort(key=lambda edit: (edit.start, -edit.end))
    kept: list[Edit] = []
    for edit in edits:
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


# Hard-wrapped lines --------------------------------------------------------------------------------------------------

_SENTENCE_ENDS = "。！？!?；;：:"
_FINAL = _SENTENCE_ENDS + "”』」）)"
#: A decimal (9.2%) is no marker (9.) where the line before ends inside a sentence.
_DECIMAL = re.compile(r"[0-9]{1,2}\.[0-9]")
_OPENS_PARAGRAPH = re.compile(
    r"[ \u3000\t\xa0]|[一二三四五六七八九十]{1,3}(?:、|是|要)|[(（][一二三四五六七八九十0-9]{1,3}[)）]|[0-9]{1,2}[.、．]|第[一二三四五六七八九十]{1,3}[章条部节]|[①-⑳]|附件"
)


def _wrapped_breaks(text: str) -> set[int]:
    """Offsets of line feeds that only wrap a paragraph at a fixed width.

    A page counts as wrapped when at least eight lines and two in five of all lines are as long as the longest, in
    columns or in characters, and most of those end inside a sentence.
    """
    lines = text.split("\n")
    if len(lines) <= 8 or len(text) > 90 * len(lines):
        return set()
    widths = list(map(len, lines))
    lines = list(map(str.rstrip, lines))
    lengths = sorted(filter(None, map(len, lines)))
    if len(lengths) < 8 or lengths[len(lengths) // 2] < 0.5 * lengths[int(len(lengths) * 0.9)]:
        return set()  # the cheap question first: lines of one length
    for measure, slack in ((len, 1), (_columns, 4)):
        full = _full_lines(lines, measure, slack)
        if full:
            breaks = list(accumulate(widths[:-1], lambda at, width: at + width + 1))
            return {
                breaks[k]
                for k in full
                if k < len(breaks) and lines[k + 1] and not _opens_paragraph(lines[k], text, breaks[k] + 1)
            }
    return set()


def _opens_paragraph(line: str, text: str, at: int) -> bool:
    """Whether the line at `text[at:]` begins a paragraph of its own behind the full `line`."""
    if _OPENS_PARAGRAPH.match(text, at) is None:
        return False
    return line[-1] in _SENTENCE_ENDS or _DECIMAL.match(text, at) is None


#: A date of a signature that is broken after its year: month and day are all that stands on the next line.
_BROKEN_DATE = re.compile(
    rf"(?<=[0-9〇○零一二三四五六七八九])年{_BLANK}{{0,4}}(?P<break>\r?\n){_BLANK}{{0,40}}[0-9一二三四五六七八九十]{{1,2}}{_BLANK}{{0,2}}月"
    rf"{_BLANK}{{0,2}}[0-9一二三四五六七八九十]{{1,3}}{_BLANK}{{0,2}}日{_BLANK}{{0,8}}(?=[\r\n]|$)"
)
_YEAR_ENDS_LINE = re.compile(rf"年{_BLANK}{{0,4}}[\r\n]")


def _breaks_in_dates(text: str) -> set[int]:
    return {
        at
        for year in _YEAR_ENDS_LINE.finditer(text)
        if (found := _BROKEN_DATE.match(text, year.start()))
        for at in range(*found.span("break"))
    }


def _columns(line: str) -> int:
    return len(line) + sum(c > "\u2e7f" for c in line)


def _full_lines(lines: list[str], measure: Callable[[str], int], slack: int) -> list[int]:
    """Numbers of the lines that are as long as the longest, or none where the lines are not wrapped."""
    sizes = [measure(line) for line in lines]
    filled = sorted(size for size in sizes if size)
    longest = filled[int(len(filled) * 0.9)]
    # one line may be longer: a title in larger letters
    if longest < 15 or filled[-2] > longest + 4:
        return []
    full = [k for k, size in enumerate(sizes) if size >= longest - slack]
    inside = [k for k in full if lines[k][-1] not in _FINAL]
    return full if len(full) >= 8 and 5 * len(full) >= 2 * len(filled) and 2 * len(inside) >= len(full) else []
