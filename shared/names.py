"""Names of files as text."""

from __future__ import annotations

import os
from pathlib import PurePath


def text_of(path: PurePath | str) -> str:
    r"""A path as text that any encoder takes.

    Bytes that are no UTF-8 are read as GB18030, in which archives of Chinese systems name their files; what is neither is
    given as `\xNN`.
    """
    name = os.fsencode(path)
    for charset in ("utf-8", "gb18030"):
        try:
            return name.decode(charset)
        except UnicodeDecodeError:
            continue
    return name.decode(errors="backslashreplace")
