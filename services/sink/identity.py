"""Which pages are one report, and which of its revisions is the one in force. Pure functions of sets.

Two pages are one report where one of these holds (and so on through a chain of pages):

    the same content        whatever the address and the year
    the same address        in the same report year: a new revision. Another year at the address is another report
    nearly the same text    in the same report year by the same body: a copy on another site

Within a report, pages with one content are one revision. Every answer here is a function of the set of pages and
sources, never of the order in which they came (tests/sink/test_identity.py permutes them).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.events import Document

#: Share of differing bits of two signatures up to which two texts count as one. Copies with one clause in ten changed
#: differ by at most 0.16 (95 %); of 21,945 pairs of different documents none by less than 0.34, of one issuer none by
#: less than 0.41. docs/decisions/0030-one-report.md
NEAR = 0.16


@dataclass(frozen=True)
class PageKeys:
    """What a page's current reading says that decides identity."""

    page: str
    content: str
    signature: str
    report_year: int | None
    block: str | None  # see `block_of`


class Sighting(NamedTuple):
    """One source: an entry that showed a page. Ordered by the time of the fetch, then by the entry."""

    fetched_at: datetime
    entry_order: tuple[str, int, int]
    entry: str
    page: str
    address: str | None = None


@dataclass(frozen=True)
class Revision:
    """One content of a report. `since`: the sighting that first showed it."""

    content: str
    since: Sighting
    page: str  # the page that stands for it: the one first seen
    current: bool


def entry_order(entry: str) -> tuple[str, int, int]:
    """Entry ids in the order in which the server gave them: by number, not by letter. One that is kept under a name of
    its own (`ID+HASH`) stands where its id says.
    """
    stream, _, identifier = entry.rpartition("/")
    milliseconds, _, sequence = identifier.partition("+")[0].partition("-")
    if identifier.isascii() and milliseconds.isdecimal() and sequence.isdecimal():
        return stream, int(milliseconds), int(sequence)
    return entry, 0, 0


def block_of(document: Document) -> str | None:
    """Year and body: near-duplicates are only looked for among pages that agree in both.

    An issuer that names no place (教育局) is that of the place that was read beside it. None where the page states no
    year or issuer, or where nothing says whose 教育局 it is: then only content and address decide. All of the country
    would be one block, and a text that many of them share would make them one report.
    """
    body = body_name(document)
    if document.report_year is None or body is None:
        return None
    return f"{document.report_year}|{hashlib.sha256(body.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


#: An issuer that is one body without a place beside it: one of the whole country, one whose name holds a place that the
#: normalizer gives no field of its own (a town, a port), an army of builders.
_ONE_OF_ITS_KIND = re.compile(
    r"^(?:国|中国|中华|全国|最高|中央)|^.{2,12}?(?:省|市|州|盟|县|旗|镇|(?<!城)乡|街道|苏木|兵团|师|海关|(?<!宣传|组织|统战|武装)部)"
)


def body_name(document: Document) -> str | None:
    """The issuer with its place, as one name without blanks; None where either is not known."""
    issuer = "".join((document.issuer or "").split())
    if not issuer:
        return None
    place = document.place
    names = ["".join(name.split()) for name in (place.county, place.city, place.province) if name]
    if any(name in issuer for name in names):
        return issuer
    if names:
        return names[0] + issuer
    return issuer if _ONE_OF_ITS_KIND.search(issuer) else None


class Nearness:
    """Signatures that others are compared with. They are held as numbers: one comparison takes 0.06 µs."""

    def __init__(self, signatures: Iterable[str] = (), *, near: float = NEAR) -> None:
        self._near = near
        self._numbers: dict[int, set[int]] = defaultdict(set)  # by length
        self.add(*signatures)

    def add(self, *signatures: str) -> None:
        """Compare with these, too; what is no signature is near to nothing."""
        for signature in signatures:
            number = _number(signature)
            if number is not None:
                self._numbers[len(signature)].add(number)

    def absorb(self, other: Nearness) -> None:
        """Compare with those of `other`, too."""
        for length, numbers in other._numbers.items():
            self._numbers[length] |= numbers

    def holds_near(self, signature: str) -> bool:
        """Whether one of them is near to `signature`."""
        number = _number(signature)
        if number is None:
            return False
        most = int(self._near * 4 * len(signature))  # differing bits
        for one in self._numbers.get(len(signature), ()):  # noqa: SIM110 - `any` over a generator takes twice the time
            if (one ^ number).bit_count() <= most:
                return True
        return False

    def meets(self, signatures: Iterable[str]) -> bool:
        """Whether one of them is near to one of `signatures`."""
        return any(map(self.holds_near, signatures))


def _number(signature: str) -> int | None:
    try:
        return int(signature, 16) if signature else None
    except ValueError:
        return None


def components(pages: Iterable[PageKeys], sightings: Iterable[Sighting], *, near: float = NEAR) -> list[frozenset[str]]:
    """The pages grouped into reports, in no order."""
    listed = sorted(pages, key=lambda page: page.page)
    union = _Union(page.page for page in listed)
    by_content: dict[str, list[str]] = defaultdict(list)
    by_block: dict[str, list[PageKeys]] = defaultdict(list)
    for page in listed:
        by_content[page.content].append(page.page)
        if page.block is not None:
            by_block[page.block].append(page)
    for together in (*by_content.values(), *_by_address(listed, sightings).values()):
        union.join(together)
    for block in by_block.values():
        _join_near(block, union, near)
    return union.groups()


class _Union:
    """Disjoint sets of pages (Tarjan 1975, with path halving)."""

    def __init__(self, pages: Iterable[str]) -> None:
        self._leader = {page: page for page in pages}

    def find(self, page: str) -> str:
        while self._leader[page] != page:
            self._leader[page] = self._leader[self._leader[page]]
            page = self._leader[page]
        return page

    def join(self, together: Sequence[str]) -> None:
        for other in together[1:]:
            self._leader[self.find(other)] = self.find(together[0])

    def groups(self) -> list[frozenset[str]]:
        grouped: dict[str, set[str]] = defaultdict(set)
        for page in self._leader:
            grouped[self.find(page)].add(page)
        return [frozenset(group) for group in grouped.values()]


def _by_address(pages: Sequence[PageKeys], sightings: Iterable[Sighting]) -> dict[tuple[str, int | None], list[str]]:
    year = {page.page: page.report_year for page in pages}
    together: dict[tuple[str, int | None], list[str]] = defaultdict(list)
    for sighting in sightings:
        if sighting.address is not None and sighting.page in year:
            together[sighting.address, year[sighting.page]].append(sighting.page)
    return together


def _join_near(block: Sequence[PageKeys], union: _Union, near: float) -> None:
    """Groups that stand already are compared with each other, never page with page: a page that is crawled daily for
    years has thousands of bodies (a counter), and a report copied by hundreds of sites as many.
    """
    together: dict[str, dict[str, None]] = defaultdict(dict)  # group → its signatures
    for page in block:
        together[union.find(page.page)][page.signature] = None
    joined: list[tuple[str, Nearness]] = []
    for leader, own in together.items():
        near_ones = [one for one in joined if one[1].meets(own)]
        if not near_ones:
            joined.append((leader, Nearness(own, near=near)))
            continue
        (first, known), *others = near_ones
        union.join([first, leader, *(other for other, _ in others)])
        known.add(*own)
        for other in others:
            known.absorb(other[1])
            joined.remove(other)


def revisions(sightings: Collection[Sighting], contents: Mapping[str, str]) -> list[Revision]:
    """The revisions of one report, oldest first; exactly one is current.

    `contents`: page → content. A content becomes current when it is seen for the first time, or when an address that
    showed another content shows it (a publisher who goes back to the former text). A copy elsewhere of a content that
    is already known changes nothing, however late it is crawled.
    """
    ordered = sorted(sightings)
    first: dict[str, Sighting] = {}
    shown: dict[str, str] = {}
    current = ""
    for sighting in ordered:
        content = contents[sighting.page]
        if content not in first:
            first[content] = sighting
            current = content
        elif sighting.address is not None and shown.get(sighting.address, content) != content:
            current = content
        if sighting.address is not None:
            shown[sighting.address] = content
    return [
        Revision(content=content, since=since, page=since.page, current=content == current)
        for content, since in first.items()
    ]
