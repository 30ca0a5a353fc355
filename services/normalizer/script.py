"""Script and vocabulary: Traditional → Simplified, and Taiwan's words back to the ones the report was written with.

Both are decided per document. A text that was never converted is not touched: simplified text is returned as it is,
and a Traditional text without signs of a Taiwan conversion keeps its words.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import opencc

from services.normalizer.draft import Draft, Edit
from services.normalizer.signs import ANY_SIGN, MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters that only one script has and that every page of the genre holds in numbers.
_TRADITIONAL = "們來個時會對發動過說產種麼後經進與關當點從業還應開實現電體機學長門員總將組見計別運農區強決處車縣規範務監設議復審訴調訟證據體責衛報標準項鎮鄉際續陽辦築環錄導團歷屬積極優構單權嚴題變據條級層億萬無國東場華義網絡參與專費資財"
_SIMPLIFIED = "们来个时会对发动过说产种么后经进与关当点从业还应开实现电体机学长门员总将组见计别运农区强决处车县规范务监设议复审诉调讼证据责卫报标准项镇乡际续阳办筑环录导团历属积极优构单权严题变条级层亿万无国东场华义网络参专费资财"
TRADITIONAL_ONLY = "".join(sorted(set(_TRADITIONAL) - set(_SIMPLIFIED)))
_TRADITIONAL_SIGNS = frozenset(TRADITIONAL_ONLY)
_TRADITIONAL_ONLY = re.compile(f"[{TRADITIONAL_ONLY}]")
_SIMPLIFIED_ONLY = re.compile("[" + "".join(sorted(set(_SIMPLIFIED) - set(_TRADITIONAL))) + "]")
#: Evidence of a Taiwan conversion from which the reverse vocabulary is used: one word that tells alone, or two others.
ENOUGH_SIGNS = 2
#: Characters looked at to tell the script: some 400 of them speak for one script or the other.
SAMPLE_CHARACTERS = 3_000
_FIRST_SIGHT = 200


class Script(NamedTuple):
    """The script of a document and how sure it is, 0.5 … 1."""

    name: str  # "Hans" or "Hant"
    confidence: float


def _sample(text: str) -> str:
    """Three stretches, so that neither navigation nor a foreign footer decides."""
    third, length = len(text) // 3, SAMPLE_CHARACTERS // 3
    return "".join(text[at : at + length] for at in (third // 2, third + third // 2, 2 * third + third // 2))


def begins_traditional(text: str) -> bool:
    """Whether a Traditional character stands among the first ones, as on every page in Traditional characters."""
    return _TRADITIONAL_ONLY.search(text, 0, _FIRST_SIGHT) is not None


def detect_script(text: str, signs: frozenset[str] = ANY_SIGN) -> Script:
    """The script of `text` by the characters that only one of them has; a text without any is simplified.

    `signs` are those of TRADITIONAL_ONLY that the text has, where that is known.
    """
    sample = text if len(text) <= SAMPLE_CHARACTERS else _sample(text)
    traditional = 0 if signs.isdisjoint(_TRADITIONAL_SIGNS) else len(_TRADITIONAL_ONLY.findall(sample))
    if not traditional:  # how many of the others there are changes nothing then: no need to read on behind the first
        return Script("Hans", 1.0 if _SIMPLIFIED_ONLY.search(sample) else 0.5)
    simplified = len(_SIMPLIFIED_ONLY.findall(sample))
    share = traditional / (traditional + simplified)
    return Script("Hant", share) if share > 0.5 else Script("Hans", 1 - share)


@lru_cache(maxsize=2)
def _simplifier(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


def simplify(draft: Draft) -> tuple[Draft, list[Edit]]:
    """The draft in simplified characters, and the edits that changed its length. OpenCC keeps the length nearly always; where it does not, the clause in
    question is rewritten as a whole.

    Taiwan's variants (著力 for 着力) need tw2s and Hong Kong's (衞 for 衛) hk2s; on a text with neither both give what
    t2s gives (measured over 0.7 million characters: 7 against 6 that differ from the original).
    """
    convert = _simplifier("hk2s" if "衞" in draft.text else "tw2s").convert
    simplified = convert(draft.text)
    if len(simplified) == len(draft.text):
        return draft.with_text(simplified), []
    edits = []
    same: list[str] = []
    for clause in _CLAUSE.finditer(draft.text):
        written = convert(clause[0])
        if len(written) == len(clause[0]):
            same.append(written)
        else:
            same.append(clause[0])
            edits.append(Edit(clause.start(), clause.end(), written))
    return draft.with_text("".join(same)).edited(edits), edits


_CLAUSE = re.compile(r"[^，。；,;\n]{1,200}[，。；,;\n]?|[，。；,;\n]")


class Word(NamedTuple):
    """One entry of vocabulary.toml."""

    rule: str
    pattern: str
    after: str
    sign: int  # how much it tells of a Taiwan conversion: 2 alone, 1 beside another, 0 nothing
    doubt: bool  # a word that mainland reports use too
    yes: tuple[tuple[str, str], ...]
    no: tuple[str, ...]


@lru_cache(maxsize=1)
def vocabulary() -> tuple[Word, ...]:
    """The entries of vocabulary.toml, in file order."""
    table = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    return tuple(
        Word(rule, entry["pattern"], entry["after"], entry.get("sign", 0), entry.get("doubt", False),
             tuple((example["text"], example["after"]) for example in entry["yes"]), tuple(entry["no"]))
        for rule, entry in table.items()
    )  # fmt: skip


_LOOK_AROUND = re.compile(r"\(\?<?[=!](?:[^()]|\([^()]*\))*\)")
_GROUPING = re.compile(r"\(\?:|\)")
_PLAIN = re.compile("[一-龥]{2,8}")


class Reverser(NamedTuple):
    """The vocabulary, ready to be looked for.

    One alternation over all patterns costs 3.7 µs a character, looking for 93 plain strings first 0.1 µs, and 0.02
    where only those are looked for whose characters the text has.
    """

    words: tuple[tuple[Word, re.Pattern[str], tuple[tuple[str, frozenset[str]], ...]], ...]
    characters: re.Pattern[str]  # of all plain strings


@lru_cache(maxsize=1)
def _reverser() -> Reverser:
    """Each word with its pattern and the plain strings one of which any match begins with.

    Raises ValueError where an alternative is not a plain word between look-arounds.
    """
    words = tuple(
        (word, re.compile(word.pattern), tuple((part, frozenset(part)) for part in _plain_words(word)))
        for word in vocabulary()
    )
    characters = "".join(sorted({character for _, _, plain in words for part, _ in plain for character in part}))
    return Reverser(words, re.compile(f"[{characters}]"))


def _plain_words(word: Word) -> tuple[str, ...]:
    plain = sorted({*_GROUPING.sub("", _LOOK_AROUND.sub("", word.pattern)).split("|")} - {""})  # "": of look-behinds
    odd = [part for part in plain if not _PLAIN.fullmatch(part)]
    if odd:
        raise ValueError(f"vocabulary.toml: {word.rule}: {odd} are not plain words")
    return tuple(plain)


def _occurrences(part: str, text: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def restore_words(text: str) -> list[tuple[str, Edit]]:
    """Edits that put Taiwan vocabulary in simplified `text` back, each with its rule.

    None where the text shows less than ENOUGH_SIGNS of a Taiwan conversion, each word counted once.
    """
    found: list[tuple[Edit, Word]] = []
    counts: dict[str, int] = {}  # of each rule
    evidence = 0
    words, characters = _reverser()
    present = frozenset(characters.findall(text)) if len(text) <= MAX_CHARACTERS else ANY_SIGN
    for word, pattern, plain in words:
        spans = {
            match.span()
            for part, its_characters in plain
            if its_characters <= present
            for at in _occurrences(part, text)
            if (match := pattern.match(text, at))
        }
        if spans:
            found += [(Edit(start, end, word.after), word) for start, end in spans]
            counts[word.rule] = len(spans)
            evidence += word.sign
    if evidence < ENOUGH_SIGNS:
        return []
    trusted = {
        word.rule
        for word, *_ in words
        if word.rule in counts and (not word.doubt or 2 * text.count(word.after) <= counts[word.rule])
    }
    kept: list[tuple[str, Edit]] = []
    end = 0
    for edit, word in sorted(found, key=lambda entry: (entry[0].start, -entry[0].end)):
        if edit.start >= end:
            end = edit.end
            if word.rule in trusted:
                kept.append((f"vocabulary.{word.rule}", edit))
    return kept
