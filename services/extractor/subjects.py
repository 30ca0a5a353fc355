"""What is counted: a noun phrase from the words before and behind the amount, its sentence and its heading.

    受理民事纠纷案件62件      the noun stands before the amount
    组建91支防汛抢险队伍      the noun stands behind it
    调解成功58件              no noun of its own: the noun of the amount before it is carried on
    合格率达98.73%            a short rate name takes the topic of the sentence in front
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from services.extractor.words import segmenter

#: A subject longer than this is cut to its last phrase; the longest subject of the reference's reports has 28.
MAX_SUBJECT = 40
#: Characters of a clause that are cut into words, each side of an amount.
MAX_SIDE = 60

_SIGNS = re.compile(r"[\s、,，;；:：。()（）\[\]【】《》<>·\-—…!?/]+")
_EDGE_SIGNS = "、,，;；:：。 \t\n-—…·!?/和及与"
_NUMBER = re.compile(r"[0-9][0-9.,]*%?(?:余|多)?[万亿千百]?(?:个|件|名|人次|人|家|户|次|项|条|场|期)?")
_PERIOD = re.compile(
    r"(?:截[至止])?(?:19|20)[0-9]{2}年度?(?:[0-9]{1,2}月)?(?:底|末|初|以来|起|间)?|[0-9]{1,2}(?:[-—~至到][0-9]{1,2})?月份?(?:底|末|以来)?|(?:近|过去|连续)?[0-9一二三四五六七八九十两]{1,3}年(?:来|内|间)?"
)
_BRACKET = re.compile(r"[(（][^()（）]{0,40}[)）]")
_RATE_NAME = re.compile(r"(?:率|比例|比重|占比|满意度|指数|得分|度|面|比)$")
_PERSON_UNITS = ("人", "人次")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    front: frozenset[str]
    tail: frozenset[str]
    light: frozenset[str]
    stop: frozenset[str]
    inner: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    source = tomllib.loads(files(__package__).joinpath("subjects.toml").read_text(encoding="utf-8"))
    return _Lexicon(**{name: frozenset(source[name]) for name in ("front", "tail", "light", "stop", "inner")})


class Phrase(NamedTuple):
    """A subject and its parts. `noun` is the counted noun, `verb` the verb kept or dropped before it."""

    subject: str
    noun: str
    verb: str


def before_words(text: str) -> list[str]:
    """The words before an amount, without adverbials in front and copulas at the end."""
    lexicon = _lexicon()
    text = _PERIOD.sub("", text[-MAX_SIDE:]).strip(_EDGE_SIGNS)
    words = [word for word in segmenter().cut(text) if not word.isspace()]
    while words and (words[-1] in lexicon.tail or not words[-1].strip(_EDGE_SIGNS)):
        words.pop()
    first = 0
    while first < len(words) and (words[first] in lexicon.front or not words[first].strip(_EDGE_SIGNS)):
        first += 1
    return words[first:]


def after_words(text: str, *, event: bool) -> tuple[list[str], list[str]]:
    """The noun phrase behind an amount, and what is said about it."""
    lexicon = _lexicon()
    if not text or text[0] in "、,，;；:：。)）和及与的,":
        return [], []
    words = segmenter().cut(text[:MAX_SIDE])
    for at, word in enumerate(words):
        if word not in lexicon.stop:
            continue
        if word in lexicon.inner and (at + 1 < len(words) and words[at + 1] not in lexicon.stop and words[at + 1].strip(_EDGE_SIGNS)):
            if at:
                continue
        elif event and at and at + 1 == len(words) and word in lexicon.inner:
            continue
        return words[:at], words[at:]
    return words, []


def drop_light(words: list[str]) -> tuple[str, list[str]]:
    """The light verbs at the front, and the rest."""
    lexicon = _lexicon()
    at = 0
    while at < len(words) and (words[at] in lexicon.light or words[at] in lexicon.front or words[at] == "、"):
        at += 1
    return "".join(words[:at]), words[at:]


def tidy(text: str) -> str:
    """A subject without numbers, years, stray brackets and signs at its edges."""
    text = _PERIOD.sub("", text)
    text = _NUMBER.sub("", text)
    if text.count("(") != text.count(")"):
        text = text.replace("(", "").replace(")", "")
    if text.count("“") != text.count("”"):
        text = text.replace("“", "").replace("”", "")
    return text.replace("各类", "").strip(_EDGE_SIGNS)[-MAX_SUBJECT:]


def build(  # noqa: PLR0913 - the sides of an amount and what came before it
    before: str, after: str, *, unit: str | None, quantity: str, carried: str, topic: str, verb: str
) -> Phrase:
    """The subject of one amount.

    `before` and `after` are the texts of its clause up to the neighbouring amounts; `carried` is the noun of the
    amount before it in the sentence, `topic` what the sentence speaks of, `verb` the verb that an earlier item of the
    same list opened with.
    """
    ahead = before_words(before)
    event = unit in ("次", "场", "期", "轮", "批")
    noun_words, said = ([], []) if quantity not in ("count", "other", "rate") else after_words(after, event=event)
    if quantity == "rate" and not after.startswith("的"):
        noun_words = []
    if noun_words:
        return _behind(ahead, noun_words, said)
    return _ahead(ahead, before, after, unit=unit, quantity=quantity, carried=carried, topic=topic, verb=verb)


def _behind(ahead: list[str], noun_words: list[str], said: list[str]) -> Phrase:
    lexicon = _lexicon()
    noun = tidy("".join(noun_words))
    _, rest = drop_light(ahead)
    verb, rest_verb = "", ""
    if said:
        _, predicate = drop_light([w for w in said if w not in ("了", "均", "已", "全部", "都")])
        rest_verb = tidy("".join(predicate))
    if rest_verb and len(rest_verb) <= 24 and not rest_verb.startswith(("的", "中", "以", "等")):
        return Phrase(f"{rest_verb}的{noun}", noun, rest_verb)
    lead = tidy("".join(rest))
    if lead and len(lead) <= 20 and not lead.endswith(("》", "等")):
        verb = lead
        if rest[-1] not in lexicon.light and len(rest[-1]) >= 2:
            return Phrase(tidy(f"{lead}{noun}"), noun, verb)
    return Phrase(noun, noun, verb)


def _ahead(  # noqa: PLR0913
    ahead: list[str], before: str, after: str, *, unit: str | None, quantity: str, carried: str, topic: str, verb: str
) -> Phrase:
    light, rest = drop_light(ahead)
    noun = tidy("".join(rest))
    if not noun:
        said = tidy(light + after) if not after.startswith(("、", ",", "和", "及")) else tidy(light)
        base = carried or topic
        return Phrase(f"{said}的{base}" if said and base else said or base, base, said)
    if quantity == "rate":
        if _RATE_NAME.search(noun):
            name = noun
        elif after and after[0] not in "、,;。和及与)以左":
            name = noun + tidy(after[:4]) + "率"
        else:
            name = noun
        if len(name) <= 5 and (carried or topic):
            name = (carried or topic) + name
        return Phrase(tidy(name), noun, "")
    if len(noun) <= 4 and carried and noun[-1] not in "案件书":
        return Phrase(f"{noun}的{carried}", carried, noun)
    if before.lstrip().startswith(("、", "和", "及")) and verb:
        return Phrase(tidy(f"{verb}{noun}"), noun, verb)
    return Phrase(noun, noun, "")
