"""The child of a worker: it runs the pure function, one report at a time, and nothing else.

Started by its worker as `python -P -m shared.runtime.child FD`. Over the socket FD come frames (see `shared.runtime.frames`): first the
job, then one request a report; it answers each with one frame. It has no connection, no lease and no clock that
matters: its worker times it, limits its memory and replaces it. It dies with its worker.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import os
import signal
import socket
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.codec import Opened, encode_event, open_event
from shared.errors import Permanent, Reason
from shared.events import Delivery, Event, ExtractedReport, NormalizedReport, SectionedReport, Step
from shared.intake import read_report
from shared.letters.burial import EVENT_FIELD, Failure, Taken, bury, cause_of, with_step
from shared.runtime.frames import Answer, Job, Request, read_frame
from shared.streams import INTAKE, STREAMS, Stream

if TYPE_CHECKING:
    from typing_extensions import Buffer

_PR_SET_PDEATHSIG = 1


class Watch(NamedTuple):
    """When the work on one report began: by the clock, and for its length."""

    started_at: float
    began: float

    def seconds(self) -> float:
        """Since then, to the microsecond."""
        return round(time.perf_counter() - self.began, 6)


@dataclass(frozen=True)
class Workshop:
    """A job, ready to work: what it names has been loaded."""

    job: Job
    stream: Stream
    function: Callable[[Any], Event]

    @classmethod
    def open(cls, job: Job) -> Workshop:
        """Load the function and run its preparation. Raises whatever the import raises."""
        if job.prepare:
            _load(job.prepare)()
        return cls(job, STREAMS[job.stream], _load(job.process))

    def work(self, request: Request) -> tuple[Answer, bytes]:
        """Do what one request asks; never raises but for MemoryError twice over."""
        watch = Watch(time.time(), time.perf_counter())
        if request.kind == "bury":
            failure = Failure(
                Reason(request.reason), request.detail, request.traceback, self.job.stage, self.job.version,
                watch.started_at, request.delivery, _history(request),
            )  # fmt: skip
            return self._dead(request, failure, watch)
        try:
            opened = self._read(request)
            report = opened.event
            result = self.function(report)
            step = self._step(request, watch, note_of(result))
            result.entry, result.accepted_at = report.entry, report.accepted_at
            result.crawl, result.trail = report.crawl, [*report.trail, step]
            packed = encode_event(result, opened)
        except Permanent as error:
            return self._failed(request, error.reason, error.detail, watch)
        except MemoryError:
            return self._failed(request, Reason.OUT_OF_MEMORY, "the memory limit of the child", watch)
        except Exception as error:  # noqa: BLE001 - an unknown fault is what this is for
            text = "".join(traceback.format_exception(error))
            return self._failed(request, Reason.UNKNOWN_FAULT, _line(error), watch, text)
        characters, report_id = 0, ""
        if isinstance(result, NormalizedReport):
            characters, report_id = len(result.text), result.report_id
        return Answer(
            outcome="out", entry=result.entry, accepted_at=result.accepted_at, seconds=step.seconds,
            characters=characters, report_id=report_id, **_facts(result),
        ), packed  # fmt: skip

    def _read(self, request: Request) -> Opened[Any]:
        if self.stream == INTAKE:
            entry = request.entry or f"{self.job.stream_key}/{request.id}"
            return Opened(read_report(entry, request.id, request.fields, self.job.limits))
        packed = request.fields.get(EVENT_FIELD)
        if packed is None:
            names = ", ".join(sorted(name.decode("utf-8", "replace")[:40] for name in request.fields)[:10])
            raise Permanent(Reason.BAD_FIELDS, f"the entry has no field `event`; it has: {names}")
        return open_event(self.stream.event, packed)

    def _step(self, request: Request, watch: Watch, note: str) -> Step:
        return Step(
            stage=self.job.stage, worker=self.job.worker, version=self.job.version, started_at=watch.started_at,
            seconds=watch.seconds(), delivery=request.delivery, note=note,
        )  # fmt: skip

    def _failed(
        self, request: Request, reason: Reason, detail: str, watch: Watch, text: str = ""
    ) -> tuple[Answer, bytes]:
        detail, text = _clean(detail), _clean(text)
        known = reason not in {Reason.UNKNOWN_FAULT, Reason.OUT_OF_MEMORY}
        if not known and not request.last:
            fault = Answer(outcome="fault", reason=reason.value, detail=detail, traceback=text, seconds=watch.seconds())
            return fault, b""
        history = _history(request)
        if not known:
            history = (*history, Delivery(at=watch.started_at, worker=self.job.worker, outcome=detail[:200]))
        failure = Failure(
            reason, detail, text, self.job.stage, self.job.version, time.time(), request.delivery, history
        )
        return self._dead(request, failure, watch)

    def _dead(self, request: Request, failure: Failure, watch: Watch) -> tuple[Answer, bytes]:
        taken = Taken(self.stream, self.job.stream_key, request.id, request.fields, request.entry)
        letter = bury(taken, failure, read=request.read)
        step = self._step(request, watch, f"dead: {failure.reason}")
        answer = Answer(
            outcome="dead", reason=failure.reason.value, detail=failure.detail[:500], entry=letter.entry,
            accepted_at=letter.accepted_at, seconds=step.seconds,
            cause=cause_of(failure.reason, failure.detail, failure.traceback),
        )  # fmt: skip
        return answer, encode_event(with_step(letter, step))


def note_of(event: Event) -> str:
    """What the stage made of the report, in a few words for `fazhi trace`."""
    if isinstance(event, ExtractedReport):
        return f"{len(event.facts)} facts, {len(event.checks)} checks, {event.undecided_numerals} numerals undecided"
    if isinstance(event, SectionedReport):
        return f"{len(event.sections)} sections"
    if isinstance(event, NormalizedReport):
        return (
            f"{len(event.text)} characters, {event.document.script}, {event.source.charset}, {event.source.media_type}"
        )
    return ""


def _facts(event: Event) -> dict[str, Any]:
    if not isinstance(event, ExtractedReport):
        return {}
    domains = Counter((fact.metric or "none").split(".", 1)[0] for fact in event.facts)
    return {"facts": dict(domains), "undecided": event.undecided_numerals}


def _history(request: Request) -> tuple[Delivery, ...]:
    return tuple(Delivery(at=at, worker=worker, outcome=outcome) for at, worker, outcome in request.history)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _clean(text: str) -> str:
    # An exception may quote half a surrogate pair of the page, which no JSON can carry.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _load(reference: str) -> Callable[..., Any]:
    module, _, name = reference.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    loaded: Callable[..., Any] = found
    return loaded


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(0)


class _Incoming(io.RawIOBase):
    """The reading side of the pipe."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe

    def readable(self) -> bool:
        return True

    def readinto(self, into: Buffer) -> int:
        return self._pipe.recv_into(into)


def main() -> None:
    """Read the job, load it, say so, then answer requests until the worker closes the socket."""
    descriptor, parent = int(sys.argv[1]), int(sys.argv[2])
    _die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal goes to the worker, which drains
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.dup2(2, 1)  # what a rule prints must not be lost, nor be taken for an answer
    with socket.socket(fileno=descriptor) as pipe, io.BufferedReader(_Incoming(pipe), 1 << 20) as incoming:
        header, _ = read_frame(incoming)
        workshop = Workshop.open(Job.from_header(header))
        gc.collect()
        gc.freeze()
        pipe.sendall(Answer(outcome="ready").frame(b""))
        while True:
            try:
                header, blob = read_frame(incoming)
            except EOFError:
                return
            answer, packed = _answer(workshop, Request.from_frame(header, blob))
            pipe.sendall(answer.frame(packed))
            if answer.reason == Reason.OUT_OF_MEMORY and answer.outcome == "fault":
                return  # what is left of this process's memory is not to be trusted


def _answer(workshop: Workshop, request: Request) -> tuple[Answer, bytes]:
    try:
        return workshop.work(request)
    except MemoryError:
        gc.collect()
        return Answer(outcome="fault", reason=Reason.OUT_OF_MEMORY.value, detail="the memory limit of the child"), b""


if __name__ == "__main__":
    main()
