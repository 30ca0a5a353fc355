"""A raw entry of the intake stream → RawReport. Pure; every limit has its reason.

Any client may write `XADD fazhi:intake * url … body …`; nothing of it is trusted. `body` is the bytes as crawled in any
charset; `encoding` says how the client packed it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import zstandard

from shared.errors import Permanent, Reason
from shared.events import SCHEMA_VERSION, Crawl, RawReport

#: Fields beside `body`, names and values together. A crawler's headers take 1–4 KB.
MAX_METADATA_BYTES = 64 * 1024
MAX_FIELDS = 256
#: Below this a high ratio is no bomb: a page of one repeated paragraph reaches 300.
RATIO_FROM_BYTES = 1_000_000
#: What is kept of a body that is dead-lettered by reference.
KEPT_BYTES = 64 * 1024
#: The window a zstd frame may ask for: 128 MB would be taken from the child's memory before one byte is read.
_MAX_WINDOW_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_PIECE_BYTES = 512
_CRAWL_FIELDS = ("url", "name", "source", "fetched_at", "content_type", "charset")
#: Written by `fazhi dead replay` from the start. Believed only where the replay script has noted the same, which no
#: client of the intake can do.
REPLAY_FIELD = b"replay"


@dataclass(frozen=True)
class BodyLimits:
    """Limits on a body, in bytes; `max_expansion` is unpacked over packed size."""

    max_report_bytes: int = 10_000_000
    max_expansion: int = 200


def accepted_at(entry_id: str) -> float:
    """When the server accepted the entry, unix seconds: the first half of its id."""
    return int(entry_id.split("-", 1)[0]) / 1000


def read_crawl(fields: Mapping[bytes, bytes]) -> Crawl:
    """The crawl metadata of an entry, unknown fields kept, what is not UTF-8 replaced.

    Raises Permanent(bad_fields) where there is more of it than the limits allow.
    """
    size = sum(len(name) + len(value) for name, value in fields.items() if name != b"body")
    if len(fields) > MAX_FIELDS or size > MAX_METADATA_BYTES:
        raise Permanent(
            Reason.BAD_FIELDS,
            f"{len(fields)} fields with {size} bytes beside the body; at most {MAX_FIELDS} and {MAX_METADATA_BYTES}",
        )
    texts = {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for name, value in fields.items()
        if name not in {b"body", b"schema_version", REPLAY_FIELD}
    }
    known = {name: texts.pop(name) for name in _CRAWL_FIELDS if name in texts}
    return Crawl(**known, extra=texts)


def read_report(entry: str, entry_id: str, fields: Mapping[bytes, bytes], limits: BodyLimits) -> RawReport:
    """The report of one intake entry; `entry` is its name for ever.

    Raises Permanent with `unknown_version`, `bad_fields`, `empty`, `oversized`, `bad_encoding` or `expands_too_far`.
    """
    version = fields.get(b"schema_version", str(SCHEMA_VERSION).encode())
    if version != str(SCHEMA_VERSION).encode():
        raise Permanent(Reason.UNKNOWN_VERSION, f"schema_version {version[:40]!r}, this code knows {SCHEMA_VERSION}")
    crawl = read_crawl(fields)
    if b"body" not in fields:
        names = ", ".join(sorted(name.decode("utf-8", "replace")[:40] for name in fields)[:10])
        raise Permanent(Reason.EMPTY, f"the entry has no field `body`; it has: {names}")
    body = unpack_body(fields[b"body"], crawl.extra.get("encoding", ""), limits)
    if not body:
        raise Permanent(Reason.EMPTY, "the field `body` is empty")
    crawl.extra.pop("encoding", None)
    return RawReport(entry=entry, accepted_at=accepted_at(entry_id), crawl=crawl, body=body)


def unpack_body(body: bytes, encoding: str, limits: BodyLimits) -> bytes:
    """The body as crawled, `encoding` undone; sizes are counted while it streams, never believed.

    Raises Permanent with `oversized`, `bad_encoding` or `expands_too_far`.
    """
    if len(body) > limits.max_report_bytes:
        raise Permanent(Reason.OVERSIZED, f"{len(body)} bytes, at most {limits.max_report_bytes} (max_report_bytes)")
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return body
    if not body:
        return b""
    opener = {"zstd": _zstd_chunks, "gzip": _gzip_chunks, "x-gzip": _gzip_chunks}.get(name)
    if opener is None:
        raise Permanent(Reason.BAD_ENCODING, f"encoding {encoding[:40]!r} is not known; send zstd, gzip or none")
    parts: list[bytes] = []
    size = 0
    try:
        for part in opener(body):
            size += len(part)
            if size > limits.max_report_bytes:
                raise Permanent(
                    Reason.EXPANDS_TOO_FAR,
                    f"{len(body)} bytes of {name} unpack to more than {limits.max_report_bytes} (max_report_bytes)",
                )
            if size > RATIO_FROM_BYTES and size > limits.max_expansion * len(body):
                raise Permanent(
                    Reason.EXPANDS_TOO_FAR,
                    f"{len(body)} bytes of {name} unpack more than {limits.max_expansion} times (max_expansion)",
                )
            parts.append(part)
    except (zstandard.ZstdError, zlib.error) as error:
        raise Permanent(Reason.BAD_ENCODING, f"the body is not {name}: {error}") from error
    return b"".join(parts)


def _zstd_chunks(body: bytes) -> Iterator[bytes]:
    # Fed in small pieces, because a piece is unpacked whole: 512 bytes hold at most 128 blocks of 128 KB.
    rest = memoryview(body)
    while rest:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
        at = 0
        while not unpacker.eof:
            if at >= len(rest):
                raise zstandard.ZstdError("the frame ends early")
            yield unpacker.decompress(rest[at : at + _PIECE_BYTES])
            at += _PIECE_BYTES
        rest = rest[min(at, len(rest)) - len(unpacker.unused_data) :]


def _gzip_chunks(body: bytes) -> Iterator[bytes]:
    rest = body
    while rest:
        unpacker = zlib.decompressobj(31)
        while not unpacker.eof:
            part = unpacker.decompress(rest, _CHUNK_BYTES)
            rest = unpacker.unconsumed_tail
            if part:
                yield part
            elif not rest and not unpacker.eof:
                raise zlib.error("the stream ends early")
        rest = unpacker.unused_data


def body_hash(body: bytes) -> str:
    """SHA-256 of a body, hex."""
    return sha256(body).hexdigest()
