"""Each promise names the tests that show it, and they are there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
GUARANTEES = (TESTS.parent / "docs/guarantees.md").read_text(encoding="utf-8")


def functions() -> set[str]:
    modules = (ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for module in modules for node in module.body if isinstance(node, kinds)}


def test_every_test_that_a_promise_names_exists():
    files = re.findall(r"`([a-z]+/test_[a-z_]+)`", GUARANTEES)
    assert len(files) > 15
    assert [name for name in files if not (TESTS / f"{name}.py").is_file()] == []
    known = functions() | {path.stem for path in TESTS.rglob("test_*.py")}
    named = re.findall(r"`(test_[a-z0-9_]+)(…?)(?:\[[^]`]*\])?`", GUARANTEES)
    assert len(named) > 60
    whole, cut = ({name for name, mark in named if bool(mark) is is_cut} for is_cut in (False, True))
    assert sorted(whole - known) == []
    assert sorted(name for name in cut if not any(one.startswith(name) for one in known)) == []
