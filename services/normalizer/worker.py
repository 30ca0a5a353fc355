"""Wiring only: what the normalizer takes, gives and runs. `faststream run services.normalizer.worker:app`."""

from __future__ import annotations

from services.normalizer.normalize import normalize_report
from shared.stage import INTAKE, NORMALIZED, Stage

stage = Stage(name="normalizer", consumes=INTAKE, produces=NORMALIZED, process=normalize_report)
app = stage.app()  # reads no settings: they are read when the app starts
