"""Reports composed of clauses that nobody wrote side by side: whatever stands beside what, every report is read."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from services.extractor.extract import extract_report
from shared.events import SectionedReport

_ROOT = Path(__file__).parents[2]
#: What a clause is cut behind.
_CLAUSE_END = re.compile(r"(?<=[，。；、：（）,;\n])")
_NUMBER = re.compile(r"[0-9.]+")
_SIGNS = "，。；、：（）\n"
#: Put in for numbers and between words.
_PIECES = [
    "零", "一", "三分之二", "100%", "-5", "+22%", "2024年", "12万+", "3:1", "第3", "1.5亿元", "两", "半", "近六成", "翻一番",
    "其中", "分别", "同比", "下降", "增长", "等", "率", "",
]  # fmt: skip
#: Characters of a clause that are used, and clauses of a report.
_LONGEST, _CLAUSES = 120, 80
#: Reports of one run; the long form reads 2.4 million clauses. The fault of this kind that was found so stood once in a
#: million.
_REPORTS, _MANY_REPORTS = 150, 30_000


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)


@cache
def _clauses() -> list[str]:
    """Clauses of the annotated reports and the examples of every rule."""
    pages = [*_ROOT.glob("tests/gold/*.txt"), *_ROOT.glob("tests/gold/held-out/*.txt")]
    texts = [page.read_text(encoding="utf-8") for page in sorted(pages)]
    for rules in sorted(_ROOT.glob("services/extractor/**/*.toml")):
        texts += [text for text in _texts_in(tomllib.loads(rules.read_text(encoding="utf-8"))) if "\\" not in text]
    return [clause[:_LONGEST] for text in texts for clause in _CLAUSE_END.split(text) if clause]


def _changed(clause: str, chance: random.Random) -> str:
    """The clause, in most cases, or a piece of it, or with other numbers."""
    at = chance.randrange(len(clause))
    return chance.choice(
        [
            clause, clause, clause[at:], clause[:at] + chance.choice(_SIGNS),
            clause[:at] + chance.choice(_PIECES) + clause[at:], _NUMBER.sub(lambda _: chance.choice(_PIECES), clause),
        ]
    )  # fmt: skip


def _read(seed: int, reports: int, report: Callable[..., SectionedReport]) -> int:
    """Facts of `reports` composed reports; a fault names its text."""
    chance, facts = random.Random(seed), 0
    for _ in range(reports):
        text = "".join(_changed(clause, chance) for clause in chance.choices(_clauses(), k=_CLAUSES))
        try:
            facts += len(extract_report(report(text)).facts)
        except Exception as fault:
            fault.add_note(text)
            raise
    return facts


@pytest.mark.parametrize("seed", [1, 2])
def test_composed_reports_are_read(seed: int, report: Callable[..., SectionedReport]) -> None:
    assert _read(seed, _REPORTS, report) > _REPORTS


@pytest.mark.full
def test_many_composed_reports_are_read(report: Callable[..., SectionedReport]) -> None:
    assert _read(3, _MANY_REPORTS, report) > _MANY_REPORTS
