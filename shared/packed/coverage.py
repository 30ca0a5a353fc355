"""Coverage as codes: it speaks mostly of metrics that the facts have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from shared.columns import Columns
from shared.events import Coverage

_STATES: tuple[Literal["stated", "zero", "absent"], ...] = ("stated", "zero", "absent")


def code_coverage(coverage: Sequence[Coverage], metrics: Iterable[str | None]) -> tuple[list[int], list[str]]:
    """A code for each entry, and the metrics that are not among `metrics`, those of the facts."""
    places = _places(metrics)
    known = len(places)
    state_of = {state: at for at, state in enumerate(_STATES)}
    codes = [places.setdefault(one.metric, len(places)) * len(_STATES) + state_of[one.state] for one in coverage]
    return codes, list(places)[known:]


def coverage_of(codes: Iterable[int], metrics: Iterable[str | None], covered: Iterable[str]) -> Columns:
    """The columns of the coverage that the codes name. Raises IndexError where a metric is not there."""
    listed = [*_places(metrics), *covered]
    places = [divmod(code, len(_STATES)) for code in codes]
    return {"metric": [listed[place] for place, _ in places], "state": [_STATES[state] for _, state in places]}


def _places(metrics: Iterable[str | None]) -> dict[str, int]:
    listed = dict.fromkeys(metrics)
    listed.pop(None, None)
    return {metric: at for at, metric in enumerate(listed) if metric is not None}
