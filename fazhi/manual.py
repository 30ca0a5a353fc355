"""`python -m fazhi.manual`: write docs/commands.md and docs/reference.md from what the code says of itself.

A test says so when it was forgotten.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import services
import shared
from fazhi.main import build
from shared.errors import Reason
from shared.streams import STAGE_OF, keys

_DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMANDS, REFERENCE = _DOCS / "commands.md", _DOCS / "reference.md"
_HEAD = "<!-- Written by `python -m fazhi.manual` from {source}; edit those instead. -->\n\n"


def commands() -> str:
    """The manual of all commands, as Markdown."""
    # Any command's name keeps the others' lines from being read from their files: here all are imported anyway.
    app = build(["up"])
    pages = app.generate_docs(output_format="markdown", usage_name="fazhi")
    # The usage lines of some commands name the program that wrote the manual.
    pages = re.sub(r" -m (?:fazhi\.manual|pytest)\b", "", pages)
    return _HEAD.format(source="the docstrings in fazhi/commands/") + _trimmed(pages)


def reference() -> str:
    """Settings, metrics, streams and reasons, as Markdown."""
    parts = [
        _HEAD.format(source="the code"),
        "# Reference\n\n## Settings\n\nEnvironment variables, read once, at start.",
        *_settings(),
        "\n## Metrics\n\nAt `/metrics` of each; FastStream's own (`faststream_…`) and the process's stand beside them.\n",
        *_metrics(),
        "\n## Streams\n\n| stream | consumed by |\n|---|---|",
        *(f"| `{keys().stream(stream)}` | {stage} |" for stream, stage in STAGE_OF.items()),
        "\nWith `FAZHI_SHARD=k` the names are `fazhi:{k}:…`.",
        "\n## Reasons of dead letters\n\n| reason | meaning |\n|---|---|",
        *_reasons(),
    ]
    return _trimmed("\n".join(parts))


def settings_classes() -> dict[str, type[BaseSettings]]:
    """Every class of settings, by its module's name and its own."""
    found: dict[str, type[BaseSettings]] = {}
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".settings"):
                continue
            for one in vars(importlib.import_module(module.name)).values():
                if isinstance(one, type) and issubclass(one, BaseSettings) and one.__module__ == module.name:
                    found[f"{module.name}.{one.__name__}"] = one
    return found


def variables(settings: type[BaseSettings]) -> dict[str, str]:
    """The environment variables of a class of settings: variable → field."""
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper(): name for name in settings.model_fields}


def _settings() -> Iterator[str]:
    for settings in settings_classes().values():
        own = {name: field for name, field in variables(settings).items() if field in inspect.get_annotations(settings)}
        if not own:
            continue
        module = settings.__module__.removeprefix("services.").partition(".")[0]
        yield f"\n### {module}: {settings.__name__}\n\n| variable | default | why |\n|---|---|---|"
        reasons = _comments(settings)
        for name, field in own.items():
            default = settings.model_fields[field].default
            shown = "" if default is None or default is PydanticUndefined else f"`{default}`"
            yield f"| `{name}` | {shown} | {reasons.get(field, '')} |"


def _comments(settings: type[BaseSettings]) -> dict[str, str]:
    """The `#:` lines above each field."""
    found: dict[str, str] = {}
    reason: list[str] = []
    for line in inspect.getsource(settings).splitlines():
        if match := re.match(r"\s+#: ?(.*)", line):
            reason.append(match[1])
        elif match := re.match(r"    ([a-z_0-9]+): ", line):
            found[match[1]] = " ".join(reason).replace("|", "\\|")
            reason = []
    return found


def _metrics() -> Iterator[str]:
    from services.monitor.exporter import MonitorMetrics
    from services.sink.api import Metrics
    from shared.telemetry import StageMetrics

    workers, monitor = CollectorRegistry(), CollectorRegistry()
    StageMetrics("extractor", "0", workers)
    MonitorMetrics(monitor)
    yield "| metric | kind | of | what |\n|---|---|---|---|"
    for registry, owner in ((workers, "workers"), (monitor, "monitor"), (Metrics().registry, "API")):
        for one in sorted(registry.collect(), key=lambda one: one.name):
            if one.name.startswith("fazhi"):
                name = f"{one.name}_total" if one.type == "counter" else one.name
                yield f"| `{name}` | {one.type} | {owner} | {one.documentation} |"


def _reasons() -> Iterator[str]:
    source = inspect.getsource(Reason)
    for reason in Reason:
        comment = re.search(rf'= "{reason.value}"  # (.*)', source)
        yield f"| `{reason.value}` | {comment[1] if comment else ''} |"


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip() + "\n"


if __name__ == "__main__":
    COMMANDS.write_text(commands(), encoding="utf-8")
    REFERENCE.write_text(reference(), encoding="utf-8")
