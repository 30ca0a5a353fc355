"""`fazhi extract`: the offline result, without broker or database."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from fazhi.failure import STRICT, wrong_use
from fazhi.home import write_whole
from shared.names import text_of
from shared.settings import WorkerSettings

#: The file name that means standard input; its result is called `stdin`.
_STDIN = Path("-")
_PLAIN = orjson.OPT_APPEND_NEWLINE
_PRETTY = orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2


def extract(
    files: Annotated[
        list[Path],
        Parameter(
            name="FILE",
            help="Pages as crawled: HTML or text, any charset; `-` is standard input.",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    output: Annotated[
        Path | None, Parameter(help="Folder for one NAME.json a file; JSON Lines to standard output without it.")
    ] = None,
    strict: Annotated[bool, Parameter(help="Exit status 3 when a file was refused.")] = False,
    explain: Annotated[
        bool,
        Parameter(
            help="Add to each result every numeral with the rule that took or left it; on a terminal, show them as a table."
        ),
    ] = False,
) -> int:
    """Facts of single files, without broker or database.

    Every file gets a result; one that is no report gets `{"source": …, "refused": {"reason": …}}`.

    Exit status 0: all files were processed or refused with a reason. 3: with --strict, some were refused. 2: wrong
    use, and nothing was done.

    ```
    fazhi extract page.html | jq '.facts[] | [.metric, .value, .unit, .quote]'
    fazhi extract crawl/*.html --output results/
    curl -s https://www.example.gov.cn/report.html | fazhi extract -
    curl -s $API/reports/REPORT/source | jq -r .text | fazhi extract - --explain
    ```
    """
    targets = _targets(files, output)
    refused = 0
    console = Console(stderr=True, highlight=False)
    shown = track(
        files, "extracting", console=console, transient=True, disable=output is None or not console.is_terminal
    )
    for path in shown:
        result = read_one(path, explain=explain)
        if "refused" in result:
            refused += 1
            if output is not None:
                console.print(f"{path}: refused, {result['refused']['reason']}", markup=False)
        if output is None and explain and sys.stdout.isatty():
            _show_numerals(result)
        elif output is None:
            sys.stdout.buffer.write(orjson.dumps(result, option=_PLAIN))
        else:
            write_whole(targets[path], orjson.dumps(result, option=_PRETTY).decode())
    return STRICT if strict and refused else 0


def _targets(files: list[Path], output: Path | None) -> dict[Path, Path]:
    """Where each result goes. Raises CommandError, before any work, for whatever cannot be meant."""
    named = [path for path in files if path != _STDIN]
    _refuse_what_is_no_file(named)
    if output is None:
        return {}
    targets: dict[Path, Path] = {}
    taken: dict[Path, Path] = {}
    for path in files:
        target = output / f"{Path(_name(path)).stem}.json"
        if target in taken:
            raise wrong_use(
                f"{taken[target]} and {path} would both become {target}",
                "extract them with two commands, into two folders; nothing was extracted",
            )
        targets[path], taken[target] = target, path
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise wrong_use(f"cannot write into {output}: {error.strerror}", "name a folder") from error
    for path in named:
        if path.resolve() == targets[path].resolve():
            raise wrong_use(f"the result would overwrite {path}", "name another folder for --output")
        if targets[path].is_dir():
            raise wrong_use(f"{targets[path]} is a folder", "name another folder for --output")
    return targets


def _refuse_what_is_no_file(named: list[Path]) -> None:
    for path in named:
        if str(path).startswith("--") and not path.exists():
            raise wrong_use(f"unknown option {path}", "fazhi extract --help lists them")
        if path.is_dir():
            raise wrong_use(f"{path} is a folder", f"name its files: fazhi extract {path}/*")
        if not path.exists():
            raise wrong_use(f"{path} does not exist", "nothing was extracted")


def read_one(path: Path, *, explain: bool = False) -> dict[str, Any]:
    """The offline result of one file; its fields stand in docs/data-dictionary.md."""
    limit = WorkerSettings().max_report_bytes
    name = _name(path)
    try:
        if path == _STDIN:
            body = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as file:
                body = file.read(limit + 1)
    except OSError as error:
        return _refused(name, "unreadable", error.strerror or str(error))
    if not body:
        return _refused(name, "empty", "no byte in it")
    if len(body) > limit:
        return _refused(name, "oversized", f"more than {limit} bytes")
    return read_body(name, body, explain=explain)


def _name(path: Path) -> str:
    """The name of a file as text; of standard input, a word."""
    return "stdin" if path == _STDIN else text_of(path.name)


def read_body(name: str, body: bytes, *, explain: bool = False) -> dict[str, Any]:
    """The offline result of one page as crawled."""
    from services.extractor.explain import explain_report
    from services.extractor.extract import extract_report
    from services.normalizer.normalize import normalize_report
    from services.sectioner.outline import outline_report
    from shared.errors import Permanent
    from shared.events import Crawl, RawReport
    from shared.result import offline_result

    raw = RawReport(entry=f"file/{name}", accepted_at=0.0, crawl=Crawl(name=name), body=body)
    try:
        sectioned = outline_report(normalize_report(raw))
        result = offline_result(extract_report(sectioned))
        if explain:
            result["numerals_explained"] = [_plain(line) for line in explain_report(sectioned)]
    except Permanent as error:
        return _refused(name, str(error.reason), error.detail)
    except Exception as error:  # noqa: BLE001 - one page must not stop its neighbours; the worker calls it the same
        traceback.print_exc()
        return _refused(name, "unknown_fault", f"{type(error).__name__}: {error}")
    return result


#: Characters of the page shown before and after a numeral.
_BEFORE, _AFTER = 14, 6


def _show_numerals(result: dict[str, Any]) -> None:
    """Every numeral of one page in its words, for a person."""
    console = Console(highlight=False)
    if "refused" in result:
        refused = result["refused"]
        console.print(f"{result['source']['name']}: refused, {refused['reason']}: {refused['detail']}", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("numeral", no_wrap=True)
    table.add_column("in the page")
    table.add_column("becomes")
    text, facts = result["text"], {fact["text_start"]: fact for fact in result["facts"]}
    for line in result["numerals_explained"]:
        around = text[max(line["start"] - _BEFORE, 0) : line["end"] + _AFTER].replace("\n", " ")
        fact = facts.get(line["start"]) if line["fact"] else None
        outcome = f"fact, {fact['metric'] or 'no metric'}" if fact else "fact" if line["fact"] else "no fact"
        table.add_row(escape(line["text"]), escape(around), f"{outcome}: {escape(line['rule'])}")
    console.print(f"{result['source']['name']}: {result['document']['title'] or 'no title'}", markup=False)
    console.print(table)
    for rule, meaning in {line["rule"]: line["meaning"] for line in result["numerals_explained"]}.items():
        console.print(f"{rule}: {meaning}", markup=False)


def _plain(line: Any) -> Any:
    return line.model_dump() if hasattr(line, "model_dump") else line._asdict() if hasattr(line, "_asdict") else line


def _refused(name: str, reason: str, detail: str) -> dict[str, Any]:
    source = {"name": name, "url": None, "raw_length": None, "charset": None, "media_type": None}
    return {"source": source, "refused": {"reason": reason, "detail": detail}}
