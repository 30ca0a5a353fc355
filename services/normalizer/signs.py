"""Which of the signs that some step looks for a page has: one look tells which steps have something to do.

Most pages of plain text have few of them. One search for all takes 4 µs for 1,500 characters, a search a step takes 40.
"""

from __future__ import annotations

import re

#: In a longer text the steps look for themselves: the signs of one of ten million blanks would fill 80 MB.
MAX_CHARACTERS = 200_000
_ANY = "".join(map(chr, range(0x10000)))
#: What stands for the signs of a text that nobody has looked through.
ANY_SIGN = frozenset(_ANY)


def members(signs: str) -> frozenset[str]:
    """The signs of a class as it stands in a pattern: `0-9A-Z`."""
    return frozenset(re.findall(f"[{signs}]", _ANY))


class Noted:
    """The signs that are looked for, given as classes."""

    __slots__ = ("_pattern",)

    def __init__(self, *classes: str) -> None:
        self._pattern = re.compile(f"[{''.join(classes)}]")

    def of(self, text: str) -> frozenset[str]:
        """Those that `text` has; any sign where the text is longer than MAX_CHARACTERS."""
        return frozenset(self._pattern.findall(text)) if len(text) <= MAX_CHARACTERS else ANY_SIGN
