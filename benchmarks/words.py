"""The dictionary that packed events are compressed with: `python -m benchmarks.words shared/packed/words-N.bin`.

What nearly every event holds and would otherwise be written anew in each: the rows of the tables, the catalogue's metrics,
the words of our rules, and the speech of the genre, from every second one of our own samples. The other half is kept out,
so that what a waiting page costs can be measured on text that the dictionary has not seen.

A dictionary that was once released is never changed: a better one gets the next number, and a form that names it
(`shared.codec._FORMS`).
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from benchmarks.stages import raw_report
from services.extractor.catalogue import load_catalogue
from services.extractor.extract import extract_report
from services.normalizer.normalize import normalize_report
from services.sectioner.outline import outline_report
from shared.events import Event, ExtractedReport
from shared.packed.columns import ColumnReader
from shared.packed.facts import FactNotes, pack_facts
from shared.packed.page import PackedPage, PageWords

ROOT = Path(__file__).parent.parent
_CHINESE = re.compile("[\u4e00-\u9fff]")
#: Words of the rules: shorter ones are found in any text, longer ones are examples and definitions.
_SHORTEST, _LONGEST = 4, 11


def main() -> None:
    """Write the dictionary to the file that the command line names."""
    reports = [_extracted(path) for path in seen_samples()]
    parts = (
        ",".join(_catalogue_rows()).encode(),
        "\n".join(_rule_words()).encode("gb18030"),
        "\n".join(_table_rows(reports)).encode(),
        "".join(_notes(reports)).encode("gb18030"),
        "".join(report.text for report in reports).encode("gb18030"),
        b"".join(dict.fromkeys(_heads(reports))),
    )
    Path(sys.argv[1]).write_bytes(b"".join(parts))
    sys.stdout.write(f"{[len(part) for part in parts]} bytes\n")


def seen_samples() -> list[Path]:
    """Every second sample."""
    found = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in {".txt", ".html"})
    return found[::2]


def _extracted(path: Path) -> ExtractedReport:
    return extract_report(outline_report(normalize_report(raw_report(path.read_bytes()))))


def _catalogue_rows() -> Iterator[str]:
    for metric in load_catalogue().metrics.values():
        for pattern in metric.pattern:
            yield orjson.dumps([metric.id, f"#{pattern.id}", 0.97]).decode()


def _rule_words() -> list[str]:
    words = (
        word
        for path in sorted((ROOT / "services").glob("*/**/*.toml"))
        for word in _strings(tomllib.loads(path.read_text(encoding="utf-8")))
        if _SHORTEST <= len(word) <= _LONGEST and _CHINESE.search(word)
    )
    return list(dict.fromkeys(words))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _table_rows(reports: Iterable[ExtractedReport]) -> list[str]:
    """The rows of the facts' tables, each once, and at the end one table as it stands."""
    rows: dict[str, None] = {}
    whole = ""
    for report in reports:
        whole = (
            ColumnReader(pack_facts(report, PageWords(report.text, report.source, report.alignment))).block().decode()
        )
        notes = FactNotes._make(orjson.loads(whole))
        rows |= dict.fromkeys(orjson.dumps(row).decode() for row in (*notes.kinds, *notes.manners))
        rows |= dict.fromkeys(orjson.dumps(check.relation).decode() for check in report.checks)
    return [*rows, whole]


def _notes(reports: Iterable[ExtractedReport]) -> Iterator[str]:
    for report in reports:
        yield PackedPage.of(report).notes.decode()


def _heads(reports: Iterable[ExtractedReport]) -> Iterator[bytes]:
    for report in reports:
        yield Event.__pydantic_serializer__.to_json(report, include=set(Event.model_fields))


if __name__ == "__main__":
    main()
