"""HTML → lines that still know where each character came from.

A tokenizer of its own, because no parser with Python bindings keeps the source offset of each character and a fact
must show its words in the page as crawled (docs/decisions/0040-html-reader.md). It reads what the genre needs:
blocks become lines, table rows become lines with tabs between cells, inline tags vanish without a gap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from services.normalizer.draft import Draft
from services.normalizer.width import SUPERSCRIPTS
from shared.alignment import Run
from shared.errors import Permanent, Reason

#: Open elements at one place. Browsers stop at 512 blocks; sloppy pages leave a few hundred inline tags open.
MAX_DEPTH = 1_000
#: Tags of a page: at seven bytes a tag 1.4 MB of markup alone. Ten megabytes of one tag hold three million.
MAX_TAGS = 200_000
#: Character references of a page. A page written in references only needs one a character: 100,000 at most.
MAX_REFERENCES = 300_000
#: Columns beyond which `colspan` and `rowspan` are not followed: no printed table is wider.
MAX_COLUMNS = 100
#: Cells that one `colspan` or `rowspan` may stand for; enough for a heading over half of the widest table.
MAX_SPAN = 50
#: A table row whose longest cell is beyond this is a layout and keeps its lines; cells of statistics hold a name or a number.
MAX_CELL_CHARACTERS = 300

_TAG = re.compile(
    r"<(?:(?P<name>[a-zA-Z][a-zA-Z0-9:_-]{0,60}+)[^\s>/]*+|/(?P<close>[a-zA-Z][a-zA-Z0-9:_-]{0,60}+)[^\s>/]*+)"
    # An attribute value in quotes may hold a ">". Possessive: a tag that never ends costs one pass.
    r"""(?P<attributes>(?>[^>=]*+(?:=\s*+(?>"[^"]*+"|'[^']*+')?+[^>=]*+)*+))>"""
)
#: Four or more list entries that are one short link each, with a date at most: a menu or a list of other pages. Taken
#: at once, because such lists are most of the tags of a government page.
_MENU = re.compile(
    r"(?:\s*+<li\b[^<>]*+>\s*+<a\b[^<>]*+>[^<>]{0,60}+</a>(?:\s*+<(?:span|em|i)\b[^<>]*+>[^<>]{0,24}+</(?:span|em|i)>)?\s*+</li>){4,2000}+",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z_:][a-zA-Z0-9_:.-]{0,60})\s*+=\s*+(?>"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")  # fmt: skip
_SPECIAL = re.compile(r"&(?:#[0-9]{1,8}+|#[xX][0-9a-fA-F]{1,8}+|[A-Za-z][A-Za-z0-9]{1,31}+);?|[ \t\n\r\f]+")
_NEEDS_CARE = re.compile(r"[&\t\n\r\f]|  ")
_NOTE_MARK = re.compile(r"\s*[\[(〔［（【]?\s*([0-9]{1,3}|[①-⑳*※])\s*[\])〕］）】]?\s*")
_HIDDEN = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.IGNORECASE)
_HIDDEN_ALONE = re.compile(r"(?<!\S)hidden(?=[\s/]|$)", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|div|p|table|tr|td|span|br|hr|h[1-6]|article|section|main|font|center|b|"
    r"strong|i|em|u|a|ul|ol|li|dl|dd|dt|form|img|script|style|pre|blockquote|header|footer|nav|o:p|sup|sub)(?=[\s>/]))[^<>]{0,2000}>",
    re.IGNORECASE)  # fmt: skip

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "ucapcontent",
    ]
)
_LISTS = frozenset(("ul", "ol"))
_VOID_BREAKS = frozenset(("br", "hr"))
#: Elements whose content is no text of the page.
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "math",
        "select",
        "datalist",
        "button",
        "textarea",
        "canvas",
        "audio",
        "video",
        "map",
        "applet",
        "noframes",
        "noembed",
        "head-style",
    ]
)
_RAW = frozenset(["script", "style", "textarea", "noscript", "iframe", "noframes", "noembed", "template"])
#: An opening tag on the left closes the open elements on the right (HTML's implied end tags).
_IMPLIED_END = {
    "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "tr": ("tr",), "td": ("td", "th"), "th": ("td", "th"),
    "tbody": ("tbody", "thead", "tfoot"), "thead": ("tbody",), "tfoot": ("tbody", "thead"),
}  # fmt: skip
_SCOPE = frozenset(("table", "ul", "ol", "dl", "body", "html"))
_CLOSES_PARAGRAPH = _BLOCKS - {"td", "th", "tr", "tbody", "thead", "tfoot", "body", "html"}
#: Blocks that may hold the report as a whole.
_CONTAINERS = frozenset(
    ["body", "div", "td", "section", "article", "main", "center", "form", "blockquote", "ucapcontent", "li", "dd"]
)
_FURNITURE_TAGS = frozenset(("nav", "footer", "aside"))


class Line(NamedTuple):
    """One line of the page: its span in the draft, the block it stands in, and how much of it is link text."""

    start: int
    end: int
    node: int
    links: int
    tag: str
    target: str  # of its last link


@dataclass(slots=True)
class Page:
    """What the markup says: the draft, its lines, and what stands outside of the flow."""

    draft: Draft
    lines: list[Line]
    parents: list[int]
    last_inside: list[int]  # last block inside each block, itself included; blocks are numbered in page order
    containers: list[bool]
    furniture: list[bool]  # the block is a nav, footer or aside, or hidden
    title: tuple[int, int] | None = None  # span of <title> in the source
    menus: list[tuple[int, int]] = field(default_factory=list)  # lists of links that were left out: spans of the source
    metas: dict[str, tuple[int, int]] = field(default_factory=dict)  # lower-case name → span of content in the source


def looks_like_html(text: str) -> bool:
    """Whether the page is markup and not a plain text that mentions a tag."""
    return "<" in text and _LOOKS_LIKE_HTML.search(text, 0, 20_000) is not None


class _Row:
    __slots__ = ("breaks", "cells", "column", "nested", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.cells = 0
        self.column = -1
        self.nested = False
        self.breaks: list[tuple[int, int]] = []  # (index of a break among the pieces, cells crossed by it)


class _Reader:
    """The state of one reading: open blocks, open rows, and the pieces of text so far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.about: dict[int, list[object]] = {}  # index of a line's break → [node, link characters, tag, target]
        self.current: list[object] = [0, 0, "", ""]
        self.stack: list[tuple[str, int]] = [("", 0)]
        self.open: dict[str, int] = {}
        self.parents = [0]
        self.last_inside = [0]
        self.containers = [True]
        self.furniture = [False]
        self.rows: list[_Row] = []
        self.tables: list[dict[int, int]] = []
        self.inline = 0
        self.pending: int | None = 0  # the source offset where the last text ended, while a line break is due
        self.crossed = 0  # table cells begun since the last text
        self.space = -1  # the source offset of white space that is shown only between two words
        self.end = 0
        self.links = 0
        self.target = ""
        self.raised = 0
        self.preformatted = 0
        self.hidden = 0
        self.references = 0
        self.menus: list[tuple[int, int]] = []
        self.never_closed: set[str] = set()
        self.title: tuple[int, int] | None = None
        self.metas: dict[str, tuple[int, int]] = {}

    # text ------------------------------------------------------------------------------------------------------------

    def text(self, start: int, end: int) -> None:
        raw = self.source[start:end]
        if self.pending is not None and raw.isspace():
            return  # between two blocks, or the indent of a line
        if self.raised:
            self._raised(raw, start, end)
        elif _NEEDS_CARE.search(raw) is None:
            if raw == " ":
                if self.pending is None:
                    self.space = start
            else:
                self._append(raw, start, end)
        else:
            self._careful(raw, start)

    def _append(self, text: str, start: int, end: int) -> None:
        if self.pending is not None:
            self._break(start)
        elif self.space >= 0:
            self.pieces.append(" ")
            self.spans.append((self.end, start))
        self.space = -1
        self.pieces.append(text)
        self.spans.append((start, end))
        if self.links:
            self.current[1] = self.current[1] + len(text)  # type: ignore[operator]
            self.current[3] = self.target
        self.end = end

    def _break(self, start: int) -> None:
        index = len(self.pieces)
        name, node = self.stack[-1]
        self.current = [node, 0, name, ""]
        self.about[index] = self.current
        self.pieces.append("\n")
        self.spans.append((self.end, start))
        if self.rows:
            self.rows[-1].breaks.append((index, self.crossed))
        self.pending = None
        self.crossed = 0

    def _careful(self, raw: str, offset: int) -> None:
        at = 0
        for found in _SPECIAL.finditer(raw):
            if found.start() > at:
                self._append(raw[at : found.start()], offset + at, offset + found.start())
            at = found.end()
            token = found[0]
            if token[0] == "&":
                self.references += 1
                if self.references > MAX_REFERENCES:
                    raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_REFERENCES} character references")
                shown = unescape(token)
                if shown != token:
                    self._append(shown.replace("\x00", "\ufffd"), offset + found.start(), offset + at)
                else:
                    self._append(token, offset + found.start(), offset + at)
            elif self.preformatted and ("\n" in token or "\r" in token):
                self.line_break()
            elif self.pending is None and not self._between_ideographs(raw, found.start(), at, token):
                self.space = offset + found.start()
        if at < len(raw):
            self._append(raw[at:], offset + at, offset + len(raw))

    def _between_ideographs(self, raw: str, start: int, end: int, token: str) -> bool:
        """A line end of the source file between two wide characters is not shown (CSS Text 3, segment breaks)."""
        if "\n" not in token and "\r" not in token:
            return False
        return start > 0 and end < len(raw) and raw[start - 1] >= "\u2e80" and raw[end] >= "\u2e80"

    def _raised(self, raw: str, start: int, end: int) -> None:
        found = _NOTE_MARK.fullmatch(raw)
        if found is not None and found[1].isascii() and found[1].isdigit():
            self._append("".join(_RAISED[c] for c in found[1]), start, end)
        elif found is None:
            self._append(" ".join(raw.split()), start, end)

    def line_break(self) -> None:
        if self.pending is None:
            self.pending = self.end
        self.space = -1

    # blocks ----------------------------------------------------------------------------------------------------------

    def open_block(self, name: str, attributes: str) -> None:
        self.line_break()
        self.inline = 0
        if self.open.get("p") and name in _CLOSES_PARAGRAPH:
            self.close_block("p")
        for closed in _IMPLIED_END.get(name, ()):
            if self.open.get(closed) and self._in_scope(closed):
                self.close_block(closed)
        node = len(self.parents)
        self.parents.append(self.stack[-1][1])
        self.last_inside.append(node)
        self.containers.append(name in _CONTAINERS)
        hidden = bool(attributes) and ("none" in attributes or "hidden" in attributes) and _is_hidden(attributes)
        self.furniture.append(name in _FURNITURE_TAGS or hidden)
        self.stack.append((name, node))
        self.open[name] = self.open.get(name, 0) + 1
        if name == "pre":
            self.preformatted += 1
        elif name in _TABLE_PARTS:
            self._open_table_part(name, attributes)
        if len(self.stack) > MAX_DEPTH:
            raise Permanent(Reason.TOO_DEEP, f"markup nested deeper than {MAX_DEPTH}")

    def _in_scope(self, name: str) -> bool:
        """Whether `name` is open inside the innermost list or table."""
        for opened, _ in reversed(self.stack):
            if opened == name:
                return True
            if opened in _SCOPE:
                return False
        return False

    def _open_table_part(self, name: str, attributes: str) -> None:
        if name == "table":
            for row in self.rows:
                row.nested = True
            self.tables.append({})
        elif name == "tr":
            self.rows.append(_Row(len(self.pieces)))
            self.crossed = 0
        elif self.rows and self.tables:
            row, below = self.rows[-1], self.tables[-1]
            row.cells += 1
            row.column += 1
            self.crossed += 1 if row.cells > 1 else 0
            while below.get(row.column) and row.column <= MAX_COLUMNS:
                below[row.column] -= 1
                row.column += 1
                self.crossed += 1
            across, down = _span(attributes, "colspan"), _span(attributes, "rowspan")
            if row.column > MAX_COLUMNS:
                across = down = 1
            for column in range(row.column, row.column + across) if down > 1 else ():
                below[column] = down - 1
            row.column += across - 1
            self._wide = across - 1

    _wide = 0

    def close_block(self, name: str) -> None:
        if not self.open.get(name):
            return
        self.line_break()
        self.inline = 0
        while True:
            closed, node = self.stack.pop()
            self.open[closed] -= 1
            self.last_inside[node] = len(self.parents) - 1
            if closed == "pre":
                self.preformatted -= 1
            elif closed in _TABLE_PARTS:
                self._close_table_part(closed)
            if closed == name:
                return

    def _close_table_part(self, name: str) -> None:
        if name in ("td", "th"):
            self.crossed += self._wide
            self._wide = 0
        elif name == "tr" and self.rows:
            self._close_row(self.rows.pop())
        elif name == "table" and self.tables:
            self.tables.pop()

    def _close_row(self, row: _Row) -> None:
        """A row of short cells becomes one line with tabs; any other row is a layout and keeps its lines."""
        self.crossed = 0
        if self.tables:
            below = self.tables[-1]
            for column in [column for column in below if column > row.column]:
                below[column] -= 1
                if not below[column]:
                    del below[column]
        if row.cells < 2 or row.nested or not row.breaks:
            return
        edges = [index for index, _ in row.breaks] + [len(self.pieces)]
        lengths = [sum(map(len, self.pieces[a + 1 : b])) for a, b in pairwise(edges)]
        if max(lengths) > MAX_CELL_CHARACTERS or len(row.breaks) > 4 * row.cells + 4:
            return
        first, leading = row.breaks[0]
        self.pieces[first] = "\n" + "\t" * leading
        about = self.about[first]
        for index, crossed in row.breaks[1:]:
            self.pieces[index] = "\t" * crossed if crossed else " "
            merged = self.about.pop(index)
            about[1] = about[1] + merged[1]  # type: ignore[operator]

    # the end ---------------------------------------------------------------------------------------------------------

    def page(self) -> Page:
        while len(self.stack) > 1:
            self.close_block(self.stack[-1][0])
        self.last_inside[0] = len(self.parents) - 1
        runs: list[Run] = []
        lines: list[Line] = []
        starts: list[tuple[int, list[object]]] = []
        written = 0
        about = self.about
        for k, (piece, (start, end)) in enumerate(zip(self.pieces, self.spans, strict=True)):
            if k in about:
                starts.append((written, about[k]))
            length = len(piece)
            if length:
                runs.append(Run(written, written + length, start, end))
                written += length
        for (start, line), stop in zip(starts, [*(start for start, _ in starts[1:]), written], strict=False):
            lines.append(Line(start + 1, stop, *line))  # type: ignore[arg-type]
        draft = Draft("".join(self.pieces), runs)
        return Page(
            draft,
            lines,
            self.parents,
            self.last_inside,
            self.containers,
            self.furniture,
            self.title,
            self.menus,
            self.metas,
        )


_TABLE_PARTS = frozenset(("table", "tr", "td", "th"))
_RAISED = {plain: raised for raised, plain in SUPERSCRIPTS.items()}


def _span(attributes: str, name: str) -> int:
    at = attributes.lower().find(name)
    if at < 0:
        return 1
    found = re.match(r"""\s*=\s*["']?\s*([0-9]{1,4})""", attributes[at + len(name) : at + len(name) + 20])
    return min(max(int(found[1]), 1), MAX_SPAN) if found else 1


def _is_hidden(attributes: str) -> bool:
    if "hidden" in attributes and _HIDDEN_ALONE.search(_ATTRIBUTE.sub("", attributes)):
        return True
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == "style" and _HIDDEN.search(found[2] or found[3] or found[4] or ""):
            return True
    return False


def read_page(source: str) -> Page:  # noqa: C901 - the loop over the tags, kept in one place for its speed
    """The lines of an HTML page, in page order, with the way back to `source`.

    Raises Permanent: `too_deep` beyond MAX_DEPTH open elements, `too_complex` beyond MAX_TAGS tags.
    """
    reader = _Reader(source)
    at = tags = 0
    find = source.find
    match = _TAG.match
    while True:
        opened = find("<", at)
        if opened < 0:
            break
        tags += 1
        if tags > MAX_TAGS:
            raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_TAGS} tags")
        found = match(source, opened)
        if found is None and not _begins_markup(source, opened):
            # A "<" that opens nothing is text, with what follows it.
            stop = find("<", opened + 1)
            stop = stop if stop > 0 else len(source)
            reader.text(at, stop)
            at = stop
            continue
        if opened > at:
            reader.text(at, opened)
        if found is None:
            at = _skip_declaration(source, opened)
            continue
        at = found.end()
        name, closed, attributes = found.groups()
        if name is None:
            _close(reader, closed.lower())
        elif (name := name.lower()) in _BLOCKS:
            reader.open_block(name, attributes)
            menu = _MENU.match(source, at) if name in _LISTS else None
            if menu is not None:
                reader.menus.append(menu.span())
                at = menu.end()
        else:
            at = _open(reader, name, found, at)
    if at < len(source):
        reader.text(at, len(source))
    return reader.page()


def _begins_markup(source: str, at: int) -> bool:
    following = source[at + 1 : at + 3]
    return following[:1] in ("!", "?") or (following[:1].isascii() and following[:1].isalpha()) or (
        following[:1] == "/" and following[1:].isascii() and following[1:].isalpha()
    )  # fmt: skip


def _skip_declaration(source: str, at: int) -> int:
    """Past a comment, declaration or processing instruction; one that never ends takes the rest (HTML standard)."""
    if source.startswith("<!--", at):
        end = source.find("-->", at + 4)
        return end + 3 if end >= 0 else len(source)
    if source.startswith("<![CDATA[", at):
        end = source.find("]]>", at)
        return end + 3 if end >= 0 else len(source)
    end = source.find(">", at)
    if source[at + 1] in "!?":
        return end + 1 if end >= 0 else len(source)
    return len(source)  # a tag that never ends


def _open(reader: _Reader, name: str, found: re.Match[str], at: int) -> int:
    """Read an opening tag that is no block; returns where the text goes on."""
    if name in _VOID_BREAKS:
        reader.line_break()
    elif name == "a":
        reader.links += 1
        reader.target = found["attributes"]
    elif name == "sup":
        reader.raised += 1
    elif name == "meta":
        _meta(reader, found)
    elif name == "title" and reader.title is None:
        end = _find_close(reader, "title", at)
        reader.title = (at, end)
        return end
    elif name in _SKIPPED:
        return _skip_element(reader, name, found, at)
    elif name not in _VOID_INLINE:
        reader.inline += 1
        if reader.inline + len(reader.stack) > MAX_DEPTH:
            raise Permanent(Reason.TOO_DEEP, f"markup nested deeper than {MAX_DEPTH}")
    return at


_VOID_INLINE = frozenset(
    [
        "img",
        "input",
        "link",
        "base",
        "area",
        "col",
        "wbr",
        "embed",
        "param",
        "source",
        "track",
        "basefont",
        "bgsound",
        "frame",
        "o:p",
    ]
)


def _close(reader: _Reader, name: str) -> None:
    if name in _BLOCKS:
        reader.close_block(name)
    elif name == "a":
        reader.links = max(0, reader.links - 1)
    elif name == "sup":
        reader.raised = max(0, reader.raised - 1)
    elif name == "br":  # browsers take </br> for <br>
        reader.line_break()
    else:
        reader.inline = max(0, reader.inline - 1)


_CLOSERS = {name: re.compile(rf"</{name}(?=[\s>/])", re.IGNORECASE) for name in (*_SKIPPED, "title")}
_TAG_END = re.compile(r"[^>]{0,2000}>")


def _find_close(reader: _Reader, name: str, at: int) -> int:
    found = _CLOSERS[name].search(reader.source, at)
    return found.start() if found else len(reader.source)


def _skip_element(reader: _Reader, name: str, found: re.Match[str], at: int) -> int:
    """Past the end of an element whose content is no text; one that never ends swallows nothing unless it is raw."""
    if found["attributes"].endswith("/") and name not in _RAW:
        return at
    closing = None if name in reader.never_closed else _CLOSERS[name].search(reader.source, at)
    if closing is None:
        reader.never_closed.add(name)
        return len(reader.source) if name in ("script", "style") else at
    end = _TAG_END.match(reader.source, closing.end())
    return end.end() if end else len(reader.source)


def _meta(reader: _Reader, found: re.Match[str]) -> None:
    name, content = "", None
    base = found.start("attributes")
    for attribute in _ATTRIBUTE.finditer(found["attributes"]):
        group = next(k for k in (2, 3, 4) if attribute[k] is not None)
        key = attribute[1].lower()
        if key in ("name", "property", "itemprop"):
            name = attribute[group].strip().lower()
        elif key == "content":
            content = (base + attribute.start(group), base + attribute.end(group))
    if name and content:
        reader.metas.setdefault(name, content)
