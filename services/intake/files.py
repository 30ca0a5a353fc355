"""Crawls on disk and on standard input: pages, JSON Lines and WARC files, in folders or one by one."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Literal, cast

import orjson
import zstandard

from services.intake import jsonlines
from services.intake.page import META_FIELDS, Page, Refusal, Refused
from shared.intake import MAX_FIELDS
from shared.names import text_of

Form = Literal["page", "jsonl", "json", "warc"]
#: A JSON line holds a page with its escapes (`\\u4e2d` is six bytes for three), and the metadata beside it.
LINE_FACTOR = 4
_COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
_FORMS: dict[str, Form] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".warc": "warc"}
#: An entry has no more fields, those of our own among them: the normalizer refuses it, and some thousand are more than the
#: script takes that adds it.
_MAX_EXTRA = MAX_FIELDS - len(META_FIELDS) - 1
#: Half-written files of crawlers and editors; they are complete under another name later.
_UNFINISHED = (".part", ".tmp", ".crdownload", ".swp", "~")


def form_of(name: str) -> tuple[Form, str | None]:
    """What a file of that name holds, and how it is compressed."""
    stem, encoding = name.lower(), None
    for suffix, coding in _COMPRESSED.items():
        if stem.endswith(suffix):
            stem, encoding = stem.removesuffix(suffix), coding
    return _FORMS.get(Path(stem).suffix, "page"), encoding


def find_files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Every file that the paths name, folders with all that is in them, in the order of names.

    With each comes its name as the crawl's: the file's own, and in a folder the way to it from that folder, so that
    it does not matter from where the folder was named. In a folder, hidden and half-written files are passed over,
    and pipes, sockets and devices, where reading may never end; a file that is named itself is always taken.
    """
    for path in paths:
        if not path.is_dir():
            yield path, text_of(path.name)
            continue
        root = path.resolve()
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                found = Path(folder, name)
                if is_offered(name) and not _is_special(found):
                    yield found, text_of(Path(root.name) / found.relative_to(path))


def _is_special(path: Path) -> bool:
    """Whether it is a pipe, a socket or a device. A broken link is none: it is named as refused later."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def is_offered(name: str) -> bool:
    """Whether a file found in a folder is meant to be read: not hidden, not half-written."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED)


def read_file(
    path: Path, max_bytes: int, form: Form | None = None, name: str | None = None
) -> Iterator[Page | Refused]:
    """Yield the pages of one file. `form` overrides what its name says; `name` is what the pages are called after."""
    found, encoding = form_of(path.name)
    name = name or text_of(path.name)
    try:
        with path.open("rb") as stream:
            yield from read_stream(stream, name, max_bytes, form or found, encoding)
    except OSError as error:
        yield Refused(name, Refusal.UNREADABLE, error.strerror or str(error))


def read_stream(
    stream: IO[bytes], name: str, max_bytes: int, form: Form | None = None, encoding: str | None = None
) -> Iterator[Page | Refused]:
    """Yield the pages of a stream; without `form` its first bytes tell what it is."""
    if form is None:
        head = stream.read(4096)
        form, encoding = _sniff(head)
        stream = io.BufferedReader(_Rejoined(head, stream))
    match form:
        case "warc":
            from services.intake.warc import read_warc  # noqa: PLC0415 - FastWARC only where there is a WARC file

            if stream.seekable():
                yield from read_warc(stream, name, max_bytes)
                return
            with tempfile.TemporaryFile() as whole:  # FastWARC 2.0 seeks, and panics where it cannot
                shutil.copyfileobj(stream, whole)
                whole.seek(0)
                yield from read_warc(whole, name, max_bytes)
        case "jsonl":
            yield from _read_lines(_unpacked(stream, encoding), name, max_bytes)
        case "json":
            yield from _read_json(_unpacked(stream, encoding), name, max_bytes)
        case "page":
            yield _read_page(stream, name, max_bytes, encoding)


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        piece = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _sniff(head: bytes) -> tuple[Form, str | None]:
    plain, encoding = head, None
    try:
        if head.startswith(b"\x1f\x8b"):
            plain, encoding = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 4096), "gzip"
        elif head.startswith(b"\x28\xb5\x2f\xfd"):
            plain, encoding = zstandard.ZstdDecompressor().stream_reader(head).read(4096), "zstd"
    except (zlib.error, zstandard.ZstdError):  # not what it begins like
        return "page", None
    if plain.startswith(b"WARC/"):
        return "warc", encoding
    if plain.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b'{"', b"{ ")):
        return "jsonl", encoding
    return "page", encoding


def _unpacked(stream: IO[bytes], encoding: str | None) -> IO[bytes]:
    if encoding == "gzip":
        # Without a buffer around its own: that loses what it holds, 128 KB from Python 3.14 on, where the file breaks off.
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if encoding == "zstd":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))
    return stream


def _read_page(stream: IO[bytes], name: str, max_bytes: int, encoding: str | None) -> Page | Refused:
    body = stream.read(max_bytes + 1)
    if not body:
        return Refused(name, Refusal.EMPTY, "no byte in it")
    if len(body) > max_bytes:
        return Refused(name, Refusal.OVERSIZED, f"more than {max_bytes} bytes")
    return Page(name=name, body=body, encoding=encoding)


def _read_lines(stream: IO[bytes], name: str, max_bytes: int) -> Iterator[Page | Refused]:
    limit = LINE_FACTOR * max_bytes
    number = 0
    try:
        while line := stream.readline(limit + 1):
            number += 1
            place = f"{name}:{number}"
            if len(line) > limit:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(limit)
                yield Refused(place, Refusal.OVERSIZED, f"a line of more than {limit} bytes")
                continue
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if line.strip():
                yield _bounded(jsonlines.read_line(line, place), max_bytes)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        yield Refused(name, Refusal.UNREADABLE, f"breaks off after line {number}: {error}")


def _read_json(stream: IO[bytes], name: str, max_bytes: int) -> Iterator[Page | Refused]:
    """A `.json` file: one object, a list of them, or JSON Lines under the wrong name."""
    limit = LINE_FACTOR * max_bytes
    try:
        whole = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        yield Refused(name, Refusal.UNREADABLE, str(error))
        return
    if len(whole) > limit:
        yield from _read_lines(io.BufferedReader(_Rejoined(whole, stream)), name, max_bytes)
        return
    try:
        found = orjson.loads(whole.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        yield from _read_lines(io.BytesIO(whole), name, max_bytes)
        return
    records = enumerate(found, 1) if isinstance(found, list) else [(0, found)]
    for number, record in records:
        yield _bounded(jsonlines.read_record(record, f"{name}:{number}" if number else name), max_bytes)


def _bounded(page: Page | Refused, max_bytes: int) -> Page | Refused:
    if isinstance(page, Refused):
        return page
    if not page.body:
        return Refused(page.name, Refusal.EMPTY, "no byte in it")
    if len(page.body) > max_bytes:
        return Refused(page.name, Refusal.OVERSIZED, f"{len(page.body)} bytes, more than {max_bytes}")
    if len(page.extra) > _MAX_EXTRA:
        return Refused(page.name, Refusal.MALFORMED, f"{len(page.extra)} fields beside the page, at most {_MAX_EXTRA}")
    return page


def read_paths(paths: Iterable[Path], max_bytes: int, form: Form | None = None) -> Iterator[Page | Refused]:
    """Yield the pages of files and folders."""
    return chain.from_iterable(read_file(path, max_bytes, form, name) for path, name in find_files(paths))
