"""Taking dead letters away: sent to work again, or dropped for good; from the dead stream and from the database.

The script that takes a letter counts it in the books, so they balance at any moment. Repeating an interrupted replay or
drop does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import zstandard
from redis import Redis

from shared import scripts
from shared.errors import Reason
from shared.events import DeadLetter
from shared.intake import REPLAY_FIELD
from shared.letters.burial import EVENT_FIELD
from shared.letters.dead import LetterNote, LetterShelf, Outcome, read_letter
from shared.streams import STAGE_OF, keys

#: How long the server remembers that a letter of the database was sent again or dropped. Longer than any command runs.
_TOKEN_SECONDS = 7 * 24 * 3600
_GONE = "it is no longer there: replayed, dropped or just moved to the database"
_MOVING = "the sink is just moving it to the database: try again"


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


def replay_letters(  # noqa: PLR0913 - where (server, shelf, shard), what, and how
    server: Redis, notes: Sequence[LetterNote], shelf: LetterShelf | None = None, shard: str | None = None, *,
    from_start: bool = False, dry_run: bool = False,
) -> Handled:  # fmt: skip
    """Send letters to work again: each to the stage that failed, or from the start."""
    desk = _Desk(server, shelf, shard)
    return _handle(notes, lambda note: desk.replay(note, from_start=from_start, dry_run=dry_run))


def drop_letters(
    server: Redis, notes: Sequence[LetterNote], shelf: LetterShelf | None = None, shard: str | None = None, *,
    dry_run: bool = False,
) -> Handled:  # fmt: skip
    """Drop letters for good; the books count them as dropped."""
    desk = _Desk(server, shelf, shard)
    return _handle(notes, lambda note: "" if dry_run else desk.drop(note))


def _handle(notes: Sequence[LetterNote], act: Callable[[LetterNote], str]) -> Handled:
    done: list[tuple[LetterNote, str]] = []
    refused: list[Refused] = []
    for note in notes:
        try:
            done.append((note, act(note)))
        except KeyError:
            refused.append(Refused(note, _GONE))
        except ValueError as error:
            refused.append(Refused(note, str(error)))
    return Handled(tuple(done), tuple(refused))


class _Desk:
    """Where letters are. Its methods raise KeyError for a letter that is gone, ValueError for one they refuse."""

    def __init__(self, server: Redis, shelf: LetterShelf | None, shard: str | None) -> None:
        self._server = server
        self._shelf = shelf
        self._shard = shard
        self._names = keys(shard)

    def replay(self, note: LetterNote, *, from_start: bool, dry_run: bool) -> str:
        """Send a letter to work again; the key of the stream it goes to."""
        letter = read_letter(self._server, note, self._shelf, self._shard)
        target, fields = _way_back(letter, from_start=from_start)
        stream = self._names.stream(target)
        if dry_run:
            return stream
        original = letter.entry if target == "intake" else ""
        entry: list[Any] = [target, original, *(part for pair in fields.items() for part in pair)]
        streams = (stream, self._names.books, self._names.replays)
        if note.on_stream:
            taken: Any = self._server.eval(
                scripts.REPLAY, 4, self._names.dead, *streams, STAGE_OF["dead"], _id(note), *entry
            )
            if taken == b"held":
                raise ValueError(_MOVING)
            if not taken:
                raise KeyError(note.key)
            return stream
        said = self._server.eval(
            scripts.REPLAY_STORED, 4, self._token(letter), *streams, str(_TOKEN_SECONDS), "", *entry
        )
        self._remove(note, said, "replayed")
        return stream

    def drop(self, note: LetterNote) -> str:
        """Drop a letter."""
        names = self._names
        if note.on_stream:
            dropped = self._server.eval(scripts.DROP, 2, names.dead, names.books, STAGE_OF["dead"], _id(note))
            if not dropped:
                raise ValueError(f"it is no longer there, or {_MOVING}")
            return ""
        letter = read_letter(self._server, note, self._shelf, self._shard)
        said = self._server.eval(scripts.DROP_STORED, 2, self._token(letter), names.books, str(_TOKEN_SECONDS))
        self._remove(note, said, "dropped")
        return ""

    def _remove(self, note: LetterNote, said: Any, wanted: Outcome) -> None:
        """Have the database note what the server says was done. Raises ValueError where that is not what was wanted."""
        done: Outcome = "dropped" if said == b"dropped" else "replayed"
        if self._shelf is not None:
            self._shelf.remove(note.key, done)
        if done != wanted:
            raise ValueError(f"somebody else was first: it was {done}")

    def _token(self, letter: DeadLetter) -> str:
        digest = sha256(f"{letter.entry} {letter.stage} {letter.stream_entry}".encode()).hexdigest()[:32]
        return f"{self._names.once}letter:{digest}"


def _id(note: LetterNote) -> str:
    return note.key.removeprefix("stream/")


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
