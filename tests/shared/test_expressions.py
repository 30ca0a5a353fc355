"""Regular expressions match alike on every Python that Fazhi runs on."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import services
import shared
from shared.rules import rules
from tests.shared.test_rule_files import FILES
from tests.support.patterns import backtracks, possessive_groups


def expressions() -> dict[str, re.Pattern]:
    """Every compiled expression of the services and of what they share, by where it stands."""
    found = {f"{'/'.join(of)}.toml: {id_}": rules(*of).pattern(id_) for of in FILES for id_ in rules(*of).patterns}
    for package in (services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." in module.name or module.name.endswith("__main__"):
                continue
            held = vars(importlib.import_module(module.name))
            found |= {f"{module.name}.{name}": one for name, one in held.items() if isinstance(one, re.Pattern)}
    return found


def tree(pattern: re.Pattern) -> list:
    return list(re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))


def test_what_is_repeated_possessively_can_match_in_one_way_only():
    # Before Python 3.11.5 a possessive repetition of a group that could match otherwise matches wrongly: use (?>…).
    wrong = {
        where for where, pattern in expressions().items() if any(map(backtracks, possessive_groups(tree(pattern))))
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("pattern", "is_wrong"),
    [("(?:a|bc)*+", True), ("(?:ab?){2,9}+d", True), ("x(?=(?:a|bc)++)", True), ("[ab]*+(?:c[de]++)*+", False),
     ("(?>(?:a|bc)*)", False), ("(?:=(?>(?:a|b)?)c*+)*+", False)],
)  # fmt: skip
def test_such_a_repetition_is_seen(pattern, is_wrong):
    assert any(map(backtracks, possessive_groups(tree(re.compile(pattern))))) is is_wrong
