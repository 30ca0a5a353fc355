"""The parts that 其中 opens: 投诉举报2360件,其中投诉1800件,举报560件,办结率99% is a rate of the whole."""

from __future__ import annotations

from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.parts import Part, Topic
from services.extractor.words import segmenter

#: The head of a noun is at least this long: 案件, 主体.
SHORT_HEAD = 2
_RECEIVING = pattern("receiving")
_CASE_UNITS = words_of("case_units")
_DIVIDED_HEADS = words_of("divided_heads")
_INSTANCES = words_of("instances")
_KINDS_OF_MATTERS = words_of("kinds_of_matters")
_MATTERS = words_of("matters")


def divide(part: Part, topic: Topic) -> None:
    """Whether `part` opens the parts of a whole, is a further one of them, or stands behind them all."""
    part.share = _further_share(part, topic)
    if topic.divided is None and _is_instance(part, topic):
        part.bracketed = True
    if part.opens_parts:
        topic.divide()
    elif not part.listed and not part.share and (part.ahead or part.noun or part.said):
        topic.close_division()


def _is_instance(part: Part, topic: Topic) -> bool:
    """行政诉讼案件7件,一审6件,二审1件: an instance of suits is a part of them without any 其中."""
    suits = topic.current
    alone = suits.endswith(_DIVIDED_HEADS) and not any(instance in suits for instance in _INSTANCES)
    kind = "".join(part.ahead)
    return (alone and kind in _INSTANCES) or (kind in _KINDS_OF_MATTERS and suits.endswith(_MATTERS))


def concerning(part: Part, words: list[str], topic: Topic) -> str:
    """其中涉及行政处罚38件: the cases that 其中 divides, by what they are about; "" for anything else."""
    whole = topic.divided[0] if topic.divided is not None else ""
    if part.unit not in _CASE_UNITS or words[:1] != ["涉及"] or len(words) < 2 or not whole.endswith(_DIVIDED_HEADS):
        return ""
    topic.shares += 1
    return f"{''.join(words)}的{_RECEIVING.sub('', whole)}"


def _further_share(part: Part, topic: Topic) -> bool:
    """其中投诉6件,举报3件: a clause that is only a noun of the same unit goes on with the parts."""
    if not topic.shares or topic.divided is None or part.unit != topic.divided[3] or part.listed or not part.ahead:
        return False
    lexicon, own = word_lists(), "".join(part.ahead)
    if part.ahead[0] == "涉及":
        return True
    if topic.divided[0][-SHORT_HEAD:] in own[:-1] and len(own) > SHORT_HEAD:
        return False  # 新登记主体9户,其中企业3户,主体总量60户
    sign = topic.context[-len(part.before) - 1 : -len(part.before)]
    return sign in (",", "，") and not any(
        word not in lexicon.nominal
        and (word in lexicon.process or word in lexicon.light or word in lexicon.acts or segmenter().is_verb(word))
        for word in part.ahead
    )
