"""What made a fact: code, catalogue and dictionary, in one string."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from services.extractor.catalogue import load_catalogue
from services.extractor.words import segmenter
from shared import __version__

#: Where the files of rules stand; the catalogue has a version of its own.
_FOLDERS = ("", "rules/", "subjects/")


def rule_files() -> list[str]:
    """Every file of rules besides the catalogue, relative to the package; a word changed in one is another version."""
    package = files(__package__)
    return [
        *sorted(
            f"{folder}{file.name}"
            for folder in _FOLDERS
            for file in package.joinpath(folder).iterdir()
            if file.name.endswith(".toml")
        ),
        "words.txt",
    ]


@cache
def rule_version() -> str:
    """`code/catalogue/dictionary`, for example `0.1.0/3f2a…/rjieba-9c41…`."""
    digest = hashlib.sha256()
    for name in rule_files():
        digest.update(files(__package__).joinpath(name).read_bytes())
    return f"{__version__}/{load_catalogue().version}/{segmenter().name}-{digest.hexdigest()[:8]}"
