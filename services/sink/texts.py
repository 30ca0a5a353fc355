"""Text in a form that both databases can hold."""

from __future__ import annotations

from collections.abc import Iterable

_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


def storable(text: str) -> str:
    """`text` without what PostgreSQL's text cannot hold: NUL and lone surrogates become U+FFFD."""
    return text if is_storable(text) else text.replace("\0", "\N{REPLACEMENT CHARACTER}").translate(_SURROGATES)


def storable_each(texts: Iterable[str | None]) -> list[str | None]:
    """Each of them `storable`."""
    return [None if text is None else storable(text) for text in texts]


def storable_or_none(text: str | None) -> str | None:
    """`storable`, where there is a text."""
    return None if text is None else storable(text)


def is_storable(text: str) -> bool:
    """Whether both databases hold it as it is."""
    if "\0" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False
