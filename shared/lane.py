"""The worker's side of its child: start it, send it reports, time it, limit its memory, replace it."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from shared.errors import Reason
from shared.frames import Answer, BrokenFrame, Job, Request, next_frame, write_frame

#: A child that is not ready by then has a fault of its own. Loading the largest dictionary took 2 s on a busy machine.
START_SECONDS = 60.0
#: One failed start may be the machine's (killed for lack of memory); so many in a row are the code's.
START_ATTEMPTS = 3
#: The pipe's buffer: a batch of pages fits in, so that the child never waits for its worker.
_PIPE_BYTES = 1 << 20


class ChildBroken(Exception):  # noqa: N818 - it names what happened
    """The child cannot be started: no report can be worked on. The text says why."""


class Ended(NamedTuple):
    """What became of one request; `packed` is the event or the dead letter."""

    request: Request
    answer: Answer
    packed: bytes


class Lane:
    """One child at a time, and the reports that go through it in order."""

    def __init__(self, job: Job, memory_bytes: int) -> None:
        self._job = job
        self._memory_bytes = memory_bytes
        self._process: asyncio.subprocess.Process | None = None
        self._incoming: asyncio.StreamReader | None = None
        self._outgoing: asyncio.StreamWriter | None = None
        self._was_killed = False
        self.restarts = -1  # the first start is none

    async def start(self) -> None:
        """Have a child that is ready. Raises ChildBroken where none starts in several attempts."""
        if self._process is not None and self._process.returncode is None and self._outgoing is not None:
            return
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                await self._start()
            except ChildBroken:
                if attempt == START_ATTEMPTS:
                    raise
            else:
                return

    async def _start(self) -> None:
        await self.stop()
        ours, theirs = socket.socketpair()
        with theirs:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _PIPE_BYTES)
            # -P: a folder `shared` where the worker was started must not be taken for this one.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "shared.child", str(theirs.fileno()), str(os.getpid()),
                pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        self.restarts += 1
        self._was_killed = False
        ours.setblocking(False)  # noqa: FBT003 - the library's own signature
        self._incoming, self._outgoing = await asyncio.open_connection(sock=ours, limit=_PIPE_BYTES)
        self._outgoing.write(write_frame(self._job.header(), b""))
        try:
            async with asyncio.timeout(START_SECONDS):
                await next_frame(self._incoming)
        except (TimeoutError, EOFError, BrokenFrame, OSError) as error:
            code = await self.stop()
            raise ChildBroken(
                f"the child of {self._job.stage} does not start (exit status {code}); its reason is above in the log"
            ) from error
        self._limit_memory(self._process.pid)

    def _limit_memory(self, pid: int) -> None:
        # From outside, and over what the loaded child has: so the limit is the report's, whatever its stage loads.
        if sys.platform == "linux":
            size = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
            limit = size + self._memory_bytes
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))

    async def run(self, requests: Sequence[Request], seconds: float) -> AsyncGenerator[Ended, None]:
        """What becomes of each request, in order. A report that takes longer than `seconds`, or ends the child, is
        answered with a `fault` of its own and the next ones go to a new child. Raises ChildBroken.
        """
        waiting = deque(requests)
        while waiting:
            await self.start()
            if self._incoming is None or self._outgoing is None:
                raise ChildBroken("no pipe")
            sending = asyncio.create_task(self._send(self._outgoing, [request.frame() for request in waiting]))
            try:
                while waiting:
                    try:
                        async with asyncio.timeout(seconds):
                            header, packed = await next_frame(self._incoming)
                            answer = Answer.from_header(header)
                    except TimeoutError:
                        await self.stop()
                        answer, packed = _fault(Reason.TIMED_OUT, f"longer than {seconds:g} s", seconds), b""
                    except (EOFError, BrokenFrame, OSError) as error:
                        answer, packed = _fault(Reason.CHILD_DIED, await self._end(error)), b""
                    if answer.outcome == "fault" and answer.reason == Reason.OUT_OF_MEMORY:
                        await self.stop(wait_seconds=1.0)  # such a child ends itself
                    yield Ended(waiting.popleft(), answer, packed)
                    if self._process is None:
                        break
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError, OSError):
                    await sending
                if waiting:  # the consumer went away: what the child still answers belongs to nobody
                    await self.stop()

    @staticmethod
    async def _send(outgoing: asyncio.StreamWriter, frames: Sequence[bytes]) -> None:
        with suppress(OSError):  # the child ended: the reader sees it
            # All at once: a read is bounded in bytes, and one call to the system wakes the child once.
            outgoing.writelines(frames)
            await outgoing.drain()

    async def _end(self, error: Exception) -> str:
        broken = f", {error}" if isinstance(error, BrokenFrame) else ""
        code = await self.stop(wait_seconds=1.0)
        if code is not None and code < 0:
            with suppress(ValueError):
                return f"ended by signal {signal.Signals(-code).name}{broken}"
        return f"ended with exit status {code}{broken}"

    async def stop(self, wait_seconds: float = 0.0) -> int | None:
        """End the child, at once or after it had a moment to end by itself; its exit status."""
        process, outgoing = self._process, self._outgoing
        self._process = self._incoming = self._outgoing = None
        if outgoing is not None:
            outgoing.close()
        if process is None:
            return None
        if wait_seconds and process.returncode is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await process.wait()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        return await process.wait()

    @property
    def pid(self) -> int | None:
        """The child's process id, where there is a child."""
        return self._process.pid if self._process is not None else None


def _fault(reason: Reason, detail: str, seconds: float = 0.0) -> Answer:
    return Answer(outcome="fault", reason=reason.value, detail=detail, seconds=seconds)
