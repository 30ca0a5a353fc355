"""A page as crawled, out of the database.

Where the stream's bytes are kept, the page is in them and stands nowhere else: `pages.source` is empty then. Otherwise
(readings from before, and reports that did not come over a stream) it stands in the table of pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from services.sink import schema
from services.sink.reading import unpack
from shared.codec import decode_event, is_packed
from shared.events import ExtractedReport, Source


def source_of(connection: Connection, page: Mapping[Any, Any], packed: bytes = b"") -> Source:
    """The page of a row of the table of pages. `packed`: one of its readings, if it is at hand.

    Raises LookupError where neither the row nor a reading holds it: nothing of ours writes such a page.
    """
    if page["source"]:
        original = None if page["original"] is None else unpack(page["original"])
        return Source(
            text=unpack(page["source"]).decode("utf-8", "surrogatepass"), charset=page["charset"],
            media_type=page["media_type"], raw_bytes=page["raw_bytes"], original=original,
        )  # fmt: skip
    if not is_packed(packed):
        table = schema.readings
        readings = connection.execute(
            select(table.c.packed).where(table.c.page == page["page"]).order_by(table.c.number)
        )
        packed = next((one for one in readings.scalars() if is_packed(one)), b"")
    if not packed:
        raise LookupError(f"page {page['page']} is stored without its words")
    return decode_event(ExtractedReport, packed).source
