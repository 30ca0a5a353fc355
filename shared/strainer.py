"""What is too large in the server's replies is cut while it arrives. Pure.

Any client of the intake may put an entry there that is larger than a worker's memory, and the server gives entries only
whole. So a reply is strained on its way in: a value beyond its limit is counted and hashed as it passes, and only its
first bytes are kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from shared.intake import KEPT_BYTES

#: Values up to this are never cut: ids of entries (41 characters at most), counts, names of our own fields.
_SMALL_BYTES = 64
#: An array with more elements is an entry with too many fields: what workers ask for has some hundred.
MAX_ELEMENTS = 10_000
_END = b"\r\n"
_VALUES = b"$=!"
#: Elements of what is counted in each kind of nested reply.
_NESTED = {b"*": 1, b"~": 1, b">": 1, b"%": 2}


@dataclass(frozen=True)
class ReplyLimits:
    """The most that is held of one value, and of the values of one reply, in bytes."""

    value_bytes: int = 1_000_000
    reply_bytes: int = 8_000_000


class Cut(bytes):
    """The beginning of a value that was not kept, at most KEPT_BYTES. `size` and `sha256` are those of the whole.

    `too_large`: it is beyond the limit of one value. Else there was no room left in its reply: asked for alone, it
    would be given whole; nothing of it is kept, and `sha256` is "".
    """

    size: int
    sha256: str
    too_large: bool

    def __new__(cls, head: bytes, size: int, digest: str, *, too_large: bool) -> Self:
        """A cut value."""
        cut = super().__new__(cls, head)
        cut.size, cut.sha256, cut.too_large = size, digest, too_large
        return cut


@dataclass
class _Cutting:
    """A value, or a whole array of them, that is being cut."""

    too_large: bool
    elements: int = 0  # of an array: those that have not arrived yet
    is_array: bool = False
    size: int = 0
    head: bytearray = field(default_factory=bytearray)
    digest: Any = field(default_factory=sha256)

    def add(self, part: bytes) -> None:
        self.size += len(part)
        if self.too_large:
            self.digest.update(part)
            if len(self.head) < KEPT_BYTES:
                self.head += part[: KEPT_BYTES - len(self.head)]

    def cut(self) -> Cut:
        digest = self.digest.hexdigest() if self.too_large else ""
        return Cut(bytes(self.head), self.size, digest, too_large=self.too_large)


class Strainer:
    """Strains replies in the server's protocol, in whatever pieces they arrive.

    A cut value leaves a mark, which no client can guess; `restore` puts what was cut in its place.
    """

    def __init__(self, limits: ReplyLimits) -> None:
        self._limits = limits
        self._mark = os.urandom(16)
        self._line = b""  # a header whose end has not arrived
        self._left = 0  # bytes of the value that arrives now, with its line end
        self._cutting: _Cutting | None = None
        self._kept_bytes = 0
        self._cuts: list[Cut] = []

    @property
    def is_between(self) -> bool:
        """Whether the last piece ended where a value or a reply may end."""
        return not self._line and not self._left and self._cutting is None

    def begin(self) -> None:
        """A reply begins: what was kept of those before no longer counts."""
        self._kept_bytes = 0
        self._cuts.clear()

    def strain(self, piece: bytes) -> bytes:
        """What is left of the next piece."""
        passed: list[bytes] = []
        piece, self._line, at = self._line + piece, b"", 0
        while at < len(piece):
            if self._left:
                end = min(at + self._left, len(piece))
                self._pass_value(piece[at:end], passed)
            else:
                end = piece.find(_END, at) + len(_END)
                if end < len(_END):
                    self._line = piece[at:]
                    break
                self._pass_header(piece[at:end], passed)
            at = end
        return b"".join(passed)

    def _pass_value(self, part: bytes, passed: list[bytes]) -> None:
        payload_left = max(0, self._left - len(_END))
        self._left -= len(part)
        if self._cutting is None:
            passed.append(part)
            return
        self._cutting.add(part[:payload_left])
        self._pass_cut(self._cutting, passed)

    def _pass_header(self, line: bytes, passed: list[bytes]) -> None:
        kind = line[:1]
        count = int(line[1:-2]) if kind in _VALUES or kind in _NESTED else -1
        elements = max(0, count) * _NESTED.get(kind, 0)
        if kind in _VALUES and count >= 0:
            self._left = count + len(_END)
        if self._cutting is not None:  # within an array that is cut
            self._cutting.elements += elements - 1
            self._pass_cut(self._cutting, passed)
        elif self._left:
            self._begin_value(count, line, passed)
        elif elements > MAX_ELEMENTS:
            self._cutting = _Cutting(too_large=True, elements=elements, is_array=True)
        else:
            passed.append(line)

    def _begin_value(self, size: int, line: bytes, passed: list[bytes]) -> None:
        too_large = size > self._limits.value_bytes
        if too_large or (size > _SMALL_BYTES and self._kept_bytes + size > self._limits.reply_bytes):
            self._cutting = _Cutting(too_large=too_large)
        else:
            self._kept_bytes += size
            passed.append(line)

    def _pass_cut(self, cutting: _Cutting, passed: list[bytes]) -> None:
        """The mark of what was cut, once all of it has arrived."""
        if self._left or cutting.elements:
            return
        mark = self._mark + len(self._cuts).to_bytes(8, "big")
        self._cuts.append(cutting.cut())
        self._cutting = None
        # An array of fields becomes one field without a name.
        before = b"*2\r\n$0\r\n\r\n" if cutting.is_array else b""
        passed.append(b"%b$%d\r\n%b\r\n" % (before, len(mark), mark))

    def restore(self, reply: Any) -> Any:
        """The reply with what was cut in the place of its marks."""
        if not self._cuts:
            return reply
        if isinstance(reply, list):
            return [self.restore(one) for one in reply]
        if isinstance(reply, dict):
            return {self.restore(name): self.restore(one) for name, one in reply.items()}
        if isinstance(reply, bytes) and reply.startswith(self._mark):
            return self._cuts[int.from_bytes(reply[len(self._mark) :], "big")]
        return reply
