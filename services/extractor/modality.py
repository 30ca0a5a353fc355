"""Result, target or baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.rules import rules

if TYPE_CHECKING:
    from shared.events import Kind, Modality

_RULES = rules("services.extractor", "rules/modality")
_INTENTION = _RULES.pattern("intention")
_DONE = _RULES.pattern("done")
_BASIS = _RULES.pattern("basis")
_MINIMUM = _RULES.pattern("minimum")
_OPENING = _RULES.pattern("opening")
_OPENING_YEAR = _RULES.pattern("opening_year")
_AIM = _RULES.words("aims")


def opens_plan(text: str, start: int, report_year: int | None) -> bool:
    """Whether the paragraph that begins at `start` speaks of what is to come: 下一步, 2025年 in the report of 2024."""
    if _OPENING.match(text, start):
        return True
    year = _OPENING_YEAR.match(text, start, start + 12)
    return year is not None and report_year is not None and int(year.group(1)) > report_year


def modality_of(  # noqa: PLR0913 - what is known about one number
    before: str, after: str, kind: Kind | None, *, planned: bool, baseline: bool, reported: bool
) -> Modality:
    """`before` and `after` are the clause around the number; `planned` where its paragraph is a plan, `baseline` where
    its period is an earlier year or it stands in a comparison, `reported` where its period is the report year in so
    many words.
    """
    if baseline:
        return "baseline"
    if reported:
        return "actual"
    if kind == "plan" or planned:
        return "actual" if _there_already(before, after) else "target"
    if after.startswith(_AIM) or _INTENTION.search(before) or _MINIMUM.search(before):
        return "target"
    return "actual"


def _there_already(before: str, after: str) -> bool:
    """Whether the number of a plan says what is done: 在完成30个试点的基础上, 已建成12个."""
    done = _DONE.search(before)
    if done is not None:
        return _INTENTION.search(before, done.start()) is None
    return "在" in before[:6] and _BASIS.match(after) is not None
