import os
import random

import pytest
import zstandard

from services.intake.page import Page, Refusal, Refused, token
from services.intake.submission import Accepted
from shared.streams import keys

GB = "某市二〇二三年法治政府建设情况的报告".encode("gb18030")


def page(number: int = 0, **fields) -> Page:
    return Page(name=f"{number}.html", body=f"第{number}页".encode(), **fields)


def on_the_stream(client) -> list[dict[bytes, bytes]]:
    return [fields for _, fields in client.xrange(keys().intake)]


def test_a_page_is_one_entry_of_plain_fields(client, submission):
    (accepted,) = submission().put([Page(name="a.html", body=GB, url="http://a.example", extra={"depth": "2"})])
    ((identifier, fields),) = client.xrange(keys().intake)
    assert accepted == Accepted("a.html", f"fazhi:intake/{identifier.decode()}", len(GB))
    assert fields == {b"body": GB, b"name": b"a.html", b"url": b"http://a.example", b"depth": b"2"}


def test_a_repeated_submission_adds_nothing_and_names_the_first_entries(client, submission):
    pages = [page(number) for number in range(150)]
    first = list(submission().put(pages))
    second = list(submission().put(pages))
    assert [one.again for one in first] == [False] * 150
    assert [one.again for one in second] == [True] * 150
    assert [one.entry for one in second] == [one.entry for one in first]
    assert client.xlen(keys().intake) == 150


def test_again_overrides(client, submission):
    list(submission().put([page()]))
    (accepted,) = submission(again=True).put([page()])
    assert not accepted.again
    assert client.xlen(keys().intake) == 2


def test_a_token_lives_for_a_day(client, submission):
    list(submission().put([page()]))
    lifetime = client.ttl(keys().tokens + token(page()))
    assert 86_390 <= lifetime <= 86_400


def test_the_same_bytes_from_two_addresses_are_two_pages(client, submission):
    offered = [Page(name="a", body=GB, url="http://a.example"), Page(name="a", body=GB, url="http://b.example")]
    assert [one.again for one in submission().put(offered)] == [False, False]


def test_a_call_whose_answer_was_lost_is_repeated_without_doubling(client, submission, monkeypatch):
    sending = submission(reconnect_seconds=0.01)
    lost = iter([True, False])
    real = type(client.pipeline()).execute

    def execute(self, **options):
        answers = real(self, **options)
        if next(lost, False):
            client.connection_pool.disconnect()
            import redis

            raise redis.ConnectionError("reset by peer")
        return answers

    monkeypatch.setattr(type(client.pipeline()), "execute", execute)
    outcomes = list(sending.put([page(1), page(2)]))
    assert [one.again for one in outcomes] == [False, False]
    assert client.xlen(keys().intake) == 2


def test_outcomes_come_in_the_order_of_what_was_offered(client, submission):
    offered = [page(1), Refused("bad", Refusal.MALFORMED), page(2), page(3), Refused("worse", Refusal.EMPTY)]
    assert [one.name for one in submission(intake_batch_pages=2).put(offered)] == [
        "1.html",
        "bad",
        "2.html",
        "3.html",
        "worse",
    ]


def test_a_body_is_compressed_where_that_helps(client, submission):
    text = "".join(random.Random(1).choices("依法行政推进法治政府建设执法监督复议", k=4000)).encode()
    noise = os.urandom(4000)
    flat = b" " * 1_000_000  # would count as a bomb: it shrinks further than `max_expansion` allows
    list(submission().put([Page(name="text", body=text), Page(name="noise", body=noise), Page(name="flat", body=flat)]))
    packed, plain, whole = on_the_stream(client)
    assert packed[b"encoding"] == b"zstd"
    assert zstandard.decompress(packed[b"body"]) == text
    assert (plain[b"body"], b"encoding" in plain) == (noise, False)
    assert (whole[b"body"], b"encoding" in whole) == (flat, False)


def test_a_waiting_page_costs_the_server_at_most_055_bytes_a_byte(client, submission):
    words = [
        "推进",
        "依法行政",
        "行政复议",
        "案件",
        "全年",
        "受理",
        "办结",
        "规范性文件",
        "审查",
        "，",
        "。",
        "监督",
        "培训",
        "执法人员",
    ]
    rng = random.Random(2)
    bodies = ["".join(rng.choices(words, k=6000)).encode() for _ in range(100)]
    before = client.info("memory")["used_memory"]
    list(submission().put([Page(name=f"{k}.txt", body=body) for k, body in enumerate(bodies)]))
    cost = client.info("memory")["used_memory"] - before
    assert cost <= 0.55 * sum(map(len, bodies))


def test_a_server_that_cannot_serve_now_is_waited_for(client, submission):
    said = []

    def tell(line: str) -> None:
        said.append(line)
        client.config_set("min-replicas-to-write", "0")

    client.config_set("min-replicas-to-write", "1")
    (outcome,) = submission(tell=tell, reconnect_seconds=0.01).put([Page("a", "甲".encode())])
    assert isinstance(outcome, Accepted)
    assert "NOREPLICAS" in said[0]


def test_a_full_stream_is_waited_for_then_the_rest_is_refused(client, submission):
    told = []
    client.xadd(keys().intake, {"body": b"x" * 100_000})
    sending = submission(max_stream_bytes=50_000, intake_patience_seconds=0.2, tell=told.append)
    outcomes = list(sending.put([page(1), page(2)]))
    assert [one.reason for one in outcomes] == [Refusal.STREAM_FULL] * 2
    assert len(told) == 1
    assert client.xlen(keys().intake) == 1


def test_a_stream_that_gets_room_again_takes_the_rest(client, submission):
    client.xadd(keys().intake, {"body": b"x" * 100_000})
    sending = submission(
        max_stream_bytes=50_000, intake_patience_seconds=30, tell=lambda _line: client.xtrim(keys().intake, maxlen=0)
    )
    (accepted,) = sending.put([page(1)])
    assert isinstance(accepted, Accepted)


def test_a_server_without_memory_refuses_and_nothing_is_lost_track_of(client, submission):
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 100_000)
    try:
        offered = [Page(name=str(k), body=os.urandom(50_000)) for k in range(8)]
        outcomes = list(submission(intake_patience_seconds=0.2, intake_batch_pages=2).put(offered))
    finally:
        client.config_set("maxmemory", 0)
    assert len(outcomes) == 8
    assert {one.reason for one in outcomes if isinstance(one, Refused)} == {Refusal.STREAM_FULL}
    assert client.xlen(keys().intake) == sum(isinstance(one, Accepted) for one in outcomes)


@pytest.mark.parametrize("name", ["a\udcff.html", "中文.html"])
def test_any_file_name_can_be_submitted(client, submission, name):
    (accepted,) = submission().put([Page(name=name, body=GB)])
    assert isinstance(accepted, Accepted)
