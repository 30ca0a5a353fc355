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
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import accumulate, pairwise
from operator import is_
from typing import Any, Generic, NamedTuple, TypeVar, cast

import zstandard
from pydantic import ValidationError

from shared.columns import Columns, Table, records_of
from shared.errors import Permanent, Reason
from shared.events import SCHEMA_VERSION, Event, ExtractedReport, NormalizedReport, Record, Section, SectionedReport
from shared.packed import facts, form1, sections
from shared.packed.page import PackedPage, PageWords
from shared.tables import RECORDS, TabledReport

EventT = TypeVar("EventT", bound=Record)

#: Level 5 makes parts 2–9 % smaller for 0.08 ms more a report, level 3 another 5 % larger for 0.01 ms less (0079). One level
#: for all parts: a compressor's tables are warm then from one part to the next.
_LEVEL = 4
#: A decompressed event above this is refused. A 10 MB page, its text, alignment and facts stay below it.
MAX_EVENT_BYTES = 256 * 1024 * 1024
#: What a packed event begins with: a whole zstd frame of its own. Code that knows only JSON reads it as an event of an
#: unknown `schema_version`, and makes a dead letter of it that says so and can be replayed.
_MARK = zstandard.ZstdCompressor(level=1).compress(b'{"schema_version":"1, packed"}')
_PARTS = struct.Struct("<BIIII")
_FIRST_PART = _PARTS.size + len(_MARK)
#: What the packing raises for an event that has no packed form.
_UNPACKABLE = (ValueError, IndexError, KeyError, OverflowError, TypeError, struct.error)
#: What the reading raises for bytes that are no event.
_UNREADABLE = (ValueError, IndexError, KeyError, OverflowError, TypeError, StopIteration, struct.error)


class _Form(NamedTuple):
    """A way of packing: the dictionary `packed/words-N.bin` of its parts, and how sections and facts are read."""

    words: int
    read_sections: Callable[[bytes, PageWords], dict[str, Any]]
    read_facts: Callable[[bytes, PageWords, Columns], dict[str, Any]]


#: The number with which a packed event begins → its form. The last one is written. None is ever removed or changed,
#: nor is a dictionary, because readings in the database and dead letters need them.
_FORMS = {
    1: _Form(1, form1.read_sections, form1.read_facts),
    2: _Form(1, sections.read_sections, facts.read_facts),
}
_FORM = max(_FORMS)


@dataclass
class _Tools(threading.local):
    """Compressors of one thread, by the number of their dictionary, 0 for none."""

    dictionaries: dict[int, zstandard.ZstdCompressionDict | None] = field(default_factory=lambda: {0: None})
    packers: dict[int, zstandard.ZstdCompressor] = field(default_factory=dict)
    unpackers: dict[int, zstandard.ZstdDecompressor] = field(default_factory=dict)

    def dictionary(self, number: int) -> zstandard.ZstdCompressionDict | None:
        if number not in self.dictionaries:
            content = files("shared").joinpath("packed", f"words-{number}.bin").read_bytes()
            self.dictionaries[number] = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return self.dictionaries[number]

    def packer(self, words: int) -> zstandard.ZstdCompressor:
        packer = self.packers.get(words)
        if packer is None:
            packer = self.packers[words] = zstandard.ZstdCompressor(level=_LEVEL, dict_data=self.dictionary(words))
        return packer

    def unpacker(self, words: int) -> zstandard.ZstdDecompressor:
        unpacker = self.unpackers.get(words)
        if unpacker is None:
            unpacker = self.unpackers[words] = zstandard.ZstdDecompressor(dict_data=self.dictionary(words))
        return unpacker


_tools = _Tools()


@dataclass
class Opened(Generic[EventT]):
    """An event and the parts it was read from, for the event that a stage makes of it.

    `form`: the one of the parts; only parts of the latest are copied, since an event names one for all of its parts.
    """

    event: EventT
    form: int = _FORM
    packed_page: bytes = b""
    packed_sections: bytes = b""


def encode_event(event: Record, after: Opened[Any] | None = None) -> bytes:
    """The event as bytes. Parts that are the same in `after`, the event it was made of, are copied from there."""
    if isinstance(event, TabledReport):
        event = event.report()
    if isinstance(event, NormalizedReport):
        try:
            return _pack(event, after if after is not None and after.form == _FORM else Opened(event))
        except _UNPACKABLE:
            pass  # JSON says what is wrong with it, if anything is
    return _tools.packer(0).compress(event.__pydantic_serializer__.to_json(event))


def _pack(event: NormalizedReport, after: Opened[Any]) -> bytes:
    head = Event.__pydantic_serializer__.to_json(event, include=_HEAD_FIELDS)
    packed_page, packed_sections, packed_facts = after.packed_page, after.packed_sections, b""
    if not packed_page or not _unchanged(event, after.event, _PAGE_FIELDS):
        packed_page = _compressed(PackedPage.of(event).to_bytes())
    if isinstance(event, SectionedReport):
        words = PageWords(event.text, event.source, event.alignment)
        if not packed_sections or not _unchanged(event, after.event, _SECTION_FIELDS):
            packed_sections = _compressed(sections.pack_sections(event, words))
        if isinstance(event, ExtractedReport):
            packed_facts = _compressed(facts.pack_facts(event, words))
    parts = (_compressed(head), packed_page, packed_sections, packed_facts)
    return b"".join((_MARK, _PARTS.pack(_FORM, *map(len, parts)), *parts))


def _compressed(part: bytes) -> bytes:
    return _tools.packer(_FORMS[_FORM].words).compress(part)


def _unchanged(event: Record, before: Record, fields: Iterable[str]) -> bool:
    """Whether the fields are the same objects, and the same records in lists: a stage makes new records, it never
    changes those it was given. A look inside took 0.05 ms.
    """
    now, then = vars(event), vars(before)
    return all(
        len(now[name]) == len(then[name]) and all(map(is_, now[name], then[name]))
        if isinstance(now[name], list)
        else now[name] is then[name]
        for name in fields
    )


_HEAD_FIELDS = set(Event.model_fields)
_PAGE_FIELDS = NormalizedReport.model_fields.keys() - Event.model_fields.keys()
_SECTION_FIELDS = SectionedReport.model_fields.keys() - NormalizedReport.model_fields.keys()


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


def _unpack(packed: bytes, words: int, most: int) -> bytes:
    size = zstandard.frame_content_size(packed)
    if not 0 <= size <= most:
        raise Permanent(Reason.INVALID_EVENT, f"event of {size} bytes")
    return _tools.unpacker(words).decompress(packed)


def _open(model: type[EventT], packed: bytes) -> Opened[EventT]:
    number, parts = _split(packed)
    depth = sum(1 for part in parts[1:] if part)
    if _DEPTH.get(model) != depth:
        raise ValueError(f"it is no {model.__name__}")
    form = _FORMS[number]
    head, page_bytes, section_bytes, fact_bytes = _unpacked(parts, form.words)
    fields = {**vars(Event.model_validate_json(head)), **PackedPage.from_bytes(page_bytes).fields()}
    if depth > _DEPTH[NormalizedReport]:
        words = PageWords(fields["text"], fields["source"], fields["alignment"])
        fields |= form.read_sections(section_bytes, words)
        if depth > _DEPTH[SectionedReport]:
            fields |= form.read_facts(fact_bytes, words, fields["sections"])
        if not issubclass(model, TabledReport):
            fields["sections"] = Table(Section, fields["sections"])
            fields |= {name: records_of(record, fields[name]) for name, record in _LISTS.items() if name in fields}
    return Opened(model.trusted(**fields), number, parts[1], parts[2])


def _split(packed: bytes) -> tuple[int, list[bytes]]:
    """The number of the form, and the parts as they are."""
    if len(packed) < _FIRST_PART:
        raise ValueError("it ends early")
    number, *lengths = _PARTS.unpack_from(packed, len(_MARK))
    if number not in _FORMS:
        raise Permanent(Reason.UNKNOWN_VERSION, f"packed in form {number}, this code knows up to {_FORM}")
    ends = list(accumulate(lengths, initial=_FIRST_PART))
    if ends[-1] != len(packed):
        raise ValueError("its parts are not as long as it says")
    return number, [packed[start:end] for start, end in pairwise(ends)]


def _unpacked(parts: Iterable[bytes], words: int) -> list[bytes]:
    room = MAX_EVENT_BYTES
    plain = []
    for part in parts:
        plain.append(_unpack(part, words, room) if part else b"")
        room -= len(plain[-1])
    return plain


#: What is made into records at once; the sections stay columns until a record of them is asked for.
_LISTS = {name: record for name, record in RECORDS.items() if record is not Section}
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
