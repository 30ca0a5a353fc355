"""One run of a whole pipeline on this machine: start, look after, stop, in this order and backwards."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from redis.exceptions import RedisError
from rich.console import Console

from fazhi import discovery, pipeline
from fazhi.broker import free_port, is_free, start_broker
from fazhi.discovery import Target
from fazhi.failure import CommandError, wrong_use
from fazhi.home import Home, Running, State
from fazhi.leftovers import end_leftovers
from fazhi.supervisor import Supervisor, last_lines
from shared.server import connect_async, masked

#: How often the list of targets and the logs are looked after.
_LOOK_SECONDS = 1.0
#: A worker is ready within a few seconds; after this the person is told which is not.
_READY_SECONDS = 60.0
_API_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Wanted:
    """What the person asked for."""

    home: Home
    redis_url: str | None  # None: the embedded broker
    database_url: str | None  # None: the embedded database
    scale: dict[str, int]
    port: int | None
    api_port: int | None


async def run_pipeline(wanted: Wanted, console: Console) -> int:
    """Run a pipeline until a signal says stop. Returns the exit status: 0, or 1 where a process had to be killed.

    Raises CommandError where the folder is in use or something does not start.
    """
    home = wanted.home
    home.make()
    lock = home.lock()
    if lock is None:
        state = home.read_state()
        raise CommandError(
            f"a pipeline is running in {home.path} already" + (f", as process {state.pid}" if state else ""),
            f"`fazhi status --data {home.path}` shows it, `fazhi down --data {home.path}` stops it; or choose another --data",
        )
    with lock:
        for name in end_leftovers(home):
            console.print(f"ended {name}, left behind by a pipeline that was killed")
        for stale in home.metrics.glob("*.json"):
            stale.unlink(missing_ok=True)
        run = Run(wanted, console)
        try:
            await run.start()
            await run.serve()
        finally:
            killed = await run.stop()
    return 1 if killed else 0


class Run:
    """The processes of one run, and what is told about them."""

    def __init__(self, wanted: Wanted, console: Console) -> None:
        self._wanted, self._home, self._console = wanted, wanted.home, console
        self._supervisor = Supervisor(tell=self._tell, changed=self._note)
        self._state: State | None = None
        self._listed: list[Target] = []
        self._is_behind = False  # whether the files of the folder say less than there is
        self._stop, self._hurry = asyncio.Event(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)

    async def start(self) -> None:
        """Start everything, wait until it is ready and say where it is.

        Raises CommandError where the broker or the database cannot be used.
        """
        wanted, home = self._wanted, self._home
        if wanted.api_port and not is_free(wanted.api_port):
            raise CommandError(
                f"port {wanted.api_port} is taken", "choose another --api-port, or leave it out to get a free one"
            )
        redis_url = wanted.redis_url or await start_broker(self._supervisor, home, wanted.port)
        version = await _server_version(redis_url)
        database_url = wanted.database_url or home.database_url
        await asyncio.to_thread(_open_database, database_url)
        connection = {"FAZHI_REDIS_URL": redis_url, "FAZHI_DATABASE_URL": database_url}
        api_port = wanted.api_port or free_port()
        self._state = State(
            pid=os.getpid(),
            started_at=time.time(),
            redis_url=redis_url,
            database_url=database_url,
            api_url=f"http://{_API_HOST}:{api_port}",
        )
        discovery.write_configuration(home)
        discovery.write_targets(home, [], self._state.api_url)
        for program in pipeline.worker_programs(home, wanted.scale, connection):
            self._supervisor.start(program)
        self._supervisor.start(pipeline.api_program(home, connection, _API_HOST, api_port))
        self._supervisor.start(pipeline.monitor_program(home, connection))
        embedded = "" if wanted.redis_url else ", embedded"
        self._console.print(f"[bold]fazhi[/] in {home.path}")
        self._line("broker", f"{masked(redis_url)}  ({version}{embedded})")
        self._line("database", masked(database_url) if "@" in database_url else database_url)
        self._line("workers", " · ".join(f"{stage} {count}" for stage, count in wanted.scale.items()))
        for stage in (stage for stage, count in wanted.scale.items() if count == 0):
            self._line("", f"no {stage} here: pages wait before it until one works elsewhere on this server")
        self._line("API, web", self._state.api_url or "")
        self._line("token", f"{home.token_file}  (to review facts on the page)")
        await self._wait_until_ready()

    async def _wait_until_ready(self) -> None:
        wanted = sum(self._wanted.scale.values()) + 2  # and the monitor, and the API
        ready: set[str] = set()
        patience = time.monotonic() + _READY_SECONDS
        is_told = False
        while not self._stop.is_set() and len(ready) < wanted:
            self._look()
            ready &= set(self._addresses())  # not those of a process that has ended since
            ready |= await _ready_ones(address for address in self._addresses() if address not in ready)
            if not is_told and time.monotonic() > patience:
                self._say_who_is_not(ready)
                self._say_where_it_is()
                is_told = True
            self._supervisor.trim_logs()
            await asyncio.sleep(_LOOK_SECONDS if is_told else 0.1)
        if not is_told:
            self._say_where_it_is()
        if not self._stop.is_set():
            self._console.print("[green]ready.[/] Submit pages with `fazhi submit DIR --wait`; Ctrl-C stops.")

    def _say_where_it_is(self) -> None:
        for target in self._listed:
            self._line("metrics", f"http://{target.address}/metrics  ({target.stage}, process {target.pid})")
        # Its figures in our folder: what distributions set in its place is closed to an ordinary user.
        home = self._home
        own = (f"--config.file={home.prometheus}", f"--storage.tsdb.path={home.path / 'prometheus'}")
        self._line("Prometheus", shlex.join(("prometheus", *own)))
        self._line("logs", str(self._home.logs))

    def _addresses(self) -> list[str]:
        """Where the workers, the monitor and the API answer."""
        api_url = (self._state.api_url if self._state else None) or ""
        return [*(target.address for target in self._listed), api_url.removeprefix("http://")]

    def _say_who_is_not(self, ready: Collection[str]) -> None:
        """`ready`: the addresses that have said that they are."""
        pids = {target.pid for target in self._listed if target.address in ready}
        for name, pid in self._supervisor.processes().items():
            is_ready = self._addresses()[-1] in ready if name == "api" else name == "broker" or pid in pids
            if not is_ready:
                log = self._supervisor.program(name).log
                self._tell(f"{name} is not ready after {_READY_SECONDS:.0f} s; the end of {log}:\n{last_lines(log)}")
        self._tell("pages wait before what is missing; it is started again until it stays, and `ready.` is said then")

    async def serve(self) -> None:
        """Look after the processes until a signal says stop."""
        while not self._stop.is_set():
            self._look()
            self._supervisor.trim_logs()
            try:
                await asyncio.wait_for(self._stop.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue

    async def stop(self) -> list[str]:
        """Stop workers first, then what reads, then the broker. Returns the names of those that had to be killed."""
        running = list(self._supervisor.processes())
        if not running:
            return []
        begun = self._state is not None  # a start that failed over its database has nothing to tell but why
        if begun:
            self._tell("stopping: workers finish what they hold (Ctrl-C again stops at once)")
        workers = [name for name in running if name not in {"broker", "api", "monitor"}]
        killed = await self._supervisor.stop(workers, at_once=self._hurry)
        killed += await self._supervisor.stop(["api", "monitor"], at_once=self._hurry)
        killed += await self._supervisor.stop(["broker"], at_once=self._hurry)
        self._write(lambda: discovery.write_targets(self._home, [], None))
        for name in killed:
            self._tell(f"{name} did not stop in time and was killed; what it held comes back at the next start")
        if begun:
            self._tell("stopped")
        return killed

    def _look(self) -> None:
        targets = discovery.read_targets(self._home, set(self._supervisor.processes().values()))
        if targets == self._listed and not self._is_behind:
            return
        api_url = self._state.api_url if self._state else None
        if self._write(lambda: discovery.write_targets(self._home, targets, api_url)):
            self._listed = targets
            self._note()

    def _note(self) -> None:
        """Renew the state file; from the first process on, so that a killed start leaves nobody unknown."""
        living = self._supervisor.processes()
        state = self._state or State(pid=os.getpid(), started_at=time.time(), redis_url="", database_url="")
        processes = [
            Running(name=name, pid=pid, mark=self._supervisor.program(name).mark) for name, pid in living.items()
        ]
        self._write(lambda: self._home.write_state(state.model_copy(update={"processes": processes})))

    def _write(self, write: Callable[[], None]) -> bool:
        """Whether the folder took it. The processes go on where its disk is full; the next look tries again."""
        try:
            write()
        except OSError as error:
            if not self._is_behind:
                self._tell(
                    f"cannot write in {self._home.path}: {error.strerror or error}; what runs goes on, but other"
                    " commands and Prometheus do not find what is started meanwhile"
                )
            self._is_behind = True
        else:
            self._is_behind = False
        return not self._is_behind

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # what stands on the screen, or in a file on a full disk, must not end the pipeline
            self._console.print(f"{time.strftime('%H:%M:%S')}  {line}", markup=False)

    def _line(self, name: str, text: str) -> None:
        self._console.print(f"  {name:<11} {text}", markup=False)


async def _server_version(url: str) -> str:
    """What the server calls itself. Raises CommandError where it does not answer."""
    try:
        client = connect_async(url)
    except ValueError as error:
        raise wrong_use(f"not a Redis URL: {error}", "for example redis://10.0.0.5:6379/0") from error
    try:
        said = await client.info("server")
    except (RedisError, OSError) as error:
        raise CommandError(
            f"the Redis server at {masked(url)} does not answer: {error}",
            "check the URL given by --redis or FAZHI_REDIS_URL",
        ) from error
    finally:
        await client.aclose()
    if "valkey_version" in said:
        return f"Valkey {said['valkey_version']}"
    return f"Redis {said.get('redis_version', '?')}"


def _open_database(url: str) -> None:
    """Make or bring up the schema. Raises CommandError where the database cannot be used."""
    from services.sink.store import DatabaseStore

    try:
        store = DatabaseStore(url)
        store.open()
        store.close()
    except Exception as error:
        raise CommandError(
            f"the database at {masked(url)} cannot be used: {error}",
            "check the URL given by --database or FAZHI_DATABASE_URL",
        ) from error


async def _ready_ones(addresses: Iterable[str]) -> set[str]:
    asked = list(addresses)
    said = await asyncio.gather(*(_is_ready(address) for address in asked))
    return {address for address, is_ready in zip(asked, said, strict=True) if is_ready}


async def _is_ready(address: str) -> bool:
    """Whether `/readyz` answers 200."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(2.0):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(f"GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n".encode())
                await writer.drain()
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split()[1:2] == [b"200"]
