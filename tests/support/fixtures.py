"""For every room: one server of each make, and pipelines on them (loaded as a plugin by tests/conftest.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.pipeline import Pipeline
from tests.support.servers import MAKES, Server, need, running


@pytest.fixture(params=MAKES)
def any_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A fresh server, once for each make."""
    need(request.param)
    with running(request.param, tmp_path / "server") as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh Valkey."""
    with running("valkey-9", tmp_path / "server") as one:
        yield one


@pytest.fixture
def make_pipeline(tmp_path: Path) -> Iterator[Callable[..., Pipeline]]:
    """Makes pipelines that are stopped at the end of the test."""
    made: list[Pipeline] = []

    def make(server: Server, **options: object) -> Pipeline:
        made.append(Pipeline(server, tmp_path / f"pipeline-{len(made)}", **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def pipeline(server: Server, make_pipeline: Callable[..., Pipeline]) -> Pipeline:
    """A pipeline of the tiny stages on a fresh Valkey, not started."""
    return make_pipeline(server)
