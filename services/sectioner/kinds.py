"""What a section speaks of: achievements, problems, plan or something else.

Decided by the words of its heading, else by the transition before its sequence, else by inheritance, else by the words
of its own text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from services.sectioner.headings import Heading
from services.sectioner.lexicon import KINDS, LINES, TRANSITIONS
from shared.events import Kind

_LEAD: Final = 220  # characters before a sequence in which its announcement stands
_LINE: Final = 4000  # an enumeration is looked for this far back; a paragraph of reports has 100 to 2,000 characters
_TEXT: Final = 160  # characters of a body that may say what it is
_OPENER: Final = LINES["opener"].regex
_YEAR: Final = re.compile("(?<![0-9])((?:19|20)[0-9]{2})年")
_NOUN_OF: Final = re.compile("的(?:主要|重点|工作|总体|初步|突出)?[^的]{2,6}$")
_INTENDS: Final = re.compile("(?:将|要|力争|确保|争取|继续|进一步|推动)")
#: Words that look ahead and words that look back; they are weighed only after a problems section.
_AHEAD: Final = re.compile("将|力争|确保|继续|进一步|下一?步|要(?!求|素|点)|争取|加快")
_BEHIND: Final = re.compile("了(?![解然结])|已|完成|累计|共计|全年|[0-9](?:件|次|人|场|份|个|项|%)|召开|印发")
_WEIGHED: Final = 600
_TROUBLE: Final = re.compile("问题|不足|困难|挑战|短板|差距|难题")
_BODY_PLAN: Final = re.compile("(?:下一?步|下一?阶段|今后|明年|新的一年)[,，]?")
_COMPLAINT: Final = next(rule.regex for rule in KINDS if rule.weak)
_ENUMERATOR_RANK: Final = 6
_CARRIED: Final = ("achievements", "problems", "plan")
_DECISIVE: Final = tuple(rule for rule in KINDS if not rule.weak)


class Drafted(Protocol):
    """What the kinds are decided from."""

    rank: int
    number: int
    start: int
    heading: Heading


def heading_kinds(heading: str, report_year: int | None = None, *, top: bool = True) -> list[Kind]:
    """The kinds that a heading names, in the order in which it names them; empty where it names none."""
    noun = not _OPENER.match(heading) or ("的" in heading and _NOUN_OF.search(heading) is not None)
    if not (top or noun):
        return []
    named: list[tuple[int, Kind]] = []
    for rule in _DECISIVE:
        if (rule.needs_noun and not noun) or (rule.top_only and not top):
            continue
        found = rule.regex.search(heading)
        if found is not None and rule.kind is not None:
            named.append((found.start(), rule.kind))
    if report_year is not None:
        year = _YEAR.search(heading)
        if year is not None and int(year[1]) > report_year:
            named = [(at, kind) for at, kind in named if kind != "achievements"] or [(year.start(), "plan")]
    return [kind for _, kind in sorted(named, key=lambda pair: pair[0])]


def transition_kind(lead: str, report_year: int | None) -> Kind | None:
    """What the paragraph before a sequence announces, or None."""
    if not lead:
        return None
    sentence = lead[lead.rfind("。", 0, -1) + 1 :]
    for rule in TRANSITIONS:
        if rule.regex.search(sentence):
            return rule.kind
    if report_year is not None and lead.endswith((":", "：")):
        years = [int(year) for year in _YEAR.findall(lead)]
        if years and years[-1] > report_year and _INTENDS.search(lead):
            return "plan"
    return None


def _lead(text: str, drafts: Sequence[Drafted], index: int) -> str:
    """What announces the sequence that a section is in: the end of the last paragraph before it."""
    draft = drafts[index]
    if draft.rank == _ENUMERATOR_RANK:
        return _enumerator_lead(text, draft.start)
    since = drafts[index - 1].heading.body_start if index else 0
    lead = text[max(since, draft.start - _LEAD) : draft.start].rstrip()
    return lead.rpartition("\n")[2]


def _enumerator_lead(text: str, start: int) -> str:
    """What stands before the first enumerator of the paragraph, be that a section or not."""
    line = text.rfind("\n", max(0, start - _LINE), start) + 1 or max(0, start - _LINE)
    first = text.find("一是", line, start)
    end = first if first >= 0 else start
    if end > line:
        return text[max(line, end - _LEAD) : end].rstrip()
    return text[max(0, end - _LEAD) : end].rstrip().rpartition("\n")[2]


def decide_kinds(text: str, drafts: Sequence[Drafted], report_year: int | None) -> list[Kind]:
    """One kind a section, in order."""
    kinds: list[Kind] = []
    open_sections: list[int] = []
    sequence: dict[int, Kind | None] = {}  # rank → what the sequence that runs there was announced as
    combined: set[int] = set()
    for index, draft in enumerate(drafts):
        if draft.rank < 0:
            kinds.append("preamble")
            continue
        while open_sections and drafts[open_sections[-1]].rank >= draft.rank:
            sequence.pop(drafts[open_sections.pop()].rank + 1, None)
        parent = open_sections[-1] if open_sections else None
        heading = text[draft.heading.start : draft.heading.end].replace(" ", "")
        named = heading_kinds(heading, report_year, top=parent is None) if heading else []
        if draft.number <= 1 or draft.rank not in sequence:
            sequence[draft.rank] = transition_kind(_lead(text, drafts, index), report_year) if index else None
        if named and not (parent is not None and kinds[parent] == "other"):
            kind = named[0]
            if len(set(named)) > 1:
                combined.add(index)
        elif draft.rank == _ENUMERATOR_RANK and draft.number > 1 and index and drafts[index - 1].rank == draft.rank:
            kind = kinds[index - 1]  # enumerators of one sentence speak of one thing
        elif parent is not None:
            kind = _inherited(text, draft, heading, kinds[parent], sequence[draft.rank], combined=parent in combined)
        else:
            kind = _uninherited(text, draft, heading, kinds, sequence[draft.rank], report_year)
        kinds.append(kind)
        open_sections.append(index)
    return kinds


def _inherited(text: str, draft: Drafted, heading: str, parent: Kind, announced: Kind | None, *, combined: bool) -> Kind:
    if parent == "other":
        return parent
    if announced is not None and not (announced == "problems" and parent == "plan"):
        return announced
    if parent == "achievements" and draft.rank == _ENUMERATOR_RANK and _COMPLAINT.search(heading):
        return "problems" if _TROUBLE.search(_enumerator_lead(text, draft.start)[-100:]) else parent
    if parent == "problems" and combined and not _COMPLAINT.search(heading):
        body = heading or text[draft.heading.body_start : draft.heading.body_start + _TEXT]
        if _OPENER.match(body) or _INTENDS.search(body[:40]):
            return "plan"
    body = text[draft.heading.body_start : draft.heading.body_start + _TEXT]
    if parent == "achievements" and _BODY_PLAN.match(body):
        return "plan"
    return parent


def _uninherited(
    text: str, draft: Drafted, heading: str, kinds: list[Kind], announced: Kind | None, report_year: int | None
) -> Kind:
    """A section of the top whose heading names no kind goes on with what came before, unless its text says otherwise."""
    before: Kind = next((kind for kind in reversed(kinds) if kind in _CARRIED), "achievements")
    if announced is not None:
        return announced
    body = text[draft.heading.body_start : draft.heading.body_start + _TEXT]
    year = _YEAR.match(body)
    if _BODY_PLAN.match(body) or (year and report_year and int(year[1]) > report_year and _INTENDS.search(body)):
        return "plan"
    if before == "problems" and not _COMPLAINT.search(heading):
        body = text[draft.heading.body_start : draft.heading.body_start + _WEIGHED]
        return "plan" if len(_AHEAD.findall(body)) > len(_BEHIND.findall(body)) else "achievements"
    return before
