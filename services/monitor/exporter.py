"""Snapshots as Prometheus metrics. Label values come from closed or bounded sets only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Gauge

from services.monitor.snapshot import ServerState, SourceQuality, StreamState
from shared import __version__
from shared.errors import Reason
from shared.streams import STAGE_OF, STAGES

#: The terms of the books, in the order of the equation accepted = stored + waiting + in work + dead + dropped.
BOOK_TERMS = ("accepted", "stored", "waiting", "in_work", "dead", "dropped")


class MonitorMetrics:
    """All gauges of the monitor; every fixed label value is there from the start."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(f"fazhi_{name}", text, labels, registry=registry)

        stream = ("stream", "stage")
        self._waiting = gauge("stream_waiting_entries", "Entries that no worker has read.", stream)
        self._in_work = gauge("stream_in_work_entries", "Entries read and not yet handed over.", stream)
        self._bytes = gauge("stream_size_bytes", "Memory of the stream on the server.", stream)
        self._oldest_waiting = gauge("stream_oldest_waiting_seconds", "Age of the oldest waiting entry.", stream)
        self._oldest_pending = gauge("stream_oldest_pending_seconds", "Age of the oldest entry in work.", stream)
        self._deliveries = gauge("stream_most_deliveries", "Most deliveries of one entry in work.", stream)
        self._redelivered = gauge("stream_redelivered_entries", "Entries in work delivered more than once.", stream)
        self._consumers = gauge("stream_consumers", "Consumers of the group.", (*stream, "state"))
        self._work_left = gauge("stream_work_left_seconds", "Outstanding entries x mean time of work.", stream)
        self._mean_work = gauge("stage_mean_work_seconds", "Worker time an entry, measured from outside.", ("stage",))
        self._books = gauge("books_entries", "Terms of the books.", ("term",))
        self._difference = gauge("books_difference_entries", "Accepted less all other terms; 0 when they balance.")
        self._books_lost = gauge("books_lost", "1 when the books were lost (a flush) while the monitor looked.")
        self._losses = gauge("books_losses_accepted", "Times that books were lost and a person accepted it.")
        self._memory = gauge("server_memory_bytes", "Memory used by the server.")
        self._memory_limit = gauge("server_memory_limit_bytes", "Its limit; 0 where none is set.")
        self._durable = gauge("server_append_only", "1 while the append-only file is on and its last write went well.")
        self.server_up = gauge("server_up", "1 while the monitor can read the server.")
        self.database_up = gauge("database_up", "1 while the monitor can read the database.")
        self.last_look = gauge("monitor_last_success_timestamp_seconds", "When the streams were last read.")
        self._dead = gauge("dead_letters", "Dead letters kept, by stage and reason.", ("stage", "reason"))
        self._quality = {
            name: gauge(f"quality_{name}", text, ("source",))
            for name, text in (
                ("reports", "Reports stored in the window."),
                ("dead_reports", "Dead letters in the window."),
                ("dead_ratio", "Share of the window's reports that died."),
                ("facts_per_1000_characters", "Facts for every 1,000 characters of text."),
                ("mapped_ratio", "Share of facts with a metric."),
                ("undecided_numerals_ratio", "Share of numerals that no rule decided."),
                ("repairs_per_report", "Repairs of heading numbers a report."),
                ("failed_checks_ratio", "Share of arithmetic checks that do not hold."),
            )
        }
        self._scripts = gauge("quality_script_reports", "Reports of the window by script.", ("script",))
        self._charsets = gauge("quality_charset_reports", "Reports of the window by charset.", ("charset",))
        gauge("monitor_build_info", "Always 1.", ("version",)).labels(__version__).set(1)
        self._zero()

    def _zero(self) -> None:
        for name, stage in STAGE_OF.items():
            for metric in (self._waiting, self._in_work, self._bytes, self._oldest_waiting, self._oldest_pending,
                           self._deliveries, self._redelivered, self._work_left):  # fmt: skip
                metric.labels(name, stage)
            for state in ("alive", "gone"):
                self._consumers.labels(name, stage, state)
        for stage in STAGES:
            self._mean_work.labels(stage)
            for reason in Reason:
                self._dead.labels(stage, reason.value)
        for term in BOOK_TERMS:
            self._books.labels(term)
        for script in ("Hans", "Hant"):
            self._scripts.labels(script)

    def streams(self, states: Iterable[StreamState], left: Mapping[str, float], lease_seconds: float) -> None:
        """Show the streams; ages are 0 where nothing waits or is in work."""
        for one in states:
            label = (one.name, one.stage)
            self._waiting.labels(*label).set(one.waiting)
            self._in_work.labels(*label).set(one.in_work)
            self._bytes.labels(*label).set(one.size_bytes)
            self._oldest_waiting.labels(*label).set(one.oldest_waiting_seconds or 0)
            self._oldest_pending.labels(*label).set(one.oldest_pending_seconds or 0)
            self._deliveries.labels(*label).set(one.most_deliveries)
            self._redelivered.labels(*label).set(one.redelivered)
            alive = sum(1 for consumer in one.consumers if consumer.alive(lease_seconds))
            self._consumers.labels(*label, "alive").set(alive)
            self._consumers.labels(*label, "gone").set(len(one.consumers) - alive)
            self._work_left.labels(*label).set(left[one.name])

    def mean_work(self, stage: str, seconds: float) -> None:
        """Show the mean time of work of a stage."""
        self._mean_work.labels(stage).set(seconds)

    def books(self, terms: Mapping[str, int], difference: int, *, lost: bool, losses: int = 0) -> None:
        """Show the books. `terms` has every name of BOOK_TERMS."""
        for term in BOOK_TERMS:
            self._books.labels(term).set(terms[term])
        self._difference.set(difference)
        self._books_lost.set(1 if lost else 0)
        self._losses.set(losses)

    def server(self, state: ServerState) -> None:
        """Show the broker."""
        self._memory.set(state.memory_bytes)
        self._memory_limit.set(state.memory_limit_bytes)
        self._durable.set(1 if state.append_only and state.last_write_ok else 0)

    def dead_letters(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Show dead letters by (stage, reason). A stage or reason that this code does not know is counted as such."""
        known = {reason.value for reason in Reason}
        shown = dict.fromkeys(((stage, reason) for stage in STAGES for reason in known), 0)
        for (stage, reason), count in counts.items():
            key = (stage if stage in STAGES else "unknown", reason if reason in known else Reason.UNKNOWN_FAULT.value)
            shown[key] = shown.get(key, 0) + count
        for (stage, reason), count in shown.items():
            self._dead.labels(stage, reason).set(count)

    def quality(self, sources: Iterable[SourceQuality]) -> None:
        """Show the window by source; sources that left the bounded set are taken down."""
        for metric in self._quality.values():
            metric.clear()
        for one in sources:
            figures = {
                "reports": one.reports,
                "dead_reports": one.dead,
                "dead_ratio": one.dead_share,
                "facts_per_1000_characters": one.facts_per_1000_characters,
                "mapped_ratio": one.mapped_share,
                "undecided_numerals_ratio": one.undecided_share,
                "repairs_per_report": one.repairs / one.reports if one.reports else 0.0,
                "failed_checks_ratio": one.failed_checks / one.checks if one.checks else 0.0,
            }
            for name, value in figures.items():
                self._quality[name].labels(one.source).set(value)

    def kinds(self, scripts: Mapping[str, int], charsets: Mapping[str, int]) -> None:
        """Show the window by script and by charset (the charsets that the normalizer can name: a closed set)."""
        for script in ("Hans", "Hant"):
            self._scripts.labels(script).set(scripts.get(script, 0))
        self._charsets.clear()
        for charset, count in charsets.items():
            self._charsets.labels(charset).set(count)
