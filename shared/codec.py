"""Events as bytes.

An event of the normalizer or of a stage after it is written in parts, each compressed by itself:

    mark ┃ head: entry, crawl, trail ┃ page: source, text, alignment, document ┃ sections ┃ facts, checks, coverage

A stage copies the parts that it did not change as they came (see `Opened`): the page is compressed once, by the
normalizer. Everything else (dead letters, and events that have no packed form) is JSON, compressed as a whole, which is
also how the versions before wrote every event. Both are read.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass, field
from importlib.resources import files
from operator import is_
from typing import Any, Generic, TypeVar, cast

import zstandard
from pydantic import ValidationError

from shared.errors import Permanent, Reason
from shared.events import SCHEMA_VERSION, Event, ExtractedReport, NormalizedReport, Record, SectionedReport
from shared.packed.facts import pack_facts, read_facts
from shared.packed.page import PackedPage, PageWords
from shared.packed.sections import pack_sections, read_sections
from shared.tables import RECORDS, TabledReport, columns_of

EventT = TypeVar("EventT", bound=Record)

#: Of small parts and of JSON. Level 3: 6 % smaller than level 1, for 0.04 ms more a report.
_LEVEL = 3
#: Of the page, which is compressed once and read by three stages.
_PAGE_LEVEL = 6
#: A decompressed event above this is refused. A 10 MB page, its text, alignment and facts stay below it.
MAX_EVENT_BYTES = 256 * 1024 * 1024
#: What a packed event begins with: a whole zstd frame of its own. Code that knows only JSON reads it as an event of an
#: unknown `schema_version`, and makes a dead letter of it that says so and can be replayed.
_MARK = zstandard.ZstdCompressor(level=1).compress(b'{"schema_version":"1, packed"}')
#: Dictionaries `packed/words-N.bin`, the last one for writing. An event says which it needs; none is ever removed or
#: changed, because readings in the database and dead letters need them.
_WORDS = (1,)
_PARTS = struct.Struct("<BIIII")
_FIRST_PART = _PARTS.size + len(_MARK)
#: What the packing raises for an event that has no packed form.
_UNPACKABLE = (ValueError, IndexError, KeyError, OverflowError, TypeError, struct.error)
#: What the reading raises for bytes that are no event.
_UNREADABLE = (ValueError, IndexError, KeyError, OverflowError, TypeError, StopIteration, struct.error)


@dataclass
class _Tools(threading.local):
    """Compressors of one thread."""

    dictionaries: dict[int, zstandard.ZstdCompressionDict] = field(default_factory=dict)
    packers: dict[tuple[int, bool], zstandard.ZstdCompressor] = field(default_factory=dict)
    unpackers: dict[int, zstandard.ZstdDecompressor] = field(default_factory=dict)

    def dictionary(self, number: int) -> zstandard.ZstdCompressionDict:
        if number not in self.dictionaries:
            content = files("shared").joinpath("packed", f"words-{number}.bin").read_bytes()
            self.dictionaries[number] = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return self.dictionaries[number]

    def packer(self, level: int, *, words: bool) -> zstandard.ZstdCompressor:
        packer = self.packers.get((level, words))
        if packer is None:
            dictionary = self.dictionary(_WORDS[-1]) if words else None
            packer = self.packers[level, words] = zstandard.ZstdCompressor(level=level, dict_data=dictionary)
        return packer

    def unpacker(self, number: int) -> zstandard.ZstdDecompressor:
        unpacker = self.unpackers.get(number)
        if unpacker is None:
            dictionary = self.dictionary(number) if number else None
            unpacker = self.unpackers[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return unpacker


_tools = _Tools()


@dataclass
class Opened(Generic[EventT]):
    """An event and the parts it was read from, for the event that a stage makes of it.

    `words`: the dictionary with which the parts were compressed; only parts of the latest are copied, since an event
    names one for all of its parts.
    """

    event: EventT
    words: int = _WORDS[-1]
    page: PackedPage | None = None
    packed_page: bytes = b""
    packed_sections: bytes = b""


def encode_event(event: Record, after: Opened[Any] | None = None) -> bytes:
    """The event as bytes. Parts that are the same in `after`, the event it was made of, are copied from there."""
    if isinstance(event, TabledReport):
        event = event.report()
    if isinstance(event, NormalizedReport):
        try:
            return _pack(event, after if after is not None and after.words == _WORDS[-1] else Opened(event))
        except _UNPACKABLE:
            pass  # JSON says what is wrong with it, if anything is
    return _tools.packer(_LEVEL, words=False).compress(event.__pydantic_serializer__.to_json(event))


def _pack(event: NormalizedReport, after: Opened[Any]) -> bytes:
    small, large = _tools.packer(_LEVEL, words=True), _tools.packer(_PAGE_LEVEL, words=True)
    head = small.compress(Event.__pydantic_serializer__.to_json(event, include=_HEAD_FIELDS))
    page = PackedPage.of(event)
    packed_page = after.packed_page if page.same(after.page) else large.compress(page.to_bytes())
    packed_sections = packed_facts = b""
    if isinstance(event, SectionedReport):
        words = PageWords(event)
        unchanged = after.packed_sections and _same_sections(event, after.event)
        packed_sections = after.packed_sections if unchanged else small.compress(pack_sections(event, words))
        if isinstance(event, ExtractedReport):
            packed_facts = small.compress(pack_facts(event, words))
    parts = (head, packed_page, packed_sections, packed_facts)
    return b"".join((_MARK, _PARTS.pack(_WORDS[-1], *map(len, parts)), *parts))


def _same_sections(event: SectionedReport, before: Record) -> bool:
    """Whether the records themselves are the same: a stage makes new ones, it never changes those it was given."""
    return (
        isinstance(before, SectionedReport)
        and len(event.sections) == len(before.sections)
        and len(event.repairs) == len(before.repairs)
        and all(map(is_, event.sections, before.sections))
        and all(map(is_, event.repairs, before.repairs))
    )


_HEAD_FIELDS = set(Event.model_fields)


def decode_event(model: type[EventT], packed: bytes) -> EventT:
    """The event that `encode_event` packed.

    Raises Permanent: `invalid_event` where the bytes are no such event, `unknown_version` where its
    `schema_version` or its packing is not one that this code knows.
    """
    return open_event(model, packed).event


def is_packed(packed: bytes) -> bool:
    """Whether the bytes are an event in parts, and not JSON."""
    return packed.startswith(_MARK)


def open_event(model: type[EventT], packed: bytes) -> Opened[EventT]:
    """As `decode_event`, with the parts that the next event may have in common with it."""
    try:
        if is_packed(packed):
            return _open(model, packed)
        return Opened(_read_json(model, _unpack(packed, 0, MAX_EVENT_BYTES)))
    except zstandard.ZstdError as error:
        raise Permanent(Reason.INVALID_EVENT, f"not a compressed event: {error}") from error
    except ValidationError as error:
        raise _invalid(error) from error
    except _UNREADABLE as error:
        raise Permanent(Reason.INVALID_EVENT, f"not a packed event: {type(error).__name__}: {error}"[:300]) from error


def _read_json(model: type[EventT], content: bytes) -> EventT:
    if not issubclass(model, TabledReport):
        return model.model_validate_json(content)
    return cast("EventT", TabledReport.of(ExtractedReport.model_validate_json(content)))


def _unpack(packed: bytes, number: int, most: int) -> bytes:
    size = zstandard.frame_content_size(packed)
    if not 0 <= size <= most:
        raise Permanent(Reason.INVALID_EVENT, f"event of {size} bytes")
    return _tools.unpacker(number).decompress(packed)


def _open(model: type[EventT], packed: bytes) -> Opened[EventT]:
    if len(packed) < _FIRST_PART:
        raise ValueError("it ends early")
    number, *lengths = _PARTS.unpack_from(packed, len(_MARK))
    if number not in _WORDS:
        raise Permanent(Reason.UNKNOWN_VERSION, f"packed with the words {number}, this code has {_WORDS[-1]}")
    parts, at = [], _FIRST_PART
    for length in lengths:
        parts.append(packed[at : at + length])
        at += length
    if at != len(packed):
        raise ValueError("its parts are not as long as it says")
    depth = sum(1 for part in parts[1:] if part)
    if _DEPTH.get(model) != depth:
        raise ValueError(f"it is no {model.__name__}")
    room = MAX_EVENT_BYTES
    plain = []
    for part in parts:
        plain.append(_unpack(part, number, room) if part else b"")
        room -= len(plain[-1])
    head, page_bytes, sections, facts = plain
    page = PackedPage.from_bytes(page_bytes)
    fields: dict[str, Any] = {**vars(Event.model_validate_json(head)), **page.fields()}
    if depth > _DEPTH[NormalizedReport]:
        words = PageWords(NormalizedReport.trusted(**fields))
        fields |= read_sections(sections, words)
        if depth > _DEPTH[SectionedReport]:
            fields |= read_facts(facts, words, fields["sections"])
    if issubclass(model, TabledReport):
        fields |= {name: columns_of(record, fields[name]) for name, record in RECORDS.items()}
    return Opened(model.trusted(**fields), number, page, parts[1], parts[2])


_DEPTH: dict[type[Record], int] = {NormalizedReport: 1, SectionedReport: 2, ExtractedReport: 3, TabledReport: 3}


def _invalid(error: ValidationError) -> Permanent:
    problems = error.errors(include_url=False)
    for problem in problems:
        if problem["loc"] == ("schema_version",):
            return Permanent(
                Reason.UNKNOWN_VERSION, f"schema_version {problem['input']!r}, this code knows {SCHEMA_VERSION}"
            )
    first = problems[0]
    where = ".".join(str(part) for part in first["loc"]) or "the event"
    return Permanent(Reason.INVALID_EVENT, f"{where}: {first['msg']}; {error.error_count()} such faults in all")
