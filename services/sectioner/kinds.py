"""What a section speaks of: achievements, problems, plan or something else.

Decided by the words of its heading, else by the transition before its sequence, else by inheritance, else by the words
of its own text.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from types import EllipsisType
from typing import Final

from services.sectioner.draft import ENUMERATOR, Draft
from services.sectioner.lexicon import KINDS, LINES, TRANSITIONS, WORDS, Rule, any_sign
from shared.events import Kind

_LEAD: Final = 220  # characters before a sequence in which its announcement stands
_LINE: Final = 4000  # an enumeration is looked for this far back; a paragraph of reports has 100 to 2,000 characters
_ANNOUNCEMENT: Final = 100  # the last words of a lead
_TEXT: Final = 160  # characters of a body that may say what it is
_OPENER: Final = LINES["opener"].regex
_YEAR: Final = WORDS["year"].regex
_NOUN_OF: Final = WORDS["noun_of"].regex
_INTENDS: Final = WORDS["intends"].regex
#: Weighed against each other, only behind a problems section, over so many characters.
_AHEAD: Final = WORDS["ahead"].regex
_BEHIND: Final = WORDS["behind"].regex
_WEIGHED: Final = 600
_REPORTS: Final = WORDS["reports"].regex
_NAMES: Final = WORDS["names"].regex
_LOOKS_BACK: Final = WORDS["looks_back"].regex
_TROUBLE: Final = WORDS["trouble"].regex
_NEXT: Final = WORDS["next"].regex
_COMPLAINT: Final = next(rule.regex for rule in KINDS if rule.weak)
_CARRIED: Final[tuple[Kind, ...]] = ("achievements", "problems", "plan")
_NO_PARENT: Final[tuple[int, Kind | None, bool]] = (-1, None, False)
#: What a sequence was announced as; ... where that was not looked for yet.
_Announced = Kind | EllipsisType | None
_DECISIVE: Final = tuple(rule for rule in KINDS if not rule.weak)
#: A heading without any of these signs names no kind, and holds no year: three in five.
_NAMING: Final = any_sign("年", *(rule.holds for rule in _DECISIVE))
#: The last sentence of a paragraph without any of these announces nothing, unless it ends with a colon: four in five.
_ANNOUNCING: Final = any_sign(*(rule.holds for rule in TRANSITIONS))


@lru_cache(maxsize=4096)
def _rules_holding(signs: frozenset[str]) -> tuple[Rule, ...]:
    return tuple(rule for rule in _DECISIVE if not rule.holds.isdisjoint(signs))


def naming_rules(heading: str) -> tuple[Rule, ...]:
    """The rules that the heading may match by its signs: one or two of nine."""
    return _rules_holding(frozenset(_NAMING.findall(heading)))


def heading_kinds(heading: str, report_year: int | None = None, *, top: bool = True) -> list[Kind]:
    """The kinds that a heading names, in the order in which it names them; empty where it names none."""
    noun = not _OPENER.match(heading) or ("的" in heading and _NOUN_OF.search(heading) is not None)
    if not (top or noun):
        return []
    signs = frozenset(_NAMING.findall(heading))
    named: list[tuple[int, Kind]] = []
    for rule in _rules_holding(signs):
        if (rule.needs_noun and not noun) or (rule.top_only and not top):
            continue
        found = rule.regex.search(heading)
        if found is not None and rule.kind is not None:
            named.append((found.start(), rule.kind))
    if report_year is not None and "年" in signs:
        year = _YEAR.search(heading)
        if year is not None and int(year[1]) > report_year and not _LOOKS_BACK.search(heading):
            named = [(at, kind) for at, kind in named if kind != "achievements"]
            if all(kind != "plan" for _, kind in named):
                named.append((year.start(), "plan"))
    named.sort(key=itemgetter(0))
    return [kind for _, kind in named]


def transition_kind(lead: str, report_year: int | None) -> Kind | None:
    """What the paragraph before a sequence announces, or None."""
    if not lead:
        return None
    sentence = lead[lead.rfind("。", 0, -1) + 1 :]
    signs = _ANNOUNCING.findall(sentence)
    for rule in TRANSITIONS if signs else ():
        if not rule.holds.isdisjoint(signs) and rule.regex.search(sentence):
            return rule.kind
    if report_year is not None and lead.endswith((":", "：")):
        if _REPORTS.search(sentence):
            return None
        lead, sentence = _NAMES.sub("", lead), _NAMES.sub("", sentence)
        in_sentence = _YEAR.findall(sentence)
        years = in_sentence or _YEAR.findall(lead)
        if years and int(years[-1]) > report_year and (in_sentence or _INTENDS.search(lead)):
            return "plan"
    return None


def _lead(text: str, rank: int, since: int, start: int) -> str:
    """What announces the sequence that a section is in: the end of the last paragraph before it, from `since` on."""
    if rank == ENUMERATOR:
        return _enumerator_lead(text, start)
    lead = text[max(since, start - _LEAD) : start].rstrip()
    return lead.rpartition("\n")[2]


def _enumerator_lead(text: str, start: int) -> str:
    """What stands before the first enumerator of the paragraph, be that a section or not."""
    line = text.rfind("\n", max(0, start - _LINE), start) + 1 or max(0, start - _LINE)
    first = text.find("一是", line, start)
    end = first if first >= 0 else start
    if end > line:
        return text[max(line, end - _LEAD) : end].rstrip()
    return text[max(0, end - _LEAD) : end].rstrip().rpartition("\n")[2]


def decide_kinds(text: str, drafts: list[Draft], report_year: int | None) -> list[Kind]:
    """One kind a section, in order; there is at least one."""
    kinds: list[Kind] = ["preamble"] if drafts[0].rank < 0 else []
    parents = [_NO_PARENT]  # the open sections: rank, kind, whether the heading names several
    announced: list[_Announced] = [...] * (ENUMERATOR + 2)  # rank → what the sequence that runs there was announced as
    rank_before = since = 0  # of the section before: its rank and where its body begins
    for _, rank, _, number, at, _, (start, end, body, _), _, _ in drafts[len(kinds) :]:
        while parents[-1][0] >= rank:
            announced[parents.pop()[0] + 1] = ...
        _, parent, combined = parents[-1]
        several = False
        if rank == ENUMERATOR and number > 1 and rank_before == rank:
            # enumerators of one sentence speak of one thing
            kind = (text[at - 1] == "\n" and _named_kind(text[start:end], report_year)) or kinds[-1]
        else:
            announcement = announced[rank]
            if number <= 1 or announcement is ...:
                led = at > since + 1 or rank == ENUMERATOR  # more than a line feed stands between the two headings
                announcement = transition_kind(_lead(text, rank, since, at), report_year) if led and kinds else None
                announced[rank] = announcement
            named = _NAMING.search(text, start, end) and heading_kinds(
                text[start:end].replace(" ", ""), report_year, top=parent is None
            )
            if parent == "other":
                kind = parent
            elif named:
                kind, several = named[0], len(set(named)) > 1
            elif parent is None:
                heading = text[start:end].replace(" ", "")
                kind = announcement or _carried(heading, text[body : body + _WEIGHED], kinds, report_year)
            elif announcement is None and parent == "achievements" and rank != ENUMERATOR:
                kind = "plan" if _NEXT.match(text, body, body + _TEXT) else parent
            elif announcement is None and rank == ENUMERATOR:
                heading = text[start:end].replace(" ", "")
                kind = "problems" if parent == "achievements" and _complains(heading, text, at) else parent
            else:
                heading, words = text[start:end].replace(" ", ""), text[body : body + _TEXT]
                kind = _inherited(heading, words, parent, announcement, combined=combined)
        kinds.append(kind)
        parents.append((rank, kind, several))
        rank_before, since = rank, body
    return kinds


def _named_kind(heading: str, report_year: int | None) -> Kind | None:
    """The kind that the heading of an enumerator names which opens a paragraph: 第四,存在的不足."""
    return next(iter(heading_kinds(heading, report_year)), None) if _NAMING.search(heading) else None


def _complains(heading: str, text: str, start: int) -> bool:
    """Whether 一是 begins the list of what is still wrong: it complains, and trouble was announced."""
    if _COMPLAINT.search(heading) is None:
        return False
    return _TROUBLE.search(_enumerator_lead(text, start)[-_ANNOUNCEMENT:]) is not None


def _inherited(heading: str, body: str, parent: Kind, announced: Kind | None, *, combined: bool) -> Kind:
    """The parent's kind, unless a sequence was announced as another or the section's own words say otherwise."""
    if announced is not None and not (announced == "problems" and parent == "plan"):
        return announced
    if parent == "problems" and combined and not _COMPLAINT.search(heading):
        words = heading or body
        return "plan" if _OPENER.match(words) or _INTENDS.search(words[:_ANNOUNCEMENT]) else parent
    if parent == "achievements" and _NEXT.match(body):
        return "plan"
    return parent


def _carried(heading: str, body: str, kinds: list[Kind], report_year: int | None) -> Kind:
    """A section of the top whose heading names no kind goes on with what came before, unless its text says otherwise."""
    before: Kind = next((kind for kind in reversed(kinds) if kind in _CARRIED), "achievements")
    opening = body[:_TEXT].lstrip(" \u3000\t\n")
    year = _YEAR.match(opening)
    ahead = year is not None and report_year is not None and int(year[1]) > report_year
    if _NEXT.match(opening) or (ahead and _INTENDS.search(opening)):
        return "plan"
    if before == "problems" and not _COMPLAINT.search(heading):
        return "plan" if len(_AHEAD.findall(body)) > len(_BEHIND.findall(body)) else "achievements"
    return before
