"""Options that many commands share, so that they are named and explained alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fazhi.home import DEFAULT_DATA

DataDir = Annotated[
    Path,
    Parameter(
        name="--data",
        env_var="FAZHI_DATA",
        help="Folder of the pipeline: broker, database, logs. FAZHI_REDIS_URL and FAZHI_DATABASE_URL come before it.",
    ),
]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="JSON for programs instead of a table.")]

__all__ = ["DEFAULT_DATA", "AsJson", "DataDir"]
