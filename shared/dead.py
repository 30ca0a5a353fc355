"""Dead letters for the operator: list by cause, show, export, replay, drop; on the dead stream and in the database.

A letter is first on the dead stream; the sink moves it into the database. Both places are read as one. What takes a
letter away counts it in the books in the same script, so they balance at any moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, Protocol

import zstandard
from redis import Redis

from shared import scripts
from shared.burial import EVENT_FIELD
from shared.codec import decode_event
from shared.errors import Reason
from shared.events import DeadLetter
from shared.intake import REPLAY_FIELD
from shared.streams import DEAD, STAGE_OF, Keys, keys

Outcome = Literal["replayed", "dropped"]
#: Letters looked at in one call to the server.
_PAGE = 200
#: How long the server remembers that a letter of the database was sent again or dropped. Longer than any command runs.
_TOKEN_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class LetterNote:
    """What a list of dead letters shows of one. `key` names it to the other functions: `stream/<id>` or `database/…`."""

    key: str
    entry: str
    stage: str
    reason: str
    cause: str
    died_at: float  # unix seconds

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


@dataclass(frozen=True)
class Refused:
    """A letter that was not sent again or dropped, and why."""

    note: LetterNote
    why: str


@dataclass(frozen=True)
class Handled:
    """What a replay or a drop did, or with `dry_run` would do: per letter the stream it goes to ("" for a drop)."""

    done: tuple[tuple[LetterNote, str], ...]
    refused: tuple[Refused, ...]


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
    """One letter, whole. Raises KeyError where it is no longer there (replayed, dropped, or just moved)."""
    if not note.on_stream:
        if shelf is None:
            raise KeyError(note.key)
        return shelf.read(note.key)
    id_ = note.key.removeprefix("stream/")
    rows: Any = server.xrange(keys(shard).dead, id_, id_)
    if not rows:
        raise KeyError(note.key)
    letter = decode_event(DEAD.event, rows[0][1][EVENT_FIELD])
    if not isinstance(letter, DeadLetter):
        raise KeyError(note.key)
    return letter


def export_letters(
    server: Redis, notes: Iterable[LetterNote], shelf: LetterShelf | None = None, shard: str | None = None
) -> Iterator[bytes]:
    """The letters as lines of JSON, bodies in base64.

    Those that the sink moves to the database meanwhile are read there; those replayed or dropped are left out.
    """
    moved: set[tuple[str, str, str]] = set()
    for note in notes:
        try:
            letter = read_letter(server, note, shelf, shard)
        except KeyError:
            moved.add((note.entry, note.stage, note.reason))
            continue
        yield letter.model_dump_json().encode() + b"\n"
    if shelf is None or not moved:
        return
    for note in shelf.notes():
        if (note.entry, note.stage, note.reason) in moved:
            with suppress(KeyError):
                yield shelf.read(note.key).model_dump_json().encode() + b"\n"


def replay_letters(  # noqa: PLR0913 - where (server, shelf, shard), what, and how
    server: Redis, notes: Sequence[LetterNote], shelf: LetterShelf | None = None, shard: str | None = None, *,
    from_start: bool = False, dry_run: bool = False,
) -> Handled:  # fmt: skip
    """Send letters to work again: each to the stage that failed, or from the start.

    Each is taken, added and counted in one script; repeating an interrupted replay sends nothing twice.
    """
    done: list[tuple[LetterNote, str]] = []
    refused: list[Refused] = []
    names = keys(shard)
    for note in notes:
        try:
            letter = read_letter(server, note, shelf, shard)
            target, fields = _way_back(letter, from_start=from_start)
        except KeyError:
            refused.append(Refused(note, "it is no longer there: replayed, dropped or just moved to the database"))
            continue
        except ValueError as error:
            refused.append(Refused(note, str(error)))
            continue
        why = "" if dry_run else _send(server, names, note, letter, target, fields, shelf)
        if why:
            refused.append(Refused(note, why))
        else:
            done.append((note, names.stream(target)))
    return Handled(tuple(done), tuple(refused))


def drop_letters(
    server: Redis, notes: Sequence[LetterNote], shelf: LetterShelf | None = None, shard: str | None = None, *,
    dry_run: bool = False,
) -> Handled:  # fmt: skip
    """Drop letters for good; the books count them as dropped."""
    done: list[tuple[LetterNote, str]] = []
    refused: list[Refused] = []
    names = keys(shard)
    for note in notes:
        gone = Refused(note, "it is no longer there, or the sink is just moving it to the database: try again")
        if dry_run:
            done.append((note, ""))
        elif note.on_stream:
            id_ = note.key.removeprefix("stream/")
            dropped = server.eval(scripts.DROP, 2, names.dead, names.books, STAGE_OF["dead"], id_)
            if dropped:
                done.append((note, ""))
            else:
                refused.append(gone)
        elif shelf is None:
            refused.append(gone)
        else:
            letter = read_letter(server, note, shelf, shard)
            server.eval(scripts.DROP_STORED, 2, _token(names, "drop", letter), names.books, str(_TOKEN_SECONDS))
            shelf.remove(note.key, "dropped")
            done.append((note, ""))
    return Handled(tuple(done), tuple(refused))


def _stream_notes(server: Redis, names: Keys) -> Iterator[LetterNote]:
    start = "-"
    while True:
        page: Any = server.xrange(names.dead, start, "+", _PAGE)
        for id_, fields in page:
            yield LetterNote(
                key=f"stream/{id_.decode()}",
                entry=_text(fields, b"entry"),
                stage=_text(fields, b"stage"),
                reason=_text(fields, b"reason"),
                cause=_text(fields, b"cause"),
                died_at=int(id_.split(b"-", 1)[0]) / 1000,
            )
        if len(page) < _PAGE:
            return
        start = f"({page[-1][0].decode()}"


def _text(fields: dict[bytes, bytes], name: bytes) -> str:
    return fields.get(name, b"").decode("utf-8", "replace")


def _way_back(letter: DeadLetter, *, from_start: bool) -> tuple[str, dict[bytes, bytes]]:
    """Short name of the stream a letter goes back to, and the fields of its entry. Raises ValueError: it cannot."""
    source = letter.stream.rsplit(":", 1)[-1]
    if source not in STAGE_OF or source == "dead":
        raise ValueError(f"it came from {letter.stream}, which is no work stream")
    if not from_start and source != "intake":
        if letter.event is None:
            raise ValueError("its event was not kept; replay it from the start")
        return source, {b"entry": letter.entry.encode(), EVENT_FIELD: letter.event}
    if source != "intake" and not letter.body:
        raise ValueError("its page is inside an event that could not be read; replay it from the stage that failed")
    if letter.reason == Reason.OVERSIZED or len(letter.body) < letter.body_bytes:
        raise ValueError(
            f"only the first {len(letter.body)} of its {letter.body_bytes} bytes were kept;"
            " raise FAZHI_MAX_REPORT_BYTES and submit the page again"
        )
    return "intake", _intake_fields(letter)


def _intake_fields(letter: DeadLetter) -> dict[bytes, bytes]:
    crawl = letter.crawl
    known = crawl.model_dump(exclude={"extra"}, exclude_none=True)
    texts = {**crawl.extra, **known}
    body = letter.body
    if body and "encoding" not in texts:
        body = zstandard.ZstdCompressor(level=3).compress(body)
        texts["encoding"] = "zstd"
    fields = {name.encode(): str(value).encode() for name, value in texts.items()}
    return {**fields, b"body": body, REPLAY_FIELD: letter.entry.encode()}


def _send(  # noqa: PLR0913, PLR0917 - as replay_letters
    server: Redis, names: Keys, note: LetterNote, letter: DeadLetter, target: str, fields: dict[bytes, bytes],
    shelf: LetterShelf | None,
) -> str:  # fmt: skip
    flat = [part for pair in fields.items() for part in pair]
    original = letter.entry if target == "intake" else ""
    common: tuple[Any, ...] = (target, original, *flat)
    if note.on_stream:
        id_ = note.key.removeprefix("stream/")
        answer: Any = server.eval(
            scripts.REPLAY,
            4,
            names.dead,
            names.stream(target),
            names.books,
            names.replays,
            STAGE_OF["dead"],
            id_,
            *common,
        )
        if answer == b"held":
            return "the sink is just moving it to the database: try again"
        return "" if answer else "it is no longer there: replayed, dropped or just moved to the database"
    if shelf is None:
        return "there is no database"
    token = _token(names, "replay", letter)
    server.eval(
        scripts.REPLAY_STORED,
        4,
        token,
        names.stream(target),
        names.books,
        names.replays,
        str(_TOKEN_SECONDS),
        "",
        *common,
    )
    shelf.remove(note.key, "replayed")
    return ""


def _token(names: Keys, what: str, letter: DeadLetter) -> str:
    digest = sha256(f"{letter.entry} {letter.stage} {letter.stream_entry}".encode()).hexdigest()[:32]
    return f"{names.tokens}{what}:{digest}"
