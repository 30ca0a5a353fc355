"""The events, one per stream, and the records inside them.

    RawReport ─▶ NormalizedReport ─▶ SectionedReport ─▶ ExtractedReport

Two names, never mixed up: `entry` (given by the server when the page was accepted, unique for ever: the key of the
books, of doubles and of dead letters) and `report_id` (computed from the normalised content: many entries may be one
report, the sink decides that).

Every event carries the source as crawled. All offsets are in characters (Unicode code points), half-open;
`text_*` are offsets in `text`, `raw_*` offsets in the decoded source (`source.text`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import cache
from itertools import repeat
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.alignment import Alignment
from shared.columns import Table

SCHEMA_VERSION = 1


class Record(BaseModel):
    """Base of every record: unknown fields are an error, never absorbed."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    @classmethod
    @cache
    def _every_field(cls) -> set[str]:
        return set(cls.model_fields)

    @classmethod
    def trusted(cls, **fields: Any) -> Self:
        """A record whose fields, all of them given, are known to be right: nothing is checked.

        For the inner loops of pure stages. Measured: 0.8 µs a section, against 1.9 µs with validation and 2.9 µs
        with `model_construct`, which looks up aliases and defaults one by one.
        """
        record = cls.__new__(cls)
        _set_fields(record, fields)
        _set_fields_set(record, cls._every_field())
        _set_extra(record, None)
        _set_private(record, None)
        return record

    @classmethod
    def trusted_each(cls, records: Sequence[dict[str, Any]]) -> list[Self]:
        """One `trusted` record for each dictionary of fields, which becomes the record's own: 0.4 µs a section."""
        made = list(map(cls.__new__, repeat(cls, len(records))))
        for set_slot, values in (
            (_set_fields, records),
            (_set_fields_set, repeat(cls._every_field())),
            (_set_extra, repeat(None)),
            (_set_private, repeat(None)),
        ):
            deque(map(set_slot, made, values), maxlen=0)  # runs the map, keeps nothing
        return made


#: The four slots of a pydantic model, written as its own constructor writes them. The slots' setters take a third less
#: time than `object.__setattr__`, which looks the slot up by its name each time.
_set_fields = BaseModel.__dict__["__dict__"].__set__
_set_fields_set = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_set_private = BaseModel.__dict__["__pydantic_private__"].__set__


# ── where a page came from ───────────────────────────────────────────────────────────────────────────────────────────


class Crawl(Record):
    """What the crawler said about the page; nothing of it is trusted."""

    url: str | None = None
    name: str | None = None  # file name, for pages that came from files
    source: str | None = None  # the crawler or collection
    fetched_at: str | None = None  # as the crawler wrote it
    content_type: str | None = None
    charset: str | None = None  # as declared over HTTP
    extra: dict[str, str] = Field(default_factory=dict)  # unknown fields of the entry, kept


class Source(Record):
    """The page as crawled.

    `text` is the decoded source: BOM and line ends kept. Where `text.encode(charset)` does not give back the same
    bytes, `original` holds them.
    """

    text: str
    charset: str
    media_type: Literal["text/html", "text/plain"]
    raw_bytes: int  # length of the body as crawled, decompressed
    original: bytes | None = None


class Step(Record):
    """What one stage did with the entry: the lines of `fazhi trace`."""

    stage: str
    worker: str
    version: str  # code version
    started_at: float  # unix seconds
    seconds: float  # of work
    delivery: int  # 1 the first time
    note: str = ""  # for example "612 characters, Hant, big5"


class Event(Record):
    """What every event carries."""

    schema_version: Literal[1] = 1
    entry: str  # "<intake stream>/<entry id>", for example "fazhi:intake/1763740800000-0"
    accepted_at: float  # unix seconds, from the entry id
    crawl: Crawl = Field(default_factory=Crawl)
    trail: list[Step] = Field(default_factory=list)


class RawReport(Event):
    """A crawled page on the intake stream, any charset, HTML or plain text. The runtime builds it from the entry's
    plain fields and undoes `encoding` (zstd, gzip) within the limits.
    """

    body: bytes


# ── normalizer ───────────────────────────────────────────────────────────────────────────────────────────────────────

Level = Literal["province", "prefecture", "county", "township", "functional_zone", "department"]
Script = Literal["Hans", "Hant"]
Genre = Literal["law_based_government", "government_work", "information_disclosure", "other"]


class Place(Record):
    """Only what the text gives; `code` alone uses knowledge from outside the page (GB/T 2260, null where ambiguous)."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    code: str | None = None


class Document(Record):
    """Document metadata by the rules of the annotation guide. `title` is as written in the source; dates are ISO."""

    title: str | None = None
    issuer: str | None = None
    place: Place = Field(default_factory=Place)
    level: Level | None = None
    report_year: int | None = None
    published: str | None = None
    signed: str | None = None
    document_number: str | None = None
    addressee: str | None = None
    script: Script = "Hans"
    genre: Genre = "other"
    genre_score: float = 0.0  # 0 … 1: how sure `genre` is
    read_at: dict[str, tuple[int, int]] = Field(default_factory=dict)  # field → span in the decoded source


class Change(Record):
    """One change of the text that a reader should know of. Folding of width is not logged one by one."""

    rule: str
    raw_start: int
    raw_end: int
    before: str
    after: str


class NormalizedReport(Event):
    """`text`: simplified, width-folded, without page furniture; paragraphs separated by a line feed."""

    source: Source
    text: str
    alignment: Alignment
    document: Document
    report_id: str  # hex, from the normalised content
    signature: str  # hex, similarity signature of the content
    script_confidence: float
    changes: list[Change] = Field(default_factory=list)


# ── sectioner ────────────────────────────────────────────────────────────────────────────────────────────────────────

Kind = Literal["preamble", "achievements", "problems", "plan", "other"]


class Section(Record):
    """One section. `text_start:text_end` covers heading, body and sub-sections, so a section contains its children;
    the sections of the top tile the text. `marker` and `heading` are as written in the source.
    """

    order: int
    level: int  # 1 一、  2 (一)  3 1.  4 (1)  5 一是: by the form of the marker, never by depth
    marker: str | None
    heading: str
    kind: Kind
    run_in: bool
    text_start: int
    text_end: int
    body_start: int  # where the words after marker and heading begin
    confidence: float = 1.0


class Repair(Record):
    """A fault of the page's numbering that was bridged; nothing is renumbered."""

    section: int  # `order` of the section
    reason: str
    confidence: float


class SectionedReport(NormalizedReport):
    sections: Annotated[Sequence[Section], Table]
    repairs: list[Repair] = Field(default_factory=list)


# ── extractor ────────────────────────────────────────────────────────────────────────────────────────────────────────

Quantity = Literal["count", "rate", "money", "area", "length", "duration", "concentration", "rank", "score", "other"]
Qualifier = Literal["exact", "approx", "more_than", "at_least", "less_than", "at_most"]
Modality = Literal["actual", "target", "baseline"]


class Fact(Record):
    """One measured fact, by the annotation guide. `text_start:text_end` and `raw_start:raw_end` are the span of
    `number_text`; `quote`, `number_text`, `section` and `period` are as written in the source; `subject` and `scope`
    are simplified.
    """

    quote: str
    number_text: str
    text_start: int
    text_end: int
    raw_start: int
    raw_end: int
    quote_start: int  # span of `quote` in `text`
    quote_end: int
    value: float
    value_to: float | None = None
    unit: str | None = None
    quantity: Quantity = "count"
    qualifier: Qualifier = "exact"
    subject: str = ""
    metric: str | None = None
    modality: Modality = "actual"
    change: Literal["increase", "decrease"] | None = None
    period: str | None = None
    scope: str | None = None
    section: str | None = None
    section_order: int | None = None  # `order` of the innermost section
    confidence: float = 1.0
    metric_confidence: float | None = None
    rule: str = ""  # the rule that took the number
    metric_rule: str | None = None  # the catalogue pattern that mapped it
    version: str = ""  # code/catalogue/dictionary that made it


class Check(Record):
    """One arithmetic check. `facts` are positions in the report's list of facts; kept and flagged, never corrected."""

    relation: str
    holds: bool
    expected: float | None
    stated: float | None
    facts: list[int]
    kind: Literal["relation", "part_whole", "from_to"] = "relation"


class Coverage(Record):
    """What the report says of one catalogue metric; metrics that are not listed are not mentioned."""

    metric: str
    state: Literal["stated", "zero", "absent"]  # absent: said in words to be none, without a number


class ExtractedReport(SectionedReport):
    facts: list[Fact]
    checks: list[Check] = Field(default_factory=list)
    coverage: list[Coverage] = Field(default_factory=list)
    numerals: int = 0  # numerals seen
    undecided_numerals: int = 0  # numerals that no rule took or left
    rules: str = ""  # code/catalogue/dictionary that read it, also where it holds no fact


# ── what could not be done ───────────────────────────────────────────────────────────────────────────────────────────


class Delivery(Record):
    """One delivery of the entry, as far as it is known."""

    at: float  # unix seconds
    worker: str
    outcome: str


class DeadLetter(Event):
    """An entry that a stage could not finish, with all that is needed to replay it."""

    stage: str
    stream: str  # the stream it was taken from
    stream_entry: str  # its entry id on that stream
    reason: str
    detail: str = ""
    traceback: str = ""
    version: str  # code version
    died_at: float
    deliveries: int
    history: list[Delivery] = Field(default_factory=list)
    body: bytes  # the bytes as crawled (first 64 KB where the report is kept by reference)
    body_bytes: int  # full length as crawled
    body_sha256: str
    event: bytes | None = None  # the event as the failing stage received it, for replay from that stage
