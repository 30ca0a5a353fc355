"""The words of the page, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

LANGUAGES = ("zh", "en")


def load_words() -> dict[str, Mapping[str, str]]:
    """Language → name → word. Raises ValueError where the two languages do not have the same names."""
    words: dict[str, dict[str, str]] = tomllib.loads(
        files("services.sink.web").joinpath("words.toml").read_text(encoding="utf-8")
    )
    missing = set(words["zh"]) ^ set(words["en"])
    if missing:
        raise ValueError(f"words.toml has these in one language only: {', '.join(sorted(missing))}")
    return dict(words)


def preferred(asked: str | None, remembered: str | None, accepted: str) -> str:
    """The language to answer in: what the link asks, what the browser remembers, what it accepts, else Chinese."""
    for choice in (asked, remembered):
        if choice in LANGUAGES:
            return choice
    for part in accepted.lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in LANGUAGES:
            return code
    return "zh"
