"""Crawls as JSON Lines: one page a line, `{"url": …, "body": …}`. No I/O."""

from __future__ import annotations

import base64
import binascii

import orjson

from services.intake.page import META_FIELDS, Page, Refusal, Refused

#: Where crawlers put the page, first match. `body_base64` holds the bytes as crawled, the others hold text.
BODY_KEYS = ("body", "html", "content", "text")
_BYTES_KEY = "body_base64"
_ALIASES = {
    "link": "url",
    "href": "url",
    "crawled_at": "fetched_at",
    "fetch_time": "fetched_at",
    "mime": "content_type",
}


def read_line(line: bytes, name: str) -> Page | Refused:
    """The page on one line. `name` says where the line stands, for example `crawl.jsonl:17`."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Refused(name, Refusal.MALFORMED, f"not JSON: {error}")
    return read_record(record, name)


def read_record(record: object, name: str) -> Page | Refused:
    """The page in one JSON object.

    A text body is UTF-8 from here on, so `charset` and `encoding` beside it speak of what the crawler saw, not of
    these bytes: they are kept as crawl metadata `crawled_charset` and `crawled_encoding`.
    """
    if not isinstance(record, dict):
        return Refused(name, Refusal.MALFORMED, f"a JSON object is wanted, not {type(record).__name__}")
    body_key = next((key for key in (_BYTES_KEY, *BODY_KEYS) if record.get(key) is not None), None)
    if body_key is None:
        return Refused(name, Refusal.MALFORMED, f"no page in it: none of {_BYTES_KEY}, {', '.join(BODY_KEYS)}")
    body = record[body_key]
    if not isinstance(body, str):
        return Refused(name, Refusal.MALFORMED, f"{body_key} is no text but {type(body).__name__}")
    known, extra = _described({key: value for key, value in record.items() if key != body_key})
    if body_key == _BYTES_KEY:
        try:
            return Page(name=name, body=base64.b64decode(body, validate=True), extra=extra, **known)
        except (binascii.Error, ValueError) as error:
            return Refused(name, Refusal.MALFORMED, f"{_BYTES_KEY}: {error}")
    extra |= {f"crawled_{key}": known.pop(key) for key in ("charset", "encoding") if key in known}
    return Page(name=name, body=body.encode(), charset="utf-8", extra=extra, **known)


def _described(record: dict[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """What the object says of its page: the fields that have a meaning, and the others. Absent values are left out."""
    known: dict[str, str] = {}
    extra: dict[str, str] = {}
    for key, value in record.items():
        if value is None:
            continue
        field = _ALIASES.get(key, key)
        written = value if isinstance(value, str) else orjson.dumps(value).decode()
        if field == "name":  # the page's name says where the line stands
            extra["crawled_name"] = written
        elif field in META_FIELDS and field not in known:
            known[field] = written
        else:
            extra[key] = written
    return known, extra
