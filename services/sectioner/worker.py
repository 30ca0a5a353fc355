"""Wiring only: what the sectioner takes, gives and runs. `faststream run services.sectioner.worker:app`."""

from __future__ import annotations

from services.sectioner.outline import outline_report
from shared.stage import NORMALIZED, SECTIONED, Stage

stage = Stage(name="sectioner", consumes=NORMALIZED, produces=SECTIONED, process=outline_report)
app = stage.app()  # reads no settings: they are read when the app starts
