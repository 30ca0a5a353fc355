"""Comparing the result of a sample with what was expected by hand (tests/gold/expected/NAME.json).

`complete` says whether the expectation lists every fact (annotated reports) or the telling ones. Facts are compared in
text order by the number as written, then value, unit, qualifier, metric, modality and change.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from tests.gold.annotation import SAMPLES
from tests.gold.scoring import PLACE_FIELDS, folded, readable, same_number

EXPECTED = Path(__file__).parent / "expected"
FACT_FIELDS = ("unit", "qualifier", "metric", "modality", "change")


def pages() -> list[Path]:
    """Every sample page."""
    return sorted([*SAMPLES.glob("*.txt"), *SAMPLES.glob("*.html")])


@cache
def expectation(name: str) -> dict[str, Any]:
    """What was expected of the sample of that name, by hand."""
    expected: dict[str, Any] = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    return expected


def disagreements(expected: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """Everything in which a result is not what was expected, one line each."""
    lines = []
    charset = result["source"]["charset"].removesuffix("hkscs")  # the web's Big5 is Big5 with Hong Kong's characters
    if charset != expected["charset"]:
        lines.append(f"charset: {expected['charset']} != {charset}")
    if result["document"]["genre"] != expected["genre"]:
        lines.append(f"genre: {expected['genre']} != {result['document']['genre']}")
    if expected["genre"] == "other":
        return lines  # a page that is no report: its facts and outline mean nothing
    return [
        *lines,
        *_document(expected["document"], result["document"]),
        *_outline(expected["sections"], result["sections"]),
        *_facts(expected["facts"], result["facts"], complete=expected["complete"]),
    ]


def _document(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in expected.items():
        if name == "place":
            pairs = [(f"place.{part}", value[part], found["place"][part]) for part in PLACE_FIELDS]
        else:
            pairs = [(name, value, found[name])]
        lines += [
            f"document {field}: {one} != {other}"
            for field, one, other in pairs
            if (folded(str(one)) if one else None) != (folded(str(other)) if other else None)
        ]
    return lines


def _outline(expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    def words(section: dict[str, Any]) -> str:
        return f"{section['level']} {folded(section['marker'])} {folded(section['heading'])} {section['kind']}"

    if not expected:
        return []
    return _edits("section", [words(section) for section in expected], [words(section) for section in found])


def _facts(expected: list[dict[str, Any]], found: list[dict[str, Any]], *, complete: bool) -> list[str]:
    ours = [folded(fact["number_text"]) for fact in expected]
    theirs = [folded(readable(fact["number_text"])) for fact in found]
    lines = []
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            for fact, match in zip(expected[a:b], found[c:d], strict=True):
                lines += _fields(fact, match)
            continue
        lines += [f"fact missed: {fact['number_text']} {fact['subject']}" for fact in expected[a:b]]
        if complete:
            lines += [f"no fact: {fact['number_text']} ({fact['quote']})" for fact in found[c:d]]
    return lines


def _fields(fact: dict[str, Any], match: dict[str, Any]) -> list[str]:
    name = f"fact {fact['number_text']} {fact['subject']}"
    lines = [
        f"{name}: {field} {fact[field]} != {match[field]}"
        for field in ("value", "value_to")
        if not same_number(fact[field], match[field])
    ]
    return lines + [
        f"{name}: {field} {fact[field]} != {match[field]}" for field in FACT_FIELDS if fact[field] != match[field]
    ]


def _edits(what: str, expected: list[str], found: list[str]) -> list[str]:
    lines = []
    for tag, a, b, c, d in SequenceMatcher(None, expected, found, autojunk=False).get_opcodes():
        if tag != "equal":
            lines += [f"{what} missed: {words}" for words in expected[a:b]]
            lines += [f"no {what}: {words}" for words in found[c:d]]
    return lines
