"""The words of a fact as the source writes them, cut out through the alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from services.extractor.amount import Amount
    from shared.events import SectionedReport


class Quote(NamedTuple):
    """A fact's words and its number as written, and the number's span in the decoded source."""

    words: str
    number: str
    start: int
    end: int


class Quotes:
    """Cuts quotes out of one report's source."""

    def __init__(self, report: SectionedReport) -> None:
        self._locator = report.alignment.locator()
        self._source = report.source.text
        self._markup = report.source.media_type == "text/html"

    def written(self, start: int, end: int) -> str:
        """`text[start:end]` as the source writes it."""
        return self._locator.cut(self._source, start, end, markup=self._markup)

    def of(self, span: tuple[int, int], amount: Amount) -> Quote:
        """The words of the text's `span` and the number of `amount`, which may stand outside of it."""
        start, end = span
        shift = self._locator.shift(min(start, amount.start), end)
        if shift is None:
            number = self.written(amount.start, amount.end)
            return Quote(self.written(start, end), number, *self._locator.to_source(amount.start, amount.end))
        source, first, last = self._source, amount.start + shift, amount.end + shift
        return Quote(source[start + shift : end + shift], source[first:last], first, last)
