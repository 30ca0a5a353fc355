"""What a person did wrong, or what is not there: said in one line, with what to do next, never with a traceback."""

from __future__ import annotations

#: Exit statuses. 130 is Ctrl-C, as in every shell.
NEGATIVE = 1  # the answer is no: a difference in the books, a page refused, a server that is away
WRONG_USE = 2  # the command cannot be meant as it was typed
STRICT = 3  # `--strict`, and something was refused


class CommandError(Exception):
    """Ends the command: `message` says what is wrong, `hint` what to do next."""

    def __init__(self, message: str, hint: str = "", *, status: int = NEGATIVE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status


def wrong_use(message: str, hint: str = "") -> CommandError:
    """The command cannot be meant as it was typed; nothing was done."""
    return CommandError(message, hint, status=WRONG_USE)
