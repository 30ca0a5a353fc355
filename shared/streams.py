"""Every key on the server, from one function.

    intake ─ normalizer ─▶ normalized ─ sectioner ─▶ sectioned ─ extractor ─▶ extracted ─ sink ─▶ database
       └──────────────────────────┴───────── dead ─────────┴───────────────────────┘

With a shard the names carry it as a hash tag (`fazhi:{k}:intake`), so that every handoff stays in one slot of a
Redis Cluster; without one they are plain (`fazhi:intake`).
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "fazhi"
#: The work streams in the order of the pipeline.
WORK_STREAMS = ("intake", "normalized", "sectioned", "extracted")
#: The stage that consumes each stream; also the name of its consumer group.
STAGE_OF = {
    "intake": "normalizer",
    "normalized": "sectioner",
    "sectioned": "extractor",
    "extracted": "sink",
    "dead": "sink",
}


@dataclass(frozen=True)
class Keys:
    """All key names of one shard."""

    intake: str
    normalized: str
    sectioned: str
    extracted: str
    dead: str
    books: str  # hash: the terms of the books and their generation
    tokens: str  # prefix of the submission tokens

    def stream(self, name: str) -> str:
        """The key of a stream by its short name, for example `"intake"`."""
        if name not in STAGE_OF:
            raise KeyError(name)
        key: str = getattr(self, name)
        return key


def keys(shard: str | None = None) -> Keys:
    """The key names of `shard`, or the plain ones."""
    head = f"{PREFIX}:{{{shard}}}:" if shard else f"{PREFIX}:"
    return Keys(
        intake=head + "intake",
        normalized=head + "normalized",
        sectioned=head + "sectioned",
        extracted=head + "extracted",
        dead=head + "dead",
        books=head + "books",
        tokens=head + "token:",
    )
