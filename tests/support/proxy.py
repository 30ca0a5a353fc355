"""A TCP proxy between a worker and its server or database that can do what networks do, at a moment that the test chooses."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.servers import free_port, wait_until

#: A line that only the handoff script has.
HANDOFF_MARK = b"local source, target, dead, books, replays"
READ_MARK = b"XREADGROUP"
_MARK_BYTES = len(HANDOFF_MARK)


@dataclass
class Trigger:
    """Does `act` once: when a request (or the answer to one) that holds `mark` passes."""

    mark: bytes
    act: Callable[[], None]
    on_answer: bool = False
    #: An answer to a read that found nothing is short.
    least_answer: int = 0
    fired: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """Listens on a free port and forwards to `target`, a port or the path of a socket. Change `mode` while it runs: `forward`, `black_hole`
    (nothing passes, connections stay), `reset` (connections are cut, new ones refused), `slow` (1 KB every 10 ms),
    `latency` (50 ms each way), `cut` (answers end in the middle)."""

    def __init__(self, target: int | Path) -> None:
        self.port = free_port()
        self.target = target
        self.mode = "forward"
        self.triggers: list[Trigger] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(60)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)

        async def serve() -> None:
            await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self._ready.set()

        self._loop.create_task(serve())
        self._loop.run_forever()

    def disturb(self, mode: str, seconds: float) -> None:
        """The fault of one mode for so long; what was cut or swallowed by then stays so."""
        self.mode = mode
        over = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() > over, seconds + 5, "the fault lasted")
        self.mode = "forward"
        if mode != "latency":
            self.cut_all()

    def cut_all(self) -> None:
        """Reset every connection."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def _cut_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _end(self) -> None:
        self._cut_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "reset":
            writer.transport.abort()
            return
        try:
            if isinstance(self.target, Path):
                far_reader, far_writer = await asyncio.open_unix_connection(self.target)
            else:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        asked: list[Trigger] = []  # triggers whose request has passed on this connection, waiting for the answer
        await asyncio.gather(
            self._pump(reader, far_writer, asked, request=True), self._pump(far_reader, writer, asked, request=False)
        )
        self._writers -= {writer, far_writer}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[Trigger], *, request: bool
    ) -> None:
        before = b""
        try:
            while chunk := await reader.read(65536):
                self._watch(before + chunk if request else chunk, asked, request=request)
                before = chunk[-_MARK_BYTES:]  # a mark may arrive in two parts
                while self.mode == "black_hole":  # noqa: ASYNC110 - the test sets the mode from its thread
                    await asyncio.sleep(0.05)
                if self.mode == "reset":
                    break
                if self.mode == "latency":
                    await asyncio.sleep(0.05)
                if self.mode == "cut" and not request and len(chunk) > 20:
                    writer.write(chunk[: len(chunk) // 2])
                    break
                if self.mode == "slow":
                    for start in range(0, len(chunk), 1024):
                        writer.write(chunk[start : start + 1024])
                        await writer.drain()
                        await asyncio.sleep(0.01)
                else:
                    writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def _watch(self, chunk: bytes, asked: list[Trigger], *, request: bool) -> None:
        for trigger in self.triggers:
            if trigger.fired.is_set():
                continue
            if request and trigger.mark in chunk:
                if trigger.on_answer:
                    asked[:] = [trigger]
                else:
                    trigger.act()
                    trigger.fired.set()
            elif not request and trigger in asked and len(chunk) > trigger.least_answer:
                trigger.act()
                trigger.fired.set()
