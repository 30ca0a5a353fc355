"""Cutting words: one interface, two engines.

`rjieba` is jieba's algorithm and dictionary in compiled form, about twenty times as fast; `jieba` is the reference and
the fall-back where no compiled wheel exists. Both get the domain dictionary (`words.txt`). Numbers are read before
words are cut, and only the clauses that hold an amount are cut at all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Protocol

from shared.rules import rules

#: Tags of jieba's dictionary for verbs; vn (verbal noun) and vd are none.
_VERB_TAGS = frozenset({"v", "vi", "vg", "vq"})
#: Distinct words whose tag is kept; the genre uses some thousands.
_KNOWN_VERBS = 20_000
_BRACKETED_PLACE = rules("services.extractor", "rules/clauses").pattern("bracketed_place")


class Segmenter(Protocol):
    """Cuts a text into words; joined, they give the text back."""

    name: str

    def cut(self, text: str) -> list[str]:
        """The words of `text`, in order."""

    def is_verb(self, word: str) -> bool:
        """Whether the dictionary knows `word` as a verb first of all (受训, 移出), not as a verbal noun (培训)."""


class _Compiled:
    name = "rjieba"

    def __init__(self) -> None:
        import rjieba  # noqa: PLC0415 - optional engine, loaded in the extractor's child only

        self._engine = rjieba.Jieba()
        for word, frequency in domain_words():
            self._engine.add_word(word, frequency, "n")

    def cut(self, text: str) -> list[str]:
        return _cut(self._engine.cut, text)

    @lru_cache(maxsize=_KNOWN_VERBS)  # noqa: B019 - one segmenter a process, kept as long as the process
    def is_verb(self, word: str) -> bool:
        return self._engine.tag(word)[0][1] in _VERB_TAGS


class _Reference:
    name = "jieba"

    def __init__(self) -> None:
        import jieba  # type: ignore[import-untyped] # noqa: PLC0415 - 113 MB of dictionary, loaded in the extractor's child only

        self._engine = jieba.Tokenizer()
        # jieba pickles its dictionary into the shared temporary folder by default; anyone could put a pickle there.
        self._cache = tempfile.TemporaryDirectory(prefix="fazhi-jieba-")
        self._engine.tmp_dir = self._cache.name
        self._tags: Any = None
        for word, frequency in domain_words():
            self._engine.add_word(word, frequency, "n")

    def cut(self, text: str) -> list[str]:
        return _cut(self._engine.lcut, text)

    @lru_cache(maxsize=_KNOWN_VERBS)  # noqa: B019 - one segmenter a process, kept as long as the process
    def is_verb(self, word: str) -> bool:
        if self._tags is None:
            import jieba.posseg  # type: ignore[import-untyped] # noqa: PLC0415 - a second dictionary, wanted for single words only

            jieba.posseg.dt.tmp_dir = self._cache.name
            self._tags = jieba.posseg.dt
            self._tags.load_word_tag(self._tags.tokenizer.get_dict_file())
        return self._tags.word_tag_tab.get(word, "x") in _VERB_TAGS


def _cut(engine: Callable[[str], list[str]], text: str) -> list[str]:
    """The words of `text`; 村(社区) is one, which no engine knows, because it cuts at brackets first."""
    if "(" not in text:
        return engine(text)
    words: list[str] = []
    end = 0
    for place in _BRACKETED_PLACE.finditer(text):
        words += [*engine(text[end : place.start()]), place.group()]
        end = place.end()
    return words + engine(text[end:])


@cache
def domain_words() -> tuple[tuple[str, int], ...]:
    """The words of the field that the general dictionary cuts apart, with their frequencies."""
    lines = files(__package__).joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    return tuple((line.strip(), 20_000) for line in lines if line.strip() and not line.startswith("#"))


@cache
def segmenter(engine: str | None = None) -> Segmenter:
    """The engine by name ("rjieba", "jieba"); without one the compiled engine where it is installed, else jieba."""
    if engine == "jieba":
        return _Reference()
    if engine not in (None, "rjieba"):
        raise ValueError(f"unknown segmenter {engine!r}: use rjieba or jieba")
    try:
        return _Compiled()
    except ImportError:
        if engine is not None:
            raise
        return _Reference()
