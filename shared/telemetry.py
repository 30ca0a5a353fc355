"""Metrics of the stages and structured logs.

Base units, label values only from closed sets, every label value exported as zero from the start: never an id, a URL
or a text as a label.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TextIO, cast

import orjson
import structlog
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client import Counter as CounterMetric

from shared.errors import Reason
from shared.runtime.frames import Answer
from shared.server import is_away

OUTCOMES = ("done", "dead", "refused_handoff", "retried", "handed_back")
DOMAINS = (
    "governance", "legislation", "normative_documents", "legality_review", "decision_making", "legal_counsel",
    "approvals", "government_services", "market_regulation", "inspection", "credit", "enforcement", "certification",
    "training", "legal_study", "publicity", "legal_aid", "legal_services", "reconsideration", "litigation", "mediation",
    "petitions", "disclosure", "proposals", "audit", "supervision", "emergency", "environment", "public_security",
    "public_services", "reform", "none",
)  # fmt: skip
#: One report in one stage takes 0.2 ms … 20 s.
_WORK_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
#: 60 s is the objective (99 % of reports stored or dead within 60 s of acceptance).
_AGE_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14400)


class StageMetrics:
    """What every stage exports; one instance a worker process. All carry the label `stage`."""

    def __init__(self, stage: str, version: str, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> CounterMetric:
            return CounterMetric(name, text, ("stage", *labels), registry=registry)

        def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name, text, ("stage", *labels), registry=registry)

        self.stage = stage
        self.work_seconds = Histogram(
            "fazhi_work_seconds", "Seconds of work on one report.", ("stage",), buckets=_WORK_BUCKETS, registry=registry
        ).labels(stage)
        self.age_seconds = Histogram(
            "fazhi_age_seconds", "Seconds from acceptance to the end of this stage, stored or dead.", ("stage",),
            buckets=_AGE_BUCKETS, registry=registry,
        ).labels(stage)  # fmt: skip
        self.characters = counter("fazhi_characters_total", "Characters of text handed on.").labels(stage)
        self.in_progress = gauge("fazhi_in_progress", "Entries read and not yet handed over.").labels(stage)
        self.last_success = gauge("fazhi_last_success_timestamp_seconds", "When a report was last done.").labels(stage)
        self.redeliveries = counter("fazhi_redeliveries_total", "Entries delivered more than once.").labels(stage)
        self.reclaimed = counter("fazhi_reclaimed_total", "Entries taken over from dead workers.").labels(stage)
        self.vanished = counter("fazhi_vanished_total", "Pending entries that were no longer on the stream.").labels(
            stage
        )
        self.handoff_failures = counter("fazhi_handoff_failures_total", "Handoff calls that failed.").labels(stage)
        self.child_restarts = counter("fazhi_child_restarts_total", "Child processes replaced.").labels(stage)
        self.paused = gauge("fazhi_paused", "1 while the stage waits for room on the next stream.").labels(stage)
        self.ready = gauge("fazhi_ready", "1 while the stage takes work.").labels(stage)
        self.lost_leases = counter(
            "fazhi_lost_leases_total", "Entries that another worker took over from this one."
        ).labels(stage)
        self.fuse_blown = gauge(
            "fazhi_fuse_blown", "1 once the stage stopped itself: it failed on nearly everything."
        ).labels(stage)
        self.server_up = gauge("fazhi_worker_server_up", "1 while the server answers.").labels(stage)
        self.undecided_numerals = counter(
            "fazhi_undecided_numerals_total", "Numerals that no rule took or left."
        ).labels(stage)
        self.build_info = gauge("fazhi_build_info", "Always 1.", ("version",)).labels(stage, version)
        self.build_info.set(1)
        reports = counter("fazhi_reports_total", "Reports by outcome.", ("outcome",))
        self._reports = {outcome: reports.labels(stage, outcome) for outcome in OUTCOMES}
        dead = counter("fazhi_dead_letters_total", "Dead letters by reason.", ("reason",))
        self._dead = {reason: dead.labels(stage, reason.value) for reason in Reason}
        facts = counter("fazhi_facts_total", "Facts by domain of their metric.", ("domain",))
        self._facts = {domain: facts.labels(stage, domain) for domain in DOMAINS} if stage == "extractor" else {}

    def report(self, outcome: str, count: int = 1) -> None:
        """Count reports with `outcome`, one of OUTCOMES. Raises KeyError for another."""
        self._reports[outcome].inc(count)

    def dead(self, reason: Reason) -> None:
        """Count one dead letter."""
        self._reports["dead"].inc()
        self._dead[reason].inc()

    def done(self, answers: Sequence[Answer]) -> None:
        """Count reports that the stage finished, all that they say at once."""
        if not answers:
            return
        self._reports["done"].inc(len(answers))
        self.last_success.set_to_current_time()
        self.characters.inc(sum(answer.characters for answer in answers))
        self.undecided_numerals.inc(sum(answer.undecided for answer in answers))
        found: Counter[str] = Counter()
        for answer in answers:
            found.update(answer.facts)
        for domain, facts in found.items():
            self._facts[domain if domain in DOMAINS else "none"].inc(facts)


def configure_logs(*, as_json: bool) -> None:
    """Structured logs on standard error: one line an event, control characters escaped, never a report's text."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json_line)
            if as_json
            else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], repr_native_str=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )


#: Lines that are written at once: a pipe takes so much whole, though others write to it.
_WRITTEN_AT_ONCE = 4_096


def tell_each(event: str, told: Iterable[Mapping[str, Any]]) -> None:
    """As `log.info(event, **one)` for each: what their lines have in common is made once, and many are one write.

    A line by itself took a worker 8 µs and two calls of the system; it has one for each report.
    """
    settings = structlog.get_config()
    *prepare, render = settings["processors"]
    common: Any = {"event": event}
    for processor in prepare:
        common = processor(None, "info", common)
    written, log = "", settings["logger_factory"]()
    for one in told:
        line = render(None, "info", {**common, **one})
        if written and len(written) + len(line) + 2 > _WRITTEN_AT_ONCE:
            log.info(written)
            written = ""
        written = f"{written}\n{line}" if written else line
    if written:
        log.info(written)


class _StandardError:
    """Standard error, where a full disk takes log lines away and not the work that they tell of."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _json_line(event: Mapping[str, Any], default: Callable[[Any], Any]) -> str:
    try:
        return orjson.dumps(event, default=default).decode()
    except (
        TypeError
    ):  # half a surrogate pair, or a whole number beyond 64 bits: it takes three times as long, and passes
        return json.dumps(event, default=default)


class FrameworkLog:
    """What FastStream says, as events of ours: while the server is away its traceback of every attempt is one line,
    said once; its lines about every batch are dropped.
    """

    def __init__(self) -> None:
        self._away = False

    def log(
        self,
        level: int,
        msg: Any,
        /,
        *,
        exc_info: Any = None,
        extra: Mapping[str, Any] | None = None,  # noqa: ARG002 - its signature
    ) -> None:
        """Take one line of the framework."""
        log = structlog.get_logger()
        if isinstance(exc_info, BaseException) and is_away(exc_info):
            if not self._away:
                self._away = True
                log.warning(
                    "server_away", error=str(exc_info)[:300], next="waiting; it is tried again until it is back"
                )
            return
        if level >= logging.WARNING:
            log.log(level, "framework", message=str(msg)[:1000], exc_info=exc_info)

    def back(self) -> None:
        """The server answers again: its next absence is news."""
        if self._away:
            self._away = False
            structlog.get_logger().info("server_back")

    def setLevel(self, level: int) -> None:  # noqa: N802 - FastStream's `--log-level` calls it by this name
        """Ignored: our own level holds."""
