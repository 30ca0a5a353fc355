"""What the monitor says of books that were lost, and of a person who has dealt with it."""

from __future__ import annotations

import structlog
from prometheus_client import CollectorRegistry

from services.monitor.exporter import MonitorMetrics
from services.monitor.settings import MonitorSettings
from services.monitor.watch import Watch
from shared.books import accept_loss
from shared.server import connect_async
from shared.streams import keys
from tests.support.servers import Server


async def test_a_loss_is_shown_until_it_is_accepted_and_counted_from_then_on(server: Server) -> None:
    registry = CollectorRegistry()
    watch = Watch(MonitorSettings(), MonitorMetrics(registry))

    def shown() -> tuple[float | None, float | None]:
        return registry.get_sample_value("fazhi_books_lost"), registry.get_sample_value("fazhi_books_losses_accepted")

    with server.client() as client, structlog.testing.capture_logs() as said:
        client.hset(keys().books, mapping={"generation": "new", "lost": "old"})
        async with connect_async(server.url) as watched:
            for _ in range(2):
                await watch.streams(watched)
                assert shown() == (1, 0)
            assert not accept_loss(client, "another")
            assert accept_loss(client, "old")
            assert not accept_loss(client, "old")
            for _ in range(2):
                await watch.streams(watched)
                assert shown() == (0, 1)
    assert [(one["event"], one["times"]) for one in said] == [("books_loss_accepted", 1)]
