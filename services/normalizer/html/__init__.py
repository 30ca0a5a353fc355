"""HTML → lines that still know where each character came from.

A tokenizer of its own, because no parser with Python bindings keeps the source offset of each character and a fact
must show its words in the page as crawled (docs/decisions/0040-html-reader.md). It reads what the genre needs:
blocks become lines, table rows become lines with tabs between cells, inline tags vanish without a gap.

    tags.py    what the tags are: names by what they do, attributes that count
    reader.py  the loop over the tags; which blocks are open
    lines.py   the text between the tags: white space, references, line breaks
    rows.py    the table rows that are open, and which of them are one line
    layers.py  markup inside of markup: a text that was escaped once more
    carried.py a text that the page carries for a script to show
    page.py    what comes out
"""

from services.normalizer.html.layers import is_escaped_page, read_layers, references, written_breaks
from services.normalizer.html.page import Line, Page
from services.normalizer.html.reader import read_page
from services.normalizer.html.tags import looks_like_html

__all__ = [
    "Line",
    "Page",
    "is_escaped_page",
    "looks_like_html",
    "read_layers",
    "read_page",
    "references",
    "written_breaks",
]
