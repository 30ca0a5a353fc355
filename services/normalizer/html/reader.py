"""The loop over the tags of a page, and the blocks that are open."""

from __future__ import annotations

import re
from functools import lru_cache

from services.normalizer.draft import Draft
from services.normalizer.html.lines import Lines
from services.normalizer.html.page import Page
from services.normalizer.html.tags import (
    ATTRIBUTE,
    BLOCKS,
    BREAKS,
    CLOSES_PARAGRAPH,
    CONTAINERS,
    FURNITURE,
    IMPLIED_END,
    LISTS,
    MENU,
    OFFICE_SETTINGS,
    RAW,
    SCOPE,
    SKIPPED,
    STRUCK,
    TABLE_PARTS,
    TAG,
    VOID,
    is_hidden,
)
from shared.errors import Permanent, Reason

#: Open elements at one place. Browsers stop at 512 blocks; sloppy pages leave a few hundred inline tags open.
MAX_DEPTH = 1_000
#: Tags of a page: at seven bytes a tag 1.4 MB of markup alone. Ten megabytes of one tag hold three million.
MAX_TAGS = 200_000

#: Source of an element inside a sentence that is left out because it is not shown. What is longer is text that a script
#: shows, or an element that nobody closed.
MAX_UNSHOWN = 1_000

_CLOSERS = {name: re.compile(rf"</{name}(?=[\s>/])", re.IGNORECASE) for name in (*SKIPPED, "title", "xml")}
_TAG_END = re.compile(r"[^>]{0,2000}>")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


def read_page(source: str) -> Page:
    """The lines of an HTML page, in page order, with the way back to `source`.

    Raises Permanent: `too_deep` beyond MAX_DEPTH open elements, `too_complex` beyond MAX_TAGS tags or MAX_REFERENCES
    character references.
    """
    reader = _Reader(source)
    find, match, add = source.find, TAG.match, reader.lines.add
    at = tags = 0
    while (opened := find("<", at)) >= 0:
        tags += 1
        if tags > MAX_TAGS:
            raise Permanent(Reason.TOO_COMPLEX, f"more than {MAX_TAGS} tags")
        found = match(source, opened)
        if found is None and not _begins_markup(source, opened):
            # A "<" that opens nothing is text, with what follows it.
            stop = find("<", opened + 1)
            stop = stop if stop > 0 else len(source)
            add(at, stop)
            at = stop
            continue
        if opened > at:
            add(at, opened)
        if found is not None:
            at = reader.read_tag(found)
        else:
            at = reader.read_declaration(opened)
            add = reader.read_text if reader.has_cdata else add
    if at < len(source):
        add(at, len(source))
    return reader.page()


@lru_cache(maxsize=64)
def _tags_of(name: str) -> re.Pattern[str]:
    """Opening and closing tags of one element; those of a page have a few dozen names."""
    return re.compile(rf"<(/)?{re.escape(name)}(?=[\s>/])[^<>]{{0,500}}>", re.IGNORECASE)


def _begins_markup(source: str, at: int) -> bool:
    following = source[at + 1 : at + 3]
    return following[:1] in ("!", "?") or (following[:1].isascii() and following[:1].isalpha()) or (
        following[:1] == "/" and following[1:].isascii() and following[1:].isalpha()
    )  # fmt: skip


class _Reader:
    """The blocks that are open while the tags of a page are read, and what the page says beside its text."""

    def __init__(self, source: str) -> None:
        self.lines = Lines(source)
        self._source = source
        self._stack: list[tuple[str, int]] = [("", 0)]  # name and number of each open block
        self._open: dict[str, int] = {}  # how many blocks of each name are open
        self._inline = 0  # inline elements that are open in the innermost block
        self._never_closed: set[str] = set()
        self._page = Page(Draft("", []), [])
        self._cdata_end = -1

    def page(self) -> Page:
        """What was read; the blocks that are still open end here."""
        while len(self._stack) > 1:
            self._close_block(self._stack[-1][0])
        page = self._page
        page.last_inside[0] = len(page.parents) - 1
        page.draft, page.lines = self.lines.draft()
        return page

    @property
    def has_cdata(self) -> bool:
        """Whether a CDATA section has begun: its end is no text."""
        return self._cdata_end >= 0

    def read_text(self, start: int, end: int) -> None:
        """Read what stands between two tags, without the end of a CDATA section."""
        if start <= self._cdata_end < end:
            self.read_text(start, self._cdata_end)
            start = self._cdata_end + len(_CDATA_END)
        if start < end:
            self.lines.add(start, end)

    def read_declaration(self, at: int) -> int:
        """Past a comment, declaration or processing instruction; one that never ends takes the rest (HTML standard).

        A CDATA section is read: feeds wrap the markup of a page in one.
        """
        source = self._source
        if source.startswith(_CDATA, at):
            if self._cdata_end < at:
                end = source.find(_CDATA_END, at)
                self._cdata_end = end if end >= 0 else len(source)
            return at + len(_CDATA)
        if source.startswith("<!--", at):
            end = source.find("-->", at + 4)
            return end + 3 if end >= 0 else len(source)
        end = source.find(">", at)
        return end + 1 if end >= 0 and source[at + 1] in "!?" else len(source)

    def read_tag(self, found: re.Match[str]) -> int:
        """Read one tag; returns where the text goes on."""
        at = found.end()
        name, closed, attributes = found.groups()
        if name is None:
            self._close(closed.lower())
        elif (name := name.lower()) in BLOCKS:
            self._open_block(name, attributes)
            menu = MENU.match(self._source, at) if name in LISTS else None
            if menu is not None:
                self._page.menus.append(menu.span())
                return menu.end()
        else:
            return self._open_inline(name, found)
        return at

    def _close(self, name: str) -> None:
        lines = self.lines
        if name in BLOCKS:
            self._close_block(name)
        elif name == "a":
            lines.links = max(0, lines.links - 1)
        elif name == "sup":
            lines.raised = max(0, lines.raised - 1)
        elif name == "br":  # browsers take </br> for <br>
            lines.end_line()
        else:
            self._inline = max(0, self._inline - 1)

    # blocks ----------------------------------------------------------------------------------------------------------

    def _open_block(self, name: str, attributes: str) -> None:
        lines, page = self.lines, self._page
        lines.end_line()
        self._inline = 0
        if self._open.get("p") and name in CLOSES_PARAGRAPH:
            self._close_block("p")
        for closed in IMPLIED_END.get(name, ()):
            if self._open.get(closed) and self._in_scope(closed):
                self._close_block(closed)
        node = len(page.parents)
        page.parents.append(lines.node)
        page.last_inside.append(node)
        page.containers.append(name in CONTAINERS)
        page.furniture.append(name in FURNITURE or bool(attributes and is_hidden(attributes)))
        self._stack.append((name, node))
        self._open[name] = self._open.get(name, 0) + 1
        lines.tag, lines.node = name, node
        if name == "pre":
            lines.preformatted += 1
        elif name in TABLE_PARTS:
            lines.tables.open(name, attributes)
        if len(self._stack) > MAX_DEPTH:
            raise Permanent(Reason.TOO_DEEP, f"markup nested deeper than {MAX_DEPTH}")

    def _in_scope(self, name: str) -> bool:
        """Whether `name` is open inside the innermost list or table."""
        for opened, _ in reversed(self._stack):
            if opened == name:
                return True
            if opened in SCOPE:
                return False
        return False

    def _close_block(self, name: str) -> None:
        if not self._open.get(name):
            return
        lines = self.lines
        lines.end_line()
        self._inline = 0
        closed = ""
        while closed != name:
            closed, node = self._stack.pop()
            self._open[closed] -= 1
            self._page.last_inside[node] = len(self._page.parents) - 1
            if closed == "pre":
                lines.preformatted -= 1
            elif closed in TABLE_PARTS:
                lines.tables.close(closed)
        lines.tag, lines.node = self._stack[-1]

    # other elements --------------------------------------------------------------------------------------------------

    def _open_inline(self, name: str, found: re.Match[str]) -> int:
        """Read an opening tag that is no block; returns where the text goes on."""
        at, lines = found.end(), self.lines
        if name in BREAKS:
            lines.end_line()
        elif name == "a":
            lines.links += 1
            lines.target = found["attributes"]
        elif name == "sup":
            lines.raised += 1
        elif name == "meta":
            self._read_meta(found)
        elif name == "title" and self._page.title is None:
            closing = _CLOSERS[name].search(self._source, at)
            self._page.title = at, closing.start() if closing else len(self._source)
            return self._page.title[1]
        elif name in SKIPPED or (name == "xml" and OFFICE_SETTINGS.match(self._source, at)):
            return self._skip(name, found)
        elif name in STRUCK or (found["attributes"] and is_hidden(found["attributes"])):
            return self._past_unshown(name, at)
        elif name not in VOID:
            self._inline += 1
            if self._inline + len(self._stack) > MAX_DEPTH:
                raise Permanent(Reason.TOO_DEEP, f"markup nested deeper than {MAX_DEPTH}")
        return at

    def _skip(self, name: str, found: re.Match[str]) -> int:
        """Past the end of an element whose content is no text; one that never ends swallows nothing unless it is raw."""
        at = found.end()
        if found["attributes"].endswith("/") and name not in RAW:
            return at
        closing = None if name in self._never_closed else _CLOSERS[name].search(self._source, at)
        if closing is None:
            self._never_closed.add(name)
            return len(self._source) if name in ("script", "style") else at
        end = _TAG_END.match(self._source, closing.end())
        return end.end() if end else len(self._source)

    def _past_unshown(self, name: str, at: int) -> int:
        """Past the end of a short element inside a sentence whose words are hidden or struck out."""
        depth = 1
        for tag in _tags_of(name).finditer(self._source, at, at + MAX_UNSHOWN):
            depth += -1 if tag[1] else 1
            if not depth:
                return tag.end()
        self._inline += name not in VOID
        return at

    def _read_meta(self, found: re.Match[str]) -> None:
        name, content = "", None
        base = found.start("attributes")
        for attribute in ATTRIBUTE.finditer(found["attributes"]):
            group = next(k for k in (2, 3, 4) if attribute[k] is not None)
            key = attribute[1].lower()
            if key in ("name", "property", "itemprop"):
                name = attribute[group].strip().lower()
            elif key == "content":
                content = (base + attribute.start(group), base + attribute.end(group))
        if name and content:
            self._page.metas.setdefault(name, content)
