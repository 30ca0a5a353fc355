"""The parser of the server's replies that holds no more of them than its limits allow."""

from __future__ import annotations

from typing import Any

from redis.asyncio.connection import DefaultParser
from redis.exceptions import ConnectionError as ServerConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError

from shared.strainer import ReplyLimits, Strainer


class BoundedParser(DefaultParser):  # type: ignore[misc, valid-type]
    """The parser of redis-py in C; from the first reply beyond the limits on, its connection is strained.

    Until then a reply costs it a list of what arrived: straining everything would cost a worker 2 % of its time.
    """

    def __init__(self, socket_read_size: int, limits: ReplyLimits) -> None:
        super().__init__(socket_read_size=socket_read_size)
        self._limits = limits
        self._strainer: Strainer | None = None
        self._reader: Any = None  # of hiredis: the last one that was connected
        self._spare: Any = None  # not fed yet
        self._arrived: list[bytes] = []  # since nothing of an earlier reply was left
        self._arrived_bytes = 0
        self._given = 0  # replies that were read of it

    def on_connect(self, connection: Any) -> None:
        """A new connection; nothing of the one before counts."""
        super().on_connect(connection)
        self._spare = self._reader
        super().on_connect(connection)
        self._strainer = None
        self._begin()

    def _begin(self) -> None:
        self._arrived.clear()
        self._arrived_bytes = self._given = 0
        if self._strainer is not None:
            self._strainer.begin()

    async def read_response(self, disable_decoding: bool = False, push_request: bool = False) -> Any:
        """The next reply, with a `Cut` in the place of each value that was not kept.

        Raises ServerConnectionError where the server follows another by now: who is master at its address is only found
        out on a new connection.
        """
        if not self._reader.has_data() and (self._strainer is None or self._strainer.is_between):
            self._begin()
        try:
            reply = await super().read_response(disable_decoding, push_request)
        finally:
            self._given += 1
        if isinstance(reply, (ReadOnlyError, MasterDownError)):
            raise ServerConnectionError(f"the server is no master any more: {reply}")
        return reply if self._strainer is None else self._strainer.restore(reply)

    async def read_from_socket(self) -> bool:
        """Take in what has arrived."""
        if self._strainer is None and self._arrived_bytes > self._limits.reply_bytes:
            self._begin_straining()
            return True
        piece: bytes = await self._stream.read(self._read_size)
        if not piece:
            raise ServerConnectionError("Connection closed by server.")
        if self._strainer is None:
            self._arrived.append(piece)
            self._arrived_bytes += len(piece)
            self._reader.feed(piece)
        else:
            self._reader.feed(self._strainer.strain(piece))
        return True

    def _begin_straining(self) -> None:
        """Read what has arrived once more, strained: the reader in C gives nothing of it back."""
        self._strainer, self._reader = Strainer(self._limits), self._spare
        for piece in self._arrived:
            self._reader.feed(self._strainer.strain(piece))
        for _ in range(self._given):
            self._reader.gets()
        self._arrived.clear()
