"""Every key on the server, from one function.

    intake ─ normalizer ─▶ normalized ─ sectioner ─▶ sectioned ─ extractor ─▶ extracted ─ sink ─▶ database
       └──────────────────────────┴───────── dead ─────────┴───────────────────────┘

With a shard the names carry it as a hash tag (`fazhi:{k}:intake`), so that every handoff stays in one slot of a
Redis Cluster; without one they are plain (`fazhi:intake`).
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.events import DeadLetter, Event, ExtractedReport, NormalizedReport, RawReport, SectionedReport

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
    tokens: str  # prefix of the submission tokens, which crawlers write
    once: str  # prefix of what operators do at most once, which no crawler may write: replays, drops, reruns
    replays: str  # hash: intake entry that was sent again → the entry it was accepted as

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
        once=head + "once:",
        replays=head + "replays",
    )


@dataclass(frozen=True)
class Stream:
    """A stream by its short name, and the event on it."""

    name: str
    event: type[Event]

    @property
    def group(self) -> str:
        """Its consumer group: the stage that consumes it."""
        return STAGE_OF[self.name]


INTAKE = Stream("intake", RawReport)
NORMALIZED = Stream("normalized", NormalizedReport)
SECTIONED = Stream("sectioned", SectionedReport)
EXTRACTED = Stream("extracted", ExtractedReport)
DEAD = Stream("dead", DeadLetter)
#: The stages, in the order in which a page comes to them.
STAGES = tuple(dict.fromkeys(STAGE_OF.values()))
STREAMS = {stream.name: stream for stream in (INTAKE, NORMALIZED, SECTIONED, EXTRACTED, DEAD)}
