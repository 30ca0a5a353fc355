"""Plots as SVG that stands in the page itself. Colours come from the style sheet, so they follow light and dark, and
nothing in them runs: the library's own style and script are cut away, which the content security policy would refuse.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pygal  # type: ignore[import-untyped]

#: Lines a plot; more cannot be told apart.
MAX_LINES = 8
_BINS = 12
_SIZE = {"width": 640, "height": 320}
#: Names beside each other in a legend, and what a row of them takes.
_LEGEND_COLUMNS = 3
_LEGEND_ROW = 24
_DEFS = re.compile(r"<defs>.*?</defs>", re.DOTALL)
_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
_TOOLTIP = re.compile(r'<g transform="[^"]*" class="plot tooltip-overlay">.*?</g></g>', re.DOTALL)
_STYLE = re.compile(r' style="[^"]*"')


@dataclass(frozen=True)
class Point:
    """One value of a line, with the address of its words."""

    value: float
    link: str | None = None


def _options(**more: Any) -> dict[str, Any]:
    return {
        **_SIZE, "css": (), "js": (), "disable_xml_declaration": True, "no_prefix": True, "show_legend": False,
        "margin": 8, "allow_interruptions": True, "dots_size": 5, "stroke": True, "formatter": _figure, **more,
    }  # fmt: skip


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    for size, sign in ((1e8, "亿"), (1e4, "万")):
        if abs(value) >= size:
            return f"{value / size:.4g}{sign}"
    return f"{value:.4g}"


def lines(title: str, years: Sequence[int], series: Mapping[str, Sequence[Point | None]]) -> str:
    """One line a place over the years; a year that is not stated leaves a gap. At most MAX_LINES are drawn."""
    shown = list(series.items())[:MAX_LINES]
    many = len(shown) > 1
    chart = pygal.Line(
        **_options(
            show_legend=many, legend_at_bottom=True, legend_at_bottom_columns=_LEGEND_COLUMNS, truncate_legend=12
        )
    )
    chart.x_labels = [str(year) for year in years]
    known = [point.value for _, points in shown for point in points if point is not None]
    if known and min(known) >= 0:
        chart.range = (0, max(known) or 1)  # from zero: a cut axis makes small changes look large
    for name, points in shown:
        chart.add(name, [_point(point) for point in points])
    drawn = chart.render(is_unicode=True)
    return _clean(_with_legend(drawn) if many else drawn, title)


def _with_legend(svg: str) -> str:
    """The drawing made higher by one row: the library leaves room for all rows of the legend but the last."""
    size = 'viewBox="0 0 {width} {height}"'
    higher = size.format(width=_SIZE["width"], height=_SIZE["height"] + _LEGEND_ROW)
    return svg.replace(size.format(**_SIZE), higher, 1)


def _point(point: Point | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {"value": point.value} | ({"xlink": {"href": point.link, "target": "_self"}} if point.link else {})


def histogram(title: str, values: Sequence[float]) -> str:
    """How many values lie in each of up to twelve equal steps."""
    low, high = min(values), max(values)
    if low == high:
        edges = [low, low + 1]
    else:
        step = _round_step((high - low) / _BINS)
        first = math.floor(low / step) * step
        edges = [first + k * step for k in range(math.floor((high - first) / step) + 2)]
    if all(float(value).is_integer() for value in values) and len(edges) > high - low + 2:
        edges = [low + k for k in range(int(high - low) + 2)]
    counts = [0] * (len(edges) - 1)
    for value in values:
        at = min(len(counts) - 1, max(0, int((value - edges[0]) / (edges[1] - edges[0]))))
        counts[at] += 1
    chart = pygal.Bar(**_options(range=(0, max(counts)), spacing=2, y_labels=_count_labels(max(counts))))
    chart.x_labels = [_figure(edge) for edge in edges[:-1]]
    chart.add("", counts)
    return _clean(chart.render(is_unicode=True), title)


def _count_labels(most: int) -> list[int]:
    """Whole numbers for an axis that counts."""
    step = max(1, round(_round_step(most / 6)))
    return [*range(0, most + 1, step)]


def _round_step(rough: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ."""
    size: float = 10.0 ** math.floor(math.log10(rough))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)


def _clean(svg: str, title: str) -> str:
    for pattern in (_DEFS, _COMMENTS, _TOOLTIP, _STYLE):
        svg = pattern.sub("", svg)
    svg = svg.replace("<title>Pygal</title>", "")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1).replace(' id=""', "", 1)
