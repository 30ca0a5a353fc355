"""`fazhi dead`: what could not be done, and what to do with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fazhi.failure import NEGATIVE, CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url, redis_url
from fazhi.moments import local
from fazhi.options import AsJson, DataDir

if TYPE_CHECKING:
    from redis import Redis

    from shared.events import DeadLetter
    from shared.letters.dead import LetterNote, LetterShelf
    from shared.letters.replay import Handled

dead = App(
    name="dead",
    help="""Dead letters: pages that a stage could not finish, kept with all that is needed to look at them and send them again.

Letters are grouped by cause. `show` tells what happened, `replay` sends letters to work again, `drop` gives them up.""",
)


@dataclass(frozen=True)
class Wanted:
    """Which letters; all conditions must hold, none lets every letter through."""

    stage: Annotated[str | None, Parameter(help="Only letters of this stage.")] = None
    reason: Annotated[str | None, Parameter(help="Only letters with this reason, for example unknown_fault.")] = None
    cause: Annotated[str | None, Parameter(help="Only letters whose cause has these words.")] = None

    def lets_through(self, note: LetterNote) -> bool:
        """Whether a letter is wanted."""
        return (
            (self.stage is None or note.stage == self.stage)
            and (self.reason is None or note.reason == self.reason)
            and (self.cause is None or self.cause in note.cause)
        )


Filter = Annotated[Wanted, Parameter(name="*")]
_ANY = Wanted()
Names = Annotated[list[str] | None, Parameter(name="ENTRY", help="Entries, as `list` and `fazhi submit` name them.")]
All = Annotated[bool, Parameter(name="--all", help="All dead letters.")]
DryRun = Annotated[bool, Parameter(help="Say what would be done, and do nothing.")]

#: Letters that `list --each` shows; `--json` gives all.
_SHOWN = 50
#: Of what happened to each of them; `show` gives all.
_LINE_CHARACTERS = 160


@dataclass(frozen=True)
class Desk:
    """Where dead letters are: the server, and the database that the sink moves them to."""

    server: Redis
    shelf: LetterShelf | None
    shard: str | None

    def notes(self, wanted: Wanted) -> list[LetterNote]:
        """The letters that are wanted, oldest first."""
        from shared.letters.dead import list_letters

        return [note for note in list_letters(self.server, self.shelf, self.shard) if wanted.lets_through(note)]


@contextmanager
def _desk(data: Path) -> Iterator[Desk]:
    from services.sink.shelf import DatabaseShelf
    from shared.server import connect
    from shared.settings import Connection

    shelf: DatabaseShelf | None = None
    try:
        shelf = DatabaseShelf(database_url(data))
    except CommandError:  # the database is elsewhere; the letters on the stream can be seen all the same
        shelf = None
    with connect(redis_url(data)) as server:
        yield Desk(server, shelf, Connection().shard)


@dead.command(name="list")
def list_(
    *,
    each: Annotated[bool, Parameter(help="One line a letter, not one a cause.")] = False,
    wanted: Filter = _ANY,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """The dead letters by cause, the most frequent first."""
    from shared.letters.dead import group_letters

    with _desk(data) as desk:
        notes = desk.notes(wanted)
    console = Console(highlight=False)
    if each:
        if as_json:
            _write([asdict(note) for note in notes])
            return 0
        for note in notes[-_SHOWN:]:
            # The entry stands whole on its line, at any width: it is what the other commands are given.
            named = _printable(f"{note.entry}  {note.stage}  {note.reason}")
            console.print(f"{named}  {_minute(note.died_at)}", soft_wrap=True, markup=False)
            console.print(f"    {_one_line(note.detail or note.cause)}", markup=False)
        if len(notes) > _SHOWN:
            console.print(f"the latest {_SHOWN} of {len(notes)}; --json gives all")
        return 0
    causes = group_letters(notes)
    if as_json:
        _write([asdict(one) for one in causes])
        return 0
    if not causes:
        console.print("no dead letters")
        return 0
    table = Table("letters", "stage", "first", "last", "cause", box=None, pad_edge=False)
    table.columns[0].justify = "right"
    for one in causes:
        cause = one.cause if one.cause.startswith(one.reason) else f"{one.reason}: {one.cause}"
        table.add_row(
            f"{one.count:,}", escape(_printable(one.stage)), _minute(one.oldest), _minute(one.newest),
            escape(_one_line(cause)),
        )  # fmt: skip
    console.print(table)
    console.print("`fazhi dead list --each` names the entries, `fazhi dead show ENTRY` tells what happened to one")
    return 0


@dead.command
def show(
    entry: Annotated[str, Parameter(name="ENTRY")],
    /,
    *,
    body: Annotated[
        bool, Parameter(help="Write the page as crawled to standard output, byte for byte, and nothing else.")
    ] = False,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """Everything about one dead letter: reason, traceback, deliveries, where it came from; or its page with --body."""
    with _desk(data) as desk:
        for note in _named(desk, [entry]):
            letter = _read(desk, note)
            if body:
                sys.stdout.buffer.write(letter.body)
            elif as_json:
                sys.stdout.buffer.write(letter.model_dump_json(indent=2).encode() + b"\n")
            else:
                _print_letter(letter)
    return 0


@dead.command
def export(
    *,
    wanted: Filter = _ANY,
    output: Annotated[Path | None, Parameter(help="File to write; standard output without it.")] = None,
    data: DataDir = DEFAULT_DATA,
) -> int:
    """The dead letters as JSON Lines, pages in base64, whole enough to find the fault elsewhere."""
    from shared.letters.dead import export_letters

    with _desk(data) as desk:
        lines = export_letters(desk.server, desk.notes(wanted), desk.shelf, desk.shard)
        if output is None:
            sys.stdout.buffer.writelines(lines)
        else:
            try:
                with output.open("wb") as file:
                    file.writelines(lines)
            except OSError as error:
                raise CommandError(
                    f"cannot write to {output}: {error.strerror}", "choose another with --output"
                ) from error
    return 0


@dead.command
def replay(
    entries: Names = None,
    /,
    *,
    every: All = False,
    wanted: Filter = _ANY,
    from_start: Annotated[
        bool, Parameter(help="Send the page through all stages again, not only from the one that failed.")
    ] = False,
    dry_run: DryRun = False,
    data: DataDir = DEFAULT_DATA,
) -> int:
    """Send dead letters to work again, after their cause was mended.

    Each goes to the stage that failed, or with --from-start to the first. Repeating the command sends nothing twice.
    Exit status 1: some could not be sent; it says which and why.
    """
    from shared.letters.replay import replay_letters

    with _desk(data) as desk:
        notes = _chosen(desk, entries, wanted, every=every)
        handled = replay_letters(desk.server, notes, desk.shelf, desk.shard, from_start=from_start, dry_run=dry_run)
    return _say(handled, "would be sent again" if dry_run else "sent again")


@dead.command
def drop(
    entries: Names = None,
    /,
    *,
    every: All = False,
    wanted: Filter = _ANY,
    dry_run: DryRun = False,
    data: DataDir = DEFAULT_DATA,
) -> int:
    """Give dead letters up for good; the books count them as dropped. `export` them first to keep the pages."""
    from shared.letters.replay import drop_letters

    with _desk(data) as desk:
        notes = _chosen(desk, entries, wanted, every=every)
        handled = drop_letters(desk.server, notes, desk.shelf, desk.shard, dry_run=dry_run)
    return _say(handled, "would be dropped" if dry_run else "dropped")


def _chosen(desk: Desk, entries: Sequence[str] | None, wanted: Wanted, *, every: bool) -> list[LetterNote]:
    if entries:
        return _named(desk, entries)
    if not every and wanted == _ANY:
        raise wrong_use("which letters?", "name entries, filter with --stage, --reason or --cause, or say --all")
    return desk.notes(wanted)


def _named(desk: Desk, entries: Sequence[str]) -> list[LetterNote]:
    """The letters of the entries, each written whole or without its stream. Raises CommandError for one that has none."""
    wanted = set(entries)
    found = [note for note in desk.notes(_ANY) if {note.entry, note.entry.rpartition("/")[2], note.key} & wanted]
    known = {name for note in found for name in (note.entry, note.entry.rpartition("/")[2], note.key)}
    for entry in entries:
        if entry not in known:
            raise CommandError(
                f"there is no dead letter of {entry}",
                f"`fazhi dead list --each` names them; `fazhi trace {entry}` tells where it is",
            )
    return found


def _read(desk: Desk, note: LetterNote) -> DeadLetter:
    from shared.letters.dead import read_letter

    try:
        return read_letter(desk.server, note, desk.shelf, desk.shard)
    except KeyError as error:
        raise CommandError(
            f"the dead letter of {note.entry} was just moved, replayed or dropped", "try again"
        ) from error
    except ValueError as error:
        raise CommandError(
            f"the dead letter of {note.entry}: {error}", "a version that knows it can; `fazhi dead drop` gives it up"
        ) from error


def _say(handled: Handled, done: str) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"{len(handled.done)} {done}")
    for refused in handled.refused:
        console.print(f"{refused.note.entry}: {refused.why}", markup=False)
    return NEGATIVE if handled.refused else 0


def _print_letter(letter: DeadLetter) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{letter.entry}[/]  [red]{letter.reason}[/] at {letter.stage}, {_clock(letter.died_at)}")
    shown: dict[str, Any] = {
        "detail": letter.detail,
        **letter.crawl.model_dump(exclude_none=True, exclude_defaults=True),
        "accepted": _clock(letter.accepted_at),
        "taken from": f"{letter.stream}/{letter.stream_entry}",
        "deliveries": letter.deliveries,
        "version": letter.version,
        "body": f"{letter.body_bytes} bytes, sha256 {letter.body_sha256}",
    }
    for name, value in shown.items():
        console.print(f"  {name.replace('_', ' '):<14} {value}", markup=False)
    for delivery in letter.history:
        console.print(f"  {_clock(delivery.at)}  {delivery.worker}  {delivery.outcome}", markup=False)
    if letter.traceback:
        console.print(letter.traceback.rstrip(), markup=False)


def _write(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _one_line(text: str) -> str:
    """Its beginning, as one line: a detail may quote what a page says."""
    return _printable(" ".join(text.split())[:_LINE_CHARACTERS])


def _printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _minute(seconds: float) -> str:
    """Short, so that a table of causes stays readable in 80 columns."""
    return local(seconds).strftime("%m-%d\u00a0%H:%M")


def _clock(seconds: float) -> str:
    return local(seconds).isoformat(sep=" ", timespec="seconds")
