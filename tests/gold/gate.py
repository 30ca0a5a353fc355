"""The state of quality, and how two states differ.

    python -m tests.gold.gate          the figures now, beside the pinned ones, and what was gained and lost
    python -m tests.gold.gate --pin    the same, then pin them (pinned.json, snapshot.json); the diff is the record

pinned.json holds the figures over the annotated and the held-out reports, snapshot.json everything that is wrong about
the annotated reports and the samples, line by line. Of the held-out reports only figures are kept and printed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.gold.annotation import GOLD, annotation, held_out_set, open_set
from tests.gold.offline import offline
from tests.gold.samples import disagreements, expectation, pages
from tests.gold.scoring import score

PINNED = GOLD / "pinned.json"
SNAPSHOT = GOLD / "snapshot.json"

Figures = dict[str, float]
Faults = dict[str, list[str]]  # report or sample → what is wrong, one line each


@dataclass(frozen=True)
class State:
    """Figures of both sets, and the faults behind those of the open one and of the samples."""

    figures: dict[str, Figures]
    faults: dict[str, Faults]


@cache
def present() -> State:
    """Measure now."""
    opened = score(map(annotation, open_set()), lambda report: offline(report.page))
    held_out = score(map(annotation, held_out_set()), lambda report: offline(report.page))
    facts = {
        name: [f"{key}: {aspect}" for key, aspects in entries.items() for aspect in aspects]
        for name, entries in opened.ledger.items()
    }
    samples = {page.stem: disagreements(expectation(page.stem), offline(page)) for page in pages()}
    return State(
        figures={"open": opened.figures(), "held_out": held_out.figures()},
        faults={"annotated": facts, "samples": samples},
    )


def pinned() -> State | None:
    """What was pinned, or None where nothing is."""
    if not (PINNED.exists() and SNAPSHOT.exists()):
        return None
    return State(
        figures=json.loads(PINNED.read_text(encoding="utf-8")),
        faults=json.loads(SNAPSHOT.read_text(encoding="utf-8")),
    )


def pin(state: State) -> None:
    """Make this state the one that later ones are compared with."""
    for path, content in ((PINNED, state.figures), (SNAPSHOT, state.faults)):
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def lowered(before: Figures, now: Figures) -> list[str]:
    """The figures that are lower than before, as `name before → now`."""
    return [f"{name} {figure} → {now.get(name, 0.0)}" for name, figure in before.items() if now.get(name, 0.0) < figure]


def difference(before: Faults, now: Faults) -> tuple[list[str], list[str]]:
    """What was gained (wrong before, right now) and what was lost, one line each."""
    was = {f"{name}: {line}" for name, lines in before.items() for line in lines}
    is_now = {f"{name}: {line}" for name, lines in now.items() for line in lines}
    return sorted(was - is_now), sorted(is_now - was)


def account(before: State, now: State, kind: str) -> str:
    """The lists of gains and losses of one kind of fault, for people."""
    gained, lost = difference(before.faults[kind], now.faults[kind])
    lines = [f"gained {len(gained)}, lost {len(lost)}"]
    return "\n".join([*lines, *(f"  + {line}" for line in gained), *(f"  - {line}" for line in lost)])


def _table(before: State | None, now: State) -> str:
    rows = [f"{'figure':18s} {'open':>8s} {'pinned':>8s} {'held out':>9s} {'pinned':>8s}"]
    for name in now.figures["open"]:
        cells: list[Any] = []
        for part in ("open", "held_out"):
            cells += [now.figures[part][name], before.figures[part].get(name, 0.0) if before else float("nan")]
        rows.append(f"{name:18s} {cells[0]:8.4f} {cells[1]:8.4f} {cells[2]:9.4f} {cells[3]:8.4f}")
    return "\n".join(rows)


def main(arguments: list[str]) -> int:
    """Print the comparison; with --pin, pin."""
    before, now = pinned(), present()
    lines = [_table(before, now)]
    if before:
        lines += [f"\n{kind}: {account(before, now, kind)}" for kind in now.faults]
    if "--pin" in arguments:
        pin(now)
        lines.append(f"\npinned in {PINNED.name} and {SNAPSHOT.name}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
