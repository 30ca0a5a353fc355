"""The quality gate: a change that lowers a figure over the annotated set fails, and says what it gained and lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.gold import gate
from tests.gold.annotation import GOLD, annotation, held_out_set, open_set
from tests.gold.offline import offline
from tests.gold.scoring import score

HOW_TO_PIN = "If the change is wanted: python -m tests.gold.gate --pin, and say in the commit what was given up."


@pytest.fixture(scope="module")
def before() -> gate.State:
    state = gate.pinned()
    if state is None:
        pytest.skip(f"nothing is pinned yet; now: {json.dumps(gate.present().figures)}")
    return state


def test_no_figure_over_the_annotated_reports_is_lower_than_pinned(before):
    now = gate.present()
    worse = gate.lowered(before.figures["open"], now.figures["open"])
    assert not worse, f"lower: {'; '.join(worse)}\n{gate.account(before, now, 'annotated')}\n{HOW_TO_PIN}"


def test_no_figure_over_the_held_out_reports_is_lower_than_pinned(before):
    worse = gate.lowered(before.figures["held_out"], gate.present().figures["held_out"])
    assert not worse, f"lower: {'; '.join(worse)}\nThe held-out reports are not shown.\n{HOW_TO_PIN}"


def test_held_out_reports_appear_in_no_kept_fault(before):
    names = {path.stem for path in held_out_set()}
    assert not names & set(before.faults["annotated"])
    assert not names & set(before.faults["samples"])


def test_a_lowered_figure_and_a_lost_fact_are_seen():
    figures = gate.present().figures["open"]
    assert gate.lowered({**figures, "fact": 1.01}, figures) == [f"fact 1.01 → {figures['fact']}"]
    assert gate.difference({"a": ["one", "two"]}, {"a": ["two", "three"]}) == (["a: one"], ["a: three"])


def test_a_result_without_facts_scores_nothing():
    """The scorer is no rubber stamp: an empty result is worth no fact and no heading."""
    report = annotation(open_set()[0])
    empty = {**offline(report.page), "facts": [], "sections": []}
    figures = score([report], lambda _: empty).figures()
    assert figures["fact"] == figures["metric"] == figures["heading"] == 0.0


def test_figures_are_those_of_the_reference_scorer(reference, tmp_path):
    """Our scorer was written by the same definitions; where the reference's is at hand, both must say the same."""
    tool = reference / "tools" / "score.py"
    if not tool.exists():
        pytest.skip(f"no scorer at {tool}")
    for path in open_set():
        result = json.dumps(offline(annotation(path).page), ensure_ascii=False)
        (tmp_path / f"{path.stem}.json").write_text(result, encoding="utf-8")
    command = [sys.executable, str(tool), "--gold", str(GOLD), "--predictions", str(tmp_path), "--json"]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    theirs = {name: round(figure, 4) for name, figure in answer["figures"].items()}
    ours = gate.present().figures["open"]
    assert {name: ours[name] for name in theirs} == pytest.approx(theirs, abs=0.002)
