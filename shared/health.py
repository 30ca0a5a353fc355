"""/metrics, /healthz and /readyz of one worker, on the event loop that does the work.

On that loop on purpose: a worker whose loop hangs answers none of them. The page is read-only and takes no input, so
fifty lines of HTTP are enough.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

_REQUEST_BYTES = 8 * 1024
_REQUEST_SECONDS = 5.0


class State(NamedTuple):
    """One answer about the worker: whether, and why (not)."""

    good: bool
    reason: str


class HealthServer:
    """Serves one worker's metrics and health; `healthy` and `ready` are asked anew at each request."""

    def __init__(self, registry: CollectorRegistry, healthy: Callable[[], State], ready: Callable[[], State]) -> None:
        self._registry = registry
        self._healthy = healthy
        self._ready = ready
        self._server: asyncio.Server | None = None
        self._note: Path | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; the address as `host:port`. Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_REQUEST_BYTES)
        bound = self._server.sockets[0].getsockname()
        return f"{bound[0]}:{bound[1]}"

    def note(self, folder: Path, stage: str, address: str) -> None:
        """Write `<folder>/<stage>-<pid>.json`, by which `fazhi up` finds the worker for Prometheus."""
        folder.mkdir(parents=True, exist_ok=True)
        self._note = folder / f"{stage}-{os.getpid()}.json"
        text = json.dumps({"stage": stage, "pid": os.getpid(), "address": address, "started_at": time.time()})
        part = self._note.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self._note)

    async def stop(self) -> None:
        """Listen no more and remove the note."""
        if self._note is not None:
            self._note.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._respond(head))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            with suppress(OSError):
                writer.close()

    def _respond(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].split(b" ")
        path = words[1].split(b"?", 1)[0] if len(words) > 1 else b""
        if words[0] not in {b"GET", b"HEAD"}:
            status, kind, body = "405 Method Not Allowed", "text/plain; charset=utf-8", b"only GET\n"
        elif path == b"/metrics":
            status, kind, body = "200 OK", CONTENT_TYPE_LATEST, generate_latest(self._registry)
        elif path in {b"/healthz", b"/readyz"}:
            state = self._healthy() if path == b"/healthz" else self._ready()
            status = "200 OK" if state.good else "503 Service Unavailable"
            kind, body = "text/plain; charset=utf-8", f"{state.reason}\n".encode()
        else:
            status, kind, body = "404 Not Found", "text/plain; charset=utf-8", b"/metrics /healthz /readyz\n"
        length = len(body)
        if words[0] == b"HEAD":
            body = b""
        return (
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
