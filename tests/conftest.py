"""What all rooms share: servers, databases, and the reference folder where it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pygal  # type: ignore[import-untyped]
import pytest
from hypothesis import settings

#: pygal leaves a finder of the old protocol behind, with which pytest cannot import the test files that are still to come.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

#: The same examples in every run, so that a change is judged by what it changes; `make test-search` looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False, print_blob=True)
settings.load_profile("same")

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
