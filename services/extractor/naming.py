"""What each amount of a sentence counts: the sentence's drafts, left to right, each beside what was said before it.

A name comes from the draft's own words (`subjects/`), from a list that 分别 hands out, from the amount whose part of an
area it is, or from the names that share its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.extractor.areas import area_of, levels_of, of_other_level
from services.extractor.candidate import MAX_CONTEXT
from services.extractor.drafts import MAX_BEFORE
from services.extractor.subjects import (
    aligned_names,
    aligned_subject,
    complete_name,
    divide,
    handed_names,
    is_rate_of,
    level_name,
    shared_names,
    spoken_of,
    subject_of,
    tidy,
    without_light,
    without_maker,
)  # fmt: skip

if TYPE_CHECKING:
    from services.extractor.clauses import Paragraph
    from services.extractor.drafts import Draft
    from services.extractor.subjects import Part, Topic

#: A clause that ends so says when, not what.
_SPAN_ENDS = ("以来", "期间")


@dataclass(slots=True)
class Named:
    """What one amount counts."""

    names: list[str]  # its subjects, several where they share its number
    counted: str  # the noun that it counts, wherever that stands


def spoken_ahead(paragraph: Paragraph, sentence: tuple[int, int], first: Draft) -> str:
    """What the clause before the sentence's first amount speaks of."""
    if first.clause[0] <= sentence[0]:
        return ""
    text = paragraph.text
    clauses = list(paragraph.clauses(max(sentence[0], first.clause[0] - MAX_CONTEXT), first.clause[0] - 1))
    if not clauses or text.endswith(_SPAN_ENDS, *clauses[-1]):
        return ""
    return spoken_of(text[clauses[-1][0] : clauses[-1][1]])


def names_of(paragraph: Paragraph, drafts: list[Draft], topic: Topic) -> list[Named]:
    """The names of each draft of one sentence, in order. `topic` goes on with what they say."""
    found: list[Named] = []
    aligned: list[tuple[str, str]] = []
    earlier = list(topic.said)
    outside: tuple[str, str, str, str | None] = ("", "", "", None)  # what was counted last before a bracket
    said = 0
    for k, draft in enumerate(drafts):
        part = draft.part
        if draft.aside and not drafts[k - 1].aside:
            outside, said = topic.state, len(topic.said)
        elif k and drafts[k - 1].aside and not draft.aside:
            topic.go_back(outside)
            del topic.said[said:]
        _listen(paragraph, drafts, k, topic)
        if not part.listed:
            aligned = _aligned(paragraph.text, draft, topic)
            earlier = list(topic.said)
        whole = (_of_levels if part.quantity == "rate" else _whole)(paragraph.text, drafts, k) if k else None
        if whole is not None:
            names = [of_other_level(draft.area, without_maker(found[whole].names[-1]))]
            counted = found[whole].counted
        else:
            following = drafts[k + 1].part if k + 1 < len(drafts) else None
            names = _own_names(draft, following, topic, aligned, earlier)
            counted = "".join(part.noun) or topic.noun
        topic.said += [(name, part.unit) for name in names]
        found.append(Named(names, counted))
    return found


def _listen(paragraph: Paragraph, drafts: list[Draft], k: int, topic: Topic) -> None:
    """Note the words of the sentence before draft `k`, and what the clause directly before it speaks of."""
    draft, part = drafts[k], drafts[k].part
    topic.context = paragraph.text[max(draft.sentence[0], draft.amount.start - MAX_BEFORE) : draft.amount.start]
    topic.since = min(len(topic.context), draft.amount.start - drafts[k - 1].amount.end if k else len(topic.context))
    topic.ahead = ""
    if k and not part.noun and not part.listed and not part.compared:
        topic.ahead = spoken = _spoken_between(paragraph, drafts[k - 1], draft)
        if spoken and (not part.ahead or is_rate_of(part, spoken)):
            topic.spoken = spoken


def _spoken_between(paragraph: Paragraph, earlier: Draft, draft: Draft) -> str:
    """What the clause directly before says, where it holds no amount: 提高出庭应诉率,确保达到95%."""
    start, end = paragraph.clause(max(draft.clause[0] - 2, draft.sentence[0]))
    if start < earlier.amount.end or end > draft.clause[0]:
        return ""
    return spoken_of(paragraph.text[start:end])


def _own_names(
    draft: Draft,
    following: Part | None,
    topic: Topic,
    aligned: list[tuple[str, str]],
    earlier: list[tuple[str, str | None]],
) -> list[str]:
    """The names by the draft's own words, by its turn among `aligned`, or by its turn among those said before its list."""
    part = draft.part
    if part.event:
        return [tidy("".join(without_light(part.ahead))) + part.event]
    names = shared_names(part)
    if aligned:
        divide(part, topic)
        draft.name, first = aligned.pop(0)
        return [aligned_subject(draft.name, first, topic, part)]
    if names:
        divide(part, topic)
        return names if part.zero else [complete_name(name, names[0], topic) for name in names]
    if draft.run > 1 and part.change and not part.ahead and len(earlier) >= draft.run:
        return [level_name(*earlier[len(earlier) - draft.run + draft.place])]
    return [subject_of(part, following, topic)]


def _aligned(text: str, draft: Draft, topic: Topic) -> list[tuple[str, str]]:
    """The names that 分别 hands out to a list of amounts, each with the first of them."""
    if draft.run < 2 or "分别" not in draft.part.before:
        return []
    start = max(draft.clause[0], draft.amount.start - MAX_BEFORE)
    before = text[start : draft.amount.start]
    names = aligned_names(before, draft.run) or handed_names(before, topic.said, draft.run)
    return [(name, names[0]) for name in names]


def _whole(text: str, drafts: list[Draft], k: int) -> int | None:
    """The place of the amount that amount `k` is a part of by area or level; its area is noted."""
    draft, part = drafts[k], drafts[k].part
    if part.noun or part.change or part.quantity != "count" or draft.amount.value_to is not None:
        return None
    start = max(draft.clause[0], drafts[k - 1].amount.end)
    divided = text.rfind("其中", drafts[0].amount.end, draft.amount.start) >= 0
    area = area_of(text[start : draft.amount.start], divided=divided)
    if not area:
        return None
    for j in range(k - 1, -1, -1):
        earlier = drafts[j]
        if earlier.area or earlier.part.change:
            divided = divided or bool(earlier.area)
            continue
        if earlier.part.unit != part.unit or earlier.amount.value < draft.amount.value:
            return None
        opened = text[start] in "(（" or earlier.clause[1] + 1 == draft.clause[0]
        if divided or opened:
            draft.area, draft.part_of = area, earlier.amount.start
            return j
        return None
    return None


def _of_levels(text: str, drafts: list[Draft], k: int) -> int | None:
    """The place of the rate that further levels have, too: 省级网上可办率97%,市县两级分别达到95%和91%."""
    draft = drafts[k]
    first = k - draft.place
    if not first:
        return None
    earlier, opening = drafts[first - 1], drafts[first]
    levels = levels_of(text[earlier.amount.end : opening.amount.start][-MAX_BEFORE:])
    if len(levels) != draft.run or earlier.part.unit != draft.part.unit or earlier.part.change:
        return None
    draft.area, draft.part_of = levels[draft.place], earlier.amount.start
    return first - 1
