"""What is said about a counted noun, as far as it completes a subject: 中小学|配备法治副校长."""

from __future__ import annotations

from services.extractor.subjects.data import JOINING, word_lists, words_of
from services.extractor.subjects.limits import MAX_PREDICATE
from services.extractor.subjects.parts import Part
from services.extractor.subjects.phrases import only_verbs
from services.extractor.words import segmenter

_PASSED = words_of("passed")
_MOVING = words_of("moving")
#: To where something went.
TO = ("至", "到", "给")
#: 在两轮机构改革|基础上: a frame, nothing that is said of the reforms.
_ON_TOP_OF = "基础上"


def predicate_of(part: Part, following: Part | None) -> list[str]:
    """What is said about a noun, as the words that complete a subject; the noun of the next amount ends it."""
    lexicon = word_lists()
    words = _without_particles(_first_act(part.said))
    if part.followed and not part.joined and following is not None and not following.among:
        if words == ["对"] and following.said:
            words = _without_particles(following.said)
        elif words:
            words = words + following.noun
    rest = _without_empty_verbs(words)
    if rest and rest[0] in lexicon.prepositions and part.next_clause:
        cut = segmenter().cut(part.next_clause[:MAX_PREDICATE])
        rest = _without_empty_verbs(_without_particles(cut))
    if not rest or rest[0] in lexicon.empty_predicate or "".join(rest).startswith(_ON_TOP_OF):
        return []
    moved = rest[0].rstrip("至到给")
    if moved in _MOVING and (moved != rest[0] or "".join(rest[1:2]).startswith(TO)):
        rest = [moved]  # 行政许可事项|划转|至|行政审批局
    return rest if 2 <= len("".join(rest)) <= MAX_PREDICATE else []


def _first_act(words: list[str]) -> list[str]:
    """通过执法资格考试|并取得执法证 → 通过执法资格考试: of two acts with objects of their own the first tells the things."""
    at = words.index("并") if "并" in words[2:-1] else len(words)
    return words[:at]


def _without_particles(words: list[str]) -> list[str]:
    """Without particles; signs between two things stay: 配备法治副校长和法治辅导员."""
    particles = word_lists().particles
    return [word for at, word in enumerate(words) if word not in particles or _between_things(words, at)]


def _between_things(words: list[str], at: int) -> bool:
    return words[at] in JOINING and 1 < at < len(words) - 1 and not only_verbs([words[at - 1]])


def _without_empty_verbs(words: list[str]) -> list[str]:
    lexicon = word_lists()
    at = 0
    while at < len(words) and (words[at] in lexicon.empty_verbs or words[at] in lexicon.front):
        if words[at] == "通过" and words[-1].endswith(_PASSED):
            break
        at += 1
    return words[at:]
