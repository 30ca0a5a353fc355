"""Wiring only: what the extractor takes, gives and runs. `faststream run services.extractor.worker:app`."""

from __future__ import annotations

from services.extractor.extract import extract_report
from services.extractor.warm import load_dictionaries
from shared.stage import EXTRACTED, SECTIONED, Stage

stage = Stage(
    name="extractor", consumes=SECTIONED, produces=EXTRACTED, process=extract_report, prepare=load_dictionaries
)
app = stage.app()  # reads no settings: they are read when the app starts
