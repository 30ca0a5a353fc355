"""A reading: what one version of the code made of one page, packed for the database and unpacked again."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
import zstandard

from services.sink.identity import block_of, entry_order
from shared.codec import decode_event, is_packed
from shared.events import Crawl, Event, ExtractedReport, Source, Step
from shared.tables import TabledReport

#: Level 3: on readings 11 % smaller than level 1 for a quarter more time; they are written once and kept for years.
_LEVEL = 3
#: No reading or source comes near: a 10 MB page decodes to at most 10 million characters of at most 4 bytes.
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
#: The first bytes of a zstd frame.
_ZSTD = b"\x28\xb5\x2f\xfd"
#: The fields of a report that a reading does not repeat: they belong to the entry or to the page.
_NOT_IN_READING = {"source", "crawl", "entry", "accepted_at"}


def pack(content: bytes) -> bytes:
    """Zstd with the length in its frame."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(content)


def unpack(packed: bytes) -> bytes:
    """What `pack` packed. Raises ValueError where the frame announces more than MAX_UNPACKED_BYTES."""
    size = zstandard.frame_content_size(packed)
    if not 0 <= size <= MAX_UNPACKED_BYTES:
        raise ValueError(f"a packed value of {size} bytes")
    return zstandard.ZstdDecompressor().decompress(packed)


def page_of(source: Source) -> str:
    """SHA-256 of the bytes as crawled, hex: equal pages are one page wherever and whenever they were fetched."""
    return hashlib.sha256(raw_bytes(source)).hexdigest()


def raw_bytes(source: Source) -> bytes:
    """The body as crawled."""
    if source.original is not None:
        return source.original
    try:
        return source.text.encode(source.charset)
    except (LookupError, UnicodeError):  # against the contract of `Source`; the text alone still names the page
        return source.text.encode("utf-8", "surrogatepass")


def address_of(url: str | None) -> str | None:
    """Hash of the URL without fragment, host in lower case: two entries with one address show one page of the web.

    None where there is no URL, or it names no host.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # for example an unclosed bracket in the host
        return None
    if not parts.netloc:
        return None
    path = parts.path or "/"
    whole = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]


#: Forms in which crawlers write a time, beside ISO 8601.
_TIME_FORMS = ("%Y%m%d%H%M%S", "%a, %d %b %Y %H:%M:%S %Z", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y年%m月%d日")
#: Since 1970, told apart by their digits: so many since 2001, and until 2286.
_SECONDS = re.compile(r"[0-9]{10}(?:\.[0-9]{0,53})?")
_MILLISECONDS = re.compile(r"[0-9]{13}(?:\.[0-9]{0,50})?")
#: The longest of all forms has 40 characters.
_MAX_TIME_CHARACTERS = 64
#: Times outside are slips of a crawler: the web is younger, and PostgreSQL and Python end elsewhere.
_FIRST_MOMENT = datetime(1990, 1, 1, tzinfo=UTC)
_LAST_MOMENT = datetime(2200, 1, 1, tzinfo=UTC)


def moment_of(seconds: float) -> datetime:
    """Unix seconds as a moment.

    They come from an entry id, and any client of the intake may choose one: what no calendar holds becomes the last
    moment that ours takes.
    """
    return datetime.fromtimestamp(min(max(seconds, 0.0), _LAST_MOMENT.timestamp()), tz=UTC)


def fetched_at(crawl: Crawl, accepted_at: float) -> datetime:
    """`crawl.fetched_at` as a moment; without a zone it is UTC. The time of acceptance where it cannot be read."""
    moment = _read_moment((crawl.fetched_at or "").strip())
    return moment_of(accepted_at) if moment is None else moment


def _read_moment(written: str) -> datetime | None:
    if not written or len(written) > _MAX_TIME_CHARACTERS:
        return None
    moment = None
    if _SECONDS.fullmatch(written):
        moment = datetime.fromtimestamp(float(written), tz=UTC)
    elif _MILLISECONDS.fullmatch(written):
        moment = datetime.fromtimestamp(float(written) / 1000, tz=UTC)
    for form in ("", *_TIME_FORMS):
        if moment is not None:
            break
        try:
            moment = datetime.strptime(written, form) if form else datetime.fromisoformat(written)  # noqa: DTZ007 - made UTC below
        except ValueError:
            continue
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None
    return moment if _FIRST_MOMENT <= moment <= _LAST_MOMENT else None


def version_of(trail: Iterable[Step], fact_versions: Iterable[str]) -> str:
    """The version of a reading: those of its stages and of its facts, each once, in the order of the pipeline."""
    seen = dict.fromkeys(step.version for step in trail if step.version)
    seen |= dict.fromkeys(version for version in fact_versions if version)
    return "+".join(seen) or "unversioned"


#: A field of the crawl: this entry is a page of the database on its way through the pipeline again. Its value is the
#: `made_at` of the reading that it was made from.
RERUN_FIELD = "rerun"
#: What a `made_at` may be: the highest entry id that a client can choose is 1.8e16 seconds.
_LAST_MADE = 1e18


def is_rerun(event: Event | TabledReport) -> bool:
    """Whether an entry is a page of the database that is processed again."""
    return RERUN_FIELD in event.crawl.extra or entry_order(event.entry)[0].endswith(":rerun")


@dataclass(frozen=True)
class Reading:
    """A report as it came from the last stage, with what the database needs to know of it.

    `carried`: the same as the stream carried it, without the last step of its trail; None where it came otherwise.
    `kept_as`: the name under which its entry is kept, where its own was taken.
    """

    report: TabledReport
    carried: bytes | None = None
    kept_as: str | None = None

    @property
    def entry(self) -> str:
        return self.kept_as or self.report.entry

    def under(self, name: str) -> Reading:
        """The same under another name."""
        return replace(self, kept_as=name)

    @cached_property
    def page(self) -> str:
        return page_of(self.report.source)

    @cached_property
    def version(self) -> str:
        return version_of(self.report.trail, [self.report.rules, *sorted(set(self.report.facts["version"]))])

    @cached_property
    def is_rerun(self) -> bool:
        return is_rerun(self.report)

    @cached_property
    def made_at(self) -> float:
        """What orders the readings of a page: when its entry was accepted, by the server that gave its id; of a rerun,
        later than the reading from which it was made, whatever the clocks say. No clock of a worker has a part in it.
        """
        accepted = entry_order(self.report.entry)[1] / 1000 or self.report.accepted_at
        return max(accepted, _after(self.report.crawl.extra.get(RERUN_FIELD, "")))

    @cached_property
    def address(self) -> str | None:
        return address_of(self.report.crawl.url)

    @cached_property
    def making(self) -> tuple[float, tuple[str, int, int]]:
        """Its place among the readings of its page; those of one moment are in the order of their entries."""
        return self.made_at, entry_order(self.entry)

    @cached_property
    def block(self) -> str | None:
        return block_of(self.report.document)

    @cached_property
    def fetched_at(self) -> datetime:
        return fetched_at(self.report.crawl, self.report.accepted_at)

    @property
    def packed(self) -> bytes:
        # Packing a report anew took a fifth of the time that it costs to store one.
        return self.carried if self.carried is not None else pack_reading(self.report)

    @property
    def steps(self) -> str | None:
        if self.carried is None or not self.report.trail:
            return None
        return orjson.dumps([self.report.trail[-1].model_dump()]).decode()

    @property
    def packed_source(self) -> bytes:
        if self.carried is not None and is_packed(self.carried):  # it stands there: see pages.py
            return b""
        return pack(self.report.source.text.encode("utf-8", "surrogatepass"))

    @property
    def packed_original(self) -> bytes | None:
        original = self.report.source.original
        return None if original is None or not self.packed_source else pack(original)


def _after(made_at: str) -> float:
    """The moment just after the one that is written; 0 where none is."""
    try:
        before = float(made_at)
    except ValueError:
        return 0.0
    return math.nextafter(before, math.inf) if 0 <= before < _LAST_MADE else 0.0


def pack_reading(report: TabledReport) -> bytes:
    """Text, alignment, document, sections, facts, checks and the trail; neither the page nor where it came from."""
    return pack(report.report().model_dump_json(exclude=_NOT_IN_READING).encode())


def unpack_reading(packed: bytes, steps: str | None = None) -> dict[str, Any]:
    """The reading as plain JSON values, by the field names of `ExtractedReport`; `steps` end its trail.

    Raises ValueError where the bytes are no reading, `Permanent` where the stream's form is one that this code does
    not know.
    """
    fields = _read_json(packed)
    if fields is None:
        fields = decode_event(ExtractedReport, packed).model_dump(mode="json")
    if steps is not None:
        fields["trail"] = [*fields["trail"], *orjson.loads(steps)]
    return fields


def _read_json(packed: bytes) -> dict[str, Any] | None:
    """What is packed as JSON; None where the stream packed it in its own form."""
    if is_packed(packed) or not packed.startswith(_ZSTD):
        return None
    content = unpack(packed)
    return orjson.loads(content) if content.startswith(b"{") else None


def canonical_json(value: Any) -> str:
    """JSON whose text depends on nothing but the value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
