"""Dead letters for the operator: list, group by cause, read, export; on the dead stream and in the database.

A letter is first on the dead stream; the sink moves it into the database. Both places are read as one. What takes letters
away is in `shared.letters.replay`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import orjson
from redis import Redis

from shared.codec import decode_event
from shared.errors import Permanent
from shared.events import DeadLetter
from shared.letters.burial import EVENT_FIELD
from shared.server import READ_AT_ONCE
from shared.streams import Keys, keys

Outcome = Literal["replayed", "dropped"]


@dataclass(frozen=True)
class LetterNote:
    """What a list of dead letters shows of one. `key` names it to the other functions: `stream/<id>` or `database/…`."""

    key: str
    entry: str
    stage: str
    reason: str
    cause: str
    died_at: float  # unix seconds
    detail: str = ""  # what happened to this one, with the figures that `cause` leaves out; "" where it is not noted

    @property
    def on_stream(self) -> bool:
        """Whether it is still on the dead stream."""
        return self.key.startswith("stream/")


class LetterShelf(Protocol):
    """The letters that the sink has moved into the database; the sink implements it."""

    def notes(self) -> Iterable[LetterNote]:
        """All letters that are neither replayed nor dropped, oldest first; keys begin with `database/`."""

    def read(self, key: str) -> DeadLetter:
        """One letter, whole. Raises KeyError."""

    def remove(self, key: str, outcome: Outcome) -> None:
        """Mark it as replayed or dropped, in a transaction of its own; doing it again changes nothing."""


@dataclass(frozen=True)
class Cause:
    """Letters that died of the same cause in the same stage."""

    stage: str
    reason: str
    cause: str
    count: int
    oldest: float
    newest: float
    example: str  # key of the newest


def list_letters(server: Redis, shelf: LetterShelf | None = None, shard: str | None = None) -> list[LetterNote]:
    """Every dead letter, oldest first. One that the sink moves at this moment is listed once."""
    on_stream = list(_stream_notes(server, keys(shard)))
    stored = list(shelf.notes()) if shelf is not None else []
    moved = {(note.entry, note.stage, note.reason) for note in stored}
    kept = [note for note in on_stream if (note.entry, note.stage, note.reason) not in moved]
    return sorted([*stored, *kept], key=lambda note: note.died_at)


def group_letters(notes: Iterable[LetterNote]) -> list[Cause]:
    """The letters by cause, most frequent first."""
    groups: dict[tuple[str, str, str], list[LetterNote]] = {}
    for note in notes:
        groups.setdefault((note.stage, note.reason, note.cause), []).append(note)
    causes = []
    for (stage, reason, cause), members in groups.items():
        members.sort(key=lambda note: note.died_at)
        causes.append(
            Cause(stage, reason, cause, len(members), members[0].died_at, members[-1].died_at, members[-1].key)
        )
    return sorted(causes, key=lambda one: (-one.count, one.stage, one.cause))


def read_letter(
    server: Redis, note: LetterNote, shelf: LetterShelf | None = None, shard: str | None = None
) -> DeadLetter:
    """One letter, whole.

    Raises KeyError where it is no longer there (replayed, dropped, or just moved), ValueError where it is not one that
    this version can read.
    """
    try:
        return _read_letter(server, note, shelf, shard)
    except Permanent as error:
        raise ValueError(f"it cannot be read here: {error.detail or error}") from error


def _read_letter(server: Redis, note: LetterNote, shelf: LetterShelf | None, shard: str | None) -> DeadLetter:
    if not note.on_stream:
        if shelf is None:
            raise KeyError(note.key)
        return shelf.read(note.key)
    id_ = note.key.removeprefix("stream/")
    rows: Any = server.xrange(keys(shard).dead, id_, id_)
    if not rows:
        raise KeyError(note.key)
    return decode_event(DeadLetter, rows[0][1].get(EVENT_FIELD, b""))


def export_letters(
    server: Redis, notes: Iterable[LetterNote], shelf: LetterShelf | None = None, shard: str | None = None
) -> Iterator[bytes]:
    """The letters as lines of JSON, bodies in base64.

    Those that the sink moves to the database meanwhile are read there; those replayed or dropped are left out. Of one
    that cannot be read the line says what a list shows, and why.
    """
    moved: set[tuple[str, str, str]] = set()
    for note in notes:
        try:
            letter = read_letter(server, note, shelf, shard)
        except KeyError:
            moved.add((note.entry, note.stage, note.reason))
            continue
        except ValueError as error:
            yield orjson.dumps({**asdict(note), "unreadable": str(error)}) + b"\n"
            continue
        yield letter.model_dump_json().encode() + b"\n"
    if shelf is None or not moved:
        return
    for note in shelf.notes():
        if (note.entry, note.stage, note.reason) in moved:
            with suppress(KeyError):
                yield shelf.read(note.key).model_dump_json().encode() + b"\n"


def _stream_notes(server: Redis, names: Keys) -> Iterator[LetterNote]:
    start = "-"
    while True:
        page: Any = server.xrange(names.dead, start, "+", READ_AT_ONCE)
        for id_, fields in page:
            yield LetterNote(
                key=f"stream/{id_.decode()}",
                entry=_text(fields, b"entry"),
                stage=_text(fields, b"stage"),
                reason=_text(fields, b"reason"),
                cause=_text(fields, b"cause"),
                died_at=int(id_.split(b"-", 1)[0]) / 1000,
                detail=_text(fields, b"detail"),
            )
        if len(page) < READ_AT_ONCE:
            return
        start = f"({page[-1][0].decode()}"


def _text(fields: dict[bytes, bytes], name: bytes) -> str:
    return fields.get(name, b"").decode("utf-8", "replace")
