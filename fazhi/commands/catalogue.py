"""`fazhi catalogue`: the metrics that can be compared, and how well their patterns do on pages of your own."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape

from fazhi.failure import NEGATIVE, wrong_use
from fazhi.options import AsJson
from shared.names import text_of

if TYPE_CHECKING:
    from services.extractor.catalogue import Catalogue, Metric

catalogue = App(
    name="catalogue",
    help="""The catalogue of metrics: what is compared across reports, and the patterns that find it.

Without a sub-command it prints the metrics by domain. `check` reads pages and shows which facts stayed without a metric and which patterns never fired, `test` runs the catalogue's own examples. How to add a metric: docs/metrics.md.""",
)

#: Unmapped facts and silent patterns that `check` shows; `--json` gives all.
_SHOWN = 40


@catalogue.default
def show(
    names: Annotated[
        list[str] | None, Parameter(name="NAME", help="Only these metrics or domains: ids, or words of a name.")
    ] = None,
    /,
    *,
    as_json: AsJson = False,
) -> int:
    """The metrics by domain: id, name, unit; with NAME also definition, relations and patterns.

    Words of a name, as 败诉, stand for all metrics that have them in their Chinese or English name.

    Exit status 0: printed. 2: a NAME is neither a metric nor a domain, and no name holds it.

    ```
    fazhi catalogue
    fazhi catalogue reconsideration litigation.loss_rate
    fazhi catalogue 出庭
    ```
    """
    known = _catalogue()
    chosen = list(_chosen(known, names)) if names else list(known.metrics.values())
    if as_json:
        _write([metric.model_dump(mode="json", exclude_defaults=True) for metric in chosen])
        return 0
    console = Console(highlight=False, soft_wrap=True)
    if names:
        for metric in chosen:
            _print_metric(console, metric)
        return 0
    for domain in known.domains().values():
        for metric in domain:
            # Plain columns: a table would cut ids where the terminal is narrow, and ids are there to be copied.
            console.print(f"{metric.id:<48} {metric.quantity:<13} {metric.unit:<8} {metric.name_zh}", markup=False)
    console.print(f"{len(known.metrics)} metrics, {len(known.relations)} relations, version {known.version}")
    return 0


@catalogue.command
def check(
    files: Annotated[list[Path], Parameter(name="FILE", help="Pages as crawled: HTML or text, any charset.")],
    /,
    *,
    as_json: AsJson = False,
) -> int:
    """What the patterns do on pages: facts that stayed without a metric, ties, and patterns that never fired.

    Exit status 0: all pages were read. 1: some were refused. 2: wrong use, and nothing was read.

    ```
    fazhi catalogue check crawl/*.html
    fazhi catalogue check crawl/*.html --json | jq '.unmapped[].quote'
    ```
    """
    _readable(files)
    seen = _Seen()
    for path in files:
        seen.read(path)
    silent = sorted(_rules(_catalogue()) - seen.fired.keys())
    if as_json:
        _write(
            {
                "facts": seen.facts,
                "mapped": seen.mapped,
                "unmapped": seen.unmapped,
                "fired": dict(seen.fired.most_common()),
                "silent": silent,
                "refused": seen.refused,
            }
        )
    else:
        _print_seen(seen, silent)
    return NEGATIVE if seen.refused else 0


@catalogue.command(name="test")
def run_examples(
    names: Annotated[list[str] | None, Parameter(name="NAME", help="Only these metrics or domains.")] = None,
    /,
) -> int:
    """Run the examples of the catalogue: every `yes` must map to its metric, no `no` may.

    Exit status 0: all examples hold. 1: some do not. 2: a NAME is neither a metric nor a domain.
    """
    from services.extractor.examples import map_example

    known = _catalogue()
    console = Console(highlight=False, soft_wrap=True)
    wrong = run = 0
    for metric in _chosen(known, names) if names else known.metrics.values():
        for wanted, examples in ((True, metric.yes), (False, metric.no)):
            for example in examples:
                run += 1
                fact = map_example(example)
                found = None if fact is None else fact.metric
                if (found == metric.id) is not wanted:
                    wrong += 1
                    side = "yes" if wanted else "no"
                    rule = "no fact is read there" if fact is None else f"{found} by {fact.metric_rule}"
                    console.print(f"{metric.id} {side}: {escape(example)} → {escape(rule)}")
    console.print(f"{run} examples, {wrong} wrong")
    return NEGATIVE if wrong else 0


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────


def _catalogue() -> Catalogue:
    from services.extractor.catalogue import CatalogueError, load_catalogue

    try:
        return load_catalogue()
    except CatalogueError as error:
        raise wrong_use(str(error), "docs/metrics.md says how the files of the catalogue are written") from error


def _chosen(known: Catalogue, names: list[str]) -> Iterator[Metric]:
    domains = known.domains()
    for name in names:
        if name in known.metrics:
            yield known.metrics[name]
        elif name in domains:
            yield from domains[name]
        elif named := [metric for metric in known.metrics.values() if name in metric.name_zh or name in metric.name_en]:
            yield from named
        else:
            raise wrong_use(
                f"{name} is neither a metric nor a domain, nor in the name of one", "fazhi catalogue lists them"
            )


def _rules(known: Catalogue) -> set[str]:
    return {f"{metric.id}#{pattern.id}" for metric in known.metrics.values() for pattern in metric.pattern}


def _print_metric(console: Console, metric: Metric) -> None:
    console.print(f"[bold]{metric.id}[/bold]  {escape(metric.name_zh)}  {metric.name_en}")
    console.print(
        f"  {metric.quantity} in {metric.unit}, also {' '.join(sorted(metric.accepts - {metric.unit})) or '—'}"
    )
    console.print(f"  {escape(metric.definition)}")
    for relation in metric.relations:
        console.print(f"  {relation}")
    for pattern in metric.pattern:
        said = pattern.model_dump(exclude_defaults=True, exclude={"id"})
        console.print(f"  #{pattern.id}  {escape(orjson.dumps(said).decode())}")


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Seen:
    """What the catalogue did on the pages read so far."""

    facts: int = 0
    mapped: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    unmapped: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)

    def read(self, path: Path) -> None:
        from fazhi.commands.extract import read_one

        result = read_one(path)
        if "refused" in result:
            self.refused.append({"file": text_of(path.name), "reason": str(result["refused"]["reason"])})
            return
        for fact in result["facts"]:
            self.facts += 1
            if fact["metric"] is None:
                kept = {name: fact[name] for name in ("quote", "number_text", "subject", "metric_rule")}
                self.unmapped.append({"file": text_of(path.name), **kept})
            else:
                self.mapped += 1
                self.fired[fact["metric_rule"]] += 1


def _readable(files: list[Path]) -> None:
    for path in files:
        if path.is_dir():
            raise wrong_use(f"{path} is a folder", f"name its files: fazhi catalogue check {path}/*")
        if not path.exists():
            raise wrong_use(f"{path} does not exist", "nothing was read")


def _print_seen(seen: _Seen, silent: list[str]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{seen.facts} facts, {seen.mapped} with a metric, {len(seen.unmapped)} without")
    for fact in seen.unmapped[:_SHOWN]:
        rule = f"  ({fact['metric_rule']})" if fact["metric_rule"] else ""
        console.print(f"  {fact['file']}: {escape(fact['quote'])}{escape(rule)}")
    if len(seen.unmapped) > _SHOWN:
        console.print(f"  the first {_SHOWN} of {len(seen.unmapped)}; --json gives all")
    console.print(f"{len(seen.fired)} patterns fired, {len(silent)} did not")
    for rule in silent[:_SHOWN]:
        console.print(f"  {rule}", style="dim")
    if len(silent) > _SHOWN:
        console.print(f"  the first {_SHOWN} of {len(silent)}; --json gives all")
    for page in seen.refused:
        console.print(f"{page['file']}: refused, {page['reason']}", markup=False)


def _write(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
