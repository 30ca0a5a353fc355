"""Pages onto the intake stream, once each.

One script adds the entry unless the page's token was used in the last day, and remembers the token with the entry's
id. So a submission that was interrupted, repeated by hand, or repeated by the client library after a lost answer
(redis-py 8.1 does so up to ten times) adds nothing twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar, cast

import redis
import zstandard

from services.intake.page import Page, Refusal, Refused, entry_fields, token
from services.intake.settings import IntakeSettings
from shared.server import is_away
from shared.streams import Keys

T = TypeVar("T")

#: KEYS: intake, token. ARGV: seconds the token lives, mark of this call, then field, value, …
#: Answers {1, id} where the entry was added, by this call or by an earlier try of the same call; {0, id} where an
#: earlier submission added it.
_SUBMIT = """
local before = redis.call('GET', KEYS[2])
if before then
  local id, mark = string.match(before, '^(%S+) (%S+)$')
  return {mark == ARGV[2] and 1 or 0, id}
end
local id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 3))
redis.call('SET', KEYS[2], id .. ' ' .. ARGV[2], 'EX', ARGV[1])
return {1, id}
"""
#: Below this many bytes compression saves less than the field `encoding` costs.
_SMALL = 256
#: A body that shrinks further than this is sent as it is: beyond `max_expansion` it would count as a bomb.
_EXPANSION_MARGIN = 0.5


@dataclass(frozen=True)
class Accepted:
    """A page that is on the intake stream. `again`: an earlier submission had put it there already."""

    name: str
    entry: str
    size: int
    again: bool = False


Outcome = Accepted | Refused


class Submission:
    """One run of submitting pages to the intake stream behind `client`.

    `tell` is called with a line for the person who waits when the stream is full and when there is room again.
    """

    def __init__(
        self,
        client: redis.Redis,
        keys: Keys,
        settings: IntakeSettings,
        *,
        again: bool = False,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._client, self._keys, self._settings, self._again, self._tell = client, keys, settings, again, tell
        self._mark = secrets.token_hex(8)
        self._count = 0
        self._packer = zstandard.ZstdCompressor(level=settings.intake_zstd_level)

    def put(self, offered: Iterable[Page | Refused]) -> Iterator[Outcome]:
        """Put the pages on the stream and yield what became of each, in order.

        Raises redis.RedisError where the server stays away or refuses; what was yielded before is on the stream.
        """
        batch: list[Page | Refused] = []
        size = 0
        for page in offered:
            batch.append(page)
            size += len(page.body) if isinstance(page, Page) else 0
            if size >= self._settings.intake_batch_bytes or len(batch) >= self._settings.intake_batch_pages:
                yield from self._send(batch)
                batch, size = [], 0
        if batch:
            yield from self._send(batch)

    def _send(self, batch: list[Page | Refused]) -> Iterator[Outcome]:
        pages = [page for page in batch if isinstance(page, Page)]
        outcomes = iter(self._put_pages(pages) if pages else ())
        for page in batch:
            yield page if isinstance(page, Refused) else next(outcomes)

    def _put_pages(self, pages: list[Page]) -> list[Outcome]:
        if not self._has_room():
            return [Refused(page.name, Refusal.STREAM_FULL, "the stream stayed over its limit") for page in pages]
        outcomes: list[Outcome | None] = [None] * len(pages)
        calls = [self._arguments(page) for page in pages]
        deadline = time.monotonic() + self._settings.intake_patience_seconds
        while open_ := [k for k, outcome in enumerate(outcomes) if outcome is None]:
            for k, answer in zip(open_, self._call([calls[k] for k in open_]), strict=True):
                if isinstance(answer, redis.OutOfMemoryError):
                    if time.monotonic() >= deadline:
                        outcomes[k] = Refused(pages[k].name, Refusal.STREAM_FULL, "the server's memory is full")
                else:
                    outcomes[k] = self._accepted(pages[k], answer)
            if None in outcomes:
                self._tell("the server's memory is full; waiting for the workers to make room")
                time.sleep(min(1.0, max(0.0, deadline - time.monotonic())))
        return [outcome for outcome in outcomes if outcome is not None]

    def _call(self, calls: list[list[bytes]]) -> list[object]:
        """Send the calls and return their answers: the tokens and the mark of each call make it harmless to send one
        again whose answer was lost.
        """

        def send() -> list[object]:
            with self._client.pipeline(transaction=False) as pipeline:
                for arguments in calls:
                    pipeline.eval(_SUBMIT, 2, self._keys.intake, *arguments)
                answers: list[object] = pipeline.execute(raise_on_error=False)
            for answer in answers:
                if isinstance(answer, redis.RedisError) and not isinstance(answer, redis.OutOfMemoryError):
                    raise answer
            return answers

        return self._patiently(send)

    def _patiently(self, call: Callable[[], T]) -> T:
        """What `call` answers; a server that is away or cannot serve now is waited for."""
        deadline = time.monotonic() + self._settings.intake_patience_seconds
        while True:
            try:
                return call()
            except redis.RedisError as error:
                if not is_away(error) or time.monotonic() >= deadline:
                    raise
                self._tell(f"the server does not answer ({error}); trying again")
                time.sleep(self._settings.reconnect_seconds)

    def _arguments(self, page: Page) -> list[bytes]:
        self._count += 1
        mark = f"{self._mark}.{self._count}".encode()
        name = token(page) + (f"/{mark.decode()}" if self._again else "")
        pairs = [part for pair in entry_fields(self._packed(page)).items() for part in pair]
        return [f"{self._keys.tokens}{name}".encode(), str(self._settings.token_seconds).encode(), mark, *pairs]

    def _accepted(self, page: Page, answer: object) -> Accepted:
        added, identifier = cast("tuple[int, bytes]", answer)
        return Accepted(page.name, f"{self._keys.intake}/{identifier.decode()}", len(page.body), again=not added)

    def _packed(self, page: Page) -> Page:
        """The page with its body compressed, where that helps."""
        if page.encoding is not None or len(page.body) < _SMALL:
            return page
        body = self._packer.compress(page.body)
        if not len(body) < len(page.body) < len(body) * self._settings.max_expansion * _EXPANSION_MARGIN:
            return page
        return replace(page, body=body, encoding="zstd")

    def _has_room(self) -> bool:
        """Wait while the stream is over its limit, go slower while it fills. False where patience has run out."""
        limit, deadline, told = self._settings.max_stream_bytes, None, False
        while (used := self._stream_bytes()) >= limit:
            deadline = deadline or time.monotonic() + self._settings.intake_patience_seconds
            if time.monotonic() >= deadline:
                return False
            if not told:
                self._tell(f"{self._keys.intake} holds {used / 1e9:.2f} GB, its limit; waiting for the workers")
                told = True
            time.sleep(min(1.0, max(0.0, deadline - time.monotonic())))
        if told:
            self._tell("there is room again")
        slow_from = self._settings.intake_slow_from * limit
        if used > slow_from:
            time.sleep(self._settings.intake_slow_seconds * (used - slow_from) / (limit - slow_from))
        return True

    def _stream_bytes(self) -> int:
        # Estimated by the server from a few nodes of the stream, so it costs the same however long the stream is.
        used = self._patiently(lambda: self._client.memory_usage(self._keys.intake))
        return used or 0
