"""What an operator may change about the API; read once, at start."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr

from services.sink.engine import DEFAULT_URL
from shared.settings import Connection

#: A shorter token can be guessed.
MIN_TOKEN_CHARACTERS = 16


class ApiSettings(Connection):
    """Settings of `python -m services.sink.server`."""

    api_host: str = "127.0.0.1"
    #: 0 takes a free port; the address is logged.
    api_port: NonNegativeInt = Field(default=8000, le=65535)
    #: `open`: anyone who reaches the port may read. `token`: reading needs the token too.
    api_read: Literal["open", "token"] = "open"
    #: Needed for whatever changes something; without it nothing can be changed over the API.
    api_token: SecretStr | None = None
    api_token_file: Path | None = None
    #: A query that takes longer is given up. The slowest list query takes 0.4 s with 6,000,000 facts.
    api_query_seconds: PositiveFloat = 10.0
    #: Connections to the database, and so queries at a time.
    api_connections: PositiveInt = 8
    #: Pause between attempts while the database is away at the start.
    reconnect_seconds: PositiveFloat = 1.0
    #: Logs as lines of JSON; false for lines that a person reads.
    log_json: bool = True
    #: A request body above this is refused: a review takes less than 1 KB.
    api_max_body_bytes: PositiveInt = 64 * 1024

    #: Where the page's link to Grafana leads; without it there is none.
    grafana_url: str | None = None

    def database_or_default(self) -> str:
        """The database's URL; the embedded one in the current folder where none is set."""
        if self.database_url is None and self.database_url_file is None:
            return DEFAULT_URL
        return self.database()

    def token(self) -> str | None:
        """The token, or None where none is set.

        Raises ValueError for one that could be guessed.
        """
        token = self.api_token.get_secret_value() if self.api_token is not None else None
        if token is None and self.api_token_file is not None:
            token = self.api_token_file.read_text(encoding="utf-8").strip()
        if token is not None and len(token) < MIN_TOKEN_CHARACTERS:
            raise ValueError(
                f"FAZHI_API_TOKEN needs at least {MIN_TOKEN_CHARACTERS} characters, for example `openssl rand -hex 16`"
            )
        return token
