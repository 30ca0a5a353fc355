"""The API and web page as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.servers import PATIENCE, free_port, wait_until


def start_site(database: str, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """The site as a process, and the address at which it will listen."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FAZHI_")},
        "FAZHI_DATABASE_URL": database, "FAZHI_API_PORT": str(port), **environment,
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-P", "-m", "services.sink.server"], env=settings), address


@contextmanager
def served(database: str, **environment: str) -> Iterator[str]:
    """Address of the site over a database; it must end by itself when told."""
    server, address = start_site(database, **environment)

    def answers() -> bool:
        assert server.poll() is None, "the site ended"
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=2).close()
        except OSError:
            return False
        return True

    try:
        wait_until(answers, 60, "the site answers")
        yield address
    finally:
        server.terminate()
        server.wait(60 * PATIENCE)
