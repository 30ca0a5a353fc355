r"""A text that its page carries without showing it: a script puts it in its place.

<textarea>&lt;p&gt;受理134件&lt;/p&gt;</textarea>        in an element or an attribute that shows nothing of it
<script>var text = "<p>受理134件<\/p>";</script>       in a string of a script
{"content": "\u003cp\u003e受理134件"}                in the answer that such a script asks for
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from services.normalizer.draft import Edit
from services.normalizer.html.lines import MAX_REFERENCES
from services.normalizer.html.tags import ATTRIBUTE, TAG
from services.normalizer.line_forms import is_title
from services.normalizer.width import fold_width
from shared.errors import Permanent, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.normalizer.html.page import Page

#: Commas and stops of a text that may be a report: a paragraph has ten.
MIN_MARKS = 20
#: Of the marks that the page carries it shows this share at most where its text is put there by a script.
SHOWN_SHARE = 0.1

_MARKS = ("，", "。", "；", "、", r"\uff0c", r"\uFF0C", r"\u3001", r"\u3002")
_CARRIERS = ("script", "noscript", "textarea", "noframes", "template")
_CARRIER = re.compile(rf"<({'|'.join(_CARRIERS)})(?=[\s>])[^<>]{{0,2000}}>", re.IGNORECASE)
_CLOSERS = {name: re.compile(rf"</{name}(?=[\s>/])", re.IGNORECASE) for name in _CARRIERS}
_HOLDER = re.compile(r"<(?:input|iframe|div)(?=\s)", re.IGNORECASE)
_CARRYING = frozenset(("value", "srcdoc", "content"))
_DOCUMENT = re.compile(
    r'\ufeff?\s{0,200}(?:[A-Za-z_$][\w$.]{0,60}\(\s{0,20})?(?:\[\s{0,200})?\{\s{0,200}"[\w$-]{1,60}"\s{0,20}:'
)
# A string that never ends takes the rest: a text of quotes costs one pass.
_STRING = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)', re.DOTALL)
_OTHER_STRING = re.compile(
    r"""'([^'\\]*+(?:\\.[^'\\]*+)*+)(?:'|\\?\Z)|`([^`\\]*+(?:\\.[^`\\]*+)*+)(?:`|\\?\Z)""", re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([^u]))")
_WRITTEN = {"n": "\n", "r": "\n", "t": " ", "b": "", "f": ""}
# What an answer says of its text, by the names that such programs give it, as names of the head.
_LABELLED = tuple(
    (name, re.compile(rf'"(?:{keys})"\s{{0,20}}:\s{{0,20}}"({value})"', re.IGNORECASE))
    for name, keys, value in (
        ("pubdate", "(?:publish|pub|release|display)[_-]?(?:time|date)", r"(?:19|20)[0-9]{2}[^\"\\]{4,24}"),
        ("contentsource", "source|origin|publisher|(?:dept|org|source)[_-]?name", r"(?:[^\"\\]|\\u[0-9a-f]{4}){2,60}"),
    )
)
_MARKED_UP = re.compile(
    r"<(?:p|br|div|span|table)[\s/>]|&lt;(?:p|br|div|span|table)\b|\\u003[cC](?:p|br|div|span|table)\b"
)


class _Part(NamedTuple):
    """A stretch of the source that is shown, and the tags around it."""

    start: int
    end: int
    opens: str
    closes: str


class _Carried(NamedTuple):
    """A stretch of the source that holds a text, and the element that it stands in."""

    start: int
    end: int
    opened: int
    closed: int
    script: bool  # its strings hold the text


def is_answer_to_script(source: str) -> bool:
    """Whether `source` is no page but what the script of one asks a server for (JSON), and holds a text."""
    return _DOCUMENT.match(source) is not None and _marks(source) >= MIN_MARKS


def carried_text(source: str, page: Page) -> list[Edit]:
    """Put in place the text that an element, an attribute or a string carries, where the page itself shows none."""
    shown = 0 if _DOCUMENT.match(source) else _marks(page.draft.text)
    if shown >= MIN_MARKS and shown >= SHOWN_SHARE * _marks(source):
        return []
    marks = {stretch: _marks(source, stretch.start, stretch.end) for stretch in _stretches(source)}
    if not marks:
        return []
    carried = max(marks, key=lambda stretch: (marks[stretch], -stretch.start))
    if carried.script:
        return _of_strings(source, carried, shown)
    return _in_place(source, carried, []) if _is_text(marks[carried], shown) else []


def _is_text(marks: int, shown: int) -> bool:
    return marks >= MIN_MARKS and shown <= SHOWN_SHARE * marks


def _stretches(source: str) -> Iterator[_Carried]:
    if _DOCUMENT.match(source):
        yield _Carried(0, len(source), 0, len(source), script=True)
        return
    yield from _elements(source)
    yield from _attributes(source)


def _elements(source: str) -> Iterator[_Carried]:
    end = 0
    never_closed: set[str] = set()
    for opening in _CARRIER.finditer(source):
        name = opening[1].lower()
        if opening.start() < end or name in never_closed:
            continue
        closing = _CLOSERS[name].search(source, opening.end())
        if closing is None:
            never_closed.add(name)
            continue
        end = source.find(">", closing.end()) + 1 or len(source)
        yield _Carried(opening.end(), closing.start(), opening.start(), end, script=name == "script")


def _attributes(source: str) -> Iterator[_Carried]:
    for holder in _HOLDER.finditer(source):
        tag = TAG.match(source, holder.start())
        if tag is None:
            return  # a tag that never ends
        base = tag.start("attributes")
        for attribute in ATTRIBUTE.finditer(tag["attributes"]):
            name = attribute[1].lower()
            start, end = attribute.span(attribute.lastindex or 0)
            if name in _CARRYING or name.startswith("data-"):
                yield _Carried(base + start, base + end, *tag.span(), script=False)


def _of_strings(source: str, carried: _Carried, shown: int) -> list[Edit]:
    """The longest text among the strings of a script, with the title before it."""
    for pattern in (_STRING, _OTHER_STRING):
        strings = [
            (found.start(found.lastindex), found.end(found.lastindex))
            for found in pattern.finditer(source, carried.start, carried.end)
            if found.lastindex
        ]
        text = max(strings, key=lambda span: _marks(source, *span), default=(0, 0))
        if not _is_text(_marks(source, *text), shown):
            continue
        titles = [span for span in strings if span < text and span[1] - span[0] <= 600 and _names_report(source, span)]
        beside = [_Part(*span, "<h1>", "</h1>") for span in titles[-1:]]
        beside += _labelled(source, carried, text)
        return _in_place(source, carried._replace(start=text[0], end=text[1]), beside)
    return []


def _labelled(source: str, carried: _Carried, text: tuple[int, int]) -> Iterator[_Part]:
    """The date and the source that stand beside the `text` of an answer, as a page has them in its head."""
    for name, pattern in _LABELLED:
        found = pattern.search(source, carried.start, text[0]) or pattern.search(source, text[1], carried.end)
        if found:
            yield _Part(*found.span(1), f'<meta name="{name}" content="', '">')


def _names_report(source: str, span: tuple[int, int]) -> bool:
    return is_title(fold_width(_ESCAPE.sub(_unescaped, source[slice(*span)])).strip())


def _in_place(source: str, carried: _Carried, beside: list[_Part]) -> list[Edit]:
    """The element that carries the text becomes a block that holds it, with what stands beside it."""
    block = "div" if _MARKED_UP.search(source, carried.start, carried.end) else "pre"
    edits: list[Edit] = []
    at, closes = carried.opened, ""
    for part in sorted([*beside, _Part(carried.start, carried.end, f"<{block}>", f"</{block}>")]):
        edits.append(Edit(at, part.start, closes + part.opens))
        edits += _escapes(source, (part.start, part.end), script=carried.script)
        at, closes = part.end, part.closes
    return [*edits, Edit(at, carried.closed, closes)]


def _escapes(source: str, span: tuple[int, int], *, script: bool) -> list[Edit]:
    if not script:
        return []
    found = list(islice(_ESCAPE.finditer(source, *span), MAX_REFERENCES + 1))
    if len(found) > MAX_REFERENCES:
        raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_REFERENCES} escapes in one text")
    return [Edit(*escape.span(), _unescaped(escape)) for escape in found]


def _unescaped(escape: re.Match[str]) -> str:
    high, low, code, sign = escape.groups()
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if code is not None:
        return "" if "d800" <= code.lower() <= "dfff" else chr(int(code, 16))
    return _WRITTEN.get(sign, sign)


def _marks(text: str, start: int = 0, end: int | None = None) -> int:
    return sum(text.count(mark, start, end) for mark in _MARKS)
