"""Which kind of document a page is, and how sure that is. The words are data: genre.toml."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from shared.events import Genre

#: Characters of the text that are looked through for the words of a genre.
_SAMPLE = 20_000
#: Characters in which a plan says that it is one, and news that they are.
_OPENING = 1_200
#: Characters from which on the length of a page says nothing against its being a report: under a title of the genre (the
#: shortest sample has 244), and without one.
_SHORTEST_TITLED, _SHORTEST = 200, 600
#: Words of a genre in a thousand characters beyond which more of them say nothing more.
_DENSE = 4
#: Below this score a page is no report.
_LEAST = 0.3


class TitleRule(NamedTuple):
    """One [[title]] of genre.toml."""

    genre: Genre
    pattern: re.Pattern[str]


class GenreRules(NamedTuple):
    """genre.toml, read."""

    titles: tuple[TitleRule, ...]
    words: dict[Genre, tuple[str, ...]]
    opening: tuple[str, ...]
    news: re.Pattern[str]


@lru_cache(maxsize=1)
def genre_rules() -> GenreRules:
    """The entries of genre.toml, in file order."""
    table = tomllib.loads(files(__package__).joinpath("genre.toml").read_text(encoding="utf-8"))
    return GenreRules(
        tuple(TitleRule(entry["genre"], re.compile(entry["pattern"])) for entry in table["title"]),
        {genre: tuple(words) for genre, words in table["words"].items()},
        tuple(word for entry in table["opening"] for word in entry["words"]),
        re.compile(table["news"]["pattern"]),
    )


def genre_of(title: str | None, text: str) -> tuple[Genre, float]:
    """The genre and a score, 0 … 1, from the title, the opening, and the words of the text per thousand characters."""
    rules = genre_rules()
    titled = next((rule.genre for rule in rules.titles if title and rule.pattern.search(title)), None)
    length = min(len(text) / (_SHORTEST_TITLED if titled else _SHORTEST), 1.0)
    genre, score = _scored(text[:_SAMPLE], titled)
    score *= length
    if titled == "other" or _is_foreign(title, titled, text):
        return "other", round(max(0.7, 1 - score), 3)
    return (genre, round(score, 3)) if score >= _LEAST else ("other", round(1 - score, 3))


def _scored(sample: str, titled: Genre | None) -> tuple[Genre, float]:
    """The genre with the best score, and that score: half for the title, half for words, all of that from `_DENSE` on.

    One word of the genre that the title names decides: then no other genre's words are counted (6 µs instead of 35).
    """
    words, characters = genre_rules().words, max(len(sample), 1000)
    if titled in words:
        own = _count(words[titled], sample, enough=_DENSE * characters / 1000)
        if own:
            return titled, min(own * 1000 / characters / _DENSE, 1.0) * 0.5 + 0.5
    density = {genre: sum(map(sample.count, listed)) * 1000 / characters for genre, listed in words.items()}
    scores = {genre: min(rate / _DENSE, 1.0) * 0.5 for genre, rate in density.items()}
    if titled in scores:
        scores[titled] += 0.5
    genre = max(scores, key=lambda name: (scores[name], density[name]))
    return genre, scores[genre]


def _count(words: tuple[str, ...], sample: str, *, enough: float) -> int:
    """How often the words stand in the sample; counted no further than `enough`."""
    count = 0
    for word in words:
        count += sample.count(word)
        if count >= enough:
            break
    return count


def _is_foreign(title: str | None, titled: Genre | None, text: str) -> bool:
    """Whether the opening has words that no report has.

    Not looked for under the title of a report (60 words take 0.1 ms), unless the title may be that of news.
    """
    if titled is not None and not genre_rules().news.search(title or ""):
        return False
    opening = text[:_OPENING]
    return sum(word in opening for word in genre_rules().opening) > (titled is not None)
