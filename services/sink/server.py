"""`python -m services.sink.server`: API and web page, served by uvicorn."""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from services.sink import engine, reference
from services.sink.api import create_app
from services.sink.settings import ApiSettings
from shared.errors import Transient
from shared.settings import fault_of
from shared.telemetry import configure_logs

_log = structlog.get_logger("fazhi.api")
#: Open requests get this long when the server stops; the slowest query is given up before.
_DRAIN_SECONDS = 12
#: Requests at a time; beyond it the server answers 503 at once instead of queueing without end.
_MAX_CONCURRENT = 256
#: Why nothing is answered yet, for whoever asks; the log says more.
_OPENING = "the database is being opened, or its schema is brought up to this version; try again in a moment"
_AWAY = "the database does not answer; this goes on by itself once it does: ask again, or see to the database"


def main() -> int:
    """Serve until SIGTERM. Returns the exit status: 1 where the database cannot be used, 2 for wrong settings."""
    try:
        settings = ApiSettings()
        app = create_app(settings)
        if settings.redis_url_file is not None:
            settings.redis()
    except (ValueError, OSError) as error:
        why = fault_of(error) if isinstance(error, ValueError) else f"a file of its settings cannot be read: {error}"
        print(f"the API cannot start: {why}", file=sys.stderr)  # noqa: T201 - before there is a log
        return 2
    configure_logs(as_json=settings.log_json)
    logging.basicConfig(level=logging.WARNING, handlers=[_ToOurLog()])
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.api_host,
            port=settings.api_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
            limit_concurrency=_MAX_CONCURRENT,
        )
    )
    opening = _Opening(app, server, settings.reconnect_seconds)
    opening.start()
    server.run()
    return 1 if opening.failed else 0


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            _log.error("api_cannot_listen", next="set FAZHI_API_HOST and FAZHI_API_PORT; port 0 takes a free one")
            raise
        for listening in self.servers:
            for one in listening.sockets:
                host, port, *_ = one.getsockname()
                _log.info("api_listens", host=host, port=port)


class _Opening(threading.Thread):
    """Opens the database beside the server, which meanwhile says why it answers nothing else.

    What no waiting mends (the schema of a newer version) ends the server.
    """

    def __init__(self, app: FastAPI, server: uvicorn.Server, pause_seconds: float) -> None:
        super().__init__(name="opening", daemon=True)  # a stop does not wait for a database
        self.failed = False
        self._app, self._server, self._pause_seconds = app, server, pause_seconds
        app.state.not_yet = _OPENING

    def run(self) -> None:
        try:
            while not self._is_open():
                time.sleep(self._pause_seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said and ends the server
            _log.exception("database_cannot_be_used", cause=str(error))
            self.failed = self._server.should_exit = True
        else:
            self._app.state.not_yet = None
            _log.info("api_ready")

    def _is_open(self) -> bool:
        try:
            open_database(self._app.state.engine)
        except Transient as error:
            if self._app.state.not_yet != _AWAY:
                _log.warning("database_away", cause=str(error))
                self._app.state.not_yet = _AWAY
            return False
        return True


def open_database(database: Engine) -> None:
    """See to the schema and to what is loaded beside it.

    Raises Transient where the database is away, RuntimeError where a newer version made its schema.
    """
    with engine.surroundings():
        engine.prepare_folder(database)
        engine.migrate(database)
        with database.begin() as connection:
            reference.load(connection)


class _ToOurLog(logging.Handler):
    """What libraries say becomes a line of our log."""

    def emit(self, record: logging.LogRecord) -> None:
        _log.log(record.levelno, "library_says", logger=record.name, said=record.getMessage(), exc_info=record.exc_info)


if __name__ == "__main__":
    sys.exit(main())
