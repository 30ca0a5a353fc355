"""The plots of docs/performance.md, from the raw figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

_INK, _ACCENT, _SOFT = "#334155", "#2563eb", "#94a3b8"


def draw(found: dict[str, Any], folder: Path) -> None:
    """One picture for each measure that is there."""
    plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 110,
                         "svg.hashsalt": "fazhi"})  # fmt: skip
    for name, picture in (
        ("stages", _stages),
        ("length", _length),
        ("cost", _cost),
        ("sink", _sink),
        ("peers", _peers),
        ("backlog", _backlog),
    ):
        if name in found:
            figure = picture(found[name]["figures"])
            figure.tight_layout()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)


def _stages(figures: dict[str, Any]) -> Any:
    speeds = figures["standard reports"]["characters_per_second"]
    names = sorted(speeds, key=speeds.get)
    figure, axes = plt.subplots(figsize=(7.5, 3.6))
    ours = {"normalizer", "sectioner", "extractor", "all three"}
    bars = axes.barh(
        names, [speeds[name] for name in names], color=[_ACCENT if name in ours else _SOFT for name in names]
    )
    axes.bar_label(bars, [f"{speeds[name] / 1e6:.2f} M" for name in names], padding=4)
    axes.set_xscale("log")
    axes.set_xlabel("characters a second on one core (log)")
    axes.set_title("Stages (blue) beside others over the same text")
    return figure


def _length(figures: dict[str, Any]) -> Any:
    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    for name, spent in figures["milliseconds"].items():
        exponent = figures["fit"][name]["exponent"]
        axes.plot(figures["characters"], spent, marker="o", label=f"{name} (exponent {exponent:.2f})")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("characters")
    axes.set_ylabel("milliseconds")
    axes.legend(frameon=False)
    axes.set_title("Cost against length")
    return figure


def _cost(figures: dict[str, Any]) -> Any:
    spent = figures["milliseconds_per_report"]
    offline = figures["offline_milliseconds_per_report"]
    figure, axes = plt.subplots(figsize=(7.5, 3.2))
    left = 0.0
    parts = [(f"function: {name}", value, _SOFT) for name, value in offline.items()]
    colours = ["#1d4ed8", "#2563eb", "#3b82f6", "#60a5fa"]
    parts += [(name, value, colours[k % 4]) for k, (name, value) in enumerate(figures["of_which"].items())]
    for name, value, colour in parts:
        axes.barh([0], [value], left=left, color=colour, edgecolor="white", label=f"{name}: {value:.2f} ms")
        left += value
    axes.set_yticks([])
    axes.set_xlabel("processor milliseconds a report (7,000 characters)")
    axes.set_title(f"Where {sum(spent.values()):.1f} ms go: the functions (grey) and the pipeline (blue)")
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.25), ncol=2)
    return figure


def _sink(figures: dict[str, Any]) -> Any:
    figure, panels = plt.subplots(1, len(figures), figsize=(8.5, 3.4), sharey=True)
    for axes, (database, spent) in zip(panels, figures.items(), strict=True):
        sizes = [name for name in spent if name.startswith("batches of ")]
        names = [name.removeprefix("batches of ").removesuffix(", ms") for name in sizes]
        below = [0.0] * len(sizes)
        for label, values, colour in (
            ("reading the event", [spent["reading the event, ms"]] * len(sizes), _SOFT),
            ("sink", [spent[size]["sink"] for size in sizes], _ACCENT),
            ("database server", [spent[size]["server"] for size in sizes], _INK),
        ):
            axes.bar(names, values, bottom=below, color=colour, label=label)
            below = [under + value for under, value in zip(below, values, strict=True)]
        axes.set_title(database)
        axes.set_xlabel("reports a batch")
    panels[0].set_ylabel("processor ms a report")
    panels[0].legend(frameon=False, fontsize=8)
    return figure


def _peers(figures: dict[str, Any]) -> Any:
    figure, panels = plt.subplots(1, 2, figsize=(8.5, 3.4))
    for axes, (title, rows) in zip(panels, figures.items(), strict=True):
        names = [name for name in ("celery", "taskiq", "fazhi") if "reports_per_processor_second" in rows.get(name, {})]
        values = [rows[name]["reports_per_processor_second"] for name in names]
        bars = axes.bar(names, values, color=[_ACCENT if name == "fazhi" else _SOFT for name in names])
        axes.bar_label(bars, [f"{value:.0f}" for value in values])
        axes.set_title(title)
        axes.set_ylabel("reports a processor second")
    return figure


def _backlog(figures: dict[str, Any]) -> Any:
    sizes = [int(size) for size in figures]
    figure, axes = plt.subplots(figsize=(7.5, 3.2))
    for name, label, colour in (
        ("worker_processor_ms_per_report", "worker and child", _ACCENT),
        ("server_processor_ms_per_report", "server", _INK),
    ):
        axes.plot(sizes, [figures[str(size)][name] for size in sizes], marker="o", color=colour, label=label)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("entries waiting")
    axes.set_ylabel("processor ms a report")
    axes.legend(frameon=False)
    axes.set_title("One normalizer against its backlog")
    return figure
