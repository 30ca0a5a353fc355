"""All benchmarks, their raw figures and their plots.

    python -m benchmarks                      everything, about 15 minutes on two cores
    python -m benchmarks --quick              everything in its short form, about 4 minutes
    python -m benchmarks --only stages peers  some of it; the other figures stay as they were

Figures go to docs/performance/results.json, with versions and machine; plots beside them (matplotlib, where it is
installed). What they mean stands in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path

from benchmarks import length, machine, page, pipeline, stages
from benchmarks.texts import ROOT

FOLDER = ROOT / "docs" / "performance"
RESULTS = FOLDER / "results.json"
PAGE = ROOT / "docs" / "performance.md"


def _peers(*, quick: bool) -> dict[str, object]:
    from benchmarks import peers  # its functions load the dictionaries of the extractor

    return peers.measure(80, 500) if quick else peers.measure()


def _sink(*, quick: bool) -> dict[str, object]:
    from benchmarks import sink  # its database server is a dependency of the tests

    return sink.measure(96 if quick else 512)


def _latency(*, quick: bool) -> dict[str, object]:
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    rate = before.get("cost", {}).get("figures", {}).get("reports_per_second", 20.0) / 2
    return pipeline.latency(rate, 10.0 if quick else 30.0)


MEASURES: dict[str, Callable[..., dict[str, object]]] = {
    "stages": lambda *, quick: stages.measure(3 if quick else 8),
    "length": lambda *, quick: length.measure(100_000 if quick else 1_000_000),
    "cost": lambda *, quick: pipeline.cost(100 if quick else 400),
    "cost on one core": lambda *, quick: pipeline.cost(60 if quick else 200, cores=1),
    "sink": _sink,
    "scaling": lambda *, quick: pipeline.scaling(80 if quick else 300),
    "backlog": lambda *, quick: pipeline.backlog((1_000, 10_000) if quick else (1_000, 10_000, 100_000)),
    "waiting memory": lambda *, quick: pipeline.waiting_memory(300 if quick else 2_000),
    "bytes on the streams": lambda *, quick: pipeline.per_report_bytes(20 if quick else 60),
    "latency": _latency,
    "start": lambda **_: pipeline.start_up(),
    "peers": _peers,
}


def main() -> None:
    """Measure, write the figures, draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), default=list(MEASURES))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULTS)
    wanted = parser.parse_args()
    found: dict[str, object] = json.loads(wanted.output.read_text(encoding="utf-8")) if wanted.output.exists() else {}
    wanted.output.parent.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in wanted.only:
        print(f"── {name}", flush=True)
        about = machine.describe()
        try:
            figures = MEASURES[name](quick=wanted.quick)
        except Exception:  # one benchmark that fails must not take the others with it
            failed.append(name)
            traceback.print_exc()
            continue
        found[name] = {
            "machine": {**about, "load_after": os.getloadavg()[0]},
            "quick": wanted.quick,
            "figures": figures,
        }
        print(json.dumps(figures, ensure_ascii=False, indent=1), flush=True)
        wanted.output.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _draw(found, wanted.output.parent)
    if wanted.output == RESULTS:
        page.write(found, PAGE)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _draw(found: dict[str, object], folder: Path) -> None:
    try:
        from benchmarks import plots
    except ImportError:
        print("no plots: pip install fazhi[bench]")
        return
    plots.draw(found, folder)


if __name__ == "__main__":
    main()
