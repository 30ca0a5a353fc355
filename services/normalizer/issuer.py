"""The body whose report it is, as the annotation guide names it."""

from __future__ import annotations

import re

from services.normalizer.divisions import divisions
from services.normalizer.head import plain
from services.normalizer.own_place import government_of, government_of_opening, is_short, own_level
from services.normalizer.place_names import name_parts
from services.normalizer.reading import Reading, found_in_title
from shared.rules import rules

_RULES = rules("services.normalizer", "document")
_HEADLINE = _RULES.pattern("headline")
_LEAD = _RULES.pattern("lead")
_PARTY_BODY = _RULES.pattern("party_body")
_ISSUER_IN_TITLE = _RULES.pattern("issuer_in_title")
_OTHER_BODY = _RULES.pattern("other_body")
_BODY_UNDER_TITLE = _RULES.pattern("body_under_title")
_SIGNATURE = _RULES.pattern("signature")
_HIGHEST = _RULES.pattern("highest")
_REPORT_ON_WORK = _RULES.pattern("report_on_work")
_CONGRESS = _RULES.pattern("congress")
#: Where the first sentences name the body, the surest first.
_IN_OPENING = tuple(map(_RULES.pattern, ("reported", "in_full", "own")))
_OFFICE_LABEL = _RULES.pattern("office_label")
_OFFICE_OF = _RULES.pattern("office_of")
_CRUMB = _RULES.pattern("crumb")
_OWNER = _RULES.pattern("owner")
_NO_BODY = _RULES.words("no_body")
_NO_ISSUER = _RULES.words("no_issuer")
_OFFICES = _RULES.words("offices")
_SPEAKS_OF_ITSELF = _RULES.words("speaks_of_itself")
_LEVEL_LETTERS = _RULES.words("level_letters")

#: Characters behind the title in which the congress of a work report is named.
_UNDER_TITLE = 200
#: Characters of the text in which its body is the subject, and in which a body that is named without its place is looked
#: for with it.
_OPENING, _INTRODUCTION = 600, 3_000


def find_issuer(reading: Reading, title: str) -> str | None:
    """The body whose report it is: named by the title, else by the signature, else by the place in the title, else by
    the first words of the text, else by the page's metadata, else by the site. Its place is completed from the text.
    """
    issuer = (
        _of_title(reading, title)
        or _of_place_in_title(reading, title)
        or _of_congress(reading, title)
        or _of_opening(reading)
        or _of_stamps(reading)
        or _of_site(reading)
    )
    return issuer and _in_full(reading, issuer)


def after_lead(title: str) -> int:
    """Where the name of the issuer begins in a title that has it."""
    headline = _HEADLINE.match(title) if "—" in title else None
    start = headline.end() if headline else 0
    lead = _LEAD.match(title, start)
    return lead.end() if lead else start


def _of_title(reading: Reading, title: str) -> str | None:
    start = after_lead(title)
    found = _PARTY_BODY.match(title) or _ISSUER_IN_TITLE.match(title, start) or _OTHER_BODY.match(title, start)
    if found is None or found[1].startswith(_NO_BODY):
        return None
    found_in_title(reading, "issuer", found.span(1))
    return found[1]


def _of_place_in_title(reading: Reading, title: str) -> str | None:
    """A body that signs, under the title or under the text, else the government of the place that the title names."""
    start = after_lead(title)
    start += 2 * title.startswith("中共", start)
    named = name_parts(title[start:])
    place = title[start : start + named.length]
    signs = _may_sign(_under_title(reading), place) or _may_sign(_signature(reading), place)
    if signs:
        reading.found["issuer"] = signs.span(1)
        return signs[1]
    if not place:
        return None
    found_in_title(reading, "issuer", (start, start + len(place)))
    return government_of(place, named, short=is_short(reading))


def _may_sign(found: re.Match[str] | None, place: str) -> re.Match[str] | None:
    """`found`, where it names the issuer: not where an office signs for the place that the title names."""
    if found is None or found[1].startswith(_SPEAKS_OF_ITSELF):
        return None
    return found if not place or _HIGHEST.search(found[1]) else None


def _under_title(reading: Reading) -> re.Match[str] | None:
    """A body on a line of its own between the title and the text."""
    if not reading.title:
        return None
    for found in _BODY_UNDER_TITLE.finditer(reading.page, reading.title[1], reading.body[0]):
        is_stamp = found[0] == found[1] and any(start <= found.start() < end for start, end in reading.stamps)
        if not is_stamp and not found[1].endswith(_OFFICES) and name_parts(found[1]).is_place():
            return found
    return None


def _signature(reading: Reading) -> re.Match[str] | None:
    """The last body under the text."""
    return max(_SIGNATURE.finditer(reading.page, *reading.tail), key=lambda found: found.start(), default=None)


def _of_congress(reading: Reading, title: str) -> str | None:
    if not _REPORT_ON_WORK.search(title):
        return None
    start = reading.title[0] if reading.title else 0
    congress = _CONGRESS.search(reading.page, start, reading.body[0] + _UNDER_TITLE)
    if congress is None:
        return None
    reading.found["issuer"] = congress.span(1)
    return government_of(congress[1], name_parts(congress[1]))


def _of_opening(reading: Reading) -> str | None:
    """The body that the first sentences have as their subject, else the government of the place that they have."""
    start = max(reading.body[0], reading.found["addressee"][1] if "addressee" in reading.found else 0)
    for pattern in _IN_OPENING:
        for own in pattern.finditer(reading.page, start, min(start + _OPENING, reading.body[1])):
            if not own[1].startswith(_NO_ISSUER):
                reading.found["issuer"] = own.span(1)
                return own[1]
    return government_of_opening(reading)


def _of_stamps(reading: Reading) -> str | None:
    """The body that a publication line names."""
    for span in reading.stamps:
        label = _OFFICE_LABEL.search(reading.page, *span)
        if label:
            reading.found["issuer"] = label.span(1)
            return _OFFICE_OF.sub("", label[1])
    return None


def _of_site(reading: Reading) -> str | None:
    """The body whose part of the site the page stands in, by its breadcrumb, else by its head.

    Sites are of governments and hold the reports of all their offices: only a body as which the text speaks (我局, 我县).
    """
    for start, end in reading.crumbs:
        for step in reversed(list(_CRUMB.finditer(reading.page, start, end))):
            body = _speaker(reading, step[0])
            if body:
                reading.found["issuer"] = step.start(), step.start() + len(body)
                return body
    for name, span in reading.owners:
        body = _speaker(reading, plain(name))
        if body:
            reading.found_in_head["issuer"] = span
            return body
    return None


def _speaker(reading: Reading, owner: str) -> str | None:
    """The body that `owner`, a site or a part of one, is named after, where the text speaks as it."""
    named = _OWNER.fullmatch(owner)
    return named[1] if named and _is_speaker(reading, named[1]) else None


def _is_speaker(reading: Reading, body: str) -> bool:
    """Whether the text speaks as `body`: as a department, or as its place."""
    named, level = name_parts(body), own_level(reading)
    if not named.is_place() or (level == "township") != (named.township is not None):
        return False
    if not _HIGHEST.search(body):
        return level == "department"
    return level != "department" and f"我{body[named.length - 1]}" in reading.page[slice(*reading.body)]


def _in_full(reading: Reading, issuer: str) -> str:
    """`issuer`, named without its place (县水利局, 应急管理局), with the place that the text writes before it.

    Only a division of the table counts, the same wherever the text names the body so; where the name itself does not
    begin with a level, the body must be the subject of the opening: another place has an 应急管理局 too.
    """
    if name_parts(issuer).is_place():
        return issuer
    start, end = reading.body
    if not issuer.startswith(_LEVEL_LETTERS):
        own = _of_opening(reading)
        return own if own and own.endswith(issuer) and name_parts(own).is_place() else issuer
    before = re.compile(rf"([一-龥]{{1,12}}){re.escape(issuer)}")
    names = {
        place + issuer[1:]
        for span in (*reading.stamps, (start, min(start + _INTRODUCTION, end)))
        for found in before.finditer(reading.page, *span)
        if (place := _division_before(found[1] + issuer[0]))
    }
    return names.pop() if len(names) == 1 else issuer


def _division_before(words: str) -> str | None:
    """The longest end of `words` that is a division with its superiors: 按照云河市桐溪县 → 云河市桐溪县."""
    for at in range(len(words) - 1):
        named = name_parts(words[at:])
        lowest = named.county or named.city or named.province
        if named.length == len(words) - at and not named.zone and not named.township and lowest in divisions():
            return words[at:]
    return None
