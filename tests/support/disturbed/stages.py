"""The three stages with their disturbed functions; the sink beside them is the real one."""

from __future__ import annotations

from services.extractor.warm import load_dictionaries
from shared.stage import EXTRACTED, INTAKE, NORMALIZED, SECTIONED, Stage
from tests.support.disturbed.extractor import extract
from tests.support.disturbed.normalizer import normalize
from tests.support.disturbed.sectioner import outline

normalizer = Stage(name="normalizer", consumes=INTAKE, produces=NORMALIZED, process=normalize).app()
sectioner = Stage(name="sectioner", consumes=NORMALIZED, produces=SECTIONED, process=outline).app()
extractor = Stage(
    name="extractor", consumes=SECTIONED, produces=EXTRACTED, process=extract, prepare=load_dictionaries
).app()
