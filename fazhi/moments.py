"""Points in time as a person reads them: on the clock of this machine."""

from __future__ import annotations

from datetime import UTC, datetime

#: A client may give its entries ids of any year; a calendar ends here.
_LAST_SECONDS = datetime(9999, 12, 30, tzinfo=UTC).timestamp()


def local(seconds: float) -> datetime:
    """The moment of unix `seconds`, the nearest there is where no calendar has it."""
    return datetime.fromtimestamp(min(max(seconds, 0.0), _LAST_SECONDS), tz=UTC).astimezone()
