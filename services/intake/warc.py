"""Crawls as WARC files, compressed or not, read record by record."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from services.intake.coding import UnknownCodingError, unchunk, undo
from services.intake.page import Page, Refusal, Refused

_PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
#: What a page may be larger while chunked or compressed badly; beyond it a record is not read any further.
_SLACK = 65_536


def read_warc(stream: IO[bytes], name: str, max_bytes: int) -> Iterator[Page | Refused]:
    """Yield each page of a WARC file, and each record that is none with the reason.

    Requests, metadata and other records about the crawl itself are passed over in silence. A file that breaks off
    yields what stands before the break, then one `malformed`.
    """
    wanted = WarcRecordType.response | WarcRecordType.resource
    number = 0
    try:
        for record in ArchiveIterator(stream, record_types=wanted, parse_http=True, auto_decode="none"):
            number += 1
            yield _read_record(record, f"{name}:{number}", max_bytes)
    except Exception as error:  # noqa: BLE001 - the parser raises its own, and zlib's, and plain ones
        yield Refused(name, Refusal.MALFORMED, f"breaks off after {number} records: {error}")
        return
    if number == 0:
        yield Refused(name, Refusal.MALFORMED, "no WARC response in it")


def _read_record(record: WarcRecord, name: str, max_bytes: int) -> Page | Refused:
    url = record.headers.get("WARC-Target-URI")
    place = f"{name} {url}" if url else name
    http = record.http_headers if record.is_http else None
    kind = record.headers.get("Content-Type") if http is None else http.get("Content-Type")
    if http is not None and http.status_code != HTTPStatus.OK:
        return Refused(place, Refusal.NOT_A_PAGE, f"HTTP status {http.status_code}")
    if kind is not None and kind.partition(";")[0].strip().lower() not in _PAGE_TYPES:
        return Refused(place, Refusal.NOT_A_PAGE, kind.partition(";")[0].strip()[:80])
    length = record.content_length
    body, encoding = record.reader.read(max_bytes + _SLACK), None
    if len(body) < min(length, max_bytes + _SLACK):
        return Refused(place, Refusal.MALFORMED, f"breaks off after {len(body)} of {length} bytes")
    if http is not None:
        if "chunked" in (http.get("Transfer-Encoding") or "").lower():
            body = unchunk(body)
        try:
            body, encoding = undo(body, http.get("Content-Encoding") or "", max_bytes)
        except UnknownCodingError as error:
            return Refused(place, Refusal.MALFORMED, str(error))
    if len(body) > max_bytes:
        return Refused(place, Refusal.OVERSIZED, f"more than {max_bytes} bytes")
    return Page(
        name=name,
        body=body,
        url=url,
        content_type=kind,
        charset=record.http_charset if http is not None else None,
        encoding=encoding,
        fetched_at=record.headers.get("WARC-Date"),
    )
