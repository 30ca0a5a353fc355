"""What a child does with a request: it reads the report, runs the pure function, and writes the event, or a dead letter."""

from __future__ import annotations

import gc
import importlib
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.codec import Opened, encode_event, open_event
from shared.errors import Permanent, Reason
from shared.events import Delivery, Event, ExtractedReport, NormalizedReport, SectionedReport, Step
from shared.intake import read_report
from shared.letters.burial import EVENT_FIELD, Failure, Taken, bury, cause_of, with_step
from shared.runtime.frames import Answer, Job, Request
from shared.streams import INTAKE, STREAMS, Stream


class Reply(NamedTuple):
    """The answer to a request, and the event or the dead letter."""

    answer: Answer
    packed: bytes = b""


class Watch:
    """The time that the work on one report takes, without that in which others are worked on."""

    def __init__(self) -> None:
        self.started_at = time.time()
        self._spent = 0.0
        self._since = 0.0

    def start(self) -> float:
        """Go on; when the work would have begun, had it not been interrupted, by the monotonic clock."""
        self._since = time.monotonic() - self._spent
        return self._since

    def stop(self) -> None:
        """Wait while others are worked on."""
        self._spent = time.monotonic() - self._since

    def seconds(self) -> float:
        """While it goes: the time so far, to the microsecond."""
        return round(time.monotonic() - self._since, 6)


class Piece:
    """The work on one request, a step at a time: reading, the function, writing."""

    def __init__(self, runner: Runner, request: Request) -> None:
        self.watch = Watch()
        self.reply: Reply | None = None
        self._steps = runner.work(request, self.watch)

    def go_on(self) -> None:
        """Do the next step; after the last one there is a reply. Raises nothing."""
        try:
            next(self._steps)
        except StopIteration as end:
            self.reply = end.value
        except MemoryError:
            gc.collect()
            self.reply = Reply(_fault(Reason.OUT_OF_MEMORY, "the memory limit of the child"))
        self.watch.stop()


@dataclass(frozen=True)
class Runner:
    """A job, ready to work: what it names has been loaded."""

    job: Job
    stream: Stream
    function: Callable[[Any], Event]

    @classmethod
    def open(cls, job: Job) -> Runner:
        """Load the function and run its preparation. Raises whatever the import raises."""
        if job.prepare:
            _load(job.prepare)()
        return cls(job, STREAMS[job.stream], _load(job.process))

    def work(self, request: Request, watch: Watch) -> Generator[None, None, Reply]:
        """Do what one request asks, in steps; never raises but for MemoryError twice over."""
        if request.kind == "bury":
            failure = Failure(
                Reason(request.reason), request.detail, request.traceback, self.job.stage, self.job.version,
                watch.started_at, request.delivery, _history(request),
            )  # fmt: skip
            return self._dead(request, failure, watch)
        try:
            opened = self._read(request)
            yield
            report = opened.event
            result = self.function(report)
            step = self._step(request, watch, note_of(result))
            yield
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
        answer = Answer(
            outcome="out", entry=result.entry, accepted_at=result.accepted_at, seconds=step.seconds,
            characters=characters, report_id=report_id, **_facts(result),
        )  # fmt: skip
        return Reply(answer, packed)

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

    def _failed(self, request: Request, reason: Reason, detail: str, watch: Watch, text: str = "") -> Reply:
        detail, text = _clean(detail), _clean(text)
        known = reason != Reason.UNKNOWN_FAULT
        # Where memory ran out, the letter is not made here; nor is it known yet whether others had taken it.
        if reason == Reason.OUT_OF_MEMORY or (not known and not request.last):
            return Reply(_fault(reason, detail, text, watch.seconds()))
        history = _history(request)
        if not known:
            history = (*history, Delivery(at=watch.started_at, worker=self.job.worker, outcome=detail[:200]))
        failure = Failure(
            reason, detail, text, self.job.stage, self.job.version, time.time(), request.delivery, history
        )
        return self._dead(request, failure, watch)

    def _dead(self, request: Request, failure: Failure, watch: Watch) -> Reply:
        taken = Taken(self.stream, self.job.stream_key, request.id, request.fields, request.entry)
        letter = bury(taken, failure, read=request.read)
        step = self._step(request, watch, f"dead: {failure.reason}")
        answer = Answer(
            outcome="dead", reason=failure.reason.value, detail=failure.detail[:500], entry=letter.entry,
            accepted_at=letter.accepted_at, seconds=step.seconds,
            cause=cause_of(failure.reason, failure.detail, failure.traceback),
        )  # fmt: skip
        return Reply(answer, encode_event(with_step(letter, step)))


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


def _fault(reason: Reason, detail: str, text: str = "", seconds: float = 0.0) -> Answer:
    return Answer(outcome="fault", reason=reason.value, detail=detail, traceback=text, seconds=seconds)


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
