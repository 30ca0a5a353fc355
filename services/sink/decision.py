"""What a batch changes: which pages are one report now, under which number, and which reading it shows. Pure.

What the batch brings is known without asking, so the scene holds beside it only what stood before of the reports that
it touches (`standing.py`); what the decision says is written in `received.py` and `shown.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from services.sink.identity import PageKeys, Revision, Sighting, components, entry_order, revisions
from services.sink.projection import Projection
from services.sink.reading import Reading
from services.sink.review import Review

#: `made_at` of a reading, and its entry.
Making = tuple[float, str]


class Source(NamedTuple):
    """An entry that showed a page, as far as identity and the table of reports need it."""

    entry: str
    page: str
    address: str | None
    fetched_at: datetime
    url: str | None
    name: str | None


@dataclass
class Page:
    """A page as it stands in the database, or is to stand there."""

    page: str
    report: int | None = None
    reading: int | None = None
    content: str = ""
    signature: str = ""
    report_year: int | None = None
    block: str | None = None
    made: Making | None = None  # when its reading was made; None where it has none, or it was not asked for
    is_new: bool = False
    stood: tuple[Any, ...] = ()  # its values in the database

    def values(self) -> tuple[Any, ...]:
        """What the sink decides about it."""
        return self.report, self.reading, self.content, self.signature, self.report_year, self.block


#: Columns of `reports` that the set of sources decides, see `_report_values`.
SOURCE_COLUMNS = (
    "reading", "report_id", "content", "page", "url", "name", "sources", "revisions", "first_fetched_at",
    "last_fetched_at",
)  # fmt: skip


@dataclass
class Scene:
    """All that a decision looks at: pages, their sources and reviews, the reports that stand, the readings made now."""

    pages: dict[str, Page] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    reviews: dict[str, list[Review]] = field(default_factory=dict)
    shown: dict[int, int | None] = field(default_factory=dict)  # report → the reading it shows
    stood: dict[int, dict[str, Any]] = field(default_factory=dict)  # report → its SOURCE_COLUMNS in the database
    written: dict[int, Reading] = field(default_factory=dict)  # number → reading

    def adopt(self, number: int, reading: Reading) -> None:
        """Give a page its latest made reading; `number` is the one that was just written."""
        page = self.pages[reading.page]
        if page.reading not in {None, number} and page.made is not None and _later(page.made, reading):
            return
        report = reading.report
        page.reading, page.made = number, (reading.made_at, reading.entry)
        page.content, page.signature = report.report_id, report.signature
        page.report_year, page.block = report.document.report_year, reading.block
        self.written[number] = reading


def _later(made: Making, reading: Reading) -> bool:
    made_at, entry = made
    return (made_at, entry_order(entry)) > reading.making


@dataclass(eq=False)
class Plan:
    """One report as it is to be. `number` is None until a new one has got its own, `projection` until the rows are made
    of the reading, where they are not right already.
    """

    number: int | None
    is_new: bool
    group: frozenset[str]
    history: list[Revision]
    page: str  # the current one
    reading: int
    is_stale: bool  # the rows that are shown are not those of this reading
    reviews: list[Review]  # of all its pages, oldest first
    values: dict[str, Any]  # columns of `reports`
    is_changed: bool  # those that the sources decide are not what stands in the database
    projection: Projection | None = None


@dataclass
class Decision:
    """What the shown rows are to be. `gone`: reports whose pages all went to others."""

    plans: list[Plan]
    gone: set[int]

    @property
    def new(self) -> list[Plan]:
        """The reports that do not stand yet."""
        return [plan for plan in self.plans if plan.is_new]


def decide(scene: Scene) -> Decision:
    """Which pages are one report, and what each shows."""
    keys = [PageKeys(one.page, one.content, one.signature, one.report_year, one.block) for one in scene.pages.values()]
    sightings = [
        Sighting(one.fetched_at, entry_order(one.entry), one.entry, one.page, one.address)
        for one in scene.sources.values()
    ]
    by_page: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_page.setdefault(sighting.page, []).append(sighting)
    groups = sorted(
        (sorted(sighting for page in group for sighting in by_page[page]), group)
        for group in components(keys, sightings)
    )
    free = set(scene.shown)
    plans = []
    for seen, group in groups:
        plan = _plan(seen, group, scene, free)
        free.discard(plan.number or 0)
        plans.append(plan)
    return Decision(plans, free)


def _plan(sightings: Sequence[Sighting], group: frozenset[str], scene: Scene, free: Collection[int]) -> Plan:
    history = revisions(sightings, {page: scene.pages[page].content for page in group})
    current = next(revision for revision in history if revision.current)
    reading = scene.pages[current.page].reading
    if reading is None:
        raise LookupError(f"page {current.page} has no reading")
    number = _number_of(history, group, scene, free)
    values = {"reading": reading} | _report_values(history, current, sightings, scene.sources)
    return Plan(
        number=number,
        is_new=number is None,
        group=group,
        history=history,
        page=current.page,
        reading=reading,
        is_stale=reading in scene.written or scene.shown.get(number or 0) != reading,
        reviews=sorted((review for page in group for review in scene.reviews.get(page, ())), key=attrgetter("number")),
        values=values,
        is_changed=values != scene.stood.get(number or 0),
    )


def _number_of(history: Sequence[Revision], group: Collection[str], scene: Scene, free: Collection[int]) -> int | None:
    """The number this report keeps: that of its first page, else any of its pages' that no other report has kept."""
    first = scene.pages[history[0].page].report
    if first in free:
        return first
    numbers = (scene.pages[page].report for page in group)
    return min((number for number in numbers if number is not None and number in free), default=None)


def _report_values(
    history: Sequence[Revision],
    current: Revision,
    sightings: Sequence[Sighting],
    sources: Mapping[str, Source],
) -> dict[str, Any]:
    """Columns that the set of sources decides."""
    first = next(sighting for sighting in sightings if sighting.page == current.page)
    places = {(sighting.page, sighting.address or sources[sighting.entry].name) for sighting in sightings}
    return {
        "report_id": history[0].content,
        "content": current.content,
        "page": current.page,
        "url": sources[first.entry].url,
        "name": sources[first.entry].name,
        "sources": len(places),
        "revisions": len(history),
        "first_fetched_at": sightings[0].fetched_at,
        "last_fetched_at": sightings[-1].fetched_at,
    }
