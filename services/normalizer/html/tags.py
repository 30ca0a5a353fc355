"""What the tags are: patterns of a tag and its attributes, and the names of elements by what they do."""

from __future__ import annotations

import re

#: Cells that one `colspan` or `rowspan` may stand for; enough for a heading over half of the widest table.
MAX_SPAN = 50

TAG = re.compile(
    r"<(?:(?P<name>[a-zA-Z][a-zA-Z0-9:_-]{0,60}+)[^\s>/]*+|/(?P<close>[a-zA-Z][a-zA-Z0-9:_-]{0,60}+)[^\s>/]*+)"
    # An attribute value in quotes may hold a ">". Possessive: a tag that never ends costs one pass. All of the repeated
    # group is possessive, too: before Python 3.11.5 one that could match otherwise would match wrongly.
    r"""(?P<attributes>(?>[^>=]*+(?:=\s*+(?>(?:"[^"]*+"|'[^']*+')?)[^>=]*+)*+))>"""
)
#: Four or more list entries that are one short link each, with a date at most: a menu or a list of other pages. Taken
#: at once, because such lists are most of the tags of a government page.
MENU = re.compile(
    r"(?>(?:\s*+<li\b[^<>]*+>\s*+<a\b[^<>]*+>[^<>]{0,60}+</a>(?:\s*+<(?:span|em|i)\b[^<>]*+>[^<>]{0,24}+</(?:span|em|i)>)?\s*+</li>){4,2000})",
    re.IGNORECASE,
)
#: Name, and the value by the way it is quoted.
ATTRIBUTE = re.compile(
    r"""([a-zA-Z_:][a-zA-Z0-9_:.-]{0,60})\s*+=\s*+(?>"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")  # fmt: skip
_HIDDEN = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.IGNORECASE)
_HIDDEN_ALONE = re.compile(r"(?<!\S)hidden(?=[\s/]|$)", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|div|p|table|tr|td|span|br|hr|h[1-6]|article|section|main|font|center|b|"
    r"strong|i|em|u|a|ul|ol|li|dl|dd|dt|form|img|script|style|pre|blockquote|header|footer|nav|o:p|sup|sub)(?=[\s>/]))[^<>]{0,2000}>",
    re.IGNORECASE)  # fmt: skip


def _names(written: str) -> frozenset[str]:
    return frozenset(written.split())


BLOCKS = _names(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form frameset h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul ucapcontent"
)
LISTS = frozenset(("ul", "ol"))
TABLE_PARTS = frozenset(("table", "tr", "td", "th"))
BREAKS = frozenset(("br", "hr"))
#: Elements without an end tag that show nothing.
VOID = _names("img input link base area col wbr embed param source track basefont bgsound frame o:p")
#: Elements whose content is no text of the page.
SKIPPED = _names(
    "script style noscript template iframe object svg math select datalist button textarea canvas audio video map "
    "applet noframes noembed"
)
#: Those of them whose content holds no tags: "/>" does not end them.
RAW = _names("script style textarea noscript iframe noframes noembed template")
#: Elements inside a sentence whose words are struck out.
STRUCK = frozenset(("del", "s", "strike"))
#: What an island of settings begins with that Word leaves in a page.
OFFICE_SETTINGS = re.compile(r"\s{0,200}<[womv]:")
#: An opening tag on the left closes the open elements on the right (HTML's implied end tags).
IMPLIED_END = {
    "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "tr": ("tr",), "td": ("td", "th"), "th": ("td", "th"),
    "tbody": ("tbody", "thead", "tfoot"), "thead": ("tbody",), "tfoot": ("tbody", "thead"),
}  # fmt: skip
#: Elements that an implied end does not reach out of.
SCOPE = _names("table ul ol dl body html")
CLOSES_PARAGRAPH = BLOCKS - {"td", "th", "tr", "tbody", "thead", "tfoot", "body", "html"}
#: Blocks that may hold the report as a whole.
CONTAINERS = _names("body div td section article main center form blockquote ucapcontent li dd")
FURNITURE = frozenset(("nav", "footer", "aside"))


def looks_like_html(text: str) -> bool:
    """Whether the page is markup and not a plain text that mentions a tag."""
    return "<" in text and _LOOKS_LIKE_HTML.search(text, 0, 20_000) is not None


def is_hidden(attributes: str) -> bool:
    """Whether an element with these attributes is not shown."""
    if "none" not in attributes and "hidden" not in attributes:
        return False
    if "hidden" in attributes and _HIDDEN_ALONE.search(ATTRIBUTE.sub("", attributes)):
        return True
    for found in ATTRIBUTE.finditer(attributes):
        name = found[1].lower()
        if name == "hidden" or (name == "style" and _HIDDEN.search(found[2] or found[3] or found[4] or "")):
            return True
    return False


def cells_spanned(attributes: str, name: str) -> int:
    """The value of `colspan` or `rowspan`: 1 to MAX_SPAN."""
    at = attributes.lower().find(name)
    if at < 0:
        return 1
    found = re.match(r"""\s*=\s*["']?\s*([0-9]{1,4})""", attributes[at + len(name) : at + len(name) + 20])
    return min(max(int(found[1]), 1), MAX_SPAN) if found else 1
