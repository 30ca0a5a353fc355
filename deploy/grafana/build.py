"""Writes the Grafana dashboards (`deploy/grafana/dashboards/*.json`) from the lists below.

    python deploy/grafana/build.py            write them
    python deploy/grafana/build.py --check    exit 1 where a file is not what the lists say

One dashboard answers one kind of question; from left to right the panels follow a report from intake to database.
Every panel has a title that asks, a description, a unit. The data source is a variable, so that the files work in
any Grafana; rates use $__rate_interval.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLUMNS = 24  # a dashboard's width, by Grafana
STAGES = ("normalizer", "sectioner", "extractor", "sink")
SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True)
class Panel:
    """One panel. `queries` are (PromQL, legend); `width` of COLUMNS, `height` of 30-pixel rows."""

    title: str
    description: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    width: int = 8
    height: int = 8
    stacked: bool = False
    thresholds: tuple[tuple[float | None, str], ...] = ((None, "green"),)


def rate(metric: str, by: str, where: str = "", factor: str = "") -> str:
    """The rate of a counter, added up by labels."""
    selector = f"{{{where}}}" if where else ""
    return f"sum by ({by}) (rate({metric}{selector}[$__rate_interval])){factor}"


def quantile(share: float, metric: str, by: str, where: str = "") -> str:
    """A quantile of a histogram by labels."""
    selector = f"{{{where}}}" if where else ""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket{selector}[$__rate_interval])))"


BAD_ABOVE_ZERO = ((None, "green"), (1, "red"))

OVERVIEW = [
    Panel(
        "How many reports came in?",
        "Entries accepted on the intake stream since the books began.",
        "short",
        (('fazhi_books_entries{term="accepted"}', "accepted"),),
        "stat",
        4,
        4,
    ),
    Panel(
        "How many are stored?",
        "Entries whose facts are committed in the database.",
        "short",
        (('fazhi_books_entries{term="stored"}', "stored"),),
        "stat",
        4,
        4,
    ),
    Panel(
        "How many are under way?",
        "Entries waiting on a stream or in work.",
        "short",
        (('sum(fazhi_books_entries{term=~"waiting|in_work"})', "under way"),),
        "stat",
        4,
        4,
    ),
    Panel(
        "How many died?",
        "Dead letters: entries that a stage could not finish.",
        "short",
        (('fazhi_books_entries{term="dead"}', "dead"),),
        "stat",
        4,
        4,
    ),
    Panel(
        "Do the books balance?",
        "Accepted less stored, waiting, in work, dead and dropped. Anything but 0 is a fault.",
        "short",
        (("fazhi_books_difference_entries", "difference"),),
        "stat",
        4,
        4,
        thresholds=BAD_ABOVE_ZERO,
    ),
    Panel(
        "How many are late?",
        "Share of reports that took longer than 60 s from acceptance to their end. Objective: 1 %.",
        "percentunit",
        (("fazhi:late:ratio5m", "late"),),
        "stat",
        4,
        4,
        thresholds=((None, "green"), (0.01, "orange"), (0.144, "red")),
    ),
    Panel(
        "How fast is each stage?",
        "Reports a second that each stage finished, from intake to database.",
        "reqps",
        ((rate("fazhi_reports_total", "stage", 'outcome="done"'), "{{stage}}"),),
        width=12,
    ),
    Panel(
        "What waits where?",
        "Entries waiting on each stream: the stage behind the longest one is the bottleneck.",
        "short",
        (("sum by (stream) (fazhi_stream_waiting_entries)", "{{stream}}"),),
        width=12,
        stacked=True,
    ),
    Panel(
        "How old is what waits?",
        "Age of the oldest entry on each stream that no worker has read.",
        "s",
        (("max by (stream) (fazhi_stream_oldest_waiting_seconds)", "{{stream}}"),),
    ),
    Panel(
        "How long from acceptance to the end?",
        "Seconds from acceptance to stored or dead.",
        "s",
        (
            (quantile(0.5, "fazhi_age_seconds", "stage", 'stage="sink"'), "half"),
            (quantile(0.99, "fazhi_age_seconds", "stage", 'stage="sink"'), "99 of 100"),
        ),
    ),
    Panel(
        "What goes wrong?",
        "Reports a second by outcome, without those that went well.",
        "reqps",
        ((rate("fazhi_reports_total", "stage, outcome", 'outcome!="done"'), "{{stage}} {{outcome}}"),),
    ),
    Panel(
        "Who is at work?",
        "Workers alive by stage, seen from the server.",
        "short",
        (('sum by (stage) (fazhi_stream_consumers{state="alive"})', "{{stage}}"),),
    ),
    Panel(
        "How much work is left?",
        "Seconds of one worker's time to empty each stream; divide by the workers.",
        "s",
        (("sum by (stage) (fazhi_stream_work_left_seconds)", "{{stage}}"),),
    ),
    Panel(
        "What do the books say?",
        "Every term: accepted = stored + waiting + in work + dead + dropped.",
        "short",
        (("fazhi_books_entries", "{{term}}"),),
    ),
]


def stage_page(stage: str) -> list[Panel]:
    """The questions asked of one stage: rate, errors, duration, then causes."""
    here = f'stage="{stage}"'
    panels = [
        Panel(
            "How fast?",
            "Reports a second, all workers together.",
            "reqps",
            ((rate("fazhi_reports_total", "stage", f'{here},outcome="done"'), "done"),),
        ),
        Panel(
            "How fast is each worker?",
            "Reports a second by worker: an even share is healthy.",
            "reqps",
            ((rate("fazhi_reports_total", "instance", f'{here},outcome="done"'), "{{instance}}"),),
        ),
        Panel(
            "What goes wrong?",
            "Reports a second by outcome, without those that went well.",
            "reqps",
            ((rate("fazhi_reports_total", "outcome", f'{here},outcome!="done"'), "{{outcome}}"),),
        ),
        Panel(
            "How long does one report take?",
            "Seconds of work on one report.",
            "s",
            (
                (quantile(0.5, "fazhi_work_seconds", "stage", here), "half"),
                (quantile(0.95, "fazhi_work_seconds", "stage", here), "95 of 100"),
                (quantile(0.99, "fazhi_work_seconds", "stage", here), "99 of 100"),
            ),
        ),
        Panel(
            "How old are reports when they leave?",
            "Seconds from acceptance to the end of this stage.",
            "s",
            (
                (quantile(0.5, "fazhi_age_seconds", "stage", here), "half"),
                (quantile(0.99, "fazhi_age_seconds", "stage", here), "99 of 100"),
            ),
        ),
        Panel(
            "What waits, what is in work?",
            "Entries on the stream that this stage takes from.",
            "short",
            (
                (f"sum by (stage) (fazhi_stream_waiting_entries{{{here}}})", "waiting"),
                (f"sum by (stage) (fazhi_stream_in_work_entries{{{here}}})", "in work"),
            ),
        ),
        Panel(
            "How old is the oldest?",
            "Oldest waiting and oldest pending entry.",
            "s",
            (
                (f"max by (stage) (fazhi_stream_oldest_waiting_seconds{{{here}}})", "waiting"),
                (f"max by (stage) (fazhi_stream_oldest_pending_seconds{{{here}}})", "in work"),
            ),
        ),
        Panel(
            "Does it come back?",
            "Entries delivered again, taken over from dead workers, vanished; handoffs that failed.",
            "reqps",
            (
                (rate("fazhi_redeliveries_total", "stage", here), "delivered again"),
                (rate("fazhi_reclaimed_total", "stage", here), "taken over"),
                (rate("fazhi_vanished_total", "stage", here), "vanished"),
                (rate("fazhi_handoff_failures_total", "stage", here), "handoff failed"),
            ),
        ),
        Panel(
            "Is it able to work?",
            "Workers ready and workers paused for lack of room on the next stream.",
            "short",
            (
                (f"sum by (stage) (fazhi_ready{{{here}}})", "ready"),
                (f"sum by (stage) (fazhi_paused{{{here}}})", "paused"),
            ),
        ),
        Panel(
            "How many characters?",
            "Characters of text a second.",
            "short",
            ((rate("fazhi_characters_total", "stage", here), "characters"),),
        ),
        Panel(
            "Are children replaced?",
            "Child processes that broke a limit of time or memory, or died.",
            "short",
            ((f"sum by (stage) (increase(fazhi_child_restarts_total{{{here}}}[$__rate_interval]))", "replaced"),),
        ),
    ]
    if stage == "extractor":
        panels += [
            Panel(
                "What is it about?",
                "Facts a second by domain of their metric; none: facts without one.",
                "short",
                ((rate("fazhi_facts_total", "domain", here), "{{domain}}"),),
                stacked=True,
            ),
            Panel(
                "What does no rule decide?",
                "Numerals a second that no rule took or left.",
                "short",
                ((rate("fazhi_undecided_numerals_total", "stage", here), "undecided"),),
            ),
        ]
    return panels


BROKER = [
    Panel(
        "How much memory?",
        "Memory of the server and its limit; at the limit it refuses new pages.",
        "bytes",
        (("fazhi_server_memory_bytes", "used"), ("fazhi_server_memory_limit_bytes", "limit")),
    ),
    Panel(
        "Which stream is large?",
        "Memory of each stream on the server; one that grows is behind.",
        "bytes",
        (("sum by (stream) (fazhi_stream_size_bytes)", "{{stream}}"),),
        stacked=True,
    ),
    Panel(
        "Is what was accepted on disk?",
        "1 while the append-only file is on and its last write went well.",
        "short",
        (("fazhi_server_append_only", "durable"),),
        "stat",
        thresholds=((None, "red"), (1, "green")),
    ),
    Panel(
        "Who listens?",
        "Consumers by group, alive and gone.",
        "short",
        (("sum by (stage, state) (fazhi_stream_consumers)", "{{stage}} {{state}}"),),
    ),
    Panel(
        "Is anything delivered again and again?",
        "Most deliveries of one entry in work, by stream.",
        "short",
        (("max by (stream) (fazhi_stream_most_deliveries)", "{{stream}}"),),
    ),
    Panel(
        "Is the server reachable?",
        "1 while the monitor can read the server, and the database.",
        "short",
        (("fazhi_server_up", "server"), ("fazhi_database_up", "database")),
    ),
]

QUALITY = [
    Panel(
        "Which crawler breaks?",
        "Share of the last hour's reports that died, by source.",
        "percentunit",
        (("fazhi_quality_dead_ratio", "{{source}}"),),
        width=12,
    ),
    Panel(
        "Are there facts?",
        "Facts for every 1,000 characters, by source. Real reports hold 4 to 15.",
        "short",
        (("fazhi_quality_facts_per_1000_characters", "{{source}}"),),
        width=12,
    ),
    Panel(
        "How many facts have a metric?",
        "Share of facts with a canonical metric, by source.",
        "percentunit",
        (("fazhi_quality_mapped_ratio", "{{source}}"),),
    ),
    Panel(
        "What does no rule decide?",
        "Share of numerals that no rule took or left, by source.",
        "percentunit",
        (("fazhi_quality_undecided_numerals_ratio", "{{source}}"),),
    ),
    Panel(
        "Is the arithmetic right?",
        "Share of checks that do not hold, by source.",
        "percentunit",
        (("fazhi_quality_failed_checks_ratio", "{{source}}"),),
    ),
    Panel(
        "Is the numbering whole?",
        "Repairs of heading numbers a report, by source.",
        "short",
        (("fazhi_quality_repairs_per_report", "{{source}}"),),
    ),
    Panel(
        "Which scripts?",
        "Reports of the last hour by script.",
        "short",
        (("fazhi_quality_script_reports", "{{script}}"),),
        stacked=True,
    ),
    Panel(
        "Which charsets?",
        "Reports of the last hour by charset.",
        "short",
        (("fazhi_quality_charset_reports", "{{charset}}"),),
        stacked=True,
    ),
]

DEAD = [
    Panel(
        "What kills reports?",
        "Dead letters kept, by stage and reason.",
        "short",
        (("sum by (stage, reason) (fazhi_dead_letters) > 0", "{{stage}} {{reason}}"),),
        "bargauge",
        12,
    ),
    Panel(
        "When did they die?",
        "Dead letters a second by reason.",
        "reqps",
        ((rate("fazhi_dead_letters_total", "reason") + " > 0 or vector(0)", "{{reason}}"),),
        width=12,
    ),
    Panel(
        "Which stage?",
        "Dead letters a second by stage.",
        "reqps",
        ((rate("fazhi_dead_letters_total", "stage"), "{{stage}}"),),
    ),
    Panel(
        "Do they wait for the sink?",
        "Dead letters on their stream, not yet in the database.",
        "short",
        (('fazhi_stream_waiting_entries{stream="dead"}', "waiting"),),
    ),
    Panel(
        "Whose pages?",
        "Dead letters of the last hour by source.",
        "short",
        (("fazhi_quality_dead_reports", "{{source}}"),),
    ),
]

#: File name → title, panels.
DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "overview": ("Fazhi: from intake to database", OVERVIEW),
    **{stage: (f"Fazhi: {stage}", stage_page(stage)) for stage in STAGES},
    "broker": ("Fazhi: broker", BROKER),
    "quality": ("Fazhi: quality", QUALITY),
    "dead-letters": ("Fazhi: dead letters", DEAD),
}  # fmt: skip


def _panel(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    custom: dict[str, Any] = {}
    options: dict[str, Any] = {"reduceOptions": {"calcs": ["lastNotNull"]}}
    if panel.kind == "timeseries":
        custom = {"fillOpacity": 10, "lineWidth": 2, "showPoints": "never",
                  "stacking": {"mode": "normal" if panel.stacked else "none"}}  # fmt: skip
        options = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0 if panel.kind == "timeseries" else None,
                "custom": custom,
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"value": value, "color": colour} for value, colour in panel.thresholds],
                },
            },
            "overrides": [],
        },
        "options": options,
        "targets": [
            {"refId": chr(65 + k), "expr": query, "legendFormat": legend, "datasource": SOURCE}
            for k, (query, legend) in enumerate(panel.queries)
        ],
    }


def dashboard(name: str) -> dict[str, Any]:
    """One dashboard as Grafana reads it: panels laid out left to right, top to bottom."""
    title, panels = DASHBOARDS[name]
    laid: list[dict[str, Any]] = []
    x = y = row = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > COLUMNS:
            x, y, row = 0, y + row, 0
        laid.append(_panel(panel, number, x, y))
        x, row = x + panel.width, max(row, panel.height)
    links = [{"type": "dashboards", "tags": ["fazhi"], "title": "Fazhi", "asDropdown": True, "includeVars": True}]
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Data source", "current": {}}
    return {
        "uid": f"fazhi-{name}",
        "title": title,
        "tags": ["fazhi"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "links": links,
        "templating": {"list": [source]},
        "annotations": {"list": []},
        "panels": laid,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of write")
    check = parser.parse_args().check
    stale = []
    for name in DASHBOARDS:
        path = HERE / "dashboards" / f"{name}.json"
        text = json.dumps(dashboard(name), indent=1, ensure_ascii=False) + "\n"
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        print(f"not what build.py says: {', '.join(stale)}; run python deploy/grafana/build.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
