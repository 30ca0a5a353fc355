"""A crawled page on its way to the intake stream: its fields, its token, why it was not taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

#: Fields of an entry that have a meaning; every other field is kept as crawl metadata.
META_FIELDS = ("url", "name", "content_type", "charset", "encoding", "fetched_at", "source")


class Refusal(StrEnum):
    """Why something that was offered is not on the intake stream. Nothing of it was kept: it lies where it lay."""

    EMPTY = "empty"  # no byte
    OVERSIZED = "oversized"  # more bytes than `max_report_bytes`
    UNREADABLE = "unreadable"  # the file system or the decompressor said no
    MALFORMED = "malformed"  # not the JSON line or WARC record that it should be
    NOT_A_PAGE = "not_a_page"  # a WARC record that holds no HTML or text: an image, a redirect, an error page
    STREAM_FULL = "stream_full"  # the stream stayed over its limit


@dataclass(frozen=True)
class Page:
    """One page as crawled. `name` says where it came from: a file name, or `crawl.jsonl:17`."""

    name: str
    body: bytes
    url: str | None = None
    content_type: str | None = None
    charset: str | None = None
    encoding: str | None = None  # of `body`: zstd, gzip or none
    fetched_at: str | None = None
    source: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """Something that was offered and is no page."""

    name: str
    reason: Refusal
    detail: str = ""


def token(page: Page) -> str:
    """What tells one submission of a page from another page: the same for the same bytes from the same place.

    The place is the URL, or else the file's name without its folders: a folder that was moved, or named once with
    and once without `./`, is still the same crawl.
    """
    place = page.url if page.url is not None else page.name.rsplit("/", 1)[-1]
    mark = hashlib.blake2b(digest_size=20)
    mark.update(len(place.encode("utf-8", "surrogateescape")).to_bytes(4))
    mark.update(place.encode("utf-8", "surrogateescape"))
    mark.update(page.body)
    return mark.hexdigest()


def entry_fields(page: Page) -> dict[bytes, bytes]:
    """The page as the plain fields of a stream entry; what is absent has no field."""
    named = {name: getattr(page, name) for name in META_FIELDS}
    fields = {
        key.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
        for key, value in {**page.extra, **named}.items()
        if value is not None and key != "body"
    }
    fields[b"body"] = page.body
    return fields
