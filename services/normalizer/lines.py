"""White space, line ends, letter spacing and signs: every page in one shape, one paragraph a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from services.normalizer.draft import Draft, Edit
from services.normalizer.signs import ANY_SIGN, members
from services.normalizer.width import CIRCLED, ENUMERATORS, SUBSCRIPTS, SUPERSCRIPTS, UNITS
from services.normalizer.wrapping import breaks_in_dates, wrapped_breaks
from services.normalizer.written_tables import pipe_tables, spaced_tables
from shared.errors import Permanent, Reason
from shared.events import Change
from shared.rules import rules

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
_RULES = rules("services.normalizer", "lines")
_LETTER_SPACED_HINT = _RULES.pattern("letter_spaced_hint")
_LETTER_SPACED = _RULES.pattern("letter_spaced")
_LETTER_GAP = _RULES.pattern("letter_gap")
_SINGLE_IDEOGRAPH = _RULES.pattern("single_ideograph")
_SPACED_DATE = _RULES.pattern("spaced_date")
_PINYIN = _RULES.pattern("pinyin")
_LOST_INDENT = _RULES.pattern("lost_indent")
_MARKDOWN = _RULES.pattern("markdown")
_MARKDOWN_LINK = _RULES.pattern("markdown_link")
#: Vowels by which a text is seen to have readings of characters.
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
    edits = _crawler_marks(text, signs) if signs or "]" in text else []  # of two edits at one place the first counts
    if not signs.isdisjoint(_BLANK_SIGNS) and _LETTER_SPACED_HINT.search(text):
        edits += _letter_spacing(text)
    logged = _signs(text) if not signs.isdisjoint(_REWRITTEN_SIGNS) else []
    gaps = _gaps(text, wrapped_breaks(text) | breaks_in_dates(text), signs)
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
    edits = pipe_tables(text) if "|" in signs else []
    if not signs.isdisjoint(_BLANK_SIGNS):
        edits += spaced_tables(text)
    if "*" in signs or "#" in signs:
        edits += _without_groups(_MARKDOWN, text)
    if "](" in text or "\\." in text:
        edits += _without_groups(_MARKDOWN_LINK, text)
    if "?" in signs:
        edits += [Edit(*found.span(), "") for found in _LOST_INDENT.finditer(text)]
    if not signs.isdisjoint(_TONES):
        edits += [Edit(*found.span(), "") for found in _PINYIN.finditer(text)]
    return edits


def _without_groups(pattern: re.Pattern[str], text: str) -> list[Edit]:
    """Edits that take out what the groups of `pattern` match."""
    groups = range(1, pattern.groups + 1)
    return [Edit(*found.span(group), "") for found in pattern.finditer(text) for group in groups if found[group]]


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
    end = _BREAK.search(text, at)
    line = text[at : end.start() if end else len(text)].rstrip()
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
        letters = _LETTER_GAP.sub("", found[0])
        ideographs = len(_SINGLE_IDEOGRAPH.findall(letters))
        if 2 * ideographs < len(letters) and not _SPACED_DATE.search(letters):
            continue
        edits += [Edit(found.start() + gap.start(), found.start() + gap.end(), "")
                  for gap in _LETTER_GAP.finditer(found[0])]  # fmt: skip
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
