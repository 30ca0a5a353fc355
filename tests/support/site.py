"""The API and web page as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.servers import free_port, wait_until


@contextmanager
def served(database: str, **environment: str) -> Iterator[str]:
    """Address of the site over a database; it must end by itself when told."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")},
        "FAZHI_DATABASE_URL": database, "FAZHI_API_PORT": str(port), **environment,
    }  # fmt: skip
    server = subprocess.Popen([sys.executable, "-P", "-m", "services.sink.server"], env=settings)

    def answers() -> bool:
        assert server.poll() is None, "the site ended"
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
        except OSError:
            return False
        return True

    try:
        wait_until(answers, 60, "the site answers")
        yield address
    finally:
        server.terminate()
        server.wait(20)
