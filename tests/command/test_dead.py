"""Dead letters over a real pipeline."""

import base64
import json

import pytest
from redis import Redis

from tests.command.conftest import SAMPLES, eventually, fazhi, running

PAGE = SAMPLES / "wanglan-2021.txt"
REASONS = {"empty", "binary", "bad_encoding", "oversized"}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A pipeline that takes nothing above 3,000 bytes, and in which five pages have died."""
    data = tmp_path_factory.mktemp("dead") / "p"
    with running(data, FAZHI_MAX_REPORT_BYTES="3000") as up:
        with Redis.from_url(up.state["redis_url"]) as client:
            for body in (b"", b" ", b"\x89PNG\r\n\x1a\n" + bytes(500), PAGE.read_bytes()):
                client.xadd("fazhi:intake", {"url": "http://a.example", "body": body})
            client.xadd("fazhi:intake", {"url": "http://a.example", "body": b"x", "encoding": "rar"})
        assert eventually(lambda: up.json("audit", "--no-database")["dead"] == 5)
        assert eventually(lambda: len(up.json("dead", "list", "--each")) == 5)
        yield up


def test_letters_are_listed_by_cause_and_one_by_one(narrow):
    causes = narrow.json("dead", "list")
    assert sum(one["count"] for one in causes) == 5
    assert {one["reason"] for one in causes} == REASONS
    each = narrow.json("dead", "list", "--each", "--reason", "binary")
    assert [note["stage"] for note in each] == ["normalizer"]
    _, table, _ = fazhi("dead", "list", "--data", narrow.data)
    assert "bad_encoding" in table
    _, lines, _ = fazhi("dead", "list", "--each", "--data", narrow.data)
    assert f"{PAGE.stat().st_size} bytes, at most 3000" in lines  # its own figures, which a cause leaves out


def test_a_letter_shows_what_happened_and_gives_its_page_back(narrow):
    (note,) = narrow.json("dead", "list", "--each", "--reason", "binary")
    letter = narrow.json("dead", "show", note["entry"])
    assert letter["crawl"]["url"] == "http://a.example"
    assert base64.b64decode(letter["body"]).startswith(b"\x89PNG")
    status, output, _ = fazhi("dead", "show", note["entry"].rpartition("/")[2], "--data", narrow.data)
    assert (status, "binary" in output) == (0, True)


def test_letters_are_exported_whole(narrow, tmp_path):
    assert fazhi("dead", "export", "--output", tmp_path / "dead.jsonl", "--data", narrow.data)[0] == 0
    lines = (tmp_path / "dead.jsonl").read_text().splitlines()
    assert {json.loads(line)["reason"] for line in lines} == REASONS
    assert len(lines) == 5


def test_nothing_is_done_without_saying_to_which_letters(narrow):
    # One of the five was kept by reference, so it cannot be sent again, but dropped.
    for command, answer in (("replay", (1, "4 would be sent again")), ("drop", (0, "5 would be dropped"))):
        status, _, error = fazhi("dead", command, "--data", narrow.data)
        assert (status, "which letters?" in error) == (2, True)
        status, _, error = fazhi("dead", command, "1-1", "--data", narrow.data)
        assert (status, "there is no dead letter" in error) == (1, True)
        status, _, error = fazhi("dead", command, "--all", "--dry-run", "--data", narrow.data)
        assert (status, answer[1] in error) == (answer[0], True), error
    assert len(narrow.json("dead", "list", "--each")) == 5


def test_a_page_kept_by_reference_cannot_be_sent_again_and_says_what_to_do(narrow):
    status, _, error = fazhi("dead", "replay", "--reason", "oversized", "--data", narrow.data)
    assert (status, "0 sent again" in error) == (1, True)
    assert "raise FAZHI_MAX_REPORT_BYTES and submit the page again" in error


def test_replayed_letters_die_again_and_dropped_ones_are_gone_and_the_books_balance_throughout(narrow):
    before = {note["entry"] for note in narrow.json("dead", "list", "--each", "--reason", "empty")}
    assert fazhi("dead", "replay", "--reason", "empty", "--data", narrow.data)[0] == 0
    assert narrow.json("audit")["difference"] == 0

    def kept() -> set[str]:  # dropped from the stream, before the sink has kept it, an entry is known to nobody
        letters = narrow.json("dead", "list", "--each", "--reason", "empty")
        return {note["entry"] for note in letters if note["key"].startswith("database/")}

    assert eventually(lambda: kept() == before)
    assert fazhi("dead", "drop", "--all", "--data", narrow.data)[0] == 0
    assert narrow.json("dead", "list") == []
    books = narrow.json("audit")
    assert (books["dead"], books["dropped"], books["difference"], books["findings"]) == (0, 5, 0, [])
    (trace,) = narrow.json("trace", before.pop())
    assert trace["state"] == "dropped"


def test_a_letter_of_any_year_and_with_any_sign_is_shown_also_by_a_server_that_is_full(narrow):
    with Redis.from_url(narrow.state["redis_url"]) as client:
        client.xadd("fazhi:intake", {"url": "http://a.example", "body": b""}, id="18446744073709551000-1")
        # A letter in the database takes memory when it is sent again; one in the stream takes its own place.
        assert eventually(lambda: [note["key"][:9] for note in narrow.json("dead", "list", "--each")] == ["database/"])
        for arguments in (("dead", "show"), ("trace",)):
            status, output, error = fazhi(*arguments, "18446744073709551000-1", "--data", narrow.data)
            assert (status, "empty" in output) == (0, True), error
        client.config_set("maxmemory", "1")
        status, _, error = fazhi("dead", "replay", "--all", "--data", narrow.data)
        assert (status, "cannot do this now" in error) == (1, True), error
        client.config_set("maxmemory", "0")
        client.xgroup_destroy("fazhi:dead", "sink")  # the letter stays where it is
        client.xadd("fazhi:dead", {"entry": "a/1-1", "stage": "\x1b[2J", "reason": "empty", "cause": "\x1b]0;x\x07"})
        for arguments in (("list",), ("list", "--each"), ("show", "a/1-1")):
            status, output, error = fazhi("dead", *arguments, "--data", narrow.data)
            assert "\x1b" not in output + error
        assert "cannot be read here" in error
