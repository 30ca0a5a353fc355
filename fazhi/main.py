"""The `fazhi` command: who is called for what, and what becomes of an error."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import NamedTuple, NoReturn

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.text import Text

from fazhi.failure import WRONG_USE, CommandError

RUN = "Run a pipeline"
READ = "Read what it found"
OFFLINE = "Without a pipeline"
MEND = "Look after it"


class Entry(NamedTuple):
    """One sub-command and where it is written; its line in `fazhi --help` is the first of its docstring."""

    name: str
    group: str
    target: str  # module:function, imported when the command is called


COMMANDS = (
    Entry("up", RUN, "fazhi.commands.up:up"),
    Entry("down", RUN, "fazhi.commands.up:down"),
    Entry("submit", RUN, "fazhi.commands.submit:submit"),
    Entry("status", RUN, "fazhi.commands.status:status"),
    Entry("demo", RUN, "fazhi.commands.demo:demo"),
    Entry("results", READ, "fazhi.commands.results:results"),
    Entry("export", READ, "fazhi.commands.export:export"),
    Entry("review", READ, "fazhi.commands.review:review"),
    Entry("diff", READ, "fazhi.commands.diff:diff"),
    Entry("extract", OFFLINE, "fazhi.commands.extract:extract"),
    Entry("outline", OFFLINE, "fazhi.commands.outline:outline"),
    Entry("catalogue", OFFLINE, "fazhi.commands.catalogue:catalogue"),
    Entry("audit", MEND, "fazhi.commands.audit:audit"),
    Entry("trace", MEND, "fazhi.commands.trace:trace"),
    Entry("dead", MEND, "fazhi.commands.dead:dead"),
    Entry("rerun", MEND, "fazhi.commands.rerun:rerun"),
    Entry("forget", MEND, "fazhi.commands.forget:forget"),
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
        default_parameter=Parameter(negative=()),  # no --no-… and --empty-… beside every option
    )
    app.register_install_completion_command(add_to_startup=False)
    for entry in COMMANDS:
        module = entry.target.partition(":")[0]
        if find_spec(module) is not None:
            app.command(entry.target, name=entry.name, group=entry.group)
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
