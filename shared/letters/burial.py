"""Dead letters: an entry that a stage could not finish, with all that is needed to look at it and to replay it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.codec import decode_event
from shared.errors import Permanent, Reason
from shared.events import Crawl, DeadLetter, Delivery, Event, NormalizedReport, Step
from shared.intake import KEPT_BYTES, BodyLimits, accepted_at, body_hash, read_crawl, unpack_body
from shared.strainer import Cut, ReplyLimits
from shared.streams import INTAKE, Stream

#: The field that carries an event on every stream but the intake.
EVENT_FIELD = b"event"
#: Tracebacks are kept from their end, where the fault is.
_TRACEBACK_CHARACTERS = 16_000
_DETAIL_CHARACTERS = 2_000
_CAUSE_CHARACTERS = 160
#: What an entry's name looks like. Whoever can write to a stream can write any field: nothing else is shown to people.
_ENTRY_NAME = re.compile(rb"[!-~]{1,200}/[0-9]{1,20}-[0-9]{1,20}")
#: Here the packed body itself is the fault, and unpacking it would be the attack.
_AS_RECEIVED = {Reason.EXPANDS_TOO_FAR, Reason.BAD_ENCODING, Reason.OVERSIZED}


@dataclass(frozen=True)
class Failure:
    """Why, where and after what an entry is dead."""

    reason: Reason
    detail: str
    traceback: str
    stage: str
    version: str
    died_at: float
    deliveries: int
    history: Sequence[Delivery] = field(default_factory=tuple)


@dataclass(frozen=True)
class Taken:
    """An entry as it was taken from a stream. `entry` is its name where the fields do not say it (intake)."""

    stream: Stream
    key: str
    id: str
    fields: Mapping[bytes, bytes]
    entry: str = ""


def source_bytes(event: Event) -> bytes:
    """The page as crawled, from any event after the intake."""
    if not isinstance(event, NormalizedReport):
        return b""
    if event.source.original is not None:
        return event.source.original
    return event.source.text.encode(event.source.charset)


def _stated_name(fields: Mapping[bytes, bytes]) -> str:
    """The name that the fields give the entry; empty for what is no name."""
    stated = fields.get(b"entry", b"")
    return stated.decode("ascii") if _ENTRY_NAME.fullmatch(stated) else ""


def bury(taken: Taken, failure: Failure, *, read: bool = True) -> DeadLetter:
    """The dead letter of one entry; never raises for what is in its fields.

    With `read=False` the event is kept but not decoded: for an event that breaks whoever opens it.
    """
    fields = taken.fields
    letter = DeadLetter(
        entry=taken.entry or _stated_name(fields) or f"{taken.key}/{taken.id}",
        accepted_at=accepted_at(taken.id),
        stage=failure.stage,
        stream=taken.key,
        stream_entry=taken.id,
        reason=failure.reason.value,
        detail=failure.detail[:_DETAIL_CHARACTERS],
        traceback=failure.traceback[-_TRACEBACK_CHARACTERS:],
        version=failure.version,
        died_at=failure.died_at,
        deliveries=failure.deliveries,
        history=list(failure.history),
        body=b"",
        body_bytes=0,
        body_sha256=body_hash(b""),
    )
    if taken.stream != INTAKE:
        _keep_event(letter, taken.stream, fields, read=read)
        return letter
    letter.entry = taken.entry or f"{taken.key}/{taken.id}"  # a field `entry` here is whatever a client wrote
    letter.crawl = _crawl(fields)
    body = fields.get(b"body", b"")
    if read and failure.reason not in _AS_RECEIVED and "encoding" in letter.crawl.extra:
        body = _as_crawled(body, letter.crawl)
    _keep_body(letter, body, by_reference=failure.reason == Reason.OVERSIZED)
    return letter


def why_cut(fields: Mapping[bytes, bytes], limits: ReplyLimits) -> tuple[Reason, str]:
    """The reason and the detail for an entry of which not all was kept. Its first cut field decides."""
    name, cut = next((name, value) for name, value in fields.items() if isinstance(value, Cut))
    if not cut.size:
        return Reason.OVERSIZED, "the server is there and does not give it: nothing of it was kept"
    if name in {b"body", EVENT_FIELD} and cut.size > limits.value_bytes:
        return Reason.OVERSIZED, f"{cut.size} bytes, at most {limits.value_bytes} (max_report_bytes)"
    size = sum(value.size if isinstance(value, Cut) else len(value) for value in fields.values())
    return Reason.BAD_FIELDS, f"its fields have {size} bytes together; they were not read"


def _keep_body(letter: DeadLetter, body: bytes, *, by_reference: bool) -> None:
    if isinstance(body, Cut):
        letter.body_bytes, letter.body_sha256, letter.body = body.size, body.sha256, bytes(body)
        return
    letter.body_bytes = len(body)
    letter.body_sha256 = body_hash(body)
    letter.body = body[:KEPT_BYTES] if by_reference else body


def _as_crawled(body: bytes, crawl: Crawl) -> bytes:
    """The body without the encoding that the sender put on it; as received where that cannot be undone."""
    try:
        unpacked = unpack_body(body, crawl.extra["encoding"], BodyLimits())
    except Permanent:
        return body
    del crawl.extra["encoding"]
    return unpacked


def _crawl(fields: Mapping[bytes, bytes]) -> Crawl:
    try:
        return read_crawl(fields)
    except Permanent:
        # Too much metadata is itself the fault: its first fields are kept, so that a reader sees whose it was.
        few = {name[:100]: value[:1000] for name, value in list(fields.items())[:20] if name != b"body"}
        return read_crawl(few)


def _keep_event(letter: DeadLetter, stream: Stream, fields: Mapping[bytes, bytes], *, read: bool) -> None:
    packed = fields.get(EVENT_FIELD)
    if packed is None:
        letter.crawl = _crawl(fields)
        return
    if isinstance(packed, Cut):
        _keep_body(letter, packed, by_reference=True)
        return
    letter.event = packed
    if not read:
        return
    try:
        event = decode_event(stream.event, packed)
        letter.entry, letter.accepted_at = event.entry, event.accepted_at
        letter.crawl, letter.trail = event.crawl, event.trail
        _keep_body(letter, source_bytes(event), by_reference=False)
    except Exception:  # noqa: BLE001 - whatever the event is, its bytes are kept above
        return


def cause_of(reason: Reason, detail: str, traceback: str) -> str:
    """One line that is the same for letters that died of the same cause: what `fazhi dead list` groups by."""
    if not traceback:
        # Figures differ from letter to letter, the cause does not.
        words = "".join("#" if "0" <= character <= "9" else character for character in detail)
        while "##" in words:
            words = words.replace("##", "#")
        return f"{reason.value}: {words}"[:_CAUSE_CHARACTERS] if words else reason.value
    lines = [line.strip() for line in traceback.strip().splitlines()]
    places = [line for line in lines if line.startswith("File ")]
    fault = lines[-1].split(":", 1)[0] if lines else ""
    place = places[-1].rsplit("/", 1)[-1].replace('"', "") if places else ""
    return f"{reason.value}: {fault} in {place}"[:_CAUSE_CHARACTERS]


def with_step(letter: DeadLetter, step: Step) -> DeadLetter:
    """The letter, its trail ended by the stage that failed."""
    letter.trail = [*letter.trail, step]
    return letter
