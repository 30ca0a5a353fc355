"""`python -m fazhi.manual`: write docs/commands.md from what the commands say of themselves.

A test says so when it was forgotten.
"""

from __future__ import annotations

from pathlib import Path

from fazhi.main import build

MANUAL = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
_HEAD = """\
<!-- Written by `python -m fazhi.manual`; edit the docstrings in fazhi/commands/ instead. -->

"""


def manual() -> str:
    """The manual of all commands, as Markdown."""
    # Any command's name keeps the others' lines from being read from their files: here all are imported anyway.
    pages = build(["up"]).generate_docs(output_format="markdown")
    return _HEAD + "\n".join(line.rstrip() for line in pages.splitlines()) + "\n"


if __name__ == "__main__":
    MANUAL.write_text(manual(), encoding="utf-8")
