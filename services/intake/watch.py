"""A folder into which crawlers drop files: each is submitted once it is complete, then moved away.

    DIR/page.html  ─▶  DIR/done/page.html       every page in it is on the intake stream
                   ─▶  DIR/refused/page.html    something in it is not; page.html.why.json says what and why

A file that was submitted and not yet moved when the process died is found again; its tokens keep it from doubling.

When a file is complete nobody says, so it must have stood still, nobody may have it open for writing (where the system
tells), and one that changed while it was read stays and is read again. A crawler that writes a file in several steps
is only understood by its name: write `page.html.part`, or into another folder, and rename it when it is whole.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from redis.exceptions import RedisError

from services.intake.files import find_files, read_file
from services.intake.page import Page, Refusal, Refused
from services.intake.settings import IntakeSettings
from services.intake.submission import Accepted, Outcome, Submission
from shared.names import text_of
from shared.server import is_away

DONE, REFUSED = "done", "refused"
#: Bytes of a file's name that every usual file system takes. Crawlers that name files by titles reach it.
_NAME_BYTES = 255


@dataclass(frozen=True)
class Seen:
    """How a file looked, and since when it has looked so."""

    size: int
    changed_ns: int
    since: float  # monotonic seconds

    def is_of(self, status: os.stat_result) -> bool:
        """Whether a file still looks so."""
        return (status.st_size, status.st_mtime_ns) == (self.size, self.changed_ns)


@dataclass
class Watch:
    """Decides when a file is complete. No I/O: it is told what a look into the folder found."""

    settle_seconds: float
    seen: dict[str, Seen] = field(default_factory=dict)

    def complete(self, found: dict[str, tuple[int, int]], now: float) -> list[str]:
        """The names that have stood still for `settle_seconds`, in order. `found`: name → (size, mtime in ns)."""
        ready = []
        for name, (size, changed_ns) in sorted(found.items()):
            before = self.seen.get(name)
            if before is None or (before.size, before.changed_ns) != (size, changed_ns):
                self.seen[name] = before = Seen(size, changed_ns, now)
            if now - before.since >= self.settle_seconds:
                ready.append(name)
        self.seen = {name: look for name, look in self.seen.items() if name in found}
        return ready


def watch_folder(
    folder: Path, submission: Submission, settings: IntakeSettings, stop: Callable[[], bool]
) -> Iterator[tuple[Path, list[Outcome]]]:
    """Submit what is dropped into `folder` until `stop` says so; yield each file, where it is now, and its outcomes.

    A file that finds the stream full, or the server away, stays where it is and is offered again.
    Raises OSError where the folder cannot be read or its files cannot be moved.
    """
    watch = Watch(settings.watch_settle_seconds)
    while not stop():
        for name in watch.complete(_look(folder), time.monotonic()):
            pages = read_file(folder / name, settings.max_report_bytes, name=text_of(name))
            try:
                outcomes = list(submission.put(_whole(pages, folder / name, watch.seen[name])))
            except ChangedError:
                continue
            except RedisError as error:
                if not is_away(error):
                    raise
                break  # the other files would find the same
            if any(isinstance(one, Refused) and one.reason is Refusal.STREAM_FULL for one in outcomes):
                break
            target = _put_away(folder, name, outcomes, watch.seen[name])
            if target is not None:
                yield target, outcomes
            if stop():
                return
        time.sleep(settings.watch_poll_seconds)


class ChangedError(Exception):
    """Somebody is still writing the file."""


def _whole(pages: Iterator[Page | Refused], path: Path, before: Seen) -> Iterator[Page | Refused]:
    """The pages of a file that nobody writes meanwhile. Of a file with one page nothing is sent before it is known.

    Raises ChangedError. What of a file of many pages was sent by then is not doubled when the file is read again.
    """
    if _is_written(path):
        raise ChangedError(path)
    yield from pages
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise ChangedError(path) from error
    if not before.is_of(status) or _is_written(path):
        raise ChangedError(path)


def _is_written(path: Path) -> bool:
    """Whether somebody has the file open for writing: Linux gives no lease to read it then. False where the system
    does not say (another's file, a network's).
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        with path.open("rb") as stream:
            # Who opens it in this very moment is waited for by the system, which says so with a signal: one that ends nobody.
            fcntl.fcntl(stream, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def _look(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path, _name in find_files([folder]):
        name = str(path.relative_to(folder))
        if name.partition(os.sep)[0] in {DONE, REFUSED} and os.sep in name:
            continue
        try:
            status = path.stat()
        except FileNotFoundError:  # gone between the listing and the look
            continue
        found[name] = (status.st_size, status.st_mtime_ns)
    return found


def _put_away(folder: Path, name: str, outcomes: list[Outcome], read: Seen) -> Path | None:
    """Move the file that was `read`; where it is now. None where nothing of the kind is there any more: another process
    has put it away, or a crawler has put the next file in its place while its pages were on their way to the server.
    That one goes back, to be read.
    """
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    path = folder / name
    target = _free(folder / (REFUSED if refused else DONE) / name)
    target.parent.mkdir(parents=True, exist_ok=True)
    reasons = target.with_name(_fitting(target.name, ".why.json"))
    if refused:
        why = {
            "accepted": [outcome.entry for outcome in outcomes if isinstance(outcome, Accepted)],
            "refused": [{"name": one.name, "reason": one.reason, "detail": one.detail} for one in refused],
        }
        reasons.write_bytes(orjson.dumps(why, option=orjson.OPT_INDENT_2))
    with suppress(FileNotFoundError):
        path.rename(target)
        if read.is_of(target.stat()):
            return target
        target.rename(_free(path))
    if not target.exists():  # else it is what another process has put away, with its reasons
        reasons.unlink(missing_ok=True)
    return None


def _free(path: Path) -> Path:
    """The path, or the first of `stem-2.suffix`, `stem-3.suffix`, … that is free."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(_fitting(path.stem, f"-{number}{path.suffix}"))
    return free


def _fitting(stem: str, ending: str) -> str:
    """A name with this ending, its stem cut where it would be too long."""
    return os.fsdecode(os.fsencode(stem)[: _NAME_BYTES - len(os.fsencode(ending))]) + ending
