"""The number of a document and whom it addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.rules import rules

if TYPE_CHECKING:
    from services.normalizer.reading import Reading

_RULES = rules("services.normalizer", "document")
_NUMBER = _RULES.pattern("number")
_NUMBER_LABEL = _RULES.pattern("number_label")
_ADDRESSEE = _RULES.pattern("addressee")
_NO_ADDRESSEE = _RULES.words("no_addressee")

#: Characters of the text in which the line that addresses it must end.
_REACH = 200


def find_number(reading: Reading) -> str | None:
    """The number of the document, above the text."""
    if "号" not in reading.page[: reading.body[0]]:
        return None
    found = _NUMBER.search(reading.page, 0, reading.body[0])
    if found is None:
        return None
    label = _NUMBER_LABEL.match(found[0])
    start = found.start() + (label.end() if label else 0)
    reading.found["document_number"] = start, found.end()
    return reading.page[start : found.end()].strip()


def find_addressee(reading: Reading) -> str | None:
    """The bodies that the first line under the title, or of the text, addresses."""
    end = reading.body[0] + _REACH
    under = reading.title[1] if reading.title else reading.body[0]
    found = _ADDRESSEE.match(reading.page, under, end) or _ADDRESSEE.match(reading.page, reading.body[0], end)
    if found is None or found[1].strip().startswith(_NO_ADDRESSEE):
        return None
    reading.found["addressee"] = found.span(1)
    return found[1].strip()
