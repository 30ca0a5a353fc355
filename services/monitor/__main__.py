"""`python -m services.monitor`: watch the streams and export what an operator must know."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time

import structlog
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from sqlalchemy import Engine

from services.monitor.exporter import MonitorMetrics
from services.monitor.quality import connect as connect_database
from services.monitor.settings import MonitorSettings
from services.monitor.watch import Watch, watch_quality, watch_streams
from shared.health import HealthServer, State
from shared.server import connect_async, masked
from shared.settings import fault_of
from shared.telemetry import configure_logs

#: The loop stands still when it has not run for this many of its intervals.
_STILL_INTERVALS = 6


async def run(settings: MonitorSettings, server: Redis, database: Engine | None) -> None:
    """Watch until SIGTERM or SIGINT; without a `database` the streams alone. Raises OSError where the port is taken."""
    log = structlog.get_logger("fazhi.monitor")
    registry = CollectorRegistry()
    metrics = MonitorMetrics(registry)
    watch = Watch(settings, metrics)
    started = time.monotonic()

    def ready() -> State:
        seen = watch.last_look
        if seen is None:
            return State(good=False, reason="the streams were not read yet")
        age = time.monotonic() - seen
        return State(good=age < _STILL_INTERVALS * settings.monitor_seconds + 5, reason=f"last look {age:.0f} s ago")

    def healthy() -> State:
        # While the server is away the loop goes on looking, so only a loop that hangs is unhealthy; it answers nothing.
        return State(good=True, reason=f"watching for {time.monotonic() - started:.0f} s")

    pages = HealthServer(registry, healthy=healthy, ready=ready)
    address = await pages.start(settings.metrics_host, settings.metrics_port)
    if settings.metrics_dir is not None:
        pages.note(settings.metrics_dir, "monitor", address)
    log.info("monitor_started", server=masked(settings.redis()), metrics=f"http://{address}/metrics")
    tasks = [asyncio.create_task(watch_streams(watch, server, metrics, settings.monitor_seconds))]
    if database is not None:
        tasks.append(asyncio.create_task(watch_quality(watch, database, metrics, settings.monitor_quality_seconds)))
    else:
        registry.unregister(metrics.database_up)  # nobody looks: 0 would read as down
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()  # a look that ended by an error that nobody foresaw ends the monitor, with its reason
    finally:
        for task in (*tasks, stopping):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await pages.stop()
        await server.aclose()
        log.info("monitor_stopped")


def main() -> int:
    """Exit status 0 after a signal, 2 where a setting is missing or wrong."""
    try:
        settings = MonitorSettings()
        server = connect_async(settings.redis())
        has_database = settings.database_url is not None or settings.database_url_file is not None
        database = connect_database(settings.database()) if has_database else None
    except (ValueError, OSError) as error:
        why = fault_of(error) if isinstance(error, ValueError) else error
        print(f"fazhi monitor: {why}", file=sys.stderr)  # noqa: T201 - before logging is set up
        return 2
    configure_logs(as_json=settings.log_json)
    try:
        asyncio.run(run(settings, server, database))
    except OSError as error:
        place = f"{settings.metrics_host}:{settings.metrics_port}"
        print(f"fazhi monitor: cannot listen on {place} ({error.strerror}); set FAZHI_METRICS_PORT", file=sys.stderr)  # noqa: T201 - for whoever started it
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
