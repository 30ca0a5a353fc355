"""The documents cannot rot: what they name exists, and what exists is named."""

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from fazhi.main import COMMANDS as ENTRIES
from fazhi.main import build
from fazhi.manual import COMMANDS, REFERENCE, reference, settings_classes, variables
from shared.errors import Reason

ROOT = Path(__file__).resolve().parents[2]
SETTINGS_ELSEWHERE = {"FAZHI_REFERENCE", "FAZHI_DATA"}  # of the tests, of the command


@cache
def documents() -> dict[Path, str]:
    paths: list[Path] = []
    if shutil.which("git") is not None:  # else, and where this is no clone, all that is there
        asked = ["git", "ls-files", "-co", "--exclude-standard", "*.md"]
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        paths = [ROOT / line for line in listed.stdout.splitlines()] if listed.returncode == 0 else []
    paths = paths or [path for path in ROOT.rglob("*.md") if ".venv" not in path.parts]
    return {path: path.read_text(encoding="utf-8") for path in paths if path.is_file()}


@cache
def everything() -> str:
    return "\n".join(documents().values())


@cache
def settings() -> frozenset[str]:
    """Every environment variable that a settings class of ours reads."""
    return frozenset(name for one in settings_classes().values() for name in variables(one))


@pytest.mark.parametrize(("path", "writer"), [(COMMANDS, "commands"), (REFERENCE, "reference")])
def test_the_manual_is_what_the_code_says_of_itself(path, writer):
    # In a process of its own: `fazhi --help`, which other tests call in this one, shortens the help of sub-commands.
    program = f"import sys; from fazhi.manual import {writer}; sys.stdout.buffer.write({writer}().encode())"
    written = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    assert path.read_text(encoding="utf-8") == written, "write it anew: python -m fazhi.manual"


def test_every_setting_is_documented():
    assert len(settings()) > 30
    lines = set(re.findall(r"^\| `(FAZHI_[A-Z0-9_]+)` \|", reference(), re.MULTILINE))
    assert sorted(settings() - lines) == []


def test_every_setting_that_is_documented_exists():
    named = set(re.findall(r"\bFAZHI_[A-Z0-9_]*[A-Z0-9]\b", everything()))
    assert sorted(named - settings() - SETTINGS_ELSEWHERE) == []


def test_every_metric_that_is_documented_exists():
    """A name in a runbook that nobody exports would send an operator looking in vain."""
    exported = set(re.findall(r"^\| `(fazhi_[a-z0-9_]+)` \|", reference(), re.MULTILINE))
    assert len(exported) > 40
    named = set(re.findall(r"`(fazhi_[a-z0-9_]*[a-z0-9])[`{\[]", everything()))
    derived = {name for name in named if re.sub(r"_(bucket|count|sum)$", "", name) in exported}
    assert sorted(named - exported - derived) == []


def test_every_reason_of_a_dead_letter_has_its_meaning():
    for reason in Reason:
        assert re.search(rf"^\| `{reason.value}` \| .+ \|$", reference(), re.MULTILINE), reason


def shell_lines() -> list[tuple[str, str]]:
    """Every `fazhi …` in code spans and code blocks: (file, what stands behind `fazhi`)."""
    found = []
    for path, text in documents().items():
        blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        lines += [line for line in text.splitlines() if line.startswith("    ")]
        lines += re.findall(r"`([^`\n]+)`", text)
        for line in lines:
            used = re.findall(r"(?:^|[\s/])fazhi ([a-z][^#|;&`]*)", line)
            found.extend((str(path.relative_to(ROOT)), one.strip()) for one in used)
    return found


def test_every_command_line_in_the_documents_can_be_typed():
    """The sub-command exists and knows the options that stand behind it."""
    known = {entry.name for entry in ENTRIES}
    faults, seen = [], 0
    for path, line in shell_lines():
        words = line.split()
        if words[0] not in known:
            continue
        app = build([words[0]])[words[0]]
        if len(words) > 1 and words[1] in set(app):
            app = app[words[1]]
        options = {"--help"}
        if app.default_command is not None:
            options |= {name for argument in app.assemble_argument_collection() for name in argument.names}
        for word in words:
            option = word.partition("=")[0].rstrip(",.:)")
            if option.startswith("--") and option not in options:
                faults.append(f"{path}: fazhi {line}: {option}")
        seen += 1
    assert seen > 40
    assert faults == []


def test_every_sub_command_named_in_the_documents_exists():
    known = {entry.name for entry in ENTRIES} | {"command"}
    named = {used.split()[0] for _, used in shell_lines() if re.fullmatch(r"[a-z]+", used.split()[0])}
    prose = {
        "in",
        "as",
        "is",
        "and",
        "itself",
        "deployment",
        "on",
        "get",
        "scale",
        "the",
        "role",
        "to",
        "database",
        "namespace",
    }
    assert sorted(named - known - prose) == []


@pytest.mark.parametrize("path", sorted(documents()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", documents()[path]):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, _anchor = target.partition("#")
        assert not file or (path.parent / file).exists(), target


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|\$ |^ {4}|\n)make ([a-z-]+)", everything()))
    assert sorted(named - targets) == []
    assert {"env", "demo", "test"} <= named


def test_the_chinese_readme_shows_the_same_commands():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))

    def typed(text: str) -> list[str]:
        return [line.partition(" #")[0].strip() for line in re.findall(r"^\$ .*$", text, re.MULTILINE)]

    assert typed(english) == typed(chinese)
    assert re.findall(r"\]\(([^)]+)\)", english)[1:] == re.findall(r"\]\(([^)]+)\)", chinese)[1:]
