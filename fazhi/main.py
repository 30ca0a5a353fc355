"""The `fazhi` command: who is called for what, and what becomes of an error."""

from __future__ import annotations

import ast
import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

try:  # Ctrl-C while these load (0.4 s, on a busy machine more) is answered as later: without a traceback
    from cyclopts import App, CycloptsError, Group, Parameter
    from rich.console import Console
    from rich.text import Text
except KeyboardInterrupt:
    sys.exit(130)

from fazhi.failure import WRONG_USE, CommandError

RUN = Group.create_ordered("Run a pipeline")
READ = Group.create_ordered("Read what it found")
OFFLINE = Group.create_ordered("Without a pipeline")
MEND = Group.create_ordered("Look after it")


class Entry(NamedTuple):
    """One sub-command and where it is written; its line in `fazhi --help` is the first of its docstring."""

    name: str
    group: Group
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


def build(arguments: Sequence[str]) -> App:
    """The command with all its sub-commands; none of them is imported yet."""
    named = bool(arguments) and arguments[0] in {entry.name for entry in COMMANDS}
    app = App(
        name="fazhi",
        version=_version(),
        help="Turn crawled Chinese reports on law-based government into facts.",
        help_epilogue="First steps: `fazhi up`, and in a second terminal `fazhi submit DIR --wait`, then `fazhi results`.",
        default_parameter=Parameter(negative=()),  # no --no-… and --empty-… beside every option
    )
    app.register_install_completion_command(add_to_startup=False)
    for entry in COMMANDS:
        line = None if named else _first_line(entry.target)
        app.command(entry.target, name=entry.name, group=entry.group, help=line)
    return app


def _first_line(target: str) -> str:
    """The first paragraph of a function's docstring, read from its file: importing all commands takes half a second."""
    module, _, function = target.partition(":")
    found = find_spec(module)
    if found is None or found.origin is None:
        return "(not in this installation)"
    tree = ast.parse(Path(found.origin).read_bytes())
    written = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    docstring = next((ast.get_docstring(node) or "" for node in written), "") or _help_of_app(tree, function)
    return " ".join(docstring.partition("\n\n")[0].split())


def _help_of_app(tree: ast.Module, name: str) -> str:
    """The `help` of a command that is an `App` with sub-commands of its own."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.targets[0]) == name:
            for keyword in node.value.keywords:
                if keyword.arg == "help":
                    return str(ast.literal_eval(keyword.value))
    return ""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit status: 0 done, 1 the answer is no, 2 wrong use, 3 `--strict`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal of another charset gets \u4e00 for what it cannot show
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command. Returns the exit status."""
    try:
        given = sys.argv[1:] if arguments is None else arguments
        outcome = build(given)(given, exit_on_error=False, print_error=True, result_action="return_value")
        if sys.stdout is not None:  # closed: `fazhi … >&-`
            sys.stdout.flush()
    except CycloptsError:  # printed already
        return WRONG_USE
    except CommandError as error:
        return _say(error)
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, SystemExit) as end:
        # `fazhi results | head`: whoever read has enough. Rich says it by an exit.
        if not isinstance(end.__context__ if isinstance(end, SystemExit) else end, BrokenPipeError):
            raise
        _silence()
        return 0
    except Exception as error:
        known = _surroundings(error)
        if known is None:
            raise
        _silence()
        return _say(known)
    return outcome if isinstance(outcome, int) else 0


def _silence() -> None:
    """What standard output still holds is not written at the exit: nobody takes it."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(error: CommandError) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("fazhi: ", "bold red"), error.message))
    if error.hint:
        console.print(Text.assemble(("       ", ""), error.hint))
    return error.status


#: What a disk or a folder says that takes no more.
_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EISDIR, errno.EFBIG)


def _surroundings(error: Exception) -> CommandError | None:
    """An error of the server or the database in the words of a person, or None where it is a fault of this code.

    Both libraries are looked up among the modules that are loaded: a command that needs neither loads neither.
    """
    if isinstance(error, ImportError):
        missing = error.__cause__ if isinstance(error.__cause__, ModuleNotFoundError) else error
        return CommandError(f"this installation lacks a part: {missing}", "install all of it: pip install 'fazhi[all]'")
    if isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
        return CommandError(
            f"cannot write {error.filename or 'the output'}: {error.strerror}", "free or name another place"
        )
    return _of_the_settings(error) or _of_the_server(error) or _of_the_database(error)


def _of_the_settings(error: Exception) -> CommandError | None:
    pydantic, settings = sys.modules.get("pydantic"), sys.modules.get("shared.settings")
    if pydantic is None or settings is None or not isinstance(error, pydantic.ValidationError):
        return None
    if not error.title.endswith(("Settings", "Connection")):
        return None
    hint = "every setting, its unit and its default stand in docs/reference.md"
    return CommandError(f"the settings are wrong: {settings.fault_of(error)}", hint, status=WRONG_USE)


def _of_the_server(error: Exception) -> CommandError | None:
    redis = sys.modules.get("redis.exceptions")
    if redis is None:
        return None
    if isinstance(error, ValueError) and str(error).startswith("Redis URL"):
        return CommandError(f"not a Redis URL: {error}", "for example redis://10.0.0.5:6379/0", status=WRONG_USE)
    return _said_by_the_server(error, redis) if isinstance(error, redis.RedisError) else None


def _said_by_the_server(error: Exception, redis: ModuleType) -> CommandError | None:
    if isinstance(error, redis.AuthenticationError | redis.NoPermissionError):
        hint = "check user and password in FAZHI_REDIS_URL, and what deploy/redis grants to that user"
        return CommandError(f"the Redis server refuses this user: {error}", hint)
    if isinstance(error, redis.ResponseError) and "WRONGTYPE" in str(error):
        hint = "another program writes keys of the same names; FAZHI_SHARD gives this pipeline names of its own"
        return CommandError(f"a key of the pipeline holds what is not ours: {error}", hint)
    if isinstance(error, redis.ConnectionError | redis.TimeoutError | redis.BusyLoadingError):
        return CommandError(
            f"the Redis server does not answer: {error}", "is it running, and is FAZHI_REDIS_URL its address?"
        )
    if sys.modules["shared.server"].is_away(error):
        hint = "once its memory or its disk has room, or it is the master again, type the same command again"
        return CommandError(f"the Redis server cannot do this now: {error}", hint)
    return None


def _of_the_database(error: Exception) -> CommandError | None:
    sqlalchemy, errors = sys.modules.get("sqlalchemy.exc"), sys.modules.get("shared.errors")
    if sqlalchemy is None:
        return None
    if errors is not None and isinstance(error, errors.Transient) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    hint = "for example postgresql://user@host/fazhi or sqlite:///file.db"
    if isinstance(error, sqlalchemy.ArgumentError | sqlalchemy.NoSuchModuleError):
        return CommandError(f"not a database URL: {error}", hint, status=WRONG_USE)
    if isinstance(error, ValueError) and str(error).startswith("the database must be"):
        return CommandError(str(error), hint, status=WRONG_USE)
    return _said_by_the_database(error, sqlalchemy) if isinstance(error, sqlalchemy.DBAPIError) else None


def _said_by_the_database(error: Any, sqlalchemy: ModuleType) -> CommandError | None:
    cause = next(iter(str(error.orig).strip().splitlines()), str(error))
    engine = sys.modules.get("services.sink.engine")
    if engine is not None and engine.lacks_schema(error.orig):
        return CommandError(
            f"the database has no schema, or one of another version: {cause}",
            "the sink and the API see to it when they start, as in `fazhi up`; or is FAZHI_DATABASE_URL another database?",
        )
    if isinstance(error, sqlalchemy.OperationalError):
        return CommandError(f"the database does not answer: {cause}", "check FAZHI_DATABASE_URL")
    return None


if __name__ == "__main__":
    main()
