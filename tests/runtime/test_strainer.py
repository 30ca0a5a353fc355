"""Replies of the server, cut while they arrive: nothing but what is too large is changed, wherever the bytes are parted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

import hiredis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import asyncio as aio

from shared.intake import KEPT_BYTES
from shared.replies import BoundedParser
from shared.strainer import MAX_ELEMENTS, Cut, ReplyLimits, Strainer
from tests.support.servers import Server

LIMITS = ReplyLimits(value_bytes=1_000, reply_bytes=3_000)
values = st.recursive(
    st.binary(max_size=1_500) | st.integers(-10, 10) | st.none(),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


def written(value: Any) -> bytes:
    """A value as the server writes it."""
    if isinstance(value, list):
        return b"*%d\r\n%b" % (len(value), b"".join(map(written, value)))
    if isinstance(value, bytes):
        return b"$%d\r\n%b\r\n" % (len(value), value)
    return b"_\r\n" if value is None else b":%d\r\n" % value


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from flat(one)
    else:
        yield value


def strained(sent: bytes, pieces: int) -> Any:
    strainer, reader = Strainer(LIMITS), hiredis.Reader()
    strainer.begin()
    size = max(1, len(sent) // pieces)
    for start in range(0, len(sent), size):
        reader.feed(strainer.strain(sent[start : start + size]))
    assert strainer.is_between
    return strainer.restore(reader.gets())


@settings(deadline=None)
@given(st.lists(values, max_size=5), st.integers(1, 60))
def test_only_what_is_too_large_is_cut_wherever_the_bytes_are_parted(reply: list[Any], pieces: int) -> None:
    kept = 0
    for before, after in zip(flat(reply), flat(strained(written(reply), pieces)), strict=True):
        if not isinstance(after, Cut):
            assert after == before
            kept += len(before) if isinstance(before, bytes) else 0
            continue
        assert after.size == len(before)
        assert after.too_large is (len(before) > LIMITS.value_bytes)
        if after.too_large:
            assert (after, after.sha256) == (before[:KEPT_BYTES], sha256(before).hexdigest())
        else:
            assert kept + len(before) > LIMITS.reply_bytes
    assert kept <= LIMITS.reply_bytes + 64 * len(written(reply))


def test_an_array_of_too_many_elements_becomes_one_field() -> None:
    many: list[Any] = [b"k"] * (MAX_ELEMENTS + 1)
    for pieces in (1, 7, 5_000):
        ((_, fields), (_, after)) = strained(written([[b"1-0", many], [b"2-0", [b"body", b"x"]]]), pieces)
        name, cut = fields
        assert (name, cut.size, cut.too_large) == (b"", MAX_ELEMENTS + 1, True)
        assert after == [b"body", b"x"]


def test_no_value_is_taken_for_a_mark() -> None:
    """The mark of a cut is another for every connection: who has seen one has seen nothing."""
    one, other = Strainer(LIMITS), Strainer(LIMITS)
    mark = hiredis.Reader()
    mark.feed(one.strain(written(bytes(5_000))))
    other.strain(written(bytes(5_000)))
    found = mark.gets()
    assert isinstance(one.restore(found), Cut)
    assert other.restore(found) is found


@pytest.mark.parametrize("before", [0, 3])
async def test_a_connection_gives_all_replies_in_their_order_before_and_after_a_cut(
    server: Server, before: int
) -> None:
    """Also when replies that were sent together arrive together."""
    limits = ReplyLimits(value_bytes=1_000_000, reply_bytes=2_000_000)
    client: aio.Redis = aio.Redis.from_url(server.url, parser_class=partial(BoundedParser, limits=limits))
    async with client, client.pipeline(transaction=False) as asked:
        await client.set("large", bytes(6_000_000))
        await client.set("fits", bytes(900_000))
        for _ in range(2):  # from its first cut on, the connection is strained
            for k in range(before):
                asked.echo(f"before {k}")
            asked.get("fits").get("large").get("fits").echo("after")
            *first, fits, large, other, after = await asked.execute()
            assert first == [f"before {k}".encode() for k in range(before)]
            assert fits == other == bytes(900_000)
            assert isinstance(large, Cut)
            assert (large.size, large.too_large, large) == (6_000_000, True, bytes(KEPT_BYTES))
            assert after == b"after"
        assert await client.get("fits") == bytes(900_000)
