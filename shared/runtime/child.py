"""The child of a worker: it runs the pure function on one report after the other, and does nothing else.

Started by its worker as `python -P -m shared.runtime.child FD PARENT MARK`. Over the socket FD come frames (see
`shared.runtime.frames`): first the job, then one request a report; it answers each with one frame. It has no connection,
no lease and no clock that matters: its worker times it, limits its memory and replaces it, and sees by the mark what it
has in hand. It dies with its worker.

Reports that have arrived are worked on together: all are read, the function runs on all, all are written. Code and
tables of each step then stay in the processor's caches (docs/decisions/0076).
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from shared.runtime.frames import TOGETHER, Answer, Job, Request, cut_job, cut_requests
from shared.runtime.mark import Mark
from shared.runtime.runner import Piece, Reply, Runner

_PR_SET_PDEATHSIG = 1
_READ_BYTES = 1 << 18
#: Reports that are worked on together have so many bytes at most, as they arrive, and are expected to take no longer than
#: this: the first is answered later by so much.
_TOGETHER_BYTES = 1 << 19
_TOGETHER_SECONDS = 0.5
#: New containers between two looks of Python's collector, 700 by itself: those of 16 reports live at a time, and each look
#: went over all of them for nothing, 1.5 to 2.5 % of the extractor's time.
_COLLECTED_EVERY = 100_000


class Incoming:
    """What has come over the pipe."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._read = bytearray(_READ_BYTES)
        self._arrived = bytearray()

    def job(self) -> Job:
        """The first frame. Raises EOFError where the worker closed its end."""
        while (job := cut_job(self._arrived)) is None:
            self._receive()
        return job

    def requests(self, most: int) -> list[Request]:
        """The next requests, as many as have arrived, at least one and at most `most`. Raises EOFError."""
        with suppress(BlockingIOError):  # nothing more has come
            self._receive(socket.MSG_DONTWAIT)
        while not (requests := cut_requests(self._arrived, most, _TOGETHER_BYTES)):
            self._receive()
        return requests

    def _receive(self, flags: int = 0) -> None:
        count = self._pipe.recv_into(self._read, 0, flags)
        if not count:
            raise EOFError
        self._arrived += memoryview(self._read)[:count]


class BatchRunner:
    """Runs a stage on several reports at a time."""

    def __init__(self, runner: Runner, mark: Mark) -> None:
        self._runner = runner
        self._mark = mark
        self._taken = 0
        self._seconds_each = _TOGETHER_SECONDS

    @property
    def most(self) -> int:
        """How many may be taken together: by the time that those before them took."""
        return max(1, min(TOGETHER, int(_TOGETHER_SECONDS / max(self._seconds_each, 1e-6))))

    def replies(self, requests: Sequence[Request]) -> list[Reply]:
        """A reply to each request, in order; only that to the one in hand where the memory was not enough."""
        pieces = [Piece(self._runner, request) for request in requests]
        began = time.monotonic()
        while any(piece.reply is None for piece in pieces):
            for number, piece in enumerate(pieces, self._taken):
                if piece.reply is None:
                    self._mark.put(number, piece.watch.start())
                    piece.go_on()
                    if piece.reply is not None and piece.reply.answer.is_out_of_memory:
                        return [piece.reply]
        self._taken += len(requests)
        self._seconds_each = (time.monotonic() - began) / len(requests)
        return [piece.reply for piece in pieces if piece.reply is not None]


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(0)


def main() -> None:
    """Read the job, load it, say so, then answer requests until the worker closes the socket."""
    descriptor, parent, mark = map(int, sys.argv[1:])
    _die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal goes to the worker, which drains
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.dup2(2, 1)  # what a rule prints must not be lost, nor be taken for an answer
    with socket.socket(fileno=descriptor) as pipe:
        incoming = Incoming(pipe)
        batches = BatchRunner(Runner.open(incoming.job()), Mark(mark))
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECTED_EVERY)
        pipe.sendall(Answer(outcome="ready").frame(b""))
        while True:
            try:
                requests = incoming.requests(batches.most)
            except EOFError:
                return
            replies = batches.replies(requests)
            asked = zip(requests, replies, strict=False)  # one reply where the memory was not enough
            pipe.sendall(b"".join(answer.frame(packed, request.id) for request, (answer, packed) in asked))
            if replies[-1].answer.is_out_of_memory:
                return  # what is left of this process's memory is not to be trusted


if __name__ == "__main__":
    main()
