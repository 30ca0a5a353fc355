"""What all rooms share: servers, databases, and the reference folder where it is."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pygal  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, settings

#: pygal leaves a finder of the old protocol behind, with which pytest cannot import the test files that are still to come.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

#: What a person has set for a pipeline of their own, for the way out of their network, or for the look of a terminal.
_FOREIGN = ("FAZHI_", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE", "PGOPTIONS", "PGSSL",
            "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FORCE_COLOR", "NO_COLOR", "CLICOLOR", "TTY_", "COLUMNS", "PYTHONIOENCODING")  # fmt: skip
for _name in [name for name in os.environ if name.upper().startswith(_FOREIGN) and name != "FAZHI_REFERENCE"]:
    del os.environ[_name]

#: The same examples in every run, so that a change is judged by what it changes; `make test-search` looks for new ones.
#: Neither is judged by the clock: where others use the machine, one example may take seconds.
_UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("same", derandomize=True, **_UNHURRIED)
settings.register_profile("search", derandomize=False, print_blob=True, **_UNHURRIED)
settings.load_profile("same")

ROOT = Path(__file__).resolve().parent.parent
#: Servers, pipelines and PostgreSQL for all rooms.
pytest_plugins = ("tests.support.fixtures", "tests.support.postgres")

#: Seconds until a long form is taken to hang: the longest takes five minutes of a machine that has nothing else to do.
_LONG_FORM_SECONDS = 7_200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.timeout(_LONG_FORM_SECONDS), append=False)


@pytest.fixture
def seed() -> int:
    """Where a test's own dice begin: the same in every run of one profile, anew in every run of the other."""
    return 7 if settings().derandomize else random.SystemRandom().randrange(1 << 30)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with corpus and gold annotations; tests that need it are skipped where it is missing."""
    folder = Path(os.environ.get("FAZHI_REFERENCE", ROOT.parent / "shared"))
    if not (folder / "gold").is_dir():
        pytest.skip(f"no reference at {folder}; set FAZHI_REFERENCE")
    return folder
