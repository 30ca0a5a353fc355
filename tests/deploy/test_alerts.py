"""Alert rules: valid, each with a firing and a quiet test and a page that says what to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/rules"
ALERTS = [
    rule
    for group in yaml.safe_load((RULES / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
UNIT = yaml.safe_load((ROOT / "deploy/prometheus/tests/alerts.yml").read_text(encoding="utf-8"))["tests"]


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("no promtool here: install Debian's package `prometheus`")
    return subprocess.run([tool, *words], capture_output=True, text=True, check=False)


def test_the_rules_and_the_configuration_are_valid():
    for words in (("check", "rules", *RULES.glob("*.yml")),
                  ("check", "config", "--syntax-only", ROOT / "deploy/prometheus/prometheus.yml")):  # fmt: skip
        checked = promtool(*words)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_fires_where_it_must_and_stays_quiet_where_it_may():
    checked = promtool("test", "rules", ROOT / "deploy/prometheus/tests/alerts.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_has_both_tests_and_a_runbook(rule):
    cases = [case for test in UNIT for case in test["alert_rule_test"] if case["alertname"] == rule["alert"]]
    assert any(case["exp_alerts"] for case in cases), "no test in which it fires"
    assert any(not case["exp_alerts"] for case in cases), "no test in which it stays quiet"
    page = ROOT / rule["annotations"]["runbook"]
    assert page.exists()
    assert page.read_text(encoding="utf-8").startswith(f"# {rule['alert']}\n")
    assert rule["labels"]["severity"] in {"page", "ticket"}
