"""`python -m services.sink.server`: API and web page, served by uvicorn."""

from __future__ import annotations

import logging
import sys
import time

import structlog
import uvicorn
from sqlalchemy import Engine

from services.sink import engine, reference
from services.sink.api import create_app
from services.sink.settings import ApiSettings
from shared.errors import Transient
from shared.settings import fault_of

_log = structlog.get_logger("fazhi.api")
#: Open requests get this long when the server stops; the slowest query is given up before.
_DRAIN_SECONDS = 12
#: Requests at a time; beyond it the server answers 503 at once instead of queueing without end.
_MAX_CONCURRENT = 256


def main() -> int:
    """Serve until SIGTERM. Returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = ApiSettings()
        app = create_app(settings)
    except ValueError as error:
        print(f"the API cannot start: {fault_of(error)}", file=sys.stderr)  # noqa: T201 - before there is a log
        return 2
    wait_for_database(app.state.engine, settings.reconnect_seconds)
    _log.info("api_listens", host=settings.api_host, port=settings.api_port)
    uvicorn.run(
        app,
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        limit_concurrency=_MAX_CONCURRENT,
    )
    return 0


def wait_for_database(database: Engine, pause_seconds: float) -> None:
    """See to the schema, waiting while the database is away; said once."""
    said = False
    while True:
        try:
            with engine.surroundings():
                engine.prepare_folder(database)
                engine.migrate(database)
                with database.begin() as connection:
                    reference.load(connection)
        except Transient as error:
            if not said:
                _log.warning("database_away", cause=str(error))
                said = True
            time.sleep(pause_seconds)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
