"""`fazhi up` and `fazhi down`: a whole pipeline on one machine."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from fazhi import pipeline
from fazhi.failure import CommandError
from fazhi.home import DEFAULT_DATA, Home, setting
from fazhi.options import DataDir
from fazhi.run import Wanted, run_pipeline

#: Workers may take `drain_seconds`, a broker with a large append-only file as long again.
_DOWN_SECONDS = 120.0
_PORT = Number(gte=0, lte=65535)  # 0 takes a free one


def up(
    *,
    data: DataDir = DEFAULT_DATA,
    redis: Annotated[
        str | None, Parameter(help="A running Redis or Valkey server, instead of the embedded one.")
    ] = None,
    database: Annotated[
        str | None,
        Parameter(
            help="A PostgreSQL server: postgresql://user@host/name, instead of SQLite. Several brokers on one database need a FAZHI_SHARD each."
        ),
    ] = None,
    scale: Annotated[
        list[str] | None, Parameter(help="Workers of a stage, for example extractor=2; again for more.")
    ] = None,
    port: Annotated[
        int | None, Parameter(help="Port of the embedded broker; a free one otherwise.", validator=_PORT)
    ] = None,
    api_port: Annotated[
        int | None,
        Parameter(help="Port of API and web page; a free one otherwise.", validator=_PORT, env_var="FAZHI_API_PORT"),
    ] = None,
) -> int:
    """Start the broker, the workers, the API and the monitor, and keep them running.

    The folder holds everything: broker, database, logs, metrics. Every other command finds the running pipeline by it.
    A worker that dies is started again. Ctrl-C (or SIGTERM, or `fazhi down`) lets the workers finish what they hold,
    then stops everything; what still waits is processed at the next start.

    ```
    fazhi up
    fazhi up --scale extractor=2 --data /srv/fazhi
    fazhi up --redis redis://10.0.0.5:6379/0 --database postgresql://fazhi@10.0.0.6/fazhi
    ```
    """
    wanted = Wanted(
        home=Home.at(data),
        redis_url=redis or setting("redis"),
        database_url=database or setting("database"),
        scale=pipeline.read_scale(scale or ()),
        port=port,
        api_port=api_port,
    )
    return asyncio.run(run_pipeline(wanted, Console(stderr=True, highlight=False, soft_wrap=True)))


def down(*, data: DataDir = DEFAULT_DATA) -> int:
    """Stop the pipeline that runs in a folder, as Ctrl-C does, and wait until it has stopped.

    Exit status 0 when it has stopped, or none was running.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    home = Home.at(data)
    state = home.read_state()
    if not home.is_running() or state is None:
        console.print(f"no pipeline is running in {home.path}")
        return 0
    try:
        os.kill(state.pid, signal.SIGTERM)
    except PermissionError as error:
        raise CommandError(
            f"process {state.pid} belongs to another user", f"ask that user, or: sudo kill {state.pid}"
        ) from error
    deadline = time.monotonic() + _DOWN_SECONDS
    while home.is_running():
        if time.monotonic() >= deadline:
            raise CommandError(
                f"process {state.pid} is still stopping after {_DOWN_SECONDS:.0f} s", f"its logs: {home.logs}"
            )
        time.sleep(0.1)
    console.print(f"stopped the pipeline in {home.path}")
    return 0
