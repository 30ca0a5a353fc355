"""What HTTP wrapped around a page: chunks and content codings. No I/O; every reading is bounded in bytes."""

from __future__ import annotations

import io
import zlib

from fastwarc.stream_io import BrotliReader, ChunkedReader

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class UnknownCodingError(ValueError):
    """The body is wrapped in a way that cannot be undone."""


def unchunk(body: bytes) -> bytes:
    """The body without its chunks; a body that holds none (many crawlers undo them and keep the header) as it is."""
    try:
        plain: bytes = ChunkedReader(io.BytesIO(body)).read(len(body))
    except OSError:
        return body
    return plain


def undo(body: bytes, coding: str, max_bytes: int) -> tuple[bytes, str | None]:
    """The body, and its `encoding` for the intake stream, for the value of a `Content-Encoding` header.

    gzip and zstd stay as they are: the stream takes them, and its limits are kept where they are unpacked. A body
    that does not begin as its coding says was unpacked by the crawler already.
    At most `max_bytes + 1` bytes come back. Raises UnknownCodingError.
    """
    codings = [part.strip() for part in coding.lower().split(",") if part.strip() not in {"", "identity"}]
    if len(codings) > 1:
        raise UnknownCodingError(f"Content-Encoding {coding[:80]!r}")
    match codings[0] if codings else None:
        case None:
            return body, None
        case "gzip" | "x-gzip":
            return body, "gzip" if body.startswith(_GZIP) else None
        case "zstd":
            return body, "zstd" if body.startswith(_ZSTD) else None
        case "deflate":
            return _inflate(body, max_bytes), None
        case "br":
            return _unbrotli(body, max_bytes), None
        case other:
            raise UnknownCodingError(f"Content-Encoding {other[:80]!r}")


def _inflate(body: bytes, max_bytes: int) -> bytes:
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # servers send both, with and without the zlib header
        try:
            return zlib.decompressobj(window).decompress(body, max_bytes + 1)
        except zlib.error:
            continue
    return body


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    try:
        plain: bytes = BrotliReader(io.BytesIO(body)).read(max_bytes + 1)
    except OSError:
        return body
    return plain
