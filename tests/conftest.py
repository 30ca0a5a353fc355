"""What all rooms share: servers, databases, and the reference folder where it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Servers, pipelines and PostgreSQL for all rooms.
pytest_plugins = ("tests.support.fixtures", "tests.support.postgres")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with corpus and gold annotations; tests that need it are skipped where it is missing."""
    folder = Path(os.environ.get("FAZHI_REFERENCE", ROOT.parent / "shared"))
    if not (folder / "gold").is_dir():
        pytest.skip(f"no reference at {folder}; set FAZHI_REFERENCE")
    return folder
