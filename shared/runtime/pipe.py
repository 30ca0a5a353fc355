"""The worker's end of the socket to its child: requests out, answers in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress

from shared.runtime.frames import Answer, cut_answers
from shared.runtime.mark import InHand, make_mark, read_mark

#: The socket's buffer: a batch of pages fits in, so that the child seldom waits for its worker.
_BUFFER_BYTES = 1 << 20
_READ_BYTES = 1 << 18


class Pipe:
    """One end of a pair of sockets; the other is the child's.

    It reads only while somebody asks for answers. What the child says meanwhile waits in the socket, so a child that
    says too much waits too, and one look brings several answers.
    """

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self.mark = make_mark()
        for end in (self._ours, self.theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        self._ours.setblocking(False)  # noqa: FBT003 - the library's own signature
        self._read = bytearray(_READ_BYTES)
        self._arrived = bytearray()

    async def send(self, frames: Iterable[bytes]) -> None:
        """Send frames, all in one write where the socket has room. Raises OSError."""
        await asyncio.get_running_loop().sock_sendall(self._ours, b"".join(frames))

    async def answers(self) -> list[tuple[Answer, bytes]]:
        """What the child has answered since the last call, one answer at least, each with its blob.

        Raises EOFError where the child closed its end, BrokenFrame for what is no answer, OSError.
        """
        while not (answers := self.arrived()):
            await self._something_arrives()
        return answers

    def arrived(self) -> list[tuple[Answer, bytes]]:
        """The same without waiting: nothing where no answer is whole yet."""
        while not (answers := cut_answers(self._arrived)):
            try:
                count = self._ours.recv_into(self._read)
            except BlockingIOError:
                return []
            if not count:
                raise EOFError
            self._arrived += memoryview(self._read)[:count]
        return answers

    async def _something_arrives(self) -> None:
        """Wait without taking anything: a wait whose time is over in the moment in which an answer comes must not take
        it along, or the next answers would be those of other reports (`loop.sock_recv_into` was seen to lose 16).
        """
        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()
        descriptor = self._ours.fileno()
        loop.add_reader(descriptor, arrived.set)
        try:
            await arrived.wait()
        finally:
            loop.remove_reader(descriptor)

    def in_hand(self) -> InHand:
        """What the child has in hand, or had when it ended."""
        return read_mark(self.mark)

    def close(self) -> None:
        """Close both ends; whoever waits for an answer gets an EOFError."""
        self.theirs.close()
        self.mark.close()
        with suppress(OSError):  # closed before
            self._ours.shutdown(socket.SHUT_RDWR)
        # Not at once: a reader that waits is woken by the shutdown, and must find the socket still there.
        asyncio.get_running_loop().call_soon(self._ours.close)
