"""What made a fact: code, catalogue and dictionary, in one string."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from services.extractor.catalogue import load_catalogue
from services.extractor.words import segmenter
from shared import __version__

#: Every file of patterns, by the name that `shared.rules.rules` takes.
RULE_FILES = (
    "rules/amounts",
    "rules/areas",
    "rules/change",
    "rules/checks",
    "rules/clauses",
    "rules/context",
    "rules/denials",
    "rules/modality",
    "rules/numbers",
    "rules/pairs",
    "rules/period",
    "rules/readings",
    "rules/scope",
    "rules/senses",
    "rules/tables",
    "subjects/patterns",
)
#: Every file of rules besides the catalogue; a word changed in one of them is another version.
_RULES = (
    "units.toml",
    "qualifiers.toml",
    "exclusions.toml",
    "subjects/words.toml",
    "words.txt",
    *(f"{name}.toml" for name in RULE_FILES),
)


@cache
def rule_version() -> str:
    """`code/catalogue/dictionary`, for example `0.1.0/3f2a…/rjieba-9c41…`."""
    digest = hashlib.sha256()
    for name in _RULES:
        digest.update(files(__package__).joinpath(name).read_bytes())
    return f"{__version__}/{load_catalogue().version}/{segmenter().name}-{digest.hexdigest()[:8]}"
