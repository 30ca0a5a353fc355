"""A column of words that are cut from a page when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from shared.alignment import Alignment
    from shared.events import Source


class Cuttings(Sequence[str | None]):
    """Stretches of a text as its source writes them, all of them cut when the first one is asked for. Whoever only packs
    or counts them needs their places alone.

    `starts`, `ends`: offsets in the text. An empty stretch is `empty`.
    """

    __slots__ = ("_words", "alignment", "empty", "ends", "source", "starts")

    def __init__(
        self,
        source: Source,
        alignment: Alignment,
        starts: Sequence[int],
        ends: Sequence[int],
        *,
        empty: str | None = "",
    ) -> None:
        self.source, self.alignment = source, alignment
        self.starts, self.ends = starts, ends
        self.empty = empty
        self._words: list[str | None] | None = None

    def _cut(self) -> list[str | None]:
        if self._words is None:
            source, markup = self.source.text, self.source.media_type == "text/html"
            words = self.alignment.locator().cut_each(source, self.starts, self.ends, markup=markup)
            self._words = [cutting or self.empty for cutting in words]
        return self._words

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, at: int) -> str | None: ...
    @overload
    def __getitem__(self, at: slice) -> list[str | None]: ...
    def __getitem__(self, at: int | slice) -> str | list[str | None] | None:
        return self._cut()[at]

    def __iter__(self) -> Iterator[str | None]:
        return iter(self._cut())
