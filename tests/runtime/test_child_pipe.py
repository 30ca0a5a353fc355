"""What a child says over its pipe, and what its worker makes of it."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest

from shared.errors import Reason
from shared.intake import BodyLimits
from shared.runtime.child_process import ChildProcess, Ended
from shared.runtime.frames import Answer, BrokenFrame, Job, Request, cut_answers, cut_requests
from shared.runtime.mark import InHand, Mark
from shared.runtime.pipe import Pipe

LIMIT_BYTES = 300_000_000


def answers_of(arrived: bytearray) -> list[tuple[str, bytes]]:
    return [(answer.entry, blob) for answer, blob in cut_answers(arrived)]


def test_answers_are_cut_wherever_the_bytes_are_parted() -> None:
    sent = b"".join(Answer("out", entry=f"e{k}").frame(b"x" * k) for k in range(5))
    for at in range(len(sent) + 1):
        arrived = bytearray(sent[:at])
        found = answers_of(arrived)
        arrived += sent[at:]
        assert found + answers_of(arrived) == [(f"e{k}", b"x" * k) for k in range(5)]
        assert not arrived


@pytest.mark.parametrize("broken", [b"\xff" * 40, b"\0\0\0\2\0\0\0\0no", b'\0\0\0\x0e\0\0\0\0{"foreign": 1}'])
def test_what_was_answered_before_something_broken_is_not_lost(broken: bytes) -> None:
    arrived = bytearray(Answer("out", entry="good").frame(b"") + broken)
    assert answers_of(arrived) == [("good", b"")]
    with pytest.raises(BrokenFrame):
        cut_answers(arrived)


@pytest.fixture
async def pipe() -> AsyncIterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


async def test_one_look_brings_all_that_was_answered(pipe: Pipe) -> None:
    for k in range(3):
        pipe.theirs.sendall(Answer("out", entry=f"e{k}").frame(b"packed"))
    assert [answer.entry for answer, _ in await pipe.answers()] == ["e0", "e1", "e2"]


async def test_whoever_waits_for_an_answer_is_told_that_the_pipe_was_closed(pipe: Pipe) -> None:
    waiting = asyncio.create_task(pipe.answers())
    await asyncio.sleep(0)
    pipe.close()
    with pytest.raises((EOFError, OSError)):
        async with asyncio.timeout(60):
            await waiting


@pytest.mark.parametrize("looks", range(5))
async def test_answers_that_come_as_the_wait_for_them_ends_are_not_lost(pipe: Pipe, looks: int) -> None:
    """Else those of the next reports would be taken for theirs."""
    waiting = asyncio.create_task(pipe.answers())
    await asyncio.sleep(0)
    pipe.theirs.sendall(Answer("out", entry="e0").frame(b""))
    for _ in range(looks):  # the loop sees the answer, and the time is over before the reader has its turn
        await asyncio.sleep(0)
    came = [] if waiting.cancel() else waiting.result()
    with suppress(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(60):
        came = came or await pipe.answers()
    assert [answer.entry for answer, _ in came] == ["e0"]


async def test_a_child_that_says_too_much_waits_until_it_is_asked(pipe: Pipe) -> None:
    with pytest.raises(BlockingIOError):  # the socket holds a few MB, the worker nothing
        for _ in range(100):
            pipe.theirs.send(Answer("out").frame(bytes(1_000_000)), socket.MSG_DONTWAIT)


def lane(function: str) -> ChildProcess:
    job = Job(stage="normalizer", stream="intake", stream_key="fazhi:intake", worker="w", version="0",
              process=f"tests.support.functions:{function}", prepare="", limits=BodyLimits())  # fmt: skip
    return ChildProcess(job, LIMIT_BYTES)


def requests(*bodies: str) -> list[Request]:
    return [Request(f"1-{k}", {b"body": body.encode()}, last=False) for k, body in enumerate(bodies)]


async def ended(lane: ChildProcess, wanted: list[Request], seconds: float = 60.0) -> list[list[Ended]]:
    try:
        return [some async for some in lane.run(wanted, seconds)]
    finally:
        await lane.stop()


async def test_answers_to_other_requests_are_nobodys() -> None:
    """Whatever mixed them up: no report is given another's result, and the child is replaced."""
    own = lane("normalize")
    try:
        pipe = await own.start()
        await pipe.send([Request("9-9", {b"body": b"foreign"}).frame()])  # its answer comes first
        came = [one for some in await ended(own, requests("one", "two")) for one in some]
    finally:
        await own.stop()
    assert [(one.request.id, one.answer.outcome) for one in came] == [("1-0", "fault"), ("1-1", "out")]
    assert "other requests" in came[0].answer.detail
    assert own.restarts == 1


async def test_answers_that_came_while_the_worker_stood_still_are_taken_though_the_time_is_over() -> None:
    """A worker that was stopped (SIGSTOP, a paused container) for longer than a report may take."""
    own = lane("normalize")
    seconds = 2.0
    answered = own.run(requests("报告"), seconds)
    await own.start()
    coming = asyncio.create_task(anext(answered))
    while not (own._pipe is not None and own._pipe.in_hand().number == 0):  # noqa: ASYNC110 - another process says so
        await asyncio.sleep(0.001)
    time.sleep(1.5 * seconds)  # noqa: ASYNC251 - the loop stands still
    try:
        ((one,),) = [await coming]
    finally:
        await answered.aclose()
        await own.stop()
    assert one.answer.outcome == "out"


async def test_a_child_that_ends_as_soon_as_it_is_ready_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone before its memory can be limited: a fault of the report in hand at most, never of the worker."""
    own = lane("normalize")
    wait = Pipe.answers
    killed: list[int] = []

    async def end_when_ready(pipe: Pipe) -> list[tuple[Answer, bytes]]:
        answers = await wait(pipe)
        if not killed and own._process is not None:
            killed.append(own._process.pid)
            own._process.kill()
            await own._process.wait()
        return answers

    monkeypatch.setattr(Pipe, "answers", end_when_ready)
    assert said(await ended(own, requests("甲", "乙"))) == ["child_died", "out"]


async def test_an_inherited_limit_stays() -> None:
    """As under `ulimit -v`: who is not privileged may not lift it, and nobody needs to."""
    own = lane("normalize")
    await own.start()
    assert own._process is not None
    inherited = resource.prlimit(own._process.pid, resource.RLIMIT_AS)
    own._memory_bytes = 1 << 40
    own._limit_memory(own._process.pid)
    assert resource.prlimit(own._process.pid, resource.RLIMIT_AS) == inherited
    await own.stop()


async def test_answers_come_in_order_and_several_at_a_time() -> None:
    found = await ended(lane("normalize"), requests(*(f"报告 {k} normalizer:slow=0.005" for k in range(40))))
    entries = [one.answer.entry for some in found for one in some]
    assert entries == [f"fazhi:intake/1-{k}" for k in range(40)]
    assert len(found) < 20


@pytest.mark.parametrize(
    ("deed", "reason"), [("hang", Reason.TIMED_OUT), ("kill", Reason.CHILD_DIED), ("exit", Reason.CHILD_DIED)]
)
async def test_the_one_that_breaks_a_limit_is_blamed_and_no_other(deed: str, reason: Reason) -> None:
    slow = "报告 normalizer:slow=0.01"  # so that answers are being gathered when the child breaks
    wanted = requests(slow, slow, slow, f"报告 normalizer:{deed}", slow, slow)
    found = await ended(lane("normalize"), wanted, seconds=3.0 if deed == "hang" else 60.0)
    assert said(found) == ["out"] * 3 + [reason.value] + ["out"] * 2


def said(found: list[list[Ended]]) -> list[str]:
    """What became of each request, once, in the order of the requests."""
    by_id = {one.request.id: one.answer.reason or one.answer.outcome for some in found for one in some}
    assert len(by_id) == sum(map(len, found))
    return [by_id[key] for key in sorted(by_id, key=lambda key: int(key.removeprefix("1-")))]


QUICK = [f"报告 {k}" for k in range(20)]  # after these the child takes many together


async def test_the_one_that_eats_the_memory_is_blamed_and_no_other_that_was_worked_on_with_it() -> None:
    found = await ended(lane("normalize"), requests(*QUICK, "甲", "normalizer:memory", "乙", "丙"))
    assert said(found) == ["out"] * 21 + ["out_of_memory"] + ["out"] * 2


async def test_where_memory_ran_out_the_dead_letter_is_not_made_by_the_child_that_lacks_it() -> None:
    (request,) = requests("normalizer:memory")
    (((_, answer, packed),),) = await ended(lane("normalize"), [replace(request, last=True)])
    assert (answer.outcome, answer.reason, packed) == ("fault", "out_of_memory", b"")


async def test_the_time_of_each_counts_not_that_of_those_that_are_worked_on_with_it() -> None:
    slow = ["报告 normalizer:slow=1.2"] * 4
    assert said(await ended(lane("normalize"), requests(*QUICK, *slow), seconds=3.0)) == ["out"] * 24


async def test_a_child_that_says_for_ever_that_it_has_just_begun_is_not_believed(pipe: Pipe) -> None:
    mark = Mark(pipe.mark.fileno())
    waiting = asyncio.create_task(lane("normalize")._answers(pipe, 0.05))
    async with asyncio.timeout(60):
        while not waiting.done():
            mark.put(0, time.monotonic())
            await asyncio.sleep(0.001)
    with pytest.raises(TimeoutError):
        await waiting


async def test_a_mark_is_read_as_it_was_put_and_says_nothing_where_it_was_cut_away(pipe: Pipe) -> None:
    assert pipe.in_hand() == InHand(-1, 0.0)
    Mark(pipe.mark.fileno()).put(7, 1.5)
    assert pipe.in_hand() == InHand(7, 1.5)
    pipe.mark.truncate(0)
    assert pipe.in_hand() == InHand(-1, 0.0)


def test_requests_are_cut_as_they_arrive_so_many_and_so_many_bytes_at_a_time() -> None:
    sent = [Request(f"1-{k}", {b"body": bytes(1000)}) for k in range(5)]
    arrived = bytearray(b"".join(request.frame() for request in sent))
    whole = bytes(arrived[-10:])
    del arrived[-10:]  # the last one is not whole yet
    found = [[request.id for request in cut_requests(arrived, most, most_bytes)] for most, most_bytes in
             ((2, 10_000), (5, 1), (5, 10_000), (5, 10_000))]  # fmt: skip
    arrived += whole
    found.append([request.id for request in cut_requests(arrived, 5, 1)])
    assert found == [["1-0", "1-1"], ["1-2"], ["1-3"], [], ["1-4"]]
    assert not arrived
