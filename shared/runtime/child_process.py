"""The worker's side of its child: start it, send it reports, time it, limit its memory, replace it."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from shared.errors import Reason
from shared.runtime.frames import TOGETHER, Answer, BrokenFrame, Job, Request
from shared.runtime.pipe import Pipe

#: A child that is not ready by then has a fault of its own. Loading the largest dictionary took 2 s on a busy machine.
START_SECONDS = 60.0
#: One failed start may be the machine's (killed for lack of memory); so many in a row are the code's.
START_ATTEMPTS = 3
#: While several reports are in the child, its answers are gathered for so long: a look at each one as it comes costs
#: the worker 0.1 ms more a report, with caches that the child's work has emptied meanwhile (docs/decisions/0066).
_GATHER_SECONDS = 0.25
#: The share of the time that the reports left are expected to take; less than 1, so that the last is not waited for.
_GATHER_SHARE = 0.8
_LEAST_GATHER_SECONDS = 0.005


class ChildBroken(Exception):  # noqa: N818 - it names what happened
    """The child cannot be started: no report can be worked on. The text says why."""


class Ended(NamedTuple):
    """What became of one request; `packed` is the event or the dead letter."""

    request: Request
    answer: Answer
    packed: bytes


class ChildProcess:
    """One child at a time, and the reports that go through it."""

    def __init__(self, job: Job, memory_bytes: int) -> None:
        self._job = job
        self._memory_bytes = memory_bytes
        self._process: asyncio.subprocess.Process | None = None
        self._pipe: Pipe | None = None
        self._answered = 0  # of the requests that this child was sent
        self.restarts = -1  # the first start is none

    async def start(self) -> Pipe:
        """Have a child that is ready. Raises ChildBroken where none starts in several attempts."""
        if self._process is not None and self._process.returncode is None and self._pipe is not None:
            return self._pipe
        for _ in range(START_ATTEMPTS - 1):
            with suppress(ChildBroken):
                return await self._start()
        return await self._start()

    async def _start(self) -> Pipe:
        await self.stop()
        self._pipe = pipe = Pipe()
        # -P: a folder `shared` where the worker was started must not be taken for this one.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "shared.runtime.child", str(pipe.theirs.fileno()), str(os.getpid()),
            str(pipe.mark.fileno()),
            pass_fds=(pipe.theirs.fileno(), pipe.mark.fileno()), stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        pipe.theirs.close()
        self.restarts += 1
        self._answered = 0
        try:
            async with asyncio.timeout(START_SECONDS):
                await pipe.send([self._job.frame()])
                await pipe.answers()
        except (TimeoutError, EOFError, BrokenFrame, OSError) as error:
            code = await self.stop()
            raise ChildBroken(
                f"the child of {self._job.stage} does not start (exit status {code}); its reason is above in the log"
            ) from error
        self._limit_memory(self._process.pid)
        return pipe

    def _limit_memory(self, pid: int) -> None:
        # From outside, and over what the loaded child has: so the limit is the report's, whatever its stage loads.
        if sys.platform == "linux":
            with suppress(ProcessLookupError, FileNotFoundError):  # it has just ended, as its pipe will say
                size = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
                _, hard = resource.prlimit(pid, resource.RLIMIT_AS)
                limit = size + self._memory_bytes
                if hard != resource.RLIM_INFINITY:  # inherited, as by `ulimit -v`: nobody may go above it
                    limit = min(limit, hard)
                resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))

    async def run(self, requests: Sequence[Request], seconds: float) -> AsyncGenerator[list[Ended], None]:
        """What becomes of each request, several at a time, those of one child in order. A report that takes longer than
        `seconds`, or ends the child, is answered with a `fault` of its own; what the child had not answered by then goes
        to a new one. Raises ChildBroken.
        """
        left = list(requests)
        while left:
            pipe = await self.start()
            sending = asyncio.create_task(self._send(pipe, [request.frame() for request in left]))
            spent, done = 0.0, 0
            try:
                while left and self._pipe is pipe:
                    looked = time.monotonic()
                    if done:
                        await _let_it_work(len(left), spent / done)
                    ended = await self._ended(pipe, left, seconds)
                    spent, done = spent + time.monotonic() - looked, done + len(ended)
                    for one in ended:
                        left.remove(one.request)
                    yield ended
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError):
                    await sending
                if left:  # the consumer went away: what the child still answers belongs to nobody
                    await self.stop()

    @staticmethod
    async def _send(pipe: Pipe, frames: Sequence[bytes]) -> None:
        with suppress(OSError):  # the child ended: the reader sees it
            await pipe.send(frames)

    async def _ended(self, pipe: Pipe, left: Sequence[Request], seconds: float) -> list[Ended]:
        """What became of the next of those `left`, one at least. The child is ended where the last of them says so."""
        try:
            answers = await self._answers(pipe, seconds)
        except TimeoutError:
            guilty = self._in_hand(pipe, left)
            await self.stop()
            return [_fault(guilty, Reason.TIMED_OUT, f"longer than {seconds:g} s", seconds)]
        except (EOFError, BrokenFrame, OSError) as error:
            guilty = self._in_hand(pipe, left)
            return [_fault(guilty, Reason.CHILD_DIED, await self._end(error))]
        ended = [Ended(request, *answer) for request, answer in zip(left, answers, strict=False)]
        if any(map(_is_anothers, ended)):
            await self.stop()
            return [_fault(left[0], Reason.CHILD_DIED, "its child answered other requests than those it was sent")]
        *before, last = ended
        self._answered += len(before)
        if len(answers) > len(left):
            await self.stop()  # it answers what nobody asked: what it says next would be taken for another report's
        elif last.answer.is_out_of_memory:
            last = last._replace(request=self._in_hand(pipe, left[len(before) :]))
            await self.stop(wait_seconds=1.0)  # such a child ends itself
        self._answered += 1
        return [*before, last]

    async def _answers(self, pipe: Pipe, seconds: float) -> list[tuple[Answer, bytes]]:
        """The next answers of the child. Raises TimeoutError once it has had one report in hand for `seconds`, whatever
        it says once it could have worked on as many as it takes together; EOFError, BrokenFrame, OSError.
        """
        wait, ends_at = seconds, time.monotonic() + TOGETHER * seconds
        while True:
            try:
                async with asyncio.timeout(wait):
                    return await pipe.answers()
            except TimeoutError:
                now = time.monotonic()
                wait = min(pipe.in_hand().since + seconds, ends_at) - now
                if wait <= 0:
                    # A worker that was stopped for a while finds the time over and the answers there, both at once.
                    if answers := pipe.arrived():
                        return answers
                    raise

    def _in_hand(self, pipe: Pipe, left: Sequence[Request]) -> Request:
        """The one of those `left` that the child has in hand, or had when it ended; the first where it does not say."""
        place = pipe.in_hand().number - self._answered
        return left[place] if 0 < place < len(left) else left[0]

    async def _end(self, error: Exception) -> str:
        broken = f", {error}" if isinstance(error, BrokenFrame) else ""
        code = await self.stop(wait_seconds=1.0)
        if code is not None and code < 0:
            with suppress(ValueError):
                return f"ended by signal {signal.Signals(-code).name}{broken}"
        return f"ended with exit status {code}{broken}"

    async def stop(self, wait_seconds: float = 0.0) -> int | None:
        """End the child, at once or after it had a moment to end by itself; its exit status."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
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


def _is_anothers(ended: Ended) -> bool:
    """Whether the answer names another request. One about memory is of the report in hand, whatever it names."""
    answer = ended.answer
    return bool(answer.id) and answer.id != ended.request.id and not answer.is_out_of_memory


async def _let_it_work(left: int, seconds_each: float) -> None:
    """Wait while the child is sure to be busy with the `left` reports it still has."""
    pause = min(_GATHER_SECONDS, _GATHER_SHARE * left * seconds_each)
    if pause > _LEAST_GATHER_SECONDS:
        await asyncio.sleep(pause)


def _fault(request: Request, reason: Reason, detail: str, seconds: float = 0.0) -> Ended:
    return Ended(request, Answer(outcome="fault", reason=reason.value, detail=detail, seconds=seconds), b"")
