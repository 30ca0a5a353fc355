"""The tables of docs/performance.md, written from the raw figures between two marks, so that they cannot differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: written by python -m benchmarks -->", "<!-- end of figures -->"


def write(found: dict[str, Any], page: Path) -> None:
    """Put the tables into the page. Raises ValueError where the page has lost its marks."""
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no marks {BEGIN!r} … {END!r}")
    page.write_text(head + begin + "\n\n" + "\n\n".join(_tables(found)) + "\n\n" + end + tail, encoding="utf-8")


def _tables(found: dict[str, Any]) -> list[str]:
    parts = []
    for name, table in (("stages", _stages), ("length", _length), ("cost", _cost), ("cost on one core", _rate), ("sink", _sink), ("peers", _peers),
                        ("scaling", _scaling), ("backlog", _backlog), ("latency", _latency), ("start", _start),
                        ("waiting memory", _waiting), ("bytes on the streams", _streams)):  # fmt: skip
        if name in found:
            parts.append(table(found[name]["figures"]) + "\n\n" + _about(found[name]))
    return parts


def _about(entry: dict[str, Any]) -> str:
    machine = entry["machine"]
    form = "short form, " if entry["quick"] else ""
    return (
        f"*{form}{machine['cores']} cores, {machine['processor'] or machine['system']}, Python {machine['python']},"
        f" commit {machine['commit']}, load {machine['load_before']:.1f} → {machine['load_after']:.1f}*"
    )


def _rows(head: list[str], rows: list[list[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def _stages(figures: dict[str, Any]) -> str:
    collections = {name: entry for name, entry in figures.items() if name != "codec"}
    names = list(next(iter(collections.values()))["characters_per_second"])
    rows = [
        [name]
        + [
            f"{entry['characters_per_second'][name]:,} ({entry['times_jieba'][name]} × jieba)"
            if name in entry["times_jieba"]
            else ""
            for entry in collections.values()
        ]
        for name in names
    ]
    events = [
        [name, entry["bytes"], entry["encode_ms"] or "", entry["decode_ms"]]
        for name, entry in figures["codec"].items()
        if isinstance(entry, dict)
    ]
    return (
        "### One core, characters a second\n\n![stages](performance/stages.svg)\n\n"
        + _rows(["", *collections], rows)
        + f"\n\nOne event of a page of {figures['codec']['page_bytes']:,} bytes:\n\n"
        + _rows(["event", "bytes", "encode, ms", "decode, ms"], events)
    )


def _sink(figures: dict[str, Any]) -> str:
    names = list(figures)
    sizes = [name for name in figures[names[0]] if name.startswith("batches of ")]
    rows: list[list[object]] = [["reading the event", *(figures[name]["reading the event, ms"] for name in names)]]
    for size in sizes:
        spent = [figures[name][size] for name in names]
        rows.append([
            f"writing, {size.removesuffix(', ms')}",
            *(f"{one['sink']} + {one['server']}" if one["server"] else one["sink"] for one in spent),
        ])  # fmt: skip
    first = figures[names[0]]
    return (
        "### A stored report\n\n![sink](performance/sink.svg)\n\n"
        f"Processor milliseconds a report of {first['facts a report']} facts, {first['bytes of an event']:,} bytes on the stream"
        " (PostgreSQL: sink + server):\n\n" + _rows(["", *names], rows)
    )


def _length(figures: dict[str, Any]) -> str:
    rows = [
        [
            name,
            *figures["milliseconds"][name],
            fit["microseconds_per_thousand_characters"],
            fit["r_squared"],
            fit["exponent"],
        ]
        for name, fit in figures["fit"].items()
    ]
    head = ["ms", *(f"{count:,}" for count in figures["characters"]), "µs per 1,000", "R²", "exponent"]
    return "### Cost against length\n\n![length](performance/length.svg)\n\n" + _rows(head, rows)


def _cost(figures: dict[str, Any]) -> str:
    rows = [[name, value] for name, value in figures["milliseconds_per_report"].items()]
    shares = [[name, value] for name, value in figures["of_which"].items()]
    offline = figures["offline_milliseconds_per_report"]
    rounds = ", ".join(map(str, figures.get("pipeline_milliseconds_by_round", ())))
    return (
        "### What the pipeline costs\n\n![cost](performance/cost.svg)\n\n"
        f"{figures['reports']} reports, database {figures['database']}: the pipeline takes"
        f" **{figures['pipeline_milliseconds_per_report']} ms** of processor time a report beside the functions"
        f" ({f'{rounds} by round; ' if rounds else ''}{', '.join(f'{name} {value}' for name, value in offline.items())} ms), end to end"
        f" {figures['reports_per_second']} reports/s.\n\n"
        + _rows(["process", "ms a report"], rows)
        + "\n\n"
        + _rows(["share of the pipeline", "ms a report"], shares)
    )


def _rate(figures: dict[str, Any]) -> str:
    return (
        f"On one core: {figures['reports_per_second']} reports/s end to end,"
        f" {figures['pipeline_milliseconds_per_report']} ms a report beside the functions."
    )


def _peers(figures: dict[str, Any]) -> str:
    parts = ["### The same functions under Celery and taskiq\n\n![peers](performance/peers.svg)"]
    for title, entry in figures.items():
        rows = [
            [
                name,
                row["reports_per_second"],
                row["reports_per_processor_second"],
                row["processor_milliseconds_per_report"],
            ]
            for name, row in entry.items()
            if isinstance(row, dict) and "reports_per_second" in row
        ]
        parts.append(f"{title}, {entry['reports']} pages of {entry['page_bytes']:,} bytes:")
        parts.append(_rows(["runner", "reports/s", "reports a processor second", "processor ms a report"], rows))
    return "\n\n".join(parts)


def _scaling(figures: dict[str, Any]) -> str:
    rows = [
        [name, entry["reports_per_second"], entry["share_of_each"]] for name, entry in figures.items() if name != "gain"
    ]
    return f"### One and two extractors\n\nGain: {figures['gain']} ×.\n\n" + _rows(
        ["", "reports/s", "share of each"], rows
    )


def _backlog(figures: dict[str, Any]) -> str:
    rows = [
        [
            f"{int(size):,}",
            entry["reports_per_second"],
            entry.get("worker_processor_ms_per_report", ""),
            entry.get("server_processor_ms_per_report", ""),
            f"{entry['parent_resident_bytes'] / 1e6:.0f} + {entry['child_resident_bytes'] / 1e6:.0f}",
        ]
        for size, entry in figures.items()
    ]
    return "### Against a backlog\n\n![backlog](performance/backlog.svg)\n\n" + _rows(
        [
            "waiting",
            "reports/s of one normalizer",
            "worker, ms a report",
            "server, ms a report",
            "MB resident, worker + child",
        ],
        rows,
    )


def _latency(figures: dict[str, Any]) -> str:
    return (
        "### From acceptance to stored\n\n"
        f"At {figures['rate']} reports/s (half load): p50 {figures['p50_seconds']} s, p99 {figures['p99_seconds']} s."
    )


def _start(figures: dict[str, Any]) -> str:
    rows = [
        [
            stage,
            entry["ready_seconds"],
            _megabytes(entry["resident_bytes"]),
            _megabytes(entry["resident_bytes_after_100_reports"]),
        ]
        for stage, entry in figures.items()
    ]
    return "### Start and memory\n\n" + _rows(
        ["worker", "ready, s", "MB (worker + child)", "MB after 100 reports"], rows
    )


def _megabytes(entry: dict[str, int]) -> str:
    return f"{entry['parent'] / 1e6:.0f} + {entry['child'] / 1e6:.0f}"


def _waiting(figures: dict[str, Any]) -> str:
    return (
        f"A waiting page of {figures['page_bytes']:,} bytes takes {figures['server_bytes_per_page_byte_plain']} bytes of server"
        f" memory a byte from a foreign client, {figures['server_bytes_per_page_byte_zstd']} where the producer compresses it."
    )


def _streams(figures: dict[str, Any]) -> str:
    rows = [[name, f"{size:,}"] for name, size in figures.items()]
    return "Bytes of one waiting report, as the server counts them:\n\n" + _rows(["stream", "bytes"], rows)
