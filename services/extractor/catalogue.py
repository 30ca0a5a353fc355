"""The metric catalogue: what can be compared across reports, as data.

    catalogue/*.toml ──load_catalogue──▶ Catalogue (metrics, topics) ──mapping.py──▶ metric of a fact

One file a domain. A metric carries the contract (id, names, quantity, unit, definition, relations) and the patterns
that find it; each metric has examples that must map to it (`yes`) and examples that must not (`no`). `docs/metrics.md`
describes the language. A fault of a file is an error at load that names file, metric and field: nothing is skipped.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.events import Quantity

Words = tuple[Annotated[str, StringConstraints(min_length=1, max_length=24)], ...]

#: Measure words that count things one by one: the guide's family, and the classifiers of the genre that behave alike.
THINGS = frozenset("件份项个条起家户所期场次篇支部处座间宗例幅堂课节班类笔册本封单")
#: Units in which an amount of change is stated of things that are counted in another unit.
CHANGE_UNITS = ("%", "pp", "times")
#: Never merged with each other or with the things above: a metric names them where its definition says 人(次), 户(次).
_OWN_FAMILY = {"人", "人次", "户次", "件次", "家次", "批"}
_FAMILIES: dict[str, frozenset[str]] = {
    "things": THINGS,
    "duration": frozenset({"day", "workday", "hour", "minute", "month", "year"}),
    "area": frozenset({"m2", "ha", "mu", "km2"}),
    "concentration": frozenset({"ug/m3", "mg/m3"}),
}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pattern(_Entry):
    """One way in which reports speak of the metric. Words are literals; each list of words means "one of these"."""

    id: str
    own: Words = Field(min_length=1)  # in the words of the number itself: the key
    also: tuple[Words, ...] = ()  # each list: one of them in the words of the number too
    near: tuple[Words, ...] = ()  # each list: one of them in the sentence up to the number, or the clause that follows
    around: tuple[Words, ...] = ()  # each list: the same, or in the paragraph before it, or in the headings
    beside: tuple[str, ...] = ()  # one of these metrics was stated earlier in the sentence
    apart: tuple[str, ...] = ()  # nothing of these metrics or domains was stated earlier in the sentence
    topic: tuple[str, ...] = ()  # one of these topics is the one spoken of
    none: Words = ()  # not in the words of the number
    none_near: Words = ()  # not in the sentence up to the number
    none_next: Words = ()  # not in the clause that follows
    before: tuple[Words, ...] = ()  # each list: one of them in the clause before the number
    after: tuple[Words, ...] = ()  # each list: one of them in the clause after the number
    units: tuple[str, ...] = ()  # only these units, instead of the metric's family
    changes: bool = True  # whether a rate of change in percent can be one of this level
    rank: int = 0  # preferred over patterns of lower rank that fit too
    part: bool = False  # may be a part of what another domain counts: 复议案件45件,其中信息公开类2件
    reach: Literal["clause", "sentence"] = "clause"  # sentence: the key may stand in the clause that follows


class Metric(_Entry):
    """One comparable quantity. `unit` is the canonical unit, `units` what the definition allows beyond its family."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}(?:\.[a-z0-9_]{2,40}){1,2}$")]
    name_zh: str
    name_en: str
    quantity: Quantity
    unit: str
    units: tuple[str, ...] = ()
    definition: str
    relations: tuple[str, ...] = ()
    pattern: tuple[Pattern, ...] = Field(min_length=1)
    yes: tuple[str, ...] = Field(min_length=2)
    no: tuple[str, ...] = Field(min_length=2)

    @property
    def domain(self) -> str:
        return self.id.partition(".")[0]

    @property
    def accepts(self) -> frozenset[str]:
        """The written units that may map to this metric (guide, rule 7 of `metric`)."""
        return family(self.unit, self.quantity) | frozenset(self.units)


class Domain(_Entry):
    """One file: the topics and themes it adds, and its metrics."""

    domain: str
    title: str
    words: dict[str, Words] = Field(default_factory=dict)  # lists that several patterns of the file name as {list}
    topics: dict[str, Words] = Field(default_factory=dict)  # spoken of one at a time: the nearest hides the others
    themes: dict[str, Words] = Field(default_factory=dict)  # topics that hide nothing
    metric: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """`left` compared with `right`: a sum of ids, or a ratio of two in percent."""

    text: str
    left: str
    operator: Literal["=", "<=", ">="]
    right: tuple[str, ...]
    ratio: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.left, *self.right)


@dataclass(frozen=True)
class Catalogue:
    """All metrics by id, in the order of the files; `version` changes with any word of the data."""

    metrics: dict[str, Metric]
    topics: dict[str, Words]
    themes: dict[str, Words]
    relations: tuple[Relation, ...]
    version: str

    def domains(self) -> dict[str, list[Metric]]:
        grouped: dict[str, list[Metric]] = {}
        for metric in self.metrics.values():
            grouped.setdefault(metric.domain, []).append(metric)
        return grouped


class CatalogueError(ValueError):
    """The catalogue's data is wrong; the message names file and metric and says what to change."""


def family(unit: str, quantity: str) -> frozenset[str]:
    """The units that count as the same kind of thing as `unit`."""
    if quantity == "count" and unit not in _OWN_FAMILY:
        return _FAMILIES["things"]
    return _FAMILIES.get(quantity, frozenset({unit}))


_RELATION = re.compile(r"^\s{0,9}([a-z0-9_.]{3,99})\s{0,9}(<=|>=|=)\s{0,9}([a-z0-9_.+/ ]{3,900}?)\s{0,9}$")


def parse_relation(text: str) -> Relation:
    """`a = b + c`, `a <= b`, `r = a / b` (percent).

    Raises:
        CatalogueError: the text has another form.

    """
    match = _RELATION.match(text)
    if match is None:
        raise CatalogueError(f"relation {text!r}: write it as a = b + c, a <= b, a >= b + c or r = a / b")
    left, operator, right = match.groups()
    ratio = "/" in right
    parts = tuple(part.strip() for part in right.split("/" if ratio else "+"))
    if not all(parts) or (ratio and (len(parts) != 2 or operator != "=")):
        raise CatalogueError(f"relation {text!r}: a ratio has exactly two ids and =, a sum has ids joined by +")
    return Relation(text, left, operator, parts, ratio)  # type: ignore[arg-type]  # the pattern allows just these three


def build_catalogue(sources: Iterable[tuple[str, str]]) -> Catalogue:
    """A catalogue from (file name, TOML text) pairs.

    Raises:
        CatalogueError: any fault of the data, with the place where it stands.

    """
    metrics: dict[str, Metric] = {}
    topics: dict[str, Words] = {}
    themes: dict[str, Words] = {}
    digest = hashlib.sha256()
    for name, text in sources:
        digest.update(text.encode())
        domain = _read_domain(name, text)
        for added, known in ((domain.topics, topics), (domain.themes, themes)):
            for topic, words in added.items():
                if topic in topics or topic in themes:
                    raise CatalogueError(f"{name}: topic {topic!r} is defined twice; extend the first definition")
                known[topic] = words
        for metric in domain.metric:
            if metric.id in metrics:
                raise CatalogueError(f"{name}: metric {metric.id} is defined twice; remove one")
            if metric.domain != domain.domain:
                raise CatalogueError(f"{name}: metric {metric.id} belongs into the file of its domain {metric.domain}")
            metrics[metric.id] = metric
    relations = tuple(_relations(metrics))
    for fault in _faults(metrics, topics.keys() | themes.keys()):
        raise CatalogueError(fault)
    return Catalogue(metrics, topics, themes, relations, digest.hexdigest()[:12])


def _read_domain(name: str, text: str) -> Domain:
    try:
        content = tomllib.loads(text)
        return Domain.model_validate(_with_lists(content, content.get("words", {})))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: not TOML: {error}") from error
    except KeyError as error:
        raise CatalogueError(f"{name}: a pattern names the unknown list {error}; define it under [words]") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise CatalogueError(f"{name}: {_place(content, first['loc'])}: {first['msg']}") from error


def _place(node: Any, steps: Iterable[str | int]) -> str:
    """Where a fault stands, what has an id by its id: metric.legal_aid.cases.no."""
    names: list[str] = []
    for step in steps:
        if isinstance(step, int):
            node = node[step]
            names.append(node.get("id", str(step)) if isinstance(node, dict) else str(step))
        else:
            node = node.get(step, {})
            names.append(step)
    return ".".join(names)


def _with_lists(node: Any, lists: Mapping[str, list[str]]) -> Any:
    """`node` of a file with the words of a list where a pattern names it: none = ["{crime}", "咨询"].

    Raises:
        KeyError: there is no such list.

    """
    if isinstance(node, dict):
        return {key: _with_lists(entry, lists) for key, entry in node.items()}
    if not isinstance(node, list):
        return node
    written: list[Any] = []
    for entry in node:
        named = isinstance(entry, str) and entry.startswith("{")
        written += lists[entry[1:-1]] if named else [_with_lists(entry, lists)]
    return written


def _relations(metrics: dict[str, Metric]) -> Iterator[Relation]:
    for metric in metrics.values():
        for text in metric.relations:
            relation = parse_relation(text)
            for used in relation.ids:
                if used not in metrics:
                    raise CatalogueError(f"{metric.id}: relation {text!r} names the unknown metric {used}")
            yield relation


def _faults(metrics: dict[str, Metric], topics: AbstractSet[str]) -> Iterator[str]:
    for metric in metrics.values():
        rules = [pattern.id for pattern in metric.pattern]
        if len(set(rules)) != len(rules):
            yield f"{metric.id}: two patterns have the same id; pattern ids are unique within a metric"
        for pattern in metric.pattern:
            yield from _pattern_faults(metric, pattern, metrics, topics)
        for example in (*metric.yes, *metric.no):
            if example.count("【") != 1 or example.count("】") != 1:
                yield f"{metric.id}: example {example!r}: mark exactly one number as 【…】"


def _pattern_faults(
    metric: Metric, pattern: Pattern, metrics: dict[str, Metric], topics: AbstractSet[str]
) -> Iterator[str]:
    name = f"{metric.id}#{pattern.id}"
    for topic in pattern.topic:
        if topic not in topics:
            yield f"{name}: unknown topic {topic!r}; define it under [topics] or [themes]"
    domains = {known.domain for known in metrics.values()}
    for other in sorted(set(pattern.beside) - metrics.keys()):
        yield f"{name}: beside names the unknown metric {other}"
    for other in sorted(set(pattern.apart) - metrics.keys() - domains):
        yield f"{name}: apart names {other}, which is no metric and no domain"
    for unit in pattern.units:
        if unit not in metric.accepts and unit not in CHANGE_UNITS:
            yield f"{name}: unit {unit!r} is outside the metric's family; add it to the metric's units"
    for word in pattern.own:
        if word in pattern.none:
            yield f"{name}: {word!r} stands in own and in none, so the pattern can never fit with it"


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The catalogue that ships with the extractor; read once a process.

    Raises:
        CatalogueError: the installed files are damaged or were edited wrongly.

    """
    folder = resources.files("services.extractor").joinpath("catalogue")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return build_catalogue((entry.name, entry.read_text(encoding="utf-8")) for entry in files)
