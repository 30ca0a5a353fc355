"""Wiring only: what the sink takes and where it puts it. `faststream run services.sink.worker:app`."""

from __future__ import annotations

from services.sink.store import DatabaseStore
from shared.settings import Connection
from shared.stage import DEAD, EXTRACTED, Stage


def open_store() -> DatabaseStore:
    """The store that `FAZHI_DATABASE_URL` names. Called when the worker starts."""
    return DatabaseStore(Connection().database())


stage = Stage(name="sink", consumes=(EXTRACTED, DEAD), store=open_store)
app = stage.app()  # reads no settings: they are read when the app starts
