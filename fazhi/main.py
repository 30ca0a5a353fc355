"""The `fazhi` command: who is called for what, and what becomes of an error."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import NamedTuple, NoReturn

from cyclopts import App, CycloptsError
from rich.console import Console
from rich.text import Text

from fazhi.failure import WRONG_USE, CommandError

RUN = "Run a pipeline"
READ = "Read what it found"
OFFLINE = "Without a pipeline"
MEND = "Look after it"


class Entry(NamedTuple):
    """One sub-command: where it is written, and its line in `fazhi --help`."""

    name: str
    group: str
    target: str  # module:function, imported when the command is called
    line: str


COMMANDS = (
    Entry("up", RUN, "fazhi.commands.up:up", "Start broker, workers, API and monitor; Ctrl-C drains and stops them."),
    Entry("down", RUN, "fazhi.commands.up:down", "Stop the pipeline that runs in a folder."),
    Entry(
        "submit",
        RUN,
        "fazhi.commands.submit:submit",
        "Put crawled pages on the intake stream: files, folders, JSON Lines, WARC.",
    ),
    Entry("status", RUN, "fazhi.commands.status:status", "What waits, what is in work, what is done, how fast."),
    Entry("results", READ, "fazhi.commands.results:results", "Facts as a table, by metric, place and year."),
    Entry("export", READ, "fazhi.commands.export:export", "The database as Parquet, CSV or JSON Lines."),
    Entry("review", READ, "fazhi.commands.review:review", "Facts that a person should look at."),
    Entry("diff", READ, "fazhi.commands.diff:diff", "What changed between two versions of the rules."),
    Entry("extract", OFFLINE, "fazhi.commands.extract:extract", "Facts of single files, without broker or database."),
    Entry("outline", OFFLINE, "fazhi.commands.outline:outline", "The section tree of single files."),
    Entry("catalogue", OFFLINE, "fazhi.commands.catalogue:catalogue", "The metrics: ids, names, units, definitions."),
    Entry(
        "demo",
        OFFLINE,
        "fazhi.commands.demo:demo",
        "Everything once, in a folder of its own, and nothing left running.",
    ),
    Entry(
        "audit",
        MEND,
        "fazhi.commands.audit:audit",
        "The books: was every accepted page stored, or is it known where it is?",
    ),
    Entry("trace", MEND, "fazhi.commands.trace:trace", "What each stage did with one page."),
    Entry("dead", MEND, "fazhi.commands.dead:dead", "Dead letters: list, show, export, replay, drop."),
    Entry("rerun", MEND, "fazhi.commands.rerun:rerun", "Process stored reports again, from a stage on."),
    Entry("forget", MEND, "fazhi.commands.forget:forget", "Take reports out of the database."),
)


def _version() -> str:
    try:
        return version("fazhi")
    except PackageNotFoundError:  # run from a source tree that is not installed
        from shared import __version__

        return __version__


def build() -> App:
    """The command with all its sub-commands; none of them is imported yet."""
    app = App(
        name="fazhi",
        version=_version(),
        help="Turn crawled Chinese reports on law-based government into facts.",
        help_epilogue="First steps: `fazhi up`, and in a second terminal `fazhi submit DIR --wait`, then `fazhi results`.",
        default_parameter=None,
    )
    app.register_install_completion_command(add_to_startup=False)
    for entry in COMMANDS:
        module = entry.target.partition(":")[0]
        if find_spec(module) is not None:
            app.command(entry.target, name=entry.name, help=entry.line, group=entry.group)
    return app


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit status: 0 done, 1 the answer is no, 2 wrong use, 3 `--strict`."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command. Returns the exit status."""
    try:
        outcome = build()(arguments, exit_on_error=False, print_error=True, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:  # printed already
        return WRONG_USE
    except CommandError as error:
        return _say(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `fazhi results | head`: whoever read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        known = _surroundings(error)
        if known is None:
            raise
        return _say(known)
    return outcome if isinstance(outcome, int) else 0


def _say(error: CommandError) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("fazhi: ", "bold red"), error.message))
    if error.hint:
        console.print(Text.assemble(("       ", ""), error.hint))
    return error.status


def _surroundings(error: Exception) -> CommandError | None:
    """An error of the server or the database in the words of a person, or None where it is a fault of this code.

    Both libraries are looked up among the modules that are loaded: a command that needs neither loads neither.
    """
    redis = sys.modules.get("redis.exceptions")
    if redis is not None and isinstance(error, redis.AuthenticationError):
        return CommandError(
            f"the Redis server refuses this user: {error}", "check user and password in FAZHI_REDIS_URL"
        )
    if redis is not None and isinstance(error, redis.ConnectionError | redis.TimeoutError | redis.BusyLoadingError):
        return CommandError(
            f"the Redis server does not answer: {error}", "is it running? `fazhi status`, or check FAZHI_REDIS_URL"
        )
    if redis is not None and isinstance(error, redis.NoPermissionError):
        return CommandError(f"the Redis user may not do this: {error}", "use a user of deploy/redis/users.acl that may")
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is not None and isinstance(error, sqlalchemy.ArgumentError | sqlalchemy.NoSuchModuleError):
        return CommandError(
            f"not a database URL: {error}", "for example postgresql+psycopg://user@host/fazhi or sqlite:///file.db"
        )
    if sqlalchemy is not None and isinstance(error, sqlalchemy.OperationalError):
        cause = str(error.orig).strip().splitlines()
        return CommandError(f"the database does not answer: {cause[0] if cause else error}", "check FAZHI_DATABASE_URL")
    return None


if __name__ == "__main__":
    main()
